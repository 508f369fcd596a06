"""What the nest of nk-tissue must show."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import vesiflux
from vesiflux.language import Model


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    model = Model.load("nk-tissue").changed({"run.for": "20 h"})
    arms = ["control", "no_killing", "nk_exo_1e11", "nk_exo_1e11_caspase_block"]
    return vesiflux.run(model, arms=arms, seed=1, store=tmp_path_factory.mktemp("runs"))


def deaths(run: Any, arm: str) -> Counter[str]:
    return Counter(run.events(arm).to_pydict()["event"])


def taken(run: Any, arm: str) -> dict[str, float]:
    """Vesicles taken up per cell type."""
    found: Counter[str] = Counter()
    for row in run.received(arm).to_pylist():
        if row["quantity"] == "vesicles":
            found[row["recipient"]] += row["amount"]
    return dict(found)


def test_nk_cells_kill_what_they_touch(run: Any) -> None:
    assert deaths(run, "control")["killing"] > 0
    assert deaths(run, "no_killing")["killing"] == 0


def test_macrophages_take_more_of_the_exosomes_than_the_nest_does(run: Any) -> None:
    got = taken(run, "control")
    assert got["macrophage"] > got["glioblastoma"] > 0
    # an eighth of the cells, so several times as much per cell
    assert got["macrophage"] / 40 > 3 * got["glioblastoma"] / 150


def test_only_a_dose_far_above_what_is_released_kills_and_caspases_are_not_all_of_it(run: Any) -> None:
    control, dosed, blocked = (
        deaths(run, arm)["apoptosis"] for arm in ("control", "nk_exo_1e11", "nk_exo_1e11_caspase_block")
    )
    assert control <= 8
    assert dosed > 2 * control
    assert control < blocked < dosed


def test_every_vesicle_and_copy_is_accounted_for(run: Any) -> None:
    assert run.summary()["balance_error"] < 1e-9
