"""One cell with its carriers as individuals: exact jumps, continuous states between them.

Time goes in short steps. Over a step the continuous states are taken from x0 to x1 with the counts as they
are at its start (Bogacki & Shampine 1989, third order, its error estimate sets the step). Within the step
the jumps are a Poisson process by thinning (Lewis & Shedler 1979, 10.1002/nav.3800260304): a channel's rate
is coefficient x weight, the coefficient a straight line from its value at x0 to that at x1, the weight taken
anew after every jump. The larger of the two ends times the weight bounds the rate; every candidate checks
it, and a rate beyond its bound ends the cell with a status.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines.ssa import kernels, tapes
from vesiflux.engines.ssa.kernels import total_of
from vesiflux.engines.ssa.random import PAIRS, fill

SOURCES = (__file__, *kernels.SOURCES)

Array = Any

MOVE, GAIN, LOSS, RELEASE = 0, 1, 2, 3  # `ir.stochastic_cells.ChannelKind`
OK, NEGATIVE, NOT_FINITE, TOO_MANY, BOUND, STEP = 0, 1, 2, 3, 4, 5  # `status.Status`

NOBODY = 1e-9  # what a stage without carriers counts as in a ratio, so that 0 / 0 does not spread
BEND = 0.1  # most a coefficient may change over a step, relative to its larger end
TOLERANCE = 1e-5  # of continuous states over a step
SHORTEST_H = 1e-9


class Cell(NamedTuple):
    """A `CellProgram` as the kernel reads it."""

    rhs: Array
    rhs_at: Array
    coefficients: Array
    coefficients_at: Array  # of each channel, then the capacity
    outputs: Array
    outputs_at: Array
    kept: Array  # outputs kept over time
    weights: Array  # instructions of all weights
    weight_from: Array
    weight_at: Array  # result of a weight; -1: the number of carriers at the source
    kind: Array
    source: Array
    target: Array
    content: Array
    released: Array
    touched_from: Array  # channels whose weight reads a stage, or a content at a stage
    touched: Array
    stage_at: Array  # registers
    content_at: Array  # (contents, stages), -1 where none
    continuous_at: Array
    scale: Array
    n_classes: int
    n_bursting: int
    burst_number: Array  # of each channel, -1


class Segments(NamedTuple):
    """Times between which inputs are constant, and in each the registers from ``first`` to ``last``."""

    start: Array
    values: Array  # (segments, registers)
    input_first: int
    input_last: int
    hoisted_first: int
    hoisted_last: int


jit = _numba.compiler(*SOURCES)


@jit.inner
def poisson(mean, seed, stream, used):
    """A Poisson number, and the pairs used after it: unit-rate arrivals until ``mean``."""
    bits = np.empty(2 * PAIRS, dtype=np.uint64)
    exponential, uniform = np.empty(PAIRS), np.empty(PAIRS)
    n, at, place = 0, 0.0, PAIRS
    while True:
        if place == PAIRS:
            fill(seed, stream, used, bits, exponential, uniform)
            used += PAIRS
            place = 0
        at += exponential[place]
        place += 1
        if at > mean:
            return n, used
        n += 1


@jit.inner
def derivative(cell, registers, out):
    """Rates of the continuous states."""
    tapes.run(cell.rhs, 0, cell.rhs.shape[0], registers)
    for i in range(out.shape[0]):
        out[i] = registers[cell.rhs_at[i]]


@jit.inner
def coefficients(cell, registers, out):
    """Coefficients of the channels, and the capacity of a carrier."""
    tapes.run(cell.coefficients, 0, cell.coefficients.shape[0], registers)
    for i in range(out.shape[0]):
        out[i] = registers[cell.coefficients_at[i]]


@jit.inner
def enter(segments, segment, registers):
    """Inputs, and what follows from them, as they are in a segment."""
    for r in range(segments.input_first, segments.input_last):
        registers[r] = segments.values[segment, r]
    for r in range(segments.hoisted_first, segments.hoisted_last):
        registers[r] = segments.values[segment, r]


@jit.inner
def set_states(cell, registers, x):
    """Continuous states to their registers."""
    for i in range(x.shape[0]):
        registers[cell.continuous_at[i]] = x[i]


@jit.inner
def advance(cell, registers, x0, x1, k, h):
    """One step of the continuous states; ``k`` (4, n), its first row given. Returns the error."""
    n = x0.shape[0]
    for i in range(n):
        x1[i] = x0[i] + 0.5 * h * k[0, i]
    set_states(cell, registers, x1)
    derivative(cell, registers, k[1])
    for i in range(n):
        x1[i] = x0[i] + 0.75 * h * k[1, i]
    set_states(cell, registers, x1)
    derivative(cell, registers, k[2])
    for i in range(n):
        x1[i] = x0[i] + h * (2.0 * k[0, i] + 3.0 * k[1, i] + 4.0 * k[2, i]) / 9.0
    set_states(cell, registers, x1)
    derivative(cell, registers, k[3])
    worst = 0.0
    for i in range(n):
        e = h * (-5.0 * k[0, i] / 72.0 + k[1, i] / 12.0 + k[2, i] / 9.0 - k[3, i] / 8.0)
        size = cell.scale[i] + max(abs(x0[i]), abs(x1[i]))
        worst = max(worst, abs(e) / (TOLERANCE * size))
        if x1[i] != x1[i]:
            return np.inf
    return worst


@jit.inner
def tape_weight(code, first, last, at, registers):
    """A weight that is more than a number of carriers."""
    tapes.run(code, first, last, registers)
    return registers[at]


@jit.inner
def record(cell, registers, count, released, bursts, hours, row, series, final):
    """Outputs at a record time; ``row`` < 0: those of the end."""
    for s in range(count.shape[0]):
        registers[cell.stage_at[s]] = count[s]
    tapes.run(cell.outputs, 0, cell.outputs.shape[0], registers)
    n = cell.outputs_at.shape[0]
    for i in range(n):
        final[i] = registers[cell.outputs_at[i]]
    for c in range(cell.n_classes):
        final[n + c] = released[c]
    final[n + cell.n_classes] = hours
    for b in range(cell.n_bursting):
        final[n + cell.n_classes + 1 + b] = bursts[b]
    for i in range(cell.kept.shape[0]):
        series[i, row] = final[cell.kept[i]]
    for s in range(count.shape[0]):
        registers[cell.stage_at[s]] = count[s] if count[s] > 0 else NOBODY


@jit.inner
def grow(inside, at_stage, room):
    """Twice the room for carriers."""
    more = np.zeros((2 * room, inside.shape[1]), dtype=np.int64)
    more[:room] = inside
    wider = np.zeros((at_stage.shape[0], 2 * room), dtype=np.int64)
    wider[:, :room] = at_stage
    free = np.empty(2 * room, dtype=np.int64)
    for i in range(room):
        free[i] = room + i
    return more, wider, free, room, 2 * room


@jit
def simulate(cell, registers, segments, times, settle, longest, seed, stream, start, series, final, most):
    """One cell from ``-settle`` to the last record time.

    ``registers``: constants and parameters set. ``start``: means to begin with, (stages + contents x stages
    + continuous,).
    Returns status, events, candidates, bursts (n, 2 + contents): time, class, what was set free.
    """
    n_stages, n_contents = cell.stage_at.shape[0], cell.content_at.shape[0]
    n_channels = cell.kind.shape[0]
    n_continuous = cell.continuous_at.shape[0]
    rows = n_channels // 8 + 1
    bits = np.empty(2 * PAIRS, dtype=np.uint64)
    exponential, uniform = np.empty(PAIRS), np.empty(PAIRS)
    columns = np.zeros(16)
    bound = np.zeros(8 * rows)
    c0, c1 = np.empty(n_channels + 1), np.empty(n_channels + 1)
    weights = np.zeros(n_channels)
    x0, x1 = np.empty(n_continuous), np.empty(n_continuous)
    k = np.empty((4, n_continuous))
    count = np.zeros(n_stages, dtype=np.int64)
    held = np.zeros((n_contents, n_stages), dtype=np.int64)
    released = np.zeros(cell.n_classes)
    bursting = np.zeros(max(cell.n_bursting, 1))
    found = np.empty((64, 2 + n_contents))
    n_found = 0
    room = 256
    inside = np.zeros((room, n_contents), dtype=np.int64)  # contents of each carrier
    at_stage = np.zeros((n_stages, room), dtype=np.int64)  # carriers of each stage
    free = np.arange(room)
    n_free = room
    filled = np.zeros(n_stages, dtype=np.bool_)  # stages whose carriers hold contents
    for s in range(n_stages):
        for c in range(n_contents):
            filled[s] = filled[s] or cell.content_at[c, s] >= 0

    # as locals: a call with the whole tuple would count references to every array in it
    kinds, sources, targets = cell.kind, cell.source, cell.target
    stage_at, content_at = cell.stage_at, cell.content_at
    touched_from, touched = cell.touched_from, cell.touched
    code, weight_from, weight_at = cell.weights, cell.weight_from, cell.weight_at

    # ---- how cells begin
    used = 0
    segment = 0
    enter(segments, 0, registers)
    for i in range(n_continuous):
        x0[i] = start[n_stages + n_contents * n_stages + i]
    set_states(cell, registers, x0)
    coefficients(cell, registers, c0)
    for s in range(n_stages):
        n, used = poisson(start[s], seed, stream, used)
        count[s] = n
        if not filled[s]:
            continue
        for i in range(n):
            if n_free == 0:
                inside, at_stage, free, n_free, room = grow(inside, at_stage, room)
            n_free -= 1
            slot = free[n_free]
            at_stage[s, i] = slot
            total = 0
            for c in range(n_contents):
                mean = start[n_stages + c * n_stages + s] / max(start[s], 1e-12)
                amount, used = poisson(mean, seed, stream, used)
                amount = max(min(amount, np.int64(min(c0[n_channels], 1e9)) - total), 0)
                inside[slot, c] = amount
                held[c, s] += amount
                total += amount
    for s in range(n_stages):
        registers[stage_at[s]] = count[s] if count[s] > 0 else NOBODY
        for c in range(n_contents):
            if content_at[c, s] >= 0:
                registers[content_at[c, s]] = held[c, s]

    fill(seed, stream, used, bits, exponential, uniform)
    place = 0
    now = -settle
    step = min(longest, 0.01)
    row = 0
    events = 0
    candidates = 0
    status = OK
    while status == OK:
        if now >= 0.0 and row < times.shape[0] and times[row] <= now:
            record(cell, registers, count, released, bursting, now, row, series, final)
            row += 1
            if row == times.shape[0]:
                break
            continue
        while segment + 1 < segments.start.shape[0] and segments.start[segment + 1] <= now:
            segment += 1
            enter(segments, segment, registers)
        stop = times[row] if now >= 0.0 else 0.0
        if segment + 1 < segments.start.shape[0]:
            stop = min(stop, segments.start[segment + 1])
        # ---- the step of the continuous states
        set_states(cell, registers, x0)
        derivative(cell, registers, k[0])
        coefficients(cell, registers, c0)
        h = min(step, stop - now)
        whole = h == stop - now
        while True:
            error = advance(cell, registers, x0, x1, k, h)
            bend = 0.0
            if error <= 1.0:
                coefficients(cell, registers, c1)
                for j in range(n_channels):
                    largest = max(c0[j], c1[j])
                    if largest > 0.0:
                        bend = max(bend, abs(c1[j] - c0[j]) / largest)
            if error <= 1.0 and bend <= BEND:
                break
            h *= 0.5
            whole = False
            if h < SHORTEST_H:
                break
        if h < SHORTEST_H and not whole:
            status = STEP
            break
        if not whole:
            step = h
        if error < 0.1 and bend < 0.5 * BEND:
            step = min(longest, max(step, 2.0 * h))
        end = stop if whole else now + h
        # ---- jumps of the step, weights with the continuous states of its start
        set_states(cell, registers, x0)
        for j in range(n_channels):
            if sources[j] >= 0 and count[sources[j]] == 0:
                weights[j] = 0.0  # nothing happens to carriers where there are none
            elif weight_at[j] < 0:
                weights[j] = count[sources[j]]
            else:
                weights[j] = tape_weight(code, weight_from[j], weight_from[j + 1], weight_at[j], registers)
            bound[j] = max(c0[j], c1[j]) * weights[j]
            if not 0.0 <= bound[j] < np.inf or c0[j] < 0.0 or c1[j] < 0.0:
                status = NOT_FINITE
        if status != OK:
            break
        capacity = 0.5 * (c0[n_channels] + c1[n_channels])
        t = now
        while True:
            total = total_of(bound, 0, rows, columns)
            if not total > 0.0:
                break
            t += exponential[place] / total
            if t > end:
                place += 1
                if place == PAIRS:
                    used += PAIRS
                    fill(seed, stream, used, bits, exponential, uniform)
                    place = 0
                break
            want = uniform[place] * total
            place += 1
            if place == PAIRS:
                used += PAIRS
                fill(seed, stream, used, bits, exponential, uniform)
                place = 0
            column = 0
            for c in range(1, 8):
                column += want >= columns[c]
            want -= columns[column]
            j = column
            for _ in range(rows - 1):
                if want < bound[j]:
                    break
                want -= bound[j]
                j += 8
            if not bound[j] > 0.0:  # round-off at the end of a sum
                for r in range(n_channels):
                    if bound[r] > bound[j]:
                        j = r
            candidates += 1
            if candidates > most:
                status = TOO_MANY
                break
            # ---- thinning: the rate now against its bound
            rate = (c0[j] + (c1[j] - c0[j]) * ((t - now) / (end - now))) * weights[j]
            if rate > bound[j] * (1.0 + 1e-9):
                status = BOUND
                break
            u = uniform[place]
            v = exponential[place]  # of mean 1: exp(-v) is a further uniform
            place += 1
            if place == PAIRS:
                used += PAIRS
                fill(seed, stream, used, bits, exponential, uniform)
                place = 0
            if u * bound[j] > rate:
                continue
            kind = kinds[j]
            source, target, content = sources[j], targets[j], cell.content[j]
            chosen = 0
            slot = -1
            if kind == RELEASE:
                if now >= 0.0:
                    released[cell.released[j]] += 1.0
                events += 1
                continue
            if kind == LOSS:
                left = np.int64(math.exp(-v) * held[content, source])
                if held[content, source] == 0:
                    continue
                while True:
                    slot = at_stage[source, chosen]
                    left -= inside[slot, content]
                    if left < 0:
                        break
                    chosen += 1
            elif source >= 0 and filled[source]:
                chosen = min(np.int64(math.exp(-v) * count[source]), count[source] - 1)
                slot = at_stage[source, chosen]
            if kind == GAIN:
                total_inside = 0
                for c in range(n_contents):
                    total_inside += inside[slot, c]
                w = uniform[place]
                place += 1
                if place == PAIRS:
                    used += PAIRS
                    fill(seed, stream, used, bits, exponential, uniform)
                    place = 0
                if total_inside + 1 > capacity or w > 1.0 - total_inside / capacity:
                    continue
            events += 1
            if kind == MOVE:
                if source >= 0:
                    count[source] -= 1
                    registers[stage_at[source]] = count[source] if count[source] > 0 else NOBODY
                    if filled[source]:
                        at_stage[source, chosen] = at_stage[source, count[source]]
                        for c in range(n_contents):
                            held[c, source] -= inside[slot, c]
                            if content_at[c, source] >= 0:
                                registers[content_at[c, source]] = held[c, source]
                if target >= 0 and filled[target]:
                    if slot < 0:  # a new carrier is empty
                        if n_free == 0:
                            inside, at_stage, free, n_free, room = grow(inside, at_stage, room)
                        n_free -= 1
                        slot = free[n_free]
                        for c in range(n_contents):
                            inside[slot, c] = 0
                    at_stage[target, count[target]] = slot
                    for c in range(n_contents):
                        held[c, target] += inside[slot, c]
                        if content_at[c, target] >= 0:
                            registers[content_at[c, target]] = held[c, target]
                elif slot >= 0:
                    b = cell.burst_number[j]
                    if b >= 0 and now >= 0.0:
                        bursting[b] += 1.0
                        if n_found == found.shape[0]:
                            larger = np.empty((2 * n_found, 2 + n_contents))
                            larger[:n_found] = found
                            found = larger
                        found[n_found, 0] = t
                        found[n_found, 1] = cell.released[j]
                        for c in range(n_contents):
                            found[n_found, 2 + c] = inside[slot, c]
                            released[cell.released[j]] += inside[slot, c]
                        n_found += 1
                    free[n_free] = slot
                    n_free += 1
                if target >= 0:
                    count[target] += 1
                    registers[stage_at[target]] = count[target]
            else:
                by = 1 if kind == GAIN else -1
                inside[slot, content] += by
                held[content, source] += by
                registers[content_at[content, source]] = held[content, source]
            for q in range(touched_from[j], touched_from[j + 1]):
                r = touched[q]
                if sources[r] >= 0 and count[sources[r]] == 0:
                    weights[r] = 0.0
                elif weight_at[r] < 0:
                    weights[r] = count[sources[r]]
                else:
                    weights[r] = tape_weight(
                        code, weight_from[r], weight_from[r + 1], weight_at[r], registers
                    )
                bound[r] = max(c0[r], c1[r]) * weights[r]
                if not 0.0 <= bound[r] < np.inf:
                    status = NOT_FINITE
            if status != OK:
                break
        for i in range(n_continuous):
            x0[i] = x1[i]
        set_states(cell, registers, x0)
        now = end
    return status, events, candidates, found[:n_found].copy()
