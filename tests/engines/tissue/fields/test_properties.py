"""What must hold for every field: balance, positivity, the same bits, restarts."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CASES, Case, build, loads

from vesiflux.engines.tissue.fields import douglas
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.ir.tissue import Border, FieldSlot, Group, TissueSpace

every = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def run(fields, case: Case, steps: int, dt: float = 0.1):
    source, clearance = loads(fields)
    saturation = None if case.saturation is None else {0: case.saturation}
    wall = fields.transports[0].wall
    if wall is not None:
        source[:, wall.reshape(-1)] = 0.0
        clearance[:, wall.reshape(-1)] = 0.0
    return [fields.advance(dt, source, clearance, saturation).copy() for _ in range(steps)]


@every
def test_amounts_balance_to_rounding(case):
    fields = build(case)
    taken = run(fields, case, 20)
    assert max(fields.balance().values()) < 1e-12
    assert np.allclose(sum(t.sum(axis=1) for t in taken), fields.ledger.taken, rtol=1e-13)
    assert fields.ledger.taken.min() > 0.0
    assert fields.ledger.degraded.min() > 0.0


@every
@pytest.mark.parametrize("tolerance", [1e-3, 1e9])
def test_nothing_is_negative_after_point_pulses(case, tolerance):
    """Also where substeps are not refined: then the mixture with the first-order step alone keeps it."""
    fields = build(case, tolerance, initial=0.0)
    wall = fields.transports[0].wall
    free = np.ones(fields.grid.n_voxels, dtype=bool) if wall is None else ~wall.reshape(-1)
    spots = np.flatnonzero(free)[[0, free.sum() // 2, -1]]
    fields.values.reshape(2, -1)[:, spots] = 1e9
    fields.forget()
    for _ in range(5):
        taken = fields.advance(0.1, None, None)
        assert fields.values.min() >= 0.0
        assert fields.depot.min(initial=0.0) >= 0.0
        assert not taken.any()
    assert max(fields.balance().values()) < 1e-12


@every
def test_wall_voxels_stay_empty(case):
    fields = build(case)
    wall = fields.transports[0].wall
    run(fields, case, 3)
    if wall is not None:
        assert not fields.values[:, wall].any()


@every
def test_restart_gives_the_same_bits(case):
    straight, stopped = build(case), build(case)
    run(straight, case, 9)
    run(stopped, case, 4)
    again = build(case, initial=7.0)
    again.restore(stopped.state())
    run(again, case, 5)
    for name, values in straight.state().items():
        assert np.array_equal(values, again.state()[name]), name


@pytest.mark.parametrize("case", [CASES[4], CASES[9], CASES[14]], ids=["held", "walls", "all"])
def test_threads_and_blocks_change_no_bit(case, monkeypatch):
    monkeypatch.setattr(douglas, "SERIAL", 0)
    reference = build(case)
    expected = run(reference, case, 4)
    for threads, block in ((2, 8), (2, 3), (3, 1)):
        monkeypatch.setattr(douglas, "BLOCK", block)
        other = build(case, threads=threads)
        for one, two in zip(expected, run(other, case, 4), strict=True):
            assert np.array_equal(one, two)
        for name, values in reference.state().items():
            assert np.array_equal(values, other.state()[name]), (name, threads, block)


@every
def test_the_stated_error_is_the_error(case):
    """Against the same steps with a tolerance a thousand times smaller."""
    fine, coarse = build(case, 1e-6), build(case, 1e-3)
    run(fine, case, 6)
    run(coarse, case, 6)
    for f, slot in enumerate(coarse.fields):
        error = np.linalg.norm(fine.values[f] - coarse.values[f]) / np.linalg.norm(fine.values[f])
        stated = coarse.error_estimate[slot.name]
        assert error < 2.0 * stated + 1e-9, slot.name
        assert stated < 6e-3


def test_the_stated_error_of_a_long_run_is_not_the_sum_of_all_its_steps():
    """Fed and taken up evenly over 300 steps, a field forgets its early errors, and so does the estimate."""
    found = {}
    slot = FieldSlot("e", "e", "vesicle", "vesicles", 0)
    for tolerance in (1e-6, 1e-3):
        space = TissueSpace((20, 20, 1), (20.0, 20.0, 20.0))
        fields = Fields(space, [Group("e", 8e3, 0.05, (Border(),) * 6)], [slot], tolerance)
        rng = np.random.default_rng(3)
        source = rng.random((1, 400)) * (rng.random((1, 400)) < 0.2)
        clearance = 1e-8 * rng.random((1, 400)) * (rng.random((1, 400)) < 0.3)
        for step in range(300):
            fields.advance(0.1, source * (1.0 + 0.5 * np.sin(0.3 * step)), clearance)
        found[tolerance] = fields
    right, loose = found[1e-6].values[0], found[1e-3]
    error = np.linalg.norm(loose.values[0] - right) / np.linalg.norm(right)
    stated = loose.error_estimate["e"]
    assert error < 2.0 * stated
    assert stated < 0.02
