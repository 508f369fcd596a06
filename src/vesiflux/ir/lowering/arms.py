"""Arms, choices and what the report needs to know: everything around the program."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.ir.compiled import CompiledArm, ParameterInfo
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.interventions import groups_of
from vesiflux.ir.lowering.pools import USUAL
from vesiflux.ir.lowering.schedule import Action, intervention_events, scheduled_events
from vesiflux.ir.lowering.values import number, prior_of
from vesiflux.ir.program import Tape
from vesiflux.language.schema import Arm, ModelSpec, Value

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior

__all__ = ["arm_priors", "chosen_priors", "lower_arms", "report_facts"]


def chosen_priors(
    spec: ModelSpec, parameters: Sequence[ParameterInfo], choice: str, option: str
) -> dict[int, Prior]:
    """Parameter index -> prior under one option of one choice."""
    index = {p.name: i for i, p in enumerate(parameters)}
    group = spec.choices[choice]
    if option not in group.options:
        near = difflib.get_close_matches(option, list(group.options), 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"choice {choice}: no option {option!r}; {hint}it has {', '.join(group.options)}")
    chosen = {}
    for name, value in group.options[option].items():
        full = f"{group.scope}.{name}" if group.scope else name
        if full not in index:
            near = difflib.get_close_matches(full, list(index), 3)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise InputError(f"choices.{choice}.{option}: the model has no parameter {full!r}{hint}")
        chosen[index[full]] = prior_of(value, parameters[index[full]].unit, full)
        cell, _, key = full.rpartition(".")
        if key == "count" and (usual := index.get(f"{cell}.{USUAL}")) is not None:
            chosen[usual] = prior_of(Value(typical=number(value, "cell", full)), "cell", full)
    return chosen


def lower_arms(
    builder: Builder,
    spec: ModelSpec,
    parameters: Sequence[ParameterInfo],
    actions: Sequence[Action],
    tapes: Sequence[Tape],
    fixed_choices: Mapping[str, str],
) -> dict[str, CompiledArm]:
    """All arms of the model; a model without arms has one, ``control``.

    ``fixed_choices``: choices the caller made, which no arm may change back.
    """
    arms = dict(spec.arms) or {"control": Arm(title="as written", mark="control")}
    compiled = {}
    for name, arm in arms.items():
        before, after, switches = intervention_events(builder, spec, arm.interventions)
        events = sorted([*switches, *scheduled_events(actions, tapes, name)], key=lambda e: e.time)
        compiled[name] = CompiledArm(
            name=name,
            title=arm.title or name,
            overrides=arm_priors(spec, parameters, name, arm, fixed_choices),
            inputs_before=before,
            inputs=after,
            events=tuple(events),
            against=arm.against,
            groups=groups_of(builder.structures, arm.interventions),
            mark=arm.mark,
            node=arm.node,
            reported=tuple(r.model_dump(mode="json") for r in arm.reported),
            interventions=arm.interventions,
            note=arm.note,
        )
    return compiled


def arm_priors(
    spec: ModelSpec,
    parameters: Sequence[ParameterInfo],
    name: str,
    arm: Arm,
    fixed_choices: Mapping[str, str],
) -> dict[int, Prior]:
    """Parameter index -> prior that the arm sets, by its choices and by name."""
    overrides: dict[int, Prior] = {}
    for key, value in arm.set.items():
        if key in spec.choices:
            if key not in fixed_choices:
                overrides |= chosen_priors(spec, parameters, key, str(value))
            continue
        hits = [i for i, p in enumerate(parameters) if p.name == key or p.name.endswith("." + key)]
        if len(hits) != 1:
            what = "no parameter" if not hits else "more than one parameter"
            raise InputError(f"arms.{name}.set: {what} of the model is called {key!r}")
        wanted = value if isinstance(value, Value) else Value.model_validate(_as_value(value))
        overrides[hits[0]] = prior_of(wanted, parameters[hits[0]].unit, f"arms.{name}.set.{key}")
    return overrides


def _as_value(value: Any) -> Any:
    return value if isinstance(value, dict) else {"typical": value}


def report_facts(model: Any, spec: ModelSpec) -> dict[str, Any]:
    """Titles, layouts and sources for the report; nothing here changes a number."""
    modules = {}
    for cell_name, cell in spec.cells.items():
        for instance, module_name in cell.modules.items():
            module = model.modules[module_name]
            modules[f"{cell_name}.{instance}"] = {
                "module": module.name,
                "title": module.title,
                "summary": module.summary,
                "sources": list(module.sources),
                "claims": {
                    n: list(p.claims)
                    for section in (module.wires, module.reactions, module.parameters)
                    for n, p in section.items()
                    if p.claims
                },
                "diagram": dict(module.diagram),
                "readouts": {n: {"title": r.title or n, "unit": r.unit} for n, r in module.readouts.items()},
                "limits": {
                    n: {"title": c.title or n, "unit": c.unit, "note": c.note, "measured_in": c.measured_in}
                    for n, c in module.constraints.items()
                },
                "steps": {
                    n: {"title": s.title or n, "nodes": list(s.nodes)} for n, s in module.steps.items()
                },
                "reactions": {
                    n: {"title": r.title or n, "rate": r.rate} for n, r in module.reactions.items()
                },
                "structures": {
                    n: {
                        "title": s.title,
                        "default": s.default,
                        "options": {o: x.model_dump(mode="json") for o, x in s.options.items()},
                    }
                    for n, s in module.structures.items()
                },
            }
    return {
        "title": spec.title or spec.name,
        "summary": spec.summary,
        "review": spec.review,
        "evidence": list(spec.evidence),
        "modules": modules,
        "cells": {
            n: {"title": c.title or n, "is": c.kind, "secretes": list(c.secretes)}
            for n, c in spec.cells.items()
        },
        "choices": {
            n: {"default": c.default, "titles": dict(c.titles), "options": list(c.options)}
            for n, c in spec.choices.items()
        },
        "interventions": {
            n: {
                "title": i.title or n,
                "claims": list(i.claims),
                "source": i.source,
                "mark": i.mark,
                "note": i.note,
            }
            for n, i in spec.interventions.items()
        },
        "unassigned": [str(u) for u in getattr(model, "unassigned", ())],
    }
