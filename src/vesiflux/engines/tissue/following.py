"""All vesicles that are followed one by one, between cells and the fields that stand for them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.books import Books
from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.exchange import scatter
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.followed import Followed
from vesiflux.engines.tissue.mean_cells import MeanCells
from vesiflux.ir.tissue import CargoDraw, Dose, TissuePlan

__all__ = ["Following"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Following:
    """``groups``: number of a group -> its vesicles."""

    def __init__(
        self,
        plan: TissuePlan,
        groups: dict[int, Followed],
        cells: Cells,
        mean_cells: MeanCells,
        fields: Fields,
        books: Books,
    ) -> None:
        self._plan, self.groups = plan, groups
        self._cells, self._mean_cells, self._fields, self._books = cells, mean_cells, fields, books

    def set_free(self, k: int, f: int, rows: Rows, states: Floats, when: int) -> None:
        """Those newly made set out, those given back end. ``when``: number of the half step."""
        kind, slot = self._plan.cells[k], self._plan.fields[f]
        at, new = kind.outbox[f], np.zeros(len(states))
        if f in kind.released:
            new = states[:, kind.released[f]].copy()
            states[:, kind.released[f]] = 0.0
        if slot.quantity == "vesicles" and slot.sender == kind.name:
            self.groups[slot.group].emit(self._cells, rows, kind, new, when)
        self._books.ledger["dead"][f] += float((states[:, at] - new).sum())
        states[:, at] = 0.0

    def advance(self, dt: float, step: int, outputs: list[Floats], rows: list[Rows]) -> None:
        """They go on by ``dt`` among the living cells; what was taken joins these."""
        cells, books = self._cells, self._books
        living = np.flatnonzero(cells.living)
        for g, followed in self.groups.items():
            clearance = np.zeros(cells.n)
            for k, kind in enumerate(self._plan.cells):
                if g in kind.clearance:
                    clearance[rows[k]] = outputs[k][:, kind.clearance[g]]
            for caught in followed.advance(cells, living, clearance[living], dt, step):
                f = caught.field
                amounts = np.zeros(cells.n)
                scatter(amounts, caught.rows, caught.amounts)
                for k, kind in enumerate(self._plan.cells):
                    if f not in kind.bound:
                        continue
                    share = amounts[rows[k]]
                    cells.programs[k][:, kind.bound[f]] += share
                    self._mean_cells.take(k, kind.bound[f], share)
                    books.received[k, f] += float(share.sum())
            followed.told("taken", books.ledger["taken"])
        self.show()

    def show(self) -> None:
        """Write them into the fields that stand for them."""
        for followed in self.groups.values():
            followed.write(self._fields.values, self._fields.grid)
            followed.told("emitted", self._books.ledger["secreted"])
        if self.groups:
            self._books.look()

    def dose(self, dose: Dose, when: int) -> None:
        """A dose of them; its cargo stands in the doses of the same time. ``when``: number of the dose."""
        plan = self._plan
        slot = plan.fields[dose.field]
        if slot.quantity != "vesicles" or dose.amount <= 0.0:
            return
        draws = [
            CargoDraw(other.molecule, False, d.amount / dose.amount)
            for d in plan.doses
            if d.time == dose.time
            and (other := plan.fields[d.field]).quantity == "cargo"
            and (other.group, other.sender) == (slot.group, slot.sender)
        ]
        self.groups[slot.group].dose(slot.sender, round(dose.amount), draws, when)
        self.show()
