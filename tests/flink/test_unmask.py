"""The way back on a real Flink: a round trip with a grant, refusals without one, erasure, and the events of it all."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jobs import erase as erase_job
from jobs import unmask as unmask_job
from jobs.pairs import Settings
from jobs.sql import run_script
from jobs.statements import SqlErrors
from tests.flink.runs import QUARANTINE, events_of, filesystem, lines_of, run_job
from udfs.grants import Grant, sign
from udfs.unmasking import now

POLICY = """
weir: 1
name: shop
version: 3
entities: {CREDIT_CARD: regulated, EMAIL_ADDRESS: confidential, PERSON: confidential}
fields: {card: CREDIT_CARD, mail: EMAIL_ADDRESS, name: PERSON, id: public}
segments:
  support:
    clearance: internal
    sink: support
    masks:
      CREDIT_CARD: token
      EMAIL_ADDRESS: {fpe: {alphabet: alphanumeric, otherwise: redact}}
      PERSON: {encrypt: {subject: id}}
"""
RECORDS = [
    {"id": "c-1", "card": "4111 1111 1111 1111", "mail": "ann.lee@example.com", "name": "Ann Lee"},
    {"id": "c-2", "card": "5500 0000 0000 0004", "mail": "bob.ray@example.org", "name": "Zoë Žižek"},
    {"id": "c-1", "card": "4111 1111 1111 1111", "mail": "ann.lee@example.com", "name": "Ann Lee"},
]
COLUMNS = "id STRING, card STRING, mail STRING, name STRING"
TABLES = (
    "SET 'weir.source' = 'orders';\n"
    + filesystem("orders", COLUMNS, "${in}", "json")
    + filesystem("support", COLUMNS, "${out}/support", "json")
    + filesystem("audit", "event STRING", "${out}/audit")
    + filesystem("quarantine", QUARANTINE, "${out}/quarantine", "json")
)
BACK = (
    filesystem("masked", COLUMNS, "${out}/support", "json")
    + filesystem("opened", "name STRING, id STRING", "${out}/opened", "json")
    + filesystem("erasures", "who STRING", "${out}/erasures", "json")
    + filesystem("audit", "event STRING", "${out}/audit")
)


class Shop:
    """A copy of what a segment job has masked, and what is needed for the way back."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self.folder, self.key_file = folder, key_file
        self.key_table = str(folder / "keys.db")
        self.officer = Ed25519PrivateKey.generate()
        (folder / "officers").mkdir()
        public = self.officer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / "officers" / "ann.pub").write_bytes(public)
        (folder / "back.sql").write_text(BACK)

    def grant(self, values: int = 100, entity: str = "PERSON") -> Path:
        begin = now() // 1000 * 1000
        what = Grant("bob", "case 12", (entity,), ("segment:support",), values, begin, begin, begin + 3_600_000)
        path = self.folder / "bob.grant"
        path.write_text(sign(what, self.officer, "ann"))
        return path

    def settings(self, grant: Path | None) -> Settings:
        return Settings(
            self.folder / "policy.yaml", self.folder / "back.sql", self.key_file, self.key_table, grant,
            self.folder / "officers", {"out": str(self.folder / "out")},
        )  # fmt: skip

    def unmask(self, grant: Path | None, **changes: Any) -> None:
        call = {"source": "masked", "column": "name", "entity": "PERSON", "segment": "support", "sink": "opened"}
        unmask_job.run(self.settings(grant), **{**call, **changes})

    def opened(self) -> list[tuple[str, str]]:
        return sorted((row["id"], row["name"]) for row in map(json.loads, lines_of(self.folder, "opened")))

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in events_of(self.folder) if event.get("event") == kind]


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Path:
    """A folder in which a segment job has masked records."""
    folder = tmp_path_factory.mktemp("masked")
    lines = [json.dumps(r).encode() for r in RECORDS]
    assert run_job(folder, key_file, TABLES, lines, POLICY, key_table=str(folder / "keys.db")).balanced
    return folder


@pytest.fixture
def shop(masked: Path, tmp_path: Path, key_file: Path) -> Shop:
    return Shop(Path(shutil.copytree(masked, tmp_path / "shop")), key_file)


def test_the_job_brings_back_what_a_grant_permits_and_writes_every_use_down(shop: Shop) -> None:
    shop.unmask(None)
    assert shop.opened() == []
    assert [(e["outcome"], e["reason"]) for e in shop.events("unmask")] == [("refused", "no-grant")] * 3
    shop.unmask(shop.grant(values=2))
    names = [(r["id"], r["name"]) for r in RECORDS[:2]]
    assert shop.opened() == names
    events = [event for event in shop.events("unmask") if event["grant"]]
    assert sorted((e["outcome"], str(e["reason"])) for e in events) == [
        ("opened", "None"), ("opened", "None"), ("refused", "used-up")
    ]  # fmt: skip
    assert {e["grant"]["who"] for e in events} == {"bob"}
    text = b"\n".join(lines_of(shop.folder, "audit"))
    assert not any(value.encode() in text for record in RECORDS for value in (record["name"], record["card"]))


def test_what_was_erased_by_the_job_no_longer_comes_back(shop: Shop) -> None:
    (shop.folder / "out" / "erasures").mkdir()
    (shop.folder / "out" / "erasures" / "1").write_text('{"who":"c-1"}\n{"who":"nobody"}\n{"who":null}\n')
    erase_job.run(shop.settings(None), source="erasures", column="who")
    assert sorted((e["outcome"], e["keys"]) for e in shop.events("erase")) == [("erased", 1), ("nothing", 0)]
    shop.unmask(shop.grant())
    assert shop.opened() == [("c-2", "Zoë Žižek")]
    assert sorted(str(e["reason"]) for e in shop.events("unmask")) == ["None", "not-opened", "not-opened"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"source": "maskd"}, "there is no table 'maskd' for the source; did you mean 'masked'?"),
        ({"column": "nmae"}, "the source 'masked' has no column 'nmae'; did you mean 'name'?"),
        ({"segment": "desk"}, "unknown segment; known are support"),
        ({"entity": "IBAN_CODE"}, "the segment 'support' does not mask such an entity"),
    ],
)
def test_calls_that_make_no_sense_do_not_start(shop: Shop, changes: dict[str, str], problem: str) -> None:
    with pytest.raises(SqlErrors) as caught:
        shop.unmask(shop.grant(), **changes)
    assert problem in str(caught.value)


def test_in_sql_a_value_and_its_event_come_from_one_call(shop: Shop) -> None:
    query = (
        f"{BACK}SELECT id, r.`value` AS v, r.event AS e FROM (SELECT id, unmask(card, 'CREDIT_CARD') AS r FROM masked);"
        "SELECT id, r.`value` AS v FROM (SELECT id, unmask(mail, 'EMAIL_ADDRESS', 'support') AS r FROM masked)"
    )
    (shop.folder / "script.sql").write_text(query)
    settings = shop.settings(shop.grant(entity="CREDIT_CARD"))
    out = io.StringIO()
    run_script(
        shop.folder / "script.sql", policy=settings.policy, key_file=settings.key_file, key_table=settings.key_table,
        grant=settings.grant, trust=settings.trust, segment="support", variables=settings.variables, as_json=True,
        out=out,
    )  # fmt: skip
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    cards, mails = rows[:3], rows[3:]
    assert sorted((r["id"], r["v"]) for r in cards) == sorted((r["id"], r["card"]) for r in RECORDS)
    assert {json.loads(r["e"])["outcome"] for r in cards} == {"opened"}
    assert [r["v"] for r in mails] == [None] * 3, "the grant is for cards"


def test_a_changed_setting_is_found_at_the_start(shop: Shop) -> None:
    with pytest.raises(Exception, match="key table"):
        unmask_job.run(
            replace(shop.settings(shop.grant()), key_table=None),
            source="masked", column="name", entity="PERSON", segment="support", sink="opened",
        )  # fmt: skip
