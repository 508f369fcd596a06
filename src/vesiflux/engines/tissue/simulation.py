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
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.cells.events import live
from vesiflux.engines.tissue.cells.growth import grow
from vesiflux.engines.tissue.cells.outcome import Callbacks, Outcome
from vesiflux.engines.tissue.cells.rates import rates_of
from vesiflux.engines.tissue.cells.start import settle
from vesiflux.engines.tissue.exchange import Feed, Spread, gather, scatter, share_out
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.fields.ledger import Ledger as Transported
from vesiflux.engines.tissue.followed import followed_of
from vesiflux.engines.tissue.frame import Frame
from vesiflux.engines.tissue.ledger import ACCOUNTS, Ledger
from vesiflux.engines.tissue.mean_cells import MeanCells
from vesiflux.engines.tissue.motion import Motion
from vesiflux.engines.tissue.outside import check_cells, check_field, fingerprint, on_over
from vesiflux.engines.tissue.programs import KindProgram
from vesiflux.engines.tissue.surroundings import Surroundings
from vesiflux.engines.tissue.transform import Rebuilder
from vesiflux.engines.tissue.wishes import fields_of
from vesiflux.errors import InputError
from vesiflux.ir.tissue import CargoDraw, Dose, TissuePlan

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
        walls = [transport.wall for transport in self.fields.transports]
        self._free = [np.ones(self.grid.array_shape, dtype=np.bool_) if w is None else ~w for w in walls]
        self.periodic = plan.space.periodic
        self._switched = {name: 0.0 for kind in plan.cells for name in kind.switches}
        self._at_start = [self._rest(k) for k in range(len(plan.cells))]
        self.cells: Cells = settle(
            plan.cells, plan.space, seed, lambda k, n: np.tile(self._at_start[k], (n, 1)), self.periodic
        )
        self.surroundings = Surroundings(plan, self.periodic, threads)
        self.motion = Motion(plan, self.periodic, seed, threads)
        self.rebuilder = Rebuilder(plan.cells, self._at_start)
        self.followed = followed_of(plan, seed, threads)
        self.steps_done = 0
        n = len(plan.fields)
        self.ledger = Ledger(n)
        self.ledger["initial"][:] = self._amounts()
        self.pending = np.zeros((n, self.grid.n_voxels))
        self.received = np.zeros((len(plan.cells), n))
        self.events: list[tuple[float, str, int, int]] = []
        self._sensed = sorted({f for kind in plan.cells for f in kind.local})
        self._before = {f: self.fields.values[f].copy() for f in self._sensed}
        self.mean_cells = MeanCells(plan.cells, self.programs, self._at_start)
        self._known = self._amounts()
        self._hooks: dict[str, list[Hook]] = {phase: [] for phase in PHASES}
        self._dosed = 0
        self._holding = self._held()
        self._switch_now()
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
        return _field(self, name)

    def balance(self) -> dict[str, float]:
        """Field -> relative imbalance of vesicles, copies or molecules since the start.

        Factors at quasi-steady state are solved to a tolerance, all others balance to round-off.
        """
        outside = self.ledger.outside(self._known, self.pending.sum(axis=1), self._transported())
        inside = self.ledger.inside(self._held())
        return {
            slot.name: float(outside[f] if slot.quantity == "factor" else max(outside[f], inside[f]))
            for f, slot in enumerate(self.plan.fields)
        }

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
        inputs = [self._sense(k, r, voxels[r], ahead=False) for k, r in enumerate(rows)]
        return self.mean_cells.gap([self.cells.programs[k] for k in range(len(rows))], inputs)

    def frame(self) -> Frame:
        """The present moment."""
        fields = {slot.name: self.fields.values[f].copy() for f, slot in enumerate(self.plan.fields)}
        tables = [followed.table() for followed in self.followed.values()]
        shared = [n for n in tables[0] if all(n in t for t in tables)] if tables else []
        vesicles = {n: np.concatenate([t[n] for t in tables]) for n in shared}
        return Frame(self.time, fields, self._columns(), vesicles or None)

    def series_row(self) -> dict[str, float]:
        """Numbers of now for a time course: cells by type and state, amounts by field."""
        cells, row = self.cells, {}
        living = cells.living
        for k, kind in enumerate(self.plan.cells):
            mine = (cells.kind == k) & living
            row[f"{kind.name}.count"] = float(mine.sum())
            for s, state in enumerate(kind.states):
                row[f"{kind.name}.{state}.count"] = float((mine & (cells.state == s)).sum())
        row["dead"] = float((~living).sum())
        volume = self.grid.voxel_volume * self.grid.n_voxels
        for f, slot in enumerate(self.plan.fields):
            row[f"field.{slot.name}"] = float(self._known[f]) / volume
            row[f"secreted.{slot.name}"] = float(self.secreted[f])
            row[f"received.{slot.name}"] = float(self.received[:, f].sum())
        return row

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
        self._note_cells()
        for _ in range(n):
            self._step()
        self._holding = self._held()

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
        found: dict[str, npt.NDArray[Any]] = {
            "fits": np.array(fingerprint(self.plan)),
            "seed": np.array(self.seed),
            "steps_done": np.array(self.steps_done),
            "dosed": np.array(self._dosed),
            "pending": self.pending.copy(),
            "received": self.received.copy(),
            "known": self._known.copy(),
            "holding": self._holding.copy(),
        }
        found |= {f"cells.{n}": a for n, a in self.cells.snapshot().items()}
        found |= {f"fields.{n}": np.asarray(a).copy() for n, a in self.fields.state().items()}
        found |= {f"ledger.{n}": self.ledger[n].copy() for n in ACCOUNTS}
        found |= {f"before.{f}": a.copy() for f, a in self._before.items()}
        found |= {f"mean.{k}": a.copy() for k, a in enumerate(self.mean_cells.states)}
        for g, followed in self.followed.items():
            found |= {f"followed.{g}.{n}": a for n, a in followed.free.state().items()}
        found |= {f"switch.{n}": np.array(v) for n, v in self._switched.items()}
        return found

    def restore(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Become what `state` saw; what plans may differ in is numbers of cells, rates and places.

        Raises `InputError` for a state of another tissue.
        """
        if "fits" not in state or str(state["fits"]) != fingerprint(self.plan):
            raise InputError(
                f"the state is not one of {self.plan.name}: grid, step, fields or types of cells differ"
            )
        seed = int(state["seed"])
        if seed != self.seed:
            self.followed = followed_of(self.plan, seed, self.threads)
        self.seed = self.motion.seed = seed
        self.steps_done, self._dosed = int(state["steps_done"]), int(state["dosed"])
        self.pending[:], self.received[:] = state["pending"], state["received"]
        self._known, self._holding = state["known"].copy(), state["holding"].copy()

        def part(prefix: str) -> dict[str, npt.NDArray[Any]]:
            return {n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)}

        self.cells.restore(part("cells."))
        self.fields.restore(part("fields."))
        for g, followed in self.followed.items():
            followed.free.restore(part(f"followed.{g}."))
        for name in ACCOUNTS:
            self.ledger[name][:] = state[f"ledger.{name}"]
        self._before = {f: state[f"before.{f}"].copy() for f in self._sensed}
        self.mean_cells.states = [state[f"mean.{k}"].copy() for k in range(len(self.plan.cells))]
        self._switched = {n: float(state[f"switch.{n}"]) for n in self._switched}
        self.events = []

    # ------------------------------------------------------------ one step

    def _step(self) -> None:
        plan, dt = self.plan, self.plan.step
        self._note_edits()
        rows = [self.cells.of_kind(k) for k in range(len(plan.cells))]
        voxels = self.grid.index(self.cells.x, self.cells.y, self.cells.z)
        self.surroundings.look(self.cells)
        inputs = [self._sense(k, r, voxels[r]) for k, r in enumerate(rows)]
        where, place = np.unique(voxels, return_inverse=True)  # sums are kept for voxels with cells alone
        places = [place[r] for r in rows]
        self._call("sense")
        outputs, released = self._advance_cells(inputs, rows, places, where, 0.5 * dt, 0)
        self.mean_cells.advance(inputs, 0.5 * dt)
        self._call("cells")
        self._advance_fields(dt, outputs, rows, places, where, released)
        self._call("fields")
        outputs, released = self._advance_cells(inputs, rows, places, where, 0.5 * dt, 1)
        self._show_followed()  # and those that set out in the second half
        self.mean_cells.advance(inputs, 0.5 * dt)
        wishes = self.motion.wishes(self.cells, outputs, rows)
        self.steps_done += 1
        outcome = self._live(outputs, dt)
        # what they said no longer holds, and moving needs room
        del inputs, outputs, released, rows, places, place, where, voxels
        self._call("events")
        grow(self.cells, plan.cells, dt)
        self.motion.move(self.cells, self.fields, wishes.after(outcome.origin), dt, self.steps_done)
        self._switch_now()
        self._dose_now()
        self._call("move")
        self._call("step")

    def _call(self, phase: str) -> None:
        if not self._hooks[phase]:
            return
        self._holding = self._held()
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
        self._note_edits()
        self._note_cells()

    def _sense(self, k: int, rows: Voxels, voxels: Voxels, ahead: bool = True) -> Floats:
        """Inputs of the programs of one type, (cells, n_inputs). ``ahead``: as in the middle of the step."""
        kind = self.plan.cells[k]
        inputs = np.tile(self.programs[k].inputs, (len(rows), 1))
        for f, at in kind.local.items():
            now = gather(self.fields.values[f], voxels)
            # of single vesicles the number in a voxel jumps; to extrapolate it, above 0, would raise its mean
            if ahead and self.plan.fields[f].group not in self.followed:
                before = gather(self._before[f], voxels)
                now = np.maximum(1.5 * now - 0.5 * before, 0.0)
            inputs[:, at] = now
        for name, at in kind.switches.items():
            inputs[:, at] = self._switched[name]
        for s, state in enumerate(kind.states):
            if state in kind.state_inputs:
                inputs[:, kind.state_inputs[state]] = self.cells.state[rows] == s
        self.surroundings.tell(kind, rows, inputs)
        for name, at in kind.gradient.items():
            inputs[:, at] = np.linalg.norm(self.motion.gradient(self.fields, name, voxels), axis=1)
        return inputs

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
                    self._set_free(k, f, rows[k], states, 2 * self.steps_done + half)
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

    def _set_free(self, k: int, f: int, rows: Voxels, states: Floats, when: int) -> None:
        """Vesicles that are followed: those newly made set out, those given back are followed no more."""
        kind, slot = self.plan.cells[k], self.plan.fields[f]
        at, new = kind.outbox[f], np.zeros(len(states))
        if f in kind.released:
            new = states[:, kind.released[f]].copy()
            states[:, kind.released[f]] = 0.0
        if slot.quantity == "vesicles" and slot.sender == kind.name:
            self.followed[slot.group].emit(self.cells, rows, kind, new, when)
        self.ledger["dead"][f] += float((states[:, at] - new).sum())
        states[:, at] = 0.0

    def _follow(self, dt: float, outputs: list[Floats], rows: list[Voxels]) -> None:
        """Vesicles that are followed go on by ``dt`` among the living cells; what was taken joins these."""
        living = np.flatnonzero(self.cells.living)
        for g, followed in self.followed.items():
            clearance = np.zeros(self.cells.n)
            for k, kind in enumerate(self.plan.cells):
                if g in kind.clearance:
                    clearance[rows[k]] = outputs[k][:, kind.clearance[g]]
            for caught in followed.advance(self.cells, living, clearance[living], dt, self.steps_done):
                f = caught.field
                amounts = np.zeros(self.cells.n)
                scatter(amounts, caught.rows, caught.amounts)
                for k, kind in enumerate(self.plan.cells):
                    if f not in kind.bound:
                        continue
                    share = amounts[rows[k]]
                    self.cells.programs[k][:, kind.bound[f]] += share
                    self.mean_cells.take(k, kind.bound[f], share)
                    self.received[k, f] += float(share.sum())
            followed.told("taken", self.ledger["taken"])
        self._show_followed()

    def _show_followed(self) -> None:
        """Write vesicles that are followed into the fields that stand for them."""
        for followed in self.followed.values():
            followed.write(self.fields.values, self.grid)
            followed.told("emitted", self.ledger["secreted"])
        if self.followed:
            self._known = self._amounts()

    def _transported(self) -> Transported:
        """The fields' ledger, with what became of vesicles that are followed."""
        found = replace(
            self.fields.ledger,
            degraded=self.fields.ledger.degraded.copy(),
            left=self.fields.ledger.left.copy(),
            cleared=self.fields.ledger.cleared.copy(),
        )
        for followed in self.followed.values():
            for fate, account in (
                ("decayed", found.degraded),
                ("left", found.left),
                ("cleared", found.cleared),
            ):
                followed.told(fate, account)
        return found

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
        for f in self._sensed:
            self._before[f][...] = self.fields.values[f]
        feed = Feed(self.pending, where, released, dt)
        taken = self.fields.advance(dt, feed, Spread(where, clearance, self.grid.n_voxels))
        for f, waiting in enumerate(self.pending):
            waiting -= feed.amount(f)
        self._follow(dt, outputs, rows)
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
        self._known = self._amounts()

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

    # ------------------------------------------------------------ from outside

    def _switch_now(self) -> None:
        """Interventions as they are over the coming step."""
        for name in self._switched:
            self._switched[name] = on_over(self.plan.switches, name, self.time, self.plan.step)

    def _dose_now(self) -> None:
        """Doses that are due."""
        due = sorted(self.plan.doses, key=lambda d: d.time)
        while self._dosed < len(due) and due[self._dosed].time <= self.time + 1e-9:
            dose = due[self._dosed]
            self._dosed += 1
            if self.plan.fields[dose.field].group in self.followed:
                self._dose_followed(dose)
                continue
            self._note_edits()
            free = self._free[self.plan.fields[dose.field].group]
            more = dose.amount / (free.sum() * self.grid.voxel_volume)
            self.fields.values[dose.field][free] += more
            if dose.field in self._before:  # a jump is no slope
                self._before[dose.field][free] += more
            self.ledger["dosed"][dose.field] += dose.amount
            self._known = self._amounts()

    def _dose_followed(self, dose: Dose) -> None:
        """A dose of vesicles that are followed; its cargo stands in the doses of the same time."""
        slot = self.plan.fields[dose.field]
        if slot.quantity != "vesicles" or dose.amount <= 0.0:
            return
        draws = [
            CargoDraw(other.molecule, False, d.amount / dose.amount)
            for d in self.plan.doses
            if d.time == dose.time
            and (other := self.plan.fields[d.field]).quantity == "cargo"
            and (other.group, other.sender) == (slot.group, slot.sender)
        ]
        followed = self.followed[slot.group]
        followed.dose(slot.sender, round(dose.amount), draws, self._dosed)
        self._show_followed()

    def _note_edits(self) -> None:
        """What somebody added to or took from fields since the last step; walls stay empty."""
        now = self._amounts()
        for f in np.flatnonzero(now != self._known).tolist():
            slot, values = self.plan.fields[f], self.fields.values[f]
            if slot.group in self.followed:
                raise InputError(
                    f"field {slot.name} only shows vesicles that are followed one by one; "
                    "change simulation.followed, or run the class as a field"
                )
            values[~self._free[slot.group]] = 0.0
            check_field(slot.name, values)
            now[f] = self.fields.amount(f)
            if f in self._before:
                self._before[f][...] = values
        self.ledger["edited"][:] += now - self._known
        self._known = now

    def _note_cells(self) -> None:
        """What somebody put into cells or took with them since they were last looked at."""
        now = self._held()
        self.ledger["carried"][:] += now - self._holding
        self._holding = now

    # ------------------------------------------------------------ sums

    def _amounts(self) -> Floats:
        return self.fields.amounts()

    def _held(self) -> Floats:
        """What living cells hold of each field, or made of it."""
        held = np.zeros(len(self.plan.fields))
        for k, kind in enumerate(self.plan.cells):
            for f, where in kind.inside.items():
                held[f] += float(self.cells.programs[k][:, list(where.values())].sum())
        return held

    def _rest(self, k: int) -> Floats:
        """States of a cell of type ``k`` at the start."""
        kind, program = self.plan.cells[k], self.programs[k]
        inputs = program.inputs.copy()
        for f, at in kind.local.items():
            inputs[at] = self.plan.fields[f].initial
        for at, value in kind.before.items():
            inputs[at] = value
        return program.at_rest(inputs, self.plan.equilibrate)

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        """The cells as columns, with what their programs show."""
        cells = self.cells
        found: dict[str, npt.NDArray[Any]] = {
            name: getattr(cells, name).copy() for name in ("id", "parent", "kind", "state", "x", "y", "z")
        }
        found["dead"] = ~cells.living
        found["radius"] = cells.radius
        self.surroundings.look(cells)
        voxels = self.grid.index(cells.x, cells.y, cells.z)
        for k, program in enumerate(self.programs):
            rows = cells.of_kind(k)
            shown = program.view(cells.programs[k], self._sense(k, rows, voxels[rows], ahead=False))
            for name, at in self.plan.cells[k].shown.items():
                column = found.setdefault(name, np.full(cells.n, np.nan))
                column[rows] = shown[:, at]
        return found


def _field(simulation: Simulation, name: str) -> Floats:
    names = [slot.name for slot in simulation.plan.fields]
    if name in names:
        own: Floats = simulation.fields.values[names.index(name)]
        return own
    chosen = fields_of(name, simulation.plan.fields)
    if not chosen:
        raise InputError(f"no field is called {name!r}; there are {', '.join(names)}")
    total: Floats = simulation.fields.values[chosen].sum(axis=0)
    return total
