"""Predictions for published experiments beside what was found: `docs/_results/published`."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from _generate.text import table

__all__ = ["FOLDER", "PARTS", "Scored", "brier", "kept", "ranked", "scored"]

FOLDER = Path(__file__).parents[1] / "_results" / "published"


@dataclass(frozen=True)
class Scored:
    """One experiment: the probability that was committed and what was found, 1 or 0.

    ``mark``: read, or recalled (no page with the outcome was found: it counts as assumed).
    """

    claim: str
    paper: str
    setup: str
    cargo: str
    prediction: dict[str, Any]
    outcome: int
    mark: str
    address: str
    found: str

    @property
    def probability(self) -> float:
        """That the cargo does it, as committed."""
        return float(self.prediction["probability"])


@cache
def kept() -> dict[str, Any]:
    """The committed predictions."""
    result: dict[str, Any] = json.loads((FOLDER / "predictions.json").read_text(encoding="utf-8"))
    return result


def _rows(name: str) -> dict[str, dict[str, str]]:
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return {row["claim"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


@cache
def scored() -> tuple[Scored, ...]:
    """Every experiment, as the predictions are ordered."""
    setups, cases, outcomes = _rows("setups"), _rows("cases"), _rows("outcomes")
    found = []
    for one in kept()["details"]:
        name = one["claim"]
        setup, result = setups[name], outcomes[name]
        said = (int(result["outcome"]), result["mark"], result["address"], result["what was found"])
        found.append(Scored(name, setup["paper"], setup["set-up"], cases[name]["cargo"], one, *said))
    return tuple(found)


def brier(experiments: Iterable[Scored]) -> float:
    """Mean square of probability less outcome (Brier 1950); 0 is perfect, a coin has 0.25."""
    squares = [(one.probability - one.outcome) ** 2 for one in experiments]
    return sum(squares) / len(squares)


def ranked(experiments: Iterable[Scored]) -> float:
    """Chance that a positive experiment was given more than a negative one (ties count half)."""
    those = list(experiments)
    yes = [one.probability for one in those if one.outcome]
    no = [one.probability for one in those if not one.outcome]
    return sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no))


def _protein(one: Scored) -> bool:
    return bool(one.prediction["cargo_class"] == "lumen_protein")


_GROUPS: tuple[tuple[str, Callable[[Scored], bool]], ...] = (
    ("outcome read", lambda one: one.mark == "read"),
    ("outcome recalled", lambda one: one.mark == "recalled"),
    ("read; a protein seen in the cytosol", lambda one: one.mark == "read" and _protein(one)),
    ("read; all others", lambda one: one.mark == "read" and not _protein(one)),
)


def _scores() -> str:
    lines = []
    for name, belongs in _GROUPS:
        those = [one for one in scored() if belongs(one)]
        yes = sum(one.outcome for one in those)
        base = yes / len(those)
        lines.append(
            (
                name,
                len(those),
                yes,
                f"{brier(those):.2f}",
                f"{base * (1 - base):.2f}",
                f"{ranked(those):.2f}" if 0 < yes < len(those) else "",
            )
        )
    head = ("experiments", "number", "positive", "Brier", "of one who knows the share only", "ranks right")
    return table(head, lines)


def _run() -> str:
    result = kept()
    return (
        f"Predicted {result['date']} with {result['draws']:,} draws, model `{result['model'][:12]}`, "
        f"{len(scored())} experiments of {len({one.paper for one in scored()})} papers; "
        f"{sum(one.mark == 'read' for one in scored())} outcomes were read afterwards, "
        f"{sum(one.mark == 'recalled' for one in scored())} are recalled."
    )


def _table() -> str:
    lines = []
    for one in scored():
        found = one.prediction
        source = f"[read]({one.address})" if one.mark == "read" else "recalled"
        dose = f"{found['least_dose']:.1g}" if found["least_dose"] else "none"
        lines.append(
            (
                one.paper,
                one.setup,
                f"{one.probability:.3f}",
                found["limiting_step"].replace("_", " "),
                dose,
                found["route"],
                "yes" if one.outcome else "no",
                one.found,
                source,
            )
        )
    head = ("paper", "set-up", "p", "limits", "least dose, x", "route", "worked", "what was found", "mark")
    return table(head, lines)


PARTS: dict[str, Callable[[], str]] = {
    "published": _table,
    "published-run": _run,
    "published-scores": _scores,
}
