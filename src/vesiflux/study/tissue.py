"""`run_tissue`: run the arms of a tissue model, or go on with them, and hand back the `TissueRun`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError, RunError
from vesiflux.study.provenance import provenance
from vesiflux.study.settings import check_tissue_settings

if TYPE_CHECKING:
    from vesiflux.ir.tissue import TissuePlan
    from vesiflux.language import Model
    from vesiflux.store.layout import Store
    from vesiflux.store.tissue.run import TissueRun
    from vesiflux.study.tissue_arm import Engine

__all__ = ["execute_tissue", "refuse_of_dish", "run_tissue", "tissue_arms"]

Progress = Callable[[str, int, int], None]
#: Makes the simulation of a plan from its seed and a number of threads.
Make = Callable[["TissuePlan", int, int], "Engine"]


def run_tissue(
    model: Model,
    arms: Sequence[str] | None = None,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    resume: str | Path | None = None,
    progress: Progress | None = None,
    engine: Make | None = None,
) -> TissueRun:
    """Run a tissue model's arms at typical values of its parameters.

    A finished run of the same model, arms, seed and settings is opened, an unfinished one continued from
    its last checkpoint, with the same bits as if it had never stopped.

    Parameters
    ----------
    model
        A model whose space is a tissue.
    arms, seed, set, threads, store, resume, progress
        As `vesiflux.run` takes them; progress counts steps.
    engine
        What simulates; default: `engines.tissue.simulation.Simulation`.

    Raises
    ------
    InputError
        Unknown names, wrong units or numbers; a model that is not the one a run was started with.
    RunError
        A store that cannot be used, a full disk, damaged files, a run that another process is at.
    """
    call: dict[str, Any] = {
        "arms": None if arms is None else list(arms), "seed": int(seed), "set": dict(set or {}),
    }  # fmt: skip
    asked = None if resume is None else Path(resume)
    if asked is not None:
        store, call = _call_of(asked, model)
    from vesiflux.ir.lowering.tissue import lower_tissue

    names = tissue_arms(model, call["arms"])
    check_tissue_settings(model.spec, call["set"], names)
    plans = {name: lower_tissue(model, name, call["set"]) for name in names}
    return execute_tissue(
        plans, call, model=model, threads=threads, store=store, progress=progress, engine=engine,
        expected=None if asked is None else asked.name,
    )  # fmt: skip


def refuse_of_dish(**given: bool) -> None:
    """Raise `InputError` naming the arguments that were given and apply to a dish alone."""
    names = [name for name, there in given.items() if there]
    if names:
        raise InputError(
            f"{', '.join(names)}: only for a model of a dish; a tissue runs its arms once, at typical values "
            "(change those with set, chance with seed)"
        )


def tissue_arms(model: Model, arms: Sequence[str] | None = None) -> list[str]:
    """Arms to run, the asked ones first, then what they are compared with and parts of combined ones.

    Raises `InputError` for arms that the model does not have.
    """
    from vesiflux.language.together import parts_of, with_together

    spec = model.spec
    wanted = list(arms) if arms is not None else list(spec.run.arms) or list(spec.arms) or ["control"]
    if not wanted:
        raise InputError("no arms to run; name at least one")
    if not spec.arms and set(wanted) == {"control"}:
        return ["control"]
    known = with_together(spec, wanted).arms
    found: list[str] = []
    waiting = list(dict.fromkeys(wanted))
    while waiting:
        name = waiting.pop(0)
        if name not in known:
            near = difflib.get_close_matches(name, list(known), 3) or sorted(known)[:8] or ["control"]
            raise InputError(f"no arm named {name!r} in model {model.name}; did you mean {', '.join(near)}?")
        found.append(name)
        along = [a for a in (known[name].against, *parts_of(name)) if a is not None]
        waiting += [a for a in along if a not in found and a not in waiting]
    return found


def _call_of(path: Path, model: Model) -> tuple[Path, dict[str, Any]]:
    """Store and arguments of a run that was started before."""
    from vesiflux.store.keys import digest
    from vesiflux.store.tissue.run import TissueRun

    known = TissueRun.open(path)
    if known.model_name != model.name or known.record["model"]["hash"] != digest(model.to_dict(whole=True)):
        raise InputError(
            f"{path}: was started with another model ({known.model_name}, or an earlier text of it); run the "
            "model without resume"
        )
    return known.path.parent.parent, dict(known.record["call"])


def execute_tissue(
    plans: Mapping[str, TissuePlan],
    call: Mapping[str, Any],
    *,
    model: Model | None = None,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    progress: Progress | None = None,
    engine: Make | None = None,
    expected: str | None = None,
) -> TissueRun:
    """`run_tissue` for arms that are lowered already.

    ``call``: arms, seed and set; ``expected``: name of the folder that must come out, when going on.
    """
    from vesiflux.store.files import replace_json, told
    from vesiflux.store.keys import digest
    from vesiflux.store.layout import Store
    from vesiflux.store.run import RECORD, load_record
    from vesiflux.store.tissue.keys import arm_key
    from vesiflux.store.tissue.layout import ArmFolder
    from vesiflux.store.tissue.run import TissueRun
    from vesiflux.study.tissue_arm import run_arm
    from vesiflux.study.tissue_record import finished_record, first_record

    if threads is not None and threads < 1:
        raise InputError(f"threads must be at least 1, not {threads}")
    seed = int(call["seed"])
    if not 0 <= seed < 2**64:
        raise InputError(f"seed must be 0 or more and below 2^64, not {seed}")
    keys = {name: arm_key(plan, seed) for name, plan in plans.items()}
    first = next(iter(plans.values()))
    name = f"{first.name}-{digest(sorted(keys.items()))[:12]}"
    if expected is not None and expected != name:
        raise InputError(
            f"{expected}: was started with another version of the engine, whose numbers may differ; run the "
            "model without resume"
        )
    place = Store.open(store)
    folder = place.run(name)
    cores = threads or _cores()
    make = engine or _simulation
    tell = progress or _silent
    with _claimed(place, name):
        before = load_record(folder) if (folder / RECORD).exists() else None
        if before is not None and before["status"] == "complete":
            return TissueRun(folder, before)
        record = before or first_record(plans, keys, model, call, provenance(cores))
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            replace_json(folder / RECORD, record)
        if engine is None:
            _compile(first, tell)
        for arm, plan in plans.items():
            where = ArmFolder(folder, arm)
            if where.result.exists():
                where.checkpoint.unlink(missing_ok=True)  # killed between the two
                continue
            run_arm(
                plan,
                lambda plan=plan: make(plan, seed, cores),  # type: ignore[misc]
                where,
                keys[arm],
                lambda done, total, arm=arm: tell(f"running {arm}", done, total),  # type: ignore[misc]
            )
        finished_record(record, folder)
        with told(folder):
            replace_json(folder / RECORD, record)
    return TissueRun(folder, record)


@contextmanager
def _claimed(store: Store, name: str) -> Iterator[None]:
    """Hold the run's claim; `RunError` when a living process has it."""
    lock = store.claim(name)
    if lock is None:
        raise RunError(f"{store.run(name)}: another process is at this run; wait for it, or end it")
    try:
        yield
    finally:
        lock.release(remove=True)


def _simulation(plan: TissuePlan, seed: int, threads: int) -> Engine:
    from vesiflux.engines.tissue.simulation import Simulation

    return Simulation(plan, seed=seed, threads=threads)


def _compile(plan: TissuePlan, tell: Progress) -> None:
    """Compile what a run needs; loading it from the cache is quick and not worth a line."""
    from vesiflux.engines.tissue.warm import is_warm, warm_up

    if not is_warm(plan):
        warm_up(plan, lambda what, share: tell(f"compiling kernels, once: {what}", round(share * 100), 100))


def _silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
