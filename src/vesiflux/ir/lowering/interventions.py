"""Interventions as switches: which targets they reach, and by how much they multiply them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.compiled import StructureGroup
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, Effect
from vesiflux.language.quantities import own_unit
from vesiflux.language.schema import Value

if TYPE_CHECKING:
    from vesiflux.language.schema import Intervention, ModelSpec

#: Something of an effect, built where its target is met.
Build = Callable[[Builder], Ex]

__all__ = ["declare_alternatives", "find_effects", "groups_of", "matching", "switch"]


def switch(name: str) -> str:
    """Name of the input that is 1 while the intervention is on."""
    return f"on:{name}"


def matching(target: str, names: Iterable[str]) -> list[str]:
    """Every name that is ``target`` or ends in ``.target``: an unqualified target acts everywhere.

    Of a behaviour and the rate it starts from (``tumour.apoptosis``, ``tumour.life.apoptosis``) only the
    behaviour is meant: both would act twice.
    """
    hits = [n for n in names if n == target or n.endswith("." + target)]
    whole = set(hits)
    return [n for n in hits if ".life." not in n or n.replace(".life.", ".", 1) not in whole]


def find_effects(spec: ModelSpec, targets: Iterable[str]) -> dict[str, list[Effect]]:
    """All effects of all interventions, by the full name of their target.

    Raises `InputError` for a target that nothing in the model answers to.
    """
    names = list(targets)
    found: dict[str, list[Effect]] = {}
    for name, intervention in spec.interventions.items():
        for target, effect in _effects_of(name, intervention):
            hits = matching(target, names)
            if not hits:
                near = difflib.get_close_matches(target, [n.rsplit(".", 1)[-1] for n in names] + names, 3)
                hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
                raise InputError(f"interventions.{name}: nothing in the model is called {target!r}{hint}")
            for hit in hits:
                found.setdefault(hit, []).append(effect)
    return found


def _effects_of(name: str, intervention: Intervention) -> list[tuple[str, Effect]]:
    path = f"interventions.{name}"
    plain = switch(name)
    effects: list[tuple[str, Effect]] = []
    down = intervention.inhibits or intervention.blocks
    if down is not None:
        effects.append((down, Effect(_on(plain, None), _inhibition(path, intervention), f"{name}.{down}")))
    if intervention.scales is not None:
        factor = intervention.factor or Value(typical=1.0)
        effects.append(
            (
                intervention.scales,
                Effect(_on(plain, None), _factor(f"{path}.factor", factor), f"{name}.{intervention.scales}"),
            )
        )
    for effect in intervention.effects:
        option = f"{name}.{effect.alternative}" if effect.alternative else None
        label = f"{path}.effects.{effect.target}" + (f".{effect.alternative}" if effect.alternative else "")
        called = f"{name}.{effect.target}" + (f".{effect.alternative}" if effect.alternative else "")
        effects.append((effect.target, Effect(_on(plain, option), _factor(label, effect.factor), called)))
    return effects


def _on(plain: str, option: str | None) -> Build:
    def build(builder: Builder) -> Ex:
        on = builder.input(plain)
        return on if option is None else on * builder.option(option)

    return build


def _factor(path: str, value: Value) -> Build:
    def build(builder: Builder) -> Ex:
        return builder.raw_parameter(path, value, "1", "factor on the target")

    return build


def _inhibition(path: str, intervention: Intervention) -> Build:
    """1 - efficacy, or 1 - efficacy x dose / (dose + half)."""

    def build(builder: Builder) -> Ex:
        efficacy = intervention.efficacy or Value(typical=1.0)
        effect = builder.raw_parameter(f"{path}.efficacy", efficacy, "1", "share of the target lost")
        if intervention.dose is not None and intervention.half is not None:
            unit = own_unit(intervention.dose)
            dose = builder.raw_parameter(f"{path}.dose", intervention.dose, unit, "dose")
            half = builder.raw_parameter(f"{path}.half", intervention.half, unit, "half-effective dose")
            effect = effect * (dose / (dose + half))
        return 1.0 - effect

    return build


def declare_alternatives(builder: Builder, spec: ModelSpec) -> None:
    """Structure groups of the model, and one per intervention whose effects compete."""
    for name, structure in spec.structures.items():
        titles = {o: s.title or o for o, s in structure.options.items()}
        shared = name not in spec.interventions
        concerns = structure.concerns or (() if shared else (name,))
        builder.structure(name, structure.title, structure.default, titles, concerns, shared)
    for name, intervention in spec.interventions.items():
        labels = dict.fromkeys(e.alternative for e in intervention.effects if e.alternative)
        if labels and name not in builder.structures:
            first = next(iter(labels))
            title = intervention.title or name
            builder.structure(name, title, first, {o: o for o in labels}, (name,), shared=False)


def groups_of(structures: Mapping[str, StructureGroup], interventions: Iterable[str]) -> tuple[str, ...]:
    """Names of the structure groups whose choice can change the outcome of these interventions."""
    active = set(interventions)
    return tuple(n for n, g in structures.items() if active & set(g.concerns))
