"""Generates the sample: `data/orders.jsonl`, and `data/truth.jsonl`, which knows every sensitive value in it.

The same seed gives the same bytes. The committed files are what this program writes; a test compares them. Run it as

    python -m examples.orders.generate --seed 20260301 --records 2400 --out examples/orders/data
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from examples.orders import broken, people
from examples.orders.broken import Line
from examples.orders.records import KINDS
from examples.orders.writing import Style, write

SEED = 20260301
RECORDS = 2_400
CUSTOMERS = 400
DATA = Path(__file__).parent / "data"

STYLES = (
    (0.55, Style()),
    (0.15, Style(spaced=True)),
    (0.15, Style(ascii=True)),
    (0.10, Style(ascii=True, slash=True)),
    (0.05, Style(hide=True)),
)
"""How many of the records are written in which style."""


def stream(seed: int = SEED, records: int = RECORDS) -> Iterator[Line]:
    """The lines of the sample, in order.

    Args:
        seed: decides everything.
        records: how many well-formed records; broken lines come on top, one of each kind.

    Returns:
        Kind, bytes without the newline, and planted values of each line. The last line is a well-formed record.
    """
    rng = random.Random(seed)
    crowd = people.make_people(rng, CUSTOMERS)
    kinds = rng.choices(list(KINDS), weights=[share for _, share in KINDS.values()], k=records)
    bad = list(broken.lines(rng, crowd, records))
    places = sorted(rng.sample(range(records), len(bad)))
    for number, kind in enumerate(kinds):
        while places and places[0] == number:
            places.pop(0)
            yield bad.pop(0)
        style = rng.choices([s for _, s in STYLES], weights=[share for share, _ in STYLES])[0]
        written = write(KINDS[kind][0](rng, crowd, number), style)
        yield kind, written.text.encode(), written.values


def render(seed: int = SEED, records: int = RECORDS) -> tuple[bytes, bytes]:
    """The two files of the sample: the stream, and its ground truth with one JSON document per line of the stream."""
    lines, truth = [], []
    for number, (kind, line, values) in enumerate(stream(seed, records), start=1):
        lines.append(line + b"\n")
        entry = {"line": number, "kind": kind, "values": values}
        truth.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return b"".join(lines), b"".join(truth)


def main() -> None:
    """Writes the two files."""
    options = argparse.ArgumentParser(description="Writes orders.jsonl and truth.jsonl.")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--records", type=int, default=RECORDS)
    options.add_argument("--out", type=Path, default=DATA)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    lines, truth = render(given.seed, given.records)
    (given.out / "orders.jsonl").write_bytes(lines)
    (given.out / "truth.jsonl").write_bytes(truth)
    print(f"{given.out}: {lines.count(10)} lines, {len(lines):,} bytes; ground truth {len(truth):,} bytes")


if __name__ == "__main__":
    main()
