"""Tables of ``models/sepsis-therapy-doses.md`` from what the ward's scripts in ``assets`` keep."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from _generate.text import code, table

__all__ = ["ward"]

ASSETS = Path(__file__).resolve().parents[1] / "assets"
#: A treatment works where it brings this much: share alive more, bacteria over those with none given.
ALIVE_MORE, BACTERIA_LEFT = 0.05, 0.5
Rows = Sequence[Mapping[str, str]]


def ward(part: str) -> str:
    """``doses``, ``arrival``: what treatments do and bring; ``starts``; ``score``, ``fit``: against data."""
    made = {"doses": _doses, "arrival": _arrival, "starts": _starts, "score": _score, "fit": _fit}
    return made[part]()


def _read(name: str) -> list[dict[str, str]]:
    with (ASSETS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t"))


def _doses() -> str:
    rows = _read("sepsis-therapy-doses.tsv")
    shown = []
    for arm, against in dict.fromkeys((r["arm"], r["against"]) for r in rows):
        cells = [code(arm), code(against)]
        for species in ("human", "mouse"):
            own = [r for r in rows if (r["arm"], r["species"]) == (arm, species)]
            usual = own[0]
            cells += [
                f"{_percent(usual['alive_more']):+.1f} % ({_percent(usual['low']):.1f} to "
                f"{_percent(usual['high']):.1f})",
                _least(own, "inside_over_none", lambda x: x <= BACTERIA_LEFT, BACTERIA_LEFT),
                _least(own, "alive_more", lambda x: x >= ALIVE_MORE, ALIVE_MORE),
            ]
        shown.append(cells)
    head = ["treatment", "against"]
    for species in ("human, 1e12 a day", "mouse, 1e10 a day"):
        head += [f"{species}: alive more", "bacteria in cells halved at", "5 % more alive at"]
    return table(head, shown)


def _percent(share: str) -> float:
    """In per cent, to a tenth; no minus before nothing."""
    return round(100 * float(share), 1) + 0.0


def _least(rows: Rows, key: str, enough: Callable[[float], bool], bound: float) -> str:
    """The least factor at which it is enough, between two doses by straight lines over the logarithm."""
    before: tuple[float, float] | None = None
    for row in rows:
        at, value = math.log10(float(row["factor"])), float(row[key])
        if enough(value):
            if before is not None and value != before[1]:
                at = before[0] + (at - before[0]) * (bound - before[1]) / (value - before[1])
            return f"{float(f'{10**at:.2g}'):g} times" if at > 0 else "the usual dose"
        before = at, value
    return "no dose"


def _arrival() -> str:
    shown = [
        [
            code(r["arm"]),
            r["species"],
            r["cell"],
            f"{r['copies']} ({r['low']} to {r['high']})",
            r["half"],
            f"{float(r['short_by']):g}" if float(r["short_by"]) < 1e4 else r["short_by"],
        ]
        for r in _read("sepsis-therapy-arrival.tsv")
    ]
    return table(
        ["treatment", "species", "in a cell of", "copies at most", "half an effect at", "short by"], shown
    )


def _starts() -> str:
    rows = _read("sepsis-therapy-starts.tsv")
    starts = list(dict.fromkeys(r["start"] for r in rows))
    shown = []
    for arm, factor in dict.fromkeys((r["arm"], r["factor"]) for r in rows):
        own = {r["start"]: r["alive_more"] for r in rows if (r["arm"], r["factor"]) == (arm, factor)}
        shown.append([code(arm), factor, *(f"{_percent(own[s]):+.1f} %" for s in starts)])
    return table(["treatment", "dose over the usual", *(f"start at {s} h" for s in starts)], shown)


def _fit() -> str:
    head = ("source", "half", "score", "read", "model", "fold")
    return table(head, ([r[c] for c in head] for r in _read("survival-fit.tsv")))


def _score() -> str:
    head = ("half", "quantity", "foretold", "now", "read", "n", "source", "recalled")
    return table(head, ([r[c] for c in head] for r in _read("survival-ward-score.tsv")))
