"""A page per library model: its README, then its arms, stimuli, choices and parameters as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from _generate.text import code, table
from vesiflux.evidence import Evidence
from vesiflux.language import Model, schema
from vesiflux.language.modules import library_models
from vesiflux.language.quantities import values

__all__ = ["model_pages", "page"]


def model_pages() -> dict[str, str]:
    """Page name -> Markdown, for every model of the library."""
    return {f"models/{name}.md": page(name) for name in library_models()}


def page(name: str) -> str:
    """The page of one model."""
    model = Model.load(name)
    readme = library_models()[name].parent / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else f"# {model.spec.title or name}\n"
    sections = {
        "Cells and vesicles": _parts(model),
        "Responses and behaviours": _sentences(model),
        "Arms": table(_ARM, _arms(model)),
        "Interventions": table(_EFFECT, _effects(model)),
        "Listed, not run": table(("stimulus", "reported", "claim"), _unassigned(model)),
        "Options": table(_CHOICE, _choices(model)),
        "Quantities with their sources": table(_VALUE, _values(model)),
    }
    body = [f"## {title}\n\n{content}" for title, content in sections.items() if _has_rows(content)]
    modules = ", ".join(f"[{m}](../maths/secretion.md)" for m in model.modules if m == "mvb")
    tail = f"\n\nThe machinery has a page of its own: {modules}." if modules else ""
    return "\n\n".join([_linked(text), *body]) + tail + "\n"


def _linked(text: str) -> str:
    """Pictures come from the site; of other links that lead out of the library the words stay."""
    text = text.replace("](../../../../docs/assets/", "](../assets/")
    return re.sub(r"\[([^\]]+)\]\((?!https?:|\.\./assets/)[^)]+\)", r"\1", text)


def _has_rows(content: str) -> bool:
    return content.count("\n") > 1


def _parts(model: Model) -> str:
    rows: list[tuple[str, ...]] = []
    for name, cell in model.spec.cells.items():
        rows.append((code(name), cell.title, f"cell type: {cell.kind}", _quantity(cell.count)))
    for name, vesicle in model.spec.vesicles.items():
        diameter = _quantity(vesicle.diameter.median)
        rows.append((code(name), vesicle.title, f"vesicle from {vesicle.origin}", diameter))
    for name, factor in model.spec.factors.items():
        rows.append((code(name), factor.title, "factor", ""))
    return table(("name", "what", "kind", "number or median diameter"), rows)


def _sentences(model: Model) -> str:
    rows = [
        (code(name), code(text))
        for name, cell in model.spec.cells.items()
        for text in (*cell.responses, *cell.behaviours)
    ]
    return table(("cell", "sentence"), rows)


_ARM = ("arm", "what", "against", "reported", "claim", "mark", "note")


def _arms(model: Model) -> Iterable[tuple[Any, ...]]:
    for name, arm in model.spec.arms.items():
        reported = "; ".join(_reported(r) for r in arm.reported)
        claims = "; ".join(dict.fromkeys(r.claim for r in arm.reported if r.claim))
        yield code(name), arm.title, arm.against, reported, claims, arm.mark, arm.note


def _reported(reported: schema.Reported) -> str:
    ends = [f"{x:g}" for x in dict.fromkeys((reported.low, reported.high)) if x is not None]
    size = "× " + " to ".join(ends)
    if not ends:
        size = {"+": "raised", "-": "lowered", "0": "unchanged"}.get(reported.sign or "", "")
    elif len(ends) == 1 and reported.low != reported.high:
        size = f"× {'at least' if reported.high is None else 'at most'} {ends[0]}"
    return f"{_READOUTS.get(reported.readout, reported.readout)} {size}"


_READOUTS = {
    "exosomes_per_cell_per_hour": "exosomes",
    "microvesicles_per_cell_per_hour": "microvesicles",
}
_EFFECT = ("intervention", "target", "factor", "together with", "begins", "mark", "source")


def _effects(model: Model) -> Iterable[tuple[Any, ...]]:
    for name, i in model.spec.interventions.items():
        start = i.start if isinstance(i.start, str) else _quantity(i.start)
        tail = (start, i.mark, i.source)
        down = i.inhibits or i.blocks
        if down:
            yield code(name), code(down), f"1 − {_quantity(i.efficacy) or '1'}", "", *tail
        if i.scales:
            yield code(name), code(i.scales), _quantity(i.factor), "", *tail
        for effect in i.effects:
            source = effect.factor.source or i.source
            yield (
                code(name),
                code(effect.target),
                _quantity(effect.factor),
                effect.alternative,
                start,
                (effect.factor.mark or i.mark),
                source,
            )


def _unassigned(model: Model) -> Iterable[tuple[Any, ...]]:
    for name, arm in model.spec.unassigned.items():
        claims = "; ".join(r.claim for r in arm.reported if r.claim)
        yield arm.title or name, "; ".join(_reported(r) for r in arm.reported), claims


_CHOICE = ("choice", "option", "parameter", "value", "mark", "source", "note")


def _choices(model: Model) -> Iterable[tuple[Any, ...]]:
    for name, choice in model.spec.choices.items():
        for option, found in choice.options.items():
            for parameter, value in found.items():
                title = choice.titles.get(option, option)
                tail = (value.mark, value.source, value.note)
                yield code(name), title, code(parameter), _quantity(value), *tail


_VALUE = ("quantity", "value", "mark", "source")
_ELSEWHERE = ("interventions", "choices", "arms", "unassigned", "modules", "run")
_PLACES = {"at", "points"}  # of vessels and cells: a list of them is no table


def _values(model: Model) -> Iterable[tuple[Any, ...]]:
    for path, _, _, value in values(model.spec, ()):
        if path[0] in _ELSEWHERE or not _PLACES.isdisjoint(map(str, path)):
            continue
        name = code(".".join(map(str, path)))
        if value.evidence is None:
            yield name, _quantity(value), value.mark, value.source
        else:
            prior = Evidence.load().prior(value.evidence)
            numbers = [f"{x:g}" if x is not None else "" for x in (prior.low, prior.typical, prior.high)]
            yield name, _shown(*numbers, prior.unit), prior.mark, f"row `{value.evidence}`: {prior.source}"


def _quantity(value: schema.Value | None) -> str:
    if value is None:
        return ""
    if value.evidence is not None:
        return f"row `{value.evidence}`"
    numbers = (value.low, value.typical, value.high)
    low, typical, high = (f"{v:g}" if isinstance(v, float | int) else v or "" for v in numbers)
    return _shown(low, typical, high, value.unit or "")


def _shown(low: str, typical: str, high: str, unit: str) -> str:
    spread = f" ({low} to {high})" if low and high else ""
    return f"{typical}{spread}{'' if unit == '1' else ' ' + unit}".strip()
