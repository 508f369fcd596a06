import numpy as np
import pytest

from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.isolation.account import account, product
from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.isolation.rotors import rotor, rotors
from vesiflux.assay.measurement.forward import readings
from vesiflux.assay.protocol import library, load, read
from vesiflux.assay.scale import scale_up
from vesiflux.assay.species import species
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence

SAMPLE = "sample: {from: serum-free-medium, volume: 30 mL}\n"


def steps(*lines, sample=SAMPLE):
    return read(sample + "steps:\n" + "".join(f"  - {line}\n" for line in lines), "p.yaml")


@pytest.mark.parametrize("name", rotors())
def test_k_factors_are_those_of_the_makers_tables(name):
    spun = rotor(name)
    assert spun.k(spun.max_rpm) == pytest.approx(spun.published_k, rel=0.02)


def test_k_at_another_speed_goes_with_its_square():
    spun = rotor("sw32ti")
    assert spun.k(16000) == pytest.approx(4 * spun.k(32000))


@pytest.mark.parametrize("name", library())
def test_every_particle_is_accounted_for_in_every_step(name):
    done = isolate(load(name), draws=0)
    for step in account(done):
        for kind in step["kinds"].values():
            assert abs(kind["balance"]) < 1e-12
            assert min(kind["lost"].values(), default=0.0) >= 0.0
    product(done)


def test_every_copy_is_accounted_for():
    done = isolate(
        steps(
            "load: {copies: 500 copy/vesicle}",
            "store: {temperature: -80 degC, time: 30 d, freezes: 2}",
            "filter: {pore: 0.22 um}",
        ),
        draws=0,
    )
    for step in account(done)[1:]:
        for cargo in ("drug", "miRNA"):
            for kind in step["cargo"][cargo].values():
                assert abs(kind["balance"]) < 1e-12
    assert "leak" in account(done)[1]["cargo"]["drug"]["exosome"]["lost"]
    assert done.product.copies("drug")["exosome"] < 0.7 * done.records[0].after.copies("drug")["exosome"]


# the sample's own step before, the step, and the row of the survey's table its recovery must fall in
REPORTED = {
    "rec_UC": (
        "spin: {rotor: Type 45 Ti, force: 100000, time: 70 min, keep: pellet, resuspend: 30 mL}",
        "spin: {rotor: SW 32 Ti, force: 100000, time: 70 min, keep: pellet, resuspend: 0.2 mL}",
    ),
    "rec_SEC": ("sec: {column: qEV-70}",),
    "rec_PEG": ("precipitate",),
    "rec_TFF": ("tff: {cut_off: 500, to: 3 mL}",),
    "rec_UF": ("ultrafilter: {cut_off: 100, to: 0.5 mL}",),
    "rec_DG": (
        "gradient: {rotor: SW 41 Ti, force: 200000, time: 16 h}",
        "spin: {rotor: SW 41 Ti, force: 100000, time: 3 h, keep: pellet, resuspend: 0.1 mL}",
    ),
}


@pytest.mark.parametrize("symbol", REPORTED)
def test_recoveries_fall_in_the_reported_ranges(symbol):
    sample = SAMPLE.replace("30 mL", "0.5 mL") if symbol == "rec_SEC" else SAMPLE
    done = isolate(steps(*REPORTED[symbol], sample=sample), draws=300)
    recovery = product(done)["recovery"]["exosome"]
    reported = Evidence.load().prior(symbol)
    low, high = reported.quantile([0.025, 0.975])  # the row's ends are its 5 and 95 % points
    assert 0.8 * low < recovery["low"] < recovery["high"] < min(1.0, 1.15 * high)
    assert reported.low < recovery["median"] < reported.high
    assert recovery["median"] == pytest.approx(reported.typical, rel=0.5)


def test_beads_leave_a_subpopulation_not_a_share():
    done = isolate(steps("affinity: {marker: CD63}"), draws=300)
    patterns = done.product.populations["exosome"].counts.sum(axis=1)
    has = np.array([k >> 1 & 1 for k in range(8)], bool)
    assert patterns[has].sum() / patterns.sum() > 0.99
    positive = done.over_draws(
        lambda a, b: b.populations["exosome"].counts[has].sum() / a.populations["exosome"].counts[has].sum()
    )
    reported = Evidence.load().prior("rec_IA")
    assert reported.low < np.median(positive) < reported.high


def test_a_longer_spin_pellets_more_and_a_thicker_medium_less():
    def taken(time, source):
        line = f"spin: {{rotor: SW 32 Ti, force: 100000, time: {time}, keep: pellet}}"
        done = isolate(steps(line, sample=SAMPLE.replace("serum-free-medium", source)), draws=0)
        return product(done)["recovery"]["exosome"]["typical"]

    assert taken("20 min", "serum-free-medium") < taken("60 min", "serum-free-medium")
    assert taken("20 min", "plasma") < 0.8 * taken("20 min", "serum-free-medium")


def test_k_factor_alone_is_near_its_rotor():
    by_rotor = isolate(steps("spin: {rotor: SW 28, rpm: 28000, time: 0.2 h, keep: supernatant}"), draws=0)
    by_k = isolate(steps("spin: {k_factor: 246, time: 0.2 h, keep: supernatant}"), draws=0)
    a, b = (product(d)["recovery"]["exosome"]["typical"] for d in (by_rotor, by_k))
    assert a == pytest.approx(b, abs=0.15)


def test_lipoproteins_stay_with_vesicles_where_they_share_size_or_density():
    sec = product(isolate(load("plasma-sec"), draws=0))
    assert sec["recovery"]["LDL"]["typical"] < 0.05 < sec["recovery"]["VLDL"]["typical"]
    assert sec["purity"]["typical"] < 0.05
    gradient = isolate(load("uc-gradient"), draws=0).records[-1]

    def kept(kind):
        return gradient.after.populations[kind].total / gradient.before.populations[kind].total

    assert kept("VLDL") < 1e-3 < 0.1 * kept("exosome")
    assert kept("protein") < 1e-3
    precipitated = product(isolate(load("plasma-precipitation"), draws=0))
    assert precipitated["recovery"]["exosome"]["typical"] > sec["recovery"]["exosome"]["typical"]
    assert precipitated["particles_per_ug"]["typical"] < 0.1 * sec["particles_per_ug"]["typical"]


def test_a_column_gives_back_what_was_read_of_one():
    """PMC4159761, Sepharose CL-2B: 43 +- 23 % of platelets' vesicles, 0.65 +- 0.3 % of protein."""
    line = "sec: {column: sepharose-CL-2B}"
    made = product(isolate(steps(line, sample="sample: {from: plasma, volume: 1 mL}\n"), draws=200))[
        "recovery"
    ]
    assert made["exosome"]["low"] < 0.43 < made["exosome"]["high"]
    assert made["protein"]["low"] < 0.0065 < made["protein"]["high"]
    assert made["HDL"]["low"] < 0.048 * 0.65 < made["HDL"]["high"]  # of what the column gives back


def test_draws_do_not_depend_on_how_many_there_are():
    few = isolate(load("uc-sec"), draws=5).over_draws(lambda a, b: b.vesicles())
    more = isolate(load("uc-sec"), draws=9).over_draws(lambda a, b: b.vesicles())
    assert few.tolist() == more[:5].tolist()


def test_negative_draws_are_refused():
    with pytest.raises(InputError, match="draws"):
        isolate(load("uc"), draws=-1)


def test_a_blank_without_vesicles_goes_through_as_well():
    none = "counts: {exosome: 0 vesicle/mL, microvesicle: 0 vesicle/mL, apoptotic-body: 0 vesicle/mL}"
    blank = SAMPLE.replace("30 mL}", f"0.5 mL, {none}}}")
    done = isolate(steps("filter: {pore: 0.22 um}", "sec: {column: qEV-70}", sample=blank), draws=5)
    made = product(done)
    assert made["vesicles"]["median"] == made["purity"]["median"] == made["vesicle_recovery"]["median"] == 0
    assert "exosome" not in made["recovery"]
    assert account(done)[0]["kinds"]["exosome"]["recovery"] is None
    assert readings(done)[0]["typical"] > 0
    with pytest.raises(InputError, match="holds no vesicles"):
        scale_up(done, 1e10)


def test_nothing_at_all_goes_through_as_well():
    empty = "counts: {" + ", ".join(f"{name}: 0 copy/mL" for name in species()) + "}"
    text = SAMPLE.replace("30 mL}", f"30 mL, {empty}}}") + "steps: [precipitate]\n"
    done = isolate(read(text + f"measure: [{', '.join(INSTRUMENTS)}]\n", "p.yaml"), draws=3)
    assert product(done)["protein_ug"]["median"] == 0
    assert all(entry["typical"] == 0 for entry in readings(done))


def test_recovery_by_size_adds_up_and_a_filter_takes_the_large():
    made = product(isolate(load("uc-sec"), 30))
    by_size = {name: value["typical"] for name, value in made["recovery_by_size"].items()}
    assert by_size["400-1000 nm"] < 0.2 * by_size["100-150 nm"]
    shares = [by_size[name] for name in by_size]
    assert min(shares) <= made["vesicle_recovery"]["typical"] <= max(shares)
    one = made["recovery_by_size"]["100-150 nm"]
    assert one["low"] < one["typical"] < one["high"]
