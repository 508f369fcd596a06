"""The program under construction: slots are made by name, rates are summed state by state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.ir.assemble import assemble
from vesiflux.ir.compiled import ParameterInfo, StructureGroup
from vesiflux.ir.graph import Ex, Graph
from vesiflux.ir.lowering.values import prior_of, written_unit
from vesiflux.ir.program import Op, Output, ParameterSlot, Program, StateSlot, Tape

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.language.schema import Value

__all__ = ["RUNNING", "Builder", "Effect", "StateRef"]


RUNNING = "running"

#: Most that a factor is worth when its sign is turned.
MOST_TURNED = 50.0


@dataclass(frozen=True)
class Effect:
    """One effect of an intervention: while ``on`` (0..1) the target is multiplied by ``factor``.

    ``name``: intervention, target and, where effects compete, alternative.
    """

    on: Callable[[Builder], Ex]
    factor: Callable[[Builder], Ex]
    name: str = ""


#: Index of what is a multiple of a state and no state itself.
NO_STATE = -1


@dataclass(frozen=True)
class StateRef:
    """One state: its index and its expression. Of a `multiple` the index is `NO_STATE`: nothing moves it."""

    index: int
    name: str
    ex: Ex
    intracellular: bool = False

    @property
    def followed(self) -> bool:
        """Whether it is a state of its own."""
        return self.index != NO_STATE

    def multiple(self, name: str, factor: Ex) -> StateRef:
        """What is always ``factor`` times this."""
        return StateRef(NO_STATE, name, self.ex * factor, self.intracellular)


@dataclass
class Builder:
    """Collects parameters, inputs, states, rates, outputs and invariants of one model.

    ``switched``: signs of wires and of effects, levels of activities and competing structures become
    parameters, so that every lane can have its own.
    """

    name: str
    switched: bool = False
    graph: Graph = field(default_factory=Graph)
    parameters: list[ParameterInfo] = field(default_factory=list)
    inputs: list[ParameterSlot] = field(default_factory=list)
    states: list[StateSlot] = field(default_factory=list)
    initial: list[Ex] = field(default_factory=list)
    rates: list[Ex] = field(default_factory=list)
    outputs: list[tuple[Output, Ex]] = field(default_factory=list)
    invariants: list[tuple[str, dict[int, float]]] = field(default_factory=list)
    structures: dict[str, StructureGroup] = field(default_factory=dict)
    #: what interventions do, found before lowering: target name -> effects to apply
    effects: Mapping[str, Sequence[Effect]] = field(default_factory=dict)
    #: every name an intervention can act upon, as met while lowering
    targets: dict[str, None] = field(default_factory=dict)
    #: (kind, cell, name, of) of the amounts that verification can change -> parameter
    amounts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    _ledgers: dict[str, StateRef] = field(default_factory=dict)
    _parameter_index: dict[str, int] = field(default_factory=dict)
    _input_index: dict[str, int] = field(default_factory=dict)
    _state_index: dict[str, int] = field(default_factory=dict)

    # ------------------------------------------------------------ slots

    def parameter(self, name: str, value: Value, unit: str, title: str = "") -> Ex:
        """The parameter ``name`` as interventions leave it; made at its first mention."""
        return self.acted_on(name, self.raw_parameter(name, value, unit, title))

    def raw_parameter(self, name: str, value: Value, unit: str, title: str = "") -> Ex:
        """The parameter ``name`` as drawn, in ``unit``. Its slot keeps the unit it is written in."""
        written = written_unit(value, unit)
        prior = prior_of(value, written, name)
        vary = "fixed" if prior.kind == "fixed" else value.vary
        slot = self.prior_parameter(name, prior, written, vary, title)
        return slot if written == unit else slot * units.factor(written, unit)

    def prior_parameter(self, name: str, prior: Prior, unit: str, vary: str, title: str = "") -> Ex:
        """A parameter from a ready prior (in ``unit``)."""
        index = self._parameter_index.get(name)
        if index is None:
            index = len(self.parameters)
            self._parameter_index[name] = index
            self.parameters.append(ParameterInfo(name, unit, prior, vary, title))
        return self.graph.param(index)

    def acted_on(self, name: str, base: Ex) -> Ex:
        """``base`` times what every intervention on ``name`` does while it is on."""
        self.targets[name] = None
        factors = []
        for effect in self.effects.get(name, ()):
            factor = self.signed(f"sign.{effect.name}", effect.factor(self))
            factors.append(self.graph.add(1.0, effect.on(self) * (factor - 1.0)))
        return self.graph.product([base, *factors])

    def setting(self, name: str, value: float, title: str = "") -> Ex:
        """A parameter without uncertainty that only verification changes."""
        from vesiflux.evidence.priors import Prior

        prior = Prior.from_range(typical=value, mark="derived", source="definition")
        return self.prior_parameter(name, prior, "1", "fixed", title)

    def signed(self, name: str, factor: Ex) -> Ex:
        """``factor`` as it is; with switches, turned (-1) or taken out (0) by the parameter ``name``.

        A turned factor is the reciprocal within 1/50 to 50: what is lost altogether rises fiftyfold.
        """
        if not self.switched:
            return factor
        graph = self.graph
        sign = self.setting(name, 1.0, "1 as it is, 0 taken out, -1 sign turned")
        turned = 1.0 / graph.min(graph.max(factor, graph.const(1.0 / MOST_TURNED)), graph.const(MOST_TURNED))
        less = graph.op(Op.LT, sign, graph.const(-0.5))
        more = graph.op(Op.LT, graph.const(0.5), sign)
        return graph.select(more, factor, graph.select(less, turned, graph.const(1.0)))

    def amount(self, base: Ex, kind: str, cell: str = "", name: str = "", of: str = "") -> Ex:
        """``base`` as it is; with switches, times a parameter that is 1. ``kind``: see `AmountSwitch`."""
        if not self.switched:
            return base
        label = ".".join(filter(None, ("amount", kind, cell, name, of)))
        slot = self.setting(label, 1.0, "1 in the untreated model")
        self.amounts[kind, cell, name, of] = self._parameter_index[label]
        return base * slot

    def option(self, name: str) -> Ex:
        """The switch ``group.option`` of a competing structure."""
        if not self.switched:
            return self.input(name)
        group, _, option = name.partition(".")
        return self.setting(f"structure.{name}", float(self.structures[group].default == option))

    def input(self, name: str, value: float = 0.0) -> Ex:
        """A piecewise constant input; made at its first mention."""
        index = self._input_index.get(name)
        if index is None:
            index = len(self.inputs)
            self._input_index[name] = index
            self.inputs.append(ParameterSlot(name, "1", value))
        return self.graph.input(index)

    def running(self) -> Ex:
        """0 while cells come to rest before t = 0, when their numbers are held; 1 afterwards."""
        return self.input(RUNNING, 1.0)

    def parameter_index(self, name: str) -> int | None:
        """Index of a parameter, if it was made."""
        return self._parameter_index.get(name)

    def has_input(self, name: str) -> bool:
        """Whether an input of this name was made."""
        return name in self._input_index

    def input_index(self, name: str) -> int:
        """Index of an input that exists."""
        return self._input_index[name]

    def state(
        self, name: str, unit: str, initial: Ex | float, scale: float = 1.0, intracellular: bool = False
    ) -> StateRef:
        """A new state."""
        if name in self._state_index:
            raise InputError(f"{self.name}: the state {name!r} would be made twice; rename one of the two")
        index = len(self.states)
        self._state_index[name] = index
        self.states.append(StateSlot(name, unit, scale if scale > 0 else 1.0, intracellular))
        self.initial.append(self.graph.wrap(initial))
        self.rates.append(self.graph.const(0.0))
        return StateRef(index, name, self.graph.state(index), intracellular)

    def ledger(self, name: str, unit: str, scale: float = 1.0) -> StateRef:
        """A cumulative count outside the cells; made at its first mention."""
        if name not in self._ledgers:
            self._ledgers[name] = self.state(name, unit, 0.0, scale=scale)
        return self._ledgers[name]

    def known_ledger(self, name: str) -> StateRef | None:
        """A ledger if it was made."""
        return self._ledgers.get(name)

    def time(self) -> Ex:
        """Time since t = 0 in h, as a state (the program itself has no clock)."""
        if "time" not in self._state_index:
            self.add_rate(self.ledger("time", "h"), self.graph.const(1.0))
        return self.ledger("time", "h").ex

    def add_rate(self, state: StateRef, rate: Ex) -> None:
        """Add ``rate`` (per hour) to the state's derivative."""
        if state.followed:
            self.rates[state.index] = self.graph.add(self.rates[state.index], rate)

    def move(self, source: StateRef | None, target: StateRef | None, rate: Ex) -> None:
        """Move ``rate`` from one state to another; `None` is outside the model."""
        if source is not None and source.followed:
            self.rates[source.index] = self.graph.sub(self.rates[source.index], rate)
        if target is not None:
            self.add_rate(target, rate)

    def output(self, name: str, unit: str, expression: Ex | float, series: bool = True) -> None:
        """A named observable."""
        self.outputs.append((Output(name, unit, series), self.graph.wrap(expression)))

    # ------------------------------------------------------------ structures

    def structure(
        self,
        name: str,
        title: str,
        default: str,
        options: Mapping[str, str],
        concerns: tuple[str, ...] = (),
        shared: bool = True,
    ) -> None:
        """A group of competing wirings; its switches are inputs ``name.option``, or parameters."""
        for option in options:
            if self.switched:
                self.setting(f"structure.{name}.{option}", float(option == default))
            else:
                self.input(f"{name}.{option}", float(option == default))
        index = self._parameter_index if self.switched else self._input_index
        prefix = "structure." if self.switched else ""
        self.structures[name] = StructureGroup(
            name=name,
            title=title,
            default=default,
            options={o: index[f"{prefix}{name}.{o}"] for o in options},
            titles=dict(options),
            concerns=concerns,
            shared=shared,
        )

    # ------------------------------------------------------------ finish

    def assemble(self, assignments: list[list[Ex]]) -> tuple[Program, list[Tape]]:
        """The program and the tapes of the event assignments."""
        slots = [ParameterSlot(p.name, p.unit, float(p.prior.typical or 0.0)) for p in self.parameters]
        return assemble(
            self.name,
            self.graph,
            parameters=slots,
            inputs=self.inputs,
            states=self.states,
            initial=self.initial,
            rhs=self.rates,
            outputs=self.outputs,
            invariants=self.invariants,
            assignments=assignments,
        )

    def describe(self) -> dict[str, Any]:
        """The graph in a canonical, JSON-able form: what makes two lowered models the same."""
        g = self.graph
        roots = [e.node for e in (*self.rates, *self.initial, *(e for _, e in self.outputs))]
        order = g.needed(roots)
        number = {n: i for i, n in enumerate(order)}
        return {
            "nodes": [[g.ops[n], [number[a] for a in g.args[n]], float(g.values[n]).hex()] for n in order],
            "parameters": [[p.name, p.unit, p.vary] for p in self.parameters],
            "inputs": [[p.name, p.value.hex()] for p in self.inputs],
            "states": [[s.name, s.unit, float(s.scale).hex(), s.intracellular] for s in self.states],
            "initial": [number[e.node] for e in self.initial],
            "rates": [number[e.node] for e in self.rates],
            "outputs": [[o.name, o.unit, o.series, number[e.node]] for o, e in self.outputs],
        }
