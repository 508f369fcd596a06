"""Writing one arm while it runs: every step here can be cut short and done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import RunError
from vesiflux.store.files import replace_json, told
from vesiflux.store.tissue import fields as zarr
from vesiflux.store.tissue.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from vesiflux.store.tissue.layout import RESULT, RESULT_VERSION, ArmFolder
from vesiflux.store.tissue.tables import columns_table, write_table

if TYPE_CHECKING:
    from vesiflux.store.tissue.schedule import Schedule

__all__ = ["ArmWriter", "Collected"]

Floats = npt.NDArray[np.float64]


class Collected:
    """What a run gathers between writing: rows of the series, and events since the last frame."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.events: list[tuple[float, str, int, int]] = []

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For a checkpoint."""
        names = list(self.rows[0]) if self.rows else []
        times, kinds, ids, others = zip(*self.events, strict=True) if self.events else ((), (), (), ())
        return {
            "series_names": np.array(names, dtype=np.str_),
            "series": np.array([list(row.values()) for row in self.rows], dtype=np.float64),
            "event_time": np.array(times, dtype=np.float64),
            "event": np.array(kinds, dtype=np.str_),
            "event_id": np.array(ids, dtype=np.int64),
            "event_other": np.array(others, dtype=np.int64),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Collected:
        """From a checkpoint."""
        self = cls()
        names = arrays["series_names"].tolist()
        self.rows = [dict(zip(names, row, strict=True)) for row in arrays["series"].tolist()]
        columns = (arrays[n].tolist() for n in ("event_time", "event", "event_id", "event_other"))
        self.events = list(zip(*columns, strict=True))
        return self


class ArmWriter:
    """Files of one arm. ``key``: of its plan, seed and engine, so that no other's checkpoint is taken."""

    def __init__(self, folder: ArmFolder, key: str) -> None:
        self.folder = folder
        self.key = key

    def begin(
        self, schedule: Schedule, fields: Sequence[Mapping[str, Any]], shape: tuple[int, int, int]
    ) -> Checkpoint | None:
        """Make the folder; return the checkpoint to go on from, or `None` to start.

        ``shape``: (nz, ny, nx). Frames after the checkpoint are dropped: they will come again, the same.
        """
        with told(self.folder.root):
            self.folder.root.mkdir(parents=True, exist_ok=True)
            self.folder.clean()
            point = read_checkpoint(self.folder.checkpoint)
            if point is not None and point.key != self.key:
                raise RunError(
                    f"{self.folder.checkpoint}: belongs to another run; remove the run's folder and run again"
                )
            self._drop(-1 if point is None else point.step, schedule)
            zarr.make(self.folder.zarr, schedule.frame_times, fields, shape)
        return point

    def _drop(self, step: int, schedule: Schedule) -> None:
        self.folder.result.unlink(missing_ok=True)
        for number, at in enumerate(schedule.frames):
            if at > step:
                for kind in ("cells", "vesicles", "events"):
                    self.folder.table(kind, number).unlink(missing_ok=True)

    def frame(
        self,
        number: int,
        fields: Mapping[str, Floats],
        cells: Mapping[str, npt.NDArray[Any]],
        vesicles: Mapping[str, npt.NDArray[Any]] | None,
        collected: Collected,
    ) -> None:
        """Write a frame: fields, vesicles, events, and the cells last, which make it count.

        The events written are taken out of ``collected``.
        """
        events = {n: v for n, v in collected.arrays().items() if n.startswith("event")}
        with told(self.folder.root):
            zarr.write(self.folder.zarr, number, fields)
            if vesicles is not None:
                write_table(self.folder.table("vesicles", number), columns_table(vesicles), "vesicles")
            write_table(self.folder.table("events", number), _events(events), "events")
            write_table(self.folder.table("cells", number), columns_table(cells), "cells")
        collected.events = []

    def checkpoint(
        self, step: int, state: Mapping[str, npt.NDArray[Any]], collected: Collected, seconds: float
    ) -> None:
        """Put the whole state in place of the one before, and the series beside it for readers."""
        with told(self.folder.root):
            write_checkpoint(
                self.folder.checkpoint, Checkpoint(step, self.key, state, collected.arrays(), seconds)
            )
            self.series(collected)

    def series(self, collected: Collected) -> None:
        """Write the rows so far, float64."""
        import pyarrow as pa

        names = list(collected.rows[0]) if collected.rows else []
        table = pa.table({n: pa.array([row[n] for row in collected.rows], pa.float64()) for n in names})
        write_table(self.folder.series, table, "series")

    def received(self, rows: Mapping[str, Sequence[Any]]) -> None:
        """Write who got how much from whom."""
        import pyarrow as pa

        with told(self.folder.root):
            write_table(self.folder.received, pa.table(dict(rows)), "received")

    def finish(self, result: Mapping[str, Any], collected: Collected) -> None:
        """Write how the arm ended; its checkpoint goes, since nothing goes on from it."""
        with told(self.folder.root):
            self.series(collected)  # the run may have been killed between the last checkpoint and its rows
            replace_json(
                self.folder.result,
                {"type": RESULT, "version": RESULT_VERSION, "key": self.key, **result},
            )
            self.folder.checkpoint.unlink(missing_ok=True)


def _events(columns: Mapping[str, npt.NDArray[Any]]) -> Any:
    import pyarrow as pa

    return pa.table(
        {
            "time": pa.array(columns["event_time"], pa.float64()),
            "event": pa.array(columns["event"].tolist(), pa.string()),
            "id": pa.array(columns["event_id"], pa.int64()),
            "other": pa.array(columns["event_other"], pa.int64()),
        }
    )
