"""What else could explain an effect, and which control arms would have told it from the stated way.

An effect by the stated way needs vesicles, their cargo and, where it acts inside, entry; an alternative needs
other things (`data/alternatives.tsv`). A control arm leaves a share of each (the shared table of control
arms); it tells the two apart where what it leaves of one is `TELLS` times what it leaves of the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vesiflux.audit.tables import rows
from vesiflux.evidence.controls import Control, controls

__all__ = ["TELLS", "Arm", "alternatives", "telling"]

TELLS = 5.0
"""An effect five times as large as another is seen in most assays (assumed)."""

_NEEDS = {
    "delivery": ("vesicles", "lumen cargo", "entry"),
    "contact": ("vesicles", "surface cargo"),
    "transfer": ("vesicles", "surface cargo"),
}
"""What an effect by a vesicle's own ways needs."""


@dataclass(frozen=True)
class Arm:
    """A control arm that tells an alternative from the stated way.

    ``own`` and ``other``: share of the effect that it leaves where it came by the stated way, and where it
    came by the alternative.
    """

    control: str
    alternative: str
    own: float
    other: float

    @property
    def why(self) -> str:
        """What the arm's outcome means, in words."""
        words = {row["alternative"]: row["words"] for row in rows("alternatives")}[self.alternative]
        return f"what remains is {words}" if self.other > self.own else f"what is lost is {words}"


def alternatives(way: str) -> Mapping[str, tuple[str, ...]]:
    """Alternatives to an effect by ``way``, each with what it needs; some must enter where the way must."""
    enters = {"entry"} & set(_NEEDS[way])
    return {
        row["alternative"]: (*row["needs"].split(";"), *(enters if row["as_inside"] else ()))
        for row in rows("alternatives")
    }


def telling(way: str, wanted: Sequence[str]) -> tuple[Arm, ...]:
    """Control arms that tell the ``wanted`` alternatives from an effect by ``way``, the sharpest first."""
    found = []
    for alternative, needs in alternatives(way).items():
        if alternative in wanted:
            arms = [_arm(control, way, alternative, needs) for control in controls().values()]
            sharp = sorted((arm for arm in arms if _fold(arm) >= TELLS), key=_fold, reverse=True)
            found += sharp
    return tuple(found)


def _arm(control: Control, way: str, alternative: str, needs: Sequence[str]) -> Arm:
    own = math.prod(control.share(target) for target in _NEEDS[way])
    return Arm(control.name, alternative, own, math.prod(control.share(target) for target in needs))


def _fold(arm: Arm) -> float:
    """How many times larger the larger effect is; 1 where nothing is left of either."""
    low, high = sorted((arm.own, arm.other))
    if high == 0.0:
        return 1.0
    return high / low if low > 0.0 else math.inf
