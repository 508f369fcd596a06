"""What can be done to a dish of cells: its amounts under the names of the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vesiflux.verify.contexts import above
from vesiflux.verify.subject import Handle

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.ir.compiled import AmountSwitch, Switches
    from vesiflux.language.schema import ModelSpec

__all__ = ["Names", "amount_handles"]


def _listed(symbols: str | Iterable[str]) -> list[str]:
    return [s for s in ([symbols] if isinstance(symbols, str) else symbols) if s]


@lru_cache(maxsize=2)
def _spelled(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Name as responses can hold it -> names of the evidence that are written so."""
    found: dict[str, dict[str, None]] = {}
    for name, _ in evidence.vocabulary:
        found.setdefault(re.sub(r"[^\w.+/-]+", "_", name).strip("_"), {})[name] = None
    return {written: tuple(names) for written, names in found.items()}


@lru_cache(maxsize=2)
def _homes(evidence: Evidence) -> dict[tuple[str, str], str]:
    """(vesicle, cell) -> the one vesicle of that kind that claims say the cell secretes."""
    found: dict[tuple[str, str], set[str]] = {}
    for edge in evidence.edges:
        if edge.relation == "secretes" and edge.from_kind == "cell" and "_" in edge.end:
            found.setdefault((edge.end.rpartition("_")[2], edge.start), set()).add(edge.end)
    return {key: names.pop() for key, names in found.items() if len(names) == 1}


class Names:
    """What the parts of a model are called in the evidence."""

    def __init__(self, spec: ModelSpec, evidence: Evidence) -> None:
        self.spec = spec
        self._evidence = evidence

    def canonical(self, *names: str) -> tuple[str, ...]:
        """Each name as written, as the evidence spells it, and in its canonical form."""
        spelled = _spelled(self._evidence)
        found: dict[str, None] = {}
        for name in filter(None, names):
            for one in (name, *spelled.get(name, ())):
                found[self._evidence.canonical(one)] = None
                found[one] = None
        return tuple(found)

    def _of(self, part: Any, default: str) -> tuple[str, ...]:
        symbols = _listed(getattr(part, "symbol", "")) if part is not None else []
        return self.canonical(*(symbols or [default]))

    def cell(self, name: str) -> tuple[str, ...]:
        """What a cell stands for: its ``symbol``, and what it is."""
        cell = self.spec.cells[name]
        symbols = [*_listed(getattr(cell, "symbol", "")), cell.kind]
        named = [self._evidence.canonical(s, "cell") for s in symbols]
        return tuple(dict.fromkeys([*named, *self.canonical(*symbols)]))

    def place(self, name: str) -> tuple[str, ...]:
        """What stands for a place of the evidence: the cell, and in a body the organ it is in."""
        from vesiflux.language.schema import Body

        here = (self.spec.cells[name].within,) if isinstance(self.spec.space, Body) else ()
        return self.cell(name) + self.canonical(*here)

    def vesicle(self, cell: str, name: str) -> tuple[str, ...]:
        """What a class of vesicles from a cell is called: as the cell says, else as the class says.

        Then what such a vesicle of such a cell is in the evidence, if it is there (``nk_cell_exosome``), and
        what these are kinds of.
        """
        sent = self.spec.cells[cell].secretes.get(name) if cell in self.spec.cells else None
        own = _listed(getattr(sent, "symbol", "")) if sent is not None else []
        made = self.spec.vesicles.get(name)
        names = list(self.canonical(*own)) or list(self._of(made, name))
        if cell in self.spec.cells:
            kinds = [k for kind in self.cell(cell) for k in (kind, *above(kind, self._evidence))]
            homes = _homes(self._evidence)
            for word in dict.fromkeys((name, *_listed(getattr(made, "symbol", "")))):
                called = [one for kind in kinds for one in (f"{kind}_{word}", homes.get((word, kind), ""))]
                names += [c for c in called if (c, "vesicle") in self._evidence.vocabulary]
        names += [up for one in list(names) for up in above(one, self._evidence)]
        return tuple(dict.fromkeys([*names, name]))

    def cargo(self, cell: str, vesicle: str, name: str) -> tuple[str, ...]:
        """What a molecule in a vesicle is called."""
        if cell in self.spec.cells and vesicle in self.spec.cells[cell].secretes:
            return self._of(self.spec.cells[cell].secretes[vesicle].cargo.get(name), name)
        found = [p.cargo[name] for p in self.spec.preparations.values() if name in p.cargo]
        return self._of(found[0] if found else None, name)

    def factor(self, name: str) -> tuple[str, ...]:
        """What a factor is called."""
        return self._of(self.spec.factors.get(name), name)


def amount_handles(names: Names, switches: Switches) -> dict[str, Handle]:
    """Handles by their names in checks and controls.

    ``cell.NODE``, ``cell.count``, ``cell.secretes.CLASS``, ``cell.secretes.CLASS.CARGO``,
    ``cell.takes_up.CLASS``, ``cell.releases.FACTOR``, ``factors.FACTOR``, ``cell.given.NODE``, ``dose`` and
    ``injected``.
    """
    return {h.name: h for h in _handles(names, switches)}


def _handles(names: Names, switches: Switches) -> Iterator[Handle]:
    for amount in switches.amounts:
        name, symbols = _named(names, amount)
        yield Handle(name, symbols, amount.index, amount.kind, amount.cell)


def _named(names: Names, amount: AmountSwitch) -> tuple[str, tuple[str, ...]]:
    cell, name = amount.cell, amount.name
    if amount.kind == "node":
        return f"{cell}.{name}", names.canonical(name)
    if amount.kind == "given":
        return f"{cell}.given.{name}", names.canonical(name)
    if amount.kind == "count":
        return f"{cell}.count", names.cell(cell)
    if amount.kind == "secretion":
        return f"{cell}.secretes.{name}", names.vesicle(cell, name)
    if amount.kind == "cargo":
        return f"{cell}.secretes.{name}.{amount.of}", names.cargo(cell, name, amount.of)
    if amount.kind == "uptake":
        return f"{cell}.takes_up.{name}", ()
    if amount.kind == "release":
        return f"{cell}.releases.{name}", ()
    if amount.kind == "factor":
        return f"factors.{name}", names.factor(name)
    return amount.kind, ()
