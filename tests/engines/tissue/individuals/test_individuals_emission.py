"""Numbers, sizes, cargo and places of vesicles set free follow the laws given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from vesiflux.engines.tissue.individuals import Individuals
from vesiflux.errors import InputError
from vesiflux.ir.tissue import Border, CargoDraw, Group, TissueSpace, Vessel

CLOSED = (Border(),) * 6
SPACE = TissueSpace((10, 10, 10), (10.0, 10.0, 10.0))
GROUP = Group("exosome", 14400.0, 0.0, CLOSED, median=0.12, sigma=0.35)


def test_poisson_numbers_keyed_by_cell_and_step() -> None:
    ids, at, radii = np.arange(4000), np.full((4000, 3), 50.0), np.full(4000, 5.0)
    for mean in (0.7, 30.0):  # summed up, and by rejection
        v = Individuals(SPACE, GROUP)
        found = v.emit(ids, at, radii, np.full(4000, mean), (), 0, 3)
        expected = stats.poisson(mean)
        edges = np.unique(expected.ppf(np.linspace(0.0, 1.0, 12)[1:-1]))
        seen = np.histogram(found, np.concatenate([[-0.5], edges + 0.5, [np.inf]]))[0]
        p = np.diff(np.concatenate([[0.0], expected.cdf(edges), [1.0]]))
        assert stats.chisquare(seen, 4000 * p).pvalue > 1e-3
        again = Individuals(SPACE, GROUP).emit(ids[::-1], at, radii, np.full(4000, mean), (), 0, 3)
        assert np.array_equal(found[::-1], again)
        assert not np.array_equal(
            found, Individuals(SPACE, GROUP).emit(ids, at, radii, np.full(4000, mean), (), 0, 4)
        )


def test_diameters_are_lognormal_and_mobility_averages_to_the_group() -> None:
    v = Individuals(SPACE, GROUP)
    v.emit([1], [[50.0, 50.0, 50.0]], [5.0], [20_000], (), 0, 0)
    logs = np.log(v.table()["diameter"] / 0.12) / 0.35
    assert stats.kstest(logs, "norm").pvalue > 1e-3


def test_cargo() -> None:
    v = Individuals(SPACE, GROUP, ("rare", "many", "clustered", "absent"))
    draws = (
        CargoDraw("rare", False, 0.05),
        CargoDraw("many", True, 40.0),
        CargoDraw("clustered", False, 1.3, 0.4),
    )
    v.emit([1], [[50.0, 50.0, 50.0]], [5.0], [20_000], draws, 0, 0)
    t = v.table()
    for name, mean in (("rare", 0.05), ("many", 40.0)):
        copies = t[f"copies.{name}"]
        assert abs(copies.mean() - mean) < 4.0 * math.sqrt(mean / 20_000)
        assert abs(copies.var() / mean - 1.0) < 4.0 * math.sqrt((2.0 + 1.0 / mean) / 20_000)
    held = t["copies.clustered"]
    assert set(np.unique(held)) == {0, 3, 4}  # 1.3 / 0.4 = 3.25
    assert abs((held > 0).mean() - 0.4) < 4.0 * math.sqrt(0.24 / 20_000)
    assert abs(held.mean() - 1.3) < 4.0 * held.std() / math.sqrt(20_000)
    assert not t["copies.absent"].any()
    assert abs(np.corrcoef(t["copies.many"], t["diameter"])[0, 1]) < 4.0 / math.sqrt(20_000)


def test_even_on_the_sphere() -> None:
    v = Individuals(SPACE, GROUP)
    v.emit([1, 2], [[50.0, 50.0, 50.0], [30.0, 30.0, 30.0]], [5.0, 3.0], [8000, 10], (), [0, 1], 0)
    t = v.table()
    own = t["sender"] == 0
    assert own.sum() == 8000
    d = np.stack([t["x"], t["y"], t["z"]], -1)[own] - 50.0
    assert np.allclose(np.linalg.norm(d, axis=1), 5.0, atol=2e-5)
    for axis in range(3):  # Archimedes
        assert stats.kstest(d[:, axis] / 5.0, "uniform", (-1.0, 2.0)).pvalue > 1e-3


def test_within_the_slab() -> None:
    slab = TissueSpace((5, 5, 1), (20.0, 20.0, 8.0))
    v = Individuals(slab, GROUP)
    v.emit([1], [[50.0, 50.0, 4.0]], [6.0], [4000], (), 0, 0)
    t = v.table()
    assert stats.kstest(t["z"], "uniform", (0.0, 8.0)).pvalue > 1e-3
    r = np.sqrt((t["x"] - 50.0) ** 2 + (t["y"] - 50.0) ** 2 + (t["z"] - 4.0) ** 2)
    assert np.allclose(r, 6.0, atol=2e-5)


def test_what_only_fields_can_do_is_refused() -> None:
    held = (Border("held", 1e6), *CLOSED[1:])
    with pytest.raises(InputError, match="border must be 0"):
        Individuals(SPACE, Group("exosome", 1.0, 0.0, held))
    vessel = Vessel("capillary", (5.0, 5.0, 0.0), (5.0, 5.0, 100.0), 4.0, {"exosome": (10.0, 1e6)})
    with pytest.raises(InputError, match="inside must be 0"):
        Individuals(TissueSpace((10, 10, 10), (10.0, 10.0, 10.0), vessels=(vessel,)), GROUP)
    with pytest.raises(InputError, match="at most"):
        Individuals(TissueSpace((1000, 10, 10), (20.0, 10.0, 10.0)), GROUP)
