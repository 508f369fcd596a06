"""Size exclusion: the larger a particle, the less of the resin's pores it enters and the earlier it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.tables import rows
from vesiflux.language.words import meant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SEC", "columns", "eluted", "window"]


def columns() -> dict[str, Mapping[str, str]]:
    """Columns by name: rows of ``columns.tsv`` (volumes in mL, pores in nm)."""
    return {row["column"]: row for row in rows("columns.tsv")}


def eluted(
    diameters: NDArray[np.float64], column: Mapping[str, str], start: float, end: float, load: float
) -> NDArray[np.float64]:
    """Share of each diameter (um) that leaves ``column`` between ``start`` and ``end`` mL.

    The pore volume open to a sphere is (1 - d/pore)^2 of it; a peak leaves at V0 + K (Vt - V0), broadened by
    the packing (sigma) and by the sample's own volume (a box of ``load`` mL).
    """
    import numpy as np
    from scipy.special import ndtr

    pore = float(column["pore_nm"]) / 1000.0
    open_to = np.maximum(1.0 - diameters / pore, 0.0) ** 2
    void, total = float(column["void_mL"]), float(column["total_mL"])
    at = void + open_to * (total - void) + 0.5 * load
    sigma = np.sqrt(float(column["peak_sigma_mL"]) ** 2 + load * load / 12.0)
    return np.asarray(ndtr((end - at) / sigma) - ndtr((start - at) / sigma))


def _check(settings: Settings) -> list[tuple[str, str]]:
    name = settings["column"]
    if name not in columns():
        return [("column", f"no column is called {name!r}; {meant(name, columns(), 'columns')}")]
    column = columns()[name]
    problems = []
    most = float(column["load_mL"])
    if settings["volume"] is not None and settings["volume"] > most * (1.0 + 1e-9):
        given = f"{settings['volume']:.3g} mL"
        problems.append(
            ("column", f"{name} takes at most {most:g} mL, it is given {given}; concentrate the sample first")
        )
    start, end = window(settings)
    if start >= end:
        problems.append(("to", f"the fractions kept end ({end:g} mL) before they begin ({start:g} mL)"))
    return problems


def window(settings: Settings) -> tuple[float, float]:
    """Volumes (mL) between which a checked step keeps fractions; the column's own where none are given."""
    column = columns()[settings["column"]]
    start, end = settings["from"], settings["to"]
    return (
        float(column["from_mL"]) if start is None else start,
        float(column["to_mL"]) if end is None else end,
    )


def _apply(flow: Flow, settings: Settings, draw: Draw) -> None:
    column = columns()[settings["column"]]
    start, end = window(settings)
    load = flow.sample.volume
    back = draw("column")
    flow.lose("column", lambda _: 1.0 - back)
    tail = draw("sec_tailing")
    flow.lose(
        "other fractions",
        lambda p: (1.0 - tail) * (1.0 - eluted(p.diameters, column, start, end, load)),
    )
    flow.buffer(end - start)


SEC = Step(
    "sec",
    "size-exclusion column; keep the fractions between two volumes",
    {
        "column": Field("text", "a column, e.g. qEV-70", needed=True),
        "from": Field("mL", "volume after which fractions are kept", least=0.0),
        "to": Field("mL", "volume up to which they are kept", least=0.0, above=True),
    },
    _apply,
    _check,
)
