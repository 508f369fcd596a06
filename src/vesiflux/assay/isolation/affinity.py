"""Immunoaffinity: beads take vesicles with a marker, so what is left out is a subpopulation, not a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.sample import PATTERNS, Population
from vesiflux.assay.species import MARKERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AFFINITY", "carries"]


def carries(marker: str) -> NDArray[np.bool_]:
    """Patterns (of 8) that have ``marker``."""
    import numpy as np

    return np.asarray((np.arange(PATTERNS) >> MARKERS.index(marker)) & 1, dtype=np.bool_)


def _check(settings: Settings) -> list[tuple[str, str]]:
    return []


def _apply(flow: Flow, settings: Settings, draw: Draw) -> None:
    import numpy as np

    has = carries(settings["marker"])
    captured, unspecific = draw("affinity_capture"), draw("affinity_unspecific")
    wall = draw("wall")
    kept = np.where(has, captured, unspecific)[:, None]

    def unbound(population: Population) -> NDArray[np.float64]:
        return np.asarray(1.0 - kept)

    flow.lose("not bound, or not let go", unbound)
    flow.lose("wall", lambda _: wall)
    flow.buffer(settings["elute"])


AFFINITY = Step(
    "affinity",
    "beads with an antibody; keep what they hold",
    {
        "marker": Field("text", "the marker", needed=True, choices=MARKERS),
        "elute": Field("mL", "volume eluted in", default=0.2, least=0.0, above=True),
    },
    _apply,
    _check,
)
