"""A body: what leaves the blood, comes back and is taken up, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import expm

from vesiflux.engines.compartments import Settings, solve
from vesiflux.errors import VesifluxError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.physics import pores, stokes_einstein

ORGAN = (
    "{volume: 2 mL, plasma: 0.1 mL, interstitium: 0.4 mL, flow: 50 mL/h, lymph: 0.01, pore: 0.2 um,"
    " exchange: EXCHANGE /h, transcytosis: CELLS /h}"
)
HEAD = "vesiflux: 1\nname: b\nvesicles: {ev: {origin: mvb, diameter: {median: 100 nm, sigma: 1e-6}}}\n"
DOSE = "preparations: {dose: {vesicle: ev, label: {half_life: 5 h}}}\n"


def text(cells: str, organ: str = ORGAN, exchange: float = 0.0, through: float = 0.0, more: str = "") -> str:
    organ = organ.replace("EXCHANGE", repr(exchange)).replace("CELLS", repr(through))
    space = f"space: {{kind: body, blood: 1 mL, organs: {{liver: {organ}}}{more}}}\n"
    return HEAD + space + DOSE + f"cells: {{{cells}}}\n"


IDLE = "idle: {is: hepatocyte, count: 1}"


def after(written: str, hours: float, into: str = "blood", **given: float) -> dict[str, float]:
    """Outputs ``hours`` after a dose of 1000 vesicles; the balance of everything closes on the way."""
    schedule = f"schedule: [{{at: 0 h, dose: dose, amount: 1000 vesicle, into: {into}}}]\n"
    run = f"run: {{for: {hours} h, record: {hours} h}}\n"
    compiled = lower(Model.from_text(written + schedule + run))
    values = [given.get(p.name, p.prior.typical) for p in compiled.parameters]
    found = solve(
        compiled.program,
        np.array(values, dtype=np.float64)[:, None],
        times=[hours],
        events=compiled.arms[next(iter(compiled.arms))].events,
        settings=Settings(rtol=1e-11, atol=1e-10),
    )
    assert found.status[0] == 0
    assert found.balance_error[0] < 1e-12
    names = [o.name for o in compiled.program.outputs]
    return {name: float(x) for name, x in zip(names, found.outputs_final[:, 0], strict=True)}


def diffusion(diameter_um: float) -> float:
    return stokes_einstein.diffusion(diameter_um, 1.2, 310.15)


def test_nothing_leaves_closed_vessels_but_with_the_lymph_of_leaky_ones():
    shown = after(text(IDLE), 10.0)
    through = pores.hindrance(0.5)
    # filtered with the lymph's fluid and carried back by it: at rest the tissue holds what passes
    tissue = shown["organs.liver.dose"] - 0.1 * shown["organs.blood.dose"]
    rate = 0.5 * (through / 1.0 + 1.0 / 0.4)
    settled = through / (through + 1.0 / 0.4) * (1.0 - math.exp(-rate * 10.0))
    assert tissue == pytest.approx(1000 * settled, rel=1e-6)


def test_exchange_between_blood_and_tissue_is_a_matrix_exponential():
    through = pores.hindrance(0.5)
    out = 2.0 * (3.0 * through + 0.01) + 0.5 * through
    back = 2.0 * (3.0 * through + 0.01) + 0.5
    matrix = np.array([[-out, back / 0.4], [out, -back / 0.4]])
    wanted = expm(matrix * 0.3) @ [1000.0, 0.0]
    shown = after(text(IDLE, exchange=3.0, through=0.01), 0.3)
    assert shown["organs.blood.dose"] == pytest.approx(wanted[0], rel=1e-7)
    assert shown["organs.liver.dose"] == pytest.approx(wanted[1] + 0.1 * wanted[0], rel=1e-7)


def test_vesicles_wider_than_the_pores_pass_through_cells_only():
    wide = text(IDLE, exchange=30.0).replace("100 nm", "300 nm")
    assert after(wide, 5.0)["organs.blood.dose"] == pytest.approx(1000.0, rel=1e-9)
    assert after(text(IDLE, exchange=30.0), 5.0)["organs.blood.dose"] < 900


def test_cells_that_face_the_blood_take_no_more_than_the_flow_brings():
    takes_up = "takes_up: {ev: {clearance: 1 mL/cell/h, escape: 0, recycling: 0}}"
    greedy = f"kupffer: {{is: kupffer_cell, in: liver, faces: blood, count: 1e6, {takes_up}}}"
    lazy = greedy.replace("1 mL/cell/h", "1e-9 mL/cell/h")
    for cell, clearance in ((greedy, 50.0), (lazy, 1e-3)):
        shown = after(text(cell, ORGAN.replace("0.2 um", "0.01 um")), 0.02)
        assert shown["organs.blood.dose"] == pytest.approx(1000 * math.exp(-clearance * 0.02), rel=1e-4)


def test_a_label_outlives_its_vesicle():
    eater = (
        "eater: {is: kupffer_cell, in: liver, faces: blood, count: 1e6, takes_up: {ev: {"
        "clearance: 1e-4 mL/cell/h, escape: 0, recycling: 0, surface_residence: 0.01 h,"
        " endosome_residence: 0.01 h}}}"
    )
    shown = after(text(eater, ORGAN.replace("0.2 um", "0.01 um")), 10.0)
    assert shown["organs.liver.dose"] < 1e-3
    # all of it was taken apart within minutes; the label halves every five hours
    assert shown["organs.liver.dose.label"] == pytest.approx(1000 * 0.5 ** (10.0 / 5.0), rel=0.02)


def test_a_depot_empties_into_the_blood_and_loses_its_share():
    depot = ", depots: {skin: {volume: 0.1 mL, absorption: 0.2 /h, loss: 0.3 /h}}"
    shown = after(text(IDLE, ORGAN.replace("0.2 um", "0.01 um"), more=depot), 2.0, into="skin")
    gone = 1000 * (1 - math.exp(-0.5 * 2.0))
    assert shown["organs.blood.dose"] == pytest.approx(0.4 * gone, rel=1e-8)
    assert shown["ledger.degraded.ev.dose"] == pytest.approx(0.6 * gone, rel=1e-8)


LYMPH = ", lymph: {volume: 0.25 mL}"


def test_lymph_is_a_place_between_tissue_and_blood_a_matrix_exponential():
    through = pores.hindrance(0.5)
    pass_out, pass_back = 2.0 * (3.0 * through + 0.01), 2.0 * (3.0 * through + 0.01)
    lymph = 0.5  # mL/h: a hundredth of the flow of plasma
    matrix = np.array(
        [
            [-(pass_out + lymph * through), pass_back / 0.4, lymph / 0.25],
            [pass_out + lymph * through, -(pass_back + lymph) / 0.4, 0.0],
            [0.0, lymph / 0.4, -lymph / 0.25],
        ]
    )
    wanted = expm(matrix * 0.3) @ [1000.0, 0.0, 0.0]
    shown = after(text(IDLE, exchange=3.0, through=0.01, more=LYMPH), 0.3)
    assert shown["organs.blood.dose"] == pytest.approx(wanted[0], rel=1e-7)
    assert shown["organs.liver.dose"] == pytest.approx(wanted[1] + 0.1 * wanted[0], rel=1e-7)
    assert shown["organs.lymph.dose"] == pytest.approx(wanted[2], rel=1e-7)
    assert wanted[2] > 1.0  # it is tested with something there


def test_a_depot_drains_through_the_lymph():
    depot = ", depots: {skin: {volume: 0.1 mL, absorption: 0.2 /h, loss: 0.3 /h, by: lymph}}"
    shown = after(text(IDLE, ORGAN.replace("0.2 um", "0.01 um"), more=LYMPH + depot), 2.0, into="skin")
    # one place feeds another: 0.5 mL/h through 0.25 mL
    there = 1000 * 0.2 / (2.0 - 0.5) * (math.exp(-0.5 * 2.0) - math.exp(-2.0 * 2.0))
    assert shown["organs.lymph.dose"] == pytest.approx(there, rel=1e-8)
    blood = 1000 * 0.4 * (1 - math.exp(-1.0)) - there
    assert shown["organs.blood.dose"] == pytest.approx(blood, rel=1e-8)


def test_cells_in_the_lymph_take_up_what_passes_and_keep_its_label():
    eater = (
        "node: {is: macrophage, in: lymph, count: 1e6, takes_up: {ev: {clearance: 1e-4 mL/cell/h, escape: 0,"
        " recycling: 0, supply: none}}}"
    )
    closed = text(eater, ORGAN.replace("0.2 um", "0.01 um"), more=LYMPH)
    shown = after(closed, 0.1, into="lymph")
    # 100 mL/h into cells against 0.5 mL/h onwards
    assert shown["organs.blood.dose"] == pytest.approx(1000 * 0.5 / 100.5, rel=1e-3)
    assert shown["organs.lymph.dose.label"] == pytest.approx(1000 * 100 / 100.5, rel=0.01)


@pytest.mark.parametrize("space", ["body", "dish"])
def test_an_infusion_comes_evenly_and_then_stops(space: str):
    if space == "body":
        head = text(IDLE, ORGAN.replace("0.2 um", "0.01 um"))
    else:
        dish = "space: {kind: dish, volume: 1 mL}\npreparations: {dose: {vesicle: ev}}\n"
        head = HEAD + dish + f"cells: {{{IDLE}}}\n"
    head = head.replace("sigma: 1e-6}", "sigma: 1e-6}, decay: {rate: 0.5 /h}")
    shown = {}
    for hours in (2.0, 5.0):
        item = "{at: 1 h, dose: dose, amount: 1000 vesicle, over: 3 h}"
        run = f"run: {{for: 5 h, record: {hours} h}}\n"
        compiled = lower(Model.from_text(head + f"schedule: [{item}]\n" + run))
        values = np.array([p.prior.typical for p in compiled.parameters], dtype=np.float64)[:, None]
        found = solve(
            compiled.program,
            values,
            times=[hours],
            events=compiled.arms[next(iter(compiled.arms))].events,
            settings=Settings(rtol=1e-11, atol=1e-10),
        )
        assert found.balance_error[0] < 1e-12
        names = [o.name for o in compiled.program.outputs]
        shown[hours] = dict(zip(names, found.outputs_final[:, 0], strict=True))
    rate, k = 1000 / 3.0, 0.5
    running = rate / k * (1 - math.exp(-k * 1.0))
    assert shown[2.0]["medium.ev"] == pytest.approx(running, rel=1e-7)
    after = rate / k * (1 - math.exp(-k * 3.0)) * math.exp(-k * 1.0)
    assert shown[5.0]["medium.ev"] == pytest.approx(after, rel=1e-7)
    assert shown[5.0]["ledger.dosed.ev.dose"] == pytest.approx(1000.0, rel=1e-12)


def test_factors_pass_by_their_size():
    factor = "factors: {IFNG: {diffusion: %g um^2/h, initial: 1000 molecule/mL}}\n"
    small, large = (
        after(text(IDLE, exchange=1.0) + factor % diffusion(d), 0.2)["medium.IFNG"] for d in (0.005, 0.15)
    )
    assert small < large < 1000.0


def test_a_species_is_a_choice():
    written = HEAD + "space: {kind: body, species: mouse}\n" + DOSE + f"cells: {{{IDLE}}}\n"
    model = Model.from_text(written + "run: {for: 1 h}\n")
    blood, lymph = {}, {}
    for option in ("mouse", "rat", "macaque", "human"):
        compiled = lower(model, {"species": option})
        named = {p.name: p.prior.typical for p in compiled.parameters}
        blood[option] = named["space.blood"]
        flow = {o: named[f"space.organs.{o}.flow"] for o in model.spec.space.organs}
        # the liver has the blood of gut and spleen as well
        once = sum(flow.values()) - flow["lung"] - flow["gut"] - flow["spleen"]
        assert once == pytest.approx(flow["lung"], rel=0.02), option
        lymph[option] = named["space.lymph.volume"]
    assert lymph == {"mouse": 0.113, "rat": 1.01, "macaque": 25.1, "human": 274.0}
    assert blood == {"mouse": 0.944, "rat": 9.6, "macaque": 187.0, "human": 3126.0}
    assert Model.from_dict(model.to_dict(whole=True)) == model


@pytest.mark.parametrize("species", ["mouse", "human"])
def test_organs_that_are_not_kept_become_one(species: str):
    def of(space: str) -> dict[str, float]:
        model = Model.from_text(HEAD + space + DOSE + f"cells: {{{IDLE}}}\nrun: {{for: 1 h}}\n")
        assert Model.from_dict(model.to_dict(whole=True)) == model
        return {p.name: float(p.prior.typical) for p in lower(model, {"species": species}).parameters}

    whole = of("space: {kind: body, species: mouse}\n")
    few = of("space: {kind: body, species: mouse, keep: [liver, lung]}\n")
    organs = {name.split(".")[2] for name in few if name.startswith("space.organs.")}
    assert organs == {"liver", "lung", "rest"}
    for key in ("volume", "plasma", "interstitium", "flow"):
        here = [name for name in whole if name.endswith(f".{key}") and ".organs." in name]
        said = {name: whole[name] for name in here}
        kept = {f"space.organs.{organ}.{key}" for organ in ("liver", "lung")}
        assert all(few[name] == said[name] for name in kept)
        others = sum(value for name, value in said.items() if name not in kept)
        assert few[f"space.organs.rest.{key}"] == pytest.approx(others, rel=1e-5), key


def test_label_that_comes_back_circulates_and_leaves():
    eater = (
        "eater: {is: kupffer_cell, in: liver, faces: blood, count: 1e6, takes_up: {ev: {"
        "clearance: 1e-4 mL/cell/h, escape: 0, recycling: 0, surface_residence: 0.01 h,"
        " endosome_residence: 0.01 h}}}"
    )
    written = text(eater, ORGAN.replace("0.2 um", "0.01 um"))
    written = written.replace("{half_life: 5 h}", "{half_life: 5 h, returns: 0.4, free: 1 h}")
    shown = after(written, 10.0)
    # all was taken apart within minutes; then one half-life feeds another
    out, gone = math.log(2) / 5, math.log(2) / 1
    free = 1000 * 0.4 * out / (gone - out) * (math.exp(-out * 10) - math.exp(-gone * 10))
    assert shown["organs.blood.dose.label"] == pytest.approx(free, rel=0.03)
    assert shown["organs.blood.dose"] < 1e-3


def test_the_bodys_own_vesicles_are_there_at_the_start_and_are_counted_apart():
    own = (
        "maker: {is: platelet, in: blood, count: 100, secretes: {ev: {rate: 3 vesicle/cell/h,"
        " initial: 500 vesicle/mL}}}"
    )
    shown = after(text(own, ORGAN.replace("0.2 um", "0.01 um")), 2.0)
    assert shown["pool.ev"] == pytest.approx(500 + 600, rel=1e-9)
    assert shown["organs.blood.dose"] == pytest.approx(1000, rel=1e-9)


def test_a_class_that_several_send_is_told_apart_by_who_made_it():
    who = "{is: platelet, in: blood, count: 100, secretes: {ev: {rate: RATE vesicle/cell/h}}}"
    both = f"maker: {who}, other: {who}".replace("RATE", "3", 1).replace("RATE", "1")
    shown = after(text(both, ORGAN.replace("0.2 um", "0.01 um")), 2.0)
    assert shown["blood.ev.maker"] == pytest.approx(600, rel=1e-9)  # in 1 mL
    assert shown["blood.ev.other"] == pytest.approx(200, rel=1e-9)
    assert shown["medium.ev"] == pytest.approx(1000 + 800, rel=1e-9)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: 0.5 mL}", "0.14 mL at most"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: 0.5 mL, over: 1 min}", "0.14 mL at most"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: 1 mL, over: 1 h}", "0.7 mL at most"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: 0 mL}", "above 0"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: -1 mL}", "below 0|above 0"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, over: 2 h}", "longer than the run"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, over: 0 h}", "above 0"),
        ("{at: 0 h, dose: dose, amount: .nan vesicle}", "amount"),
        ("{at: 0 h, dose: dose, amount: .nan}", "amount"),
        ("{at: 0 h, dose: dose, amount: 5 ug}", "a mass has no number"),
        ("{at: 0 h, dose: dose, amount: 5 molecule}", "an amount is e.g. 1e9 vesicle"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, volume: 2 mL}", "2 mL cannot be given to a mouse"),
        ("{at: -1 h, dose: dose, amount: 10 vesicle}", "-1 h"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, into: knee}", "knee"),
        ("{at: 0 h, dose: dose, amount: 10 vesicle, into: lymf}", "did you mean 'lymph'"),
        ("{at: 0 h, dose: dose, amount: 10 mg}", "a mass has no number"),
    ],
)
def test_what_cannot_be_given_is_refused(item: str, said: str):
    space = "space: {kind: body, species: mouse}\n"
    written = f"{HEAD}{space}{DOSE}cells: {{{IDLE}}}\nschedule: [{item}]\nrun: {{for: 1 h}}\n"
    with pytest.raises(VesifluxError, match=said):
        lower(Model.from_text(written))


def test_another_species_may_bear_less():
    space = "space: {kind: body, species: rat}\n"
    item = "{at: 0 h, dose: dose, amount: 10 vesicle, volume: 1 mL}"
    written = f"{HEAD}{space}{DOSE}cells: {{{IDLE}}}\nschedule: [{item}]\nrun: {{for: 1 h}}\n"
    model = Model.from_text(written)
    lower(model)
    with pytest.raises(VesifluxError, match="1 mL cannot be given to a mouse into blood"):
        lower(model, {"species": "mouse"})


def test_label_that_returns_says_for_how_long():
    written = HEAD + "space: {kind: body, species: mouse}\n" + DOSE.replace("5 h", "5 h, returns: 0.5")
    with pytest.raises(VesifluxError, match="free: 2 h"):
        Model.from_text(written + f"cells: {{{IDLE}}}\nrun: {{for: 1 h}}\n")
