"""A dose of one animal as a dose of another: weights to a power that is itself uncertain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.assay.dose import tables
from vesiflux.errors import InputError
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.evidence import Prior

__all__ = ["Crossing", "crossing"]


class Crossing:
    """From one animal to another.

    Attributes
    ----------
    ratio
        Dose in the other animal over that in the first, by draw: (weight / weight) ** exponent.
    exponent
        Its prior.
    name, note
        In words: the uncertain factor; what was done.
    """

    def __init__(
        self, source: Mapping[str, str], target: Mapping[str, str], how: str, draws: int, seed: int
    ) -> None:
        row = tables.named("allometry", how, "way to scale a dose")
        self.exponent: Prior = tables.row_prior(row, "1")
        weights = float(target["body_kg"]) / float(source["body_kg"])
        power = self.exponent.quantile(uniforms(seed, f"dose exponent {row['scaling']}", 0, draws))
        self.ratio: NDArray[np.float64] = weights**power
        self.name = f"exponent of weight, {row['scaling']}"
        self.note = (
            f"from a {source['species']} of {source['body_kg']} kg to a {target['species']} of "
            f"{target['body_kg']} kg by {row['scaling']}: weights to the power {self.exponent.typical:g}"
        )


def crossing(source: str, target: str, how: str, draws: int, seed: int) -> Crossing:
    """The way from animal ``source`` to ``target``; ``how``: clearance, surface or weight.

    Raises `InputError` where no animal is named to come from, or a name is unknown.
    """
    to = tables.named("species", target, "species")
    if not source:
        raise InputError(f"a dose for a {to['species']} from which animal? write 'in a mouse' or --species")
    return Crossing(tables.named("species", source, "species"), to, how, draws, seed)
