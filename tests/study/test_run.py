"""Runs of a tiny model with the real engine, and of the same with a stand-in where only counting matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from driver import call

from vesiflux import report
from vesiflux.errors import InputError, RunError
from vesiflux.store.blocks import read_head
from vesiflux.store.run import Run
from vesiflux.study import plan, pool
from vesiflux.study.run import execute, run

RATE = "exosomes_per_cell_per_hour"
FAKE = "fake_engine:solve"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All arms and structures, three replicates."""
    store = tmp_path_factory.mktemp("store")
    return run(tiny.model(), draws=20, replicates=3, structures="all", store=store, threads=1)


def numbers(path: Run) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for arm, info in path.arms.items():
        for structure in info["structures"]:
            table = path.table(arm, structure)
            found |= {f"{arm} {structure} {n}": table[n].to_pylist() for n in table.column_names}
            for output in path.outputs(series=True):
                found[f"{arm} {structure} {output} t"] = (
                    path.series(output, arm, structure).to_numpy().tobytes()
                )
    return found


def keys(store: Path) -> list[str]:
    return [k for block in store.glob("blocks/*/*") for k in read_head(block)["keys"]]


# ---------------------------------------------------------------- what comes out


def test_summary_has_what_scripts_read(done: Run) -> None:
    summary = done.summary()
    assert list(summary) == ["run", "seconds", "balance_error", "arms"]
    assert list(summary["arms"]) == ["control", "loss", "drug"]
    assert list(summary["arms"]["drug"]["alternatives"]) == ["wire=slow"]
    assert "alternatives" not in summary["arms"]["loss"]
    assert summary["balance_error"] < 1e-12
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["arms"]["control"][RATE] == np.median(done.rate(RATE, "control"))


def test_folds_are_paired_and_each_structure_has_its_own_reference(done: Run) -> None:
    # at rest the pool is make * RAB / loss and release is make * RAB; the arms start at rest
    assert done.arms["drug"]["structures"]["wire=slow"]["reference"] == ["control", "wire=slow"]
    assert done.arms["drug"]["structures"]["wire=fast"]["reference"] == ["control", ""]
    for structure in ("wire=fast", "wire=slow"):
        fold = done.fold(RATE, "drug", structure)
        assert fold.shape == (20,)
        assert 0.15 < np.median(fold) < 0.5
    assert np.allclose(done.rate(RATE, "control", "wire=slow"), 0.5 * done.rate(RATE, "control"))
    with pytest.raises(InputError, match="compared with no other arm"):
        done.fold(RATE, "control")


def test_replicates_share_what_is_uncertain_and_differ_in_what_varies_between_repeats(done: Run) -> None:
    drawn = done.parameters("control")
    make, loss = (drawn[f"donor.gland.{n}"].reshape(20, 3) for n in ("make", "loss"))
    assert (make == make[:, :1]).all()
    assert (np.ptp(loss, axis=1) > 0).all()
    table = done.table("control")
    assert table["draw"].to_pylist() == [d for d in range(20) for _ in range(3)]
    assert table["replicate"].to_pylist() == [0, 1, 2] * 20
    output = "donor.released.exosome"
    assert np.allclose(done.final(output, "control"), np.reshape(table[output], (20, 3)).mean(axis=1))


def test_arms_share_their_draws(done: Run) -> None:
    a, b = (done.parameters(arm)["donor.gland.make"] for arm in ("control", "drug"))
    assert np.array_equal(a, b)


def test_series_limits_and_windows(done: Run) -> None:
    released = done.series("donor.released.exosome", "control")
    assert released.dims == ("draw", "time")
    assert released.attrs["units"] == "vesicle"
    assert released.time.to_numpy().tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(released[:, -1], done.final("donor.released.exosome", "control"))
    pooled = done.table("control")["donor.gland.limit.most"].to_numpy()
    assert done.limits("control")["donor.gland.limit.most"] == np.mean(pooled > 300)
    early, whole = done.rate(RATE, "loss", window=0.5), done.rate(RATE, "loss")
    assert (early > whole).all()  # the pool is still emptying
    with pytest.raises(InputError, match="the run lasts 4"):
        done.rate(RATE, "loss", window=5)


def test_a_parameter_named_like_an_output_is_told_apart(done: Run) -> None:
    names = done.table("control").column_names
    assert {"donor.count", "parameter:donor.count", "donor.gland.make"} <= set(names)
    assert len(names) == len(set(names))


def test_unknown_names_come_with_suggestions(done: Run) -> None:
    for ask, meant in (
        (lambda: done.final("donor.relesed.exosome", "control"), "donor.released.exosome"),
        (lambda: done.final("donor.count", "contrl"), "'control'"),
        (lambda: done.rate("exosomes", "control"), RATE),
        (lambda: done.final("donor.count", "drug", "wire=slo"), "'wire=slow'"),
        (lambda: done.series("donor.gland.pool", "control"), "final"),
    ):
        with pytest.raises(InputError, match=meant):
            ask()


def test_csv(done: Run, tmp_path: Path) -> None:
    done.to_csv(tmp_path)
    summary = (tmp_path / "summary.csv").read_text(encoding="utf-8").splitlines()
    assert summary[0] == "arm,structure,quantity,unit,p05,median,p95"
    assert len(summary) == 1 + 2 + 2 + 4  # rates, and folds where there is a reference
    assert len((tmp_path / "draws.csv").read_text(encoding="utf-8").splitlines()) == 1 + 5 * 60
    assert len((tmp_path / "series.csv").read_text(encoding="utf-8").splitlines()) == 1 + 5 * 5 * len(
        done.outputs(series=True)
    )


def test_the_model_comes_back_from_the_run(done: Run) -> None:
    again = Run.open(done.path)
    assert again.compiled.description == tiny.compiled().description
    assert "donor.gland.loss" in {s["text"]: s["used_for"] for s in again.sources()}["y"]
    assert {"engine", "versions", "host", "threads", "seed", "settings"} <= set(again.provenance)


# ---------------------------------------------------------------- same bits


@pytest.mark.parametrize(("threads", "block"), [(1, 7), (2, 7), (1, 64), (2, 256)])
def test_neither_threads_nor_blocks_change_a_bit(
    tmp_path: Path, done: Run, monkeypatch: pytest.MonkeyPatch, threads: int, block: int
) -> None:
    if threads > 1:
        monkeypatch.setattr(pool, "POOL_PAYS_S", 0.0)
    other = run(
        tiny.model(), draws=20, replicates=3, structures="all", store=tmp_path, threads=threads, block=block
    )
    if other.path.name == done.path.name:  # else the engine's sources changed meanwhile
        assert numbers(other) == numbers(done)


def test_more_draws_add_to_those_there_are(tmp_path: Path) -> None:
    few = run(tiny.model(), arms=["control"], draws=5, store=tmp_path, threads=1)
    many = run(tiny.model(), arms=["control"], draws=12, store=tmp_path, threads=1, block=4)
    assert np.array_equal(many.rate(RATE, "control")[:5], few.rate(RATE, "control"))
    assert len(keys(tmp_path)) == len(set(keys(tmp_path))) == 12


# ---------------------------------------------------------------- what is asked


def go(store: Path, **changes: Any) -> Run:
    return execute(tiny.compiled(), call(6) | changes, threads=1, store=store, solver=FAKE)


def test_nothing_is_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "engine_hash", lambda: "fake")
    first = go(tmp_path / "s")
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    again = go(tmp_path / "s")
    assert not (tmp_path / "log").exists()
    assert again.record == first.record
    monkeypatch.setattr(plan, "engine_hash", lambda: "changed")
    go(tmp_path / "s")
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == 6


def test_changed_models_have_new_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "engine_hash", lambda: "fake")
    for text in (
        tiny.TEXT,
        tiny.TEXT.replace("rate: loss * pool", "rate: 1.5 * loss * pool"),
        tiny.TEXT.replace("1e5 cell", "2e5 cell"),
        tiny.TEXT.replace("record: 1 h", "record: 2 h"),
        tiny.TEXT.replace("draws: 8", "draws: 8, rtol: 1e-7"),
    ):
        execute(tiny.compiled(text), call(3), threads=1, store=tmp_path, solver=FAKE)
    assert len(keys(tmp_path)) == len(set(keys(tmp_path))) == 15


def test_titles_change_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "engine_hash", lambda: "fake")
    for text in (tiny.TEXT, tiny.TEXT.replace("Cells that release", "Something else")):
        execute(tiny.compiled(text), call(3), threads=1, store=tmp_path, solver=FAKE)
    assert len(keys(tmp_path)) == 3


def test_lanes_that_ask_the_same_are_computed_once(tmp_path: Path) -> None:
    fixed = go(tmp_path, set={"make": 100, "loss": 1, "drug.factor": 0.3})
    assert len(keys(tmp_path)) == 1
    assert len(set(fixed.final("donor.gland.pool", "control"))) == 1
    assert fixed.table("control")["draw"].to_pylist() == list(range(6))


@pytest.mark.parametrize(
    ("given", "expected"), [("3.5", 3.5), (3.5, 3.5), ("3.5 /h", 3.5), ("0.1 /min", 6.0), (2, 2.0)]
)
def test_set_takes_numbers_and_quantities(given: object, expected: float) -> None:
    assert list(plan.fixed_values(tiny.compiled(), {"gland.loss": given}).values()) == [
        pytest.approx(expected)
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"los": 1}, "did you mean"),
        ({"factor": 1}, "ambiguous: interventions.loss.factor, interventions.drug.factor"),
        ({"gland.loss": "3 mL"}, "set gland.loss:"),
        ({"gland.loss": True}, "set gland.loss: True is not a quantity"),
        ({"gland.loss": float("nan")}, "not a finite number"),
        ({"gland.loss": 1, "donor.gland.loss": 2}, "both mean donor.gland.loss"),
        ({"cel": "strong"}, "the choice cell"),
        ({"gland.loss": -1}, "set gland.loss: -1 1/h lies below 0"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        go(tmp_path, set=given)


def test_a_parameter_that_an_arm_sets_itself_cannot_be_set(tmp_path: Path) -> None:
    text = tiny.TEXT.replace(
        "{interventions: [drug], ", "{interventions: [drug], set: {gland.make: 100 vesicle/cell/h}, "
    )
    settings: dict[str, Any] = {"set": {"make": 150}, "draws": 4, "store": tmp_path}
    with pytest.raises(InputError, match=r"set donor\.gland\.make: arm drug sets it itself, to 100"):
        run(tiny.model(text), **settings)
    assert run(tiny.model(text), arms=["loss"], **settings).provenance["seed"] == 1


def test_a_value_that_the_quantity_cannot_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="median: 0 nm lies outside what is above 0"):
        run(tiny.model(), draws=4, set={"vesicles.exosome.diameter.median": 0}, store=tmp_path)


def test_set_picks_options_of_choices(tmp_path: Path) -> None:
    strong = run(tiny.model(), arms=["loss"], draws=4, set={"cell": "strong"}, store=tmp_path, threads=1)
    plain = run(tiny.model(), arms=["loss"], draws=4, store=tmp_path, threads=1)
    assert np.allclose(strong.rate(RATE, "loss"), 10 * plain.rate(RATE, "loss"))
    assert strong.compiled.parameters[strong.compiled.parameter("make")].prior.typical == 2000
    with pytest.raises(InputError, match="no option 'strng'"):
        run(tiny.model(), draws=4, set={"cell": "strng"}, store=tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arms": ["contrl"]}, "no arm named 'contrl'.*control"),
        ({"arms": []}, "no arms to run"),
        ({"draws": 0}, "draws must be at least 1"),
        ({"replicates": 0}, "replicates must be at least 1"),
        ({"structures": "some"}, "use 'default' or 'all'"),
    ],
)
def test_wrong_calls_are_told(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        go(tmp_path, **changes)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"arms": "loss"}, r"arms is a list of names: arms=\['loss'\]"),
        ({"arms": [None]}, "arms is a list of names, not"),
        ({"set": ["make=1"]}, "set is a mapping of names to values"),
        ({"set": {1: 2}}, "a name is a text"),
        ({"draws": 2.5, "seed": "1"}, r"draws is a whole number, not 2.5\nseed is a whole number, not '1'"),
    ],
)
def test_arguments_of_another_kind_are_told(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        run(tiny.model(), store=tmp_path, **given)
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- failures and resuming


def test_few_failures_are_counted_many_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAIL", "0.3")
    some = go(tmp_path / "some")
    assert some.summary()["arms"]["control"]["failed_lanes"] == 2
    assert np.isnan(some.rate(RATE, "control")).sum() == 2
    assert np.isfinite(some.summary()["arms"]["control"][RATE])
    monkeypatch.setenv("FAKE_FAIL", "0.6")
    with pytest.raises(
        RunError, match=r"arm control: 4 of 6 draws failed; 4 of them: .*step limit"
    ) as caught:
        go(tmp_path / "many", seed=2)
    assert "\n" not in str(caught.value)


def test_resume_takes_the_runs_own_arguments(tmp_path: Path) -> None:
    model = tiny.model()
    first = run(model, arms=["loss"], draws=5, seed=9, store=tmp_path, threads=1)
    record = first.record | {"status": "running"}
    for info in record["arms"].values():
        for entry in info["structures"].values():
            entry.pop("blocks")
    (first.path / "run.json").write_text(json.dumps(record))
    with pytest.raises(RunError, match=r"not finished; go on with vesiflux run \S+ --resume \S+"):
        Run.open(first.path).rate(RATE, "loss")
    for write in (lambda r: r.to_csv(tmp_path / "out"), lambda r: report.write([r], tmp_path / "out")):
        with pytest.raises(RunError, match="not finished"):
            write(Run.open(first.path))
    assert not (tmp_path / "out").exists()
    again = run(model, draws=64, resume=first.path, threads=1)
    assert (again.path.name, again.draws, again.seed) == (first.path.name, 5, 9)
    assert again.record["status"] == "complete"
    with pytest.raises(InputError, match="another model"):
        run(tiny.model(tiny.TEXT.replace("1e5 cell", "3e5 cell")), resume=first.path)


def test_progress_counts_draws(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    execute(
        tiny.compiled(), call(10), threads=1, store=tmp_path, block=4, solver=FAKE,
        progress=lambda *step: told.append(step),
    )  # fmt: skip
    assert told == [("running", n, 10) for n in (0, 4, 8, 10)]


def test_an_error_of_ours_in_a_worker_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "POOL_PAYS_S", 0.0)
    with pytest.raises(RuntimeError, match="AttributeError"):
        execute(tiny.compiled(), call(10), threads=2, store=tmp_path, block=4, solver="fake_engine:nothing")
