"""Behaviours of the cells of one pool: signals combined as in PhysiCell's published formula.

Up-signals are summed as U = sum (s / half)^n, down-signals as D; the value is mixed
base -> maximum by U / (1 + U), then -> minimum by D / (1 + D).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.pools import EMPTY_POOL, Pool, Population, arrive, divide, leave
from vesiflux.ir.lowering.signals import Senses
from vesiflux.language.behaviours import Action, Behaviour, parse_behaviour
from vesiflux.language.schema import Value

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import StateRef
    from vesiflux.language.schema import ModelSpec

__all__ = ["Behaviours", "changes_numbers"]

_LIFE = {"proliferation", "apoptosis", "necrosis", "transition", "transformation", "recruitment"}
_DEATH = {"killing", "phagocytosis"}
#: Rates that a cell may state under ``life``.
_STATED = ("proliferation", "apoptosis", "necrosis")


def changes_numbers(spec: ModelSpec, name: str) -> bool:
    """Whether anything in the model changes how many cells of this type are in a state."""
    life = spec.cells[name].life
    if any(getattr(life, kind) is not None for kind in _STATED):
        return True
    for other, cell in spec.cells.items():
        for text in cell.behaviours:
            action = parse_behaviour(text).behaviour
            if other == name and action.kind in _LIFE:
                return True
            if action.kind in (*_DEATH, "transformation") and name in action.args:
                return True
    return False


@dataclass
class Behaviours:
    """The behaviours of one pool, by action."""

    senses: Senses
    actions: Mapping[Action, list[tuple[str, Behaviour]]]

    @classmethod
    def of(cls, senses: Senses) -> Behaviours:
        """Read the sentences of the pool's cell type; rates of its ``life`` need none."""
        actions: dict[Action, list[tuple[str, Behaviour]]] = {}
        for i, text in enumerate(senses.population.cell.behaviours, start=1):
            behaviour = parse_behaviour(text)
            path = f"{senses.population.name}.behaviours.{i}"
            actions.setdefault(behaviour.behaviour, []).append((path, behaviour))
        for kind in _STATED:
            if getattr(senses.population.cell.life, kind) is not None:
                actions.setdefault(Action(kind), [])
        return cls(senses, actions)

    # ------------------------------------------------------------ values

    def value(self, action: Action, unit: str, base: Ex | None = None) -> Ex | None:
        """The behaviour's size now, in ``unit``; None where neither a sentence nor ``life`` speaks of it.

        ``base``: what the cell states, with its uncertainty; else the rate of its ``life``, else the base
        of the first sentence.
        """
        if action not in self.actions:
            return None
        sentences = self.actions[action]
        builder, graph = self.senses.builder, self.senses.builder.graph
        up: list[Ex] = []
        down: list[Ex] = []
        top: Ex | None = None
        bottom: Ex | None = None
        start = self._life(action, unit) if base is None else base
        for path, sentence in sentences:
            if start is None:
                start = self._quantity(f"{path}.base", sentence.base, unit)
            last = self._quantity(f"{path}.max", sentence.maximum, unit)
            strength = self._strength(path, sentence)
            if sentence.direction == "increases":
                up.append(strength)
                top = last if top is None else graph.max(top, last)
            else:
                down.append(strength)
                bottom = last if bottom is None else graph.min(bottom, last)
        assert start is not None, "an action has a sentence or a stated rate"
        value = start
        if top is not None:
            total = graph.sum(up)
            value = value + (top - value) * (total / (1.0 + total))
        if bottom is not None:
            total = graph.sum(down)
            value = value + (bottom - value) * (total / (1.0 + total))
        return builder.acted_on(f"{self.senses.population.name}.{_label(action)}", value)

    def activity(self, node: str) -> Ex | None:
        """What a module's node (``INSTANCE.NODE``) is driven to; None where no sentence speaks of it."""
        return self.value(Action("activity", (node,)), "1")

    def _life(self, action: Action, unit: str) -> Ex | None:
        """The rate that the cell states under ``life``."""
        population = self.senses.population
        stated: Value | None = getattr(population.cell.life, action.kind) if action.kind in _STATED else None
        if stated is None:
            return None
        path, title = f"{population.name}.life.{action.kind}", f"{action.kind} without any signal"
        return self.senses.builder.parameter(path, stated, unit, title)

    def _quantity(self, path: str, text: str, unit: str) -> Ex:
        return self.senses.builder.parameter(path, Value(typical=text), unit)

    def _strength(self, path: str, sentence: Behaviour) -> Ex:
        """(signal / half)^hill."""
        senses, graph = self.senses, self.senses.builder.graph
        kind, args = sentence.signal.kind, sentence.signal.args
        if kind == "state":
            return 1e6 * senses.in_state(args[0])
        if kind == "cargo":
            amount, unit = senses.amount(args[0], args[1])
        elif kind == "contact":
            amount, unit = senses.contact(args[0]), "1"
        elif kind == "pressure":
            amount, unit = senses.pressure(), "1"
        elif kind == "gradient":
            amount, unit = senses.gradient(args[0]), "molecule/mL/um"
        elif kind == "time":
            amount, unit = senses.builder.time(), "h"
        else:
            amount, unit = senses.amount(args[0])
        half = self._quantity(f"{path}.half", sentence.half, unit)
        return graph.pow(amount / half, sentence.hill)

    def secretion(self, what: str, rate: Ex) -> Ex:
        """Release of a class or factor per cell and hour."""
        unit = "molecule/cell/h" if what in self.senses.factors else "vesicle/cell/h"
        value = self.value(Action("secretion", (what,)), unit, rate)
        return rate if value is None else value

    def uptake(self, vesicle: str, clearance: Ex) -> Ex:
        """Clearance of a class, mL per cell and hour."""
        value = self.value(Action("uptake", (vesicle,)), "mL/cell/h", clearance)
        return clearance if value is None else value

    # ------------------------------------------------------------ numbers of cells

    def move_cells(self, pools: Mapping[str, Population]) -> None:
        """Division, death, change of state and of type, killing, recruitment."""
        senses = self.senses
        pool, builder = senses.pool, senses.builder
        for action in self.actions:
            if action.kind == "transition":
                if action.args[0] == pool.state_name:
                    self._leave(action, "1/h", senses.population.pool(action.args[1]), None)
            elif action.kind == "proliferation":
                rate = self.value(action, "1/h")
                assert rate is not None
                divide(builder, pool, rate)
            elif action.kind in ("apoptosis", "necrosis"):
                self._leave(action, "1/h", None, self._dead(action.kind))
            elif action.kind == "transformation":
                self._leave(action, "1/h", pools[action.args[0]].pools[0], None)
            elif action.kind == "recruitment" and pool is senses.population.pools[0]:
                rate = self.value(action, "cell/h")
                assert rate is not None
                arrive(builder, pool, rate)
            elif action.kind in _DEATH:
                self._kill(action, pools[action.args[0]])

    def _leave(self, action: Action, unit: str, target: Pool | None, dead: StateRef | None) -> None:
        rate = self.value(action, unit)
        assert rate is not None
        leave(self.senses.builder, self.senses.pool, rate, target, dead)

    def _kill(self, action: Action, victims: Population) -> None:
        """Each killer finds victims in the share they are of both: rate x killers x victims / (both)."""
        rate = self.value(action, "1/h")
        assert rate is not None
        builder, graph = self.senses.builder, self.senses.builder.graph
        both = graph.max(self.senses.population.count + victims.count, EMPTY_POOL)
        dead = builder.ledger(f"dead.{victims.name}.{action.kind}", "cell", scale=victims.nominal)
        for pool in victims.pools:
            leave(builder, pool, rate * self.senses.pool.count / both, None, dead)

    def _dead(self, cause: str) -> StateRef:
        population = self.senses.population
        return self.senses.builder.ledger(f"dead.{population.name}.{cause}", "cell", scale=population.nominal)


def _label(action: Action) -> str:
    # a module's node has a name of its own, by which interventions know it
    return action.args[0] if action.kind == "activity" else ".".join((action.kind, *action.args))
