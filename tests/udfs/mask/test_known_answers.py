"""Keyed masks that make the same of a value every time make what their documentation says: computed here from the
standards, with the standard library, and compared.

The way from the root key to the key of a mask is HKDF (RFC 5869) by HMAC, as is the name of a key.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, AESSIV

from tests.udfs.crypto.test_ff1 import reference_encrypt
from tests.udfs.mask.masking import masked, opened

ROOT = bytes(range(32))
SCOPE = "segment:test"

VALUES = ["Ann", "ann@example.com", "078-05-1120", "Zoë Müller", "𝒜\x00\n", "4111 1111 1111 1111", " ", "x" * 1000]


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, sections 2.2 and 2.3, without salt."""
    key = hmac.digest(bytes(32), secret, "sha256")
    block, made = b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([number]), "sha256")
        made += block
    return made[:length]


def key_of(mask: str, scope: str = SCOPE, epoch: int = 1) -> bytes:
    parts = [f"weir/1/{mask}", scope, *([str(epoch)] if epoch > 1 else [])]
    info = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hkdf(ROOT, info, 32)


def mac(mask: str, value: str) -> bytes:
    return hmac.digest(key_of(mask), value.encode(), "sha256")


def test_hkdf_agrees_with_rfc_5869():
    """Appendix A.3: no salt, no information."""
    assert hkdf(b"\x0b" * 22, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


@pytest.mark.parametrize("value", VALUES)
def test_hash(value):
    assert masked("hash", {}, [value]) == [mac("hash", value).hex()]


@pytest.mark.parametrize("value", VALUES)
def test_pseudonym(value):
    digest = mac("pseudonym", value)
    letters = base64.b32encode(digest).decode().lower()
    number = int.from_bytes(digest[:16], "big")
    assert masked("pseudonym", {}, [value]) == [letters[:16]]
    assert masked("pseudonym", {"prefix": "é-", "length": 20}, [value]) == ["é-" + letters[:20]]
    assert masked("pseudonym", {"alphabet": "hex", "length": 31}, [value]) == [digest.hex()[:31]]
    assert masked("pseudonym", {"alphabet": "decimal", "length": 15}, [value]) == [f"{number:040}"[-15:]]


@pytest.mark.parametrize("kind", ["sha256", "sha512"])
@pytest.mark.parametrize("value", VALUES)
def test_presidio_hash(value, kind):
    expected = hashlib.new(kind, value.encode() + key_of("presidio.hash")).hexdigest()
    assert masked("presidio.hash", {"hash_type": kind}, [value]) == [expected]


def header(mask: str, algorithm: int) -> bytes:
    return bytes([1, algorithm]) + hkdf(key_of(mask), b"weir/1/key-id", 4)


@pytest.mark.parametrize("times", [1, 30])
def test_token(times):
    key = hkdf(key_of("token"), b"weir/1/token/siv", 64)
    head = header("token", 1)
    made = [head + AESSIV(key).encrypt(value.encode(), [head + b"PERSON"]) for value in VALUES]
    texts = ["wr1." + base64.urlsafe_b64encode(one).decode().rstrip("=") for one in made]
    assert masked("token", {}, VALUES * times, "PERSON") == texts * times


@pytest.mark.parametrize(("name", "number", "cipher"), [("aes-256-gcm", 2, AESGCM), ("aes-256-gcm-siv", 3, AESGCMSIV)])
def test_encrypt_opens_by_the_format_and_what_the_format_says_opens(name, number, cipher):
    key, head = hkdf(key_of("encrypt"), f"weir/1/encrypt/{name}".encode(), 32), header("encrypt", number)
    for value, text in zip(VALUES, masked("encrypt", {"algorithm": name}, VALUES, "PERSON"), strict=True):
        sealed = base64.urlsafe_b64decode(text[4:] + "==")
        assert sealed[:6] == head
        assert cipher(key).decrypt(sealed[6:18], sealed[18:], head + b"PERSON").decode() == value
        own = head + bytes(12) + cipher(key).encrypt(bytes(12), value.encode(), head + b"PERSON")
        written = "wr1." + base64.urlsafe_b64encode(own).decode().rstrip("=")
        assert opened("encrypt", {}, [written], "PERSON") == [value]


def tweak(alphabet: str, kept: str, keep_first: int = 0, keep_last: int = 0, luhn: bool = False) -> bytes:
    """As the documentation of `fpe` says, for an alphabet of one class."""
    parts = [b"US_SSN", alphabet.encode()]
    made = b"".join(len(part).to_bytes(4, "big") + part for part in parts) + bytes([luhn])
    made += b"".join(number.to_bytes(4, "big") for number in (0, keep_first, keep_last))
    return made + kept.encode("utf-32-be")


@pytest.mark.parametrize("value", ["078051120", "000000", "412345678901234567890"])
def test_fpe_of_digits(value):
    digits = reference_encrypt(key_of("fpe"), list(map(int, value)), 10, tweak("digits", ""))
    assert masked("fpe", {}, [value], "US_SSN") == ["".join(map(str, digits))]


def test_fpe_of_what_does_not_stay():
    digits = reference_encrypt(key_of("fpe"), list(map(int, "111111")), 10, tweak("digits", "4111111234", 6, 4))
    made = "411111" + "".join(map(str, digits)) + "1234"
    dashed = "-".join(made[at : at + 4] for at in range(0, 16, 4))
    params = {"keep_first": 6, "keep_last": 4}
    assert masked("fpe", params, ["4111-1111-1111-1234", "4111111111111234"], "US_SSN") == [dashed, made]


def test_fpe_of_a_card_with_its_check_digit():
    free = reference_encrypt(key_of("fpe"), list(map(int, "111111111")), 10, tweak("digits", "411111", 6, 0, True))
    body = "411111" + "".join(map(str, free))
    doubled = [sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body))]
    params = {"keep_first": 6, "luhn": True}
    assert masked("fpe", params, ["4111111111111111"], "US_SSN") == [body + str(-sum(doubled) % 10)]


@pytest.mark.parametrize(
    ("value", "units", "canonical", "decimals"), [("52000", 52000, "52000.", 0), ("0.50", 50, "0.5", 2)]
)
def test_noise(value, units, canonical, decimals):
    seed, bound = int.from_bytes(mac("noise", canonical), "big"), units // 10
    change = (seed * 2 * bound >> 256) - bound
    number = units + change + (change >= 0)
    expected = f"{number / 10**decimals:.{decimals}f}"
    assert masked("noise", {"percent": 10}, [value], "SALARY") == [expected]


@pytest.mark.parametrize("person", ["p-1", "Zoë", "7"])
@pytest.mark.parametrize("days", [1, 100, 3650])
def test_shift_date(person, days):
    number = int.from_bytes(mac("shift_date", person)[:8], "big") % (2 * days) - days
    expected = datetime.date(2024, 2, 29) + datetime.timedelta(days=number + (number >= 0))
    params = {"days": days, "subject": "id"}
    assert masked("shift_date", params, ["2024-02-29"], "DATE_TIME", persons=[person]) == [expected.isoformat()]


def luhn_digit(body: str) -> str:
    doubled = [sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body))]
    return str(-sum(doubled) % 10)


@pytest.mark.parametrize("value", ["4111111111111111", "378282246310005"])
def test_surrogate_of_a_card(value):
    body = f"99{int.from_bytes(mac('surrogate', value), 'big') % 10 ** (len(value) - 3):0{len(value) - 3}}"
    assert masked("surrogate", {}, [value], "CREDIT_CARD") == [body + luhn_digit(body)]


def test_surrogate_of_an_address():
    number = int.from_bytes(mac("surrogate", "8.8.8.8"), "big")
    network = ("192.0.2.", "198.51.100.", "203.0.113.")[number % 3]
    assert masked("surrogate", {}, ["8.8.8.8"], "IP_ADDRESS") == [f"{network}{1 + number // 3 % 254}"]


def test_an_epoch_has_keys_of_its_own():
    from udfs.keys import Keys

    expected = hmac.digest(key_of("hash", epoch=2), b"Ann", "sha256").hex()
    assert masked("hash", {}, ["Ann"], keys=Keys.of(bytes(32), ROOT), epoch=2) == [expected]


EVERY = [
    ("hash", {"ignore_case": True}, "PERSON"),
    ("pseudonym", {"ignore_space": True}, "PERSON"),
    ("presidio.hash", {}, "PERSON"),
    ("token", {}, "PERSON"),
    ("fpe", {"alphabet": "alphanumeric", "otherwise": "redact"}, "CREDIT_CARD"),
    *[("surrogate", {}, entity) for entity in ("PERSON", "EMAIL_ADDRESS", "URL", "CREDIT_CARD", "NL_BSN", "LOCATION")],
    ("surrogate", {"locale": "de_DE"}, "PERSON"),
    ("noise", {"percent": 10, "otherwise": "redact"}, "SALARY"),
    ("noise", {"amount": 3, "distribution": "laplace", "otherwise": "redact"}, "SALARY"),
    ("shift_date", {"days": 100, "subject": "id", "otherwise": "redact"}, "DATE_TIME"),
    ("generalize", {"date": "month", "otherwise": "redact"}, "DATE_TIME"),
]

PROGRAM = """
import json, sys
from tests.udfs.mask.masking import masked
every, values, size = json.load(sys.stdin)
made = []
for name, params, entity in every:
    parts = [values[at : at + size] for at in range(0, len(values), size)]
    of = lambda part: ["p" + (value or "")[:1] for value in part] if "subject" in params else None
    made.append([text for part in parts for text in masked(name, params, part, entity, persons=of(part))])
print(json.dumps(made))
"""


@pytest.mark.parametrize(("seed", "zone", "size"), [("1", "Pacific/Kiritimati", 1), ("4242", "America/New_York", 7)])
def test_another_machine_makes_the_same_in_batches_of_another_size(seed, zone, size):
    values = [*VALUES, None, "", "2024-01-31", "31 Dec 1999 23:59", "52000", "-12.50", "111222333", "http://a.b/c"] * 8
    environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps([EVERY, values, size]), text=True, check=True,
        capture_output=True, env=environment,
    )  # fmt: skip
    persons = ["p" + (value or "")[:1] for value in values]
    here = [
        masked(name, params, values, entity, persons=persons if "subject" in params else None)
        for name, params, entity in EVERY
    ]
    assert json.loads(done.stdout) == here
