"""A builder whose parameters are numbers: what follows from them alone is folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.graph import CONSTANT, Ex
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.values import number

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.language.schema import Value

__all__ = ["FixedBuilder", "constant_of", "number_of"]


@dataclass
class FixedBuilder(Builder):
    """``values``: parameter -> value in its own unit; ``fixed_inputs``: input -> value for good."""

    values: Mapping[str, float] = field(default_factory=dict)
    fixed_inputs: Mapping[str, float] = field(default_factory=dict)

    def prior_parameter(self, name: str, prior: Prior, unit: str, vary: str, title: str = "") -> Ex:
        """The parameter's value."""
        return self.graph.const(self.values[name])

    def option(self, name: str) -> Ex:
        """The switch of a competing structure: the default one holds."""
        group, _, option = name.partition(".")
        return self.graph.const(float(self.structures[group].default == option))

    def input(self, name: str, value: float = 0.0) -> Ex:
        """A piecewise constant input, or the value it has for good."""
        if name in self.fixed_inputs:
            return self.graph.const(self.fixed_inputs[name])
        return super().input(name, value)


def constant_of(ex: Ex, what: str) -> float:
    """The number an expression was folded to.

    Raises `InputError` where something that changes during the run goes into it.
    """
    if ex.graph.ops[ex.node] != CONSTANT:
        raise InputError(
            f"{what} cannot change during a tissue run; let the intervention start before t = 0 and not stop"
        )
    return float(ex.graph.values[ex.node])


def number_of(builder: Builder, path: str, value: Value, unit: str) -> float:
    """A parameter as a number: what settings leave it at, or its typical value while it is only collected."""
    ex = builder.parameter(path, value, unit)
    return constant_of(ex, path) if isinstance(builder, FixedBuilder) else number(value, unit, path)
