"""The books of a tissue: what fields and cells held when last looked at, and what came and went since."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.fields.ledger import Ledger as Transported
from vesiflux.engines.tissue.followed import Followed
from vesiflux.engines.tissue.ledger import Ledger
from vesiflux.engines.tissue.outside import check_field
from vesiflux.engines.tissue.senses import Senses
from vesiflux.errors import InputError
from vesiflux.ir.tissue import TissuePlan

__all__ = ["Books"]

Floats = npt.NDArray[np.float64]


class Books:
    """Accounts by field.

    Attributes
    ----------
    ledger
        What came and went.
    pending
        Given by cells or set free by their end, not yet in the field: (fields, voxels).
    received
        Amount taken so far, (kinds, fields).
    known, holding
        Amounts in fields and in cells when last looked at, (fields,).
    free
        By group: voxels that are no wall.
    """

    def __init__(
        self, plan: TissuePlan, fields: Fields, cells: Cells, senses: Senses, followed: dict[int, Followed]
    ) -> None:
        self._plan, self._fields, self._cells = plan, fields, cells
        self._senses, self._followed = senses, followed
        n = len(plan.fields)
        self.ledger = Ledger(n)
        self.ledger["initial"][:] = fields.amounts()
        self.pending = np.zeros((n, fields.grid.n_voxels))
        self.received = np.zeros((len(plan.cells), n))
        self.known = fields.amounts()
        self.holding = self.held()
        walls = [transport.wall for transport in fields.transports]
        self.free = [np.ones(fields.grid.array_shape, dtype=np.bool_) if w is None else ~w for w in walls]

    def held(self) -> Floats:
        """What living cells hold of each field, or made of it."""
        held = np.zeros(len(self._plan.fields))
        for k, kind in enumerate(self._plan.cells):
            for f, where in kind.inside.items():
                held[f] += float(self._cells.programs[k][:, list(where.values())].sum())
        return held

    def look(self) -> None:
        """Take note of what fields hold now, as right."""
        self.known = self._fields.amounts()

    def look_at_cells(self) -> None:
        """Take note of what cells hold now, as right."""
        self.holding = self.held()

    def note_edits(self) -> None:
        """What somebody added to or took from fields since the last step; walls stay empty."""
        now = self._fields.amounts()
        for f in np.flatnonzero(now != self.known).tolist():
            slot, values = self._plan.fields[f], self._fields.values[f]
            if slot.group in self._followed:
                raise InputError(
                    f"field {slot.name} only shows vesicles that are followed one by one; "
                    "change simulation.followed, or run the class as a field"
                )
            values[~self.free[slot.group]] = 0.0
            check_field(slot.name, values)
            now[f] = self._fields.amount(f)
            if f in self._senses.before:
                self._senses.before[f][...] = values
        self.ledger["edited"][:] += now - self.known
        self.known = now

    def note_cells(self) -> None:
        """What somebody put into cells or took with them since they were last looked at."""
        now = self.held()
        self.ledger["carried"][:] += now - self.holding
        self.holding = now

    def pour(self, f: int, amount: float) -> None:
        """A dose into a field, evenly where there is no wall."""
        self.note_edits()
        free = self.free[self._plan.fields[f].group]
        more = amount / (free.sum() * self._fields.grid.voxel_volume)
        self._fields.values[f][free] += more
        if f in self._senses.before:  # a jump is no slope
            self._senses.before[f][free] += more
        self.ledger["dosed"][f] += amount
        self.look()

    def transported(self) -> Transported:
        """The fields' ledger, with what became of vesicles that are followed."""
        found = replace(
            self._fields.ledger,
            degraded=self._fields.ledger.degraded.copy(),
            left=self._fields.ledger.left.copy(),
            cleared=self._fields.ledger.cleared.copy(),
        )
        for followed in self._followed.values():
            for fate, account in (
                ("decayed", found.degraded),
                ("left", found.left),
                ("cleared", found.cleared),
            ):
                followed.told(fate, account)
        return found

    def balance(self) -> dict[str, float]:
        """Field -> relative imbalance of vesicles, copies or molecules since the start."""
        outside = self.ledger.outside(self.known, self.pending.sum(axis=1), self.transported())
        inside = self.ledger.inside(self.held())
        return {
            slot.name: float(outside[f] if slot.quantity == "factor" else max(outside[f], inside[f]))
            for f, slot in enumerate(self._plan.fields)
        }
