"""Made-up figure data: what each figure is given, with every special case in it."""

from __future__ import annotations

import numpy as np

from vesiflux.report.figures import (
    constraints,
    curves,
    drivers,
    folds,
    machinery,
    plane,
    received,
    responses,
    steps,
)
from vesiflux.report.figures.common import Band, Interval

_RNG = np.random.default_rng(7)


def spread(median: float, sigma: float = 0.4, n: int = 200) -> Interval:
    return Interval.of(median * np.exp(sigma * _RNG.standard_normal(n)))


ARMS = [
    ("rab27a_loss", "RAB27A knock-down", "predicted", 0.4, 1.0),
    ("rab27ab_loss", "RAB27A and RAB27B knock-down", "predicted", 0.15, 1.0),
    ("gw4869", "GW4869 10 µM", "calibrated", 0.6, 1.6),
    ("hypoxia", "hypoxia 1 % O₂", "assumed", 1.5, 1.05),
    ("current", "direct current 0.34 mA/cm²", "assumed", 1.7, 1.0),
    ("low_glucose", "low glucose", "assumed", 4.0, 1.1),
    ("ultrasound", "pulsed ultrasound, high intensity", "exceeds machinery", 11.0, 1.0),
]


def curves_data() -> curves.CurvesData:
    t = np.linspace(0, 24, 25)
    base = 100 * np.exp(0.5 * _RNG.standard_normal((64, 1)))
    rows = []
    for name, title, _, fold, _ in ARMS:
        rate = base * (1 + (fold - 1) * (1 - np.exp(-t / 3)))
        rows.append(
            curves.CurveRow(
                name, title, Band.of(rate * t), Band.of(rate), Band.of(rate / base), "control",
                Band.of(base * t), Band.of(base + 0 * t),
            )
        )  # fmt: skip
    return curves.CurvesData("exosome", "exosomes", t, tuple(rows))


def folds_data() -> folds.FoldsData:
    rows = []
    for i, (name, title, mark, fold, _) in enumerate(ARMS):
        options = ("",) if i % 3 else ("lysosome loss", "transport and docking", "supply of MVBs")
        found = tuple(folds.Fold(o, o, spread(fold * (1 + 0.2 * k), 0.3)) for k, o in enumerate(options))
        reported = [
            (folds.ReportedRange(0.24, 0.24, None, "secretion-131"),),
            (folds.ReportedRange(sign="-"),),
            (folds.ReportedRange(0.5, 0.8),),
            (folds.ReportedRange(1.5, 1.5), folds.ReportedRange(1.9, 2.4)),
            (folds.ReportedRange(sign="+"),),
            (folds.ReportedRange(sign="0"),),
            (folds.ReportedRange(69, 100),),
        ][i]
        rows.append(folds.FoldRow(name, title, mark, found, reported, exceeds=name == "ultrasound"))
    return folds.FoldsData("exosomes_per_cell_per_hour", "exosomes", tuple(rows), spread(14.9, 0.5))


def plane_data() -> plane.PlaneData:
    points = [plane.PlanePoint(n, t, "", m, spread(e, 0.2), spread(v, 0.1)) for n, t, m, e, v in ARMS] + [
        plane.PlanePoint(
            "gw4869", "GW4869 10 µM", "shared ESCRT pool", "calibrated", spread(0.8, 0.1), spread(0.96, 0.05)
        )
    ]
    return plane.PlaneData("exosomes", "microvesicles", tuple(points))


def machinery_data(compared: bool = True) -> machinery.MachineryData:
    node, edge = machinery.MapNode, machinery.MapEdge
    nodes = (
        node("E", 10, 30, "early\nendosomes", "pool", spread(400), "MVB/cell"),
        node("F", 32, 30, "filling MVB", "pool", spread(90), "MVB/cell"),
        node("M", 54, 30, "full MVB", "pool", spread(60), "MVB/cell"),
        node("T", 72, 30, "transported", "pool", spread(10), "MVB/cell"),
        node("D", 88, 30, "docked", "pool", spread(1), "MVB/cell"),
        node("PM", 88, 8, "plasma membrane", "sink"),
        node("L", 60, 52, "lysosome", "sink"),
    )
    fold = spread(1.6, 0.1) if compared else None
    edges = (
        edge("E", "F", "MVB formation", spread(120), "MVB/cell/h", fold, "mvb_formation"),
        edge("F", "M", "maturation", spread(120), "MVB/cell/h", fold, "maturation"),
        edge("M", "T", "transport", spread(20), "MVB/cell/h", fold, "transport"),
        edge("T", "D", "docking", spread(12), "MVB/cell/h", fold, "docking"),
        edge("D", "T", "undocking", spread(4), "MVB/cell/h", None, "undocking"),
        edge("D", "PM", "fusion", spread(8), "MVB/cell/h", spread(0.5, 0.1) if compared else None, "fusion"),
        edge("M", "L", "", spread(100), "MVB/cell/h", spread(1, 0.01) if compared else None, "lysosome_m"),
        edge("T", "L", "", spread(8), "MVB/cell/h", None, "lysosome_t"),
    )
    return machinery.MachineryData(
        "hypoxia",
        "hypoxia 1 % O₂",
        nodes,
        edges,
        "Saturated: fusion (97 % pass).",
        "control" if compared else "",
    )


def steps_data() -> steps.StepsData:
    gains = []
    for arm, title, k in (("control", "untreated", 1.0), ("hypoxia", "hypoxia 1 % O₂", 0.6)):
        for step, nodes, passes in (
            ("transport", ("RAB27B", "RAB2B", "RAB9A"), 0.2),
            ("docking", ("RAB27A",), 0.5),
            ("fusion", ("SNARE",), 0.7),
        ):
            p = np.clip(passes * np.exp(0.1 * _RNG.standard_normal(100)), 0, 1) ** k
            gains.append(
                steps.StepGain(step, step.title(), nodes, arm, title, Interval.of(p), Interval.of(1 / p))
            )
    return steps.StepsData(tuple(gains))


def constraints_data() -> constraints.ConstraintsData:
    limits = []
    for name, title, bound, value in (
        ("mvb", "MVBs per cell", 500, 150), ("ilv", "ILVs per MVB", 100, 25),
        ("membrane", "membrane released", 80, 20), ("cd63", "CD63 released in 5 h", 0.006, 0.0045),
    ):  # fmt: skip
        points = []
        for arm, arm_title, _, fold, _ in ARMS:
            v = value * fold**0.7 * np.exp(0.3 * _RNG.standard_normal(200))
            points.append(
                constraints.ConstraintPoint(
                    arm, arm_title, Interval.of(v), Interval.of(v / bound), float((v > bound).mean())
                )
            )
        limits.append(constraints.Limit(name, title, "1/cell", Interval.of([bound] * 3), tuple(points)))
    return constraints.ConstraintsData(tuple(limits))


def drivers_data() -> drivers.DriversData:
    some = tuple(
        drivers.Driver(
            f"producer.mvb.parameter_{i}", f"parameter number {i}, with a title", (-1) ** i * (0.8 - 0.07 * i)
        )
        for i in range(10)
    )
    return drivers.DriversData((("exosome rate, untreated", some), ("fold under hypoxia", some[:6])), 64)


def received_data() -> received.ReceivedData:
    def points(level: float) -> tuple[received.ReceivedPoint, ...]:
        return tuple(
            received.ReceivedPoint(n, t, "control", spread(level * f), spread(0.01 * f), spread(f, 0.1))
            for n, t, _, f, _ in ARMS
        )

    nothing = received.ReceivedPoint("none", "nothing added", "", Interval.of([0.0] * 5), None, None)
    bound = received.ReceivedPanel("a", "PD-L1 bound to T cells", spread(100), None, (*points(2), nothing))
    inside = received.ReceivedPanel(
        "b",
        "miR-10b in the cytosol of cytotoxic T cells",
        spread(1000),
        spread(100),
        (*points(5e-4), nothing),
    )
    unsensed = received.ReceivedPanel("c", "CD9 bound to T cells", None, None, (*points(3), nothing))
    return received.ReceivedData((bound, inside, unsensed, unsensed))


def responses_data() -> responses.ResponsesData:
    t = np.linspace(0, 48, 25)
    base = np.exp(0.5 * _RNG.standard_normal((64, 1)))

    def curve(
        name: str, title: str, values: np.ndarray, behind: np.ndarray | None
    ) -> responses.ResponseCurve:
        if behind is None:
            return responses.ResponseCurve(name, title, "", Band.of(values), None, None)
        change = Band.of(values - behind)
        return responses.ResponseCurve(name, title, "control", Band.of(values), Band.of(behind), change)

    amount, share = base * t / 10, 1 - np.exp(-base * t / 100)
    rows = tuple(
        responses.ResponseRow(
            key, title, unit, log,
            (curve("control", "untreated", level, None),
             *(curve(n, x, level * min(f, 2) / 2, level) for n, x, _, f, _ in ARMS[:5])),
        )
        for key, title, unit, log, level in (
            ("a", "PD-L1 bound to T cells", "copies/cell", True, amount),
            ("b", "T cells that are suppressed", "1", False, share),
        )
    )  # fmt: skip
    return responses.ResponsesData(t, rows)


ALL = {
    "curves": (curves, curves_data),
    "folds": (folds, folds_data),
    "plane": (plane, plane_data),
    "machinery": (machinery, machinery_data),
    "steps": (steps, steps_data),
    "constraints": (constraints, constraints_data),
    "drivers": (drivers, drivers_data),
    "received": (received, received_data),
    "responses": (responses, responses_data),
}
