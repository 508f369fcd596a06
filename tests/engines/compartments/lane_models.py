"""Small programs with known answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vesiflux.ir.assemble import assemble
from vesiflux.ir.graph import Ex, Graph
from vesiflux.ir.program import Event, Op, Output, ParameterSlot, Program, StateSlot, Tape

__all__ = ["Op", "decay", "event", "logistic", "make", "oscillator", "ring", "robertson"]

Build = Callable[[Graph, list[Ex], list[Ex], list[Ex]], list[Ex | float]]


def make(
    rates: Build,
    initial: Sequence[float],
    n_parameters: int = 0,
    inputs: Sequence[float] = (),
    scale: Sequence[float] | None = None,
    intracellular: Sequence[bool] | None = None,
    invariants: Sequence[tuple[str, dict[int, float]]] = (),
    assignments: Callable[[Graph, list[Ex], list[Ex], list[Ex]], list[list[Ex]]] | None = None,
) -> tuple[Program, list[Tape]]:
    """A program whose outputs are its states (all series)."""
    g = Graph()
    n = len(initial)
    p = [g.param(i) for i in range(n_parameters)]
    u = [g.input(i) for i in range(len(inputs))]
    x = [g.state(i) for i in range(n)]
    return assemble(
        "test",
        g,
        parameters=[ParameterSlot(f"p{i}", "1", 1.0) for i in range(n_parameters)],
        inputs=[ParameterSlot(f"u{i}", "1", v) for i, v in enumerate(inputs)],
        states=[
            StateSlot(
                f"x{i}", "1", 1.0 if scale is None else scale[i], bool(intracellular and intracellular[i])
            )
            for i in range(n)
        ],
        initial=[g.const(v) for v in initial],
        rhs=[g.wrap(r) for r in rates(g, x, p, u)],
        outputs=[(Output(f"x{i}", "1"), x[i]) for i in range(n)],
        invariants=invariants,
        assignments=[] if assignments is None else assignments(g, x, p, u),
    )


def decay() -> Program:
    """x' = -p x, x(0) = 1."""
    return make(lambda g, x, p, u: [-(p[0] * x[0])], [1.0], 1)[0]


def oscillator() -> Program:
    """x' = p y, y' = -p x: cos, -sin."""
    return make(lambda g, x, p, u: [p[0] * x[1], -(p[0] * x[0])], [1.0, 0.0], 1)[0]


def logistic() -> Program:
    """x' = p x (1 - x), x(0) = 0.01."""
    return make(lambda g, x, p, u: [p[0] * x[0] * (1.0 - x[0])], [0.01], 1)[0]


def robertson() -> Program:
    """Robertson's three reactions with rates 0.04, p, 1e4; total mass is constant."""

    def rates(g: Graph, x: list[Ex], p: list[Ex], u: list[Ex]) -> list[Ex | float]:
        a, b, c = x
        first = 0.04 * a
        second = p[0] * b * b
        third = 1e4 * b * c
        return [third - first, first - third - second, second]

    return make(
        rates, [1.0, 0.0, 0.0], 1, scale=[1.0, 1e-4, 1.0], invariants=[("mass", {0: 1.0, 1: 1.0, 2: 1.0})]
    )[0]


def ring(n: int = 8, seed: int = 0) -> Program:
    """A ring of Hill activations and inhibitions, parameters: n decay rates over a wide range."""

    def rates(g: Graph, x: list[Ex], p: list[Ex], u: list[Ex]) -> list[Ex | float]:
        result: list[Ex | float] = []
        for i in range(n):
            act = g.hill(x[i - 1], 2.0, 1.2, 0.2)
            level = g.and_not(act, g.hill(x[i - 3], 1.7, 0.5, 0.3)) if i % 2 else g.either(0.05, act)
            result.append(g.relax(level, 0.9, x[i], p[i]))
        return result

    return make(rates, list(np.random.default_rng(seed).uniform(0.1, 0.9, n)), n)[0]


def event(time: float, states: Sequence[int] = (), tape: Tape | None = None, **kw: Any) -> Event:
    """An event with less to write."""
    return Event(time, np.array(states, dtype=np.int32), tape, **kw)
