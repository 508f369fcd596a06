"""What a count of particles shows: the share of each class that lies within a window of diameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vesiflux.ir.graph import Ex, Graph
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.program import Op

if TYPE_CHECKING:
    from vesiflux.language.schema import Count, VesicleClass

__all__ = ["normal_cdf", "share_counted"]

# erf(x) = 1 - (a1 t + ... + a5 t^5) exp(-x^2), t = 1 / (1 + p x), x >= 0; error below 1.5e-7
# (Abramowitz & Stegun 1964, 7.1.26)
_P = 0.3275911
_A = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def normal_cdf(graph: Graph, z: Ex) -> Ex:
    """Share of a standard normal below ``z``; error below 1e-7."""
    x = graph.op(Op.ABS, z) / math.sqrt(2.0)
    t = 1.0 / (1.0 + _P * x)
    series = graph.const(0.0)
    for a in reversed(_A):
        series = (series + a) * t
    tail = 0.5 * series * graph.op(Op.EXP, -1.0 * x * x)
    return graph.select(graph.op(Op.LT, z, graph.const(0.0)), tail, 1.0 - tail)


def share_counted(builder: Builder, name: str, count: Count, vesicle: str, spec: VesicleClass) -> Ex:
    """Share of the lognormal diameters of class ``vesicle`` within the window of ``count``."""
    graph = builder.graph
    path = f"vesicles.{vesicle}.diameter"
    median = builder.parameter(f"{path}.median", spec.diameter.median, "um", "median diameter")
    sigma = builder.parameter(f"{path}.sigma", spec.diameter.sigma, "1", "sigma of ln diameter")
    width = graph.max(sigma, graph.const(1e-6))

    def below(bound: str) -> Ex:
        value = getattr(count, bound)
        edge = builder.parameter(f"counts.{name}.{bound}", value, "um", f"{bound} diameter counted")
        return normal_cdf(graph, graph.op(Op.LOG, edge / median) / width)

    upper = graph.const(1.0) if count.largest is None else below("largest")
    return upper if count.smallest is None else upper - below("smallest")
