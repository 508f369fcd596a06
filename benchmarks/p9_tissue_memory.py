"""P9 of the whole engine: bytes per cell, and per voxel and field, at the peak of a step.

Counted is what Python and NumPy hold at most while a step runs, room kept for cells to come included.
Per cell: from two numbers of cells in a box of the same voxels, so that voxels drop out; what the 30 nodes
and the other states of a cell's program take is told apart, since that is the model's. Per voxel and field:
from two boxes with the same cells.

    python -m benchmarks.p9_tissue_memory
"""

from __future__ import annotations

import tracemalloc

from benchmarks._results import Row, save, show
from benchmarks._tissue import FIELDS, tissue

CELLS = (10_000, 60_000)
EDGES = (640.0, 1280.0)  # um
STEPS = 2  # the first has lists and matrices made


def peak(count: int, edge: float) -> tuple[int, int, int]:
    """(bytes at the peak of a step, voxels, bytes of a cell's program)."""
    tracemalloc.start()
    simulation = tissue(count, edge=edge)
    simulation.step(STEPS)
    tracemalloc.reset_peak()
    simulation.step()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, simulation.grid.n_voxels, 8 * len(simulation.plan.cells[0].program.states)


def main() -> None:
    """Measure, print and keep."""
    tissue(2000).step(STEPS)
    (few, _, program), (many, _, _) = (peak(count, EDGES[0]) for count in CELLS)
    per_cell = (many - few) / (CELLS[1] - CELLS[0])
    (small, voxels, _), (large, more, _) = (peak(CELLS[0], edge) for edge in EDGES)
    per_voxel = (large - small) / (more - voxels) / FIELDS
    rows: list[Row] = [
        {
            "id": "P9",
            "case": "whole engine, cell without its program",
            "ours": per_cell - program,
            "unit": "B/cell",
            "target": 600,
            "note": f"{per_cell:.0f} B with the {program // 8} states of the program; {CELLS[1]} cells",
        },
        {
            "id": "P9",
            "case": "whole engine, voxel and field",
            "ours": per_voxel,
            "unit": "B/voxel and field",
            "target": 24,
            "note": f"{FIELDS} fields in three groups, one at quasi-steady state; {more} voxels",
        },
    ]
    save(rows)
    show(rows)


if __name__ == "__main__":
    main()
