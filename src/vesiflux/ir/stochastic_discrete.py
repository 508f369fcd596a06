"""A module whose species are all counted in whole numbers, as a reaction network for exact simulation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.assemble import Assembly
from vesiflux.ir.coherent import to_coherent
from vesiflux.ir.graph import STATE, Ex, Graph
from vesiflux.ir.lowering.expressions import lower_text
from vesiflux.ir.lowering.values import number
from vesiflux.ir.program import Op, Tape
from vesiflux.ir.stochastic import ReactionNetwork
from vesiflux.language.schema import Module

__all__ = ["network_of"]


def network_of(module: Module, values: Mapping[str, float] | None = None) -> ReactionNetwork:
    """The reactions of ``module`` as a network; a rate is a propensity, per hour, as it is written.

    For two of a kind that meet write ``k * A * (A - 1) / 2``; ``k * A * A`` would count a molecule meeting
    itself. Rates of the form constant x product of different species run as mass action, others as tapes.

    ``values``: parameters and nodes instead of their typical values, in the units the module states.

    Raises `InputError` for unknown names, and for species or moves that are no whole numbers: such a module
    has continuous states and cannot be simulated exactly.
    """
    return _Reader(module, dict(values or {})).network()


class _Reader:
    """Expressions of one module with numbers for its parameters."""

    def __init__(self, module: Module, values: dict[str, float]) -> None:
        self.module, self.values = module, values
        self.graph = Graph()
        self.species = list(module.species)
        self._open: list[str] = []
        for name in values:
            if name not in module.parameters and name not in module.nodes:
                known = ", ".join([*module.parameters, *module.nodes])
                raise InputError(f"{module.name}: no parameter or node {name!r}; there are {known}")

    def network(self) -> ReactionNetwork:
        """Everything together."""
        module, graph = self.module, self.graph
        n, m = len(self.species), len(module.reactions)
        change, order = np.zeros((m, n), dtype=np.int64), np.zeros((m, n), dtype=np.int64)
        rate = np.zeros(m)
        general: dict[int, Ex] = {}
        for j, (name, reaction) in enumerate(module.reactions.items()):
            for species, by in reaction.moves.items():
                change[j, self.species.index(species)] = self._whole(by, f"{name} moves {species} by")
            propensity = lower_text(reaction.rate, graph, self._resolve, f"{module.name}.{name}: rate")
            factors = self._factors(propensity)
            met = [int(graph.values[f.node]) for f in factors if graph.ops[f.node] == STATE]
            constant = graph.product(f for f in factors if graph.ops[f.node] != STATE)
            if constant.value is not None and len(set(met)) == len(met):
                rate[j] = constant.value
                order[j, met] = 1
            else:
                general[j] = propensity
        assembly = Assembly(graph, [e.node for e in general.values()], 0, 0, n)
        tapes: dict[int, Tape] = {j: assembly.tape([e]) for j, e in general.items()}
        registers = np.zeros(assembly.n_registers)
        registers[: len(assembly.constants)] = assembly.constants
        return ReactionNetwork(
            name=module.name,
            species=tuple(self.species),
            reactions=tuple(module.reactions),
            initial=np.array([self._initial(s) for s in self.species], dtype=np.int64),
            change=change,
            order=order,
            rate=rate,
            tapes=tapes,
            registers=registers,
            species_at=len(assembly.constants),
        )

    def _initial(self, name: str) -> int:
        start = lower_text(
            self.module.species[name].initial, self.graph, self._static, f"{self.module.name}.{name}: initial"
        )
        assert start.value is not None  # everything but species is a number here
        return self._whole(start.value, f"{name} starts at")

    def _whole(self, value: float, what: str) -> int:
        nearest = round(value)
        if abs(value - nearest) > 1e-9 * max(abs(value), 1.0):
            raise InputError(
                f"{self.module.name}: {what} {value:g}, no whole number; exact simulation is of counts alone"
            )
        return nearest

    def _factors(self, rate: Ex) -> list[Ex]:
        if self.graph.ops[rate.node] == Op.MUL:
            return [f for a in self.graph.args[rate.node] for f in self._factors(Ex(self.graph, a))]
        return [rate]

    def _resolve(self, name: str) -> Ex:
        if name in self.module.species:
            return self.graph.state(self.species.index(name))
        return self._static(name)

    def _static(self, name: str) -> Ex:
        """Anything but species."""
        module = self.module
        if name in module.parameters:
            parameter = module.parameters[name]
            unit = parameter.unit or "1"
            written = self.values.get(name)
            value = number(parameter, unit, f"{module.name}.{name}") if written is None else written
            return self.graph.const(value * to_coherent(unit))
        if name in module.nodes:
            return self.graph.const(self.values.get(name, module.nodes[name].value))
        if name in module.expressions:
            if name in self._open:
                raise InputError(f"{module.name}: expressions call each other in a circle at {name}")
            self._open.append(name)
            found = lower_text(
                module.expressions[name], self.graph, self._resolve, f"{module.name}: expression {name}"
            )
            self._open.pop()
            return found
        group, _, option = name.partition(".")
        if group in module.structures:
            return self.graph.const(float(option == module.structures[group].default))
        raise InputError(f"{module.name}: {name!r} is not a name of the module")
