"""A cohort's study in words, and its patients as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vesiflux.study.cohort_study import CohortStudy

__all__ = ["lines", "table_text"]


def lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary in words, a table per part."""
    told = [f"{summary['model']}: {summary['patients']} patients, {_days(summary['hours'])}"]
    if summary["left_out"]:
        told[0] += f"; {summary['left_out']} left out, whose run failed in some arm"
    for part in (_arms, _against, _markers, _detection):
        rows = list(part(summary))
        if len(rows) > 1:
            told += ["", *_columns(rows)]
    seconds = summary["seconds"]
    told += ["", summary["note"], f"{seconds['run'] + seconds['statistics']:.1f} s, run: {summary['run']}"]
    return told


def table_text(study: CohortStudy) -> str:
    """One row per patient, tab-separated; blank where nothing is known, inf for who does not die."""
    columns, rows = study.table()
    body = ("\t".join("" if math.isnan(v) else f"{v:.9g}" for v in row) for row in rows)
    return "\t".join(columns) + "\n" + "".join(f"{row}\n" for row in body)


def _arms(summary: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    arms: Mapping[str, Any] = summary["arms"]
    first = next(iter(arms.values()))
    lives = "alive" in first
    yield ("arm", *(["alive at the end", "mean chance", "days alive"] if lives else []), *first["outcomes"])
    for name, arm in arms.items():
        cells = []
        if lives:
            days = [v / 24.0 for v in arm["restricted_mean_h"]]
            cells = [_share(arm["alive"]), _share(arm["chance_to_live"]), _number(days, ".3g")]
        yield (name, *cells, *(_share(o["share"]) for o in arm["outcomes"].values()))


def _against(summary: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    trial = summary.get("trial")
    lives = "alive" in next(iter(summary["arms"].values()))
    yield (f"against {summary['reference']}", "outcome", "difference", "ratio", "spared", "harmed",
           *(["hazard ratio", "log-rank p"] if lives else []),
           *(["patients per arm"] if trial else []))  # fmt: skip
    for name, arm in summary["against"].items():
        for i, (outcome, pair) in enumerate(arm["outcomes"].items()):
            cells = [_share(pair["risk_difference"]), _number(pair["risk_ratio"], ".2f"),
                     _share(pair["spared"]), _share(pair["harmed"])]  # fmt: skip
            if lives:
                p = arm["log_rank_p"]
                cells += (
                    ["", ""] if i else [_number(arm["hazard_ratio"], ".2f"), "-" if p is None else f"{p:.2g}"]
                )
            if trial:
                here = trial["outcome"] == outcome and "trial" in arm
                cells += [_size(arm["trial"]) if here else ""]
            yield (name if not i else "", outcome, *cells)


def _markers(summary: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield (
        "marker",
        "tells",
        "AUC",
        "cut",
        "sensitivity",
        "specificity",
        "at 95 % spec.",
        "calibration slope",
    )
    tells = [(name, told) for name, every in summary["markers"].items() for told in every]
    tells += [(name, told) for name, panel in summary["panels"].items() for told in panel["tells"]]
    for name, told in tells:
        if told["auc"] is None:
            yield (name, told["outcome"], told["reason"])
            continue
        fit = told["calibration"]
        yield (
            name, told["outcome"], _number(told["auc"], ".3f"), f"{told['cut']:.3g}",
            _share(told["sensitivity"]), _share(told["specificity"]),
            _share(told["sensitivity_at_specificity_95"]), "-" if fit is None else f"{fit['slope']:.2f}",
        )  # fmt: skip


def _detection(summary: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield ("marker", "detects", "AUC stays above", "cases detected", "after", "before the outcome")
    for name, told in summary["detection"].items():
        if "reason" in told:
            yield (name, told["outcome"], told["reason"])
            continue
        start = (
            "never" if told["told_from_h"] is None else f"{told['auc_above']:g} {_days(told['told_from_h'])}"
        )
        yield (
            name,
            told["outcome"],
            start,
            _share(told["detected"]),
            _when(told["time_h"]),
            _when(told["lead_h"]),
        )


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns one below the other; a row that ends early may run over the others."""
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[i]) for row in full) for i in range(len(rows[0]))]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths[: len(row)], strict=True)).rstrip() for row in rows
    ]


def _share(value: Sequence[float | None]) -> str:
    """``41 % (38 to 44)``"""
    return _number([None if v is None else 100.0 * v for v in value], ".1f", " %")


def _number(value: Sequence[float | None] | None, how: str, unit: str = "") -> str:
    if value is None or value[0] is None:
        return "-"
    low, high = ("inf" if v is None else f"{v:{how}}" for v in value[1:])
    return f"{value[0]:{how}}{unit} ({low} to {high})"


def _size(trial: Mapping[str, Any]) -> str:
    number, low, high = trial["patients_per_arm"]
    if number is None:
        return "no difference"
    span = f"{number:.0f} ({low:.0f} to {'inf' if high is None else f'{high:.0f}'})"
    by_time = trial["log_rank_patients_per_arm"]
    return span if by_time is None else f"{span}; log-rank {by_time:.0f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}" if value >= 1e-4 else "below 0.0001"


def _when(hours: Sequence[float] | None) -> str:
    return "-" if hours is None else f"{_days(hours[0])} ({_days(hours[1])} to {_days(hours[2])})"


def _days(hours: float) -> str:
    return f"{hours:.3g} h" if hours < 72 else f"{hours / 24:.3g} d"
