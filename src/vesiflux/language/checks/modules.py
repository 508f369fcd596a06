"""Modules: expressions that can be read, of known names and right dimensions; parameters in full."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux import units
from vesiflux.language.checks.context import Context
from vesiflux.language.checks.dimensions import Dimension, DimensionError, dimension_of, of_unit, unit_text
from vesiflux.language.checks.rest import factors_at_rest
from vesiflux.language.checks.values import check_value
from vesiflux.language.expressions import Expr, ExpressionError, Name, names, parse_expression
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import Quantity
from vesiflux.language.schema import Module, each_of
from vesiflux.language.words import meant

__all__ = ["check_modules", "names_used"]

#: Path of an expression in its module, its text, the unit it must have (`None`: any).
_Formula = tuple[Path, str, str | None]


def check_modules(context: Context) -> Iterator[Finding]:
    """All modules of the model, each on its own."""
    shared = {f"{s}.{o}" for s, group in context.spec.structures.items() for o in group.options}
    seen: list[Module] = []
    for name, module in context.modules.items():
        if any(module is other for other in seen):
            continue
        seen.append(module)
        yield from _Checker(("modules", name), module, shared).findings()


def names_used(module: Module) -> set[str]:
    """Names in all expressions that can be read."""
    found: set[str] = set()
    for _, text, _ in _formulas(module):
        try:
            found |= names(parse_expression(text))
        except ExpressionError:
            continue
    return found


def _formulas(module: Module) -> Iterator[_Formula]:
    for name, text in module.expressions.items():
        yield ("expressions", name), text, None
    for name, wire in module.wires.items():
        yield ("wires", name, "factor"), wire.factor, "1"
    for name, species in module.species.items():
        if isinstance(species.initial, str):
            yield ("species", name, "initial"), species.initial, species.unit
    for name, reaction in module.reactions.items():
        yield ("reactions", name, "rate"), reaction.rate, reaction.unit
    for name, text in module.release.items():
        yield ("release", name), text, "vesicle/cell/h"
    for name, readout in module.readouts.items():
        yield ("readouts", name, "expression"), readout.expression, readout.unit
    for name, limit in module.constraints.items():
        yield ("constraints", name, "expression"), limit.expression, limit.unit
    for name, step in module.steps.items():
        yield ("steps", name, "passes"), step.passes, "1"


class _Checker:
    """One module under check."""

    def __init__(self, path: Path, module: Module, shared: set[str]) -> None:
        self.path = path
        self.module = module
        self.switches = shared | {f"{s}.{o}" for s, g in module.structures.items() for o in g.options}
        self.trees: dict[Path, Expr] = {}
        self.dimensions: dict[str, Dimension] = {}  # of expressions, as they become known
        self.broken: set[str] = set()  # expressions without a known dimension
        self.found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Everything wrong with the module."""
        self._parameters()
        self._names()
        self._parse()
        if not self._circle():
            self._dimensions()
        self._reactions()
        self._wires()
        return self.found

    def _say(self, path: Path, message: str, column: int | None = None, key: bool = False) -> None:
        self.found.append(Finding((*self.path, *path), message, column, key))

    # ------------------------------------------------------------ parts

    def _parameters(self) -> None:
        for name, parameter in self.module.parameters.items():
            path: Path = ("parameters", name)
            lacking = [k for k in ("unit", "source", "mark") if not getattr(parameter, k)]
            if parameter.evidence is not None:
                lacking = [k for k in lacking if k == "unit"]
            if lacking:
                self._say(path, f"a module's parameter states its {', '.join(lacking)} as well", key=True)
            if parameter.unit is not None and self._unit((*path, "unit"), parameter.unit):
                self.found += check_value((*self.path, *path), parameter, Quantity(parameter.unit))
        for name, limit in self.module.constraints.items():
            if self._unit(("constraints", name, "unit"), limit.unit):
                at = (*self.path, "constraints", name, "at_most")
                self.found += check_value(at, limit.at_most, Quantity(limit.unit))
        for section in ("species", "readouts"):
            for name, part in getattr(self.module, section).items():
                self._unit((section, name, "unit"), part.unit)
        for name, step in self.module.steps.items():
            for i, node in enumerate(step.nodes):
                if node not in self.module.nodes:
                    cure = meant(node, self.module.nodes, "nodes")
                    self._say(("steps", name, "nodes", i), f"the module has no node {node!r}; {cure}")

    def _unit(self, path: Path, unit: str) -> bool:
        try:
            units.dimension(unit)
        except units.UnitError as error:
            self._say(path, str(error))
            return False
        return True

    def _names(self) -> None:
        """A name means one thing."""
        seen: dict[str, str] = {}
        for section in ("parameters", "nodes", "species", "expressions", "wires"):
            for name in getattr(self.module, section):
                if name in seen:
                    self._say((section, name), f"{name!r} is already one of the {seen[name]}", key=True)
                elif not name.isidentifier():
                    self._say(
                        (section, name),
                        f"{name!r} cannot stand in an expression: letters, digits and _",
                        key=True,
                    )
                seen.setdefault(name, section)

    # ------------------------------------------------------------ expressions

    def _parse(self) -> None:
        module = self.module
        everywhere = {*module.parameters, *module.nodes, *module.expressions, *module.wires, *self.switches}
        for path, text, _ in _formulas(module):
            try:
                tree = parse_expression(text)
            except ExpressionError as error:
                self._say(path, error.message, error.column)
                continue
            static = path[0] == "species"
            known = everywhere if static else everywhere | set(module.species)
            unknown = False
            for name in _mentions(tree):
                if name.id in known:
                    continue
                unknown = True
                if static and name.id in module.species:
                    message = f"{name.id} is a species; an initial value is made of parameters and nodes"
                else:
                    message = f"the module has no {name.id!r}; {meant(name.id, sorted(known))}"
                self._say(path, message, name.column)
            if not unknown:
                self.trees[path] = tree

    def _circle(self) -> bool:
        """Expressions that call each other in a circle."""
        calls = {
            str(path[1]): names(tree) & {*self.module.expressions, *self.module.wires}
            for path, tree in self.trees.items()
            if path[0] in ("expressions", "wires")
        }
        done: set[str] = set()
        for start in calls:
            stack = [(start, iter(sorted(calls[start])))]
            on_path = [start]
            while stack:
                name, after = stack[-1]
                step = next(after, None)
                if step is None:
                    stack.pop()
                    on_path.pop()
                    done.add(name)
                elif step in on_path:
                    circle = " -> ".join([*on_path[on_path.index(step) :], step])
                    section = "wires" if step in self.module.wires else "expressions"
                    self._say((section, step), f"expressions call each other in a circle: {circle}", key=True)
                    return True
                elif step in calls and step not in done:
                    stack.append((step, iter(sorted(calls[step]))))
                    on_path.append(step)
        return False

    # ------------------------------------------------------------ wires

    def _wires(self) -> None:
        """Wires lead from something to something, are used, and are 1 in the untreated cell."""
        module = self.module
        starts = {*module.nodes, *module.species, *module.expressions, *module.wires}
        ends = {*module.reactions, *module.species, *module.expressions, *module.wires, *module.release}
        used = names_used(module)
        for name, wire in module.wires.items():
            for key, written, known, what in (
                ("from", wire.source_names, starts, "node, species or expression"),
                ("to", wire.to, ends, "reaction, species, expression or wire"),
            ):
                if not each_of(written):
                    self._say(("wires", name, key), f"{key} names at least one {what}")
                for end in each_of(written):
                    if end not in known:
                        cure = meant(end, sorted(known), f"{what}s")
                        self._say(("wires", name, key), f"the module has no {what} {end!r}; {cure}")
            if name not in used:
                self._say(
                    ("wires", name), "no rate or expression uses this wire; multiply one by it", key=True
                )
        if not self.found:
            for name, value in factors_at_rest(module).items():
                if abs(value - 1.0) > 1e-6:
                    told = f"is {value:.6g}" if math.isfinite(value) else "has no value"
                    self._say(
                        ("wires", name, "factor"),
                        f"the factor {told} in the untreated cell and must be 1 there",
                    )

    # ------------------------------------------------------------ dimensions

    def _dimensions(self) -> None:
        for path, text, unit in _formulas(self.module):
            del text
            if path[0] == "expressions":
                self._expression(str(path[1]))
                continue
            wanted = unit if path[0] != "reactions" else self._rate_unit(str(path[1]))
            dimension = self._measure(path)
            if dimension is None or wanted is None:
                continue
            try:
                expected = of_unit(wanted)
            except units.UnitError:
                continue
            if dimension[0] is not None and dimension[0] != expected:
                what = f"this is in {unit_text(dimension[0])} and must be in {wanted}"
                self._say(path, what + self._hint(dimension[0], expected))

    def _hint(self, found: Dimension, expected: Dimension) -> str:
        keys = {k for k, _ in found or ()}, {k for k, _ in expected or ()}
        if "ILV" in keys[0] and "vesicle" in keys[1]:
            return "; multiply by a parameter in vesicle/ILV"
        return ""

    def _rate_unit(self, name: str) -> str | None:
        """The unit of a reaction: as stated, else that of what it moves, per hour."""
        reaction = self.module.reactions[name]
        if reaction.unit is not None:
            return reaction.unit
        moved = [self.module.species[s].unit for s in reaction.moves if s in self.module.species]
        return _per_hour(moved[0]) if moved else None

    def _reactions(self) -> None:
        """Reactions move species that exist, each in the unit of the rate times h."""
        for name, reaction in self.module.reactions.items():
            path: Path = ("reactions", name)
            if not reaction.moves:
                self._say((*path, "moves"), "a reaction moves at least one species", key=True)
            for species in reaction.moves:
                if species not in self.module.species:
                    cure = meant(species, self.module.species, "species")
                    self._say(
                        (*path, "moves", species), f"the module has no species {species!r}; {cure}", key=True
                    )
                    continue
                unit = self._rate_unit(name)
                try:
                    fits = unit is None or units.same_dimension(
                        unit, _per_hour(self.module.species[species].unit)
                    )
                except units.UnitError as error:
                    if reaction.unit is not None:
                        self._say((*path, "unit"), str(error))
                    break
                if not fits:
                    own = self.module.species[species].unit
                    message = f"{species} is in {own}, so it moves in {_per_hour(own)}, not {unit}"
                    self._say((*path, "moves", species), message, key=True)

    def _measure(self, path: Path) -> tuple[Dimension] | None:
        """Dimension of the formula at ``path``; `None` where it is not known."""
        tree = self.trees.get(path)
        if tree is None:
            return None
        try:
            return (dimension_of(tree, self._of_name),)
        except DimensionError as error:
            self._say(path, error.message, error.column)
        except _UnknownDimensionError:
            pass
        return None

    def _expression(self, name: str) -> None:
        if name in self.dimensions or name in self.broken:
            return
        found = self._measure(("expressions", name))
        if found is None:
            self.broken.add(name)
        else:
            self.dimensions[name] = found[0]

    def _of_name(self, name: Name) -> Dimension:
        module = self.module
        unit: str | None = "1"  # of nodes, wires and switches
        if name.id in module.expressions:
            self._expression(name.id)
            if name.id in self.broken:
                raise _UnknownDimensionError
            return self.dimensions[name.id]
        if name.id in module.parameters:
            unit = module.parameters[name.id].unit
        elif name.id in module.species:
            unit = module.species[name.id].unit
        if unit is None:
            raise _UnknownDimensionError
        try:
            return of_unit(unit)
        except units.UnitError:
            raise _UnknownDimensionError from None


class _UnknownDimensionError(Exception):
    """A name whose dimension is not known, for a reason that is said elsewhere."""


def _mentions(tree: Expr) -> Iterator[Name]:
    from vesiflux.language.expressions import walk

    seen: set[str] = set()
    for node in walk(tree):
        if isinstance(node, Name) and node.id not in seen:
            seen.add(node.id)
            yield node


def _per_hour(unit: str) -> str:
    return "1/h" if unit.strip() in ("", "1") else f"{unit}/h"
