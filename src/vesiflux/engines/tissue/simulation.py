"""A tissue in time: cells with their programs, fields between them, and the order in which things happen.

One step of length ``plan.step``:

1. *sense*: concentrations (extrapolated to the middle of the step), contacts, pressure, gradients, switches.
2. *cells*: programs advance half a step; what they released enters the fields evenly over the step.
3. *fields*: transport, decay and uptake over the whole step; what was taken joins the cells at mid-step.
   Then programs advance the other half; what they released beyond the first half waits for the next step.
4. *events*: death, killing, phagocytosis, transition, transformation, division, recruitment.
5. *move*: volumes, motility, forces.

Steps 1 to 3 are second order in the step. Everything random is keyed by what it is for, so a simulation is
the same bits for any number of threads, and goes on from `state` as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue import checkpoint
from vesiflux.engines.tissue.books import Books
from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.cells.events import live
from vesiflux.engines.tissue.cells.growth import grow
from vesiflux.engines.tissue.cells.outcome import Callbacks, Outcome
from vesiflux.engines.tissue.cells.rates import rates_of
from vesiflux.engines.tissue.cells.start import settle
from vesiflux.engines.tissue.exchange import Feed, Spread, scatter, share_out
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.followed import followed_of
from vesiflux.engines.tissue.following import Following
from vesiflux.engines.tissue.frame import Frame
from vesiflux.engines.tissue.mean_cells import MeanCells
from vesiflux.engines.tissue.moment import field_named, frame_of, row_of
from vesiflux.engines.tissue.motion import Motion
from vesiflux.engines.tissue.outside import check_cells
from vesiflux.engines.tissue.programs import KindProgram
from vesiflux.engines.tissue.senses import Senses
from vesiflux.engines.tissue.surroundings import Surroundings
from vesiflux.engines.tissue.transform import Rebuilder
from vesiflux.errors import InputError
from vesiflux.ir.tissue import TissuePlan

__all__ = ["PHASES", "Simulation"]

Floats = npt.NDArray[np.float64]
Voxels = npt.NDArray[np.int64]
Hook = Callable[["Simulation"], None]

#: When hooks are called: after the named phase; "step" at the very end.
PHASES = ("sense", "cells", "fields", "events", "move", "step")


class Simulation:
    """A tissue at one moment, to be stepped.

    Parameters
    ----------
    plan
        What to simulate; see `ir.lowering.tissue`.
    seed
        Key of everything random.
    threads
        Threads; they change no number.

    Attributes
    ----------
    cells
        `Cells`: arrays by column, to be read and changed between steps.
    fields
        `Fields`: ``values`` (n_fields, nz, ny, nx), per mL, to be read and changed between steps.
    received
        Amount taken so far, (kinds, fields).
    events
        (time, what, id, other) of the last step.
    """

    def __init__(self, plan: TissuePlan, seed: int = 1, threads: int = 1) -> None:
        self.plan, self.seed, self.threads = plan, seed, threads
        self.grid = Grid(plan.space.shape, plan.space.voxel)
        self.fields = Fields(plan.space, plan.groups, plan.fields, plan.tolerance, threads)
        self.programs = [KindProgram(kind, plan.rtol, plan.atol, threads) for kind in plan.cells]
        self.periodic = plan.space.periodic
        self._at_start = [self._rest(k) for k in range(len(plan.cells))]
        self.cells: Cells = settle(
            plan.cells, plan.space, seed, lambda k, n: np.tile(self._at_start[k], (n, 1)), self.periodic
        )
        self.surroundings = Surroundings(plan, self.periodic, threads)
        self.motion = Motion(plan, self.periodic, seed, threads)
        self.rebuilder = Rebuilder(plan.cells, self._at_start)
        self.followed = followed_of(plan, seed, threads)
        self.senses = Senses(
            plan, self.programs, self.fields, self.surroundings, self.motion, self.followed.keys()
        )
        self.books = Books(plan, self.fields, self.cells, self.senses, self.followed)
        self.ledger, self.pending = self.books.ledger, self.books.pending
        self.received = self.books.received
        self.mean_cells = MeanCells(plan.cells, self.programs, self._at_start)
        self._following = Following(plan, self.followed, self.cells, self.mean_cells, self.fields, self.books)
        self.events: list[tuple[float, str, int, int]] = []
        self._hooks: dict[str, list[Hook]] = {phase: [] for phase in PHASES}
        self.steps_done = self.dosed = 0
        self.senses.switch(self.time)
        self._dose_now()

    # ------------------------------------------------------------ what it is

    @property
    def time(self) -> float:
        """Time since the start, h."""
        return self.steps_done * self.plan.step

    @property
    def secreted(self) -> Floats:
        """Amount newly made by cells so far, (fields,)."""
        return self.ledger["secreted"]

    @property
    def field_error(self) -> dict[str, float]:
        """Field -> relative error of its steps so far, as estimated."""
        return dict(self.fields.error_estimate)

    def field(self, name: str) -> Floats:
        """Concentration of a field per mL, (nz, ny, nx), writable; of a class: summed over senders, a copy.

        Raises `InputError` for an unknown name.
        """
        return field_named(self, name)

    def balance(self) -> dict[str, float]:
        """Field -> relative imbalance of vesicles, copies or molecules since the start.

        Factors at quasi-steady state are solved to a tolerance, all others balance to round-off.
        """
        return self.books.balance()

    @property
    def coupling_error(self) -> float:
        """Relative error of what is on cells' surfaces from exchanging it once a step, as estimated.

        (k dt)^2 / 24 for a pool that empties at rate k; what comes after it is nearer by far.
        """
        fastest = max((kind.fastest for kind in self.plan.cells), default=0.0)
        return (fastest * self.plan.step) ** 2 / 24.0

    def mean_cell_gap(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Type -> what its program shows -> (mean over cells, the same of one cell that senses the mean).

        Where cells answer in proportion the two are one; where they differ, a dish of mean cells errs.
        """
        self.surroundings.look(self.cells)
        voxels = self.grid.index(self.cells.x, self.cells.y, self.cells.z)
        rows = [self.cells.of_kind(k) for k in range(len(self.plan.cells))]
        inputs = [self.senses.of(k, self.cells, r, voxels[r], ahead=False) for k, r in enumerate(rows)]
        return self.mean_cells.gap([self.cells.programs[k] for k in range(len(rows))], inputs)

    def frame(self) -> Frame:
        """The present moment."""
        return frame_of(self)

    def series_row(self) -> dict[str, float]:
        """Numbers of now for a time course: cells by type and state, amounts by field."""
        return row_of(self)

    # ------------------------------------------------------------ going on

    def hook(self, phase: str, function: Hook) -> None:
        """Call ``function(simulation)`` after a phase of every step: one of `PHASES`."""
        if phase not in self._hooks:
            raise InputError(f"no phase is called {phase!r}; there are {', '.join(PHASES)}")
        self._hooks[phase].append(function)

    def step(self, n: int = 1) -> None:
        """Advance by ``n`` steps.

        Raises `InputError` for cells and fields that were changed into what cannot be.
        """
        check_cells(self.cells, self.plan)
        self.books.note_cells()
        for _ in range(n):
            self._step()
        self.books.look_at_cells()

    def run_until(self, time: float) -> None:
        """Advance to ``time`` h, to the nearest step."""
        self.step(max(round(time / self.plan.step) - self.steps_done, 0))

    def branch(self, seed: int | None = None) -> Self:
        """An independent simulation that goes on from here; with another seed, by other chances."""
        twin = type(self)(self.plan, self.seed, self.threads)
        state = self.state()
        if seed is not None:
            state["seed"] = np.array(seed)
        twin.restore(state)
        return twin

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The whole state, as plain arrays: what a checkpoint is."""
        return checkpoint.state_of(self)

    def restore(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Become what `state` saw; what plans may differ in is numbers of cells, rates and places.

        Raises `InputError` for a state of another tissue.
        """
        checkpoint.restore(self, state)

    # ------------------------------------------------------------ one step

    def _step(self) -> None:
        plan, dt = self.plan, self.plan.step
        self.books.note_edits()
        rows = [self.cells.of_kind(k) for k in range(len(plan.cells))]
        voxels = self.grid.index(self.cells.x, self.cells.y, self.cells.z)
        self.surroundings.look(self.cells)
        inputs = [self.senses.of(k, self.cells, r, voxels[r]) for k, r in enumerate(rows)]
        where, place = np.unique(voxels, return_inverse=True)  # sums are kept for voxels with cells alone
        places = [place[r] for r in rows]
        self._call("sense")
        outputs, released = self._advance_cells(inputs, rows, places, where, 0.5 * dt, 0)
        self.mean_cells.advance(inputs, 0.5 * dt)
        self._call("cells")
        self._advance_fields(dt, outputs, rows, places, where, released)
        self._call("fields")
        outputs, released = self._advance_cells(inputs, rows, places, where, 0.5 * dt, 1)
        self._following.show()  # and those that set out in the second half
        self.mean_cells.advance(inputs, 0.5 * dt)
        wishes = self.motion.wishes(self.cells, outputs, rows)
        self.steps_done += 1
        outcome = self._live(outputs, dt)
        # what they said no longer holds, and moving needs room
        del inputs, outputs, released, rows, places, place, where, voxels
        self._call("events")
        grow(self.cells, plan.cells, dt)
        self.motion.move(self.cells, self.fields, wishes.after(outcome.origin), dt, self.steps_done)
        self.senses.switch(self.time)
        self._dose_now()
        self._call("move")
        self._call("step")

    def _call(self, phase: str) -> None:
        if not self._hooks[phase]:
            return
        self.books.look_at_cells()
        cells = self.cells
        had = cells.next_id, cells.n, cells.row.tobytes()
        for function in self._hooks[phase]:
            function(self)
        if phase not in ("move", "step") and had != (cells.next_id, cells.n, cells.row.tobytes()):
            raise InputError(
                f"a hook of phase {phase} added, removed or transformed cells; "
                "that is done in phases move and step, or between steps"
            )
        check_cells(cells, self.plan)
        self.books.note_edits()
        self.books.note_cells()

    def _advance_cells(
        self,
        inputs: list[Floats],
        rows: list[Voxels],
        places: list[Voxels],
        where: Voxels,
        dt: float,
        half: int,
    ) -> tuple[list[Floats], Floats]:
        """Programs go on by ``dt``; their outputs by type, and what they gave by (field, voxel of ``where``).

        ``places``: of each cell in ``where``; ``half``: of the step, 0 or 1.
        """
        given = np.zeros((len(self.plan.fields), len(where)))
        outputs = []
        for k, program in enumerate(self.programs):
            states, kind = self.cells.programs[k], self.plan.cells[k]
            outputs.append(program.advance(states, inputs[k], dt))
            for f, at in kind.outbox.items():
                if self.plan.fields[f].group in self.followed:
                    self._following.set_free(k, f, rows[k], states, 2 * self.steps_done + half)
                    continue
                scatter(given[f], places[k], states[:, at])
                whole = float(states[:, at].sum())
                new = float(states[:, kind.released[f]].sum()) if f in kind.released else 0.0
                self.ledger["secreted"][f] += new
                self.ledger["recycled"][f] += whole - new
                states[:, at] = 0.0
                if f in kind.released:
                    states[:, kind.released[f]] = 0.0
        for waiting, come in zip(self.pending, given, strict=True):
            waiting[where] += come
        return outputs, given

    def _advance_fields(
        self,
        dt: float,
        outputs: list[Floats],
        rows: list[Voxels],
        places: list[Voxels],
        where: Voxels,
        released: Floats,
    ) -> None:
        """Fields go on by ``dt``, fed as the first half step promises; what is taken joins the cells."""
        clearance = np.zeros((len(self.plan.groups), len(where)))
        for k, kind in enumerate(self.plan.cells):
            for g, at in kind.clearance.items():
                scatter(clearance[g], places[k], outputs[k][:, at])
        self.senses.remember()
        feed = Feed(self.pending, where, released, dt)
        taken = self.fields.advance(dt, feed, Spread(where, clearance, self.grid.n_voxels))
        for f, waiting in enumerate(self.pending):
            waiting -= feed.amount(f)
        self._following.advance(dt, self.steps_done, outputs, rows)
        for f, slot in enumerate(self.plan.fields):
            if slot.group in self.followed or not taken[f].any():
                continue
            for k, kind in enumerate(self.plan.cells):
                if slot.group not in kind.clearance:
                    continue
                own = outputs[k][:, kind.clearance[slot.group]]
                share = share_out(taken[f][where], clearance[slot.group], places[k], own)
                if f in kind.bound:
                    self.cells.programs[k][:, kind.bound[f]] += share
                    self.mean_cells.take(k, kind.bound[f], share)
                total = float(share.sum())
                self.received[k, f] += total
                self.ledger["taken" if f in kind.bound else "consumed"][f] += total
        self.books.look()

    def _live(self, outputs: list[Floats], dt: float) -> Outcome:
        """Events of the step, and what cells that ended held."""
        plan = self.plan
        rates = rates_of(self.cells, plan.cells, dict(enumerate(outputs)))
        pairs = self.surroundings.pairs() if rates.killing or rates.phagocytosis else None
        outcome = live(
            self.cells,
            plan.cells,
            rates,
            pairs,
            dt,
            self.steps_done,
            self.time,
            self.seed,
            Callbacks(self.rebuilder, lambda k, _: self._at_start[k]),
            plan.space,
            self.periodic,
        )
        for gone in outcome.gone:
            for f, where in plan.cells[gone.kind].inside.items():
                self.ledger["dead"][f] += float(gone.programs[:, list(where.values())].sum())
        self.ledger["dead"][:] += self.rebuilder.dropped(len(plan.fields))
        for place, f, amount in outcome.lysis:
            self.pending[f, self.grid.index(*place)] += amount
            self.ledger["lysed"][f] += amount
        self.mean_cells.divide(self.cells, outcome.daughters)
        self.events = outcome.log
        return outcome

    def _dose_now(self) -> None:
        """Doses that are due."""
        due = sorted(self.plan.doses, key=lambda d: d.time)
        while self.dosed < len(due) and due[self.dosed].time <= self.time + 1e-9:
            dose = due[self.dosed]
            self.dosed += 1
            if self.plan.fields[dose.field].group in self.followed:
                self._following.dose(dose, self.dosed)
            else:
                self.books.pour(dose.field, dose.amount)

    def _rest(self, k: int) -> Floats:
        """States of a cell of type ``k`` at the start."""
        kind, program = self.plan.cells[k], self.programs[k]
        inputs = program.inputs.copy()
        for f, at in kind.local.items():
            inputs[at] = self.plan.fields[f].initial
        for at, value in kind.before.items():
            inputs[at] = value
        return program.at_rest(inputs, self.plan.equilibrate)
