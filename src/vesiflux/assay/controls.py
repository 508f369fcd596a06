"""Control arms as data: what each takes away from an experiment with vesicles, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vesiflux.assay.tables import rows
from vesiflux.evidence.priors import Kind, Prior

__all__ = ["Control", "controls"]


@dataclass(frozen=True)
class Control:
    """One arm.

    Attributes
    ----------
    name
        As in ``controls.tsv``.
    done, shows
        What is done, and what an effect that remains means.
    left
        Share that is left of each target: vesicles, lumen cargo, surface cargo, free cargo, free factors,
        label artefact, serum's vesicles, recipient's own cargo. What is not named is left whole.
    """

    name: str
    done: str
    shows: str
    left: Mapping[str, Prior]

    def removes(self, target: str) -> float:
        """Share of ``target`` it takes away, typically; 0 where the table says nothing."""
        prior = self.left.get(target)
        return 0.0 if prior is None or prior.typical is None else 1.0 - prior.typical


@cache
def controls() -> dict[str, Control]:
    """All control arms by name."""
    found: dict[str, Control] = {}
    for row in rows("controls.tsv"):
        known = found.get(row["control"])
        left = dict(known.left) if known else {}
        left[row["target"]] = _left(row)
        found[row["control"]] = Control(row["control"], row["done"], row["shows"], left)
    return found


def _left(row: Mapping[str, str]) -> Prior:
    low, typical, high = (float(row[f"left_{end}"]) for end in ("low", "typical", "high"))
    # shares reach 0 and 1 here, where the logit has no place for a median: the ends are bounds
    kind: Kind = "fixed" if low == high else "uniform"
    return Prior(kind, low, typical, high, "1", row["mark"], row["source"], "", row["note"])
