"""What the tests of surrogates share: how one is made, and values of every kind."""

import re

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from udfs.mask import MaskContext
from udfs.mask.surrogate import MASK, SurrogateParams

KEY = bytes(range(32))

some = settings(max_examples=60, deadline=None)


def masked(entity: str, values: list[str | None], key: bytes = KEY, **params) -> list[str | None]:
    array = pa.array(values, pa.string())
    return MASK.apply(array, SurrogateParams(**params), MaskContext(entity, key)).to_pylist()


def fake(entity: str, value: str, key: bytes = KEY, **params) -> str:
    return masked(entity, [value], key, **params)[0]


def shape(text: str) -> str:
    return re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", re.sub(r"\d", "0", text)))


def grouped(digits: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Digits in one piece, or in groups of four behind spaces or hyphens."""
    groups = st.tuples(digits, st.sampled_from(["", " ", "-"]))
    return groups.map(lambda drawn: drawn[1].join(re.findall(".{1,4}", drawn[0])))


DIGIT = "0123456789"

KEYS = st.binary(min_size=32, max_size=32)

VALUES = {
    "CREDIT_CARD": grouped(st.text(DIGIT, min_size=12, max_size=19)),
    "DE_PLZ": st.text(DIGIT, min_size=5, max_size=5),
    "EMAIL_ADDRESS": st.emails(),
    "IP_ADDRESS": st.ip_addresses().map(str),
    "MAC_ADDRESS": st.from_regex(r"([0-9A-F]{2}[:-]){5}[0-9A-F]{2}", fullmatch=True),
    "PERSON": st.lists(st.text("aAnNbBeEé", min_size=2, max_size=8), min_size=1, max_size=4).map(" ".join),
    "UUID": st.uuids().map(str),
    "US_SSN": st.from_regex(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", fullmatch=True),
    "PASSWORD": st.text(min_size=1, max_size=20),
}

ANY = st.sampled_from(sorted(VALUES)).flatmap(lambda entity: st.tuples(st.just(entity), VALUES[entity]))
