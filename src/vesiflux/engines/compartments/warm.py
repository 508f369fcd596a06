"""Compile the kernels once, with something to show for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["is_warm", "warm_up"]


def is_warm() -> bool:
    """Whether the kernels are compiled on this machine already, so that a run starts within a second."""
    from vesiflux.engines._numba import was_warm
    from vesiflux.engines.compartments.kernels import SOURCES

    return was_warm(*SOURCES)


def warm_up(progress: Callable[[str, float], None] | None = None) -> None:
    """Compile (or load from the cache) every kernel, by solving one tiny program with each of them.

    ``progress`` is called with what comes next and the share done, from 0 to 1.
    """
    from vesiflux.engines._numba import mark_warm
    from vesiflux.engines.compartments.engine import Settings, solve
    from vesiflux.engines.compartments.kernels import SOURCES
    from vesiflux.ir.assemble import assemble
    from vesiflux.ir.graph import Graph
    from vesiflux.ir.program import Output, ParameterSlot, StateSlot

    tell = progress or (lambda _what, _share: None)
    g = Graph()
    x = g.state(0)
    program, _ = assemble(
        "warm up",
        g,
        parameters=[ParameterSlot("k", "1/h", 1.0)],
        inputs=[],
        states=[StateSlot("x", "1", intracellular=True)],
        initial=[g.const(1.0)],
        rhs=[1.0 - g.param(0) * x],
        outputs=[(Output("x", "1"), x)],
    )
    steps: tuple[tuple[str, float, Settings], ...] = (
        ("operations and the explicit solver", 0.0, Settings(method="dopri5")),
        ("the implicit solver", 0.55, Settings(method="rodas4", equilibrate=True)),
        ("the choice between them", 0.95, Settings(method="auto")),
    )
    for what, share, settings in steps:
        tell(what, share)
        solve(program, np.ones((1, 1)), times=[0.0, 1.0], settings=settings)
    mark_warm(*SOURCES)
    tell("done", 1.0)
