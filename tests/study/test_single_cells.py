"""Runs whose replicates are single cells: in the store, by the command line, of the library's machinery."""

from __future__ import annotations

import json

import numpy as np
import pytest

import vesiflux as vf
from vesiflux.cli.main import app
from vesiflux.errors import InputError
from vesiflux.store.run import Run
from vesiflux.study.run import run as run_study

CELLS = 24


def shortened(hours: int = 3) -> vf.Model:
    content = vf.Model.load("secretion").to_dict(whole=True)
    content["run"] |= {"for": f"{hours} h", "record": "1 h"}
    return vf.Model.from_dict(content)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    model = shortened()
    arms = ["control", "gw4869"]
    cells = run_study(model, arms=arms, single_cells=CELLS, store=store, threads=1)
    typical = {"draws": 1, "store": store, "threads": 1}
    fixed = {p.name: p.prior.typical for p in cells.compiled.parameters if p.name != "cell.seed"}
    mean = run_study(model, arms=arms, set=fixed, **typical)
    return cells, mean


def test_cells_agree_with_the_mean(both):
    """z-test of what cells release, fuse and hold, in the untreated and a treated cell."""
    cells, mean = both
    scores = []
    for arm in ("control", "gw4869"):
        for vesicle in ("exosome", "microvesicle"):
            name = f"{vesicle}s_per_cell_per_hour"
            released = cells.cells(f"producer.released.{vesicle}", arm).values[0, :, -1] / 3.0
            expected = mean.rate(name, arm)[0]
            scores.append((released.mean() - expected) / (released.std(ddof=1) / CELLS**0.5))
            assert cells.rate(name, arm)[0] == pytest.approx(released.mean())
        held = cells.cells("producer.mvb.mvb_total", arm).values[0, :, -1]
        expected = mean.final("producer.mvb.mvb_total", arm)[0]
        scores.append((held.mean() - expected) / (held.std(ddof=1) / CELLS**0.5))
    assert np.abs(scores).max() < 4.0, scores


def test_bursts_of_the_machinery(both):
    """Erlang-4 filling towards packing: E[B^2]/E[B] near 30 at a mean of 25, few empty."""
    cells, _ = both
    table = cells.bursts("control")
    assert table.column_names == ["draw", "cell", "time", "class", "escrt_made", "ceramide_made"]
    assert set(table["class"].to_pylist()) == {"exosome"}
    sizes = np.array(table["escrt_made"].to_pylist()) + np.array(table["ceramide_made"].to_pylist())
    released = cells.cells("producer.released.exosome", "control").values[0, :, -1]
    by_cell = np.bincount(table["cell"].to_pylist(), sizes, minlength=CELLS)
    assert (by_cell == released).all()
    index = (sizes**2).mean() / sizes.mean()
    error = np.std(sizes**2 - index * sizes) / (sizes.mean() * len(sizes) ** 0.5)
    assert abs(index - 30.0) < 4.0 * error + 0.5  # the prototype's figure has two digits
    assert sizes.max() <= 107
    assert cells.summary()["balance_error"] is None  # nothing was balanced, so nothing is said
    told = cells.summary()["arms"]["control"]["single_cells"]["exosome"]
    assert told["burst_fano"] == pytest.approx(index)
    assert told["fano"] == pytest.approx(released.var(ddof=1) / released.mean())


def test_more_cells_find_the_first_ones_stored(both, tmp_path):
    cells, _ = both
    model = shortened()
    store = cells.path.parent.parent
    again = run_study(model, arms=["control"], single_cells=CELLS, store=store, threads=1)
    assert (
        again.cells("producer.released.exosome", "control").values
        == cells.cells("producer.released.exosome", "control").values
    ).all()
    fresh = run_study(model, arms=["control"], single_cells=3, store=tmp_path, threads=2)
    assert (
        fresh.cells("producer.released.exosome", "control").values[0]
        == cells.cells("producer.released.exosome", "control").values[0, :3]
    ).all()
    a = [r for r in fresh.bursts("control").to_pylist() if r["cell"] == 2]
    b = [r for r in cells.bursts("control").to_pylist() if r["cell"] == 2]
    assert a == b


def test_draws_differ_and_so_do_their_cells(tmp_path):
    found = run_study(shortened(1), arms=["control"], draws=2, single_cells=3, store=tmp_path, threads=1)
    released = found.cells("producer.released.exosome", "control")
    assert released.shape == (2, 3, 2)
    inflow = found.parameters("control")["producer.mvb.endosome_inflow"].reshape(2, 3)
    assert (inflow[:, 0] == inflow[:, 2]).all()
    assert inflow[0, 0] != inflow[1, 0]


def test_from_the_command_line(tmp_path, capsys):
    file = shortened(1).save(tmp_path / "model.yaml") or tmp_path / "model.yaml"
    with pytest.raises(SystemExit) as stop:
        app(
            [
                "run",
                str(file),
                "--arm",
                "control",
                "--single-cells",
                "4",
                "--out",
                str(tmp_path / "s"),
                "--json",
            ],
            standalone_mode=True,
        )
    assert stop.value.code in (0, None)
    told = json.loads(capsys.readouterr().out)
    assert told["arms"]["control"]["single_cells"]["exosome"]["mean"] > 0
    assert Run.open(told["run"]).replicates == 4


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"cell": "producer"}, "how many"),
        ({"single_cells": 0}, "too few"),
        ({"single_cells": 2, "replicates": 3}, "leave replicates out"),
        ({"single_cells": 2, "cell": "nobody"}, "no cells named"),
    ],
)
def test_wrong_calls(call, said, tmp_path):
    with pytest.raises(InputError, match=said):
        run_study(shortened(1), arms=["control"], store=tmp_path, **call)


def test_a_run_in_the_mean_has_no_bursts(both):
    with pytest.raises(InputError, match="no bursts"):
        both[1].bursts("control")
