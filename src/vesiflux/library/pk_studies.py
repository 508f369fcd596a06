"""Published pharmacokinetics against the model ``pk``: what it says of what each study measured.

The studies are ``pk/studies.tsv``; which half of them may be fitted stands there and was settled by the order
of their names before anything was fitted. All is at typical values.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["AFTERWARDS", "counted", "fold_error", "predicted", "score", "studies"]

Floats = npt.NDArray[np.float64]
_TABLE = Path(__file__).parent / "pk" / "studies.tsv"
#: Kind of label in the table -> option of the choice ``label``.
_LABEL = {"luciferase": "luciferase", "cytometry": "none", "radioiodine": "iodine"}
_DONOR = {"platelets": "platelets", "red blood cells": "red_cells"}
#: Cells that hold vesicles and give them back; what is fitted is not theirs.
_HOLDING = ("blood_cell", "b_cell")
_MACROPHAGES = ("kupffer", "spleen_macrophage", "marrow_macrophage", "node_macrophage", "monocyte")
_ROUTE = {"vein": "intravenous", "mouth": "oral"}
#: Where a study does not say how many vesicles: as many per mL of plasma as 1e10 in a mouse.
_PER_ML = 1e10 / 0.944
_END = 72.0
#: Lungs that had 1e8 endothelial cells per mL at first.
_LUNG_ML = {"mouse": 0.204, "rat": 1.25}


def studies() -> list[dict[str, str]]:
    """Rows of ``pk/studies.tsv``, one per measured number.

    ``half`` is fit, held out or not test data; ``found`` the search that found the study: sides are taken by
    turns, by name, those found first before those found later.
    """
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def counted(row: Mapping[str, str]) -> bool:
    """Whether a number is evidence of its own; others follow from those beside them, as their note says."""
    return "not counted" not in row["note"]


def fold_error(row: Mapping[str, str], value: float) -> float:
    """Model over measured; 1 for what a bound (value = high) allows."""
    measured = float(row["value"])
    within = row["low"] == "" and row["high"] == row["value"] and value <= measured
    return 1.0 if within else value / measured


#: Changes made after it was seen what the model said of studies held out -> what undoes each.
AFTERWARDS: dict[str, dict[str, str]] = {
    "a donor of its own for red cells": {"donor": "red blood cells"},
    "a label of its own for iodine": {"label": "radioiodine"},
    "as many endothelial cells in a rodent's lung as were read": {"count": "lung_endothelium"},
    "gut and spleen before the liver": {"portal": "none"},
}
#: What takes the liver from behind gut and spleen: all organs beside each other, as they were at first.
_BESIDE = {
    "space.organs.gut.flows_into": "",
    "space.organs.spleen.flows_into": "",
    "space.depots.gut_lumen.by": "blood",
}


def score(without: Collection[str] = (), routes: Collection[str] = tuple(_ROUTE)) -> tuple[int, float]:
    """Numbers held out by these routes, and their geometric mean fold error.

    ``without``: changes of `AFTERWARDS` to undo.
    """
    undone = [AFTERWARDS[name] for name in without]
    logs = []
    held = [row for row in studies() if row["half"] == "held out" and row["route"] in routes]
    for study in dict.fromkeys(row["study"] for row in held):
        rows = [row for row in held if row["study"] == study]
        as_usual = {key: "" for change in undone for key in change if rows[0].get(key) == change[key]}
        given = {
            f"{change['count']}.count": 1e8 * _LUNG_ML[rows[0]["species"]]
            for change in undone
            if "count" in change
        }
        portal = not any("portal" in change for change in undone)
        values = predicted([{**row, **as_usual} for row in rows], given, portal)
        logs += [
            abs(math.log(fold_error(row, value)))
            for row, value in zip(rows, values, strict=True)
            if counted(row)
        ]
    return len(logs), math.exp(sum(logs) / len(logs))


def predicted(
    rows: Sequence[Mapping[str, str]], given: Mapping[str, float] | None = None, portal: bool = True
) -> list[float]:
    """What the model says of the rows of one study, in their units.

    Parameters
    ----------
    rows
        Rows of one study.
    given
        Values of parameters by name in place of the model's typical ones, in the units they are written in;
        ``clearance.macrophage``, ``clearance.other`` and ``match.DONOR`` (of that donor's vesicles over the
        usual ones) stand for those of all such cells.
    portal
        Whether what leaves gut and spleen passes the liver.
    """
    study = rows[0]
    compiled = _compiled(study["species"], study["donor"], study["label"], portal)
    given = dict(given or {})
    values: dict[str, float] = {p.name: float(p.prior.typical or 0.0) for p in compiled.parameters}
    cells = [
        cell
        for n in values
        if n.endswith(".takes_up.small_ev.clearance")
        and (cell := n.split(".")[0]) not in ("interventions", *_HOLDING)
    ]
    match = given.get(f"match.{study['donor']}")
    for cell in cells:
        eater = cell in _MACROPHAGES
        for kind in ("small_ev", "own_ev"):
            path = f"{cell}.takes_up.{kind}"
            key = "clearance.macrophage" if eater else "clearance.other"
            values[f"{path}.clearance"] = given.get(key, values[f"{path}.clearance"])
            if study["body"] == "macrophages depleted":
                values[f"{path}.clearance"] *= _depleted(values, cell)
        if match is not None:
            path = f"{cell}.takes_up.small_ev.match"
            values[path] = match * values[f"{cell}.takes_up.own_ev.match"]
    values |= {name: value for name, value in given.items() if name in values}
    amount = _PER_ML * values["space.blood"]
    values |= dict.fromkeys(("dose", "oral_dose"), amount)
    arm = _ROUTE[study["route"]]
    times, found = _solved(compiled, values, arm)
    plain = found if arm == "intravenous" else _solved(compiled, values, "intravenous")[1]
    return [_read(row, times, found, plain, amount, values["space.blood"]) for row in rows]


@cache
def _compiled(species: str, donor: str, label: str, portal: bool) -> CompiledModel:
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load

    chosen = {"species": species, "donor": _DONOR.get(donor, "usual"), "label": _LABEL.get(label, "tracer")}
    model = load("pk")
    return lower(model if portal else model.changed(_BESIDE), chosen)


def _depleted(values: Mapping[str, float], cell: str) -> float:
    """Factor of the intervention ``clodronate`` on a cell."""
    return values.get(f"interventions.clodronate.effects.{cell}.takes_up.small_ev.clearance", 1.0)


def _solved(
    compiled: CompiledModel, values: Mapping[str, float], arm: str
) -> tuple[Floats, dict[str, Floats]]:
    from vesiflux.engines.compartments import Settings, solve

    times = np.concatenate([[0.0], np.geomspace(0.005, _END, 120), [5 / 60, 0.5, 4.0]])
    times = np.unique(times)
    found = solve(
        compiled.program,
        np.array([values[p.name] for p in compiled.parameters], dtype=np.float64)[:, None],
        times=times.tolist(),
        events=compiled.arms[arm].events,
        settings=Settings(rtol=1e-7, atol=1e-9),
    )
    names = [o.name for o in compiled.program.outputs if o.series]
    return times, {name: found.outputs_series[i, 0, :] for i, name in enumerate(names)}


def _read(
    row: Mapping[str, str],
    times: Floats,
    found: Mapping[str, Floats],
    plain: Mapping[str, Floats],
    amount: float,
    plasma: float,
) -> float:
    """One number, as the study would have found it in these curves."""
    blood = found["organs.blood.dose.label"] / amount  # share of the dose
    quantity = row["quantity"]
    if quantity == "percent injected dose":
        at = int(np.argmin(np.abs(times - float(row["time_h"]))))
        return float(100.0 * found[f"organs.{row['organ']}.dose.label"][at] / amount)
    if quantity == "share of Kupffer cells":
        at = int(np.argmin(np.abs(times - float(row["time_h"]))))
        held = [found[f"{c}.held.small_ev"][at] for c in ("kupffer", "liver_endothelium", "hepatocyte")]
        return float(100.0 * held[0] / sum(held))
    if quantity == "first half-life":
        return 60.0 * _fall(times, blood)
    if quantity == "last half-life":
        late = (times >= 2.0) & (times <= 12.0)
        return float(-60.0 * np.log(2.0) / np.polyfit(times[late], np.log(blood[late]), 1)[0])
    if quantity == "time of the highest level":
        return float(times[int(np.argmax(blood))])
    area, moment = _areas(times, blood)
    if quantity == "absorbed":
        own = _areas(times, found["organs.blood.dose"])[0]
        return 100.0 * own / _areas(times, plain["organs.blood.dose"])[0]
    said: dict[str, Any] = {
        "clearance": plasma / area,
        "mean residence time": moment / area,
        "area under the curve": 100.0 * area / plasma,
        "volume of distribution": plasma * moment / area**2,
    }
    return float(said[quantity])


def _fall(times: Floats, level: Floats) -> float:
    """Hours until half of the first level is left; the last time if it never is."""
    below = np.flatnonzero(level <= 0.5 * level.max())
    if not len(below):
        return float(times[-1])
    i = int(below[0])
    share = np.log(level[i - 1] / (0.5 * level.max())) / np.log(level[i - 1] / level[i])
    return float(times[i - 1] + share * (times[i] - times[i - 1]))


def _areas(times: Floats, level: Floats) -> tuple[float, float]:
    """Area under a curve and its first moment, with an exponential tail beyond the last time."""
    area = float(np.trapezoid(level, times))
    moment = float(np.trapezoid(level * times, times))
    rate = float(np.log(level[-10] / level[-1]) / (times[-1] - times[-10])) if level[-1] > 0 else 0.0
    if rate > 0:
        area += float(level[-1]) / rate
        moment += float(level[-1]) * (times[-1] / rate + 1.0 / rate**2)
    return area, moment
