"""All cells of a tissue run as one AnnData file, the form that scanpy, squidpy and other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.errors import InputError, RunError
from vesiflux.store.files import told
from vesiflux.store.tissue.export_csv import named_cells

if TYPE_CHECKING:
    from vesiflux.store.tissue.run import TissueRun

__all__ = ["write_anndata"]

#: Columns of a frame that describe a cell; all others are values, the columns of ``X``.
OBS = ("id", "parent", "kind", "state", "dead", "x", "y", "z", "radius")


def write_anndata(run: TissueRun, path: Path) -> Path:
    """Write every cell of every frame of all arms to ``path`` (``.h5ad``).

    ``obs``: arm, frame, time (h), id, parent, kind, state, dead, radius (um); ``obsm["spatial"]``: positions,
    um, two columns in a slab and three in a box of voxels; ``X``: what the cells show, NaN where a type does
    not; ``var``: names and units; ``uns["vesiflux"]``: model, units, box, voxel.

    Raises `InputError` without the library anndata, `RunError` when the disk refuses.
    """
    try:
        import anndata
    except ImportError:
        raise InputError("this needs the library anndata: pip install 'vesiflux[spatial]'") from None
    import pandas as pd
    import pyarrow as pa

    tables = []
    for arm in run.arms:
        for frame, time in enumerate(run.frame_times(arm)):
            table = named_cells(run, arm, frame)
            for position, (name, value) in enumerate(
                {"arm": arm, "frame": frame, "time": float(time)}.items()
            ):
                table = table.add_column(position, name, pa.array([value] * table.num_rows))
            tables.append(table)
    if not tables:
        raise RunError(f"{run.path}: no frame yet")
    whole = pa.concat_tables(tables, promote_options="default")
    values = [n for n in whole.column_names if n not in (*OBS, "arm", "frame", "time")]
    obs = whole.select(["arm", "frame", "time", *(n for n in OBS if n not in "xyz")]).to_pandas()
    obs.index = pd.Index(
        [f"{a}-{f}-{i}" for a, f, i in zip(obs["arm"], obs["frame"], obs["id"], strict=True)]
    )
    for name in ("arm", "kind", "state"):
        obs[name] = obs[name].astype("category")
    flat = all(info["shape"][2] == 1 for info in run.arms.values())
    units: dict[str, str] = {}
    for info in run.arms.values():
        for kind in info["kinds"]:
            units |= kind["shown"]
    var = pd.DataFrame({"unit": [units.get(n, "") for n in values]}, index=pd.Index(values, dtype=object))
    adata = anndata.AnnData(
        X=_matrix(whole, values, np.float32),
        obs=obs,
        var=var,
        obsm={"spatial": _matrix(whole, ["x", "y"] if flat else ["x", "y", "z"], np.float64)},
        uns={"vesiflux": _told(run)},
    )
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        adata.write_h5ad(path, compression="gzip")
    return path


def _matrix(table: Any, names: list[str], dtype: Any) -> Any:
    """Columns side by side, shape (rows, names); missing values are NaN."""
    matrix = np.empty((table.num_rows, len(names)), dtype=dtype)
    for column, name in enumerate(names):
        matrix[:, column] = table[name].to_pandas().to_numpy(dtype=dtype, na_value=np.nan)
    return matrix


def _told(run: TissueRun) -> dict[str, Any]:
    facts = run.facts()
    return {
        "model": run.model_name,
        "seed": run.seed,
        "box": np.asarray(facts["box"]),
        "voxel": np.asarray(facts["voxel"]),
        "units": {"spatial": "um", "box": "um", "voxel": "um", "radius": "um", "time": "h"},
    }
