"""Of two kinds that a value could be, the sure one counts; what is inside something longer stays."""

from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.detect.detected import Row, Source, gathered, without_beaten
from udfs.detect.witness import SURE

SOURCES = (Source("A", "US_NPI"), Source("B", "KR_BRN"), Source("C", "URL"), Source("D", "US_NPI"))
ROWS = st.builds(
    lambda text, start, size, score, source: (text, start, start + size, score, source),
    st.integers(0, 1),
    st.integers(0, 6),
    st.integers(1, 8),
    st.sampled_from([0.35, 0.4, 0.5, 0.65, SURE, 0.75, 0.85, 1.0]),
    st.integers(0, 3),
)


def beaten_by_looking_at_all(rows: list[Row]) -> list[Row]:
    """The same, pair by pair."""

    def beats(sure: Row, row: Row) -> bool:
        same_text = sure[0] == row[0] and SOURCES[sure[4]].entity != SOURCES[row[4]].entity
        inside = sure[1] <= row[1] and row[2] <= sure[2]
        return same_text and inside and 2 * (row[2] - row[1]) >= sure[2] - sure[1]

    sure = [row for row in rows if row[3] >= SURE]
    return [row for row in rows if row[3] >= SURE or not any(beats(other, row) for other in sure)]


@settings(max_examples=500)
@given(st.lists(ROWS, max_size=14))
def test_a_doubtful_finding_falls_to_a_sure_one_and_only_then(rows: list[Row]) -> None:
    assert list(without_beaten(rows, SOURCES)) == beaten_by_looking_at_all(rows)


@given(st.lists(ROWS, max_size=14))
def test_what_was_found_stays_found(rows: list[Row]) -> None:
    """Whoever wins: every code point of a finding is in one that is left."""

    def covered(of: list[Row]) -> set[tuple[int, int]]:
        return {(text, at) for text, start, end, _, _ in of for at in range(start, end)}

    assert covered(list(without_beaten(rows, SOURCES))) == covered(rows)


def test_only_our_judgement_lets_findings_compete() -> None:
    rows = [(0, 3, 13, 0.75, 0), (0, 3, 13, 0.4, 1)]
    assert len(gathered(rows, {}, SOURCES).text) == 2
    assert [f.entity for f in gathered(rows, {}, SOURCES, compete=True).findings] == ["US_NPI"]


def test_what_is_worth_more_does_not_fall_to_what_is_worth_less() -> None:
    rows = [(0, 3, 13, 0.75, 0), (0, 3, 13, 0.4, 1)]
    for levels, left in (((1, 2), rows), ((2, 2), rows[:1]), ((3, 2), rows[:1])):
        sources = (Source("A", "US_NPI", levels[0]), Source("B", "KR_BRN", levels[1]))
        assert list(without_beaten(rows, sources)) == left
