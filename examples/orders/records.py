"""The kinds of records in the sample: orders and refunds, support chats, payments, telemetry."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from examples.orders import people, phrases
from examples.orders.people import Person
from examples.orders.writing import Number, Pairs, Planted, Text, Tree, parts

START = datetime(2026, 3, 1, 8, 0, tzinfo=timezone.utc)


def _envelope(kind: str, prefix: str, producer: str, number: int, payload: Tree) -> dict[str, Tree]:
    time = START + timedelta(seconds=37 * number)
    return {
        "id": f"{prefix}-{number:06d}",
        "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "type": kind,
        "producer": producer,
        "payload": payload,
    }


def _text(rng: random.Random, person: Person, template: str) -> str | Text:
    filled = tuple(parts(template, lambda name: people.fill(rng, person, name)))
    return Text(filled) if any(isinstance(p, Planted) for p in filled) else template


def _customer(person: Person) -> dict[str, Tree]:
    return {
        "id": person.id,
        "name": Planted("PERSON", person.name),
        "email": Planted("EMAIL_ADDRESS", person.email),
        "phone": Planted("PHONE_NUMBER", person.phone),
        "address": {
            "street": Planted("CONFIDENTIAL", person.street),
            "city": person.city,
            "postcode": person.postcode,
            "country": person.country.code,
        },
    }


def _price(rng: random.Random) -> Number:
    # Two decimals, trailing zeros and all: 10.10 has to come out as 10.10.
    return Number(f"{rng.randrange(2, 180)}.{rng.choice(('00', '10', '50', '90', '99'))}")


def _item(rng: random.Random, friend: Person) -> dict[str, Tree]:
    item: dict[str, Tree] = {
        "sku": f"SKU-{rng.randrange(1000, 9999)}",
        "title": rng.choice(phrases.TITLES),
        "qty": rng.randrange(1, 4),
        "price": _price(rng),
    }
    if rng.random() < 0.08:
        item["gift"] = {"to": Planted("PERSON", friend.name), "email": Planted("EMAIL_ADDRESS", friend.email)}
    return item


def _card(rng: random.Random) -> Planted:
    number = people.card(rng)
    how = rng.choice(("-", " ", "", "number"))
    return (
        Planted("CREDIT_CARD", number, number=True)
        if how == "number"
        else Planted("CREDIT_CARD", people.spell_card(number, how))
    )


def order(rng: random.Random, crowd: list[Person], number: int) -> dict[str, Tree]:
    """An order: customer, nested items, payment, a note that may hold anything."""
    person = rng.choice(crowd)
    payload: dict[str, Tree] = {
        "customer": _customer(person),
        "items": [_item(rng, rng.choice(crowd)) for _ in range(rng.choice((1, 1, 2, 2, 3)))],
        "payment": {"method": "card", "card": _card(rng), "total": _price(rng), "currency": person.country.currency},
    }
    if rng.random() < 0.6:
        payload["note"] = _text(rng, person, rng.choice(phrases.NOTES[person.country.code]))
    if rng.random() < 0.05:
        # The address of a person as the key of a map: an export of contacts, written by someone in a hurry.
        friend = rng.choice(crowd)
        payload["notify"] = {Planted("EMAIL_ADDRESS", friend.email): "on delivery"}
    if rng.random() < 0.03:
        # The same key twice. Readers disagree on which counts, so both have to be safe.
        payload["payment"] = Pairs(
            (("method", "card"), ("card", _card(rng)), ("card", _card(rng)), ("total", _price(rng)))
        )
    return _envelope("order", "ord", f"shop-{person.country.code.lower()}", number, payload)


def refund(rng: random.Random, crowd: list[Person], number: int) -> dict[str, Tree]:
    """A refund: to a card or to an account."""
    person = rng.choice(crowd)
    target = (
        {"card": _card(rng)}
        if rng.random() < 0.5
        else {"iban": Planted("IBAN_CODE", people.iban(rng, person.country.code))}
    )
    payload = {
        "order": f"ord-{rng.randrange(1, max(2, number)):06d}",
        "customer": _customer(person),
        "payment": target | {"total": _price(rng), "currency": person.country.currency},
        "reason": rng.choice(("damaged", "late", "wrong size", "changed mind")),
    }
    return _envelope("refund", "ref", f"shop-{person.country.code.lower()}", number, payload)


def chat(rng: random.Random, crowd: list[Person], number: int) -> dict[str, Tree]:
    """A support chat: free text in the customer's language, in which anything may be said or pasted."""
    person = rng.choice(crowd)
    agent = Planted("EMPLOYEE_ID", people.digits(rng, "EMP-######"))
    opening = rng.choice(phrases.PASTED if rng.random() < 0.06 else phrases.OPENINGS[person.country.code])
    messages: list[dict[str, Tree]] = [{"from": "customer", "text": _text(rng, person, opening)}]
    for _ in range(rng.choice((0, 1, 1, 2))):
        messages.append({"from": "agent", "agent": agent, "text": _text(rng, person, rng.choice(phrases.REPLIES))})
    payload: dict[str, Tree] = {
        "ticket": f"T-{rng.randrange(10_000, 99_999)}",
        "lang": person.country.locale,
        "messages": messages,
    }
    if rng.random() < 0.4:
        payload["customer"] = {"id": person.id, "name": Planted("PERSON", person.name)}
    return _envelope("chat", "cht", "support-desk", number, payload)


def payment(rng: random.Random, crowd: list[Person], number: int) -> dict[str, Tree]:
    """A payment: the card as text or as a number, the payer's identity check, the answer of the payment provider."""
    person = rng.choice(crowd)
    pan = _card(rng)
    payload: dict[str, Tree] = {
        "order": f"ord-{rng.randrange(1, max(2, number)):06d}",
        "amount": _price(rng),
        "currency": person.country.currency,
        "card": pan,
        "holder": Planted("PERSON", person.name.upper()),
        "ip": Planted("IP_ADDRESS", people.address(rng)),
        "risk": Number(f"0.{rng.randrange(10, 99)}0"),
    }
    if person.country.code == "US" and rng.random() < 0.4:
        number_form = people.ssn(rng)
        as_number = rng.random() < 0.5 and not number_form.startswith("0")
        payload["kyc"] = {
            "ssn": Planted("US_SSN", number_form.replace("-", "") if as_number else number_form, number=as_number)
        }
    if rng.random() < 0.15:
        # A document inside a string: quotes and braces are escaped once more.
        payload["provider_response"] = Text(
            ('{"status":"ok","pan":"', Planted("CREDIT_CARD", pan.value), '","auth":"00"}')
        )
    return _envelope("payment", "pay", "payment-gateway", number, payload)


def telemetry(rng: random.Random, crowd: list[Person], number: int) -> dict[str, Tree]:
    """What devices report: mostly nothing about a person, and the numbers that break careless JSON tools."""
    payload: dict[str, Tree] = {
        "device": f"dev-{rng.getrandbits(32):08x}",
        "event": rng.choice(("page_view", "add_to_cart", "search", "scroll", "crash")),
        "ms": Number(f"{rng.randrange(1, 900)}.{rng.choice(('0', '10', '250'))}"),
        "agent": f"WeirShop/4.{rng.randrange(20)}.0.{rng.randrange(9)} (Android 14)",
        "ok": rng.random() < 0.9,
        "parent": None,
    }
    if rng.random() < 0.1:
        payload["counters"] = {
            "max": Number("1e400"),
            "serial": Number(people.digits(rng, "7" + "#" * 29)),
            "drift": Number("-0.0"),
            "tiny": Number("1E-7"),
        }
    if rng.random() < 0.25:
        payload["ip"] = Planted("IP_ADDRESS", people.address(rng))
    if rng.random() < 0.04:
        payload["search"] = Text(("order for ", Planted("EMAIL_ADDRESS", rng.choice(crowd).email)))
    return _envelope("telemetry", "tel", "edge", number, payload)


Maker = Callable[[random.Random, list[Person], int], dict[str, Any]]

KINDS: dict[str, tuple[Maker, int]] = {
    "order": (order, 900),
    "refund": (refund, 120),
    "chat": (chat, 560),
    "payment": (payment, 420),
    "telemetry": (telemetry, 400),
}
"""Each kind of record, and how many of 2,400 are of it."""
