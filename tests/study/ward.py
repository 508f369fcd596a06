"""A ward of one kind of cell whose chance to live falls at a rate of its own: everything in closed form."""

from __future__ import annotations

from typing import Any

from vesiflux.language import Model

TOLD = {"mark": "assumed", "source": "test"}
MODULE = {
    "vesiflux_module": 1, "name": "ward",
    "parameters": {
        "hazard": {"low": 0.001, "typical": 0.004, "high": 0.016, "unit": "1/h", **TOLD},
        "level": {"low": 1e8, "typical": 1e9, "high": 1e10, "unit": "vesicle/mL", **TOLD},
    },
    "nodes": {"CARE": {"value": 1}},
    "species": {"CHANCE": {"unit": "1", "initial": 1, "scale": 1, "kind": "activity"}},
    "reactions": {"death": {"rate": "hazard * CARE * CHANCE", "moves": {"CHANCE": -1}, "unit": "1/h"}},
    "readouts": {
        "survival": {"expression": "CHANCE", "unit": "1"},
        "danger": {"expression": "hazard * CARE", "unit": "1/h"},
        "vesicles": {"expression": "level", "unit": "vesicle/mL"},
    },
}  # fmt: skip

COHORT = {
    "patients": 300,
    "arms": ["usual", "halved"],
    "survival": "patient.ward.survival",
    "outcomes": {
        "death": {"event": "death by 10 d"},
        "frail": {"measure": "patient.ward.danger @ 24 h", "above": 0.004, "dead": "case"},
    },
    "markers": {
        "danger": {"measure": "patient.ward.danger @ 12 h"},
        "calm": {"measure": "1 / patient.ward.danger @ 12 h", "speaks": "low"},
        "vesicles": {"measure": "patient.ward.vesicles @ 12 h"},
    },
    "panels": {"both": ["danger", "vesicles"]},
    "detection": ["danger"],
    "trial": {"outcome": "death"},
}


def ward(**cohort: Any) -> Model:
    """The ward; ``cohort``: keys that replace those of its cohort, `None` to leave one out."""
    said = {key: value for key, value in (COHORT | cohort).items() if value is not None}
    return Model.from_dict(
        {
            "vesiflux": 1, "name": "ward", "space": {"kind": "dish", "volume": "1 mL"},
            "modules": {"ward": MODULE},
            "cells": {"patient": {"is": "patient", "count": 1, "modules": {"ward": "ward"}}},
            "interventions": {"care": {"scales": "ward.CARE", "factor": 0.5}},
            "arms": {"usual": {}, "halved": {"interventions": ["care"], "against": "usual"}},
            "cohort": said,
            "run": {"for": "10 d", "record": "1 d", "equilibrate": False},
        }
    )  # fmt: skip
