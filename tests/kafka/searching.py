"""Looks for values that must not be somewhere: in messages, decoded in every way, and in files as they are."""

import mmap
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import hyperscan

from examples.kafka.servers.broker import Broker
from examples.orders.leaks import Needles, Value
from examples.orders.verify import Check


def searched(where: str, different: Iterable[bytes], hidden: set[Value]) -> Check:
    """No hidden value can be got out of some messages.

    Args:
        different: the messages, without what tells one from another of the same kind.
    """
    texts = list(different)
    found = got_out(texts, hidden)
    detail = f"{len(found)} of {len(hidden):,} in {len(texts):,} different messages"
    return Check(f"no planted value in {where}", not found and bool(texts) and bool(hidden), detail)


def shown(where: str, different: Iterable[bytes], values: set[Value]) -> Check:
    """Values that a reader may see are there: a search that finds nothing proves nothing, unless it finds those."""
    found = got_out(different, values)
    return Check(f"planted values in {where}", bool(found), f"{len(found):,} of {len(values):,}, as was allowed")


def got_out(texts: Iterable[bytes], values: set[Value]) -> set[Value]:
    """Those of some values that a reader can get out of texts."""
    return {(leak.entity, leak.value) for leak in Needles(values).leaks(b"\n".join(texts))}


@dataclass(frozen=True)
class Pile:
    """Files to look for values in.

    Args:
        mark: what is known to stand in them.
    """

    where: str
    files: list[Path]
    mark: str


def clean(pile: Pile, hidden: set[Value]) -> Check:
    """No hidden value stands in a pile, and its mark does: a search of packed files would find nothing at all."""
    mark = ("MARK", pile.mark)
    found = holding(pile.files, hidden | {mark})
    size = sum(file.stat().st_size for file in pile.files)
    detail = f"{len(found - {mark})} of {len(hidden):,} in {len(pile.files)} files, {size / 1e6:,.1f} MB"
    detail += f"; {pile.mark!r} is {'there' if mark in found else 'not there'}"
    return Check(f"no planted value in {pile.where}", found == {mark}, detail)


def on_disk(broker: Broker, topic: str) -> list[Path]:
    """A topic's files on the broker's disk."""
    return [file for file in _data(broker) if re.fullmatch(re.escape(topic) + r"-\d+", file.parent.name)]


def elsewhere_on_disk(broker: Broker, topics: Iterable[str]) -> list[Path]:
    """Files on the broker's disk that belong to none of some topics: its own topics, and its logs."""
    theirs = {file for topic in topics for file in on_disk(broker, topic)}
    return [*(file for file in _data(broker) if file not in theirs), *broker.folder.glob("*.log")]


def _data(broker: Broker) -> list[Path]:
    return files_in(broker.folder / "data")


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and those beneath it."""
    return [path for path in folder.rglob("*") if path.is_file()]


def holding(files: Iterable[Path], values: set[Value]) -> set[Value]:
    """Those of some values that stand in files, in large or small letters."""
    wanted, found = sorted(values), set[int]()
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    texts = [value.encode() for _, value in wanted]
    database.compile(texts, ids=list(range(len(texts))), flags=[flags] * len(texts), literal=True)

    def note(number: int, *_: object) -> None:
        found.add(number)

    for path in files:
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                database.scan(data, match_event_handler=note)
    return {wanted[number] for number in found}
