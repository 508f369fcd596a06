"""The tables of a cohort's study, in words: for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PARTS", "Table", "against", "arms", "days", "detection", "markers", "number", "share"]

Rows = Iterator[tuple[str, ...]]
Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Names of columns, and rows; a row that ends early says why in its last cell."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, rows: Rows) -> Table:
        """The first row is the head."""
        head, *rest = rows
        return cls(head, tuple(rest))


def arms(summary: Summary) -> Table:
    """Every arm: who lives, for how long, who has which outcome."""
    return Table.of(_arms(summary))


def against(summary: Summary) -> Table:
    """Every arm against the reference, patient by patient."""
    return Table.of(_against(summary))


def markers(summary: Summary) -> Table:
    """Markers and panels about every outcome."""
    return Table.of(_markers(summary))


def detection(summary: Summary) -> Table:
    """When markers tell."""
    return Table.of(_detection(summary))


#: Every table there may be.
PARTS: tuple[Callable[[Summary], Table], ...] = (arms, against, markers, detection)


def _arms(summary: Summary) -> Rows:
    every: Mapping[str, Any] = summary["arms"]
    first = next(iter(every.values()))
    lives = "alive" in first
    yield ("arm", *(["alive at the end", "mean chance", "days alive"] if lives else []), *first["outcomes"])
    for name, arm in every.items():
        cells = []
        if lives:
            time = [v / 24.0 for v in arm["restricted_mean_h"]]
            cells = [share(arm["alive"]), share(arm["chance_to_live"]), number(time, ".3g")]
        yield (name, *cells, *(share(o["share"]) for o in arm["outcomes"].values()))


def _against(summary: Summary) -> Rows:
    trial = summary.get("trial")
    lives = "alive" in next(iter(summary["arms"].values()))
    yield (
        f"against {summary['reference']}", "outcome", "difference", "ratio", "spared", "harmed",
        *(["hazard ratio", "log-rank p"] if lives else []), *(["patients per arm"] if trial else []),
    )  # fmt: skip
    for name, arm in summary["against"].items():
        for i, (outcome, pair) in enumerate(arm["outcomes"].items()):
            cells = [
                share(pair["risk_difference"]), number(pair["risk_ratio"], ".2f"), share(pair["spared"]),
                share(pair["harmed"]),
            ]  # fmt: skip
            if lives:
                of_arm = [number(arm["hazard_ratio"], ".2f"), _p_value(arm["log_rank_p"])]
                cells += of_arm if i == 0 else ["", ""]
            if trial:
                cells += [_size(arm["trial"]) if trial["outcome"] == outcome and "trial" in arm else ""]
            yield (name if i == 0 else "", outcome, *cells)


def _markers(summary: Summary) -> Rows:
    yield ("marker", "tells", "AUC", "cut", "sensitivity", "specificity", "sensitivity at 95 %", "slope")
    tells = [(name, told) for name, every in summary["markers"].items() for told in every]
    tells += [(name, told) for name, panel in summary["panels"].items() for told in panel["tells"]]
    for name, told in tells:
        if told["auc"] is None:
            yield (name, told["outcome"], told["reason"])
            continue
        fit = told["calibration"]
        yield (
            name, told["outcome"], number(told["auc"], ".3f"), f"{told['cut']:.3g}",
            share(told["sensitivity"]), share(told["specificity"]),
            share(told["sensitivity_at_specificity_95"]), "-" if fit is None else number(fit["slope"], ".2f"),
        )  # fmt: skip


def _detection(summary: Summary) -> Rows:
    yield ("marker", "detects", "AUC above", "from", "until", "cases detected", "after", "before the outcome")
    for name, told in summary["detection"].items():
        if "reason" in told:
            yield (name, told["outcome"], told["reason"])
            continue
        start, stop = told["told_from_h"], told["told_until_h"]
        span = ("never", "") if start is None else (days(start), days(stop))
        yield (
            name, told["outcome"], f"{told['auc_above']:g}", *span, share(told["detected"]),
            _when(told["time_h"]), _when(told["lead_h"]),
        )  # fmt: skip


def share(value: Sequence[float | None]) -> str:
    """``41.0 % (38.1 to 44.0)``: a share with its interval."""
    return number([None if v is None else 100.0 * v for v in value], ".1f", " %")


def number(value: Sequence[float | None] | None, how: str, unit: str = "") -> str:
    """A number with its interval, each written as ``how`` says."""
    if value is None or value[0] is None:
        return "-"
    low, high = ("no bound" if v is None else _signless(f"{v:{how}}") for v in value[1:])
    return f"{_signless(f'{value[0]:{how}}')}{unit} ({low} to {high})"


def _signless(text: str) -> str:
    """A zero without a sign."""
    return text.lstrip("+-") if not text.strip("+-0.") else text


def days(hours: float) -> str:
    """``60 h``, ``14 d``"""
    return f"{hours:.3g} h" if hours < 72 else f"{hours / 24:.3g} d"


def _size(trial: Mapping[str, Any]) -> str:
    middle, low, high = (None if v is None else f"{v:.0f}" for v in trial["patients_per_arm"])
    if middle is None:
        return "no difference"
    by_time = trial["log_rank_patients_per_arm"]
    return f"{middle} ({low} to {high or 'no bound'})" + (f"; log-rank {by_time:.0f}" if by_time else "")


def _p_value(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}" if value >= 1e-4 else "< 0.0001"


def _when(hours: Sequence[float] | None) -> str:
    return "-" if hours is None else f"{days(hours[0])} ({days(hours[1])} to {days(hours[2])})"
