"""All concentration fields of a tissue: advance, account, gradients, the whole state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.control import Control
from vesiflux.engines.tissue.fields.douglas import Passed, Stepper
from vesiflux.engines.tissue.fields.gradients import gradient_at
from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.fields.ledger import Ledger
from vesiflux.engines.tissue.fields.repair import positive
from vesiflux.engines.tissue.fields.solver import norm
from vesiflux.engines.tissue.fields.transport import Transport, inflow, outflow, transport
from vesiflux.engines.tissue.fields.unsplit import Unsplit
from vesiflux.ir.tissue import FieldSlot, Group, TissueSpace

__all__ = ["Fields", "Rows"]

Floats = npt.NDArray[np.float64]
_NONE = np.zeros(0)


class Rows(Protocol):
    """Rows of numbers, an array or made when they are asked for."""

    def __getitem__(self, row: int, /) -> Any:
        """One row, (n_voxels,)."""


class Fields:
    """Every field of a tissue on one grid.

    Parameters
    ----------
    space, groups, fields
        From a `TissuePlan`. Fields of groups that run as individuals stay as they are.
    tolerance
        Relative error (L2) of a field per call of `advance` that substeps are chosen for.
    threads
        Of the kernels; results are the same bits for any number.

    Attributes
    ----------
    values
        (n_fields, nz, ny, nx), per mL; may be written to between steps.
    depot
        As ``values``: what is bound to the matrix, per mL of tissue.
    ledger
        `Ledger`: where the amounts went.
    """

    def __init__(
        self,
        space: TissueSpace,
        groups: Sequence[Group],
        fields: Sequence[FieldSlot],
        tolerance: float = 1e-3,
        threads: int = 1,
    ):
        self.space = space
        self.grid = Grid(space.shape, space.voxel)
        self.groups = tuple(groups)
        self.fields = tuple(fields)
        self.transports: tuple[Transport, ...] = tuple(transport(space, group) for group in self.groups)
        shape = (len(self.fields), *self.grid.array_shape)
        self.values: Floats = np.zeros(shape)
        for index, slot in enumerate(self.fields):
            self.values[index] = slot.initial
            wall = self.transports[slot.group].wall
            if wall is not None:
                self.values[index][wall] = 0.0
        bound = any(any(group.binding) for group in self.groups)
        self.depot: Floats = np.zeros(shape if bound else (len(self.fields), 0, 0, 0))
        self.ledger = Ledger.zero(len(self.fields))
        work = Stepper.work(self.transports[0]) if self.transports else _NONE
        self._steppers = [
            Stepper(t, group.binding, work, threads)
            for t, group in zip(self.transports, self.groups, strict=True)
        ]
        self._unsplit = [
            Unsplit(t, group.binding, tolerance, threads)
            for t, group in zip(self.transports, self.groups, strict=True)
        ]
        self._members = [
            [f for f, slot in enumerate(self.fields) if slot.group == g] for g in range(len(self.groups))
        ]
        self._control = [Control(tolerance) for _ in self.groups]
        self._error = np.zeros(len(self.fields))  # L2 of the estimated error, per mL
        self._taken: Floats = np.zeros((len(self.fields), self.grid.n_voxels))
        self._before = self.amounts()

    # -- advancing ---------------------------------------------------------------------------------

    def advance(
        self,
        dt: float,
        source: Rows | None,
        clearance: Rows | None,
        saturation: Mapping[int, float] | None = None,
    ) -> Floats:
        """Advance all fields by ``dt`` h; return what cells took.

        Parameters
        ----------
        source
            (n_fields, n_voxels), amount/h, constant over the step; None: nothing. An array, or anything that
            gives its rows, as often as it is asked.
        clearance
            (n_groups, n_voxels), mL/h by all cells of a voxel; None: nothing. As ``source``.
        saturation
            Field -> concentration (per mL) at which its clearance has fallen to one half:
            clearance / (1 + u / K), u at the middle of each substep. Fields left out do not saturate.

        Returns
        -------
        (n_fields, n_voxels), the amount taken: the time integral of clearance x concentration. The array is
        written anew by the next call.
        """
        taken = self._taken
        for g, group in enumerate(self.groups):
            members = self._members[g]
            if not members or group.treatment == "individuals":
                continue
            cells = np.zeros(self.grid.n_voxels) if clearance is None else _row(clearance, g)
            if group.treatment == "steady":
                for f in members:
                    self._settle(g, f, dt, None if source is None else _row(source, f), cells, taken[f])
            else:
                self._march(g, dt, source, cells, saturation or {}, taken)
        return taken

    def _march(
        self,
        g: int,
        dt: float,
        source: Rows | None,
        cells: Floats,
        saturation: Mapping[int, float],
        taken: Floats,
    ) -> None:
        """A group over one step; on occasion twice, with twice the substeps, to see the error."""
        parts = {f: _NONE if source is None else _row(source, f) for f in self._members[g]}
        members = [f for f in self._members[g] if not self._empty(g, f, parts[f])]
        for f in self._members[g]:
            if f not in members:
                taken[f] = 0.0
        if not members:
            return
        control = self._control[g]
        control.begin(self.transports[g], dt)
        for f in members:
            self._given(g, f, dt, parts[f])
        if not control.due:
            for f in members:
                ledger = self._substeps(g, f, dt, control.count, parts[f], cells, saturation.get(f), taken[f])
                self._book(f, ledger)
                self._err(g, f, ledger, control.expected())
            control.passed()
            return
        looks: dict[int, tuple[int, float]] = {}
        for f in members:
            start, bound = self.values[f].copy(), self.depot[f].copy()
            count, coarse, error = control.count, None, math.inf
            while math.isinf(error) or not control.enough(count, error):
                count = count if coarse is None else 2 * count
                if coarse is not None:
                    self.values[f], self.depot[f] = start, bound
                book = self._substeps(g, f, dt, count, parts[f], cells, saturation.get(f), taken[f])
                if coarse is not None:
                    size = norm(self.values[f])
                    gap = norm(self.values[f] - coarse) / 3.0
                    error = gap / size if size > 0.0 else 0.0
                coarse = self.values[f].copy()
            self._book(f, book)
            self._err(g, f, book, error)
            looks[f] = count, error
        control.looked(looks)

    def _empty(self, g: int, f: int, source: Floats) -> bool:
        """Whether field ``f`` is nothing and stays so: vesicles that another arm is given, for one."""
        return (
            not self.values[f].any()
            and not self.depot[f].any()
            and not source.any()
            and not any(self._inflow(g))
        )

    def _substeps(
        self,
        g: int,
        f: int,
        dt: float,
        count: int,
        source: Floats,
        cells: Floats,
        half: float | None,
        taken: Floats,
    ) -> Floats:
        """``count`` substeps of field ``f``; its ledger: mean x time x volume, left, cleared."""
        operator, stepper = self.transports[g], self._steppers[g]
        unsplit = self._unsplit[g] if self._control[g].unsplit else None
        u, depot = self.values[f].reshape(-1), self.depot[f].reshape(-1)
        if not any(self.groups[g].binding):
            depot = _NONE
        span = dt / count
        exchange = None if operator.exchange is None else operator.exchange.reshape(-1)
        if operator.supply is not None:
            source = operator.supply.reshape(-1) + (source if source.size else 0.0)
        loss = cells if exchange is None else cells + exchange
        mean = left = 0.0
        cleared = 0.0
        for part in range(count):
            if half is not None or exchange is not None:
                gone = np.empty_like(u)
                add = False
            else:
                gone, add = taken, part > 0
            if half is not None:
                before, bound = u.copy(), depot.copy()
                for middle in (before, None):
                    at = 0.5 * (before + u) if middle is None else middle
                    loss = cells / (1.0 + np.maximum(at, 0.0) / half)
                    if exchange is not None:
                        loss = loss + exchange
                    u[:], depot[:] = before, bound
                    found = self._one(g, f, unsplit, stepper, u, depot, source, loss, gone, span, add)
            else:
                found = self._one(g, f, unsplit, stepper, u, depot, source, loss, gone, span, add)
            mean += found.mean
            left += found.left
            if gone is not taken:
                if exchange is not None:
                    where = np.flatnonzero(exchange)
                    share = gone[where] * (exchange[where] / loss[where])
                    gone[where] -= share
                    cleared += float(share.sum())
                taken[:] = gone if part == 0 else taken + gone
        return np.array([mean * span * self.grid.voxel_volume, left, cleared, float(taken.sum())])

    def _one(
        self,
        g: int,
        f: int,
        unsplit: Unsplit | None,
        stepper: Stepper,
        u: Floats,
        depot: Floats,
        source: Floats,
        loss: Floats,
        taken: Floats,
        span: float,
        add: bool,
    ) -> Passed:
        """One substep that leaves nothing negative."""
        bound = depot.copy()
        if unsplit is not None:
            before = u.copy()
            found = unsplit.substep(u, depot, source, loss, taken, span, add=add)
        else:
            found = stepper.substep(u, depot, source, loss, taken, span, add=add)
        if found.least >= 0.0:
            return found
        if unsplit is None:
            before = stepper.before()
        found, moved = positive(stepper, before, bound, u, depot, source, loss, taken, span, found)
        self._control[g].repaired(moved)
        return found

    def _settle(self, g: int, f: int, dt: float, source: Floats | None, cells: Floats, taken: Floats) -> None:
        """Field ``f`` at its steady state for these sources and cells."""
        operator = self.transports[g]
        part = np.zeros(self.grid.n_voxels) if source is None else np.ascontiguousarray(source)
        before = self.amount(f)
        self._given(g, f, dt, part)
        u = self.values[f].reshape(-1)
        given = part if operator.supply is None else part + operator.supply.reshape(-1)
        residual = self._unsplit[g].steady(u, given, cells)
        taken[:] = cells * u * dt
        cleared = 0.0 if operator.exchange is None else float((operator.exchange.reshape(-1) * u).sum() * dt)
        left = outflow(operator, u) * dt
        mean = float(u.sum()) * dt * self.grid.voxel_volume
        on, off = self.groups[g].binding
        if on > 0.0:
            self.depot[f] = self.values[f] * (on / off) if off > 0.0 else self.depot[f]
        self._book(f, np.array([mean, left, cleared, float(taken.sum())]))
        gained = self.amount(f) - before
        decayed = mean * operator.decay
        entered, supplied = self._inflow(g)
        into = (float(part.sum()) + entered + supplied) * dt
        self.ledger.settled[f] += gained - (into - float(taken.sum()) - decayed - left - cleared)
        self._error[f] = residual * norm(u)

    # -- accounts ----------------------------------------------------------------------------------

    def _inflow(self, g: int) -> tuple[float, float]:
        """Amount/h that enters through held borders and vessels, whatever the field is."""
        operator = self.transports[g]
        supplied = 0.0 if operator.supply is None else float(operator.supply.sum())
        return inflow(operator), supplied

    def _given(self, g: int, f: int, dt: float, source: Floats) -> None:
        entered, supplied = self._inflow(g)
        self.ledger.source[f] += float(source.sum()) * dt
        self.ledger.entered[f] += entered * dt
        self.ledger.supplied[f] += supplied * dt

    def _book(self, f: int, found: Floats) -> None:
        mean, left, cleared, taken = found
        self.ledger.degraded[f] += mean * self.groups[self.fields[f].group].decay
        self.ledger.left[f] += left
        self.ledger.cleared[f] += cleared
        self.ledger.taken[f] += taken

    def _err(self, g: int, f: int, book: Floats, relative: float) -> None:
        """Errors made before go the way of the field: decay, cells, vessels and borders remove them."""
        mean, left, cleared, taken = book
        gone = mean * self.groups[g].decay + left + cleared + taken
        amount = self.amount(f)
        fade = amount / (amount + gone) if amount > 0.0 and gone > 0.0 else 1.0
        self._error[f] = self._error[f] * fade + relative * norm(self.values[f])

    @property
    def error_estimate(self) -> dict[str, float]:
        """Field -> estimated error (L2) of the run so far relative to the field: the sum over steps.

        Errors of time steps only (what the voxels leave unresolved is not in it). What was made earlier is
        taken to be removed at the rate at which the field is (decay, cells, vessels, borders).
        """
        found = {}
        for f, slot in enumerate(self.fields):
            size = norm(self.values[f])
            found[slot.name] = float(self._error[f]) / size if size > 0.0 else 0.0
        return found

    @property
    def substeps(self) -> dict[str, int]:
        """Group -> substeps it takes per step now."""
        return {group.name: c.count for group, c in zip(self.groups, self._control, strict=True)}

    def amount(self, f: int) -> float:
        """Amount of field ``f`` in the box, free and bound to the matrix."""
        bound = float(self.depot[f].sum()) if self.depot[f].size else 0.0
        return (float(self.values[f].sum()) + bound) * self.grid.voxel_volume

    def amounts(self) -> Floats:
        """`amount` of every field, (n_fields,)."""
        return np.array([self.amount(f) for f in range(len(self.fields))])

    def forget(self) -> None:
        """Take the fields as they are for the start of the account, after they were written to."""
        self._before = self.amounts()
        self.ledger = Ledger.zero(len(self.fields))

    def balance(self) -> dict[str, float]:
        """Field -> what the account lacks, relative to all that moved; a matter of rounding."""
        found = {}
        gap = self.amounts() - self._before - self.ledger.net()
        scale = self.ledger.turnover() + np.abs(self._before)
        for f, slot in enumerate(self.fields):
            found[slot.name] = float(abs(gap[f]) / scale[f]) if scale[f] > 0.0 else 0.0
        return found

    # -- looking -----------------------------------------------------------------------------------

    def gradient(self, f: int) -> Floats:
        """Gradient of field ``f``, (3, nz, ny, nx), per mL and um: x, y, z."""
        every = np.arange(self.grid.n_voxels)
        return self.gradient_at(f, every).reshape(3, *self.grid.array_shape)

    def gradient_at(self, f: int, voxels: npt.NDArray[np.int64]) -> Floats:
        """Gradient of field ``f`` in some voxels, (3, n), per mL and um."""
        return gradient_at(self.transports[self.fields[f].group], self.values[f], voxels)

    # -- the whole state -----------------------------------------------------------------------------

    def state(self) -> dict[str, npt.NDArray[np.float64]]:
        """Everything that decides what comes next, as arrays of floats."""
        return {
            "values": self.values.copy(),
            "depot": self.depot.copy(),
            "ledger": self.ledger.as_array(),
            "before": self._before.copy(),
            "error": self._error.copy(),
            "control": np.array([c.as_row() for c in self._control]).reshape(len(self._control), -1),
        }

    def restore(self, state: Mapping[str, npt.NDArray[np.float64]]) -> None:
        """Take back a `state` of the same space, groups and fields."""
        self.values[...] = state["values"]
        self.depot[...] = state["depot"]
        self.ledger.set(state["ledger"])
        self._before = np.array(state["before"])
        self._error = np.array(state["error"])
        for control, row in zip(self._control, state["control"], strict=True):
            control.set(row)


def _row(values: Rows, index: int) -> Floats:
    """One row as a contiguous array of float64."""
    return np.ascontiguousarray(values[index], dtype=np.float64).reshape(-1)
