"""Where cells want to go: speed, bias and direction of each, from its program and the gradients it senses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.ir.tissue import CellKind, FieldSlot

__all__ = ["Wishes", "fields_of", "wishes_of"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wishes:
    """Per cell, shape (n,): ``speed`` um/h, ``bias`` 0 to 1, ``weights`` by what it heads for."""

    speed: Floats
    bias: Floats
    weights: dict[str, Floats] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether any cell moves by itself."""
        return bool((self.speed > 0.0).any())

    def after(self, origin: Rows) -> Wishes:
        """The same once rows have changed: ``origin`` is the row each had before, or -1 for a newcomer."""

        def moved(values: Floats) -> Floats:
            padded = np.append(values, 0.0)
            found: Floats = padded[origin]
            return found

        weights = {name: moved(values) for name, values in self.weights.items()}
        return replace(self, speed=moved(self.speed), bias=moved(self.bias), weights=weights)


def wishes_of(
    cells: Cells, kinds: Sequence[CellKind], outputs: Sequence[Floats], rows: Sequence[Rows]
) -> Wishes:
    """From the programs' outputs; dead cells want nothing."""
    wishes = Wishes(np.zeros(cells.n), np.zeros(cells.n))
    for kind, output, mine in zip(kinds, outputs, rows, strict=True):
        for action in kind.actions:
            if action.kind == "migration_speed":
                wishes.speed[mine] = np.maximum(output[:, action.output], 0.0)
            elif action.kind == "migration_bias":
                wishes.bias[mine] = np.clip(output[:, action.output], 0.0, 1.0)
            elif action.kind == "chemotaxis":
                weights = wishes.weights.setdefault(action.args[0], np.zeros(cells.n))
                weights[mine] = output[:, action.output]
    return wishes


def fields_of(name: str, fields: Sequence[FieldSlot]) -> list[int]:
    """Fields that ``name`` stands for: one by its name, a class of all senders, or its cargo."""
    exact = [f for f, slot in enumerate(fields) if slot.name == name]
    if exact:
        return exact
    whole = [f for f, s in enumerate(fields) if s.quantity == "vesicles" and s.vesicle == name]
    return whole or [
        f for f, s in enumerate(fields) if s.quantity == "cargo" and f"{s.vesicle}.{s.molecule}" == name
    ]
