"""Stimuli together: the fold of a pair against the product of the folds alone, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.language.together import parts_of
from vesiflux.store.numbers import Spread

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["Synergy", "synergies"]


@dataclass(frozen=True)
class Synergy:
    """One rate of one combined arm under one structure.

    ``together``: fold of the combination; ``product``: of the folds alone, draw by draw; ``synergy``: their
    ratio (above 1: more than the product); ``beyond``: limit -> share of draws past it, where that is a
    tenth more than in the reference; ``tight``: the step with the least left to give and the share that
    passes it, both in the combination.
    """

    arm: str
    title: str
    parts: tuple[str, ...]
    structure: str
    quantity: str
    alone: tuple[Spread, ...]
    together: Spread
    product: Spread
    synergy: Spread
    beyond: Mapping[str, float]
    tight: tuple[str, float] | None

    @property
    def hindrance(self) -> str:
        """What hinders or helps, in words."""
        said = [f"{name} passed by {100 * s:.0f} % of draws" for name, s in self.beyond.items()]
        if self.tight is not None and self.tight[1] > 0.5:
            said.append(f"{100 * self.tight[1]:.0f} % pass the step '{self.tight[0]}'")
        return "; ".join(said) or "no limit near"

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "quantity": self.quantity,
            "structure": self.structure,
            "alone": {p: s.plain() for p, s in zip(self.parts, self.alone, strict=True)},
            "together": self.together.plain(),
            "product": self.product.plain(),
            "synergy": self.synergy.plain(),
            "hindrance": self.hindrance,
            "beyond": dict(self.beyond),
            "tight": None if self.tight is None else {"step": self.tight[0], "passes": self.tight[1]},
        }


def synergies(run: Run, arm: str | None = None) -> tuple[Synergy, ...]:
    """Every combined arm of ``run`` (or one), by rate and structure, where its parts were run alone too."""
    names = [a for a in run.arms if parts_of(a)] if arm is None else [arm]
    return tuple(
        _synergy(run, name, structure, quantity)
        for name in names
        if parts_of(name) and all(p in run.arms for p in parts_of(name))
        for structure in run.arms[name]["structures"]
        if all(_of_part(run, p, structure) in run.arms[p]["structures"] for p in parts_of(name))
        for quantity in run.record["rates"]
    )


def _synergy(run: Run, arm: str, structure: str, quantity: str) -> Synergy:
    parts = parts_of(arm)
    together = run.fold(quantity, arm, structure)
    alone = [run.fold(quantity, p, _of_part(run, p, structure)) for p in parts]
    product = np.prod(alone, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = together / product
    reference = run.arms[arm]["structures"][structure]["reference"]
    shares, before = run.limits(arm, structure), run.limits(str(reference[0]), str(reference[1]))
    untreated = run.limit_names()
    titles = {n: t + " (a limit of untreated cells)" * untreated[n] for n, t, *_ in run.record["limits"]}
    return Synergy(
        arm=arm, title=run.arms[arm]["title"], parts=parts, structure=structure, quantity=quantity,
        alone=tuple(map(Spread.of, alone)), together=Spread.of(together), product=Spread.of(product),
        synergy=Spread.of(ratio),
        beyond={titles[n]: s for n, s in shares.items() if s > before[n] + 0.1},
        tight=run.tightest_step(arm, structure),
    )  # fmt: skip


def _of_part(run: Run, part: str, structure: str) -> str:
    """The structure of a part alone that goes with one of the combination: its own groups of it."""
    own = {p.partition("=")[0] for s in run.arms[part]["structures"] for p in s.split(",")}
    return ",".join(p for p in structure.split(",") if p and p.partition("=")[0] in own)
