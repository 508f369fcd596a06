"""A stochastic reaction network as plain arrays: whole numbers of things, reactions with propensities.

It knows nothing of biology. `engines.ssa` simulates it exactly; `ir.discrete` makes one from a module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.ir.program import Tape

__all__ = ["ReactionNetwork", "mass_action"]

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReactionNetwork:
    """Species that are counted, and what changes the counts.

    initial: (species,), whole numbers. change: (reactions, species), by how much a reaction changes each
    count. order: (reactions, species), how many of each species meet; the propensity of a mass-action
    reaction is ``rate`` times the number of ways of choosing them (n, n(n-1)/2, ...). rate: (reactions,),
    per hour. tapes: reaction -> tape whose one result is its whole propensity, in place of that.
    Tapes run on ``registers``, a template of the register file; the counts are its rows from
    ``species_at`` on.
    """

    name: str
    species: tuple[str, ...]
    reactions: tuple[str, ...]
    initial: Integers
    change: Integers
    order: Integers
    rate: Floats
    tapes: Mapping[int, Tape] = field(default_factory=dict)
    registers: Floats | None = None
    species_at: int = 0

    def __post_init__(self) -> None:
        n, m = len(self.species), len(self.reactions)
        for what, array, shape in (
            ("initial", self.initial, (n,)),
            ("change", self.change, (m, n)),
            ("order", self.order, (m, n)),
            ("rate", self.rate, (m,)),
        ):
            if array.shape != shape:
                raise InputError(f"{self.name}: {what} must have shape {shape}, got {array.shape}")
        if n == 0 or m == 0:
            raise InputError(f"{self.name}: needs at least one species and one reaction")
        if self.initial.min() < 0 or self.order.min() < 0:
            raise InputError(f"{self.name}: counts and orders cannot be negative")
        bad = np.flatnonzero(~(np.isfinite(self.rate) & (self.rate >= 0.0)))
        if len(bad):
            j = int(bad[0])
            raise InputError(
                f"{self.name}: rate of {self.reactions[j]} is {self.rate[j]}; needs 0 or more per hour"
            )
        if self.tapes and self.registers is None:
            raise InputError(f"{self.name}: propensities given as tapes need their registers")

    def index(self, species: str) -> int:
        """Index of a species by name."""
        if species not in self.species:
            raise InputError(f"{self.name}: no species {species!r}; there are {', '.join(self.species)}")
        return self.species.index(species)


def mass_action(
    species: Mapping[str, int],
    reactions: Sequence[tuple[Mapping[str, int], Mapping[str, int], float]],
    *,
    names: Sequence[str] | None = None,
    name: str = "network",
) -> ReactionNetwork:
    """A network of mass-action reactions from plain data.

    Parameters
    ----------
    species
        Species -> count at the start.
    reactions
        ``(reactants, products, rate)``: species -> how many; the stochastic rate constant in 1/h. For
        ``{"A": 2}`` the propensity is rate * n (n - 1) / 2.

    Raises
    ------
    InputError
        An unknown species, a negative or broken number.
    """
    known = list(species)
    place = {s: i for i, s in enumerate(known)}
    order = np.zeros((len(reactions), len(known)), dtype=np.int64)
    change = np.zeros_like(order)
    for j, (reactants, products, _) in enumerate(reactions):
        for side, sign in ((reactants, -1), (products, 1)):
            for s, k in side.items():
                if s not in place:
                    raise InputError(f"{name}: reaction {j} names {s!r}; the species are {', '.join(known)}")
                if int(k) != k or k < 1:
                    raise InputError(f"{name}: reaction {j} takes part with {k} of {s}; needs a whole number")
                change[j, place[s]] += sign * int(k)
                if sign < 0:
                    order[j, place[s]] = int(k)
    return ReactionNetwork(
        name=name,
        species=tuple(known),
        reactions=tuple(names) if names else tuple(f"r{j}" for j in range(len(reactions))),
        initial=np.array(list(species.values()), dtype=np.int64),
        change=change,
        order=order,
        rate=np.array([k for _, _, k in reactions], dtype=np.float64),
    )
