"""Whatever is done to a body, its doses or its cohort: it loads or says in words what is wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesiflux.errors import InputError, Problem
from vesiflux.language import Model
from vesiflux.language.yaml import read_yaml

BODY = """
vesiflux: 1
name: fuzz
space:
  kind: body
  species: mouse
  keep: [liver, lung]
  organs:
    liver: {endothelium: sinusoid}
    knee: {volume: 0.05 mL, plasma: 0.002 mL, interstitium: 0.01 mL, flow: 0.1 mL/h, endothelium: leaky}
  lymph: {volume: 0.1 mL}
  depots: {skin_depot: {volume: 1 mL, absorption: 0.2 /h, by: lymph, loss: 0.1 /h}}
vesicles: {ev: {origin: mvb, diameter: {median: 90 nm, sigma: 0.3}, decay: {half_life: 12 h}}}
cells:
  kupffer:
    is: kupffer_cell
    in: liver
    faces: blood
    count: 5e7
    takes_up: {ev: {clearance: 5e-9 mL/cell/h}}
    secretes: {ev: {rate: 1 vesicle/cell/h, initial: 1e8 vesicle/mL}}
preparations: {given: {vesicle: ev, label: {half_life: 10 h, returns: 0.1, free: 2 h}}}
schedule:
  - {at: 0 h, dose: given, parameter: dose, amount: 1e9 vesicle, volume: 0.1 mL, arms: [vein]}
  - {at: 1 h, dose: given, amount: 1e9 vesicle, into: skin_depot, over: 10 min, repeat: 2 h, times: 3}
choices: {species: {options: {mouse: {}, human: {kupffer.count: 3e10}}}}
arms: {vein: {title: a vein}, human: {set: {species: human}, against: vein}}
run: {for: 24 h, record: 1 h}
cohort:
  patients: 100
  arms: [vein, human]
  survival: exp(-kupffer.held.ev)
  outcomes: {death: {event: death by 10 h}, high: {measure: kupffer.held.ev @ 5 h, above: 3}}
  markers: {early: {measure: kupffer.held.ev @ 1 h}, late: {measure: kupffer.held.ev @ 2 h over 1 h}}
  panels: {both: [early, late]}
  detection: {markers: [early], outcome: death, specificity: 0.9}
  trial: {outcome: death, power: 0.8}
  correlated: [{between: [dose, kupffer.count], r: 0.5}]
"""

Path = tuple[str | int, ...]


def _plain() -> Any:
    return read_yaml(BODY, "fuzz")[0]


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*path, key)
        yield from _paths(below, (*path, key))


PATHS = [p for p in _paths(_plain()) if p[0] in ("space", "schedule", "cohort", "choices", "arms", "cells")]

ODD = st.sampled_from(
    [
        None, True, 0, -1, 1e400, float("nan"), "", " ", "x", "mouse", "liver", "human", "1 h", "-1 mL",
        "1e30 mL", "1e-30 mL", "2 mL", "1e9 vesicle/kg", "nan vesicle", "1e17 vesicle", "мышь", "a b", "a.b",
        "[", "a@b", [], {}, [1], ["liver", "liver"], {"a": 1}, {"typical": 1}, {"low": "1 mL"},
        {"by_species": {"mouse": 1}}, {"by_species": 3}, "blood", "death by 3 h", "kupffer.held.ev @ 1 h",
    ]
)  # fmt: skip
LEAVE_OUT = object()


def _changed(data: Any, path: Path, value: Any) -> None:
    at = data
    for step in path[:-1]:
        if not isinstance(at, dict | list) or (isinstance(at, dict) and step not in at):
            return  # taken out by an earlier change
        if isinstance(at, list) and (not isinstance(step, int) or step >= len(at)):
            return
        at = at[step]
    if isinstance(at, dict):
        if value is LEAVE_OUT:
            at.pop(path[-1], None)
        else:
            at[path[-1]] = copy.deepcopy(value)
    elif isinstance(at, list) and isinstance(path[-1], int) and path[-1] < len(at) and value is not LEAVE_OUT:
        at[path[-1]] = copy.deepcopy(value)


def test_the_body_that_is_spoilt_is_sound():
    assert Model.from_text(BODY).name == "fuzz"


def _problems(data: Any) -> tuple[Problem, ...]:
    try:
        Model.from_dict(data)
    except InputError as error:
        return error.problems or (Problem("", 0, 0, "\n an error without a place"),)
    return ()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PATHS), st.one_of(ODD, st.just(LEAVE_OUT), st.text(max_size=8), st.floats())
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_spoilt_body_loads_or_is_told(changes: list[tuple[Path, Any]]):
    data = _plain()
    for path, value in changes:
        _changed(data, path, value)
    for problem in _problems(data):
        assert "\n" not in problem.message
        assert len(problem.message) < 400, problem.message


@pytest.mark.parametrize("value", [3, "x", [], {}, [None], {"x": None}, None], ids=repr)
def test_every_part_may_be_anything(value: Any):
    told = 0
    for path in PATHS[:: 1 if value in (3, None) else 3]:
        data = _plain()
        _changed(data, path, value)
        found = _problems(data)
        assert all("\n" not in problem.message for problem in found), (path, found)
        told += bool(found)
    assert told > 10
