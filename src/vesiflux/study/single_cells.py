"""A study whose replicates are single cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vesiflux.errors import InputError
from vesiflux.store.cells import compile_model

__all__ = ["SOLVER", "cell_call", "compile_model"]

#: The engine of single cells, by name.
SOLVER = "vesiflux.engines.ssa:solve_cells"


def cell_call(call: Mapping[str, Any], single_cells: int | None, cell: str | None) -> dict[str, Any]:
    """Arguments of a run of single cells: replicates are cells, one typical draw unless draws are asked for.

    ``single_cells`` in the result says which parameters they have: "typical" or "drawn".
    """
    if single_cells is None:
        raise InputError(f"cell {cell!r} is named, but not how many single cells to simulate")
    if single_cells < 1:
        raise InputError(f"single cells: {single_cells} is too few; simulate at least 1")
    if call["replicates"] != 1:
        raise InputError("single cells are the replicates of their run; leave replicates out")
    drawn = call["draws"] is not None
    return {
        **call,
        "draws": call["draws"] if drawn else 1,
        "replicates": single_cells,
        "single_cells": "drawn" if drawn else "typical",
        "cell": cell,
    }
