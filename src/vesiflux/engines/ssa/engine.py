"""Simulate a reaction network exactly: the Python front of the direct method.

A trajectory's numbers depend on the network, the seed and its own stream, and on nothing else: not on
the batch it is in, nor on threads, nor on where a run was interrupted and continued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.ssa.status import Status
from vesiflux.errors import InputError
from vesiflux.ir.stochastic import ReactionNetwork

__all__ = ["Checkpoint", "Trajectories", "simulate", "spread"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Checkpoint:
    """Where trajectories stand; `simulate` goes on from here. One row per trajectory."""

    counts: Integers  # (trajectories, species)
    time: Floats  # h
    due: Floats  # time of the next event, h; infinite when nothing can happen any more
    used: Integers  # pairs of random numbers used
    events: Integers
    fired: Integers  # (trajectories, reactions)


@dataclass(frozen=True)
class Trajectories:
    """What came out.

    times: (T,), h. counts: (trajectories, T, species); a record at the time of an event holds the counts
    after it. fired: (trajectories, reactions), how often each reaction happened. status: `Status`;
    what a trajectory that failed would have had later is -1. checkpoint: to go on from the last time.
    """

    species: tuple[str, ...]
    reactions: tuple[str, ...]
    times: Floats
    counts: Integers
    fired: Integers
    events: Integers
    status: Integers
    checkpoint: Checkpoint

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Trajectories that finished."""
        return np.equal(self.status, int(Status.OK))

    def of(self, species: str) -> Integers:
        """Counts of one species, (trajectories, T)."""
        if species not in self.species:
            raise InputError(f"no species {species!r}; there are {', '.join(self.species)}")
        return self.counts[:, :, self.species.index(species)]


def simulate(
    network: ReactionNetwork,
    trajectories: int,
    *,
    times: npt.ArrayLike,
    seed: int = 1,
    first: int = 0,
    threads: int = 1,
    max_events: int = 1_000_000_000,
    resume: Checkpoint | None = None,
) -> Trajectories:
    """Trajectories ``first`` .. ``first + trajectories - 1`` of a network, exactly (direct method).

    Parameters
    ----------
    times
        Record times, h, strictly ascending; from 0, or with ``resume`` from where it stands.
    seed
        Of all trajectories, 0 to 2^63 - 1; trajectory i always has the random numbers (seed, i).
    max_events
        Per trajectory, so that an explosion ends.
    resume
        The checkpoint of an earlier call with the same network, seed, first and number.

    Raises
    ------
    InputError
        Wrong numbers or shapes. A trajectory that fails raises nothing: see `Trajectories.status`.
    """
    from vesiflux.engines.ssa import kernels
    from vesiflux.engines.ssa.prepare import prepare

    clock = np.array(times, dtype=np.float64).reshape(-1)
    start = 0.0 if resume is None else float(np.max(resume.time, initial=0.0))
    if len(clock) == 0 or not np.isfinite(clock).all() or clock[0] < start or np.any(np.diff(clock) <= 0.0):
        raise InputError(f"record times must be finite, strictly ascending and from {start:g} h on")
    if trajectories < 1 or threads < 1 or first < 0 or not 0 <= seed < 2**63 or max_events < 1:
        raise InputError(
            "need trajectories, threads and max_events of at least 1, first and seed of at least 0; got "
            f"{trajectories}, {threads}, {max_events}, {first}, {seed}"
        )
    if resume is not None and len(resume.time) != trajectories:
        raise InputError(f"the checkpoint holds {len(resume.time)} trajectories, not {trajectories}")
    n, m = len(network.species), len(network.reactions)
    net, template = prepare(network)
    jobs = kernels.Jobs(
        counts=np.tile(network.initial.astype(np.float64), (trajectories, 1)),
        time=np.zeros(trajectories),
        due=np.full(trajectories, np.nan),
        used=np.zeros(trajectories, dtype=np.int64),
        status=np.zeros(trajectories, dtype=np.int64),
        events=np.zeros(trajectories, dtype=np.int64),
        fired=np.zeros((trajectories, m), dtype=np.int64),
        record=np.zeros(trajectories, dtype=np.int64),
        series=np.full((trajectories, len(clock), n), -1, dtype=np.int64),
    )
    if resume is not None:
        for name in ("counts", "time", "due", "used", "events", "fired"):
            getattr(jobs, name)[:] = getattr(resume, name)
    kernel: Any = kernels.simulate
    streams = np.arange(first, first + trajectories, dtype=np.int64)
    spread(
        trajectories,
        threads,
        lambda a, b: kernel(net, template, seed, streams, clock, jobs, a, b, max_events),
    )
    checkpoint = Checkpoint(
        jobs.counts.astype(np.int64), jobs.time, jobs.due, jobs.used, jobs.events, jobs.fired
    )
    return Trajectories(
        species=network.species,
        reactions=network.reactions,
        times=clock,
        counts=jobs.series,
        fired=jobs.fired,
        events=jobs.events,
        status=jobs.status,
        checkpoint=checkpoint,
    )


def spread(jobs: int, threads: int, work: Callable[[int, int], None]) -> None:
    """Run ``work(first, last)`` over all jobs, in as many pieces as there are threads."""
    edges = np.linspace(0, jobs, min(threads, jobs) + 1).astype(int)
    pieces = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    if len(pieces) == 1:
        work(*pieces[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(pieces)) as pool:
        for done in [pool.submit(work, *piece) for piece in pieces]:
            done.result()
