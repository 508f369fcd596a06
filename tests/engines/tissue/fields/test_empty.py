"""A field that is nothing costs nothing, changes nothing, and wakes as soon as something is put into it."""

from __future__ import annotations

import numpy as np

from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.ir.tissue import Border, FieldSlot, Group, TissueSpace

SPACE = TissueSpace((9, 8, 1), (20.0, 20.0, 20.0))
GROUP = Group("g", 2000.0, 0.1, (Border("closed"),) * 6)


def some(*initial: float) -> Fields:
    slots = [
        FieldSlot(f"g.{i}", "g", "vesicle", "vesicles", 0, f"s{i}", "g", initial=x)
        for i, x in enumerate(initial)
    ]
    return Fields(SPACE, (GROUP,), slots)


def advance(fields: Fields, n: int, fed: int | None = None) -> np.ndarray:
    source = np.zeros((len(fields.fields), 72))
    if fed is not None:
        source[fed, 5] = 100.0
    clearance = np.full((1, 72), 1e-9)
    for _ in range(n):
        taken = fields.advance(0.1, source, clearance)
    return taken.copy()


def test_a_full_field_is_the_same_bits_beside_an_empty_one() -> None:
    alone, beside = some(1e6), some(1e6, 0.0)
    advance(alone, 12, 0)
    taken = advance(beside, 12, 0)
    assert np.array_equal(alone.values[0], beside.values[0])
    assert not beside.values[1].any()
    assert not taken[1].any()


def test_what_was_taken_before_it_was_emptied_is_not_told_again() -> None:
    fields = some(1e6, 1e6)
    assert advance(fields, 1)[1].all()
    fields.values[1] = 0.0
    assert not advance(fields, 1)[1].any()


def test_an_empty_field_wakes_when_it_is_fed_or_dosed() -> None:
    fed, dosed = some(0.0), some(0.0)
    advance(fed, 5)
    advance(fed, 5, 0)
    assert fed.values[0].min() > 0.0
    advance(dosed, 5)
    dosed.values[0] = 1e6
    straight = some(1e6)
    assert np.array_equal(advance(dosed, 5), advance(straight, 5))
