"""`TissueRun`: a run of a tissue model, opened from its folder. Nothing is read before it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError, RunError
from vesiflux.store.files import read_json
from vesiflux.store.run import Run, load_record
from vesiflux.store.tissue.layout import RESULT, RESULT_VERSION, ArmFolder

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

__all__ = ["TissueRun", "is_tissue", "open_run"]

Floats = npt.NDArray[np.float64]


def is_tissue(record: Mapping[str, Any]) -> bool:
    """Whether a run's record is that of a tissue."""
    return record.get("space") == "tissue"


def open_run(path: str | Path) -> Run | TissueRun:
    """Open the run in folder ``path``, of a dish or of a tissue. Raises `InputError` when it is no run."""
    folder = _folder(path)
    record = load_record(folder)
    return TissueRun(folder, record) if is_tissue(record) else Run(folder, record)


class TissueRun:
    """A run of a tissue, finished or not; open it with `TissueRun.open`.

    ``arm`` is everywhere the first arm of the run where it is left out; ``frame`` counts from 0, or
    from the end when negative, over the frames written so far.
    """

    def __init__(self, path: Path, record: Mapping[str, Any]) -> None:
        self.path = path
        self.record = record

    @classmethod
    def open(cls, path: str | Path) -> TissueRun:
        """Open the run in folder ``path``. Raises `InputError` when it is no run of a tissue."""
        folder = _folder(path)
        record = load_record(folder)
        if not is_tissue(record):
            raise InputError(f"{folder}: is a run of a dish; open it with vesiflux.Run.open")
        return cls(folder, record)

    def __repr__(self) -> str:
        return f"<vesiflux.TissueRun {self.path}: {len(self.arms)} arms, {self.record['status']}>"

    # ------------------------------------------------------------ what it is

    @property
    def model_name(self) -> str:
        """Name of the model."""
        name: str = self.record["model"]["name"]
        return name

    @property
    def status(self) -> str:
        """``running`` (or killed) or ``complete``."""
        status: str = self.record["status"]
        return status

    @property
    def seed(self) -> int:
        """Seed of all arms."""
        return int(self.record["seed"])

    @property
    def arms(self) -> Mapping[str, Mapping[str, Any]]:
        """Arm -> its facts, see `facts`; the first is the default everywhere."""
        arms: Mapping[str, Mapping[str, Any]] = self.record["arms"]
        return arms

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, host, threads, date, hash of the engine sources, seed and settings."""
        found: dict[str, Any] = dict(self.record["provenance"])
        return {**found, "seed": self.seed, "settings": self.record["settings"]}

    def facts(self, arm: str | None = None) -> Mapping[str, Any]:
        """Facts of an arm.

        ``title``, ``against``, ``interventions``, ``mark``, ``note``; ``kinds``: name, title, states,
        colour (index), count at the start and shown (name -> unit) of each cell type, in the order of the
        column ``kind``; ``fields``: name, title, unit, quantity, group, sender, vesicle, molecule of each;
        ``box`` (um, x y z), ``voxel`` (um), ``shape`` (voxels x y z); ``frames``, ``records``: planned
        times, h; ``step``, h; ``report``: what the model says about itself.
        """
        return self.arms[self._arm(arm)]

    def kinds(self, arm: str | None = None) -> list[str]:
        """Names of the cell types; the column ``kind`` counts them from 0."""
        return [kind["name"] for kind in self.facts(arm)["kinds"]]

    def fields(self, arm: str | None = None) -> dict[str, str]:
        """Field -> unit of its values (``vesicle/mL``, ``copy/mL``, ``molecule/mL``)."""
        return {field["name"]: f"{field['unit']}/mL" for field in self.facts(arm)["fields"]}

    @property
    def frames(self) -> Floats:
        """Times of the frames of the first arm that are there, h; see `frame_times` for other arms."""
        return self.frame_times()

    def frame_times(self, arm: str | None = None) -> Floats:
        """Times of the frames that are there, h, shape (n,)."""
        planned = np.asarray(self.facts(arm)["frames"], dtype=np.float64)
        found: Floats = planned[: self.folder(arm).frames()]
        return found

    def folder(self, arm: str | None = None) -> ArmFolder:
        """Where the files of an arm lie."""
        return ArmFolder(self.path, self._arm(arm))

    # ------------------------------------------------------------ what came out

    def field(self, name: str, frame: int = -1, arm: str | None = None) -> xr.DataArray:
        """A field at a frame: dimensions (z, y, x) with the middles of the voxels in um, values per mL."""
        import xarray as xr

        from vesiflux.store.tissue.fields import read

        facts = self.facts(arm)
        known = {f["name"]: f for f in facts["fields"]}
        if name not in known:
            raise InputError(_unknown("field", name, known))
        nx, ny, nz = facts["shape"]
        number = self._frame(frame, arm)
        values = read(self.folder(arm).zarr, name, number, (nz, ny, nx))
        middles = {
            axis: (axis, (np.arange(n) + 0.5) * edge, {"units": "um"})
            for axis, n, edge in zip("xyz", facts["shape"], facts["voxel"], strict=True)
        }
        attributes = {"units": f"{known[name]['unit']}/mL", "title": known[name]["title"]}
        return xr.DataArray(
            values, dims=("z", "y", "x"), name=name, attrs=attributes,
            coords=middles | {"time": ((), facts["frames"][number], {"units": "h"})},
        )  # fmt: skip

    def cells(self, frame: int = -1, arm: str | None = None) -> pa.Table:
        """Cells at a frame, one row each, in order of id.

        Columns id, parent, kind (index into `kinds`), state (index into the type's states), dead, x, y, z,
        radius (um), then what the types show, NaN where a type does not.
        """
        from vesiflux.store.tissue.tables import read_table

        return read_table(self.folder(arm).table("cells", self._frame(frame, arm)), "cells")

    def vesicles(self, frame: int = -1, arm: str | None = None) -> pa.Table | None:
        """Single vesicles at a frame; `None` when all classes are treated as fields."""
        from vesiflux.store.tissue.tables import read_table

        path = self.folder(arm).table("vesicles", self._frame(frame, arm))
        return read_table(path, "vesicles") if path.exists() else None

    def events(self, arm: str | None = None) -> pa.Table:
        """What happened to cells up to the last frame: time (h), event, id, other (id or -1)."""
        import pyarrow as pa

        from vesiflux.store.tissue.tables import read_table

        folder = self.folder(arm)
        parts = [read_table(folder.table("events", n), "events") for n in range(folder.frames())]
        if not parts:
            raise RunError(f"{folder.root}: no frame yet")
        return pa.concat_tables(parts)

    def series(self, arm: str | None = None) -> pa.Table:
        """One row per record time: ``time`` (h), then counts and amounts."""
        from vesiflux.store.tissue.tables import read_table

        return read_table(self.folder(arm).series, "series")

    def received(self, arm: str | None = None) -> pa.Table:
        """Who got how much from whom: recipient, sender, class, quantity, molecule, field, unit, amount."""
        from vesiflux.store.tissue.tables import read_table

        return read_table(self.folder(arm).received, "received")

    def result(self, arm: str | None = None) -> Mapping[str, Any]:
        """How an arm ended; see `summary`. Raises `RunError` when it is not finished."""
        path = self.folder(arm).result
        if not path.exists():
            raise RunError(f"{self.path}: arm {self._arm(arm)} is not finished; continue it with resume")
        return read_json(path, RESULT, RESULT_VERSION)

    def summary(self) -> dict[str, Any]:
        """What scripts read.

        ``run``, ``seconds``, ``balance_error`` (largest of all fields and arms); of the first arm, at the
        end: ``cells`` (alive), ``voxels``, ``vesicles_secreted`` (all classes), ``field_error_estimate``
        (relative, the worst field). ``arms``: per arm the same, and ``dead``; ``kinds``: per cell type
        cells, dead, states; ``secreted``: class -> vesicles; ``received``: recipient -> class -> vesicles,
        and factor -> molecules.
        """
        arms = {name: _told(self.result(name)) for name in self.arms}
        first = arms[next(iter(arms))]
        return {
            "run": str(self.path),
            "seconds": self.record["seconds"],
            "balance_error": _worst(row["balance_error"] for row in arms.values()),
            **{n: first[n] for n in ("cells", "voxels", "vesicles_secreted", "field_error_estimate")},
            "arms": arms,
        }

    def to_csv(self, folder: str | Path) -> Path:
        """Write the tables of the run as CSV to ``folder``; returns the folder."""
        from vesiflux.store.tissue.export_csv import write_csv

        return write_csv(self, Path(folder))

    # ------------------------------------------------------------ reading

    def _arm(self, arm: str | None) -> str:
        if arm is None:
            return next(iter(self.arms))
        if arm not in self.arms:
            raise InputError(_unknown("arm", arm, self.arms))
        return arm

    def _frame(self, frame: int, arm: str | None) -> int:
        count = self.folder(arm).frames()
        if not -count <= frame < count:
            told = f"has {count} frames, 0 to {count - 1}" if count else "has no frame yet"
            raise InputError(f"{self.path}: no frame {frame}; arm {self._arm(arm)} {told}")
        return frame % count


def _folder(path: str | Path) -> Path:
    folder = Path(path)
    return folder.parent if folder.name == "run.json" else folder


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("type", "version", "key")}


def _worst(values: Iterable[float | None]) -> float | None:
    return max((v for v in values if v is not None), default=None)


def _unknown(what: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(known), 3) or list(known)[:8]
    return f"no {what} named {name!r}; did you mean {', '.join(map(repr, near))}?"
