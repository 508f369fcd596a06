"""The model under test: what can be done to it, what can be read from it, what can be taken out of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model

__all__ = ["Element", "Group", "Handle", "Readable", "Subject"]

T = TypeVar("T")


@dataclass(frozen=True)
class Handle:
    """Something a perturbation multiplies: parameter ``index``, 1 in the untreated cell."""

    name: str
    symbols: tuple[str, ...]
    index: int


@dataclass(frozen=True)
class Readable:
    """Something that is read: output ``output``, divided by ``over`` where it is a mean rate.

    ``at_rest``: a state of the cells, the same at rest whenever it is read; else it needs a run.
    ``parameter``: the value of a parameter is read instead. ``claims``: those it was made to show.
    """

    name: str
    output: int
    unit: str
    symbols: tuple[str, ...] = ()
    over: int | None = None
    at_rest: bool = True
    parameter: int | None = None
    claims: frozenset[str] = frozenset()


Symbolled = TypeVar("Symbolled", Handle, Readable)


@dataclass(frozen=True)
class Element:
    """A switch of the model: a wire or what an intervention does to a target.

    ``claims``: what it rests on; ``fitted``: its number was chosen to meet them; ``foreign``: it also
    rests on a source that is no claim. Value of parameter ``index``: 1 as it is, 0 taken out, -1 its sign
    turned.
    """

    name: str
    kind: str  # wire | stimulus
    index: int
    claims: frozenset[str]
    fitted: bool = False
    foreign: bool = False
    owner: str = ""  # the intervention a stimulus row belongs to
    acts_on: tuple[str, ...] = ()  # evidence names of what a stimulus row multiplies


@dataclass(frozen=True)
class Group:
    """Competing structures: parameter index of every option, and the claims each rests on."""

    name: str
    options: Mapping[str, int]
    claims: Mapping[str, frozenset[str]]
    default: str
    owner: str = ""  # the intervention whose alternatives these are; blank: part of the machinery


@dataclass(frozen=True)
class Subject:
    """One model, compiled with a switch for everything verification changes."""

    model: Model
    compiled: CompiledModel
    handles: Mapping[str, Handle]
    readables: Mapping[str, Readable]
    elements: tuple[Element, ...]
    groups: Mapping[str, Group]
    flows: tuple[tuple[str, frozenset[str]], ...] = ()  # steps of the flow of mass, and their claims
    fitted: tuple[tuple[str, frozenset[str]], ...] = ()  # parameters chosen to meet claims

    @property
    def review(self) -> str:
        """Short name of the review the model belongs to."""
        return self.model.spec.review

    @cached_property
    def handles_by_symbol(self) -> Mapping[str, tuple[Handle, ...]]:
        """Handles by canonical name in the evidence."""
        return _by_symbol(self.handles.values())

    @cached_property
    def readables_by_symbol(self) -> Mapping[str, tuple[Readable, ...]]:
        """Readables by canonical name in the evidence; states of the cells come before mean rates."""
        return _by_symbol(self.readables.values())

    @cached_property
    def sentences(self) -> frozenset[str]:
        """Claims that responses and behaviours were written from, where there are any.

        These have no switches, so that nothing can be said of the model without them.
        """
        spec = self.model.spec
        told = [text for cell in spec.cells.values() for text in (*cell.responses, *cell.behaviours)]
        named = {word for text in told for word in re.findall(r"[a-z0-9]+-\d{3}", str(text))}
        return frozenset(named | set(spec.evidence)) if told else frozenset()

    def readouts_made_for(self, claim: str) -> frozenset[str]:
        """Names of readouts that were made to show what this claim says."""
        return frozenset(name for name, readable in self.readables.items() if claim in readable.claims)

    def handle(self, name: str) -> Handle:
        """Handle by its name, or a parameter of the model; `InputError` names the nearest ones."""
        if name not in self.handles:
            ends = [i for i, p in enumerate(self.compiled.parameters) if f".{p.name}".endswith(f".{name}")]
            if len(ends) == 1:
                return Handle(name, (), ends[0])
        return _known(self.handles, name, "node, species or parameter")

    def readable(self, name: str) -> Readable:
        """Readable by its name, or any output or parameter by its full name.

        Raises `InputError` naming the nearest ones.
        """
        if name not in self.readables:
            for index, output in enumerate(self.compiled.program.outputs):
                if output.name == name:
                    return Readable(name, index, output.unit, at_rest=False)
            for index, info in enumerate(self.compiled.parameters):
                if info.name == name:
                    return Readable(name, -1, info.unit, parameter=index)
        return _known(self.readables, name, "readout")

    def arms_of(self, name: str) -> tuple[str, ...]:
        """Parts of ``a+b``, each an arm of the model; `InputError` for an unknown one."""
        parts = (name,) if name in self.compiled.arms else tuple(p.strip() for p in name.split("+"))
        for part in parts:
            _known(self.compiled.arms, part, "arm")
        return parts


def _by_symbol(items: Iterable[Symbolled]) -> dict[str, tuple[Symbolled, ...]]:
    found: dict[str, list[Symbolled]] = {}
    for item in items:
        for symbol in item.symbols:
            found.setdefault(symbol, []).append(item)
    return {symbol: tuple(there) for symbol, there in found.items()}


def _known(there: Mapping[str, T], name: str, what: str) -> T:
    if name not in there:
        raise InputError(f"the model has no {what} {name!r}; {_nearest(name, there)}")
    return there[name]


def _nearest(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(names), 3)
    return f"did you mean {', '.join(near)}?" if near else f"it has {', '.join(list(names)[:6])} ..."
