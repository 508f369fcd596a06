"""What responses, behaviours and signals name beyond copies: vesicles held, contacts, other cells' nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vesiflux.language.schema import DishSpace, Tissue
from vesiflux.language.words import meant

if TYPE_CHECKING:
    from vesiflux.language.checks.context import Context

__all__ = ["UNITS", "check_where", "elsewhere", "senders"]

#: Unit of what follows an ``@`` where it is no cargo.
UNITS = {"held": "vesicle/cell", "contact": "cell", "medium": "copy/mL", "state": "1"}


def senders(context: Context, vesicle: str) -> list[str]:
    """Cells and preparations that send vesicles of a class."""
    spec = context.spec
    found = [n for n, c in spec.cells.items() if vesicle in c.secretes]
    return found + [n for n, p in spec.preparations.items() if p.vesicle == vesicle]


def check_where(context: Context, cell: str, name: str, where: str) -> Iterator[str]:
    """What is wrong with ``NAME @held``, ``@contact``, ``@medium`` or ``@state`` in a cell, in words."""
    if where == "held":
        vesicle, dot, sender = name.partition(".")
        known = list(context.spec.cells[cell].takes_up)
        if vesicle not in known:
            cure = f"it takes up {', '.join(known)}" if known else "it takes up nothing"
            near = meant(vesicle, known)
            yield f"{cell} does not take up {vesicle!r}; {near if near.startswith('did') else cure}"
        elif dot and sender not in (known := senders(context, vesicle)):
            yield f"nobody called {sender!r} sends {vesicle}; {meant(sender, known, 'senders')}"
    elif where == "contact":
        cells = context.names("cells")
        space = context.spec.space
        if name not in cells:
            yield f"no cell type is called {name!r}; {meant(name, sorted(cells), 'cell types')}"
        elif isinstance(space, DishSpace) and space.area is None and space.vessel is None:
            yield "cells touch on a floor: give the dish its area (area: 9.5 cm^2) or a vessel"
    elif where == "state":
        states = context.spec.cells[cell].states
        if name not in states:
            yield f"{cell} has no state {name!r}; {meant(name, states, 'its states')}"
    elif where == "medium" and name not in context.names("factors"):
        yield f"no factor is called {name!r}; {meant(name, sorted(context.names('factors')), 'factors')}"


def elsewhere(context: Context, cell: str, name: str) -> str | None:
    """What is wrong with ``OTHER.NODE`` in a cell, in words; blank: nothing; `None`: it is no such name."""
    other, dot, node = name.partition(".")
    cells = context.spec.cells
    if not dot or other == cell or other in cells[cell].modules:
        return None
    if other not in cells:
        near = meant(other, cells)
        return f"no cell type is called {other!r}; {near}" if near.startswith("did") else None
    if isinstance(context.spec.space, Tissue):
        return f"in a tissue a cell answers to what touches it and to fields, not to {name!r} far away"
    known = context.nodes(other)
    if node not in known and not context.guesswork(other):
        return f"{other} has no node {node!r}; {meant(node, known, 'its nodes')}"
    return ""
