"""Populations whose growth falls as they crowd: the logistic curve, and a spheroid that grows at its rim."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree
from small_tissues import SLAB, advance, crowd, kind

from vesiflux.engines.tissue.cells import Cells, Rates, grow, settle
from vesiflux.ir.tissue import Layout


def test_logistic_growth() -> None:
    """dN/dt = r N (1 - N/K), from division that falls with crowding and a constant death."""
    start, dt, steps, birth, death, most = 400, 0.02, 200, 1.2, 0.2, 2400.0
    rate, capacity = birth - death, most * (1.0 - death / birth)
    seeds = range(1, 9)
    counts = []
    for seed in seeds:
        cells, course = crowd(start), []
        for step in range(steps):
            rates = Rates.none(cells.n)
            rates.proliferation[:] = max(0.0, birth * (1.0 - cells.living.sum() / most))
            rates.apoptosis[:] = death
            advance(cells, [kind(dying=0.0)], rates, step, seed, dt)
            grow(cells, [kind(dying=0.0)], dt)
            if step % 50 == 49:
                course.append(cells.living.sum())
        counts.append(course)
    times = np.arange(50, steps + 1, 50) * dt
    expected = capacity / (1.0 + (capacity / start - 1.0) * np.exp(-rate * times))
    mean = np.mean(counts, axis=0)
    error = np.std(counts, axis=0, ddof=1) / math.sqrt(len(seeds))
    # the step's own bias, rate dt / 2 of the exponent at most, is added to the noise
    assert (np.abs(mean - expected) < 3.5 * error + 0.5 * rate * dt * expected).all()
    assert mean[-1] > 0.9 * capacity


def relax(cells: Cells, rounds: int = 6) -> None:
    """Push cells apart by half of what they overlap, along the line between them."""
    for _ in range(rounds):
        places, radius = cells.positions, cells.radius
        pairs = cKDTree(places).query_pairs(2.0 * radius.max(), output_type="ndarray")
        off = places[pairs[:, 1]] - places[pairs[:, 0]]
        distance = np.maximum(np.linalg.norm(off, axis=1), 1e-6)
        overlap = np.maximum(radius[pairs].sum(axis=1) - distance, 0.0)
        push = (0.4 * overlap / distance)[:, None] * off
        for side, sign in ((0, -1.0), (1, 1.0)):
            np.add.at(cells.x, pairs[:, side], sign * push[:, 0])
            np.add.at(cells.y, pairs[:, side], sign * push[:, 1])


def test_a_crowded_spheroid_grows_at_its_rim() -> None:
    """Cells with six neighbours rest: growth falls from exponential to that of a rim."""
    kinds = [kind(count=19, layout=Layout("spheroid"), growth=2.0)]
    cells = settle(kinds, SLAB, 3, lambda k, n: np.ones((n, 2)))
    counts, depth = [cells.n], []
    for step in range(120):
        pairs = cKDTree(cells.positions).query_pairs(18.0, output_type="ndarray")
        crowding = np.bincount(pairs.ravel(), minlength=cells.n)
        rates = Rates.none(cells.n)
        rates.proliferation[:] = 0.4 * np.clip(1.0 - crowding / 6.0, 0.0, 1.0)
        off = np.hypot(cells.x - cells.x.mean(), cells.y - cells.y.mean())
        outcome = advance(cells, kinds, rates, step, 5, 0.25)
        if step >= 60:
            rank = np.argsort(np.argsort(off)) / len(off)
            depth.extend(rank[np.isin(np.arange(len(off)), cells.rows_of(outcome.mothers))])
        grow(cells, kinds, 0.25)
        relax(cells)
        counts.append(cells.n)
    side = np.sqrt(counts)
    first, second = side[80] - side[40], side[120] - side[80]
    unhindered = math.sqrt(counts[40] / counts[0])  # what the ratio would be at the pace of the beginning
    assert unhindered > 1.7
    assert 0.75 < second / first < 1.35  # a rim that advances evenly: the root of the number is linear
    assert (np.mean(depth) - 0.5) * math.sqrt(12.0 * len(depth)) > 5.0  # 0.5 where all divide alike
