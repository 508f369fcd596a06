"""From a model as written to a `CompiledModel`: one program for all arms, structures and draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.compiled import CompiledModel, Limit, ParameterInfo
from vesiflux.ir.lowering.arms import chosen_priors, lower_arms, report_facts
from vesiflux.ir.lowering.dish import LoweredDish, lower_dish
from vesiflux.ir.lowering.interventions import find_effects
from vesiflux.ir.lowering.switches import find_switches
from vesiflux.ir.lowering.values import number
from vesiflux.language.checks.body import too_much
from vesiflux.language.together import with_together

if TYPE_CHECKING:
    from vesiflux.language import Model

__all__ = ["lower"]


def lower(
    model: Model,
    choose: Mapping[str, str] | None = None,
    switches: bool = False,
    arms: Sequence[str] = (),
    follow_cargo: bool = False,
) -> CompiledModel:
    """Compile ``model``.

    ``choose``: choice -> option, instead of the model's defaults; arms then no longer change it.
    ``switches``: signs of wires and of what interventions do, levels of activities and competing structures
    become parameters (`CompiledModel.switches`), so that every lane can have its own; at their defaults
    the model is the same.
    ``follow_cargo``: cargo of which every vesicle of a sender carries the same has states of its own; else it
    is a multiple of its vesicles, with the same outputs and fewer states.
    ``arms``: those to be run; ``a+b`` among them becomes an arm, see `language.together`.
    Raises `InputError` where names, units or structures do not fit together.
    """
    spec = model.spec
    fixed = dict(choose or {})
    for name in fixed:
        if name not in spec.choices:
            raise InputError(f"no choice named {name!r}; the model has {', '.join(spec.choices) or 'none'}")
    for species in {fixed.get("species"), *(arm.set.get("species") for arm in spec.arms.values())} - {None}:
        for i, said in too_much(spec, str(species)):
            raise InputError(f"schedule.{i + 1}.volume: {said}")
    spec = with_together(spec, arms, fixed)
    # what interventions can act upon is known only once everything has a name: lower, then lower again
    probe = lower_dish(model, {}, follow_cargo=follow_cargo)
    lowered = lower_dish(model, find_effects(spec, probe.builder.targets), switches, follow_cargo)
    builder = lowered.builder
    program, tapes = builder.assemble([list(a.values) for a in lowered.actions])
    parameters = _with_choices(
        lowered, builder.parameters, {n: fixed.get(n, c.default) for n, c in spec.choices.items()}
    )
    compiled = lower_arms(builder, spec, parameters, lowered.actions, tapes, fixed)
    duration = number(spec.run.duration, "h", "run.for")
    step = number(spec.run.record, "h", "run.record")
    count = max(round(duration / step), 1)
    times = tuple(float(t) for t in np.linspace(0.0, duration, count + 1))
    settings = {
        "rtol": spec.run.rtol,
        "atol": spec.run.atol,
        "method": spec.run.method,
        "equilibrate": spec.run.equilibrate,
    }
    return CompiledModel(
        name=spec.name,
        title=spec.title or spec.name,
        program=program,
        parameters=tuple(parameters),
        arms=compiled,
        default_arms=tuple(spec.run.arms) or tuple(model.spec.arms) or tuple(compiled),
        structures=builder.structures,
        limits=_limits(lowered),
        rates=lowered.rates,
        times=times,
        settings=settings,
        draws=spec.run.draws,
        choices={n: tuple(c.options) for n, c in spec.choices.items()},
        description=builder.describe(),
        report=report_facts(model, spec),
        switches=find_switches(model, builder) if switches else None,
    )


def _with_choices(
    lowered: LoweredDish, parameters: list[ParameterInfo], picked: Mapping[str, str]
) -> list[ParameterInfo]:
    """Parameters with the priors of the picked options."""
    from dataclasses import replace

    result = list(parameters)
    for choice, option in picked.items():
        for index, prior in chosen_priors(lowered.spec, result, choice, option).items():
            vary = (
                "fixed"
                if prior.kind == "fixed"
                else ("draw" if result[index].vary == "fixed" else result[index].vary)
            )
            result[index] = replace(result[index], prior=prior, vary=vary)
    return result


def _limits(lowered: LoweredDish) -> tuple[Limit, ...]:
    names = [o.name for o, _ in lowered.builder.outputs]
    limits = []
    for i, name in enumerate(names):
        if ".limit." in name and f"{name}.bound" in names:
            title = lowered.limit_titles.get(name, name)
            unit = lowered.builder.outputs[i][0].unit
            untreated = name in lowered.limits_of_untreated
            limits.append(Limit(name, title, i, names.index(f"{name}.bound"), unit, untreated))
    return tuple(limits)
