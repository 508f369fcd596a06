"""Frames of a tissue run for ParaView and VTK: fields as image data, cells and vesicles as points.

VTK's XML formats, base64 inside, written here: the libraries that write them are VTK itself (a hundred
times as large as this package), and meshio, which knows unstructured grids only; a Cartesian field would
take ten times the space in one of those, and cells would have to be invented as mesh elements.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt

from vesiflux.store.files import told

if TYPE_CHECKING:
    import pyarrow as pa

    from vesiflux.store.tissue.run import TissueRun

__all__ = ["write_vtk"]

TYPES = {"f4": "Float32", "f8": "Float64", "i4": "Int32", "i8": "Int64", "u1": "UInt8"}

Columns = Mapping[str, npt.NDArray[Any]]


def write_vtk(run: TissueRun, folder: Path, arm: str | None = None) -> Path:
    """Write every frame of ``arm`` (default: of all arms) to ``folder/ARM/``; returns ``folder``.

    ``fields_00000.vti``: all fields, per mL, on voxels; ``cells_00000.vtp``, ``vesicles_00000.vtp``: points
    with their columns; ``fields.pvd``, ``cells.pvd``, ``vesicles.pvd``: the frames with their times in h,
    what to open in ParaView. Lengths are in um. Raises `RunError` when the disk refuses.
    """
    with told(folder):
        for name in list(run.arms) if arm is None else [arm]:
            target = folder / run.folder(name).root.name
            target.mkdir(parents=True, exist_ok=True)
            _write_arm(run, name, target)
    return folder


def _write_arm(run: TissueRun, arm: str, target: Path) -> None:
    facts = run.facts(arm)
    files: dict[str, list[tuple[float, str]]] = {"fields": [], "cells": [], "vesicles": []}
    for frame, time in enumerate(run.frame_times(arm)):
        names = {kind: f"{kind}_{frame:05d}" for kind in files}
        values = {n: run.field(n, frame, arm).to_numpy() for n in run.fields(arm)}
        _write_image(target / f"{names['fields']}.vti", values, facts["shape"], facts["voxel"])
        files["fields"].append((float(time), f"{names['fields']}.vti"))
        points = {"cells": run.cells(frame, arm), "vesicles": run.vesicles(frame, arm)}
        for kind, table in points.items():
            if table is not None:
                _write_points(target / f"{names[kind]}.vtp", _arrays(table))
                files[kind].append((float(time), f"{names[kind]}.vtp"))
    for kind, parts in files.items():
        if parts:
            _write_collection(target / f"{kind}.pvd", parts)


def _arrays(table: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """Columns of numbers as arrays VTK has a type for; others are left out."""
    found = {}
    for name in table.column_names:
        values = table[name].to_numpy()
        if values.dtype.kind == "b":
            values = values.astype(np.uint8)
        elif values.dtype.kind in "iu" and values.dtype.str[1:] not in TYPES:
            values = values.astype(np.int64)
        if values.dtype.str[1:] in TYPES:
            found[name] = values
    return found


@contextmanager
def _file(path: Path, kind: str) -> Iterator[TextIO]:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            f'<?xml version="1.0"?>\n<VTKFile type="{kind}" version="1.0" byte_order="LittleEndian" '
            'header_type="UInt64">\n'
        )
        yield file
        file.write("</VTKFile>\n")


def _write_image(path: Path, fields: Columns, shape: list[int], voxel: list[float]) -> None:
    extent = " ".join(f"0 {n}" for n in shape)
    spacing = " ".join(f"{d:.17g}" for d in voxel)
    with _file(path, "ImageData") as file:
        file.write(f'<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="{spacing}">\n')
        file.write(f'<Piece Extent="{extent}">\n<CellData>\n')
        for name, values in fields.items():
            _write_array(file, name, values.reshape(-1))
        file.write("</CellData>\n</Piece>\n</ImageData>\n")


def _write_points(path: Path, columns: Columns) -> None:
    count = len(columns["x"])
    places = np.stack([columns[n] for n in "xyz"], axis=1).astype(np.float32)
    with _file(path, "PolyData") as file:
        file.write(f'<PolyData>\n<Piece NumberOfPoints="{count}" NumberOfVerts="{count}" ')
        file.write('NumberOfLines="0" NumberOfStrips="0" NumberOfPolys="0">\n<PointData>\n')
        for name, values in columns.items():
            if name not in ("x", "y", "z"):
                _write_array(file, name, values)
        file.write("</PointData>\n<Points>\n")
        _write_array(file, "Points", places)
        file.write("</Points>\n<Verts>\n")
        _write_array(file, "connectivity", np.arange(count, dtype=np.int64))
        _write_array(file, "offsets", np.arange(1, count + 1, dtype=np.int64))
        file.write("</Verts>\n</Piece>\n</PolyData>\n")


def _write_array(file: TextIO, name: str, values: npt.NDArray[Any]) -> None:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    raw = little.tobytes()
    content = base64.b64encode(len(raw).to_bytes(8, "little")) + base64.b64encode(raw)
    parts = f' NumberOfComponents="{values.shape[1]}"' if values.ndim == 2 else ""
    kind = TYPES[little.dtype.str[1:]]
    file.write(f'<DataArray type="{kind}" Name={quoteattr(name)}{parts} format="binary">\n')
    file.write(content.decode())
    file.write("\n</DataArray>\n")


def _write_collection(path: Path, parts: list[tuple[float, str]]) -> None:
    with _file(path, "Collection") as file:
        file.write("<Collection>\n")
        for time, name in parts:
            file.write(f'<DataSet timestep="{time!r}" file={quoteattr(name)}/>\n')
        file.write("</Collection>\n")
