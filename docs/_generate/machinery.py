"""Tables of a library module: parameters, nodes, species, expressions, reactions and what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from _generate.text import code, table
from vesiflux.language import schema
from vesiflux.language.modules import library_modules, load_module

__all__ = ["TABLES", "machinery", "module_named", "number"]


@cache
def module_named(name: str) -> schema.Module:
    """A module of the library."""
    module, _, problems = load_module(library_modules()[name])
    if module is None or problems:
        raise ValueError(f"module {name}: {problems}")
    return module


def machinery(name: str, part: str) -> str:
    """One table of one module; ``part`` is a key of `TABLES`."""
    head, rows = TABLES[part]
    return table(head, rows(module_named(name)))


def number(value: float | str | None) -> str:
    """A number of a module as text; nothing for none."""
    return f"{value:g}" if isinstance(value, float | int) else str(value or "")


def _parameters(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, p in module.parameters.items():
        numbers = (number(p.low), number(p.typical), number(p.high))
        basis = "; ".join(filter(None, (", ".join(p.claims), p.source)))
        yield (code(name), p.title, *numbers, p.unit, p.distribution, p.mark, basis)


def _nodes(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, n in module.nodes.items():
        yield code(name), n.title, n.kind, ", ".join(schema.each_of(n.symbol))


def _wires(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, w in module.wires.items():
        path = f"{', '.join(schema.each_of(w.source_names))} → {', '.join(schema.each_of(w.to))}"
        basis = ", ".join(filter(None, (*w.claims, w.source)))
        yield code(name), w.title, path, w.sign, code(w.factor), basis, w.mark


def _species(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, s in module.species.items():
        yield code(name), s.title, s.unit, code(s.initial), s.kind


def _expressions(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, text in module.expressions.items():
        yield code(name), code(text)


def _reactions(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, r in module.reactions.items():
        basis = ", ".join(filter(None, (*r.claims, r.source)))
        yield code(name), r.title, _equation(r.moves), code(r.rate), r.unit, basis


def _equation(moves: dict[str, float]) -> str:
    """``F4 → M`` from what one event takes and gives."""

    def side(sign: int) -> str:
        found = [(n, abs(m)) for n, m in moves.items() if m * sign > 0]
        return " + ".join(n if m == 1 else f"{m:g} {n}" for n, m in found)

    return f"{side(-1)} → {side(1)}".strip()


def _release(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, text in module.release.items():
        yield name, code(text)


def _readouts(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, r in module.readouts.items():
        yield code(name), r.title, code(r.expression), r.unit, ", ".join(schema.each_of(r.symbol))


def _constraints(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, c in module.constraints.items():
        unit = "" if c.at_most.unit in (None, "1") else f" {c.at_most.unit}"
        limit = f"{number(c.at_most.typical)}{unit}"
        yield code(name), c.title, code(c.expression), limit, c.at_most.mark, c.at_most.source, c.note


def _steps(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for name, s in module.steps.items():
        yield code(name), s.title, code(s.passes), ", ".join(s.nodes)


def _structures(module: schema.Module) -> Iterable[tuple[Any, ...]]:
    for group, s in module.structures.items():
        for name, o in s.options.items():
            default = " (default)" if name == s.default else ""
            basis = ", ".join(filter(None, (*o.claims, o.source)))
            yield code(group), code(name) + default, o.title, o.mark, basis, o.note


TABLES: dict[str, tuple[tuple[str, ...], Any]] = {
    "parameters": (
        ("parameter", "what", "low", "typical", "high", "unit", "distribution", "mark", "source"),
        _parameters,
    ),
    "nodes": (("node", "what", "kind", "name in the evidence"), _nodes),
    "wires": (("wire", "what", "from → to", "sign", "factor", "rests on", "mark"), _wires),
    "species": (("species", "what", "unit", "at rest", "kind"), _species),
    "expressions": (("name", "expression"), _expressions),
    "reactions": (("reaction", "what", "moves", "rate, per cell and hour", "unit", "source"), _reactions),
    "release": (("class", "vesicles per cell and hour"), _release),
    "readouts": (("readout", "what", "expression", "unit", "name in the evidence"), _readouts),
    "constraints": (("limit", "what", "expression", "at most", "mark", "source", "note"), _constraints),
    "steps": (("step", "what", "passes", "nodes"), _steps),
    "structures": (("question", "answer", "what", "mark", "source", "note"), _structures),
}
