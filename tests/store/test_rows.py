import pytest

from vesiflux.store.rows import Rows


@pytest.mark.parametrize(
    ("places", "runs"),
    [
        ([("a", 0), ("a", 1), ("a", 2)], [(0, 0, 3, 1)]),
        ([("a", 5)] * 4, [(0, 5, 4, 0)]),
        ([("a", 0), ("a", 1), ("b", 0), ("b", 1)], [(0, 0, 2, 1), (1, 0, 2, 1)]),
        ([("a", 0), ("a", 2), ("a", 3)], [(0, 0, 1, 1), (0, 2, 2, 1)]),
        ([("a", 3), ("a", 3), ("a", 4)], [(0, 3, 2, 0), (0, 4, 1, 1)]),
        ([("b", 1), ("a", 0), ("b", 0)], [(0, 1, 1, 1), (1, 0, 1, 1), (0, 0, 1, 1)]),
    ],
)
def test_rows_are_written_short_and_read_back(
    places: list[tuple[str, int]], runs: list[tuple[int, int, int, int]]
) -> None:
    rows = Rows.at(places)
    assert list(rows.runs) == runs
    assert Rows.of(rows.plain()) == rows
    sizes = [6] * len(rows.blocks)
    assert rows.taken(sizes).tolist() == [rows.blocks.index(b) * 6 + r for b, r in places]
