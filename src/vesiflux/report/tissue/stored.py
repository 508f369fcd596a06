"""A stored run's arms as the report reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.report.tissue import named
from vesiflux.report.tissue.source import Columns, ErrorRow, FieldFacts, Floats, GapRow, Kind, Received

if TYPE_CHECKING:
    from vesiflux.store.tissue import TissueRun

__all__ = ["StoredTissue", "arms"]


def arms(run: TissueRun) -> list[StoredTissue]:
    """The arms of a run that have a frame, in its order.

    Raises `InputError` where none has: there is nothing to show yet.
    """
    from vesiflux.errors import InputError

    found = [StoredTissue(run, arm) for arm in run.arms if len(run.frame_times(arm))]
    if not found:
        raise InputError(f"{run.path}: has no frame yet; a report can be written after the first one")
    return found


class StoredTissue:
    """One arm of a `TissueRun`; satisfies `source.Tissue`."""

    def __init__(self, run: TissueRun, arm: str) -> None:
        self.run = run
        facts = self.facts = run.facts(arm)
        told: Mapping[str, Any] = facts.get("report") or {}
        text = self._text or {}
        self.model = run.model_name
        self.title = str(run.record["model"]["title"] or self.model)
        self.summary = str(text.get("summary") or text.get("description") or "").strip()
        self.arm = arm
        self.arm_title = _plain(str(told.get("arm_title") or facts.get("title") or arm))
        self.seed = run.seed
        x, y, z = (float(v) for v in facts["box"])
        self.size = (x, y, z)
        nx, ny, nz = (int(v) for v in facts["shape"])
        self.shape = (nx, ny, nz)
        self.kinds = tuple(
            Kind(k["name"], _plain(k.get("title") or k["name"]), tuple(k["states"])) for k in facts["kinds"]
        )
        self.fields = tuple(
            FieldFacts(
                f["name"], f.get("title") or f["name"], f["unit"], f["sender"], f["vesicle"], f["molecule"]
            )
            for f in facts["fields"]
        )  # fmt: skip
        self.times: Floats = run.frame_times(arm)
        planned = facts["frames"]
        self.note = (
            f"{self.arm_title}: not finished, {len(self.times)} of {len(planned)} frames are there."
            if len(self.times) < len(planned)
            else ""
        )
        self.units: Mapping[str, str] = {
            name: unit for k in facts["kinds"] for name, unit in (k.get("shown") or {}).items()
        }
        self._cells = lru_cache(maxsize=4)(self._read)

    def _read(self, frame: int) -> Columns:
        table = self.run.cells(frame, self.arm)
        return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}

    def cells(self, frame: int) -> Columns:
        """Columns of a frame."""
        return self._cells(frame)

    def vesicles(self, frame: int) -> Columns | None:
        """Places of single vesicles; None where all are fields."""
        table = self.run.vesicles(frame, self.arm)
        if table is None or not {"x", "y"} <= set(table.column_names):
            return None
        return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}

    def field(self, name: str, frame: int) -> Floats:
        """Concentration per mL, shape (nz, ny, nx)."""
        return np.asarray(self.run.field(name, frame, self.arm).values, dtype=np.float64)

    def series(self) -> Columns:
        """What was recorded over time; nothing before the arm is finished."""
        if not self.run.folder(self.arm).series.exists():
            return {}
        table = self.run.series(self.arm)
        return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}

    def received(self) -> tuple[Received, ...]:
        """Amounts by recipient, sender and quantity; nothing before the arm is finished."""
        if not self.run.folder(self.arm).received.exists():
            return ()
        by_field = {f.name: f for f in self.fields}
        rows = []
        for row in self.run.received(self.arm).to_pylist():
            known = by_field.get(row["field"])
            vesicle = row["class"] or ""
            what = row["molecule"] or ("vesicles" if vesicle else known.title if known else row["field"])
            rows.append(
                Received(
                    row["recipient"], row["sender"] or "", vesicle, what, row["unit"], float(row["amount"])
                )
            )
        return tuple(rows)

    @cached_property
    def _result(self) -> Mapping[str, Any]:
        return self.run.result(self.arm) if self.run.folder(self.arm).result.exists() else {}

    @property
    def errors(self) -> tuple[ErrorRow, ...]:
        """Balance and estimated error per field; nan where the run does not tell."""
        balance = self._result.get("balance") or {}
        error = self._result.get("field_error") or {}
        return tuple(
            ErrorRow(f.name, _number(balance.get(f.name)), _number(error.get(f.name))) for f in self.fields
        )

    @property
    def coupling_error(self) -> float:
        """As the run tells; nan where it does not."""
        return _number(self._result.get("coupling_error_estimate"))

    @property
    def gaps(self) -> tuple[GapRow, ...]:
        """Of every value that cells show; none before the arm is finished."""
        found = self._result.get("mean_cell_gap") or {}
        return tuple(
            GapRow(kind, name, _number(pair[0]), _number(pair[1]))
            for kind, shown in found.items()
            for name, pair in shown.items()
        )

    @property
    def events(self) -> Mapping[str, int]:
        """Kind of event -> how often."""
        return dict(sorted(Counter(self.run.events(self.arm)["event"].to_pylist()).items()))

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, hashes, settings."""
        return self.run.provenance

    def sources(self) -> tuple[Mapping[str, str], ...]:
        """What the model names as its sources."""
        return named.sources(self._text)

    @property
    def marks(self) -> Mapping[str, int]:
        """Mark -> how many numbers of the model carry it."""
        return named.marks(self._text)

    @property
    def _text(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.run.record["model"]["data"]
        return found


def _plain(title: str) -> str:
    return title.replace("_", " ")


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
