"""Loading a policy from YAML: every error of the file and of its packs at once, each with file, line, path and hint."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from policy.errors import Origins, Place, PolicyError, PolicyErrors, did_you_mean, one_of, show_path
from policy.meaning import meaning_errors
from policy.merge import Part, merge
from policy.model import Evidence, Pack, Policy
from policy.shape import build
from policy.words import is_relative
from policy.yaml_source import MAX_BYTES, Source, parse

_INSTALLED = re.compile(r"packs/([a-z0-9_-]+)\.yaml")


@dataclass(frozen=True)
class Loaded:
    """What came of reading a policy.

    Attributes:
        policy: the policy with its packs merged in; None when its shape is too wrong to go on.
        errors: everything wrong that can be told without knowing what is installed.
    """

    policy: Policy | None
    errors: tuple[PolicyError, ...]


def load_policy(path: str | Path) -> Policy:
    """Reads a policy file and the packs that it includes.

    Raises:
        PolicyErrors: everything that is wrong, a file that cannot be read included.
    """
    return _checked(read_policy(path))


def load_policy_text(text: str | bytes, name: str = "policy.yaml", base: str | Path | None = None) -> Policy:
    """Reads a policy from text.

    Args:
        text: the YAML.
        name: the name that errors give it.
        base: folder that includes are relative to; without it only the installed packs can be included.

    Raises:
        PolicyErrors: everything that is wrong.

    >>> text = '''
    ... weir: 1
    ... name: tiny
    ... version: 1
    ... entities: {EMAIL_ADDRESS: confidential}
    ... segments: {support: {clearance: internal, sink: support_out}}
    ... '''
    >>> load_policy_text(text).segments["support"].default_mask
    'redact'
    """
    return _checked(read_policy_text(text, name, base))


def installed_packs() -> list[str]:
    """Names of the installed packs, sorted: `packs/NAME.yaml` includes one."""
    folder = resources.files("policy") / "packs"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def read_policy(path: str | Path) -> Loaded:
    """As `load_policy`, but gives the errors together with what could be read, so that a caller can check on."""
    path = Path(path)
    try:
        data = _read_bytes(path)
    except OSError as error:
        hint = "check the path" if isinstance(error, FileNotFoundError) else ""
        return Loaded(None, (PolicyError(str(path), 1, "policy", f"cannot be read ({_reason(error)})", hint),))
    return read_policy_text(data, str(path), path.parent)


def read_policy_text(text: str | bytes, name: str = "policy.yaml", base: str | Path | None = None) -> Loaded:
    """As `load_policy_text`, but gives the errors together with what could be read."""
    source = parse(text, name)
    errors = list(source.errors)
    if not source.readable:
        return Loaded(None, tuple(errors))
    folder = None if base is None else Path(base)
    source, witness = _evidence(source, folder, errors)
    policy, wrong = build(Policy, source)
    errors += wrong
    packs = _packs(source, folder, errors)
    if policy is None:
        return Loaded(None, tuple(errors))
    merged, clashes = merge(Part(policy, source), packs)
    errors += clashes
    merged = _with_evidence(merged, witness)
    errors += meaning_errors(merged)
    return Loaded(merged, tuple(errors))


def _checked(loaded: Loaded) -> Policy:
    if loaded.errors or loaded.policy is None:
        raise PolicyErrors(loaded.errors)
    return loaded.policy


def _evidence(source: Source, base: Path | None, errors: list[PolicyError]) -> tuple[Source, Source | None]:
    """The policy without the name of its evidence file, and that file; what is wrong with it joins the errors."""
    name = source.value.get("evidence") if isinstance(source.value, dict) else None
    if not isinstance(name, str):
        return source, None
    rest = replace(source, value={key: value for key, value in source.value.items() if key != "evidence"})
    path = None if base is None or not is_relative(name) else base / name
    if path is None or not path.is_file():
        message = "no such file; expected a path relative to the policy file, or the evidence itself"
        errors.append(source.error(("evidence",), message, "check the path"))
        return rest, None
    try:
        file = parse(_read_bytes(path), str(path))
    except OSError as error:
        errors.append(source.error(("evidence",), f"cannot be read ({_reason(error)})"))
        return rest, None
    errors += file.errors
    if not file.readable:
        return rest, None
    errors += build(Evidence, file)[1]
    return rest, file


def _with_evidence(policy: Policy, file: Source | None) -> Policy:
    evidence = None if file is None else build(Evidence, file)[0]
    if file is None or evidence is None:
        return policy
    places = {("evidence", *path): Place(file.name, line, path) for path, line in file.lines.items()}
    origins = Origins({**policy.origins.places, **places}, policy.origins.notes)
    return policy.model_copy(update={"evidence": evidence}).with_origins(origins)


def _packs(source: Source, base: Path | None, errors: list[PolicyError]) -> list[Part]:
    """The packs that the file includes, as far as they can be read; what is wrong with them is added to the errors."""
    names = source.value.get("include") if isinstance(source.value, dict) else None
    if not isinstance(names, list):
        return []
    parts = []
    for index, name in enumerate(names):
        path = show_path(("include", index))
        if not isinstance(name, str) or any(error.path == path and error.file == source.name for error in errors):
            continue
        if name in names[:index]:
            errors.append(source.error(("include", index), "the pack is included twice", "remove one of the two"))
            continue
        part = _pack(source, index, name, base, errors)
        if part is not None:
            parts.append(part)
    return parts


def _pack(source: Source, index: int, name: str, base: Path | None, errors: list[PolicyError]) -> Part | None:
    found = _find(name, base)
    if found is None:
        options = [f"packs/{pack}.yaml" for pack in installed_packs()]
        hint = did_you_mean(name, options) or f"installed are {one_of(options).replace(' or ', ' and ')}"
        errors.append(source.error(("include", index), "no such pack", hint))
        return None
    shown, read = found
    try:
        pack_source = parse(read(), shown)
    except OSError as error:
        errors.append(source.error(("include", index), f"cannot be read ({_reason(error)})"))
        return None
    errors += pack_source.errors
    if not pack_source.readable:
        return None
    pack, wrong = build(Pack, pack_source)
    errors += wrong
    return None if pack is None else Part(pack, pack_source)


def _find(name: str, base: Path | None) -> tuple[str, Callable[[], bytes]] | None:
    """The name to show and the reader of a pack. A file beside the policy comes before an installed pack."""
    if base is not None and "\x00" not in name:
        path = base / name
        if path.is_file():
            return str(path), lambda: _read_bytes(path)
    match = _INSTALLED.fullmatch(name)
    if match and match[1] in installed_packs():
        entry = resources.files("policy") / "packs" / f"{match[1]}.yaml"
        return name, entry.read_bytes
    return None


def _read_bytes(path: Path) -> bytes:
    """At most one byte more than a policy may have, so that a huge or endless file is not read to its end."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
