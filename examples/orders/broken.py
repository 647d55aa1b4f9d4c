"""Lines that are no proper records: what a stream carries after a crash, a bad deployment or a curious customer.

Each one still holds sensitive values where it can, because that is when careless tools print them into a log.
"""

import random
from collections.abc import Iterator

from examples.orders import people
from examples.orders.people import Person
from examples.orders.records import order
from examples.orders.writing import write

Line = tuple[str, bytes, list[dict[str, str]]]
"""Kind, bytes without the newline, planted values."""

DEPTH = 2_000


def lines(rng: random.Random, crowd: list[Person], number: int) -> Iterator[Line]:
    """One line of every broken kind.

    Args:
        rng: source of every choice.
        crowd: the customers.
        number: of the first record; it goes into the ids.
    """
    makers = (
        _truncated,
        _trailing_comma,
        _single_quotes,
        _invalid_utf8,
        _byte_order_mark,
        _not_a_number,
        _control,
        _two_documents,
    )
    for offset, make in enumerate(makers):
        yield make(rng, crowd, number + offset)
    yield from _small(rng, crowd)
    yield _deep(rng, "[", "]", "deep-arrays")
    yield _deep(rng, '{"a":', "}", "deep-objects")


def _order(rng: random.Random, crowd: list[Person], number: int) -> tuple[str, list[dict[str, str]]]:
    written = write(order(rng, crowd, number))
    return written.text, written.values


def _still_there(text: str, values: list[dict[str, str]]) -> list[dict[str, str]]:
    return [v for v in values if v.get("raw", v["value"]) in text]


def _truncated(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    text = text[: text.index('"payment"') + rng.randrange(45, 60)]
    return "truncated", text.encode(), _still_there(text, values)


def _trailing_comma(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    return "trailing-comma", f"{text[:-1]},}}".encode(), values


def _single_quotes(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    text = text.replace('"', "'")
    return "single-quotes", text.encode(), _still_there(text, values)


def _invalid_utf8(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    return "invalid-utf8", text.encode().replace(b'"method":"card"', b'"method":"card\xff\xe9"'), values


def _byte_order_mark(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    return "byte-order-mark", b"\xef\xbb\xbf" + text.encode(), values


def _not_a_number(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    return "not-a-number", text.replace('"qty":', '"weight":NaN,"qty":', 1).encode(), values


def _control(rng: random.Random, crowd: list[Person], number: int) -> Line:
    text, values = _order(rng, crowd, number)
    return "control-character", text.replace('"card"', '"card\x00\t"', 1).encode(), values


def _two_documents(rng: random.Random, crowd: list[Person], number: int) -> Line:
    first, second = _order(rng, crowd, number), _order(rng, crowd, number)
    return "two-documents", f"{first[0]}{second[0]}".encode(), first[1] + second[1]


def _small(rng: random.Random, crowd: list[Person]) -> Iterator[Line]:
    person = rng.choice(crowd)
    email = {"entity": "EMAIL_ADDRESS", "path": "", "as": "text", "value": person.email}
    yield "empty", b"", []
    yield "spaces", b"   ", []
    yield "log-line", f"WARN retry=3 connection reset user={person.email}".encode(), [email]
    yield "bare-string", f'"please write to {person.email}"'.encode(), [email]
    yield "bare-number", b"42", []
    yield "null", b"null", []
    yield "empty-array", b"[]", []
    yield (
        "lone-surrogate",
        f'{{"id":"x-1","type":"chat","text":"\\ud83d {person.email}"}}'.encode(),
        [email | {"path": "text"}],
    )


def _deep(rng: random.Random, opening: str, closing: str, kind: str) -> Line:
    number = people.card(rng)
    value = {"entity": "CREDIT_CARD", "path": "", "as": "string", "value": number}
    return kind, f'{opening * DEPTH}"{number}"{closing * DEPTH}'.encode(), [value]
