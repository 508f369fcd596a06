from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.language.positions import Finding
from vesiflux.language.yaml import read_yaml, write_yaml

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.text(
        st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\x85\u2028\u2029\ufeff"),
        max_size=20,
    ),
    st.sampled_from(
        ["no", "yes", "on", "1e3", "1_000", "0x1f", "null", "~", "- a", "a: b", "# c", "!x", "*y", "&z", "%"]
    ),
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.text("abcXYZ09-_@ .", min_size=1, max_size=8).filter(lambda k: k.strip() == k),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), _DATA, min_size=1))
def test_what_is_written_reads_back(data: Any):
    again, _, problems = read_yaml(write_yaml(data), "x")
    assert again == data
    assert not problems


def test_values_are_those_of_yaml_1_2():
    text = "[1e-3, 1e6, no, yes, on, true, null, ~, 0x10, 010, .5, 2024-01-01, 1:30, 2 mL, .inf]"
    data, _, _ = read_yaml(text, "x")
    assert data == [
        1e-3,
        1e6,
        "no",
        "yes",
        "on",
        True,
        None,
        None,
        16,
        10,
        0.5,
        "2024-01-01",
        "1:30",
        "2 mL",
        math.inf,
    ]


@pytest.mark.parametrize(
    ("path", "column", "place"),
    [
        (("a",), None, (1, 4)),
        (("b", "c"), None, (3, 7)),
        (("b", "c"), 3, (3, 9)),  # within quotes: the column of the text
        (("b", "d", 1), 2, (4, 11)),
        (("b", "e"), 2, (5, 6)),  # a block of lines: where it begins
        (("b", "missing"), None, (2, 1)),
    ],
)
def test_places(path: tuple[str | int, ...], column: int | None, place: tuple[int, int]):
    text = "a: x\nb:\n  c: 'k * J'\n  d: [u, vw]\n  e: |\n    one\n    two\n"
    _, positions, _ = read_yaml(text, "x")
    problem = positions.problem(Finding(path, "here", column))
    assert (problem.line, problem.column) == place


def test_all_duplicates_are_named():
    _, _, problems = read_yaml("a: 1\nb: {c: 1, c: 2}\na: 2\n", "x")
    assert [(p.line, p.column) for p in problems] == [(2, 11), (3, 1)]
