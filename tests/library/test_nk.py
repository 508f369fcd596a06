"""What the nk model must show, whatever of the review it reproduces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux

DRAWS = 8
DOSES = ("nk_exo_1e8", "nk_exo_1e9", "nk_exo_1e10", "nk_exo_1e11")
#: log2 fold below which nothing happened.
NOTHING = 0.1


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    blocked = ["no_nk_caspase_block", "nk_exo_1e11_caspase_block"]
    arms = ["control", "no_release", "il15", "no_nk", *DOSES, *blocked]
    return vesiflux.run("nk", arms=arms, draws=DRAWS, seed=3, store=tmp_path_factory.mktemp("runs"))


def log2_fold(run: Any, output: str, arm: str, against: str = "control") -> np.ndarray[Any, Any]:
    return np.asarray(np.log2(run.final(output, arm) / run.final(output, against)))


def test_interleukin_15_raises_the_release_of_nk_cells(run: Any) -> None:
    def per_cell_hour(arm: str) -> np.ndarray[Any, Any]:
        return np.asarray(run.final("nk.released.nk_exosome", arm) / run.final("nk.cell_hours", arm))

    doublings = np.log2(per_cell_hour("il15") / per_cell_hour("control"))
    assert (doublings > 0).all()
    assert np.median(doublings) > NOTHING


def test_a_full_block_of_caspases_leaves_residual_death(run: Any) -> None:
    blocked, death = "nk_exo_1e11_caspase_block", "tumour.node.tumour_cell_death"
    assert np.median(log2_fold(run, death, blocked, "no_nk_caspase_block")) > NOTHING
    # what goes through caspases is gone, the other route is not touched
    assert run.final("tumour.node.caspase_dependent_death", blocked) == pytest.approx(
        run.final("tumour.node.caspase_dependent_death", "no_nk_caspase_block"), rel=1e-6
    )
    assert run.final("tumour.node.caspase_independent_death", blocked) == pytest.approx(
        run.final("tumour.node.caspase_independent_death", "nk_exo_1e11"), rel=0.02
    )
    assert (run.final(death, blocked) < run.final(death, "nk_exo_1e11")).all()


@pytest.mark.parametrize(
    "output",
    [
        "tumour.node.tumour_cell_death",
        "tumour.node.target_cell_death",
        "glioblastoma.node.tumour_cell_death",
        "activated.node.activated_immune_cell_death",
    ],
)
def test_the_dose_response_of_nk_exosomes_is_monotone(run: Any, output: str) -> None:
    levels = np.array([run.final(output, arm) for arm in ("no_nk", *DOSES)])
    assert (np.diff(levels, axis=0) > -1e-6).all()
    # the granule route hangs on the escape from endosomes, which few draws have
    assert np.max(levels[-1] / levels[0]) > 1.3


def test_native_microrna_does_nothing_at_physiological_dose(run: Any) -> None:
    for node in ("infected.node.viral_replication", "tumour.node.tumour_progression"):
        assert (np.abs(log2_fold(run, node, "no_release")) < NOTHING).all(), node
    # nor at any dose that can be given: a thousand copies are needed
    assert (np.abs(log2_fold(run, "tumour.node.tumour_progression", "nk_exo_1e11", "no_nk")) < NOTHING).all()


def test_resting_immune_cells_are_spared(run: Any) -> None:
    death = "activated.node.activated_immune_cell_death"
    activated = log2_fold(run, death, "nk_exo_1e10", "no_nk")
    resting = log2_fold(run, "immune.node.immune_cell_death", "nk_exo_1e10", "no_nk")
    assert np.median(activated) > 3 * np.median(resting)


def test_every_vesicle_and_copy_is_accounted_for(run: Any) -> None:
    assert run.summary()["balance_error"] < 1e-9


def test_controls_are_enough_and_justified() -> None:
    folder = Path(vesiflux.__file__).parent / "library" / "nk"
    lines = [x for x in (folder / "controls.tsv").read_text(encoding="utf-8").splitlines() if x[:1] != "#"]
    rows = [dict(zip(lines[0].split("\t"), x.split("\t"), strict=False)) for x in lines[1:]]
    assert len(rows) >= 15
    assert all(row["reason"] and row["source"] for row in rows)
