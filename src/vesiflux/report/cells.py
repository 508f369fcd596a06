"""What the report shows of a run of single cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vesiflux.report.figures.single_cells import ArmCells, CellsData
from vesiflux.report.reader import Reader
from vesiflux.store.cells import cell_statistics
from vesiflux.store.columns import values

__all__ = ["CAPTION", "MOST_ARMS", "is_of_cells", "single_cells"]

MOST_ARMS = 8
CAPTION = (
    "Every MVB is an individual that carries its own ILVs; a fusion sets them free as one burst. Left: some "
    "cells over time, black the mean of all. Middle: what each cell released. Right: sizes of all bursts. "
    "Where fusions happen independently of one another and of what they carry, the Fano factor of what cells "
    "release (variance over mean) is E[B²]/E[B], whatever the window. Cells differ by chance, and by "
    "parameters that vary per replicate."
)


def is_of_cells(reader: Reader) -> bool:
    """Whether the run simulated single cells."""
    return "single_cells" in reader.run.record["call"]


def single_cells(reader: Reader) -> Iterator[tuple[str, CellsData]]:
    """One figure for every class that is released in bursts, of the first draw."""
    run = reader.run
    shown = [*reader.references, *(a for a in reader.arms if a not in reader.references)][:MOST_ARMS]
    for name in run.outputs(series=True):
        parts = name.split(".")
        if len(parts) != 3 or parts[1] != "released":
            continue
        vesicle = parts[2]
        arms = []
        for arm in shown:
            told = cell_statistics(run, arm)[vesicle]
            if "burst_fano" not in told:
                continue
            table = run.bursts(arm)
            mine = np.array([c == vesicle for c in table["class"].to_pylist()], dtype=bool)
            mine &= values(table, "draw") == 0
            contents = [n for n in table.column_names if n not in ("draw", "cell", "time", "class")]
            sizes = np.sum([values(table, n) for n in contents], axis=0).astype(float)
            released = run.cells(name, arm).values[0]
            arms.append(
                ArmCells(
                    arm, reader.title(arm), released[np.isfinite(released).all(axis=1)], sizes[mine],
                    values(table, "cell")[mine].astype(float), told.get("cv", float("nan")),
                    told.get("fano", float("nan")), told["burst_fano"],
                )
            )  # fmt: skip
        if arms:
            yield vesicle, CellsData(f"{vesicle}s", reader.times, tuple(arms))
