"""A small tissue plan, and a simulation of it for many runs: cells that wander, divide and die."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesiflux.ir.program import Output, Program, Tape
from vesiflux.ir.tissue import (
    Border,
    CellKind,
    FieldSlot,
    Group,
    Layout,
    Mechanics,
    Motility,
    TissuePlan,
    TissueSpace,
)


def tape() -> Tape:
    return Tape(np.zeros((0, 6), dtype=np.int32), np.zeros(0, dtype=np.int32))


def program(name: str, shown: tuple[str, ...]) -> Program:
    none = np.zeros(0, dtype=np.int32)
    return Program(
        name=name, constants=np.zeros(0), parameters=(), inputs=(), states=(),
        outputs=tuple(Output(n, "1") for n in shown), n_hoisted=0, n_registers=0, prologue=tape(),
        rhs=tape(), jacobian=tape(), jac_rows=none, jac_cols=none, outputs_tape=tape(), initial=tape(),
    )  # fmt: skip


def kind(name: str, count: int, states: tuple[str, ...], shown: tuple[str, ...]) -> CellKind:
    return CellKind(
        name=name, title=name.title(), program=program(name, shown), count=count, radius=8.0,
        layout=Layout("random"), mechanics=Mechanics(600.0, 24.0), motility=Motility(), states=states,
        shown={n: i for i, n in enumerate(shown)},
    )  # fmt: skip


def plan(arm: str = "control", hours: float = 4.0, name: str = "small", **changes) -> TissuePlan:
    closed = (Border(),) * 6
    made = TissuePlan(
        name=name, title="Small", arm=arm,
        space=TissueSpace((6, 5, 1), (20.0, 20.0, 20.0)),
        groups=(Group("exosome", 1e4, 0.1, closed), Group("oxygen", 1e6, 0.0, closed)),
        fields=(
            FieldSlot("exosome.tumour", "Exosomes", "vesicle", "vesicles", 0, "tumour", "exosome"),
            FieldSlot("exosome.tumour.a/b", "a/b", "copy", "cargo", 0, "tumour", "exosome", "a/b"),
            FieldSlot("oxygen", "Oxygen", "molecule", "factor", 1),
        ),
        cells=(kind("tumour", 6, (), ("node.KRAS",)), kind("macrophage", 4, ("m0", "m2"), ("node.NOS2",))),
        duration=hours, record=0.5, frames=1.0, step=0.1, mechanics_step=0.1, tolerance=1e-3,
    )  # fmt: skip
    return made if not changes else made.__class__(**{**made.__dict__, **changes})


@dataclass
class Shot:
    time: float
    fields: dict[str, np.ndarray]
    cells: dict[str, np.ndarray]
    vesicles: dict[str, np.ndarray] | None


class Fake:
    """Random numbers are a function of seed and step, so that a restored state goes on as it would have."""

    def __init__(self, plan: TissuePlan, seed: int = 1, threads: int = 1) -> None:
        self.plan, self.seed, self.threads = plan, seed, threads
        self.steps_done = 0
        draw = np.random.default_rng([seed, 999])
        counts = [k.count for k in plan.cells]
        n = sum(counts)
        self.cells = {
            "id": np.arange(n), "parent": np.full(n, -1), "kind": np.repeat(np.arange(len(counts)), counts),
            "state": np.zeros(n, dtype=np.int64), "dead": np.zeros(n, dtype=bool),
            "x": draw.uniform(0, plan.space.size[0], n), "y": draw.uniform(0, plan.space.size[1], n),
            "z": np.full(n, 10.0), "radius": np.full(n, 8.0), "node.KRAS": draw.random(n),
        }  # fmt: skip
        nx, ny, nz = plan.space.shape
        self.fields = np.zeros((len(plan.fields), nz, ny, nx))
        self.received = np.zeros((len(plan.cells), len(plan.fields)))
        self.secreted = np.zeros(len(plan.fields))
        self.field_error = {f.name: 1e-4 for f in plan.fields}
        self.events: list[tuple[float, str, int, int]] = []

    @property
    def time(self) -> float:
        return self.steps_done * self.plan.step

    def step(self, n: int = 1) -> None:
        for _ in range(n):
            self._once()

    def _once(self) -> None:
        self.events = []
        draw = np.random.default_rng([self.seed, self.steps_done])
        cells, n = self.cells, len(self.cells["id"])
        for axis, most in zip("xy", self.plan.space.size, strict=False):
            cells[axis] = np.clip(cells[axis] + draw.normal(0, 2, n), 0, most)
        cells["node.KRAS"] = 0.9 * cells["node.KRAS"] + 0.1 * draw.random(n)
        self.fields += draw.random(self.fields.shape) * 1e9
        self.secreted += draw.random(len(self.secreted)) * 1e5
        self.received += draw.random(self.received.shape) * 1e3
        self.steps_done += 1
        if draw.random() < 0.4:  # a division
            row = int(draw.integers(n))
            new = int(cells["id"].max()) + 1
            self.events.append((self.time, "division", int(cells["id"][row]), new))
            for name in cells:
                cells[name] = np.append(cells[name], cells[name][row])
            cells["id"][-1], cells["parent"][-1] = new, cells["id"][row]
        if draw.random() < 0.2:
            row = int(draw.integers(n))
            cells["dead"][row] = True
            self.events.append((self.time, "apoptosis", int(cells["id"][row]), -1))

    def frame(self) -> Shot:
        fields = {f.name: v.copy() for f, v in zip(self.plan.fields, self.fields, strict=True)}
        return Shot(self.time, fields, {n: v.copy() for n, v in self.cells.items()}, None)

    def series_row(self) -> dict[str, float]:
        return {"cells": float((~self.cells["dead"]).sum()), "secreted": float(self.secreted[0])}

    coupling_error = 0.0

    def mean_cell_gap(self) -> dict[str, dict[str, tuple[float, float]]]:
        return {}

    def balance(self) -> dict[str, float]:
        return {f.name: 1e-15 for f in self.plan.fields}

    def state(self) -> dict[str, np.ndarray]:
        return {
            "steps": np.array(self.steps_done), "fields": self.fields.copy(),
            "received": self.received.copy(), "secreted": self.secreted.copy(),
            **{f"cells/{n}": v.copy() for n, v in self.cells.items()},
        }  # fmt: skip

    def restore(self, state: dict[str, np.ndarray]) -> None:
        self.steps_done = int(state["steps"])
        self.fields, self.received = state["fields"].copy(), state["received"].copy()
        self.secreted = state["secreted"].copy()
        self.cells = {n.removeprefix("cells/"): v.copy() for n, v in state.items() if n.startswith("cells/")}
