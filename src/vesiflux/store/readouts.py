"""What a run comes to at its end: a ward's score, antibody in the blood, a pathogen, cells that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.store.run import Run

__all__ = ["readout_ends", "readout_titles"]


def readout_ends(run: Run, arm: str) -> dict[str, dict[str, Any]]:
    """Output (`readout_titles`) -> title, unit, median, and low and high (5 to 95 %) at the end.

    Draws that failed are left out; a readout without a finite draw has no place.
    """
    kept = run.outputs(series=True)
    found: dict[str, dict[str, Any]] = {}
    for output, title in run.record.get("readouts", {}).items():
        ends = run.course(output, arm)[:, -1]
        if np.isfinite(ends).any():
            low, median, high = np.nanquantile(ends, (0.05, 0.5, 0.95))
            found[output] = {
                "title": title, "unit": kept[output],
                "median": float(median), "low": float(low), "high": float(high),
            }  # fmt: skip
    return found


def readout_titles(compiled: CompiledModel) -> dict[str, str]:
    """Output ``CELL.MODULE.NAME`` -> title, of every readout kept over time, as a run's record holds them.

    Of modules with a diagram nothing is told: they are machineries, which pages draw. In a body whose modules
    tell nothing it is told how many cells are in a state that they do not begin in, ``CELL.STATE.count``, and
    how many there are of cells that come and go, ``CELL.count``.
    """
    kept = {o.name for o in compiled.program.outputs if o.series}
    titles = {
        f"{path}.{name}": str(readout["title"])
        for path, module in compiled.report.get("modules", {}).items()
        if not module["diagram"]
        for name, readout in module["readouts"].items()
    }
    if not titles and any(name.startswith("organs.") for name in kept):
        titles = _changed_cells(compiled)
    return {output: title for output, title in titles.items() if output in kept}


def _changed_cells(compiled: CompiledModel) -> dict[str, str]:
    """Numbers of cells that can change: of the states of a type all but the first."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for state in compiled.program.states:
        cell, *inner = state.name.removesuffix(".count").split(".")
        if not state.name.endswith(".count") or cell not in compiled.report["cells"] or len(inner) > 1:
            continue
        if not inner or cell in seen:
            who = compiled.report["cells"][cell]["title"] or cell
            found[state.name] = ", ".join([who, *inner])
        seen.add(cell)
    return found
