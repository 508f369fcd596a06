"""`run`: compute what a study needs and is not stored yet, and hand back the `Run`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError, RunError
from vesiflux.study.plan import Plan, fixed_values, make_plan, split_settings
from vesiflux.study.provenance import provenance
from vesiflux.study.settings import check_kinds, settled

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model
    from vesiflux.store.blocks import GroupIndex
    from vesiflux.store.layout import Store
    from vesiflux.store.run import Run
    from vesiflux.store.tissue.run import TissueRun
    from vesiflux.study.work import Outcome, Task

__all__ = ["execute", "run", "run_dish"]

#: ``(stage, done, total)``: told whenever draws are finished.
Progress = Callable[[str, int, int], None]
#: Draws of one arm and structure that are computed and stored together.
BLOCK = 256
#: Share of an arm's draws that may fail before the run counts as failed.
MOST_FAILED = 0.5


def run(
    model: Model | str | Path,
    arms: Sequence[str] | None = None,
    draws: int | None = None,
    replicates: int = 1,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    resume: str | Path | None = None,
    structures: str = "default",
    block: int = BLOCK,
    progress: Progress | None = None,
    single_cells: int | None = None,
    cell: str | None = None,
) -> Run | TissueRun:
    """Run a model: a dish's arms over draws of its uncertain parameters, a tissue's at typical values.

    Draws of a dish that the store holds already, from whatever run, are not computed again; a finished run
    of a tissue is opened, an unfinished one continued. What applies to a dish alone (``draws``,
    ``replicates``, ``structures``, ``single_cells``, ``cell``) is refused for a tissue.

    Parameters
    ----------
    model
        A `Model`, a model file, or a library model's name.
    arms
        Arms to run; default: the model's ``run.arms``, or all. Arms they are compared with come along.
    draws, replicates, seed
        Parameter sets drawn from the priors (default: the model's), repeats of each, seed of both.
    set
        Parameter -> value in all arms (a bare number takes the parameter's unit), choice -> option, or when
        and how often something is given (`language.timing`): ``dose.at``, ``dose.repeat``, ``dose.times``.
    threads
        Cores to use, by threads or worker processes; default: all of this machine. Changes no number.
    store
        Folder to keep results in; made where missing.
    resume
        Folder of an unfinished run: its own arms, draws, seed and settings are used, not those given here.
    structures
        "default", or "all": every arm under all competing structures that matter to it.
    block
        Draws stored together. Changes no number.
    progress
        Called with (stage, done, total).
    single_cells, cell
        Simulate so many single cells of each draw, of type ``cell`` where several could be meant: the
        replicates of the run are cells. Without ``draws``, all have the typical parameters.

    Raises
    ------
    InputError
        Unknown names, wrong units or numbers; a model that is not the one a run was started with.
    RunError
        A store that cannot be used, a full disk, or more than half of an arm's draws failed.
    """
    from vesiflux.language import load
    from vesiflux.language.timing import with_times

    check_kinds(arms, set, draws=draws, replicates=replicates, seed=seed, single_cells=single_cells)
    loaded, set = with_times(load(model) if isinstance(model, str | Path) else model, set or {})
    if loaded.spec.space.kind == "tissue":
        from vesiflux.study.tissue import refuse_of_dish, run_tissue

        refuse_of_dish(
            draws=draws is not None, replicates=replicates != 1, structures=structures != "default",
            single_cells=single_cells is not None, cell=cell is not None,
        )  # fmt: skip
        return run_tissue(loaded, arms, seed, set, threads, store, resume, progress)
    from vesiflux.study.single_cells import cell_call

    call: dict[str, Any] = {
        "arms": None if arms is None else list(arms),
        "draws": draws,
        "replicates": replicates,
        "seed": seed,
        "set": dict(set or {}),
        "structures": structures,
    }
    if single_cells is not None or cell is not None:
        call = cell_call(call, single_cells, cell)
    return run_dish(loaded, call, threads=threads, store=store, resume=resume, block=block, progress=progress)


def run_dish(
    model: Model,
    call: Mapping[str, Any],
    *,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    resume: str | Path | None = None,
    block: int = BLOCK,
    progress: Progress | None = None,
) -> Run:
    """`run` for a model of a dish or a body; ``call`` as `execute` takes it, or from `cell_call`."""
    from vesiflux.study.single_cells import SOLVER as CELL_SOLVER
    from vesiflux.study.single_cells import compile_model

    if resume is not None:
        store, call = _call_of(Path(resume), model)
    compiled = settled(model, call["set"], call["arms"], lambda picked: compile_model(model, picked, call))
    return execute(
        compiled, call, model=model.to_dict(whole=True), threads=threads, store=store, block=block,
        progress=progress, solver=CELL_SOLVER if "single_cells" in call else None,
    )  # fmt: skip


def _call_of(path: Path, model: Model) -> tuple[Path, dict[str, Any]]:
    """Store and arguments of a run that was started before."""
    from vesiflux.store.keys import digest
    from vesiflux.store.run import Run

    known = Run.open(path)
    if known.model_name != model.name or known.record["model"]["hash"] != digest(model.to_dict(whole=True)):
        raise InputError(
            f"{path}: was started with another model ({known.model_name}, or an earlier text of it); run the "
            "model without resume: draws that have not changed are found in the store"
        )
    return known.path.parent.parent, dict(known.record["call"])


def execute(
    compiled: CompiledModel,
    call: Mapping[str, Any],
    *,
    model: Mapping[str, Any] | None = None,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    block: int = BLOCK,
    progress: Progress | None = None,
    solver: str | None = None,
) -> Run:
    """`run` for a model that is lowered already.

    ``call``: arms, draws, replicates, seed, set and structures as `run` takes them; ``correlated``, where it
    is there, is a list of [parameter, parameter, correlation]; ``alone``: no arms but these. ``model``: its
    text as plain data, kept with the run. ``solver``: ``module:function`` with the engine's signature.
    """
    from vesiflux.store.layout import Store
    from vesiflux.study.correlations import read_correlations
    from vesiflux.study.work import SOLVER

    if block < 1:
        raise InputError(f"block must be at least 1, not {block}")
    if threads is not None and threads < 1:
        raise InputError(f"threads must be at least 1, not {threads}")
    _, parameters = split_settings(compiled.choices, call["set"])
    plan = make_plan(
        compiled,
        arms=call["arms"],
        draws=compiled.draws if call["draws"] is None else call["draws"],
        replicates=call["replicates"],
        seed=call["seed"],
        fixed=fixed_values(compiled, parameters),
        structures=call["structures"],
        correlations=read_correlations(
            {(a, b): r for a, b, r in call.get("correlated", ())},
            lambda name: compiled.parameters[compiled.parameter(name)].name,
        ),
        alone=bool(call.get("alone", False)),
    )
    study = _Study(plan, Store.open(store), model, dict(call), block)
    return study.complete(threads or _cores(), progress or _silent, solver or SOLVER)


def _silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Keys:
    """Keys of one slot's lanes, and those lanes it is first to ask for."""

    keys: list[str]
    own: list[int]


class _Study:
    """One run on its way from plan to record."""

    def __init__(
        self, plan: Plan, store: Store, model: Mapping[str, Any] | None, call: dict[str, Any], block: int
    ) -> None:
        self.plan = plan
        self.store = store
        self.model = model
        self.call = call
        self.block = block
        self.slots = list(self._all_keys())
        self._indices: dict[str, GroupIndex] = {}

    def _all_keys(self) -> Iterator[_Keys]:
        """Keys of every slot; a key that two lanes share is computed for the first of them only."""
        from vesiflux.store.keys import lane_keys

        plan = self.plan
        known: dict[str, set[str]] = {}
        for slot in plan.slots:
            seen = known.setdefault(slot.group, set())
            keys: list[str] = []
            for start in range(0, plan.draws, BLOCK):
                stop = min(start + BLOCK, plan.draws)
                keys += lane_keys(slot.group, plan.values(slot, start, stop))
            own = []
            for lane, key in enumerate(keys):
                if key not in seen:
                    seen.add(key)
                    own.append(lane)
            yield _Keys(keys, own)

    def name(self) -> str:
        """Name of the run's folder: the model's name and what it asks for."""
        from vesiflux.store.keys import digest

        content = [
            [slot.arm, slot.structure, slot.reference, digest(keys.keys)]
            for slot, keys in zip(self.plan.slots, self.slots, strict=True)
        ]
        return f"{self.plan.compiled.name}-{digest([content, self.plan.replicates])[:12]}"

    def index(self, group: str) -> GroupIndex:
        from vesiflux.store.blocks import GroupIndex

        if group not in self._indices:
            self._indices[group] = GroupIndex(self.store, group)
        return self._indices[group]

    def tasks(self) -> list[Task]:
        """Blocks with anything missing, on a fixed grid of draws, so that two processes claim the same."""
        from vesiflux.study.work import Task

        found = []
        width = self.block * self.plan.replicates
        for number, (slot, keys) in enumerate(zip(self.plan.slots, self.slots, strict=True)):
            where = self.index(slot.group).refresh().where
            grid: dict[int, list[int]] = {}
            for lane in keys.own:
                if keys.keys[lane] not in where:
                    grid.setdefault(lane // width, []).append(lane)
            for cell, lanes in grid.items():
                start = cell * self.block
                found.append(Task(number, start, min(start + self.block, self.plan.draws), tuple(lanes)))
        return found

    def complete(self, threads: int, progress: Progress, solver: str) -> Run:
        """Compute what is missing, write the record, open the run."""
        from vesiflux.store.files import replace_json, told
        from vesiflux.store.run import RECORD, Run, load_record
        from vesiflux.study.pool import work_through
        from vesiflux.study.record import finished_record, first_record

        clock = time.perf_counter()
        folder = self.store.run(self.name())
        path = folder / RECORD
        tasks = self.tasks()
        before = load_record(folder) if path.exists() else None
        record = first_record(self.plan, self.model, self.call, {**provenance(threads), "block": self.block})
        if before is not None and before["status"] != "running" and not tasks:
            record["provenance"], record["seconds"] = before["provenance"], before["seconds"]
        elif before is None or tasks:
            with told(folder):
                folder.mkdir(exist_ok=True)
                replace_json(path, record)
        total = sum(len(t.lanes) for t in tasks)
        finished = 0

        def done(task: Task, outcome: Outcome) -> None:
            nonlocal finished
            finished += len(task.lanes)
            progress("running", finished, total)

        if tasks:
            progress("running", 0, total)
        make = {"plan": self.plan, "store": self.store.root, "solver": solver}
        work_through(tasks, make, threads, done)
        if record["seconds"] is None:
            record["seconds"] = time.perf_counter() - clock
        self._locate(record)
        finished_record(record, self.store)
        with told(folder):
            replace_json(path, record)
        _refuse_failed(record)
        return Run.open(folder)

    def _locate(self, record: dict[str, Any]) -> None:
        """Write down where each lane lies."""
        from vesiflux.store.rows import Rows

        for slot, keys in zip(self.plan.slots, self.slots, strict=True):
            where = self.index(slot.group).refresh().where
            entry = record["arms"][slot.arm]["structures"][slot.structure]
            try:
                places = [where[key] for key in keys.keys]
            except KeyError:
                raise RunError(
                    f"{self.store.root}: finished blocks were removed while the run went on; run it again"
                ) from None
            entry |= Rows.at(places).plain()


def _refuse_failed(record: Mapping[str, Any]) -> None:
    """Raise `RunError` when more than half of an arm's draws failed."""
    lanes = record["draws"] * record["replicates"]
    for arm, info in record["arms"].items():
        for structure, entry in info["structures"].items():
            if entry["failed"] > MOST_FAILED * lanes:
                where = f"arm {arm}" + (f" ({structure})" if structure else "")
                reason, count = next(iter(entry["reasons"].items()))
                raise RunError(
                    f"{where}: {entry['failed']} of {lanes} draws failed; {count} of them: {reason}"
                )
