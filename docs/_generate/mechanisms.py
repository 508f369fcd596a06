"""Every mechanism of a module in one place: its equation, the parameters in it, and the claims behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from _generate.machinery import module_named, number
from _generate.text import code, table
from vesiflux.evidence import Evidence
from vesiflux.language import schema
from vesiflux.language.expressions import names, parse_expression

__all__ = ["mechanisms"]

#: How many expressions deep an equation is written out.
_DEEP = 3


@cache
def _evidence() -> Evidence:
    return Evidence.load()


def mechanisms(name: str, part: str) -> str:
    """``index``: names with links; ``wires``, ``reactions``: the mechanisms themselves."""
    module = module_named(name)
    if part == "index":
        return _index(module)
    if part == "wires":
        return "\n\n".join(_wire(module, n, w) for n, w in module.wires.items())
    return "\n\n".join(_reaction(module, n, r) for n, r in module.reactions.items())


def _index(module: schema.Module) -> str:
    """What every node, species and reaction has to do with, by name."""
    links: dict[str, dict[str, None]] = {}
    for name, wire in module.wires.items():
        for start in schema.each_of(wire.source_names):
            links.setdefault(start, {})[_link(name)] = None
    for name, reaction in module.reactions.items():
        for moved in reaction.moves:
            links.setdefault(moved, {})[_link(name)] = None
    titles = {n: p.title for part in (module.nodes, module.species) for n, p in part.items()}
    rows = [
        (code(n), titles.get(n, ""), ", ".join(found)) for n, found in sorted(links.items(), key=_by_name)
    ]
    return table(("name", "what", "mechanisms"), rows)


def _by_name(item: tuple[str, object]) -> str:
    return item[0].casefold()


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def _wire(module: schema.Module, name: str, wire: schema.Wire) -> str:
    ends = " and ".join(code(n) for n in schema.each_of(wire.source_names))
    goals = ", ".join(_goal(module, n) for n in schema.each_of(wire.to))
    verb = "raises" if wire.sign == "+" else "lowers"
    return "\n\n".join(
        [
            f"### {wire.title or name} {{ #{name} }}",
            f"{ends} {verb} {goals}. *{wire.mark.capitalize()}.* {wire.note}".strip(),
            _equation(module, name, wire.factor),
            *_parameters(module, wire.factor),
            *_basis(wire.claims, wire.source),
        ]
    )


def _reaction(module: schema.Module, name: str, reaction: schema.Reaction) -> str:
    moves = ", ".join(f"{code(n)} {m:+g}" for n, m in reaction.moves.items())
    unit = f", in {reaction.unit}" if reaction.unit else ""
    return "\n\n".join(
        [
            f"### {reaction.title or name} ({name}) {{ #{name} }}",
            f"One event moves {moves}; the rate is per cell and hour{unit}.",
            _equation(module, name, reaction.rate),
            *_parameters(module, reaction.rate),
            *_basis(reaction.claims, reaction.source),
        ]
    )


def _goal(module: schema.Module, name: str) -> str:
    return _link(name) if name in module.wires or name in module.reactions else code(name)


def _equation(module: schema.Module, name: str, text: str) -> str:
    lines = [f"{name} = {text}", *(f"{n} = {t}" for n, t in _expressions(module, text, _DEEP))]
    return "\n".join(["```text", *dict.fromkeys(lines), "```"])


def _expressions(module: schema.Module, text: str, deep: int) -> Iterator[tuple[str, str]]:
    """Named parts of an equation with their own parts, as deep as told; other wires stand for themselves."""
    for name in sorted(names(parse_expression(text)) & set(module.expressions)):
        yield name, module.expressions[name]
        if deep > 1:
            yield from _expressions(module, module.expressions[name], deep - 1)


def _parameters(module: schema.Module, text: str) -> Iterator[str]:
    texts = [text, *(t for _, t in _expressions(module, text, _DEEP))]
    used = set().union(*(names(parse_expression(t)) for t in texts))
    rows = []
    for name, p in module.parameters.items():
        if name in used:
            basis = "; ".join(filter(None, (", ".join(p.claims), p.source)))
            rows.append(
                (code(name), p.title, *map(number, (p.low, p.typical, p.high)), p.unit, p.mark, basis)
            )
    if rows:
        yield table(("parameter", "what", "low", "typical", "high", "unit", "mark", "source"), rows)


def _basis(claims: Iterable[str], source: str) -> Iterator[str]:
    evidence = _evidence()
    rows = []
    for claim in claims:
        cited = "; ".join(f"{s.text} {s.doi}".strip() for s in evidence.sources([claim]))
        rows.append((claim, evidence.claims[claim].effect, cited))
    if rows:
        yield table(("claim", "what it says", "publications"), rows)
    if source:
        yield f"Source: {source}."
