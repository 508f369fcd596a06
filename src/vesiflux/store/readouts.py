"""What the modules of a run show at its end: the score of a ward, antibody in the blood, a pathogen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["module_ends"]


def module_ends(run: Run, arm: str) -> dict[str, dict[str, Any]]:
    """Readout ``CELL.MODULE.NAME`` -> title, unit, median, and low and high (5 to 95 %) at the end.

    Of modules with a diagram nothing is told: they are machineries, which pages draw. Draws that failed
    are left out; a readout without a finite draw has no place.
    """
    kept = run.outputs(series=True)
    found: dict[str, dict[str, Any]] = {}
    for path, module in run.compiled.report["modules"].items():
        for name, readout in {} if module["diagram"] else module["readouts"].items():
            output = f"{path}.{name}"
            if output not in kept:
                continue
            ends = run.series(output, arm).to_numpy()[:, -1]
            if np.isfinite(ends).any():
                low, median, high = np.nanquantile(ends, (0.05, 0.5, 0.95))
                found[output] = {
                    "title": readout["title"], "unit": kept[output],
                    "median": float(median), "low": float(low), "high": float(high),
                }  # fmt: skip
    return found
