"""What the kernels read and write: rows of lanes, and the arrays of a program, its schedule and its jobs.

A *row* is 32 float64, one per lane; a lane integrates one parameter set. Registers, states, stage vectors and
matrix entries are rows of flat arrays, and tapes hold row offsets (register * 32).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines import _simd

SOURCES = (__file__, str(_simd.__file__))

LANES = 32  # measured on 150 states: 64 lanes are 10 % slower, their factors no longer fit a 1 MB cache
CHUNK = _simd.WIDTH
WIDE = _simd.WIDE
SERVE_AT = 4  # lanes that wait for an event or a new job before the batch pauses to serve them

# Operations of the engine's own, made by `tapes.fuse`: a Hill term used once, and the gate it feeds.
HILL_OR, HILL_ANDNOT = 32, 33  # p + hill - p hill and p (1 - hill); p is the sixth operand

# What a lane is doing.
EMPTY, AT_BOUNDARY, FRESH, RUNNING = 0, 1, 2, 3

# Job status: the numbers of `status.Status`. No literals: a function that is handed one is compiled anew for
# each of them.
PENDING, DONE, STIFF, MAX_STEPS, STEP_TOO_SMALL, NOT_FINITE, SINGULAR, NOT_STEADY = np.arange(-1, 7)

Array = Any  # numpy arrays; kernels are typed by numba


class Model(NamedTuple):
    """A program as the kernels read it. Offsets are in float64 of the register array."""

    prologue: Array  # tapes: int32 (instructions, 8)
    rhs: Array
    jacobian: Array  # computes rates and derivatives together
    outputs: Array
    rhs_at: Array  # offsets of results
    jacobian_rhs_at: Array
    jacobian_at: Array
    outputs_at: Array
    series: Array  # which outputs are kept at every record time
    parameter_at: int
    input_at: int
    state_at: int
    n_states: int
    atol: Array  # (n_states,)
    rtol: float
    invariant_from: Array
    invariant_state: Array
    invariant_weight: Array


class Schedule(NamedTuple):
    """Boundaries of the smooth segments, the events at each, and the record times."""

    times: Array  # record times, ascending
    boundary: Array  # boundary times, ascending; the last is the end
    event_from: Array  # events of boundary b: event_from[b] .. event_from[b + 1]
    code: Array  # tapes of all events, one after the other
    code_from: Array
    result_from: Array
    result_state: Array
    result_at: Array
    input_from: Array
    input_index: Array
    input_value: Array


class Factor(NamedTuple):
    """The sparse LU of 1/(h gamma) - J with its fixed pattern; see `sparse.analyse`."""

    order: Array  # pivot k -> state
    source: Array  # entry -> index into jacobian_at, or -1
    row_from: Array  # entries of row k: row_from[k] .. row_from[k + 1], columns ascending
    diagonal: Array  # entry of the diagonal of row k
    column: Array  # entry -> column
    pair_from: Array  # updates of an entry
    pair: Array  # (updates, 2): entries of L and U


class Jobs(NamedTuple):
    """One row per parameter set: what goes in, where it stands, what comes out."""

    parameters: Array
    inputs: Array
    x: Array
    t: Array
    h: Array
    segment: Array
    fresh: Array  # 1: the boundary at the start of the segment has not been handled yet
    record: Array
    status: Array
    steps: Array
    rejected: Array
    balance: Array  # (jobs, invariants): value at the start of the segment
    size: Array
    drift: Array
    residual: Array
    series: Array
    final: Array


class Work(NamedTuple):
    """Aligned scratch rows of one batch."""

    R: Array
    X: Array
    K: Array
    LU: Array
    Y: Array
