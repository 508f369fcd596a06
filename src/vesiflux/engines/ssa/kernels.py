"""The direct method of Gillespie (1977, 10.1021/j100540a008) with a dependency graph.

Propensities lie in blocks of 8 x 8: the sums of a block's 8 columns are one vector addition per row, a
column is chosen among the 8 and a row within it, without a branch. Sums are taken anew from the propensities
as they are, never carried along: no round-off piles up, and a restart gives the bits of a straight run.

Indices are unsigned throughout: a signed one costs a comparison at every use (numba wraps negative ones).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import load, store
from vesiflux.engines.ssa import random, tapes
from vesiflux.engines.ssa.random import PAIRS, fill

SOURCES = (__file__, str(random.__file__), str(tapes.__file__), str(_simd.__file__))

Array = Any  # numpy arrays; kernels are typed by numba

PAIRWISE, CHOICES, TAPE = 0, 1, 2  # how a propensity is computed
BLOCK = 64  # propensities

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
    code_result: Array  # register of a tape's result
    change_from: Array  # changes of a reaction: registers, amounts
    change_at: Array
    change_by: Array
    touches_from: Array  # reactions whose propensity a reaction changes
    touches: Array
    species_at: int
    n_species: int
    n_reactions: int
    rows: int  # of 8 propensities, in a block
    blocks: int


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


@jit.inner
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


@jit.inner
def largest(a, n):
    """Index of the largest of the first ``n``."""
    best = 0
    for j in range(1, n):
        if a[j] > a[best]:
            best = j
    return np.uint64(best)


@jit.inner
def total_of(a, first, rows, columns):
    """Sum of the ``rows`` x 8 propensities from ``first`` on; running sums of the columns to ``columns``."""
    s = load(a, first)
    for r in range(1, rows):
        s = s + load(a, first + 8 * r)
    store(columns, 8, s)
    p1 = columns[8] + columns[9]
    p3 = p1 + (columns[10] + columns[11])
    p5 = p3 + (columns[12] + columns[13])
    columns[1] = columns[8]
    columns[2] = p1
    columns[3] = p1 + columns[10]
    columns[4] = p3
    columns[5] = p3 + columns[12]
    columns[6] = p5
    columns[7] = p5 + columns[14]
    return p5 + (columns[14] + columns[15])


@jit
def simulate(net, template, seed, streams, times, jobs, first_job, last_job, max_events):
    """Bring jobs ``first_job`` to ``last_job - 1`` to the last of ``times``."""
    registers = template.copy()
    n_reactions, rows, blocks = net.n_reactions, net.rows, net.blocks
    a = np.zeros(blocks * BLOCK)
    sums = np.zeros(blocks)
    columns = np.zeros(16)  # running sums before each column (the first is 0), then the columns themselves
    bits = np.empty(2 * PAIRS, dtype=np.uint64)
    exponential = np.empty(PAIRS)
    uniform = np.empty(PAIRS)
    at, n_species = net.species_at, net.n_species
    # as locals: a call with the whole tuple would count references to every array in it
    kind, rate, first, second, shift = net.kind, net.rate, net.first, net.second, net.shift
    change_from, change_at, change_by = net.change_from, net.change_at, net.change_by
    touches_from, touches = net.touches_from, net.touches
    one, eight, pairs = np.uint64(1), np.uint64(8), np.uint64(PAIRS)
    for job in range(first_job, last_job):
        for i in range(n_species):
            registers[at + i] = jobs.counts[job, i]
        fired = jobs.fired[job]
        lowest = 0.0  # below 0 as soon as a count or a propensity is
        for j in range(n_reactions):
            if kind[j] == PAIRWISE:
                a[j] = rate[j] * registers[first[j]] * (registers[second[j]] + shift[j])
            else:
                a[j] = other_propensity(net, j, registers)
                lowest = min(lowest, a[j])
        for b in range(blocks):
            sums[b] = total_of(a, b * BLOCK, rows, columns)
        used = jobs.used[job]
        drawn = used - used % PAIRS
        fill(seed, streams[job], drawn, bits, exponential, uniform)
        place = np.uint64(used - drawn)
        now = jobs.time[job]
        due = jobs.due[job]
        total = sums[0]
        for b in range(1, blocks):
            total += sums[b]
        if due != due:
            due = now + exponential[place] / total if total > 0.0 else np.inf
        events = jobs.events[job]
        record = jobs.record[job]
        status = OK
        while record < times.shape[0] and status == OK:
            end = times[record]
            while due <= end:
                if lowest < 0.0 or not total < np.inf or events >= max_events:
                    status = TOO_MANY
                    break
                want = uniform[place] * total
                j = np.uint64(0)
                if blocks > 1:
                    b = 0
                    while b < blocks - 1 and want >= sums[b]:
                        want -= sums[b]
                        b += 1
                    total_of(a, b * BLOCK, rows, columns)
                    j = np.uint64(b * BLOCK)
                column = np.uint64(want >= columns[1])
                for c in range(2, 8):
                    column += np.uint64(want >= columns[c])
                want -= columns[column]
                j += column
                upto = a[j]
                k = j
                for _ in range(1, rows):
                    j += eight if want >= upto else np.uint64(0)
                    k += eight
                    upto += a[k]
                if not a[j] > 0.0:  # round-off at the end of a sum
                    j = largest(a, n_reactions)
                place += one
                if place == pairs:
                    drawn += PAIRS
                    fill(seed, streams[job], drawn, bits, exponential, uniform)
                    place = np.uint64(0)
                fired[j] += 1
                events += 1
                for c in range(change_from[j], change_from[j + one]):
                    n = registers[change_at[c]] + change_by[c]
                    registers[change_at[c]] = n
                    lowest = min(lowest, n)
                for c in range(touches_from[j], touches_from[j + one]):
                    r = touches[c]
                    if kind[r] == PAIRWISE:
                        a[r] = rate[r] * registers[first[r]] * (registers[second[r]] + shift[r])
                    else:
                        a[r] = other_propensity(net, r, registers)
                        lowest = min(lowest, a[r])
                if blocks > 1:
                    total = 0.0
                    for c in range(touches_from[j], touches_from[j + one]):
                        b = np.int64(touches[c]) // BLOCK
                        sums[b] = total_of(a, b * BLOCK, rows, columns)
                    for b in range(blocks):
                        total += sums[b]
                else:
                    total = total_of(a, 0, rows, columns)
                now = due
                due = now + exponential[place] / total if total > 0.0 else np.inf
            if lowest < 0.0 or not total < np.inf:
                status = NOT_FINITE
                for i in range(n_species):
                    if registers[at + i] < 0.0:
                        status = NEGATIVE
            if status == OK:
                for i in range(n_species):
                    jobs.series[job, record, i] = np.int64(registers[at + i])
                now = end
                record += 1
        for i in range(n_species):
            jobs.counts[job, i] = registers[at + i]
        jobs.time[job] = now
        jobs.due[job] = due
        jobs.used[job] = drawn + np.int64(place)
        jobs.events[job] = events
        jobs.record[job] = record
        jobs.status[job] = status
