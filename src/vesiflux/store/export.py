"""A run as CSV tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.store.files import told

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["write_csv"]

#: Quantiles given for each time and summary.
QUANTILES = {"p05": 0.05, "median": 0.5, "p95": 0.95}


def write_csv(run: Run, folder: Path) -> Path:
    """Write the tables of a run.

    ``summary.csv``: rates and folds by arm and structure, of a body also per cent of the dose by organ
    and the half-life in blood (default structures); ``draws.csv``: outputs at the end and parameters, one
    row per draw; ``series.csv``: outputs over time, in quantiles over draws.
    Raises `RunError` when the disk refuses.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "summary.csv", ["arm", "structure", "quantity", "unit", *QUANTILES], _summary(run))
        _write_draws(run, folder / "draws.csv")
        head = ["arm", "structure", "output", "unit", "time_h", *QUANTILES]
        _write(folder / "series.csv", head, _series(run))
    return folder


def _pairs(run: Run) -> Iterator[tuple[str, str]]:
    for arm, info in run.arms.items():
        for structure in info["structures"]:
            yield arm, structure


def _write(path: Path, head: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _quantiles(values: npt.NDArray[np.float64]) -> list[list[float]]:
    """One list of quantiles over the finished draws per column of ``values`` (draw, column)."""
    known = values[np.isfinite(values).all(axis=1)]
    if not len(known):
        return [[float("nan")] * len(QUANTILES)] * values.shape[1]
    found: list[list[float]] = np.quantile(known, list(QUANTILES.values()), axis=0).T.tolist()
    return found


def _summary(run: Run) -> Iterator[list[Any]]:
    for arm, structure in _pairs(run):
        compared = run.arms[arm]["against"] is not None
        for name, (over, under) in run.record["rates"].items():
            unit = f"({run.outputs()[over]})/({run.outputs()[under]})"
            yield [arm, structure, name, unit, *_quantiles(run.rate(name, arm, structure)[:, None])[0]]
            if compared:
                fold = run.fold(name, arm, structure)
                yield [arm, structure, f"fold of {name}", "1", *_quantiles(fold[:, None])[0]]
    yield from _distribution(run)


def _distribution(run: Run) -> Iterator[list[Any]]:
    """Where the dose of each arm is, and how long half of it stays in the blood; nothing without a dose."""
    from vesiflux.store.body import half_lives, looks, shares

    times = np.asarray(run.times, dtype=np.float64)
    for arm, info in run.arms.items():
        held = shares(run, arm)
        for look, at in looks(times, held).items() if held else ():
            for organ, share in held.items():
                name = f"dose in {organ} after {look}"
                yield [arm, info["default"], name, "%", *_quantiles(100.0 * share[:, at, None])[0]]
        half = half_lives(times, shares(run, arm, shown=False)["blood"]) if held else np.empty(0)
        if half.size:  # infinite where half of it stays to the end
            points = np.quantile(half, list(QUANTILES.values()), method="inverted_cdf")
            yield [arm, info["default"], "half-life in blood", "min", *points.tolist()]


def _series(run: Run) -> Iterator[list[Any]]:
    for arm, structure in _pairs(run):
        for output, unit in run.outputs(series=True).items():
            values = run.series(output, arm, structure).to_numpy()
            for time, row in zip(run.times, _quantiles(values), strict=True):
                yield [arm, structure, output, unit, float(time), *row]


def _write_draws(run: Run, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv

    tables = []
    for arm, structure in _pairs(run):
        table = run.table(arm, structure)
        for position, (name, value) in enumerate((("arm", arm), ("structure", structure))):
            table = table.add_column(position, name, pa.array([value] * table.num_rows))
        tables.append(table)
    pyarrow.csv.write_csv(pa.concat_tables(tables), path)
