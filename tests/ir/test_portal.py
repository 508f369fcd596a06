"""Organs in series: what leaves one passes the next before it is in the blood, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import expm

from vesiflux.engines.compartments import Settings, solve
from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.language.species import organs, species

HEAD = "vesiflux: 1\nname: p\nvesicles: {ev: {origin: mvb, diameter: {median: 100 nm, sigma: 1e-6}}}\n"
#: Organs that let nothing out of their vessels: flow, and what else is said.
CLOSED = (
    "{{volume: 2 mL, plasma: {plasma} mL, interstitium: 0.4 mL, flow: {flow} mL/h, lymph: 0, pore: 0.2 um,"
    " exchange: 0 /h, transcytosis: 0 /h{more}}}"
)
#: Bound for as long as anybody looks.
EATER = (
    "{{is: kupffer_cell, in: {organ}, faces: blood, count: 1, takes_up:"
    " {{ev: {{clearance: {k} mL/cell/h, surface_residence: 1e12 h, supply: none}}}}}}"
)
FED = 40.0 + 10.0  # mL/h through gut and spleen
LIVER = 60.0


def organ(flow: float, into: str = "", plasma: float = 0.05, more: str = "") -> str:
    said = f", flows_into: {into}" if into else ""
    return CLOSED.format(flow=flow, plasma=plasma, more=said + more)


PORTAL = {"gut": organ(40, "liver"), "spleen": organ(10, "liver", 0.02), "liver": organ(60, plasma=0.1)}


def model(
    of: dict[str, str], eaters: dict[str, float], into: str, by: str = "gut", hours: float = 1e5
) -> Model:
    """A body of these organs, each with cells that face its blood; a dose into a place."""
    space = "{kind: body, blood: 1 mL, organs: {" + ", ".join(f"{k}: {v}" for k, v in of.items()) + "}"
    space += f", depots: {{lumen: {{volume: 1 mL, absorption: 0.5 /h, by: {by}}}}}}}"
    cells = [f"{name}_cell: {EATER.format(organ=name, k=k)}" for name, k in eaters.items() if name != "blood"]
    if "blood" in eaters:
        cells.append(f"idle: {EATER.format(organ='blood', k=eaters['blood'])}".replace("faces: blood, ", ""))
    return Model.from_text(
        f"{HEAD}space: {space}\npreparations: {{dose: {{vesicle: ev}}}}\ncells: {{{', '.join(cells)}}}\n"
        f"schedule: [{{at: 0 h, dose: dose, amount: 1000 vesicle, into: {into}}}]\n"
        f"run: {{for: {hours} h, record: {hours} h}}\n"
    )


def after(made: Model, hours: float = 1e5) -> dict[str, float]:
    """Outputs at the end; the balance closes on the way."""
    compiled = lower(made)
    found = solve(
        compiled.program,
        np.array([p.prior.typical for p in compiled.parameters], dtype=np.float64)[:, None],
        times=[hours],
        events=compiled.arms[next(iter(compiled.arms))].events,
        settings=Settings(rtol=1e-10, atol=1e-9),
    )
    assert found.status[0] == 0
    assert found.balance_error[0] < 1e-12
    names = [o.name for o in compiled.program.outputs]
    return {name: float(x) for name, x in zip(names, found.outputs_final[:, 0], strict=True)}


def test_what_is_absorbed_from_the_gut_passes_the_liver_first():
    # cells in the blood take the share of what reaches it, whatever way it came
    eaters = {"liver": 90.0, "blood": 1e-8}
    taken = {
        into: after(model(PORTAL, {**eaters, "blood": 5.0}, into))["organs.blood.dose"]
        for into in ("blood", "lumen")
    }
    extraction = 90.0 / (90.0 + LIVER)
    assert taken["lumen"] / taken["blood"] == pytest.approx(1.0 - extraction, rel=1e-6)
    cleared = LIVER * extraction
    assert taken["blood"] == pytest.approx(1000.0 * 5.0 / (5.0 + cleared), rel=1e-6)


def test_what_is_absorbed_elsewhere_does_not():
    taken = [
        after(model(PORTAL, {"liver": 90.0, "blood": 5.0}, into, by="blood"))["organs.blood.dose"]
        for into in ("blood", "lumen")
    ]
    assert taken[0] == pytest.approx(taken[1], rel=1e-6)


def test_what_the_spleen_has_taken_does_not_reach_the_liver():
    shown = after(model(PORTAL, {"spleen": 30.0, "liver": 90.0}, "blood"))
    from_spleen = 10.0 / (10.0 + 30.0)  # of the level in blood
    in_liver = (LIVER - FED + 40.0 + 10.0 * from_spleen) / (LIVER + 90.0)
    wanted = 90.0 * in_liver / (30.0 * from_spleen)
    assert shown["organs.liver.dose"] / shown["organs.spleen.dose"] == pytest.approx(wanted, rel=1e-6)
    assert shown["organs.liver.dose"] + shown["organs.spleen.dose"] == pytest.approx(1000.0, rel=1e-6)


@pytest.mark.parametrize("extraction", [0.1, 0.5, 0.9])
def test_of_organs_in_a_row_each_leaves_its_share(extraction: float):
    row = {"gut": organ(20, "portal"), "portal": organ(20, "liver"), "liver": organ(20)}
    k = 20.0 * extraction / (1.0 - extraction)
    eaters = {"gut": k, "portal": k, "liver": k, "blood": 7.0}
    taken = {into: after(model(row, eaters, into))["organs.blood.dose"] for into in ("blood", "lumen")}
    assert taken["lumen"] / taken["blood"] == pytest.approx((1.0 - extraction) ** 3, rel=1e-6)


def test_levels_over_time_are_a_matrix_exponential():
    shown = after(model(PORTAL, {"liver": 90.0}, "lumen", hours=0.05), 0.05)
    blood = 1.0 - 0.05 - 0.02 - 0.1
    rates = np.zeros((5, 5))  # blood, gut, spleen, liver, lumen

    def flows(source: int, to: int, clearance: float, volume: float) -> None:
        rates[source, source] -= clearance / volume
        if to >= 0:
            rates[to, source] += clearance / volume

    for to, flow in ((1, 40.0), (2, 10.0), (3, LIVER - FED)):
        flows(0, to, flow, blood)
    flows(1, 3, 40.0, 0.05)
    flows(2, 3, 10.0, 0.02)
    flows(3, 0, LIVER, 0.1)
    flows(3, -1, 90.0, 0.1)
    flows(4, 1, 0.5, 1.0)
    left = expm(rates * 0.05) @ [0.0, 0.0, 0.0, 0.0, 1000.0]
    assert shown["organs.blood.dose"] == pytest.approx(left[:4].sum(), rel=1e-6)
    assert shown["organs.gut.dose"] == pytest.approx(left[1], rel=1e-6)
    assert shown["organs.liver.dose"] == pytest.approx(1000.0 - left.sum() + left[3], rel=1e-6)


def test_a_part_may_go_on_and_the_rest_to_the_heart():
    part = {**PORTAL, "spleen": organ(10, "liver", 0.02, ", onward: 4 mL/h")}
    shown = after(model(part, {"spleen": 30.0, "liver": 90.0}, "blood"))
    from_spleen = 10.0 / (10.0 + 30.0)
    in_liver = (LIVER - 44.0 + 40.0 + 4.0 * from_spleen) / (LIVER + 90.0)
    wanted = 90.0 * in_liver / (30.0 * from_spleen)
    assert shown["organs.liver.dose"] / shown["organs.spleen.dose"] == pytest.approx(wanted, rel=1e-6)


def test_without_cells_the_level_is_the_same_everywhere():
    shown = after(model(PORTAL, {"liver": 0.0}, "blood", hours=10.0), 10.0)
    for name, plasma in (("gut", 0.05), ("spleen", 0.02), ("liver", 0.1)):
        assert shown[f"organs.{name}.dose"] == pytest.approx(1000.0 * plasma, rel=1e-6)
    assert shown["organs.blood.dose"] == pytest.approx(1000.0, rel=1e-9)


def test_the_bodys_own_vesicles_begin_at_their_level_in_every_vessel():
    text = HEAD + (
        "space: {kind: body, species: mouse}\n"
        "cells: {sender: {preset: blood_cell,"
        " secretes: {ev: {rate: 0 vesicle/cell/h, initial: 1e10 vesicle/mL}}}}\n"
        "run: {for: 1 min, record: 1 min}\n"
    )
    shown = after(Model.from_text(text), 1e-9)
    assert shown["pool.ev"] == pytest.approx(1e10 * 0.944, rel=1e-6)
    assert shown["medium.ev"] == pytest.approx(1e10, rel=1e-6)


# ------------------------------------------------------------ tables


def typical(value: object) -> float:
    return float(str(value).split()[0])


def closed(name: str, keep: str) -> tuple[float, float]:
    """All that leaves the heart for organs, and the flow of the lung (or of what holds it)."""
    space = f"space: {{kind: body, species: {name}{keep}}}\n"
    made = Model.from_text(HEAD + space + "cells: {a: {is: b_cell, in: blood, count: 1}}\nrun: {for: 1 h}\n")
    from_arteries = 0.0
    known = made.spec.space.organs
    for organ_name, said in known.items():
        fed = sum(typical((o.onward or o.flow).typical) for o in known.values() if o.flows_into == organ_name)
        if organ_name != "lung":
            from_arteries += typical(said.flow.typical) - fed
            assert typical(said.flow.typical) >= fed
    return from_arteries, float(organs()[name, "lung"]["plasma_flow_mL_h"])


@pytest.mark.parametrize("name", species())
@pytest.mark.parametrize(
    "keep",
    [
        "",
        ", keep: [liver]",
        ", keep: [liver, spleen, lung]",
        ", keep: [spleen]",
        ", keep: [gut, lymph]",
        ", keep: [kidney]",
        ", keep: [lung, heart, liver, spleen, kidney, brain]",
    ],
)
def test_flows_of_a_species_are_closed_whatever_is_drawn_together(name: str, keep: str):
    flow, whole = closed(name, keep)
    assert flow == pytest.approx(whole, rel=1e-3)  # four digits of the table


@pytest.mark.parametrize("name", species())
def test_the_table_has_a_liver_behind_gut_and_spleen(name: str):
    rows = {o: row for (s, o), row in organs().items() if s == name}
    fed = {o for o, row in rows.items() if row["flows_into"]}
    assert {rows[o]["flows_into"] for o in fed} == {"liver"}
    assert fed == {"gut", "spleen"}
    portal = sum(float(rows[o]["plasma_flow_mL_h"]) for o in fed)
    # 70 to 90 % of the liver's flow
    assert 0.7 < portal / float(rows["liver"]["plasma_flow_mL_h"]) < 0.9


@pytest.mark.parametrize("name", ["mouse", "human"])
def test_organs_drawn_together_pass_on_what_theirs_would(name: str):
    """With nothing taken up before it, the liver takes as much behind gut and spleen as behind the rest."""
    text = HEAD + (
        "preparations: {dose: {vesicle: ev}}\n"
        "cells: {liver_cell: {preset: kupffer, takes_up: {ev: {clearance: 1e-7 mL/cell/h,"
        " surface_residence: 1e12 h}}}}\n"
        "schedule: [{at: 0 h, dose: dose, amount: 1000 vesicle}]\nrun: {for: 1 h, record: 1 h}\n"
    )
    shut = "exchange: 0 /h, transcytosis: 0 /h, lymph: 0"
    found = []
    for keep, all_of in (("", list(dict.fromkeys(o for _, o in organs() if o not in ("body", "lymph")))),
                         (", keep: [liver]", ["liver", "rest"])):  # fmt: skip
        said = ", ".join(f"{o}: {{{shut}}}" for o in all_of)
        space = f"space: {{kind: body, species: {name}{keep}, organs: {{{said}}}}}\n"
        found.append(after(Model.from_text(text + space), 1.0)["organs.liver.dose"])
    assert found[0] == pytest.approx(found[1], rel=0.02)  # the rest's vessels hold more, and fill more slowly


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({**PORTAL, "gut": organ(40, "livre")}, "no organ is called 'livre'; did you mean 'liver'?"),
        ({**PORTAL, "liver": organ(60, "gut")}, "would come back to it"),
        ({**PORTAL, "liver": organ(45)}, "has a flow of 45 mL/h and gets 50 mL/h from gut and spleen"),
        (
            {**PORTAL, "gut": organ(40, "liver", more=", onward: 41 mL/h")},
            "passes on 41 mL/h of a flow",
        ),
        ({**PORTAL, "liver": organ(60, more=", onward: 4 mL/h")}, "'onward' goes with 'flows_into'"),
        ({**PORTAL, "liver": organ(60, plasma=0.95)}, "hold 1.02 mL of plasma, the body 1 mL"),
    ],
)
def test_what_cannot_flow_is_refused(of: dict[str, str], said: str):
    with pytest.raises(InputError) as error:
        model(of, {"liver": 1.0}, "blood")
    assert said in str(error.value)
    assert "model.yaml:4:" in str(error.value)


def test_a_depot_drains_into_a_place_there_is():
    with pytest.raises(InputError, match="no place is called 'guts'; did you mean 'gut'"):
        model(PORTAL, {"liver": 1.0}, "blood", by="guts")


def test_a_draw_in_which_less_flows_than_is_passed_on_still_closes():
    made = lower(model(PORTAL, {"liver": 90.0}, "blood", hours=1.0))
    values = {p.name: float(p.prior.typical or 0.0) for p in made.parameters}
    values["space.organs.liver.flow"] = 30.0
    found = solve(
        made.program,
        np.array([values[p.name] for p in made.parameters])[:, None],
        times=[1.0],
        events=made.arms[next(iter(made.arms))].events,
        settings=Settings(rtol=1e-10, atol=1e-9),
    )
    assert found.status[0] == 0
    assert found.balance_error[0] < 1e-12
    assert math.isfinite(found.outputs_final[0, 0])
