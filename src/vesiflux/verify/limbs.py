"""What an experiment says: limbs that are treated, what is read from them, and what must be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["THRESHOLD", "UNTREATED", "Condition", "Experiment", "Limb", "Mark", "Pair"]

#: Changes of |log2 fold| below this count as none.
THRESHOLD = 0.1

Mark = Literal["+", "-", "0", "both", "differs"]


@dataclass(frozen=True)
class Limb:
    """One treatment: arms (``a+b``), then factors on nodes or species, and levels of what is given.

    ``start``: "before", the cells are at rest under the factors at t = 0; "0 h", they start at t = 0 in
    untreated cells. Arms keep their own times.
    """

    arm: str = ""
    factors: tuple[tuple[str, float], ...] = ()
    start: Literal["before", "0 h"] = "before"

    def __str__(self) -> str:
        parts = [self.arm] if self.arm else []
        parts += [f"{name} {'at' if '.given.' in name else 'x'} {factor:g}" for name, factor in self.factors]
        return " and ".join(parts) or "untreated"


UNTREATED = Limb()


@dataclass(frozen=True)
class Pair:
    """A limb and what it is compared with, over the first ``window`` h (None: the whole run, or rest)."""

    limb: Limb
    against: Limb | None = None  # None: the arm's own reference, else the untreated cell
    window: float | None = None

    def __str__(self) -> str:
        against = "" if self.against is None else f" against {self.against}"
        return f"{self.limb}{against}" + ("" if self.window is None else f" over {self.window:g} h")


@dataclass(frozen=True)
class Condition:
    """One thing that must be seen.

    ``expect``: the fold of ``read`` between the limbs of ``pair`` rises ("+"), falls ("-"), stays ("0")
    or changes ("differs"). ``than``: the same of that fold over the fold of a second pair. ``singles``:
    the change is more ("+") or less ("-") than the changes under these limbs together. ``scan``: over
    these limbs the fold both rises and falls ("both"). ``order``: readings fall from one limb to the
    next. ``above``, ``below``: bounds of the reading itself, in its own unit, or with ``fold`` of its fold.
    ``along``: over the lanes the reading rises ("+") or falls ("-") with this other one, in the limb of
    ``pair``: a correlation, and no cause.
    """

    read: str
    pair: Pair
    expect: Mark | None = None
    than: Pair | None = None
    singles: tuple[Limb, ...] = ()
    scan: tuple[Limb, ...] = ()
    order: tuple[Limb, ...] = ()
    above: float | None = None
    below: float | None = None
    fold: bool = False
    along: str = ""

    def __str__(self) -> str:
        if self.along:
            return (
                f"{self.read} {'rises' if self.expect == '+' else 'falls'} with {self.along} over the draws"
            )
        if self.scan:
            return f"{self.read} over {', '.join(map(str, self.scan))}: rises and falls"
        if self.order:
            return f"{self.read}: {' > '.join(map(str, self.order))}"
        if self.expect is None:
            bounds = [
                f"{w} {b:g}" for w, b in (("above", self.above), ("below", self.below)) if b is not None
            ]
            what = f"fold of {self.read}, {self.pair}," if self.fold else f"{self.read} of {self.pair.limb}"
            return f"{what} {' and '.join(bounds)}"
        word = {"+": "up", "-": "down", "0": "unchanged", "differs": "changed"}.get(self.expect, self.expect)
        if self.singles:
            more = "more" if self.expect == "+" else "less"
            singles = ", ".join(map(str, self.singles))
            return f"{self.pair} -> {self.read} changes {more} than under {singles} together"
        beyond = "" if self.than is None else f", compared with {self.than}"
        return f"{self.pair} -> {self.read} {word}{beyond}"


@dataclass(frozen=True)
class Experiment:
    """How one claim is put to the test; all conditions must hold. ``how``: by rule or by hand."""

    claim: str
    how: Literal["rule", "hand"]
    conditions: tuple[Condition, ...]
    why: str = ""
    arms: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(map(str, self.conditions))
