"""Runs of single cells: how they are compiled, their bursts, and what differs from cell to cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.errors import InputError
from vesiflux.store.blocks import read_bursts
from vesiflux.store.columns import numbers, texts, values
from vesiflux.store.layout import Store
from vesiflux.store.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model
    from vesiflux.store.run import Run

__all__ = ["bursts_of", "cell_statistics", "compile_model"]


def compile_model(model: Model, picked: Mapping[str, str], call: Mapping[str, Any]) -> CompiledModel:
    """The model as a run with arguments ``call`` runs it: in the mean, or as single cells."""
    if "single_cells" not in call:
        from vesiflux.ir.lowering import lower

        return lower(model, choose=picked, arms=call["arms"] or ())
    from vesiflux.ir.stochastic_lowering import lower_cells

    return lower_cells(model, picked, cell=call["cell"], typical=call["single_cells"] == "typical")


def bursts_of(run: Run, store: Store, entry: Mapping[str, Any]) -> pa.Table:
    """Bursts of one arm and structure, in the order of its cells and of time."""
    import pyarrow as pa

    if "single_cells" not in run.record["call"]:
        raise InputError(f"{run.path}: a run in the mean has no bursts; run it with single cells")
    rows = Rows.of(entry)
    parts: list[Any] = []
    names: tuple[str, ...] = ()
    sizes: list[int] = []
    before = 0
    for name in rows.blocks:
        folder = store.block(entry["group"], name)
        part, names = read_bursts(folder)
        size = len(_keys(folder))
        part[:, 0] += before
        before += size
        sizes.append(size)
        parts.append(part)
    found = np.concatenate(parts)
    lane_of = np.full(before, -1)
    lane_of[rows.taken(sizes)] = np.arange(run.draws * run.replicates)
    lanes = lane_of[found[:, 0].astype(int)]
    order = np.lexsort((found[:, 1], lanes))
    order = order[lanes[order] >= 0]
    found, lanes = found[order], lanes[order]
    classes = run.compiled.program.classes  # type: ignore[attr-defined]  # of a `CellProgram`
    columns = [
        numbers(lanes // run.replicates),
        numbers(lanes % run.replicates),
        numbers(found[:, 1]),
        texts([classes[int(c)] for c in found[:, 2]]),
        *(numbers(found[:, 3 + i].astype(np.int64)) for i in range(len(names))),
    ]
    return pa.Table.from_arrays(columns, names=["draw", "cell", "time", "class", *names])


def _keys(folder: Any) -> list[str]:
    from vesiflux.store.blocks import read_head

    keys: list[str] = read_head(folder)["keys"]
    return keys


def cell_statistics(run: Run, arm: str, structure: str | None = None) -> dict[str, Any]:
    """What differs between the cells of an arm, by vesicle class.

    ``mean`` and ``cv`` of vesicles released over the run; ``fano``: variance over mean. For classes that
    burst also ``bursts`` per cell, ``mean_burst``, ``silent_bursts`` (share that sets nothing free) and
    ``burst_fano``, E[B^2] / E[B], which the Fano factor of a steady cell equals in any window.
    """
    table = run.bursts(arm, structure)
    kinds = np.array(table["class"].to_pylist())
    contents = [n for n in table.column_names if n not in ("draw", "cell", "time", "class")]
    sizes = sum((values(table, n) for n in contents), np.zeros(table.num_rows))
    found: dict[str, Any] = {}
    for name in run.outputs(series=True):
        _, released, vesicle = (*name.split("."), "", "")[:3]
        if released != "released":
            continue
        # spread between cells of one parameter set, not between draws
        lanes = run.cells(name, arm, structure).values[:, :, -1]
        lanes = lanes[:, np.isfinite(lanes).all(axis=0)]
        mean = float(lanes.mean()) if lanes.size else 0.0
        row: dict[str, float] = {"mean": mean}
        if mean > 0.0 and lanes.shape[1] > 1:
            variance = float(lanes.var(axis=1, ddof=1).mean())
            row |= {"cv": variance**0.5 / mean, "fano": variance / mean}
        mine = sizes[kinds == vesicle]
        if len(mine):
            row["bursts"] = len(mine) / lanes.size
            row["mean_burst"] = float(mine.mean())
            row["silent_bursts"] = float((mine == 0).mean())
            if mine.mean() > 0.0:
                row["burst_fano"] = float((mine**2).mean() / mine.mean())
        found[vesicle] = row
    return found
