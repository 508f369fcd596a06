"""The record of a tissue run: what was asked, the facts of each arm, how they ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.store.files import read_json
from vesiflux.store.keys import digest
from vesiflux.store.run import TYPE
from vesiflux.store.tissue.layout import RECORD_VERSION, RESULT, RESULT_VERSION, ArmFolder
from vesiflux.store.tissue.schedule import Schedule
from vesiflux.study.tissue_arm import field_facts

if TYPE_CHECKING:
    from vesiflux.ir.tissue import CellKind, TissuePlan
    from vesiflux.language import Model

__all__ = ["finished_record", "first_record"]

#: Of an arm as the model has it, kept with the run.
OF_ARM = ("title", "against", "mark", "note", "interventions")


def first_record(
    plans: Mapping[str, TissuePlan],
    keys: Mapping[str, str],
    model: Model | None,
    call: Mapping[str, Any],
    made_by: Mapping[str, Any],
) -> dict[str, Any]:
    """The record before anything is computed: status "running"."""
    first = next(iter(plans.values()))
    text = None if model is None else model.to_dict(whole=True)
    return {
        "type": TYPE,
        "version": RECORD_VERSION,
        "space": "tissue",
        "status": "running",
        "model": {
            "name": first.name,
            "title": first.title,
            "hash": None if text is None else digest(text),
            "data": text,
        },
        "call": dict(call),
        "draws": 1,
        "replicates": 1,
        "seed": int(call["seed"]),
        "settings": {"step": first.step, "mechanics_step": first.mechanics_step, "rtol": first.rtol,
                     "atol": first.atol, "tolerance": first.tolerance},
        "arms": {
            name: _arm(model, name, plan) | _facts(plan) | {"key": keys[name]} for name, plan in plans.items()
        },
        "seconds": None,
        "balance_error": None,
        "provenance": dict(made_by),
    }  # fmt: skip


def _arm(model: Model | None, name: str, plan: TissuePlan) -> dict[str, Any]:
    found = None if model is None else model.spec.arms.get(name)
    plain = {} if found is None else found.model_dump(mode="json")
    blank: dict[str, Any] = {
        "title": plan.report.get("arm_title") or name,  # of arms together, that the model does not list
        "against": plan.report.get("against"),
        "mark": "control",
        "note": "",
        "interventions": [],
    }
    return {n: plain.get(n) or blank[n] for n in OF_ARM}


def _facts(plan: TissuePlan) -> dict[str, Any]:
    """What readers must know of an arm; see `TissueRun.facts`."""
    schedule = Schedule.of(plan)
    return {
        "kinds": [_kind(kind, colour) for colour, kind in enumerate(plan.cells)],
        "fields": field_facts(plan),
        "box": list(plan.space.size),
        "voxel": list(plan.space.voxel),
        "shape": list(plan.space.shape),
        "step": plan.step,
        "frames": list(schedule.frame_times),
        "records": list(schedule.record_times),
        "report": json.loads(json.dumps(dict(plan.report), default=str)),
    }


def _kind(kind: CellKind, colour: int) -> dict[str, Any]:
    outputs = (kind.view or kind.program).outputs
    return {
        "name": kind.name,
        "title": kind.title,
        "states": list(kind.states),
        "colour": colour,
        "count": kind.count,
        "radius": kind.radius,
        "shown": {name: outputs[index].unit for name, index in kind.shown.items()},
    }


def finished_record(record: dict[str, Any], folder: Path) -> None:
    """Fill in the time all arms took, the largest balance error, the status."""
    results = [read_json(ArmFolder(folder, a).result, RESULT, RESULT_VERSION) for a in record["arms"]]
    errors = [r["balance_error"] for r in results if r["balance_error"] is not None]
    record["seconds"] = sum(r["seconds"] for r in results)
    record["balance_error"] = max(errors, default=None)
    record["status"] = "complete"
