"""Secrets: lines of code and configuration with true secrets and with what looks like one, beside detect-secrets."""

import base64
import json
import random
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from rich.table import Table

from benchmarks.quality.corpus import render
from benchmarks.quality.fillers import FILLERS
from benchmarks.quality.systems import detector
from benchmarks.quality.values import HOME

ENTITIES = (
    "AUTHORIZATION_HEADER", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AZURE_KEY", "CONNECTION_STRING", "GCP_KEY",
    "GENERIC_SECRET", "GITHUB_TOKEN", "GITLAB_TOKEN", "JWT", "PASSWORD", "PRIVATE_KEY", "SLACK_TOKEN", "STRIPE_KEY",
    "VENDOR_API_KEY",
)  # fmt: skip
"""What Weir calls secrets."""

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_ALNUM = _LOWER + _LOWER.upper() + _DIGITS


def _some(alphabet: str, size: int) -> Callable[[random.Random], str]:
    return lambda draw: "".join(draw.choices(alphabet, k=size))


def _github(draw: random.Random) -> str:
    """Prefix, 30 random characters, six of CRC-32 in base62 (GitHub's engineering blog, 5 April 2021)."""
    body = _some(_ALNUM, 30)(draw)
    alphabet = _DIGITS + _LOWER.upper() + _LOWER
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, place = divmod(number, 62)
        check = alphabet[place] + check
    return f"{draw.choice(('ghp', 'gho', 'ghs'))}_{body}{check}"


def _url64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _jwt(draw: random.Random) -> str:
    head = _url64(b'{"alg":"HS256","typ":"JWT"}')
    body = _url64(json.dumps({"sub": str(draw.randrange(10**9)), "iat": draw.randrange(10**9)}).encode())
    return f"{head}.{body}.{_url64(draw.randbytes(32))}"


def _password(draw: random.Random) -> str:
    """Words, digits and signs, as people choose them, or as managers draw them."""
    chosen = f"{FILLERS['word'](draw).title()}{draw.choice('!$_-')}{draw.randrange(10, 9999)}{_some(_ALNUM, 3)(draw)}"
    return draw.choice((chosen, _some(_ALNUM + "!%^*_-", 16)(draw), _some(_ALNUM, 12)(draw) + "7Q"))


def _private_key(draw: random.Random) -> str:
    body = base64.b64encode(draw.randbytes(180)).decode()
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    name = draw.choice(("RSA ", "EC ", "", "OPENSSH "))
    return f"-----BEGIN {name}PRIVATE KEY-----\n{lines}\n-----END {name}PRIVATE KEY-----"


_VALUES: dict[str, Callable[[random.Random], str]] = {
    # Each vendor's documentation describes its form.
    "AWS access key": lambda d: d.choice(("AKIA", "ASIA")) + _some("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)(d),
    "AWS secret key": lambda d: base64.b64encode(d.randbytes(30)).decode(),
    "GitHub token": _github,
    "GitLab token": lambda d: f"glpat-{_some(_ALNUM + '-_', 20)(d)}",
    "Slack token": lambda d: f"xoxb-{d.randrange(10**11, 10**12)}-{d.randrange(10**11, 10**12)}-{_some(_ALNUM, 24)(d)}",
    "Slack webhook": lambda d: (
        f"https://hooks.slack.com/services/T{_some(_DIGITS, 8)(d)}/B{_some(_DIGITS, 8)(d)}/{_some(_ALNUM, 24)(d)}"
    ),
    "Stripe key": lambda d: f"sk_live_{_some(_ALNUM, 24)(d)}",
    "Google API key": lambda d: f"AIza{_some(_ALNUM + '-_', 35)(d)}",
    "SendGrid key": lambda d: f"SG.{_some(_ALNUM + '-_', 22)(d)}.{_some(_ALNUM + '-_', 43)(d)}",
    "npm token": lambda d: f"npm_{_some(_ALNUM, 36)(d)}",
    "PyPI token": lambda d: f"pypi-AgEIcHlwaS5vcmc{_some(_ALNUM + '-_', 90)(d)}",
    "OpenAI key": lambda d: f"sk-proj-{_some(_ALNUM, 20)(d)}T3BlbkFJ{_some(_ALNUM, 20)(d)}",
    "Twilio key": lambda d: f"SK{_some('0123456789abcdef', 32)(d)}",
    "Mailgun key": lambda d: f"key-{_some('0123456789abcdef', 32)(d)}",
    "Azure storage key": lambda d: base64.b64encode(d.randbytes(64)).decode(),
    "JWT": _jwt,
    "private key": _private_key,
    "password": _password,
    "token": lambda d: d.choice((_some(_ALNUM, 32)(d), _some("0123456789abcdef", 40)(d))),
}
"""Kinds of secrets, with what makes one."""


@cache
def templates() -> dict[str, Any]:
    """The lines of `secrets.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((HOME / "secrets.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Line:
    """A text with a true secret at a span, or, with no span, only something that looks like one."""

    kind: str
    text: str
    span: tuple[int, int] | None = None


@dataclass
class Result:
    """What both found: by kind (true lines, found by Weir, by detect-secrets), and false flags of each."""

    true: dict[str, tuple[int, int, int]]
    false: tuple[int, int, int]
    missed: list[Line]
    flagged: list[Line]


def lines(each: int, seed: int = 1) -> list[Line]:
    """Lines with secrets of each kind, and two lines without one for each of these.

    Args:
        each: lines of each kind.
        seed: the source of chance.
    """
    draw, none, made = random.Random(f"{seed} secrets"), templates()["none"], []
    for kind, make in _VALUES.items():
        forms = templates()["beside"].get(kind, templates()["anywhere"])
        made += [_true(kind, forms[number % len(forms)], make(draw)) for number in range(each)]
    for number in range(2 * each * len(_VALUES)):
        made.append(_false(none[number % len(none)], draw))
    return made


def _true(kind: str, form: str, value: str) -> Line:
    value = "".join(c for c in value if c.isalnum()) if "{url}" in form else value
    before, _, after = form.replace("{url}", "{value}").partition("{value}")
    return Line(kind, before + value + after, (len(before), len(before) + len(value)))


def _false(form: str, draw: random.Random) -> Line:
    return Line("false", render(form, draw, {})[0])


def of_weir(texts: list[Line]) -> list[list[tuple[int, int]]]:
    """The secrets that Weir finds in each."""
    found: list[list[tuple[int, int]]] = [[] for _ in texts]
    for f in detector().detect(pa.array([line.text for line in texts], pa.string())).findings:
        if f.entity in ENTITIES:
            found[f.text].append((f.start, f.end))
    return found


def of_detect_secrets(texts: list[Line]) -> list[bool]:
    """Whether detect-secrets, with its defaults, flags each; each is a file, for one file counts equal secrets once."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    flagged = []
    with tempfile.TemporaryDirectory() as folder, default_settings():
        path = Path(folder) / "lines.txt"
        for line in texts:
            path.write_text(line.text + "\n", "utf-8")
            secrets = SecretsCollection()
            secrets.scan_file(str(path))
            flagged.append(any(True for _ in secrets))
    return flagged


def measured(each: int, seed: int = 1) -> Result:
    """Both on the same lines."""
    texts = lines(each, seed)
    ours, theirs = of_weir(texts), of_detect_secrets(texts)
    result = Result({}, (0, 0, 0), [], [])
    for line, spans, flagged in zip(texts, ours, theirs, strict=True):
        if line.span is None:
            n, a, b = result.false
            result.false = (n + 1, a + bool(spans), b + flagged)
            result.flagged += [line] if spans else []
            continue
        hit = any(_covers(span, line.span) for span in spans)
        n, a, b = result.true.get(line.kind, (0, 0, 0))
        result.true[line.kind] = (n + 1, a + hit, b + flagged)
        result.missed += [] if hit else [line]
    return result


def _covers(found: tuple[int, int], there: tuple[int, int]) -> bool:
    """True when most of a secret is found, so that what is left is worth nothing."""
    return min(found[1], there[1]) - max(found[0], there[0]) >= 0.9 * (there[1] - there[0])


HEAD = ("secret", "lines", "Weir finds", "detect-secrets flags")


def rows(result: Result) -> list[list[str]]:
    """The table: kind, lines, shares that were found; and the lines without a secret that were flagged."""
    total = tuple(sum(v[i] for v in result.true.values()) for i in range(3))
    shares = {**result.true, "all secrets": total, "false flags, no secret": result.false}
    return [[kind, str(n), f"{a / n:.2f}", f"{b / n:.2f}"] for kind, (n, a, b) in shares.items()]


def table(result: Result) -> Table:
    """The table, to print."""
    made = Table(title="Secrets: share of lines")
    for name in HEAD:
        made.add_column(name, justify="left" if name == "secret" else "right")
    for row in rows(result):
        made.add_row(*row)
    return made


def failures(result: Result) -> str:
    """Lines that Weir got wrong, some of each."""
    parts = [f"MISSED {line.kind}: {line.text!r}" for line in _spread(result.missed)]
    parts += [f"FALSE: {line.text!r}" for line in _spread(result.flagged)]
    return "\n\n== SECRETS\n" + "\n".join(parts) + "\n"


def _spread(of: list[Line]) -> list[Line]:
    distinct = list({line.text: line for line in of}.values())
    return distinct[:: max(1, len(distinct) // 60)][:60]


def as_dict(result: Result) -> dict[str, Any]:
    """The counts, for JSON."""
    return {"true": result.true, "false": result.false}
