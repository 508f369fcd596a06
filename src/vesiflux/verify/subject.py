"""The model under test: what can be done to it, what can be read from it, what can be taken out of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.verify.reach import Reach

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.ir.program import Event
    from vesiflux.language import Model
    from vesiflux.verify.contexts import Contexts

__all__ = ["OF_ALL", "Element", "Group", "Handle", "Readable", "Subject"]

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
#: What the reading of all cells of a kind together is called, after the reading of one.
OF_ALL = " of all"
_OVER, _PER = " over ", " per "


@dataclass(frozen=True)
class Handle:
    """Something a perturbation multiplies: parameter ``index``, 1 in the untreated cell.

    ``kind``: "level" of a machinery, else that of its `AmountSwitch`; ``cell``: whose it is, or blank. What
    is "given" is 0 in the untreated model, and a perturbation sets its level.
    """

    name: str
    symbols: tuple[str, ...]
    index: int
    kind: str = "level"
    cell: str = ""

    @property
    def given(self) -> bool:
        """Whether it comes from outside, so that it has a level and no factor."""
        return self.kind == "given"


@dataclass(frozen=True)
class Readable:
    """Something that is read: output ``output``, divided by ``over`` where it is a mean rate.

    ``at_rest``: a state of the cells, the same at rest whenever it is read; else it needs a run.
    ``parameter``: the value of a parameter is read instead. ``claims``: those it was made to show.
    ``kind``: "readout" of a machinery, node, count, copies, held, released, per_vesicle, factor, organ or
    quotient; ``cell``: whose it is, or blank. ``shares``: (level, count) of every state of the cell: what is
    read is the mean level of its cells, or with ``total`` the level of all of them together. ``quotient``:
    it is the one of these readings over the other.
    """

    name: str
    output: int
    unit: str
    symbols: tuple[str, ...] = ()
    over: int | None = None
    at_rest: bool = True
    parameter: int | None = None
    claims: frozenset[str] = frozenset()
    kind: str = "readout"
    cell: str = ""
    shares: tuple[tuple[int, int], ...] = ()
    total: bool = False
    quotient: tuple[Readable, Readable] | None = None

    def value(self, outputs: Floats, parameters: Floats) -> Floats:
        """The reading from outputs and parameters of a run, (n_outputs, lanes) -> (lanes,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.quotient is not None:
                above, below = (part.value(outputs, parameters) for part in self.quotient)
                return np.asarray(above / below)
            if self.parameter is not None:
                return np.array(parameters[self.parameter])
            if not self.shares:
                found = outputs[self.output]
                return np.array(found if self.over is None else found / outputs[self.over])
            whole = sum(outputs[level] * outputs[count] for level, count in self.shares)
            if self.total:
                return np.asarray(whole)
            return np.asarray(whole / sum(outputs[count] for _, count in self.shares))


Symbolled = TypeVar("Symbolled", Handle, Readable)


@dataclass(frozen=True)
class Element:
    """A switch of the model: a wire, what an intervention does to a target, or an arrow of a response.

    ``claims``: what it rests on; ``fitted``: its number was chosen to meet them; ``foreign``: it also
    rests on a source that is no claim. Value of parameter ``index``: 1 as it is, 0 taken out, -1 its sign
    turned. ``target``: parameter with the level that what an arrow ends in has by itself; ``raises``: the
    arrow raises it.
    """

    name: str
    kind: str  # wire | stimulus | arrow
    index: int
    claims: frozenset[str]
    fitted: bool = False
    foreign: bool = False
    owner: str = ""  # the intervention a stimulus row belongs to
    acts_on: tuple[str, ...] = ()  # evidence names of what a stimulus row multiplies
    target: int | None = None
    raises: bool = True


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
    contexts: Contexts | None = None  # which cell stands for a place of the evidence

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
        """Claims that were written into the model where nothing can be switched off.

        Those named in behaviours, and in responses without a switch; and those that the model says it
        rests on as a whole, unless something with a switch rests on them.
        """
        spec = self.model.spec
        cells = spec.cells.values()
        if not any((*cell.responses, *cell.behaviours) for cell in cells):
            return frozenset()
        switched = {c for e in self.elements if e.kind == "arrow" for c in e.claims}
        told = [text for cell in cells for text in cell.behaviours]
        if not any(e.kind == "arrow" for e in self.elements):
            told += [text for cell in cells for text in cell.responses]
        named = {word for text in told for word in re.findall(r"[a-z0-9]+-\d{3}", str(text))}
        return frozenset(named | (set(spec.evidence) - switched))

    @cached_property
    def base(self) -> str:
        """The arm that an untreated body has: its control, which gets its doses. Blank in a dish."""
        from vesiflux.language.schema import Body

        arms = self.compiled.arms
        if not isinstance(self.model.spec.space, Body):
            return ""
        return next((name for name, arm in arms.items() if arm.mark == "control"), next(iter(arms)))

    @cached_property
    def dose(self) -> Handle | None:
        """What multiplies all that vesicles bring: in a body, what is injected.

        `None` where the model has no such switch.
        """
        kinds = ("injected", "dose") if self.base else ("dose",)
        found = {h.kind: h for h in self.handles.values() if h.kind in kinds}
        return next((found[kind] for kind in kinds if kind in found), None)

    def events(self, arms: Sequence[str]) -> tuple[Event, ...]:
        """What happens at a time in these arms together, each the same object in whichever arm it happens.

        A body gets a dose that two arms share once.
        """
        every = (e for arm in arms for e in self.compiled.arms[arm].events)
        found = [self._known_events.setdefault(_key(e), e) for e in every]
        if self.base:
            found = list({id(e): e for e in found}.values())
        return tuple(sorted(found, key=lambda e: e.time))

    @cached_property
    def _known_events(self) -> dict[tuple[Any, ...], Event]:
        return {}

    @cached_property
    def reach(self) -> Reach:
        """Which parameters can change which outputs; in a body by its doses as well."""
        arms = tuple(self.compiled.arms) if self.base else ()
        return Reach(self.compiled.program, self.events(arms))

    def readouts_made_for(self, claim: str) -> frozenset[str]:
        """Names of readouts that were made to show what this claim says."""
        return frozenset(name for name, readable in self.readables.items() if claim in readable.claims)

    def handle(self, name: str) -> Handle:
        """Handle by its name, or a parameter of the model; `InputError` names the nearest ones."""
        if name not in self.handles:
            near = [h for n, h in self.handles.items() if n.endswith(f".{name}")]
            if len(near) == 1:
                return near[0]
            ends = [i for i, p in enumerate(self.compiled.parameters) if f".{p.name}".endswith(f".{name}")]
            if len(ends) == 1:
                return Handle(name, (), ends[0])
        return _known(self.handles, name, "node, species or parameter")

    def readable(self, name: str) -> Readable:
        """Readable by its name, or any output or parameter by its full name.

        With ``of all`` after the name of what a cell has: what all cells of its kind have together.
        ``A per B`` is a quotient, and so is ``A over B``, whose parts may be quotients themselves.
        Raises `InputError` naming the nearest ones.
        """
        for word in (_OVER, _PER):
            above, found, below = name.partition(word)
            if found:
                parts = self.readable(above), self.readable(below)
                unit = f"{parts[0].unit}/({parts[1].unit})"
                return Readable(name, -1, unit, at_rest=False, kind="quotient", quotient=parts)
        if name.endswith(OF_ALL):
            one = self.readable(name.removesuffix(OF_ALL))
            if one.kind == "released":
                return replace(one, name=name, over=None)
            return replace(one, name=name, total=True)
        if name not in self.readables:
            near = [r for n, r in self.readables.items() if n.endswith(f".{name}")]
            if len(near) == 1:
                return near[0]
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


def _key(event: Event) -> tuple[Any, ...]:
    return event.time, id(event.tape), event.states.tobytes(), tuple(sorted(event.inputs.items()))


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
