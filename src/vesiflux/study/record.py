"""The record of a run: what was asked, what the outputs are, and how the draws ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.store.columns import values
from vesiflux.store.keys import digest
from vesiflux.store.readouts import readout_titles
from vesiflux.store.run import TYPE, VERSION, read_columns
from vesiflux.study.structures import default_options, structure_id

if TYPE_CHECKING:
    from vesiflux.store.layout import Store
    from vesiflux.study.plan import Plan

__all__ = ["finished_record", "first_record"]


def first_record(
    plan: Plan, model: Mapping[str, Any] | None, call: Mapping[str, Any], provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """The record before anything is computed: status "running", no blocks yet."""
    compiled = plan.compiled
    arms: dict[str, Any] = {}
    for slot in plan.slots:
        arm = compiled.arms[slot.arm]
        info = arms.setdefault(
            slot.arm,
            {
                "title": arm.title,
                "against": arm.against,
                "mark": arm.mark,
                "node": arm.node,
                "reported": [dict(r) for r in arm.reported],
                "interventions": list(arm.interventions),
                "note": arm.note,
                "default": structure_id(default_options(compiled, arm)),
                "structures": {},
            },
        )
        info["structures"][slot.structure] = {
            "group": slot.group,
            "reference": None if slot.reference is None else list(slot.reference),
            "drawn": _drawn(plan, slot.overrides),
        }
    return {
        "type": TYPE,
        "version": VERSION,
        "status": "running",
        "model": {
            "name": compiled.name,
            "title": compiled.title,
            "hash": None if model is None else digest(model),
            "data": model,
        },
        "call": dict(call),
        "draws": plan.draws,
        "replicates": plan.replicates,
        "seed": plan.seed,
        "settings": dict(plan.settings),
        "times": list(compiled.times),
        "outputs": [[o.name, o.unit, o.series] for o in compiled.program.outputs],
        "parameters": [[p.name, p.unit] for p in compiled.parameters],
        "readouts": readout_titles(compiled),
        "rates": {name: list(pair) for name, pair in compiled.rates.items()},
        "limits": [
            [
                x.name,
                x.title,
                compiled.program.outputs[x.output].name,
                compiled.program.outputs[x.bound].name,
                x.untreated,
            ]
            for x in compiled.limits
        ],
        "arms": arms,
        "seconds": None,
        "balance_error": None,
        "provenance": dict(provenance),
    }


def _drawn(plan: Plan, overrides: Mapping[int, Any]) -> list[str]:
    """Parameters that differ between draws or replicates."""
    return [
        info.name
        for i, info in enumerate(plan.compiled.parameters)
        if i not in plan.fixed and overrides.get(i, info.prior).kind != "fixed"
    ]


def finished_record(record: dict[str, Any], store: Store) -> None:
    """Fill in how the draws ended: failures with their reasons, the largest balance error, the status."""
    from vesiflux.engines.compartments.status import Status as OfLanes
    from vesiflux.engines.ssa.status import Status as OfCells

    def sentence(code: int) -> str:
        return OfCells(code).sentence if "single_cells" in record["call"] else OfLanes(code).sentence

    errors: list[float] = []
    for info in record["arms"].values():
        for entry in info["structures"].values():
            table = read_columns(store, entry, ["status", "balance_error"])
            status = values(table, "status")
            counts = Counter(int(s) for s in status[status != OfLanes.OK])
            entry["failed"] = sum(counts.values())
            entry["reasons"] = {sentence(code): n for code, n in counts.most_common()}
            found = values(table, "balance_error")
            errors += found[np.isfinite(found)].tolist()
    record["balance_error"] = max(errors, default=None)  # single cells keep no total
    record["status"] = "complete"
