"""Vesicle classes that are followed one by one: what cells set free and take of them, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.individuals import Individuals
from vesiflux.ir.tissue import CargoDraw, CellKind, TissuePlan

__all__ = ["Caught", "Followed", "followed_of"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

drawing: Any = random  # numba knows their types


@dataclass(frozen=True)
class Caught:
    """What cells took in a step: ``rows`` of the cells given, the ``field``, and the amount of each."""

    field: int
    rows: Rows
    amounts: Floats


class Followed:
    """The vesicles of one group, of all senders, and the fields that stand for them and their cargo."""

    def __init__(self, plan: TissuePlan, group: int, seed: int, threads: int) -> None:
        self.group = group
        mine = [(f, s) for f, s in enumerate(plan.fields) if s.group == group]
        self.senders = [s.sender for _, s in mine if s.quantity == "vesicles"]
        self.molecules = sorted({s.molecule for _, s in mine if s.quantity == "cargo"})
        self.vesicles = {self.senders.index(s.sender): f for f, s in mine if s.quantity == "vesicles"}
        self.copies = {
            (self.senders.index(s.sender), self.molecules.index(s.molecule)): f
            for f, s in mine
            if s.quantity == "cargo"
        }
        self.free = Individuals(plan.space, plan.groups[group], self.molecules, seed, threads)
        self._volume = float(np.prod(plan.space.size))
        self._size = np.array(plan.space.size)
        self._seed = seed

    def emit(self, cells: Cells, rows: Rows, kind: CellKind, means: Floats, when: int) -> None:
        """Set free a Poisson number of vesicles of each cell. ``when``: number of the half step."""
        name = self.free.group.name
        at = np.column_stack([cells.x[rows], cells.y[rows], cells.z[rows]])
        sender = self.senders.index(kind.name)
        draws = kind.draws.get(name, ())
        self.free.emit(cells.id[rows], at, cells.radius[rows], means, draws, sender, when)

    def dose(self, sender: str, number: int, draws: Sequence[CargoDraw], when: int) -> None:
        """``number`` vesicles of a preparation, evenly over the box."""
        u = np.array(
            [
                drawing.uniforms4(self._seed, int(random.Purpose.EMISSION), i, when, 1 << 20)[:3]
                for i in range(number)
            ]
        )
        self.free.place(u.reshape(-1, 3) * self._size, draws, self.senders.index(sender), when)

    def advance(self, cells: Cells, living: Rows, clearance: Floats, dt: float, step: int) -> list[Caught]:
        """Move them among the living cells, ``living`` rows with ``clearance`` mL/h each; what these took."""
        at = np.column_stack([cells.x[living], cells.y[living], cells.z[living]])
        taken = self.free.advance(dt, step, at, cells.radius[living], cells.id[living], clearance)
        found = []
        for sender, f in self.vesicles.items():
            some = taken.sender == sender
            rows = living[taken.cell_row[some]]
            found.append(Caught(f, rows, np.ones(len(rows))))
            for m in range(len(self.molecules)):
                if (sender, m) in self.copies:
                    copies = taken.copies[some, m].astype(np.float64)
                    found.append(Caught(self.copies[sender, m], rows, copies))
        return found

    def write(self, values: Floats, grid: Grid) -> None:
        """Concentrations of now into the fields, (n_fields, nz, ny, nx)."""
        density = self.free.density(grid)
        for sender, f in self.vesicles.items():
            values[f] = density[sender] if sender < len(density) else 0.0
        for m, molecule in enumerate(self.molecules):
            density = self.free.density(grid, molecule)
            for sender in range(len(self.senders)):
                if (sender, m) in self.copies:
                    values[self.copies[sender, m]] = density[sender] if sender < len(density) else 0.0

    def told(self, fate: str, total: Floats) -> None:
        """Write what had this fate so far into ``total``, by field."""
        ledger = self.free.ledger
        for sender, f in self.vesicles.items():
            if sender < ledger.senders:
                total[f] = ledger.vesicles[fate][sender]
        for (sender, m), f in self.copies.items():
            if sender < ledger.senders:
                total[f] = ledger.copies[fate][sender, m]

    def table(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Columns for frames, the group's name among them."""
        found = dict(self.free.table())
        found["class"] = np.full(self.free.count, self.free.group.name)
        return found


def followed_of(plan: TissuePlan, seed: int, threads: int) -> dict[int, Followed]:
    """By group, of those that run as individuals."""
    return {
        g: Followed(plan, g, seed, threads)
        for g, group in enumerate(plan.groups)
        if group.treatment == "individuals"
    }
