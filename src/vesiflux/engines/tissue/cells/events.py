"""What may happen to a cell at the end of a step, in the order it is decided.

Removal of cells long dead, death, killing, phagocytosis, transition, transformation, division, recruitment.
Rates hold for the whole step, so that an event of rate r has the probability 1 - exp(-r dt); several that
exclude each other share the probability of their sum. Each decision has its own number, keyed by the cell's
id and the step, and cells are taken in the order of ids: nothing depends on threads or on storage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells import kernels
from vesiflux.engines.tissue.cells.arrivals import beside, doorsteps, start_states
from vesiflux.engines.tissue.cells.container import ALIVE, APOPTOTIC, NECROTIC, Cells, sphere_volume
from vesiflux.engines.tissue.cells.outcome import Callbacks, Gone, Outcome
from vesiflux.engines.tissue.cells.rates import Rates
from vesiflux.engines.tissue.random import Purpose
from vesiflux.ir.tissue import CellKind, TissueSpace

__all__ = ["live"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def live(
    cells: Cells,
    kinds: Sequence[CellKind],
    rates: Rates,
    pairs: npt.NDArray[np.integer] | None,
    dt: float,
    step: int,
    time: float,
    seed: int,
    callbacks: Callbacks,
    space: TissueSpace,
    periodic: tuple[bool, bool, bool] = (False, False, False),
    ripe: float = 0.0,
) -> Outcome:
    """Decide and carry out the events of one step.

    Parameters
    ----------
    cells
        Changed in place.
    rates
        For the rows as they are now.
    pairs
        Rows that touch, shape (m, 2), each pair once, in any order; needed for killing and phagocytosis.
    dt, step, time
        Length, h, and number of the step; the time the events are logged with.
    space, periodic
        Where daughters and newcomers may lie: in the box, out of walls; axes whose two sides are one.
    ripe
        Share of its full volume below which a cell does not divide. 0: cells divide as the rate says, as in
        a dish, whatever they have grown back.
    """
    return _Step(cells, kinds, dt, step, time, seed, callbacks, space, periodic).run(rates, pairs, ripe)


class _Step:
    """One step's events; methods in the order they are called."""

    def __init__(
        self,
        cells: Cells,
        kinds: Sequence[CellKind],
        dt: float,
        step: int,
        time: float,
        seed: int,
        callbacks: Callbacks,
        space: TissueSpace,
        periodic: tuple[bool, bool, bool],
    ) -> None:
        self.cells, self.kinds, self.space, self.periodic = cells, kinds, space, periodic
        self.dt, self.step, self.time, self.seed = dt, step, time, seed
        self.callbacks = callbacks
        self.outcome = Outcome()
        self.removed: Mask = np.zeros(cells.n, dtype=np.bool_)

    def run(self, rates: Rates, pairs: npt.NDArray[np.integer] | None, ripe: float) -> Outcome:
        """All of them."""
        before = self.cells.n
        self.clear()
        self.death(rates.apoptosis, rates.necrosis)
        if rates.killing or rates.phagocytosis:
            of = np.zeros((0, 2), dtype=np.int64) if pairs is None else np.asarray(pairs, dtype=np.int64)
            self.killing(rates.killing, of.reshape(-1, 2))
            self.phagocytosis(rates.phagocytosis, of.reshape(-1, 2))
        self.transition(rates.transition)
        self.transformation(rates.transformation)
        mothers = self.division(rates.proliferation, ripe)
        self.recruitment(rates.recruitment)
        newcomers = np.full(self.cells.n - before - len(mothers), -1)
        kept = np.flatnonzero(~self.removed)
        self.outcome.kept = len(kept)
        self.outcome.origin = np.concatenate([kept, mothers, newcomers])
        self.cells.remove(np.concatenate([self.removed, np.zeros(self.cells.n - before, dtype=np.bool_)]))
        return self.outcome

    def clear(self) -> None:
        """Cells that have been dead for their kind's time go."""
        dead = np.flatnonzero(self.cells.dead != ALIVE)
        if not len(dead):
            return
        time = np.array([kind.dying for kind in self.kinds])[self.cells.kind[dead]]
        rows = dead[self.cells.clock[dead] >= time - 1e-9]
        self.removed[rows] = True
        self.log("removal", rows, np.full(len(rows), -1))

    def death(self, apoptosis: Floats, necrosis: Floats) -> None:
        """Apoptosis and necrosis exclude each other; necrosis sets free what lyses."""
        rows, share = self.due([apoptosis, necrosis], Purpose.DEATH, Purpose.NECROSIS)
        for what, how, chosen in (("apoptosis", APOPTOTIC, 0), ("necrosis", NECROTIC, 1)):
            dying = rows[share == chosen]
            if not len(dying):
                continue
            self.end(what, dying, np.full(len(dying), -1))
            self.cells.kill(dying, how)
            if how == NECROTIC:
                self.lyse(dying)

    def lyse(self, rows: Ints) -> None:
        """What the kinds of these cells set free by necrosis."""
        cells = self.cells
        for i in rows:
            place = (float(cells.x[i]), float(cells.y[i]), float(cells.z[i]))
            for slot, amount in self.kinds[cells.kind[i]].lysis.items():
                self.outcome.lysis.append((place, slot, amount))

    def killing(self, rates: dict[int, Floats], pairs: Ints) -> None:
        """Killers in the order of the victims' kinds, then ids; who was killed earlier kills no more."""
        taken = self.removed.copy()
        rows, by = self.strikes(rates, Purpose.KILLING, pairs, taken, False)
        self.end("killing", rows, by)
        self.cells.kill(rows, APOPTOTIC)

    def phagocytosis(self, rates: dict[int, Floats], pairs: Ints) -> None:
        """Eaters take living and dead cells alike, those dead in this step included."""
        rows, by = self.strikes(rates, Purpose.PHAGOCYTOSIS, pairs, self.removed, True)
        alive = self.cells.dead[rows] == ALIVE
        self.end("phagocytosis", rows[alive], by[alive])
        self.log("phagocytosis", rows[~alive], by[~alive])

    def strikes(
        self,
        rates: dict[int, Floats],
        purpose: Purpose,
        pairs: Ints,
        taken: Mask,
        also_dead: bool,
    ) -> tuple[Ints, Ints]:
        """Rows taken, rising, and the ids of who took them; ``taken`` is updated."""
        cells = self.cells
        rows, by = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for target in sorted(rates):
            wanted = self.positive(rates[target])
            u = kernels.draws(self.seed, int(purpose), cells.id[wanted], self.step, 2 * target)
            actors = wanted[u < -np.expm1(-rates[target][wanted] * self.dt)]
            acting = np.zeros(cells.n, dtype=np.bool_)
            acting[actors] = True
            victims = np.empty(len(actors), dtype=np.int64)
            kernels.strike(
                actors, target, *kernels.touched(acting, pairs), cells.kind, cells.dead, taken, cells.id,
                also_dead, self.seed, int(purpose), self.step, victims,
            )  # fmt: skip
            rows.append(victims[victims >= 0])
            by.append(cells.id[actors[victims >= 0]])
        all_rows, all_by = np.concatenate(rows), np.concatenate(by)
        order = np.argsort(all_rows)
        return all_rows[order], all_by[order]

    def transition(self, rates: dict[tuple[int, int, int], Floats]) -> None:
        """Changes of state; those that leave the same state exclude each other."""
        cells = self.cells
        ways = sorted(rates)
        leaving = [np.where((cells.kind == k) & (cells.state == a), rates[k, a, b], 0.0) for k, a, b in ways]
        rows, way = self.due(leaving, Purpose.TRANSITION, Purpose.TRANSITION)
        if len(rows):
            cells.state[rows] = np.array([b for _, _, b in ways])[way]
            self.log("transition", rows, cells.state[rows])

    def transformation(self, rates: dict[int, Floats]) -> None:
        """Cells become cells of another kind, with the states its start gives and their volume of now."""
        cells, into = self.cells, sorted(rates)
        rows, way = self.due(
            [np.where(cells.kind == k, 0.0, rates[k]) for k in into],
            Purpose.TRANSFORMATION,
            Purpose.TRANSFORMATION,
        )
        if not len(rows):
            return
        new = np.array(into)[way]
        programs: dict[int, list[Floats]] = {k: [] for k in into}
        for i, k in zip(rows, new, strict=True):
            old = int(cells.kind[i])
            states = cells.programs[old][cells.row[i]].copy()
            programs[int(k)].append(self.callbacks.rebuild(old, int(k), int(cells.id[i]), states))
        cells.transform(rows, new, {k: np.array(states) for k, states in programs.items()})
        cells.state[rows] = start_states(self.kinds, new, cells.id[rows], self.seed, self.step)
        cells.full_volume[rows] = self.volumes(new)
        self.outcome.transformed = cells.id[rows].copy()
        self.log("transformation", rows, new)

    def division(self, rate: Floats, ripe: float) -> Ints:
        """Mothers keep their id; daughters get the next ones, in the order of their mothers. Rows of mothers.

        Both have half the volume and half of every amount, and the levels, state and direction of before.
        """
        cells = self.cells
        full = cells.volume >= ripe * cells.full_volume
        rows, _ = self.due([np.where(full, rate, 0.0)], Purpose.DIVISION, Purpose.DIVISION)
        if not len(rows):
            return rows
        cells.divisions[rows] += 1
        cells.volume[rows] *= 0.5
        cells.age[rows] = 0.0
        programs = {}
        for k in np.unique(cells.kind[rows]):
            at = cells.row[rows[cells.kind[rows] == k]]
            states = cells.programs[k][at]
            if self.kinds[k].halved.any():
                states[:, self.kinds[k].halved] *= 0.5
            cells.programs[k][at] = states
            programs[int(k)] = states
        mine, other = beside(cells, rows, self.space, self.periodic, self.seed)
        for axis, name in enumerate("xyz"):
            getattr(cells, name)[rows] = mine[:, axis]
        same = ("state", "volume", "full_volume", "divisions", "dx", "dy", "dz", "vx", "vy", "vz")
        inherited = {name: getattr(cells, name)[rows] for name in same}
        new = cells.add(cells.kind[rows], other, programs, parent=cells.id[rows], **inherited)
        self.outcome.mothers, self.outcome.daughters = cells.id[rows].copy(), cells.id[new].copy()
        self.log("division", rows, cells.id[new])
        return rows

    def recruitment(self, rates: dict[int, float]) -> None:
        """Cells that come from outside: a Poisson number of each kind, at vessels or the borders."""
        cells = self.cells
        came = []
        for k in sorted(rates):
            mean = rates[k] * self.dt
            if not mean > 0.0:
                continue
            count = kernels.poisson(mean, self.seed, int(Purpose.RECRUITMENT), k, self.step)
            if not count:
                continue
            ids = cells.next_id + np.arange(count)
            kind = self.kinds[k]
            places = doorsteps(kind, ids, self.space, self.periodic, self.seed)
            programs = np.array([self.callbacks.initial(k, int(i)) for i in ids])
            states = start_states(self.kinds, np.full(count, k), ids, self.seed, self.step)
            size = sphere_volume(kind.radius)
            rows = cells.add(k, places, {k: programs}, state=states, volume=size, full_volume=size)
            self.log("recruitment", rows, np.full(count, k))
            came.append(ids)
        if came:
            self.outcome.recruited = np.concatenate(came)

    def due(self, rates: Sequence[Floats], when: Purpose, which: Purpose) -> tuple[Ints, Ints]:
        """Rows to which one of several events that exclude each other happens, and which one."""
        if not rates:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        # Only cells with a rate are looked at: their numbers are keyed, so leaving others out changes none.
        clean = [np.where(rate > 0.0, rate, 0.0) for rate in rates]
        rows = self.positive(np.sum(clean, axis=0))
        each = np.array([rate[rows] for rate in clean])
        total = each.sum(axis=0)
        ids = self.cells.id[rows]
        happens = kernels.draws(self.seed, int(when), ids, self.step, 0) < -np.expm1(-total * self.dt)
        rows, each, total = rows[happens], each[:, happens], total[happens]
        u = kernels.draws(self.seed, int(which), ids[happens], self.step, 1)
        passed: Ints = (np.cumsum(each, axis=0)[:-1] <= u * total).sum(axis=0)
        return rows, passed

    def positive(self, rate: Floats) -> Ints:
        """Living rows, not taken out in this step, with a rate above 0."""
        return np.flatnonzero((rate > 0.0) & (self.cells.dead == ALIVE) & ~self.removed)

    def end(self, what: str, rows: Ints, by: Ints) -> None:
        """Note what the programs of these cells hold, by kind, and log it; before the rows change."""
        cells = self.cells
        for k in np.unique(cells.kind[rows]):
            mine = cells.kind[rows] == k
            some = rows[mine]
            place = np.column_stack([cells.x[some], cells.y[some], cells.z[some]])
            states = cells.programs[k][cells.row[some]]
            self.outcome.gone.append(Gone(what, int(k), cells.id[some].copy(), by[mine], states, place))
        self.log(what, rows, by)

    def log(self, what: str, rows: Ints, other: npt.NDArray[np.integer]) -> None:
        """One line per event."""
        ids = self.cells.id[rows].tolist()
        self.outcome.log.extend(
            (self.time, what, i, j) for i, j in zip(ids, np.asarray(other).tolist(), strict=True)
        )

    def volumes(self, kinds: npt.NDArray[np.integer]) -> Floats:
        """Full volumes of kinds, um^3."""
        full: Floats = np.array([sphere_volume(kind.radius) for kind in self.kinds])[kinds]
        return full
