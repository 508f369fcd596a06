"""What a name of the evidence stands for in a model: places, factors, cargo, vesicles and cells.

A part's ``symbol`` says by which names the evidence knows it; without one it is its own name, and a cell is
always what it ``is``. Names are compared in their canonical form, and what is said of a kind
(``tumour_cell``) is said of what is one of it (``colorectal_cancer_cell``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vesiflux.language.base import Names, each_of

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.language.schema import ModelSpec

__all__ = ["GENERIC", "NamesOfModel"]

#: Places that are any cell.
GENERIC = frozenset(("any_cell", "recipient_cell", "any_recipient_cell", "target_cell"))
#: Kinds of names that a population may be.
_PLACES = ("cell", "organ")


class NamesOfModel:
    """Finds what names of the evidence stand for in one model."""

    def __init__(self, spec: ModelSpec, evidence: Evidence) -> None:
        self.spec = spec
        self.evidence = evidence
        self.cells = {
            name: self._canonical((cell.kind, *each_of(cell.symbol)), _PLACES)
            for name, cell in spec.cells.items()
        }

    def _canonical(self, names: Iterable[str], kinds: Sequence[str]) -> frozenset[str]:
        return frozenset(self.evidence.canonical(name, kind) for name in names for kind in kinds) | frozenset(
            names
        )

    def above(self, name: str, kinds: Sequence[str] = _PLACES) -> list[str]:
        """What something is one of: parents in the vocabulary, nearest first."""
        found: list[str] = []
        todo = [name]
        while todo:
            name = todo.pop(0)
            entries = (self.evidence.vocabulary.get((name, kind)) for kind in kinds)
            parents = [e.parent for e in entries if e and e.parent and e.parent not in found]
            found += parents
            todo += parents
        return found

    def acts_in(self, place: str, cell: str) -> bool:
        """Whether what is told of a place holds in a cell type: the same, more general or a kind of it."""
        own = self.cells[cell]
        places = self._canonical((place,), _PLACES)
        if places & own or places & GENERIC:
            return True
        general = {up for name in own for up in self.above(name)}
        special = {up for name in places for up in self.above(name)}
        return bool(places & general or special & own)

    # ------------------------------------------------------------ what can start an arrow

    def factors(self, name: str, kind: str) -> list[str]:
        """Factors of this name."""
        return [f for f, part in self.spec.factors.items() if self._is(name, kind, part.symbol, f)]

    def cargo(self, cell: str, name: str, kind: str) -> list[tuple[str, str]]:
        """Cargo of this name that vesicles bring to a cell, and where it acts: (molecule, place)."""
        found: dict[str, str] = {}
        spec = self.spec
        brought = [s for other in spec.cells.values() for s in other.secretes.items()]
        carried = [(v, s.cargo) for v, s in brought] + [
            (p.vesicle, p.cargo) for p in spec.preparations.values()
        ]
        for vesicle, cargo in carried:
            if vesicle not in spec.cells[cell].takes_up:
                continue
            for molecule, part in cargo.items():
                if self._is(name, kind, part.symbol, molecule):
                    found.setdefault(molecule, "surface" if part.on == "surface" else "cytosol")
        return list(found.items())

    def vesicles(self, cell: str, name: str) -> list[str]:
        """Classes of this name, or of a kind of it, that a cell takes up.

        ``CLASS``, or ``CLASS.SENDER`` where only the vesicles of some senders are called so.
        """
        found = []
        spec = self.spec
        for vesicle in spec.cells[cell].takes_up:
            if vesicle not in spec.vesicles:
                continue
            whole = each_of(spec.vesicles[vesicle].symbol) or (vesicle,)
            senders = {n: c.secretes[vesicle].symbol for n, c in spec.cells.items() if vesicle in c.secretes}
            senders |= {n: p.symbol for n, p in spec.preparations.items() if p.vesicle == vesicle}
            fitting = [n for n, own in senders.items() if own and self._is(name, "vesicle", own, n, True)]
            if self._is(name, "vesicle", whole, vesicle, True) or (fitting and len(fitting) == len(senders)):
                found.append(vesicle)
            else:
                found += [f"{vesicle}.{sender}" for sender in fitting]
        return found

    def others(self, cell: str, name: str) -> list[str]:
        """Cell types of this name but ``cell``; kinds of it count where none is just that."""
        wanted = self._canonical((name,), _PLACES)
        rest = {n: names for n, names in self.cells.items() if n != cell}
        exact = [n for n, names in rest.items() if wanted & names]
        if exact or self.itself(cell, name):
            return exact
        return [n for n, names in rest.items() if any(wanted & set(self.above(x)) for x in names)]

    def itself(self, cell: str, name: str) -> bool:
        """Whether the name means this cell type, or what it is one of."""
        wanted = self._canonical((name,), _PLACES)
        return any(x in wanted or wanted & set(self.above(x)) for x in self.cells[cell])

    def _is(self, name: str, kind: str, symbol: Names, own: str, general: bool = False) -> bool:
        """Whether a part called ``own``, of this symbol, is what the evidence calls ``name``."""
        names = self._canonical(each_of(symbol) or (own,), (kind,))
        wanted = self._canonical((name,), (kind,))
        if wanted & names:
            return True
        return general and any(wanted & set(self.above(x, (kind,))) for x in names)
