"""What ``pk`` is asked of published pharmacokinetics, condition by condition, and what it answers.

The grid was drawn up before the first search (`pk_foretold`); the same questions can be put to a later model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["Condition", "Floats", "conditions", "macrophage_share", "measures", "question", "said"]

Floats = npt.NDArray[np.float64]
#: Per mL of plasma as many as 1e10 in a mouse, so that nothing but the species differs.
_PER_ML = 1e10 / 0.944
#: Plasma over blood: blood is weighed or counted with its cells.
_PLASMA = 0.55
_TIMES = (2 / 60, 5 / 60, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0)
_FEW = (5 / 60, 0.5, 1.0, 4.0, 24.0)
_LATE = (1.0, 4.0, 24.0)
_SIX = ("liver", "spleen", "lung", "kidney", "heart", "brain")
_FIRST = ("blood", "liver", "spleen", "lung")
_MAIN = ("blood", "liver", "spleen", "lung", "kidney", "brain")
_ALL = (*_MAIN, "heart", "gut", "muscle", "marrow", "tumour")
_CURVE = {
    "first half-life": "min",
    "last half-life": "min",
    "clearance": "mL/h",
    "mean residence time": "h",
    "volume of distribution": "mL",
}


@dataclass(frozen=True)
class Condition:
    """One solve of ``pk``. ``against``: arm to which ratios are asked; ``per_gram``: shares per gram too."""

    species: str
    label: str
    arm: str = "intravenous"
    donor: str = "usual"
    organs: Sequence[str] = _MAIN
    times: Sequence[float] = _FEW
    per_gram: bool = False
    against: str = ""

    @property
    def name(self) -> str:
        """How its questions begin."""
        parts = (self.species, self.label, "" if self.donor == "usual" else self.donor, self.arm)
        return "-".join(part for part in parts if part)


def conditions() -> tuple[Condition, ...]:
    """The grid."""
    vein = [
        Condition("mouse", "tracer", organs=_ALL, times=_TIMES, per_gram=True),
        Condition("mouse", "iodine", times=_TIMES, per_gram=True),
        Condition("mouse", "luciferase", times=_TIMES, per_gram=True),
        Condition("mouse", "tracer", donor="red_cells", per_gram=True),
        Condition("rat", "tracer", times=_TIMES, per_gram=True),
        Condition("rat", "iodine"),
        Condition("macaque", "tracer"),
        Condition("macaque", "luciferase"),
        Condition("human", "tracer"),
        Condition("human", "none"),
        Condition("human", "none", donor="red_cells"),
    ]
    others = [
        Condition("mouse", "tracer", arm, times=_LATE)
        for arm in ("subcutaneous", "intraperitoneal", "intranasal", "oral", "inhaled", "intratumoural")
    ]
    compared = [
        Condition("mouse", "tracer", arm, organs=_FIRST, times=(0.25, 1.0, 24.0), against="intravenous")
        for arm in ("clodronate", "scavengers_blocked", "phosphatidylserine", "cd47")
    ]
    return (*vein, *others, *compared)


def said(condition: Condition, draws: int, seed: int = 1) -> dict[str, Floats]:
    """What the model says under a condition, question by question.

    Parameters
    ----------
    condition
        Of the grid.
    draws
        Of all priors.
    seed
        Of the draws; the same numbers in every condition.

    Returns
    -------
    dict
        Question (``measure|organ|time``) -> its answer in each draw, in the units of `measures`.
    """
    compiled = _compiled(condition.species, condition.label, condition.donor)
    values = _drawn(compiled, draws, seed)
    times, found = _solved(compiled, values, condition.arm)
    if not condition.against:
        return _asked(condition, compiled, values, times, found)
    plain = _solved(compiled, values, condition.against)[1]
    made = {}
    for organ in condition.organs:
        for hour in condition.times:
            at = int(np.argmin(np.abs(times - hour)))
            label = f"organs.{organ}.dose.label"
            made[_key("ratio", organ, hour)] = found[label][at] / plain[label][at]
    made[_key("ratio of areas", "blood")] = _area(times, found) / _area(times, plain)
    made[_key("ratio of first half-lives", "blood")] = _first(times, found) / _first(times, plain)
    return made


def question(condition: Condition, key: str) -> str:
    """Name of a question in the table: condition, measure, organ, time."""
    measure, organ, hour = key.split("|")
    parts = (condition.name, measure.replace(" ", "_"), organ, f"{hour}h" if hour else "")
    return "-".join(part for part in parts if part)


def macrophage_share(organ: str, hour: float, draws: int, seed: int = 1) -> Floats:
    """Per cent of an organ's uptake clearance that goes when macrophages are depleted, in each draw (mouse).

    Uptake clearance: what of the label an organ holds after ``hour`` over the area of blood until then.
    """
    compiled = _compiled("mouse", "tracer", "usual")
    values = _drawn(compiled, draws, seed)
    taken = []
    for arm in ("clodronate", "intravenous"):
        times, found = _solved(compiled, values, arm)
        at = int(np.argmin(np.abs(times - hour)))
        level = found["organs.blood.dose.label"][: at + 1]
        area = np.asarray(np.trapezoid(level, times[: at + 1], axis=0))
        taken.append(found[f"organs.{organ}.dose.label"][at] / area)
    return np.asarray(100.0 * (1.0 - taken[0] / taken[1]))


def measures() -> dict[str, str]:
    """Units by measure."""
    return {
        **_CURVE,
        "percent of dose": "percent",
        "percent of dose per gram": "percent/g",
        "share of six organs": "percent",
        "absorbed": "percent",
        "time of the highest level": "h",
        "half-life of the body's own": "min",
        "the body's own per mL of plasma": "1/mL",
        "ratio": "1",
        "ratio of areas": "1",
        "ratio of first half-lives": "1",
    }


@cache
def _compiled(species: str, label: str, donor: str) -> CompiledModel:
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load

    return lower(load("pk"), {"species": species, "label": label, "donor": donor})


def _drawn(compiled: CompiledModel, draws: int, seed: int) -> dict[str, Floats]:
    from vesiflux.study.draws import uniforms

    values = {
        p.name: np.asarray(p.prior.quantile(uniforms(seed, p.name, 0, draws)), dtype=np.float64)
        for p in compiled.parameters
    }
    amount = float(f"{_PER_ML * float(np.median(values['space.blood'])):.2g}")
    return {n: np.full(draws, amount) if n == "dose" or n.endswith("_dose") else v for n, v in values.items()}


def _solved(
    compiled: CompiledModel, values: Mapping[str, Floats], arm: str
) -> tuple[Floats, dict[str, Floats]]:
    from vesiflux.engines.compartments import Settings, solve

    times = np.unique(np.concatenate([[0.0], np.geomspace(0.005, 72.0, 90), _TIMES]))
    chosen = compiled.arms[arm]
    before, after = (np.array([p.value for p in compiled.program.inputs]) for _ in range(2))
    for inputs, changes in ((before, chosen.inputs_before), (after, chosen.inputs)):
        for index, value in changes.items():
            inputs[index] = value
    solved = solve(
        compiled.program,
        np.array([values[p.name] for p in compiled.parameters], dtype=np.float64),
        times=times.tolist(),
        inputs=after,
        inputs_before=before,
        events=chosen.events,
        settings=Settings(rtol=1e-6, atol=1e-8),
    )
    names = [o.name for o in compiled.program.outputs if o.series]
    return times, {name: solved.outputs_series[i].T for i, name in enumerate(names)}


def _asked(
    condition: Condition,
    compiled: CompiledModel,
    values: Mapping[str, Floats],
    times: Floats,
    found: Mapping[str, Floats],
) -> dict[str, Floats]:
    amount = values["dose"]
    made: dict[str, Floats] = {}
    for hour in condition.times:
        at = int(np.argmin(np.abs(times - hour)))
        percent = {
            o: 100.0 * found[f"organs.{o}.dose.label"][at] / amount for o in {*condition.organs, *_SIX}
        }
        for organ in condition.organs:
            made[_key("percent of dose", organ, hour)] = percent[organ]
            if condition.per_gram:
                made[_key("percent of dose per gram", organ, hour)] = percent[organ] / _grams(values, organ)
        if hour in _LATE and condition.label == "tracer":
            six = sum((percent[o] for o in _SIX), np.zeros_like(amount))
            for organ in _SIX:
                made[_key("share of six organs", organ, hour)] = 100.0 * percent[organ] / six
    if condition.arm != "intravenous":
        level = found["organs.blood.dose.label"]
        made[_key("time of the highest level", "blood")] = times[np.argmax(level, axis=0)]
        plain = _solved(compiled, values, "intravenous")[1]
        made[_key("absorbed", "")] = 100.0 * _area(times, found) / _area(times, plain)
        return made
    area, moment = _areas(times, found["organs.blood.dose.label"] / amount)
    late = (times >= 2.0) & (times <= 12.0)
    slopes = np.polyfit(times[late], np.log(found["organs.blood.dose.label"][late] + 1e-300), 1)[0]
    made |= {
        _key("first half-life", "blood"): 60.0 * _first(times, found),
        _key("last half-life", "blood"): np.where(slopes < 0.0, -60.0 * np.log(2.0) / slopes, np.inf),
        _key("clearance", "blood"): values["space.blood"] / area,
        _key("mean residence time", "blood"): moment / area,
        _key("volume of distribution", "blood"): values["space.blood"] * moment / area**2,
    }
    if condition.donor == "usual" and condition.label == "tracer":
        before = int(np.argmin(np.abs(times - 48.0)))
        released = (found["released.own_ev"][-1] - found["released.own_ev"][before]) / (
            times[-1] - times[before]
        )
        own = found["medium.own_ev"][-1]
        made[_key("the body's own per mL of plasma", "blood")] = own
        made[_key("half-life of the body's own", "blood")] = (
            60.0 * np.log(2.0) * own * values["space.blood"] / released
        )
    return made


def _key(measure: str, organ: str, hour: float | None = None) -> str:
    return f"{measure}|{organ}|{'' if hour is None else f'{hour:.3g}'}"


def _grams(values: Mapping[str, Floats], organ: str) -> Floats:
    """Weight of an organ at 1 g/mL; blood with its cells."""
    if organ == "blood":
        return values["space.blood"] / _PLASMA
    return values[f"space.organs.{organ}.volume"]


def _first(times: Floats, found: Mapping[str, Floats]) -> Floats:
    """Hours until half of the first level is left, in each draw."""
    level = found["organs.blood.dose.label"]
    return np.array([_fall(times, one) for one in level.T])


def _fall(times: Floats, level: Floats) -> float:
    below = np.flatnonzero(level <= 0.5 * level.max())
    if not len(below):
        return math.nan
    i = int(below[0])
    share = np.log(level[i - 1] / (0.5 * level.max())) / np.log(level[i - 1] / level[i])
    return float(times[i - 1] + share * (times[i] - times[i - 1]))


def _area(times: Floats, found: Mapping[str, Floats]) -> Floats:
    return _areas(times, found["organs.blood.dose.label"])[0]


def _areas(times: Floats, level: Floats) -> tuple[Floats, Floats]:
    """Areas under the curves to 72 h and their first moments; shape (draw,)."""
    moment = np.trapezoid(level * times[:, None], times, axis=0)
    return np.asarray(np.trapezoid(level, times, axis=0)), np.asarray(moment)
