"""Amounts and arrows that verification can change: nothing at their defaults, each its own effect."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: amounts
space: {kind: dish, volume: 2 mL, area: 9.5 cm^2}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
factors:
  IFNG: {initial: 1e8 molecule/mL, decay: {half_life: 24 h}}
cells:
  donor:
    is: tumour_cell
    count: 1e6
    secretes:
      exosome: {rate: 60 vesicle/cell/h, cargo: {miR-1: {copies: 2}, PD-L1: {copies: 3, on: surface}}}
  taker:
    is: macrophage
    count: 1e5
    takes_up: {exosome: {clearance: 1e-8 mL/cell/h, escape: 0.5}}
    releases: {IFNG: {rate: 100 molecule/cell/h}}
    signals:
      IFNG: {half: 1e8 molecule/mL}
      miR-1 @cytosol: {half: 1000, endogenous: 100}
    nodes:
      DRUG: {given: true}
      FREE: {basal: 0.5}
    responses:
      - 'miR-1 @cytosol -| FREE [tme-037]'
      - 'FREE -> READ'
      - 'DRUG -> READ'
      - 'PD-L1 @surface and IFNG -> BOTH'
schedule:
  - {at: 6 h, add: IFNG, amount: 1e8 molecule/mL}
run: {for: 12 h}
"""
#: Of starts and rates of TEXT as they were lowered before there were such switches.
DIGEST = "982eb25ca0528050d4f4f2da9de5549c8678ab45722cc0de9177acb47bd9ae30"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.from_text(TEXT)


@pytest.fixture(scope="module")
def compiled(model):
    return lower(model, switches=True)


def end(compiled, **settings: list[float]) -> dict[str, np.ndarray]:
    """Outputs at the end of the run, one lane per value."""
    lanes = max([len(v) for v in settings.values()], default=1)
    parameters = np.array([[float(p.prior.typical)] * lanes for p in compiled.parameters])
    for index, values in settings.items():
        parameters[int(index.removeprefix("p"))] = values
    solution = solve(
        compiled.program,
        parameters,
        times=[0.0, 12.0],
        inputs=np.array([p.value for p in compiled.program.inputs]),
        events=list(compiled.arms["control"].events),
        settings=Settings(rtol=1e-9, equilibrate=True),
    )
    names = [o.name for o in compiled.program.outputs]
    return {n: solution.outputs_final[i] for i, n in enumerate(names)}


def amount(compiled, kind: str, cell: str = "", name: str = "", of: str = "") -> str:
    (found,) = [
        s for s in compiled.switches.amounts if (s.kind, s.cell, s.name, s.of) == (kind, cell, name, of)
    ]
    return f"p{found.index}"


def arrow(compiled, target: str, cell: str = "taker") -> str:
    return next(f"p{s.index}" for s in compiled.switches.arrows if (s.cell, s.target) == (cell, target))


def test_a_model_without_switches_is_lowered_as_before(model):
    said = lower(model, follow_cargo=True).description
    told: list[str] = []  # every node by what goes into it, whatever its number
    for op, args, value in said["nodes"]:
        told.append(sha256(json.dumps([op, [told[a] for a in args], value]).encode()).hexdigest())
    program = [told[i] for i in (*said["initial"], *said["rates"])]
    assert sha256("".join(program).encode()).hexdigest() == DIGEST


def test_every_amount_has_its_switch(compiled):
    assert {(s.kind, s.cell, s.name, s.of) for s in compiled.switches.amounts} == {
        ("node", "taker", "DRUG", ""), ("node", "taker", "FREE", ""), ("node", "taker", "READ", ""),
        ("node", "taker", "BOTH", ""),
        ("secretion", "donor", "exosome", ""), ("cargo", "donor", "exosome", "miR-1"),
        ("cargo", "donor", "exosome", "PD-L1"), ("uptake", "taker", "exosome", ""),
        ("factor", "", "IFNG", ""), ("release", "taker", "IFNG", ""),
        ("count", "donor", "", ""), ("count", "taker", "", ""), ("dose", "", "", ""),
        ("given", "taker", "DRUG", ""),
    }  # fmt: skip
    assert [(s.target, s.claims) for s in compiled.switches.arrows] == [
        ("FREE", ("tme-037",)), ("READ", ()), ("READ", ()), ("BOTH", ()),
    ]  # fmt: skip


def test_at_their_defaults_nothing_changes(model, compiled):
    plain, switched = end(lower(model)), end(compiled)
    assert set(plain) == set(switched)
    for name, value in plain.items():
        assert switched[name] == pytest.approx(value, rel=1e-12, abs=1e-12), name


@pytest.mark.parametrize(
    ("switch", "output", "power"),
    [
        (("secretion", "donor", "exosome"), "donor.released.exosome.miR-1", 1),
        (("cargo", "donor", "exosome", "miR-1"), "donor.released.exosome.miR-1", 1),
        (("cargo", "donor", "exosome", "miR-1"), "donor.released.exosome.PD-L1", 0),
        (("count", "donor"), "donor.count", 1),
        (("count", "donor"), "medium.exosome", 1),
        (("factor", "", "IFNG"), "medium.IFNG", 1),
        (("node", "taker", "FREE"), "taker.node.FREE", 1),
    ],
)
def test_an_amount_is_multiplied(compiled, switch, output, power):
    low, high = end(compiled, **{amount(compiled, *switch): [0.5, 1.0]})[output]
    assert high == pytest.approx(low * 2**power, rel=1e-6)


def test_a_dose_is_seen_by_signals_and_moves_nothing(compiled):
    found = end(compiled, **{amount(compiled, "dose"): [1.0, 1e3]})
    once, often = found["taker.node.FREE"]
    assert often < 0.8 * once
    before, after = found["taker.copies.miR-1.cytosol"]
    assert after - 100 == pytest.approx(1e3 * (before - 100), rel=1e-6)
    for name in ("medium.exosome", "medium.exosome.miR-1", "donor.released.exosome"):
        assert found[name][0] == pytest.approx(found[name][1], rel=1e-12)


def test_release_of_one_cell_is_part_of_the_factor(compiled):
    none, some = end(compiled, **{amount(compiled, "release", "taker", "IFNG"): [0.0, 1.0]})["medium.IFNG"]
    assert 0 < none < some


def test_uptake_brings_less(compiled):
    none, some = end(compiled, **{amount(compiled, "uptake", "taker", "exosome"): [0.0, 1.0]})[
        "taker.copies.miR-1.cytosol"
    ]
    assert none == 100
    assert some > none


def test_what_is_given_is_absent_until_it_is_set(compiled):
    without, given = end(compiled, **{amount(compiled, "given", "taker", "DRUG"): [0.0, 0.8]})[
        "taker.node.READ"
    ]
    assert given > 1.05 * without


def test_a_level_that_is_raised_stays_one(compiled):
    found = end(compiled, **{amount(compiled, "node", "taker", "FREE"): [1.0, 100.0]})
    assert found["taker.node.FREE"][1] == 1.0
    assert found["taker.node.READ"][1] <= 1.0


def test_an_arrow_is_taken_out_or_turned(compiled):
    dose = {amount(compiled, "dose"): [100.0] * 3}
    written, out, turned = end(compiled, **dose, **{arrow(compiled, "FREE"): [1.0, 0.0, -1.0]})[
        "taker.node.FREE"
    ]
    assert out == pytest.approx(0.5)
    assert written < out < turned
