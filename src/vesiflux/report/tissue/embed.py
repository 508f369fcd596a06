"""The data of the tissue view: what of a run goes into the page, as small as it can be.

A blob is a zlib stream in base64. A column of w bytes is stored as w planes, lowest byte first; fields are
differences to the voxel before (modulo 65536), so that their upper plane is nearly empty.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.report.tissue.palette import darker, lighter, type_colour
from vesiflux.report.tissue.scale import FIELD_LEVELS, VALUE_LEVELS, Scale
from vesiflux.report.tissue.source import Columns, Tissue, column

__all__ = ["BUDGET", "COLUMNS", "SINGLES", "Cut", "cut", "embedded", "value_names"]

BUDGET = 14_000_000  # bytes of all arms before compression; about as many in the page
COLUMNS = ("id", "parent", "kind", "state", "dead", "x", "y", "z", "radius")
SINGLES = 20_000  # single vesicles of a frame that the page shows
_CELL_BYTES = 14
_FIELD_SHARE = 0.6  # bytes per code that are left of two, smooth as fields are
_FEWEST = 5  # frames to keep before anything else is left out


@dataclass(frozen=True)
class Cut:
    """What of an arm is embedded: ``frames``, every ``layer_step``-th layer, every ``stride``-th cell."""

    frames: tuple[int, ...]
    layers: tuple[int, ...]
    stride: int
    all_frames: int
    all_layers: int

    @property
    def words(self) -> str:
        """What was left out, in a sentence; "" for nothing."""
        said = []
        if len(self.frames) < self.all_frames:
            said.append(f"{len(self.frames)} of {self.all_frames} frames")
        if len(self.layers) < self.all_layers:
            said.append(f"{len(self.layers)} of {self.all_layers} layers of voxels")
        if self.stride > 1:
            said.append(f"one cell in {self.stride}")
        return f"To keep the page small it holds {', '.join(said)}; the run has all of them." if said else ""


def value_names(tissues: Sequence[Tissue]) -> tuple[str, ...]:
    """Shown values of the cells of any arm, in the order of the frames."""
    names: dict[str, None] = {}
    for tissue in tissues:
        names.update((n, None) for n in tissue.cells(len(tissue.times) - 1) if n not in COLUMNS)
    return tuple(names)


def cut(tissue: Tissue, values: int, budget: float) -> Cut:
    """What of an arm fits into `budget` bytes: first frames are left out, then layers, then cells."""
    nx, ny, nz = tissue.shape
    count = len(tissue.times)
    cells = len(tissue.cells(count - 1)["x"]) * (_CELL_BYTES + 2.0 * values)
    layer = nx * ny * len(tissue.fields) * 2 * _FIELD_SHARE
    kept = int(np.clip(budget // max(cells + layer * nz, 1.0), min(count, _FEWEST), count))
    step = 1
    while nz // step > 3 and kept * (cells + layer * -(-nz // step)) > budget:
        step += 1
    left = max(budget / kept - layer * -(-nz // step), budget / kept / 4)
    stride = max(1, int(np.ceil(cells / left)))
    frames = tuple(dict.fromkeys(int(i) for i in np.rint(np.linspace(0, count - 1, kept))))
    layers = tuple(range((nz - 1) % step // 2, nz, step))
    return Cut(frames, layers, stride, count, nz)


def embedded(tissues: Sequence[Tissue], budget: float = BUDGET) -> tuple[dict[str, Any], str]:
    """Data of the view of arms of one model, ready for JSON, and a sentence on what was left out.

    All arms share each field's and value's scale, so that colours compare.
    """
    first = tissues[0]
    names = value_names(tissues)
    cuts = [cut(t, len(names), budget / len(tissues)) for t in tissues]
    scales = _field_scales(tissues, cuts)
    shown = _value_scales(tissues, cuts, names)
    data = {
        "title": first.title,
        "size": list(first.size),
        "shape": list(first.shape),
        "kinds": [
            {
                "name": k.name,
                "title": k.title,
                "states": list(k.states),
                "colour": type_colour(i),
                "light": lighter(type_colour(i), 0.35),
                "dark": darker(type_colour(i)),
            }
            for i, k in enumerate(first.kinds)
        ],
        "fields": [
            {"name": f.name, "title": f.title, "unit": f"{f.unit}/mL", **scales[f.name].as_json()}
            for f in first.fields
        ],
        "values": [
            {"name": n, "title": value_title(n), "unit": _unit(first.units.get(n, "")), **shown[n].as_json()}
            for n in names
        ],
        "arms": [_arm(t, c, scales, shown) for t, c in zip(tissues, cuts, strict=True)],
    }  # fmt: skip
    return data, next((c.words for c in cuts if c.words), "")


def _unit(unit: str) -> str:
    return "" if unit in ("1", "dimensionless") else unit


def value_title(name: str) -> str:
    """``node.NFkB`` as a reader says it."""
    head, _, rest = name.partition(".")
    if head == "copies" and rest:
        molecule, _, place = rest.rpartition(".")
        return f"copies of {molecule}, {place.replace('_', ' ')}" if molecule else f"copies of {rest}"
    return rest.replace("_", " ") if head == "node" and rest else name.replace("_", " ")


def _field_scales(tissues: Sequence[Tissue], cuts: Sequence[Cut]) -> dict[str, Scale]:
    return {
        f.name: Scale.of(
            [
                tissue.field(f.name, i)[list(c.layers)]
                for tissue, c in zip(tissues, cuts, strict=True)
                if any(own.name == f.name for own in tissue.fields)
                for i in c.frames
            ],
            FIELD_LEVELS,
        )
        for f in tissues[0].fields
    }


def _value_scales(
    tissues: Sequence[Tissue], cuts: Sequence[Cut], names: Sequence[str]
) -> dict[str, Scale]:  # fmt: skip
    found: dict[str, list[npt.NDArray[Any]]] = {n: [] for n in names}
    for tissue, c in zip(tissues, cuts, strict=True):
        for i in c.frames:
            cells = tissue.cells(i)
            for n in names:
                if n in cells:
                    found[n].append(np.asarray(cells[n], dtype=float)[:: c.stride])
    return {n: Scale.of(parts, VALUE_LEVELS) for n, parts in found.items()}


def _arm(
    tissue: Tissue, c: Cut, scales: Mapping[str, Scale], shown: Mapping[str, Scale]
) -> dict[str, Any]:  # fmt: skip
    own = {f.name for f in tissue.fields}
    frames = []
    widest = max(float(np.max(tissue.cells(i)["radius"], initial=1.0)) for i in c.frames)
    for i in c.frames:
        cells = tissue.cells(i)
        frames.append(
            {
                "time": float(f"{tissue.times[i]:.9g}"),
                "count": len(cells["x"][:: c.stride]),
                "cells": _cells(cells, c.stride, tissue.size, widest, shown),
                **_singles(tissue, i),
                "fields": [
                    _field(scales[n].encode(tissue.field(n, i)[list(c.layers)])) if n in own else ""
                    for n in scales
                ],
            }
        )
    dz = tissue.size[2] / tissue.shape[2]
    return {
        "name": tissue.arm,
        "title": tissue.arm_title,
        "layers": [float(f"{(k + 0.5) * dz:.9g}") for k in c.layers],
        "widest": widest,
        "frames": frames,
    }


def _cells(
    cells: Columns,
    stride: int,
    size: tuple[float, float, float],
    widest: float,
    shown: Mapping[str, Scale],
) -> str:
    part = {name: np.asarray(c)[::stride] for name, c in cells.items()}
    ids = np.asarray(part["id"], dtype=np.int64)
    dead = column(part, "dead").astype(bool)
    state = np.clip(column(part, "state"), 0, 127).astype(np.uint8)
    planes = [
        *_planes(np.diff(ids, prepend=0).astype(np.uint32)),
        *_planes(column(part, "kind").astype(np.uint8)),
        *_planes(state + 128 * dead.astype(np.uint8)),
    ]
    for name, edge in zip("xyz", size, strict=True):
        planes += _planes(_place(column(part, name), edge))
    planes += _planes(np.rint(column(part, "radius") / widest * 65535).astype(np.uint16))
    for name, scale in shown.items():
        planes += _planes(scale.encode(column(part, name, np.nan)))
    return _blob(planes)


def _singles(tissue: Tissue, frame: int) -> dict[str, Any]:
    """Places of single vesicles, of at most `SINGLES` of them, evenly chosen."""
    found = tissue.vesicles(frame)
    if found is None:
        return {}
    stride = max(1, -(-len(found["x"]) // SINGLES))
    places = [_place(column(found, n)[::stride], edge) for n, edge in zip("xyz", tissue.size, strict=True)]
    planes = [plane for codes in places for plane in _planes(codes)]
    return {"singles": _blob(planes), "stride": stride}


def _place(values: npt.NDArray[np.float64], edge: float) -> npt.NDArray[np.uint16]:
    return np.rint(np.clip(values / edge, 0, 1) * 65535).astype(np.uint16)


def _field(codes: npt.NDArray[np.uint16]) -> str:
    flat = codes.ravel()
    return _blob(_planes(np.diff(flat, prepend=np.zeros(1, np.uint16)).astype(np.uint16)))


def _planes(values: npt.NDArray[Any]) -> list[bytes]:
    small = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    width = small.dtype.itemsize
    octets = small.view(np.uint8).reshape(-1, width)
    return [octets[:, k].tobytes() for k in range(width)]


def _blob(planes: Sequence[bytes]) -> str:
    return base64.b64encode(zlib.compress(b"".join(planes), 9)).decode("ascii")
