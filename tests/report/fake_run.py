"""A run that was never run: the methods a report reads, over a few lines of arithmetic."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import xarray as xr

from vesiflux.evidence.priors import Prior
from vesiflux.ir.compiled import CompiledArm, CompiledModel, Limit, ParameterInfo, StructureGroup
from vesiflux.store.numbers import Spread
from vesiflux.store.standing import EXCEEDS, Predicted, Standing
from vesiflux.store.synergy import Synergy

EXOSOMES, MICROVESICLES = "exosomes_per_cell_per_hour", "microvesicles_per_cell_per_hour"

_IN_6_H = {"low": 1.5, "high": 1.5, "window": {"typical": "6 h"}}

# arm -> title, mark, folds of the two classes by structure, what was reported
ARMS: dict[str, tuple[str, str, dict[str, tuple[float, float]], list[dict[str, Any]]]] = {
    "control": ("untreated", "control", {"": (1, 1)}, []),
    "rab27a_loss": ("RAB27A knock-down", "predicted", {"": (0.4, 1)}, [{"low": 0.3, "high": 0.5}]),
    "gw4869": (
        "GW4869", "calibrated", {"wire=pool": (0.6, 1.7), "wire=shared": (0.8, 0.96)}, [{"sign": "-"}],
    ),
    "hypoxia": ("hypoxia, 1 % O₂ <low>", "assumed", {"": (1.5, 1)}, [_IN_6_H]),
    "ultrasound": ("ultrasound", "exceeds machinery", {"": (9, 1)}, [{"low": 69, "high": 100}]),
    "lactacystin": ("lactacystin", "predicted", {"": (1, 1)}, [{"sign": "0"}]),
}  # fmt: skip

NAMES = {  # output -> unit; series outputs first
    "producer.released.exosome": "vesicle", "producer.released.microvesicle": "vesicle",
    "producer.cell_hours": "cell*h", "producer.rate.exosome": "vesicle/cell/h",
    "producer.mvb.rab27a_protein": "1", "producer.mvb.ceiling": "1", "producer.mvb.F1": "MVB/cell",
    "producer.mvb.F2": "MVB/cell", "producer.mvb.D": "MVB/cell", "producer.mvb.flux.fill": "MVB/cell/h",
    "producer.mvb.flux.fuse": "MVB/cell/h", "producer.mvb.made": "vesicle/cell/h",
    "producer.mvb.step.dock": "1", "producer.mvb.step.fuse": "1",
    "producer.mvb.limit.mvb": "MVB/cell", "producer.mvb.limit.mvb.bound": "MVB/cell",
}  # fmt: skip
SERIES = 5

_NOTHING = {"readout": EXOSOMES, "low": None, "high": None, "sign": None, "claim": "secretion-134"}
_LESS_PROTEIN = {"readout": "mvb.rab27a_protein", "sign": "-"}

MODULE = {
    "module": "mvb", "title": "Machinery", "summary": "Filling, then fate.",
    "sources": ["Cashikar 2019, 10.1371/journal.pone.0220007"],
    "readouts": {
        "rab27a_protein": {"title": "RAB27A protein", "unit": "1"},
        "ceiling": {"title": "1/f", "unit": "1"},
    },
    "limits": {"mvb": {"title": "MVBs per cell", "unit": "MVB/cell", "note": "Upper end of counts."}},
    "steps": {
        "dock": {"title": "docking", "nodes": ["RAB27A"]},
        "fuse": {"title": "fusion", "nodes": ["SNARE"]},
    },
    "reactions": {}, "structures": {},
    "diagram": {
        "nodes": {
            "F": {"x": 20, "y": 30, "label": "filling MVB", "kind": "organelle", "species": ["F1", "F2"]},
            "D": {"x": 55, "y": 30, "label": "docked", "kind": "organelle"},
            "out": {"x": 90, "y": 12, "label": "exosomes", "kind": "vesicle"},
            "rab27a": {"x": 55, "y": 8, "label": "RAB27A", "kind": "protein"},
        },
        "edges": [
            {"from": "F", "to": "D", "reaction": "fill", "label": "docking", "step": "dock"},
            {"from": "D", "to": "out", "reaction": "fuse", "label": "fusion", "step": "fuse"},
            {"from": "F", "to": "out", "readout": "made", "label": "made"},
            {"from": "rab27a", "to": "D", "label": "docks", "kind": "modifier"},
        ],
    },
}  # fmt: skip


def compiled(arms: dict[str, Any]) -> CompiledModel:
    outputs = [SimpleNamespace(name=n, unit=u, series=i < SERIES) for i, (n, u) in enumerate(NAMES.items())]
    names = list(NAMES)
    prior = Prior(
        "lognormal",
        30.0,
        100.0,
        300.0,
        "vesicle/cell/h",
        "assumed",
        "PMID 8223712; see 10.1186/s12964-020-00619-5",
    )
    parameters = (
        ParameterInfo("producer.mvb.rate", "vesicle/cell/h", prior, title="rate of an untreated cell"),
        ParameterInfo(
            "producer.mvb.share", "1", Prior("fixed", None, 0.07, None, mark="read", source="<b>not bold</b>")
        ),
    )
    group = StructureGroup(
        "wire", "How GW4869 reaches the plasma membrane", "pool", {"pool": 0, "shared": 1},
        {"pool": "sphingomyelin pool", "shared": "shared ESCRT"}, ("gw4869",),
    )  # fmt: skip
    lowered = {
        name: CompiledArm(
            name, title, {}, {}, {}, (), None if name == "control" else "control",
            ("wire",) if len(folds) > 1 else (), mark,
            tuple(_NOTHING | r for r in reported) + ((_NOTHING | _LESS_PROTEIN,) if "rab" in name else ()),
            (name,) if name != "control" else (), "A note of the model." if name == "ultrasound" else "",
        )
        for name, (title, mark, folds, reported) in arms.items()
    }  # fmt: skip
    return CompiledModel(
        name="fake", title="A made-up model", program=SimpleNamespace(outputs=outputs),  # type: ignore[arg-type]
        parameters=parameters, arms=lowered, default_arms=tuple(arms), structures={"wire": group},
        limits=(
            Limit("producer.mvb.limit.mvb", "MVBs per cell", names.index("producer.mvb.limit.mvb"),
                  names.index("producer.mvb.limit.mvb.bound"), "MVB/cell"),
        ),
        rates={EXOSOMES: ("producer.released.exosome", "producer.cell_hours"),
               MICROVESICLES: ("producer.released.microvesicle", "producer.cell_hours")},
        times=tuple(float(t) for t in range(0, 25, 2)),
        settings={"method": "auto", "rtol": 1e-6, "atol": 1e-9}, draws=40, choices={}, description={},
        report={
            "title": "A made-up model", "summary": "For tests.", "review": "secretion", "evidence": [],
            "modules": {"producer.mvb": MODULE},
            "cells": {"producer": {"title": "producer", "is": "tumour_cell", "secretes": ["exosome"]}},
            "choices": {}, "unassigned": ["forskolin"],
            "interventions": {
                n: {"title": t[0], "claims": ["secretion-134"], "source": "", "mark": t[1], "note": ""}
                for n, t in arms.items()
            },
        },
    )  # fmt: skip


class FakeRun:
    """Draws are log-normal; every fold acts at once; draw 3 of "hypoxia" failed."""

    def __init__(self, arms: tuple[str, ...] = tuple(ARMS), draws: int = 40) -> None:
        chosen = {a: ARMS[a] for a in arms}
        self.compiled = compiled(chosen)
        self.path, self.model_name, self.draws = "vesiflux-runs/fake-0123", "fake", draws
        self.times = np.asarray(self.compiled.times)
        self.arms = {
            a: {"structures": {s: {"reference": None if a == "control" else ["control", ""]} for s in v[2]}}
            for a, v in chosen.items()
        }
        self.base = 100 * np.exp(0.8 * np.random.default_rng(5).standard_normal(draws))
        self.record = {
            "seconds": 1.25, "balance_error": 2e-13, "call": {"set": {}}, "model": {"data": None},
        }  # fmt: skip
        self.tables_read = 0
        self.provenance = {"seed": 1, "versions": {"vesiflux": "0.1.0"}, "key": "0123abcd"}

    def _folds(self, arm: str, structure: str | None) -> tuple[np.ndarray, np.ndarray]:
        options = ARMS[arm][2]
        exo, mv = options[structure] if structure else next(iter(options.values()))
        wobble = (self.base / 100) ** 0.1
        exo_fold = exo * wobble if arm != "control" else np.ones_like(self.base)
        if arm == "hypoxia":
            exo_fold = np.where(np.arange(self.draws) == 3, np.nan, exo_fold)
        return exo_fold, np.full_like(self.base, mv)

    def rate(
        self, name: str, arm: str, structure: str | None = None, window: float | None = None
    ) -> np.ndarray:
        exo, mv = self._folds(arm, structure)
        return exo * self.base if name == EXOSOMES else mv * 0.4 * self.base

    def series(self, output: str, arm: str, structure: str | None = None) -> xr.DataArray:
        exo, mv = self._folds(arm, structure)
        t = self.times[None, :]
        values = {
            "producer.released.exosome": 1e6 * (exo * self.base)[:, None] * t,
            "producer.released.microvesicle": 1e6 * (mv * 0.4 * self.base)[:, None] * t,
            "producer.cell_hours": 1e6 * np.ones((self.draws, 1)) * t,
            "producer.rate.exosome": (exo * self.base)[:, None] + 0 * t,
        }[output]
        return xr.DataArray(values, dims=("draw", "time"), attrs={"units": NAMES[output]})

    def table(self, arm: str, structure: str | None = None) -> pa.Table:
        self.tables_read += 1
        return pa.table({n: self._final(n, arm, structure) for n in NAMES})

    def _final(self, output: str, arm: str, structure: str | None) -> np.ndarray:
        exo, _ = self._folds(arm, structure)
        if output in list(NAMES)[: SERIES - 1]:
            return np.asarray(self.series(output, arm, structure))[:, -1]
        return {
            "producer.mvb.ceiling": 1500 / self.base,
            "producer.mvb.step.dock": np.clip(0.2 * exo, 0, 1),
            "producer.mvb.step.fuse": np.full_like(exo, 0.95),
            "producer.mvb.limit.mvb": self.base * exo,
            "producer.mvb.limit.mvb.bound": np.full_like(exo, 500.0),
        }.get(output, self.base * exo / 10)

    def parameters(self, arm: str, structure: str | None = None) -> dict[str, np.ndarray]:
        return {"producer.mvb.rate": self.base, "interventions.hypoxia.effects.RAB27A": self.base}

    def standings(self) -> tuple[Standing, ...]:
        if "ultrasound" not in self.arms:
            return ()
        fold = Spread.of(self._folds("ultrasound", None)[0])
        return (
            Standing(
                "ultrasound", "ultrasound", EXOSOMES, "secretion-116", 69, 100, 6.0, EXCEEDS,
                (Predicted("", fold, 0.0, False, {}, ("fuse", 0.95)),), (), "the ceiling 1/f", True, 0,
                False, "known", "dose", "4 W is <a power>", "A note of the model.",
            ),
        )  # fmt: skip

    def synergies(self) -> tuple[Synergy, ...]:
        if "hypoxia" not in self.arms or "ultrasound" not in self.arms:
            return ()
        one, other = Spread(1.5, 1.4, 1.6), Spread(9, 8, 10)
        return (
            Synergy(
                "hypoxia+ultrasound", "hypoxia, ultrasound", ("hypoxia", "ultrasound"), "", EXOSOMES,
                (one, other), Spread(10, 9, 11), Spread(13.5, 12, 15), Spread(0.74, 0.7, 0.8),
                {"MVBs per cell": 0.2}, ("fuse", 0.95),
            ),
        )  # fmt: skip

    def sources(self) -> list[dict[str, str]]:
        return [{"text": "unpublished, 10.1371/journal.pone.0220007", "used_for": "module mvb"}]
