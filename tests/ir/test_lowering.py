"""What a model says is what the equations do: analytic cases and balances of the dish."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from vesiflux.engines.compartments.engine import Settings, solve
from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.physics import sedimentation, stokes_einstein, supply

BASE = {
    "vesiflux": 1,
    "name": "case",
    "space": {"kind": "dish", "volume": "2 mL"},
    "vesicles": {
        "exosome": {"origin": "mvb", "diameter": {"median": "100 nm", "sigma": 0}, "density": "1.0 g/mL"}
    },
    "cells": {
        "sender": {
            "is": "any_cell",
            "count": "1e6 cell",
            "secretes": {"exosome": {"rate": "60 vesicle/cell/h", "cargo": {"miR-10b": {"copies": 0.01}}}},
        }
    },
    "run": {"for": "24 h", "record": "1 h"},
}


def case(**changes):
    """The base model with top-level parts replaced."""
    return copy.deepcopy(BASE) | changes


def with_cell(name, cell, **changes):
    model = case(**changes)
    model["cells"] = model["cells"] | {name: cell}
    return model


def run(model, arm="control", rtol=1e-9, **overrides):
    """Outputs of one lane at typical values: name -> series or final value."""
    compiled = lower(Model.from_dict(model))
    program, chosen = compiled.program, compiled.arms[arm]
    values = np.array([[p.prior.typical] for p in compiled.parameters], dtype=float)
    for name, value in overrides.items():
        values[compiled.parameter(name.replace("__", "."))] = value
    before = np.array([i.value for i in program.inputs], dtype=float)
    after = before.copy()
    for vector, changes in ((before, chosen.inputs_before), (after, chosen.inputs)):
        for index, value in changes.items():
            vector[index] = value
    settings = Settings(rtol=rtol, atol=1e-12, equilibrate=compiled.settings["equilibrate"])
    solution = solve(
        program,
        values,
        times=compiled.times,
        inputs=after,
        inputs_before=before,
        events=chosen.events,
        settings=settings,
    )
    assert solution.ok.all()
    result = {o.name: float(v) for o, v in zip(program.outputs, solution.outputs_final[:, 0], strict=True)}
    series = [o.name for o in program.outputs if o.series]
    result |= {f"{n}[]": solution.outputs_series[i, 0] for i, n in enumerate(series)}
    states = {s.name: float(v) for s, v in zip(program.states, solution.states_final[:, 0], strict=True)}
    for label, indices, weights in program.invariants:
        held = solution.states_final[indices, 0]
        assert abs(held @ weights) <= 1e-12 * max(np.abs(held).max(), 1.0), label
    return result | {"states": states}


def test_constant_release_is_counted_per_cell_and_hour():
    out = run(case())
    assert out["released.exosome"] / out["cell_hours.exosome"] == pytest.approx(60.0, rel=1e-12)
    assert out["medium.exosome"] == pytest.approx(60.0 * 1e6 * 24 / 2, rel=1e-12)
    assert out["sender.released.exosome.miR-10b"] == pytest.approx(0.01 * 60e6 * 24, rel=1e-12)


def test_decay_in_the_medium_is_exponential():
    model = case()
    model["vesicles"]["exosome"]["decay"] = {"half_life": "6 h"}
    k = math.log(2) / 6
    out = run(model)
    t = np.arange(25.0)
    np.testing.assert_allclose(out["medium.exosome[]"][1:], 30e6 * (1 - np.exp(-k * t[1:])) / k, rtol=1e-7)


@pytest.mark.parametrize("layers", [12, 24, 48])
def test_still_medium_limits_a_perfect_monolayer(layers):
    """Design: a perfect one under 3 mm gets at most 30 % in 24 h. Exact: Crank's series (physics.supply)."""
    taker = {
        "is": "any_cell",
        "count": "2e6 cell",
        "takes_up": {"exosome": {"clearance": "1 mL/cell/h", "recycling": 0}},
    }
    model = with_cell(
        "taker",
        taker,
        space={"kind": "dish", "area": "10 cm^2", "volume": "3 mL", "mixing": "static", "layers": layers},
        preparations={"dose": {"vesicle": "exosome"}},
        schedule=[{"at": "0 h", "dose": "dose", "amount": "1e9 vesicle/mL"}],
    )
    model["cells"]["sender"]["secretes"] = {}
    out = run(model)
    inside = 3e9 - out["medium.exosome"] * 3
    d = stokes_einstein.diffusion(0.1, 0.692, 310.15)
    exact = supply.monolayer_fraction(d, 3000.0, 24.0)
    assert exact < 0.30
    assert inside / 3e9 == pytest.approx(exact, rel={12: 0.05, 24: 0.03, 48: 0.03}[layers])


def test_stirred_uptake_stands_in_series_with_the_sphere_limit():
    taker = {
        "is": "any_cell",
        "count": "1 cell",
        "radius": "8 um",
        "takes_up": {"exosome": {"clearance": "1e3 mL/cell/h", "recycling": 0}},
    }
    model = with_cell(
        "taker",
        taker,
        preparations={"dose": {"vesicle": "exosome"}},
        schedule=[{"at": "0 h", "dose": "dose", "amount": "1e9 vesicle/mL"}],
        run={"for": "1 h", "record": "1 h"},
    )
    model["cells"]["sender"]["secretes"] = {}
    out = run(model)
    d = stokes_einstein.diffusion(0.1, 0.692, 310.15)
    taken = sum(v for k, v in out["states"].items() if k.startswith(("taker.bound", "taker.endosome")))
    taken += sum(v for k, v in out["states"].items() if k.startswith(("fused", "degraded.exosome")))
    assert taken == pytest.approx(supply.sphere_rate(d, 8.0, 1e9), rel=1e-5)


def test_every_copy_is_somewhere_through_doses_uptake_death_and_medium_change():
    taker = {
        "is": "any_cell",
        "count": "2e5 cell",
        "states": ["active", "suppressed"],
        "takes_up": {
            "exosome": {"clearance": "1e-7 mL/cell/h", "saturation": "1e9 vesicle/mL", "escape": 0.2}
        },
        "signals": {"miR-10b @cytosol": {"half": "10 copy/cell", "half_life": "24 h"}},
        "responses": ["miR-10b @cytosol -> OFF"],
        "behaviours": [
            "OFF increases transition active->suppressed from 0.01 /h to 0.1 /h, half 0.1, hill 1",
            "OFF increases apoptosis from 0.01 /h to 0.02 /h, half 0.5, hill 1",
            "OFF decreases proliferation from 0.03 /h to 0 /h, half 0.5, hill 1",
        ],
    }
    model = with_cell(
        "taker",
        taker,
        preparations={"dose": {"vesicle": "exosome", "cargo": {"miR-10b": {"copies": 1}}}},
        schedule=[
            {"at": "0 h", "dose": "dose", "amount": "1e9 vesicle"},
            {"at": "6 h", "change_medium": 0.7, "repeat": "6 h", "times": 3},
        ],
    )
    out = run(model)  # `run` checks every invariant to 1e-12
    assert out["ledger.removed.exosome.sender"] > 1e7
    assert out["taker.suppressed.count"] > 1e4
    assert out["states"]["dead.taker.apoptosis"] > 1e3


def test_division_shares_copies_and_inherits_levels():
    grower = {
        "is": "any_cell",
        "count": "1000 cell",
        "nodes": {"LEVEL": {"basal": 0.4, "tau": "1 h"}, "GO": {"basal": 1}},
        "behaviours": ["GO increases proliferation from 0.05 /h to 0.05 /h"],
    }
    out = run(with_cell("grower", grower))
    assert out["grower.count"] == pytest.approx(1000 * math.exp(0.05 * 24), rel=1e-8)
    assert out["grower.node.LEVEL"] == pytest.approx(0.4, rel=1e-8)


def test_signals_combine_as_in_physicell():
    """U = sum (s/half)^n; base -> max by U/(1+U); then -> min by D/(1+D)."""
    cell = {
        "is": "any_cell",
        "count": "100 cell",
        "nodes": {"A": {"basal": 0.6}, "B": {"basal": 0.2}, "C": {"basal": 0.5}},
        "behaviours": [
            "A increases apoptosis from 0.01 /h to 0.05 /h, half 0.5, hill 2",
            "B increases apoptosis from 0.01 /h to 0.05 /h, half 0.4, hill 1",
            "C decreases apoptosis from 0.01 /h to 0 /h, half 0.5, hill 3",
        ],
    }
    u, d = (0.6 / 0.5) ** 2 + 0.2 / 0.4, 1.0
    rate = (0.01 + 0.04 * u / (1 + u)) * (1 - d / (1 + d))
    out = run(with_cell("mortal", cell))
    assert out["mortal.count"] == pytest.approx(100 * math.exp(-rate * 24), rel=1e-8)


def test_logic_is_or_and_not_with_normalised_hill():
    def act(x, ec50=0.5, n=1.4):
        b = (ec50**n - 1) / (2 * ec50**n - 1)
        return b * x**n / (b - 1 + x**n)

    cell = {
        "is": "any_cell",
        "count": "1 cell",
        "nodes": {"A": {"basal": 0.7}, "B": {"basal": 0.3}, "I": {"basal": 0.4}, "Y": {"basal": 0.1}},
        "responses": ["A -> Y", "B and not I -> Y", "I -| Y"],
    }
    a, b, i = act(0.7), act(0.3), act(0.4)
    both = b * (1 - i)
    up = 0.1 + a - 0.1 * a
    up = up + both - up * both
    out = run(with_cell("thinker", cell))
    assert out["thinker.node.Y"] == pytest.approx(up * (1 - i), rel=1e-8)
    assert act(0.5) == pytest.approx(0.5)
    assert act(1.0) == pytest.approx(1.0)


def test_passive_loading_is_the_volume_share():
    """Design: 5e4 copies, 100-nm vesicle, 2-pL cytosol: 0.0099 copies per vesicle."""
    model = case()
    sender = model["cells"]["sender"]
    sender["cytosol"] = "2000 um^3"
    sender["secretes"]["exosome"]["cargo"] = {"miR-10b": {"passive": "5e4 copy/cell"}}
    out = run(model)
    assert out["sender.released.exosome.miR-10b"] / out["released.exosome"] == pytest.approx(0.0099, rel=0.01)


def test_interventions_scale_their_targets_while_they_are_on():
    model = case(
        interventions={
            "block": {"inhibits": "secretes.exosome.rate", "efficacy": 0.75, "start": "8 h", "stop": "16 h"},
            "double": {"scales": "rate", "factor": 2},
        },
        arms={
            "control": {},
            "block": {"interventions": ["block"], "against": "control"},
            "both": {"interventions": ["block", "double"], "against": "control"},
        },
    )
    assert run(model, "block")["released.exosome"] == pytest.approx(60e6 * (16 + 8 * 0.25), rel=1e-9)
    assert run(model, "both")["released.exosome"] == pytest.approx(120e6 * (16 + 8 * 0.25), rel=1e-9)


def test_alternatives_of_an_intervention_are_structures():
    effects = [
        {"target": "rate", "factor": 2, "alternative": "rate"},
        {"target": "sender.count", "factor": 3, "alternative": "number"},
    ]
    model = case(
        interventions={"stimulus": {"effects": effects}},
        arms={"control": {}, "stimulus": {"interventions": ["stimulus"], "against": "control"}},
    )
    compiled = lower(Model.from_dict(model))
    group = compiled.structures["stimulus"]
    assert compiled.arms["stimulus"].groups == ("stimulus",)
    assert compiled.arms["control"].groups == ()
    assert (group.default, set(group.options), group.shared) == ("rate", {"rate", "number"}, False)


def test_units_do_not_change_the_answer():
    one = run(case())
    model = case(space={"kind": "dish", "volume": "2000 uL"}, run={"for": "1 d", "record": "60 min"})
    model["cells"]["sender"]["secretes"]["exosome"]["rate"] = "1 EV/cell/min"
    other = run(model)
    assert one["medium.exosome"] == pytest.approx(other["medium.exosome"], rel=1e-12)
    compiled = lower(Model.from_dict(model))
    assert compiled.parameters[compiled.parameter("secretes.exosome.rate")].unit == "EV/cell/min"


def test_a_target_that_nothing_answers_to_is_named_with_its_neighbours():
    model = case(interventions={"x": {"scales": "sender.secretes.exosome.rat", "factor": 2}})
    with pytest.raises(InputError, match="rat"):
        lower(Model.from_dict(model))


def test_vesicles_lighter_than_the_medium_rise_and_stay_positive():
    """At rest diffusion balances drift: c ~ exp(-v h / D), from a lighter-than-medium v below 0."""
    model = case(
        space={"kind": "dish", "area": "10 cm^2", "volume": "3 mL", "mixing": "static", "layers": 64},
        preparations={"dose": {"vesicle": "exosome"}},
        schedule=[{"at": "0 h", "dose": "dose", "amount": "1e9 vesicle/mL"}],
        run={"for": "5000 h", "record": "500 h"},
    )
    model["vesicles"]["exosome"] |= {"diameter": {"median": "300 nm", "sigma": 0}, "density": "0.98 g/mL"}
    model["cells"]["sender"]["secretes"] = {}
    layers = [v for k, v in run(model)["states"].items() if k.startswith("medium.exosome.dose.")]
    d = stokes_einstein.diffusion(0.3, 0.692, 310.15)
    v = sedimentation.settling_velocity(0.3, 0.98, 1.0, 0.692)
    widths = np.array([(1 + 6 / 64) ** i for i in range(64)])
    widths *= 3000.0 / widths.sum()
    middle = np.cumsum(widths) - widths / 2
    assert min(layers) > 0
    lowest = (layers[0] / widths[0]) / (sum(layers) / 3000.0)
    exact = abs(v) * 3000.0 / d / math.expm1(abs(v) * 3000.0 / d) * math.exp(abs(v) * middle[0] / d)
    assert lowest == pytest.approx(exact, rel=0.06)


@pytest.mark.parametrize("count", ["1 cell", "1e3 cell"])
def test_few_cells_under_still_medium_get_no_more_than_spheres_do(count):
    taker = {"is": "any_cell", "count": count, "takes_up": {"exosome": {"clearance": "1e3 mL/cell/h"}}}
    taker["takes_up"]["exosome"]["recycling"] = 0
    model = with_cell(
        "taker",
        taker,
        space={"kind": "dish", "area": "10 cm^2", "volume": "3 mL", "mixing": "static"},
        preparations={"dose": {"vesicle": "exosome"}},
        schedule=[{"at": "0 h", "dose": "dose", "amount": "1e9 vesicle/mL"}],
        run={"for": "1 h", "record": "1 h"},
    )
    model["cells"]["sender"]["secretes"] = {}
    out = run(model)
    taken = sum(v for k, v in out["states"].items() if k.startswith(("taker.bound", "taker.endosome")))
    taken += sum(v for k, v in out["states"].items() if k.startswith(("fused", "degraded.exosome")))
    limit = supply.sphere_rate(stokes_einstein.diffusion(0.1, 0.692, 310.15), 8.0, 1e9)
    assert 0.95 < taken / float(count.split()[0]) / limit < 1.0


def test_cells_that_arrive_bring_their_program():
    """Recruited cells, and what only the new type's program has after a transformation, are at rest."""
    nodes = {"LEVEL": {"basal": 0.4, "tau": "100 h"}, "GO": {"basal": 1}}
    model = with_cell(
        "grower",
        {
            "is": "any_cell",
            "count": "100 cell",
            "nodes": nodes,
            "behaviours": ["GO increases recruitment from 100 cell/h to 100 cell/h"],
        },
    )
    model["cells"]["changer"] = {
        "is": "any_cell",
        "count": "100 cell",
        "nodes": {"GO": {"basal": 1}},
        "behaviours": ["GO increases transformation into grower from 0.1 /h to 0.1 /h"],
    }
    out = run(model)
    assert out["grower.count"] == pytest.approx(2500 + 100 * (1 - math.exp(-2.4)), rel=1e-8)
    assert out["grower.node.LEVEL"] == pytest.approx(0.4, rel=1e-8)
    assert out["grower.node.GO"] == pytest.approx(1.0, rel=1e-8)


def test_delivered_copies_are_kept_by_place_and_by_cell():
    """Half-lives hold in their own place; what was delivered is with a cell or lost (`run` checks it)."""
    taker = {
        "is": "any_cell",
        "count": "1e5 cell",
        "takes_up": {"exosome": {"clearance": "1e-6 mL/cell/h", "escape": 0.3}},
        "signals": {
            "miR-10b @cytosol": {"half": "10 copy/cell", "half_life": "5 h"},
            "CD63 @transferred": {"half": "10 copy/cell", "half_life": "50 h"},
        },
        "nodes": {"GO": {"basal": 1}},
        "behaviours": [
            "GO increases proliferation from 0.03 /h to 0.03 /h",
            "GO increases apoptosis from 0.01 /h to 0.01 /h",
            "GO increases transformation into other from 0.05 /h to 0.05 /h",
        ],
    }
    other = {"is": "any_cell", "count": "1e5 cell", "takes_up": {"exosome": {"clearance": "1e-7 mL/cell/h"}}}
    model = with_cell("taker", taker)
    model["cells"]["other"] = other
    cargo = model["cells"]["sender"]["secretes"]["exosome"]["cargo"]
    cargo["CD63"] = {"copies": 3, "on": "surface"}
    compiled = lower(Model.from_dict(model))
    assert {"delivered miR-10b", "delivered CD63"} <= {label for label, _, _ in compiled.program.invariants}
    half_lives = {p.name: p.prior.typical for p in compiled.parameters if p.name.endswith("half_life")}
    assert half_lives == {
        "taker.signals.miR-10b @cytosol.half_life": 5.0,
        "taker.signals.CD63 @transferred.half_life": 50.0,
    }
    states = run(model)["states"]
    for molecule, place in (("miR-10b", "cytosol"), ("CD63", "transferred")):
        lost, kept = states[f"lost.taker.{molecule}"], states[f"taker.{place}.{molecule}"]
        delivered = states[f"delivered.exosome.sender.{molecule}"]
        there = states[f"other.{place}.{molecule}"] + states[f"lost.other.{molecule}"]
        assert lost + kept + there == pytest.approx(delivered, rel=1e-12)
        assert min(lost, kept, there) > 0


def test_behaviours_start_from_the_rate_the_cell_states():
    model = case()
    model["cells"]["sender"] |= {
        "nodes": {"GO": {"basal": 0.5}},
        "behaviours": [
            "GO increases secretion of exosome from 60 vesicle/cell/h to 100 vesicle/cell/h, half 0.5, hill 1"
        ],
    }
    assert run(model)["sender.rate.exosome"] == pytest.approx(80.0, rel=1e-9)
    drawn = run(model, sender__secretes__exosome__rate=20.0)
    assert drawn["sender.rate.exosome"] == pytest.approx(60.0, rel=1e-9)


def test_killers_take_victims_in_the_share_they_are_of_both():
    killer = {
        "is": "any_cell",
        "count": "100 cell",
        "nodes": {"GO": {"basal": 1}},
        "behaviours": [
            "GO increases killing of victim from 0.2 /h to 0.2 /h",
            "GO increases phagocytosis of debris from 0.1 /h to 0.1 /h",
        ],
    }
    model = with_cell("killer", killer)
    model["cells"] |= {
        n: {"is": "any_cell", "count": c} for n, c in (("victim", "300 cell"), ("debris", "50 cell"))
    }
    out = run(model)
    for name, start, rate in (("victim", 300.0, 0.2), ("debris", 50.0, 0.1)):
        n = out[f"{name}.count"]
        # dn/dt = -rate K n / (K + n) has the integral K ln(n0 / n) + n0 - n = rate K t
        assert 100 * math.log(start / n) + start - n == pytest.approx(rate * 100 * 24, rel=1e-7)


def test_fresh_medium_brings_a_factor_back():
    model = case(
        factors={
            "GLC": {"initial": "1e9 molecule/mL", "supply": "2e9 molecule/mL", "decay": {"rate": "0.1 /h"}}
        },
        schedule=[{"at": "6 h", "change_medium": 0.25, "repeat": "6 h", "times": 4}],
    )
    level = 1e9
    for _ in range(4):
        level = 0.75 * level * math.exp(-0.6) + 0.25 * 2e9
    assert run(model)["medium.GLC"] == pytest.approx(level, rel=1e-7)


def test_cargo_is_counted_as_stated_and_raised_by_signals():
    model = case(factors={"IFNG": {"initial": "2e9 molecule/mL"}})
    model["cells"]["sender"]["secretes"]["exosome"]["cargo"] = {
        "rare": {"occupied": 1e-3, "copies_if_occupied": 80, "sorting": 2},
        "PD-L1": {"copies": 1, "raised_by": "IFNG", "raised_to": 5, "half": "1e9 molecule/mL", "hill": 2},
    }
    out = run(model)
    assert out["sender.released.exosome.rare"] / out["released.exosome"] == pytest.approx(0.16, rel=1e-9)
    assert out["sender.released.exosome.PD-L1"] / out["released.exosome"] == pytest.approx(4.2, rel=1e-9)


def test_behaviours_answer_to_copies_transferred_to_the_membrane():
    taker = {
        "is": "any_cell",
        "count": "1e5 cell",
        "takes_up": {"exosome": {"clearance": "1e-6 mL/cell/h", "escape": 1}},
        "behaviours": ["CCR7 @transferred increases apoptosis from 0 /h to 0.1 /h, half 1 copy/cell, hill 1"],
    }
    model = with_cell("taker", taker)
    model["cells"]["sender"]["secretes"]["exosome"]["cargo"] = {"CCR7": {"copies": 5, "on": "surface"}}
    out = run(model)
    assert out["taker.copies.CCR7.transferred"] > 1.0
    assert out["taker.count"] < 0.9e5
