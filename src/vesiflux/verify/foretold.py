"""Predictions as objects, as JSON and as the table that is kept beside the model."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vesiflux.errors import InputError
from vesiflux.language.tsv import Row, read_table

__all__ = ["COLUMNS", "WIDE", "Foretold", "Prediction", "read_predictions"]

#: Intervals wider than this are said to be wide.
WIDE = 10.0
COLUMNS = (
    "id", "median", "low", "high", "width", "up_share", "down_share", "synergy", "synergy_low",
    "synergy_high", "lanes", "model", "limit", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """The answer to one question.

    ``median``, ``low``, ``high``: fold against the untreated cell, 50, 10 and 90 % of the lanes; NaN where
    it could not be asked (``note`` says why). ``up_share``, ``down_share``: lanes that change by a tenth of
    a doubling or more. ``synergy``: fold of a combination over the product of its parts' folds.
    ``limit``: limits of the cell that are met. ``lanes``: solved ones.
    """

    id: str
    kind: str
    title: str
    outcome: str
    median: float = math.nan
    low: float = math.nan
    high: float = math.nan
    up_share: float = math.nan
    down_share: float = math.nan
    synergy: float = math.nan
    synergy_low: float = math.nan
    synergy_high: float = math.nan
    lanes: int = 0
    limit: str = ""
    note: str = ""

    @property
    def asked(self) -> bool:
        """The model has what the question needs."""
        return self.lanes > 0

    @property
    def width(self) -> float:
        """How many times the high end is the low end."""
        if not self.asked:
            return math.nan
        return self.high / self.low if self.low > 0 else (math.inf if self.high > 0 else 1.0)

    @property
    def sign(self) -> str:
        """``+`` or ``-`` where most lanes go that way, ``0`` where most do not change, else blank."""
        shares = {"+": self.up_share, "-": self.down_share, "0": 1.0 - self.up_share - self.down_share}
        best = max(shares, key=lambda s: shares[s]) if self.asked else ""
        return best if best and shares[best] > 0.5 else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data; figures that do not exist are `None`."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)} | {"width": self.width}
        return {k: _finite(v) if isinstance(v, float) else v for k, v in plain.items()}


@dataclass(frozen=True)
class Foretold:
    """All predictions of one model. ``hash``: SHA-256 of the model, its modules and tables."""

    model: str
    hash: str
    draws: int
    structures: int
    seed: int
    predictions: tuple[Prediction, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        asked = [p for p in self.predictions if p.asked]
        return {
            "model": self.model,
            "hash": self.hash,
            "draws": self.draws,
            "structures": self.structures,
            "seed": self.seed,
            "questions": len(self.predictions),
            "asked": len(asked),
            "wide": sum(1 for p in asked if p.width > WIDE),
            "predictions": [p.to_dict() for p in self.predictions],
        }

    def table(self) -> str:
        """Tab-separated text with a head that says what it is."""
        told = (
            "Answers of the model to held-out.tsv: median and 80 % interval (10 to 90 % of the lanes) of the",
            "fold against the untreated cell. width: high/low; up_share, down_share: lanes that change by a",
            f"tenth of a doubling or more. {self.draws} lanes, each with a draw of every prior and",
            f"structures of its own ({self.structures} combinations), seed {self.seed}. model: how its",
            "SHA-256 begins.",
        )
        lines = [*(f"# {line}" for line in told), "\t".join(COLUMNS)]
        for p in self.predictions:
            cells: dict[str, Any] = {**p.to_dict(), "model": self.hash[:16]}
            if math.isinf(p.width):
                cells["width"] = "inf"
            lines.append("\t".join(_text(cells[column]) for column in COLUMNS))
        return "\n".join(lines) + "\n"


def read_predictions(path: Path) -> tuple[str, list[Prediction]]:
    """Beginning of the hash of the model, and the predictions that are kept; these carry no titles.

    Raises
    ------
    InputError
        No such file, or its form is wrong.
    """
    table = read_table(path, COLUMNS, ())
    found = [_prediction(row) for row in table.rows]
    models = {row.text("model") for row in table.rows}
    if len(models) > 1:
        table.rows[0].problem("model", f"all predictions are made with one model, not {len(models)}")
    if problems := table.all_problems():
        raise InputError(problems)
    return "".join(models), found


def _prediction(row: Row) -> Prediction:
    numbers = ("median", "low", "high", "up_share", "down_share", "synergy", "synergy_low", "synergy_high")
    values = {column: row.number(column) for column in (*numbers, "lanes")}
    given = {column: value for column, value in values.items() if value is not None}
    given["lanes"] = int(given.get("lanes", 0))
    texts = {column: row.text(column) for column in ("limit", "note")}
    return Prediction(row.text("id"), "", "", "", **given, **texts)  # type: ignore[arg-type]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
