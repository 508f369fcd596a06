"""The tissue models of the library: they check, they lower, and they do what their pages say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import vesiflux.library
from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.ir.lowering.tissue import lower_tissue
from vesiflux.ir.tissue import TissuePlan
from vesiflux.language import Model
from vesiflux.language.quantities import values
from vesiflux.library import catalogue
from vesiflux.library._places import tumour_slice

MODELS = ("leader-follower", "paracrine-range", "tumour-slice")
FOLDER = Path(vesiflux.library.__file__).parent
#: What a model sets up, rather than takes from the world: no source is asked for.
_SET_UP = {
    *("adhesion_to", "at", "bias", "count", "layout", "persistence", "recycling"),
    *("sigma", "size", "start", "towards", "voxel"),
}


@cache
def model(name: str) -> Model:
    return Model.load(name)


@cache
def plan(name: str, arm: str = "control") -> TissuePlan:
    return lower_tissue(model(name), arm if arm in model(name).spec.arms else None)


@pytest.mark.parametrize("name", MODELS)
def test_it_checks_and_every_arm_lowers(name: str) -> None:
    assert model(name).spec.space.kind == "tissue"
    for arm in model(name).spec.arms or ("",):
        assert plan(name, arm).cells


@pytest.mark.parametrize("name", MODELS)
def test_it_is_listed_and_told_of(name: str) -> None:
    entry = next(m for m in catalogue() if m["name"] == name)
    assert entry["space"] == "tissue"
    assert entry["seconds"] > 0
    text = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    assert f"vesiflux run {name}" in text


@pytest.mark.parametrize("name", ["tumour-slice", "leader-follower"])
def test_numbers_say_where_they_come_from(name: str) -> None:
    bare = [
        ".".join(map(str, path))
        for path, _, _, value in values(model(name).spec, ())
        if value.evidence is None and not value.source and not _SET_UP & set(path)
    ]
    allowed = (".tau", ".basal", ".hill", ".hindrance", "run.", ".radius", ".speed", ".diameter.median")
    assert [n for n in bare if not n.endswith(allowed) and not n.startswith(allowed)] == []


def test_the_slice_is_what_its_page_says() -> None:
    found = plan("tumour-slice")
    assert 4500 < sum(c.count for c in found.cells) < 5500
    assert {f.vesicle for f in found.fields if f.vesicle} == {
        "tumour_exosome", "tumour_microvesicle", "caf_exosome", "tam_exosome",
    }  # fmt: skip
    assert next(g for g in found.groups if g.name == "oxygen").treatment == "steady"
    assert found.duration == 48.0


def test_places_of_the_slice_are_those_of_their_script(tmp_path: Path) -> None:
    made = tumour_slice.draw()
    written = tumour_slice.write(made, tmp_path).read_text(encoding="utf-8")
    assert written == (FOLDER / "tumour-slice" / "cells.csv").read_text(encoding="utf-8")
    vessels = [v.a[:2] for v in plan("tumour-slice").space.vessels]
    np.testing.assert_array_equal(np.array(vessels), made.capillaries)


def test_the_slice_in_its_first_hours() -> None:
    """Vesicles and copies balance; nests are short of oxygen; miRNA is far below what could act."""
    simulation = Simulation(plan("tumour-slice"), seed=1, threads=2)
    simulation.run_until(1.0)
    assert max(simulation.balance().values()) < 1e-12
    frame = simulation.frame()
    kind, alive = frame.cells["kind"], ~frame.cells["dead"]
    tumour, cd8, fibroblast = (
        next(i for i, c in enumerate(simulation.plan.cells) if c.name == n)
        for n in ("tumour", "cd8", "fibroblast")
    )
    oxygen = frame.fields["oxygen"]
    assert 5e15 < oxygen.min() < 1.2e16 < oxygen.max() < 3.2e16
    hypoxia = frame.cells["node.HIF1A"][(kind == tumour) & alive]
    assert hypoxia.max() > 0.4
    assert hypoxia.min() < 0.2
    bound = frame.cells["copies.PD-L1.surface"][(kind == cd8) & alive]
    assert 0.1 < np.median(bound) < 20.0
    copies = frame.cells["copies.miR-10b.cytosol"][(kind == fibroblast) & alive]
    assert 10.0 < copies.max() < 12.0  # ten are the cell's own


def test_range_of_one_sender_is_that_of_theory() -> None:
    """exp(-r/L)/r with the clearance of the cells in series with 4 pi D R; 4 % for chance neighbours."""
    found = plan("paracrine-range")
    simulation = Simulation(found, seed=1)
    simulation.run_until(4.0)
    sender, neighbour = found.cells
    diffusion, decay = found.groups[0].diffusion, found.groups[0].decay
    supply = 4.0 * np.pi * diffusion * neighbour.radius * 1e-12  # mL/h
    clearance = 5.6e-8 / (1.0 + 5.6e-8 / supply)
    loss = decay + neighbour.count * clearance / (np.prod(found.space.size) * 1e-12)
    length = np.sqrt(diffusion / loss)
    assert length == pytest.approx(50.5, abs=0.5)

    values = simulation.frame().fields["exosome.sender"]
    axes = [(np.arange(n) + 0.5) * d for n, d in zip(found.space.shape, found.space.voxel, strict=True)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    r = np.sqrt(sum((a - c) ** 2 for a, c in zip((x, y, z), sender.layout.points[0], strict=True)))
    near = (r > 15.0) & (r < 130.0)
    theory = 1000.0 * 1e12 / (4.0 * np.pi * diffusion * r[near]) * np.exp(-r[near] / length)
    slope = np.polyfit(r[near], np.log(values[near] * r[near]), 1)[0]
    assert -1.0 / slope == pytest.approx(length, rel=0.04)
    assert (values[near] / theory).mean() == pytest.approx(1.0, abs=0.04)


def _behind(arm: str, seed: int, one_by_one: bool = False) -> tuple[float, float]:
    """How far the leader has come, and how far behind it the followers are, um; after 8 h."""
    found = plan("leader-follower", arm)
    if one_by_one:
        found = lower_tissue(
            model("leader-follower").changed({"vesicles.exosome.treatment": "individuals"}), arm
        )
    simulation = Simulation(found, seed=seed)
    start = simulation.frame().cells["x"][0]
    simulation.run_until(8.0)
    cells = simulation.frame().cells
    leader = float(cells["x"][cells["kind"] == 0][0])
    return leader - start, leader - float(cells["x"][cells["kind"] == 1].mean())


def test_followers_follow_the_vesicles() -> None:
    for seed in (1, 2):
        way, behind = _behind("control", seed)
        assert way > 200.0
        assert behind < 110.0


def test_without_vesicles_nobody_follows() -> None:
    way, behind = _behind("no_vesicles", 1)
    assert way > 200.0
    assert behind > way


def test_followers_of_few_vesicles_fall_back_but_not_as_far_as_without() -> None:
    assert _behind("control", 1)[1] + 50.0 < _behind("control", 1, one_by_one=True)[1]
    assert _behind("control", 1, one_by_one=True)[1] < _behind("no_vesicles", 1)[1] - 50.0
