"""One arm of a tissue run, from its start or its checkpoint to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from vesiflux.store.tissue.schedule import Schedule
from vesiflux.store.tissue.writer import ArmWriter, Collected

if TYPE_CHECKING:
    from vesiflux.ir.tissue import TissuePlan
    from vesiflux.store.tissue.layout import ArmFolder

__all__ = ["CHECKPOINT_S", "Engine", "Snapshot", "array_shape", "field_facts", "run_arm"]

#: A checkpoint is written at every frame, and when the last one is older than this, in s ...
CHECKPOINT_S = 30.0
#: ... and than this many times what it took to write: a twentieth of the time at most.
CHECKPOINT_SHARE = 20.0

Floats = npt.NDArray[np.float64]


class Snapshot(Protocol):
    """A moment of the tissue, see `engines.tissue.frame.Frame`."""

    @property
    def fields(self) -> Mapping[str, Floats]:
        """Field -> (nz, ny, nx) per mL."""

    @property
    def cells(self) -> Mapping[str, npt.NDArray[Any]]:
        """Column -> one value per cell."""

    @property
    def vesicles(self) -> Mapping[str, npt.NDArray[Any]] | None:
        """Column -> one value per single vesicle."""


class Engine(Protocol):
    """What is asked of `engines.tissue.simulation.Simulation`."""

    @property
    def steps_done(self) -> int:
        """Steps since the start."""

    @property
    def received(self) -> Floats:
        """Amounts by recipient and field, shape (n_kinds, n_fields)."""

    @property
    def secreted(self) -> Floats:
        """Amounts by field, shape (n_fields,)."""

    @property
    def field_error(self) -> Mapping[str, float]:
        """Field -> estimated relative error."""

    @property
    def coupling_error(self) -> float:
        """Estimated relative error of what is on cells' surfaces."""

    def mean_cell_gap(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """Type -> shown value -> (mean over cells, one cell that senses the mean)."""

    @property
    def events(self) -> Sequence[tuple[float, str, int, int]]:
        """What happened to cells in the last step: time (h), event, id, other."""

    def step(self, n: int = 1) -> None:
        """Advance."""

    def frame(self) -> Snapshot:
        """The tissue now."""

    def series_row(self) -> dict[str, float]:
        """The numbers followed over time, now."""

    def balance(self) -> Mapping[str, float]:
        """Field -> relative error of the balance."""

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The whole state."""

    def restore(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Take up a state."""


def run_arm(
    plan: TissuePlan,
    engine: Callable[[], Engine],
    folder: ArmFolder,
    key: str,
    told: Callable[[int, int], None],
) -> None:
    """Run an arm to its end and write its result. ``told``: called with steps done and steps in all."""
    schedule = Schedule.of(plan)
    writer = ArmWriter(folder, key)
    point = writer.begin(schedule, field_facts(plan), array_shape(plan))
    told(0 if point is None else point.step, schedule.steps)
    clock = time.perf_counter()
    simulation = engine()
    collected, before = Collected(), 0.0
    if point is not None:
        simulation.restore(dict(point.state))
        collected, before = Collected.of(point.kept), point.seconds
    frames = {step: number for number, step in enumerate(schedule.frames)}
    records = frozenset(schedule.records)
    saved_at, saved_step, patience = time.perf_counter(), -1 if point is None else point.step, CHECKPOINT_S
    while True:
        step = simulation.steps_done
        if step > saved_step:  # a checkpoint holds what was recorded at its own step
            if step in records:
                collected.rows.append({"time": schedule.time(step)} | _row(simulation))
            if step in frames:
                _write_frame(writer, frames[step], simulation, collected)
                writer.received(_received(plan, simulation))
            if step in frames or time.perf_counter() - saved_at > patience:
                began = time.perf_counter()
                writer.checkpoint(step, simulation.state(), collected, before + began - clock)
                saved_at, saved_step = time.perf_counter(), step
                patience = max(CHECKPOINT_S, CHECKPOINT_SHARE * (saved_at - began))
        if step >= schedule.steps:
            break
        simulation.step(1)
        collected.events += [(float(t), str(k), int(i), int(o)) for t, k, i, o in simulation.events]
        told(simulation.steps_done, schedule.steps)
    seconds = before + time.perf_counter() - clock
    writer.finish(_result(plan, simulation) | {"seconds": seconds}, collected)


def array_shape(plan: TissuePlan) -> tuple[int, int, int]:
    """Shape of a field's array, (nz, ny, nx)."""
    nx, ny, nz = plan.space.shape
    return nz, ny, nx


def field_facts(plan: TissuePlan) -> list[dict[str, Any]]:
    """What readers must know of each field."""
    return [
        {
            "name": f.name,
            "title": f.title,
            "unit": f.unit,
            "quantity": f.quantity,
            "group": plan.groups[f.group].name,
            "treatment": plan.groups[f.group].treatment,
            "sender": f.sender,
            "vesicle": f.vesicle,
            "molecule": f.molecule,
        }
        for f in plan.fields
    ]


def _row(simulation: Engine) -> dict[str, float]:
    return {n: float(v) for n, v in simulation.series_row().items() if n != "time"}


def _write_frame(writer: ArmWriter, number: int, simulation: Engine, collected: Collected) -> None:
    shot = simulation.frame()
    writer.frame(number, shot.fields, shot.cells, shot.vesicles, collected)


def _received(plan: TissuePlan, simulation: Engine) -> dict[str, list[Any]]:
    """One row per recipient and field."""
    columns: dict[str, list[Any]] = {
        n: [] for n in ("recipient", "sender", "class", "quantity", "molecule", "field", "unit", "amount")
    }
    for kind, row in zip(plan.cells, simulation.received, strict=True):
        for f, amount in zip(plan.fields, row, strict=True):
            told = (kind.name, f.sender, f.vesicle, f.quantity, f.molecule, f.name, f.unit, float(amount))
            for column, value in zip(columns.values(), told, strict=True):
                column.append(value)
    return columns


def _result(plan: TissuePlan, simulation: Engine) -> dict[str, Any]:
    """How an arm ended, as `TissueRun.summary` tells it."""
    cells = simulation.frame().cells
    kinds = {}
    for number, kind in enumerate(plan.cells):
        mine = cells["kind"] == number
        alive = mine & ~cells["dead"].astype(bool)
        kinds[kind.name] = {
            "cells": int(alive.sum()),
            "dead": int((mine & ~alive).sum()),
            "states": {s: int((alive & (cells["state"] == i)).sum()) for i, s in enumerate(kind.states)},
        }
    secreted: dict[str, float] = {}
    for f, amount in zip(plan.fields, simulation.secreted, strict=True):
        if f.quantity == "vesicles":
            secreted[f.vesicle] = secreted.get(f.vesicle, 0.0) + float(amount)
    received: dict[str, dict[str, float]] = {}
    for kind, row in zip(plan.cells, simulation.received, strict=True):
        into = received.setdefault(kind.name, {})
        for f, amount in zip(plan.fields, row, strict=True):
            if f.quantity != "cargo":
                name = f.vesicle if f.quantity == "vesicles" else f.name
                into[name] = into.get(name, 0.0) + float(amount)
    balance = {n: _finite(v) for n, v in simulation.balance().items()}
    error = {n: _finite(v) for n, v in simulation.field_error.items()}
    nx, ny, nz = plan.space.shape
    return {
        "hours": Schedule.of(plan).frame_times[-1],
        "cells": sum(k["cells"] for k in kinds.values()),
        "dead": sum(k["dead"] for k in kinds.values()),
        "voxels": nx * ny * nz,
        "kinds": kinds,
        "vesicles_secreted": sum(secreted.values()),
        "secreted": secreted,
        "received": received,
        "balance_error": max((v for v in balance.values() if v is not None), default=None),
        "balance": balance,
        "field_error_estimate": max((v for v in error.values() if v is not None), default=None),
        "field_error": error,
        "coupling_error_estimate": _finite(simulation.coupling_error),
        "mean_cell_gap": {
            kind: {n: [_finite(v) for v in pair] for n, pair in shown.items()}
            for kind, shown in simulation.mean_cell_gap().items()
        },
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
