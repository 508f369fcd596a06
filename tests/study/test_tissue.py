"""Running the arms of a tissue: keys, what is opened and what is continued, what is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import tissue_model
from tissue_fake import Fake, plan

import vesiflux as vf
from vesiflux.errors import InputError, RunError
from vesiflux.store.layout import Store
from vesiflux.store.tissue import TissueRun, keys, layout
from vesiflux.store.tissue.layout import replace_file
from vesiflux.study import tissue_arm
from vesiflux.study.tissue import execute_tissue, refuse_of_dish, tissue_arms

CALL = {"arms": None, "seed": 1, "set": {}}


class Counted(Fake):
    """Counts the steps of all simulations."""

    steps = 0

    def step(self, n: int = 1) -> None:
        type(self).steps += n
        super().step(n)


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "engine_hash", lambda: "fake")  # sources may change while tests run
    Counted.steps = 0


def execute(store: Path, hours: float = 2.0, arms: tuple[str, ...] = ("control",), **more: Any) -> TissueRun:
    plans = {arm: plan(arm, hours) for arm in arms}
    return execute_tissue(plans, more.pop("call", CALL), store=store, engine=more.pop("engine", Fake), **more)


def test_a_run_has_its_arms_side_by_side(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    run = execute(tmp_path, arms=("control", "drug"), progress=lambda *a: told.append(a))
    assert (run.status, list(run.arms), run.path.parent.parent) == ("complete", ["control", "drug"], tmp_path)
    assert told[0] == ("running control", 0, 20)
    assert told[-1] == ("running drug", 20, 20)
    assert run.provenance["engine"]
    assert run.record["seconds"] > 0


def test_a_finished_run_is_opened(tmp_path: Path) -> None:
    first = execute(tmp_path, engine=Counted)
    done = Counted.steps
    again = execute(tmp_path, engine=Counted, threads=2)
    assert (again.path, Counted.steps) == (first.path, done)
    assert again.record == first.record


def test_seed_and_plan_make_another_run(tmp_path: Path) -> None:
    first = execute(tmp_path)
    other = execute(tmp_path, call=CALL | {"seed": 2})
    longer = execute(tmp_path, hours=3.0)
    assert len({first.path, other.path, longer.path}) == 3
    assert first.cells().to_pydict() != other.cells().to_pydict()


def test_the_key_knows_what_counts() -> None:
    made = plan()
    key = keys.arm_key(made, 1)
    same = dataclasses.replace(made, title="x", report={"sources": ["y"]})
    assert keys.arm_key(same, 1) == key
    group = dataclasses.replace(made.groups[0], decay=0.2)
    layout_ = dataclasses.replace(made.cells[0].layout, points=np.zeros((2, 3)))
    cell = dataclasses.replace(made.cells[0], layout=layout_)
    changed = [
        dataclasses.replace(made, groups=(group, made.groups[1])),
        dataclasses.replace(made, cells=(cell, made.cells[1])),
        dataclasses.replace(made, step=0.2),
    ]
    assert len({key, keys.arm_key(made, 2), *(keys.arm_key(c, 1) for c in changed)}) == 5


class Killed(BaseException):
    """Stands for the end of the process."""


def exported(run: TissueRun, folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in run.to_csv(folder).iterdir()}


@pytest.mark.parametrize("named", [True, False], ids=["after the rename", "before it"])
def test_killed_at_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    """Each file in turn is the last one that is written; the run then goes on to the same end."""
    monkeypatch.setattr(tissue_arm, "CHECKPOINT_S", 0.0)  # at every step
    monkeypatch.setattr(tissue_arm, "CHECKPOINT_SHARE", 0.0)
    monkeypatch.setattr("vesiflux.store.tissue.layout.sync", lambda path: None)
    straight = exported(execute(tmp_path / "straight", 1.0), tmp_path / "expected")
    writes, last = 0, -1

    def write(path: Path, how: Any) -> None:
        nonlocal writes
        writes += 1
        if writes - 1 != last:
            replace_file(path, how)
            return
        if named:
            replace_file(path, how)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".tmp-0123abcd-{path.name}").write_bytes(b"half of")
        raise Killed

    for module in ("checkpoint", "fields", "tables"):
        monkeypatch.setattr(f"vesiflux.store.tissue.{module}.replace_file", write)
    execute(tmp_path / "count", 1.0)
    total = writes
    assert total > 40
    for last in range(0, total, 3):
        writes = 0
        store = tmp_path / f"{last}"
        with pytest.raises(Killed):
            execute(store, 1.0)
        writes = -10_000
        run = execute(store, 1.0)
        assert not list(run.path.rglob(".tmp-*"))
        assert exported(run, tmp_path / f"csv{last}") == straight


def test_a_continued_run_computes_only_the_rest(tmp_path: Path) -> None:
    class Dies(Counted):
        def step(self, n: int = 1) -> None:
            if self.steps_done == 15:
                raise Killed
            super().step(n)

    with pytest.raises(Killed):
        execute(tmp_path, engine=Dies)
    unfinished = TissueRun.open(next((tmp_path / "runs").iterdir()))
    assert (unfinished.status, unfinished.frames.tolist()) == ("running", [0.0, 1.0])
    assert unfinished.series()["time"].to_pylist() == [0.0, 0.5, 1.0]
    with pytest.raises(RunError, match="arm control is not finished; continue it with resume"):
        unfinished.summary()
    Counted.steps = 0
    run = execute(tmp_path, engine=Counted)
    assert Counted.steps == 10  # from the frame at 1 h
    assert run.series()["time"].to_pylist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    times = run.events()["time"].to_pylist()
    assert times == sorted(times)
    assert times[-1] > 1.0


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    class Dies(Fake):
        def step(self, n: int = 1) -> None:
            raise Killed

    with pytest.raises(Killed):
        execute(tmp_path, engine=Dies)
    checkpoint = next(tmp_path.rglob("checkpoint.npz"))
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    with pytest.raises(RunError, match=r"checkpoint\.npz: damaged; remove this file"):
        execute(tmp_path)
    checkpoint.unlink()
    assert execute(tmp_path).status == "complete"


def test_two_processes_do_not_write_one_run(tmp_path: Path) -> None:
    name = execute(tmp_path).path.name
    store = Store.open(tmp_path)
    claim = store.claim(name)
    with pytest.raises(RunError, match="another process is at this run"):
        execute(tmp_path)
    claim.release(remove=True)
    assert execute(tmp_path).path.name == name


def test_another_engine_does_not_continue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = execute(tmp_path).path.name
    monkeypatch.setattr(keys, "engine_hash", lambda: "newer")
    with pytest.raises(InputError, match="another version of the engine"):
        execute(tmp_path, expected=name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threads": 0}, "threads must be at least 1"),
        ({"call": CALL | {"seed": -1}}, "seed must be 0 or more"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        execute(tmp_path, **change)


def test_what_is_of_a_dish_is_refused() -> None:
    refuse_of_dish(draws=False)
    with pytest.raises(InputError, match=r"^draws, cell: only for a model of a dish"):
        refuse_of_dish(draws=True, replicates=False, cell=True)


ARMED = tissue_model.TEXT.replace(
    "  none: {against: control}",
    "  a: {against: control, set: {tumour.radius: 9 um}}\n  b: {against: control}\n"
    "  c: {against: b}\n  d: {against: control}",
)


def test_arms_come_with_what_they_are_compared_with() -> None:
    model = tissue_model.model(ARMED)
    assert tissue_arms(model) == ["control"]
    assert tissue_arms(model, ["c"]) == ["c", "b", "control"]
    assert tissue_arms(model, ["b+d"]) == ["b+d", "control", "b", "d"]
    with pytest.raises(InputError, match="no arm named 'contrl' in model little-slice; did you mean control"):
        tissue_arms(model, ["contrl"])
    with pytest.raises(InputError, match="no arms to run"):
        tissue_arms(model, [])


@pytest.mark.parametrize(
    ("set_", "message"),
    [
        ({"tumour.radius": "-3 um"}, "set tumour.radius: -3 um lies outside what is above 0"),
        ({"tumour.radius": "3 pigs"}, "set tumour.radius: "),
        ({"tumour.radius": "9 um"}, "set tumour.radius: arm a sets it itself, to 9 um; run other arms"),
        (
            {"macrophage.motility.bias": 2},
            "set macrophage.motility.bias: 2 lies outside 0 to 1; it is a share",
        ),
        ({"tumour.radios": 2}, "no parameter named 'tumour.radios'; did you mean tumour.radius"),
        ({"tumour.radius": [2]}, r"set tumour.radius: \[2\] is not a quantity"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, set_: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        vf.run(tissue_model.model(ARMED), arms=["a"], set=set_, store=tmp_path)
    assert not list(tmp_path.rglob("run.json"))


def test_the_folder_says_what_it_is(tmp_path: Path) -> None:
    run = execute(tmp_path)
    record = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert (record["type"], record["version"], record["space"]) == ("vesiflux-run", 2, "tissue")
    assert layout.ArmFolder(run.path, "a/b").root.parent == run.path / "arms"
    assert isinstance(vf.open_run(run.path), TissueRun)
    with pytest.raises(InputError, match=r"open it with vesiflux\.TissueRun\.open"):
        vf.Run.open(run.path)


def test_a_run_of_a_dish_is_still_a_run(tmp_path: Path) -> None:
    dish = vf.run(tiny.model(), draws=2, store=tmp_path, threads=1)
    assert isinstance(vf.open_run(dish.path), vf.Run)
    with pytest.raises(InputError, match=r"open it with vesiflux\.Run\.open"):
        TissueRun.open(dish.path)
