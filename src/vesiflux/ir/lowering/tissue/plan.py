"""One arm of a tissue model with one set of parameters, as the tissue engine takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.fixed import FixedBuilder
from vesiflux.ir.lowering.interventions import find_effects
from vesiflux.ir.lowering.tissue.kind import make_kind
from vesiflux.ir.lowering.tissue.parts import Parts, PartsMaker
from vesiflux.ir.lowering.tissue.settings import parameter_values
from vesiflux.ir.lowering.tissue.timing import timing
from vesiflux.ir.lowering.values import number as typical_number
from vesiflux.ir.tissue import Group, TissuePlan, Treatment
from vesiflux.language.schema import Arm, Tissue, Value
from vesiflux.language.together import with_together

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import ModelSpec, Preparation

__all__ = ["lower_tissue"]

#: A fast field is taken at quasi-steady state where it relaxes in less than this share of a step.
STEADY_SHARE = 0.25
#: "auto" mechanics: the step is chosen by the engine.
AUTO_MECHANICS = -1.0


def lower_tissue(model: Model, arm: str | None = None, fixed: Mapping[str, Any] | None = None) -> TissuePlan:
    """The plan of ``arm`` (default: the model's first, or the model as written).

    ``fixed``: choice -> option and parameter -> value, as ``--set`` takes them. Parameters with a range take
    their typical value.
    Raises `InputError` for unknown names and for what a tissue cannot do.
    """
    spec = model.spec
    if not isinstance(spec.space, Tissue):
        raise InputError(f"{spec.name}: its space is a {spec.space.kind}, not a tissue")
    name = arm or next(iter(spec.arms), "control")
    spec = with_together(spec, [name], dict(fixed or {}))
    if name not in spec.arms and (spec.arms or name != "control"):
        raise InputError(f"no arm named {name!r}; the model has {', '.join(spec.arms)}")
    chosen = spec.arms.get(name) or Arm(title="as written", mark="control")
    # only what this arm does; what others would do need not be carried through every cell
    only: dict[str, dict[str, Any]] = {
        "interventions": {i: spec.interventions[i] for i in chosen.interventions},
        "preparations": _given(spec, name),
    }
    fixed = {n: v for n, v in (fixed or {}).items() if not _of_others(spec, n, only)}
    spec = spec.model_copy(update=only)
    _, targets = PartsMaker(model, spec, lambda: Builder(spec.name)).known()
    effects = find_effects(spec, targets)
    # once more: what interventions do has parameters of its own
    probe = PartsMaker(model, spec, lambda: Builder(spec.name, effects=effects))
    infos, _ = probe.known()
    values = parameter_values(spec, infos, name, chosen, fixed)
    constant, _ = timing(spec)

    def builder() -> FixedBuilder:
        return FixedBuilder(spec.name, effects=effects, values=values, fixed_inputs=constant)

    return _plan(spec, PartsMaker(model, spec, builder).parts(name), name, chosen)


def _of_others(spec: ModelSpec, parameter: str, only: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether a parameter belongs to a part of the model that is left out: another arm's."""
    part, _, rest = parameter.partition(".")
    name = rest.partition(".")[0]
    return part in only and name in getattr(spec, part) and name not in only[part]


def _given(spec: ModelSpec, arm: str) -> dict[str, Preparation]:
    """Preparations that the arm is given, and those whose cargo a cell could not do without.

    A cell that says at how many copies a cargo acts (``signals``) knows it, whether or not any comes.
    """
    dosed = {item.dose for item in spec.schedule if not item.arms or arm in item.arms}

    def needed(molecule: str) -> bool:
        for cell in spec.cells.values():
            told = any(key.partition("@")[0].strip() == molecule for key in cell.signals)
            if not told and any(molecule in text for text in (*cell.responses, *cell.behaviours)):
                return True
        return any(molecule in text for cell in spec.cells.values() for text in cell.motility.towards)

    return {n: p for n, p in spec.preparations.items() if n in dosed or any(map(needed, p.cargo))}


def _plan(spec: ModelSpec, parts: Parts, arm: str, chosen: Arm) -> TissuePlan:
    """Put the parts together."""
    run = spec.run
    duration = typical_number(run.duration, "h", "run.for")
    step = typical_number(run.step, "h", "run.step")
    mechanics = AUTO_MECHANICS
    if run.mechanics == "off":
        mechanics = 0.0
    elif isinstance(run.mechanics, Value):
        mechanics = typical_number(run.mechanics, "h", "run.mechanics")
    _, moving = timing(spec)
    switches = [(max(a, 0.0), n, 1.0) for n, a, _ in moving]
    switches += [(b, n, 0.0) for n, _, b in moving if b is not None]
    return TissuePlan(
        name=spec.name,
        title=spec.title or spec.name,
        arm=arm,
        space=parts.box,
        groups=tuple(_settled(spec, parts, step)),
        fields=tuple(parts.fields),
        cells=tuple(make_kind(parts, name, moving) for name in parts.cells),
        duration=duration,
        record=typical_number(run.record, "h", "run.record"),
        frames=typical_number(run.frames, "h", "run.frames") if run.frames else duration / 12.0,
        step=step,
        mechanics_step=mechanics,
        tolerance=run.tolerance,
        rtol=run.rtol,
        atol=run.atol,
        equilibrate=run.equilibrate,
        doses=tuple(parts.doses),
        switches=tuple(sorted(switches)),
        report={"arm_title": chosen.title or arm, "against": chosen.against},
    )


def _settled(spec: ModelSpec, parts: Parts, step: float) -> list[Group]:
    """Groups with "auto" settled: a factor that relaxes well within a step is at quasi-steady state.

    It relaxes by decay, by what the cells there are at the start take of it (of the whole tissue, on the
    average), and by diffusion across.
    """
    found = []
    sizes = [s for s, n in zip(parts.box.size, parts.box.shape, strict=True) if n > 1]
    for group, auto in zip(parts.groups, parts.auto, strict=True):
        treatment: Treatment = group.treatment
        if auto:
            across = group.diffusion * sum((np.pi / s) ** 2 for s in sizes[:1])
            slowest = group.decay + _consumed(spec, parts, group.name) / parts.box.volume + across
            held = any(b.kind == "held" for b in group.borders) or any(
                group.name in v.exchange for v in parts.box.vessels
            )
            quick = slowest * step * STEADY_SHARE > 1.0
            treatment = "steady" if quick and (held or group.decay > 0.0) else "field"
        found.append(replace(group, treatment=treatment))
    return found


def _consumed(spec: ModelSpec, parts: Parts, factor: str) -> float:
    """What the cells that there are at the start clear of a factor, mL/h."""
    return sum(
        parts.kinds[name].count
        * parts.read(f"{name}.consumes.{factor}.clearance", cell.consumes[factor].clearance, "mL/cell/h")
        for name, cell in spec.cells.items()
        if factor in cell.consumes
    )
