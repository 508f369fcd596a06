"""Predictions for published experiments beside what was found: `docs/_results/published`."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

from _generate.text import table

__all__ = [
    "FOLDER", "PARTS", "Scored", "after", "any_way", "brier", "kept", "kind_of", "needs", "open_way",
    "ranked", "score", "scored",
]  # fmt: skip

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
        source = f"([read]({one.address}))" if one.mark == "read" else "(recalled)"
        least = found["least_dose"]
        dose = format(float(format(least, ".1g")), "g") if least else "none"
        lines.append(
            (
                f"{one.paper}: {one.setup}",
                f"{one.probability:.3f}",
                found["limiting_step"].replace("_", " "),
                dose,
                found["route"],
                "yes" if one.outcome else "no",
                f"{one.found} {source}",
            )
        )
    head = ("experiment", "p", "limits", "least dose, x", "route", "worked", "what was found")
    return table(head, lines)


@cache
def after() -> dict[str, dict[str, float]]:
    """Probabilities by change and claim, after outcomes were known (`docs/assets/published-after.py`)."""
    found: dict[str, dict[str, float]] = {}
    for claim, row in _rows("after").items():
        for change, probability in row.items():
            if change != "claim":
                found.setdefault(change, {})[claim] = float(probability)
    return found


def any_way(one: Scored) -> float:
    """That the cargo does it, or another ligand of the vesicle, or a free factor: all three as committed."""
    ways = one.prediction["routes"]
    left = (1.0 - one.probability) * (1.0 - ways["another ligand"]) * (1.0 - ways["factor"])
    return float(1.0 - left)


_OPEN = ("mirna", "antisense", "checkpoint")
"""Cargo whose effect (a message or cells that fall) other signals can have; a reporter needs its own."""


def open_way(one: Scored) -> float:
    """`any_way` where another signal could have the same effect, else the committed probability."""
    return any_way(one) if one.prediction["cargo_class"] in _OPEN else one.probability


def score(probability: Callable[[Scored], float], experiments: Iterable[Scored]) -> float:
    """Brier score of other probabilities than the committed ones."""
    squares = [(probability(one) - one.outcome) ** 2 for one in experiments]
    return sum(squares) / len(squares)


_KINDS = {
    "mirna": "native microRNA",
    "antisense": "siRNA given to mice",
    "checkpoint": "a surface ligand",
    "lumen_protein": "a protein in the cytosol",
}
_LOSSES = ("distance", "organ", "uptake", "copies", "hold", "escape", "active_share", "persistence")


SWITCHES = ("ridder2015", "zomer2015", "dejong2020", "murphy2021")
"""RNA whose recombinase or guide changes the recipient for good."""


def kind_of(one: Scored) -> str:
    """What was looked for, in words."""
    if one.prediction["cargo_class"] in _KINDS:
        return _KINDS[one.prediction["cargo_class"]]
    return "RNA that switches a reporter" if one.claim in SWITCHES else "a reporter's mRNA or DNA"


def _power(log10: float) -> str:
    return f"10<sup>{log10:.1f}</sup>"


_COLUMNS = {
    "way": ("distance", "organ"),
    "uptake": ("uptake",),
    "copies": ("copies",),
    "escape, or hold": ("escape", "hold"),
    "active": ("active_share",),
    "left in the end": ("persistence",),
}


def _kills() -> str:
    """Median decades of each step over the experiments of a kind, and what they are short by."""
    lines = []
    for kind in dict.fromkeys(kind_of(one) for one in scored()):
        those = [one for one in scored() if kind_of(one) == kind]
        steps = [one.prediction["steps"] for one in those]

        def middle(names: tuple[str, ...], steps: list[dict[str, float]] = steps) -> str:
            found = [sum(each.get(name, 0.0) for name in names) for each in steps]
            lost = -median(found) if any(name in each for name in names for each in steps) else 0.0
            return f"{lost:.1f}" if lost >= 0.05 else ""

        short = -median(sum(each.values()) for each in steps)
        yes = sum(one.outcome for one in those)
        cells = (middle(names) for names in _COLUMNS.values())
        lines.append((kind, f"{yes} of {len(those)}", f"{short:.1f}", *cells))
    return table(("looked for", "worked", "short by", *_COLUMNS), lines)


def needs(one: Scored) -> tuple[float, tuple[str, ...], float]:
    """Decades short; the fewest steps that would have to lose nothing; decades short even if all did."""
    steps = one.prediction["steps"]
    short = -sum(steps.values())
    losses = {name: -steps[name] for name in _LOSSES if steps.get(name, 0.0) < -0.05}
    for number in range(1, len(losses) + 1):
        chosen = max(combinations(losses, number), key=lambda names: sum(losses[n] for n in names))
        if sum(losses[name] for name in chosen) >= short:
            return short, chosen, 0.0
    return short, tuple(losses), short - sum(losses.values())


def _needs() -> str:
    lines = []
    for one in scored():
        if one.outcome and one.probability <= 0.2:
            short, steps, left = needs(one)
            said = " and ".join(name.replace("_", " ") for name in steps)
            what = (
                f"nothing lost at {said}"
                if not left
                else f"nothing lost anywhere, and {_power(left)} more vesicles"
            )
            ways = one.prediction["routes"]
            lines.append(
                (one.paper, kind_of(one), _power(short), what, ways["another ligand"], ways["factor"])
            )
    head = (
        "paper",
        "looked for",
        "short by",
        "what would have to be true",
        "p, another ligand",
        "p, free factor",
    )
    return table(head, [(*line[:4], f"{line[4]:.2f}", f"{line[5]:.2f}") for line in lines])


def _after() -> str:
    read = [one for one in scored() if one.mark == "read"]
    parts = (read, [one for one in read if _protein(one)], [one for one in read if not _protein(one)])
    lines = [("**as committed (blind)**", *(f"**{brier(those):.2f}**" for those in parts))]
    for change, of in after().items():
        if change != "as committed, run again":
            lines.append(
                (change, *(f"{score(lambda one, of=of: of[one.claim], those):.2f}" for those in parts))
            )
    for name, way in (
        ("other ways as well, where they could show", open_way),
        ("other ways as well, everywhere", any_way),
    ):
        lines.append((name, *(f"{score(way, those):.2f}" for those in parts)))
    base = [sum(one.outcome for one in those) / len(those) for those in parts]
    lines.append(("one who knows the share only", *(f"{share * (1.0 - share):.2f}" for share in base)))
    return table(
        ("Brier, outcomes read", f"all {len(parts[0])}", "protein in the cytosol", "all others"), lines
    )


PARTS: dict[str, Callable[[], str]] = {
    "published": _table,
    "published-after": _after,
    "published-kills": _kills,
    "published-needs": _needs,
    "published-run": _run,
    "published-scores": _scores,
}
