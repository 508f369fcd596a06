"""How often cells die, kill, eat, change and divide: rates of each cell, from what its program computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.ir.tissue import CellKind

__all__ = ["Rates", "rates_of"]

Floats = npt.NDArray[np.float64]


@dataclass
class Rates:
    """Rates, 1/h, of each cell (row), shape (n,); what is below 0 or not a number counts as 0.

    ``killing``, ``phagocytosis``: by kind of the victim. ``transition``: by (kind, from, to), states as
    numbers. ``transformation``: by new kind. ``recruitment``: by kind, cells per hour in the whole box.
    """

    apoptosis: Floats
    necrosis: Floats
    proliferation: Floats
    killing: dict[int, Floats] = field(default_factory=dict)
    phagocytosis: dict[int, Floats] = field(default_factory=dict)
    transition: dict[tuple[int, int, int], Floats] = field(default_factory=dict)
    transformation: dict[int, Floats] = field(default_factory=dict)
    recruitment: dict[int, float] = field(default_factory=dict)

    @classmethod
    def none(cls, n: int) -> Rates:
        """No rate at all, for ``n`` cells."""
        return cls(np.zeros(n), np.zeros(n), np.zeros(n))


def rates_of(cells: Cells, kinds: Sequence[CellKind], outputs: Mapping[int, Floats]) -> Rates:
    """Rates from the programs' outputs.

    Parameters
    ----------
    outputs
        By kind, values of its outputs, shape (living cells of the kind, n_outputs); a kind may be missing.

    Recruitment is the type's own rate, as in a dish: the mean over its living cells, each of which computes
    it from what it senses; none lives, none comes. Other actions (secretion, movement) are left alone.
    """
    rates = Rates.none(cells.n)
    number = {kind.name: k for k, kind in enumerate(kinds)}
    for k, kind in enumerate(kinds):
        rows = cells.of_kind(k)
        if k not in outputs or not len(rows):
            continue
        for action in kind.actions:
            value = outputs[k][:, action.output]
            if action.kind in ("apoptosis", "necrosis", "proliferation"):
                getattr(rates, action.kind)[rows] += value
            elif action.kind in ("killing", "phagocytosis", "transformation"):
                by_kind: dict[int, Floats] = getattr(rates, action.kind)
                by_kind.setdefault(number[action.args[0]], np.zeros(cells.n))[rows] += value
            elif action.kind == "transition":
                key = (k, kind.states.index(action.args[0]), kind.states.index(action.args[1]))
                rates.transition.setdefault(key, np.zeros(cells.n))[rows] += value
            elif action.kind == "recruitment":
                rates.recruitment[k] = rates.recruitment.get(k, 0.0) + float(np.nanmean(value))
    return rates
