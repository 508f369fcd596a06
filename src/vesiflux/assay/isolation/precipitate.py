"""Precipitation by a polymer: nearly all vesicles, and much of what is not one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.sample import Population

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PRECIPITATE"]

_HALF = 0.02
"""um; lipoproteins of this size come down half as well as large ones (assumed)."""


def _check(settings: Settings) -> list[tuple[str, str]]:
    return []


def _apply(flow: Flow, settings: Settings, draw: Draw) -> None:
    import numpy as np

    shares = {
        "vesicle": draw("precipitated_vesicle"),
        "lipoprotein": draw("precipitated_lipoprotein"),
        "protein": draw("precipitated_protein"),
        "particle": draw("precipitated_protein"),
    }

    def in_solution(population: Population) -> NDArray[np.float64]:
        share = shares[population.kind.group]
        d = population.diameters
        by_size = d / (d + _HALF) if population.kind.group == "lipoprotein" else np.ones_like(d)
        return np.asarray(1.0 - share * by_size)

    flow.lose("in solution", in_solution)
    flow.buffer(settings["resuspend"])


PRECIPITATE = Step(
    "precipitate",
    "polymer precipitation and a slow spin; keep the pellet",
    {"resuspend": Field("mL", "volume taken up in", default=0.2, least=0.0, above=True)},
    _apply,
    _check,
)
