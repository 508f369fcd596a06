"""The real engine under `vesiflux run`: resumed = straight, one thread = two, and what the command prints."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
import tissue_model
from typer.testing import CliRunner

import vesiflux as vf
from vesiflux.cli.main import app
from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.errors import InputError
from vesiflux.store.tissue import TissueRun, keys
from vesiflux.study import tissue_arm

#: Lively enough that cells divide, die and crawl within two hours.
LIVELY = tissue_model.TEXT.replace(
    "proliferation: 0.05 /h, apoptosis: 0.02", "proliferation: 0.4 /h, apoptosis: 0.2"
)


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "engine_hash", lambda: "fake")  # sources may change while tests run


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> TissueRun:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "engine_hash", lambda: "fake")
        run = vf.run(tissue_model.model(LIVELY), store=tmp_path_factory.mktemp("s") / "s", threads=1)
    assert isinstance(run, TissueRun)
    return run


def exported(run: Any, folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in run.to_csv(folder).iterdir()}


def test_a_run_of_a_model(straight: TissueRun) -> None:
    summary = straight.summary()
    assert summary["balance_error"] < 1e-11
    assert summary["voxels"] == 100
    assert summary["vesicles_secreted"] > 0
    took = summary["arms"]["control"]["received"]
    assert took["macrophage"]["exosome"] > 0 == took["tumour"]["exosome"]
    happened = set(straight.events()["event"].to_pylist())
    assert len(happened) >= 2, happened
    assert straight.facts()["kinds"][1]["shown"]


def test_two_threads_give_the_same_bytes(straight: TissueRun, tmp_path: Path) -> None:
    run = vf.run(tissue_model.model(LIVELY), store=tmp_path / "s", threads=2)
    assert exported(run, tmp_path / "two") == exported(straight, tmp_path / "one")


class Killed(BaseException):
    """Stands for the end of the process."""


def test_stopped_ten_times_and_resumed(
    straight: TissueRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At random steps, with checkpoints at random steps; every part is a new simulation from a file."""
    chance = random.Random(3)
    model, left = tissue_model.model(LIVELY), 0
    advance = Simulation.step

    def step(self: Simulation, n: int = 1) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        advance(self, n)

    monkeypatch.setattr(Simulation, "step", step)
    monkeypatch.setattr(tissue_arm, "CHECKPOINT_SHARE", 0.0)
    for turn in range(10):
        left = chance.randint(1, 3)
        monkeypatch.setattr(tissue_arm, "CHECKPOINT_S", 0.0 if turn % 3 else 1e9)
        with pytest.raises(Killed):
            vf.run(model, store=tmp_path / "s", threads=1 + turn % 2)
    left = 1000
    folder = next((tmp_path / "s" / "runs").iterdir())
    run = vf.run(model, resume=folder)
    assert left > 1000 - 20, "it began anew"
    assert run.path == folder
    assert exported(run, tmp_path / "csv") == exported(straight, tmp_path / "one")


def test_resume_knows_its_model(straight: TissueRun) -> None:
    with pytest.raises(InputError, match="was started with another model"):
        vf.run(tissue_model.model(), resume=straight.path)
    again = vf.run(tissue_model.model(LIVELY), seed=77, resume=straight.path)
    assert again.path == straight.path


def test_the_command(tmp_path: Path, straight: TissueRun) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(LIVELY)
    arguments = ["run", str(file), "--out", str(straight.path.parent.parent), "--threads", "2", "--seed", "1"]
    begun = time.perf_counter()
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert json.loads(done.stdout) == straight.summary()
    assert time.perf_counter() - begun < 10, "a run that is there is opened"
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False).stdout
    assert "macrophage" in shown
    assert f"run: {straight.path}" in shown
    for more in (["--draws", "3"], ["--push"], ["--single-cells", "4"], ["--structures", "all"]):
        with pytest.raises(InputError, match="only for a model of a dish"):
            CliRunner().invoke(app, [*arguments, *more], catch_exceptions=False)


def test_a_simulation_by_hand() -> None:
    tissue = vf.Simulation.of(tissue_model.model(), set={"exosome.decay.half_life": "3 h"})
    seen: list[float] = []
    tissue.hook("step", lambda s: seen.append(s.time))
    tissue.run_until(0.3)
    assert seen == pytest.approx([0.1, 0.2, 0.3])
    twin = tissue.branch()
    assert isinstance(twin, vf.Simulation)
    with pytest.raises(InputError, match="no arm named 'nobody'"):
        vf.Simulation.of(tissue_model.model(), arm="nobody")
    with pytest.raises(InputError, match="secretion: is a model of a dish"):
        vf.Simulation.of("secretion")
