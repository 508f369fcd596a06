"""The direct method of Gillespie (1977, 10.1021/j100540a008) with a dependency graph.

Propensities are the leaves of a binary tree of sums: changing one updates its ancestors, choosing a
reaction walks down from the root. A sum is a function of the propensities as they are, never of how they
came about: no round-off piles up, and a restart gives the bits of a straight run.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines.ssa import random, tapes
from vesiflux.engines.ssa.random import PAIRS, fill

SOURCES = (__file__, str(random.__file__), str(tapes.__file__), str(_simd.__file__))

Array = Any  # numpy arrays; kernels are typed by numba

PAIRWISE, CHOICES, TAPE = 0, 1, 2  # how a propensity is computed
OK, NEGATIVE, NOT_FINITE, TOO_MANY = 0, 1, 2, 3  # `status.Status` of `engines.ssa`


class Net(NamedTuple):
    """A network as the kernel reads it. Register indices throughout.

    A PAIRWISE propensity is ``rate * R[first] * (R[second] + shift)``: all of order two or less, with
    registers that hold 1 for what does not take part.
    """

    kind: Array  # (reactions,) int8
    rate: Array
    first: Array
    second: Array
    shift: Array
    choice_from: Array  # CHOICES: species and orders of a reaction
    choice: Array  # (n, 2)
    code: Array  # TAPE: instructions of all tapes
    code_from: Array
    code_result: Array
    change_from: Array  # changes of a reaction: registers, amounts
    change_at: Array
    change_by: Array
    touches_from: Array  # reactions whose propensity a reaction changes
    touches: Array
    species_at: int
    n_species: int
    leaves: int  # a power of two, at least the number of reactions


class Jobs(NamedTuple):
    """One row per trajectory: where it stands and what came out."""

    counts: Array  # (jobs, species) float64, whole
    time: Array
    due: Array  # time of the next event; NaN before the first is drawn
    used: Array  # pairs of random numbers used
    status: Array
    events: Array
    fired: Array  # (jobs, reactions)
    record: Array  # records written
    series: Array  # (jobs, times, species) int64


jit = _numba.compiler(*SOURCES)


@jit
def other_propensity(net, j, registers):
    """The propensity of reaction ``j`` where it is no PAIRWISE one."""
    if net.kind[j] == TAPE:
        tapes.run(net.code, net.code_from[j], net.code_from[j + 1], registers)
        return registers[net.code_result[j]]
    value = net.rate[j]
    for k in range(net.choice_from[j], net.choice_from[j + 1]):
        n = registers[net.choice[k, 0]]
        for i in range(net.choice[k, 1]):
            value *= (n - i) / (i + 1.0)
    return value


@jit
def simulate(net, template, seed, streams, times, jobs, first_job, last_job, max_events):
    """Bring jobs ``first_job`` to ``last_job - 1`` to the last of ``times``."""
    registers = template.copy()
    n_reactions = net.kind.shape[0]
    leaves = net.leaves
    tree = np.zeros(2 * leaves)
    bits = np.empty(2 * PAIRS, dtype=np.uint64)
    exponential = np.empty(PAIRS)
    uniform = np.empty(PAIRS)
    at, n_species = net.species_at, net.n_species
    # as locals: a call with the whole tuple would count references to every array in it
    kind, rate, first, second, shift = net.kind, net.rate, net.first, net.second, net.shift
    change_from, change_at, change_by = net.change_from, net.change_at, net.change_by
    touches_from, touches = net.touches_from, net.touches
    for job in range(first_job, last_job):
        for i in range(n_species):
            registers[at + i] = jobs.counts[job, i]
        fired = jobs.fired[job]
        bad = False
        for j in range(n_reactions):
            if kind[j] == PAIRWISE:
                a = rate[j] * registers[first[j]] * (registers[second[j]] + shift[j])
            else:
                a = other_propensity(net, j, registers)
            tree[leaves + j] = a
            bad = bad or not 0.0 <= a < np.inf
        for k in range(leaves - 1, 0, -1):
            tree[k] = tree[2 * k] + tree[2 * k + 1]
        used = jobs.used[job]
        block = used - used % PAIRS
        fill(seed, streams[job], block, bits, exponential, uniform)
        place = used - block
        now = jobs.time[job]
        due = jobs.due[job]
        if due != due:
            due = now + exponential[place] / tree[1] if tree[1] > 0.0 else np.inf
        events = jobs.events[job]
        record = jobs.record[job]
        status = OK
        while record < times.shape[0]:
            end = times[record]
            while due <= end:
                if bad or events >= max_events:
                    break
                # which: down the tree; an empty branch is never taken
                want = uniform[place] * tree[1]
                k = 1
                while k < leaves:
                    k *= 2
                    left = tree[k]
                    if want >= left and tree[k + 1] > 0.0:
                        want -= left
                        k += 1
                j = k - leaves
                place += 1
                if place == PAIRS:
                    block += PAIRS
                    fill(seed, streams[job], block, bits, exponential, uniform)
                    place = 0
                fired[j] += 1
                events += 1
                for c in range(change_from[j], change_from[j + 1]):
                    n = registers[change_at[c]] + change_by[c]
                    registers[change_at[c]] = n
                    bad = bad or n < 0.0
                for c in range(touches_from[j], touches_from[j + 1]):
                    r = touches[c]
                    if kind[r] == PAIRWISE:
                        a = rate[r] * registers[first[r]] * (registers[second[r]] + shift[r])
                    else:
                        a = other_propensity(net, r, registers)
                    bad = bad or not 0.0 <= a < np.inf
                    k = leaves + r
                    tree[k] = a
                    while k > 1:
                        k >>= 1
                        tree[k] = tree[2 * k] + tree[2 * k + 1]
                now = due
                due = now + exponential[place] / tree[1] if tree[1] > 0.0 else np.inf
            if bad or (events >= max_events and due <= end):
                status = TOO_MANY
                if bad:
                    status = NOT_FINITE
                    for i in range(n_species):
                        if registers[at + i] < 0.0:
                            status = NEGATIVE
                break
            for i in range(n_species):
                jobs.series[job, record, i] = np.int64(registers[at + i])
            now = end
            record += 1
        for i in range(n_species):
            jobs.counts[job, i] = registers[at + i]
        jobs.time[job] = now
        jobs.due[job] = due
        jobs.used[job] = block + place
        jobs.events[job] = events
        jobs.record[job] = record
        jobs.status[job] = status
