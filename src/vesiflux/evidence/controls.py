"""Control arms as data: what each takes away from an experiment with vesicles, and what it leaves."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vesiflux.evidence.priors import Prior

__all__ = ["TARGETS", "Control", "controls"]

TARGETS = (
    "vesicles", "entry", "lumen cargo", "surface cargo", "other ligands", "free cargo", "free factors",
    "label artefact", "serum's vesicles", "recipient's own cargo",
)  # fmt: skip
"""What an effect may come from, or has to pass."""


@dataclass(frozen=True)
class Control:
    """One arm.

    Attributes
    ----------
    name, arm
        As in ``data/controls.tsv``; ``arm`` is the name for an arm of a model.
    done, shows
        What is done, and what an effect that remains means.
    left
        Share that is left of each of `TARGETS`. What is not named is left whole.
    """

    name: str
    arm: str
    done: str
    shows: str
    left: Mapping[str, Prior]

    def share(self, target: str) -> float:
        """Share of ``target`` that it leaves, typically; 1 where the table says nothing."""
        prior = self.left.get(target)
        return 1.0 if prior is None or prior.typical is None else prior.typical

    def removes(self, target: str) -> float:
        """Share of ``target`` that it takes away, typically; 0 where the table says nothing."""
        return 1.0 - self.share(target)


@cache
def controls() -> dict[str, Control]:
    """All control arms by name."""
    text = resources.files("vesiflux.evidence").joinpath("data", "controls.tsv").read_text(encoding="utf-8")
    found: dict[str, Control] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        known = found.get(row["control"])
        left = dict(known.left) if known else {}
        left[row["target"]] = _left(row)
        found[row["control"]] = Control(row["control"], row["arm"], row["done"], row["shows"], left)
    return found


def _left(row: Mapping[str, str]) -> Prior:
    low, typical, high = (float(row[f"left_{end}"]) for end in ("low", "typical", "high"))
    told = ("1", row["mark"], row["source"], "", row["note"])
    if 0.0 < typical < 1.0:
        unit, mark, source, condition, note = told
        return Prior.from_range(low, typical, high, unit, None, mark, source, condition, note, upper=1.0)
    # the logit has no place for a median of 0 or 1: the ends are bounds
    return Prior("fixed" if low == high else "uniform", low, typical, high, *told)
