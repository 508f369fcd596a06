"""What the modules of a run show at its end: the score of a ward, antibody in the blood, a pathogen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.store.run import Run

__all__ = ["module_ends", "readout_titles"]


def module_ends(run: Run, arm: str) -> dict[str, dict[str, Any]]:
    """Readout ``CELL.MODULE.NAME`` -> title, unit, median, and low and high (5 to 95 %) at the end.

    Draws that failed are left out; a readout without a finite draw has no place.
    """
    kept = run.outputs(series=True)
    found: dict[str, dict[str, Any]] = {}
    for output, title in run.record.get("readouts", {}).items():
        ends = run.series(output, arm).to_numpy()[:, -1]
        if np.isfinite(ends).any():
            low, median, high = np.nanquantile(ends, (0.05, 0.5, 0.95))
            found[output] = {
                "title": title, "unit": kept[output],
                "median": float(median), "low": float(low), "high": float(high),
            }  # fmt: skip
    return found


def readout_titles(compiled: CompiledModel) -> dict[str, str]:
    """Output ``CELL.MODULE.NAME`` -> title, of every readout kept over time, as a run's record holds them.

    Of modules with a diagram nothing is told: they are machineries, which pages draw.
    """
    kept = {o.name for o in compiled.program.outputs if o.series}
    titles = {
        f"{path}.{name}": str(readout["title"])
        for path, module in compiled.report.get("modules", {}).items()
        if not module["diagram"]
        for name, readout in module["readouts"].items()
    }
    return {output: title for output, title in titles.items() if output in kept}
