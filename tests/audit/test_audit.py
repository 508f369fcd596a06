"""Claims: which are audited, what the verdicts rest on, and that they keep still."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vesiflux as vf
import vesiflux.audit as room
from vesiflux.audit.alternatives import TELLS, alternatives, telling
from vesiflux.audit.case import names_all, settings_of
from vesiflux.audit.numbers import STRATA, Numbers, stratified
from vesiflux.audit.result import COLUMNS, VERDICTS, Audit
from vesiflux.audit.stated import stated_controls, stated_dose
from vesiflux.audit.tables import cargo_class, cell_class, number_rows, prior_of, routes, rows, switches
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.controls import controls
from vesiflux.evidence.rows import KINDS

KEYS = {"claims", "vesicle_claims", "audited", "seconds", "verdicts", "details"}
DETAIL = {"claim", "probability", "low", "high", "limiting_step", "least_dose", "route"}


@pytest.fixture(scope="module")
def everything() -> Audit:
    return room.audit("all", draws=1000)


def test_every_claim_that_names_all_four_has_a_verdict(everything: Audit) -> None:
    evidence = Evidence.load()
    assert {d.claim for d in everything.details} == {c.id for c in evidence.claims.values() if names_all(c)}
    found = everything.to_dict()
    assert found.keys() >= KEYS
    assert (found["claims"], found["vesicle_claims"]) == (882, 243)
    assert sum(found["verdicts"].values()) == 243
    assert found["audited"] == 243 - found["verdicts"]["not_judged"]
    assert found["audited"] >= 217
    for detail in found["details"]:
        assert detail.keys() >= DETAIL
        assert detail["route"] in ("contact", "delivery", "transfer", "factor", "none")
        if detail["verdict"] == "not_judged":
            assert detail["probability"] is None
            assert detail["reason"]
            continue
        assert 0 <= detail["probability"] <= 1
        assert 0 <= detail["low"] < detail["high"]
        assert detail["limiting_step"] in {row["step"] for row in rows("steps")}
        by_p = (
            "plausible"
            if detail["probability"] >= 0.8
            else "implausible"
            if detail["probability"] <= 0.2
            else "uncertain"
        )
        assert detail["verdict"] == by_p


def test_claims_without_cargo_stand_apart(everything: Audit) -> None:
    without = everything.to_dict()["without_cargo"]
    assert without["claims"] == 218 == len(without["details"])
    assert not {d["claim"] for d in without["details"]} & {d.claim for d in everything.details}


def test_verdicts_hold_under_doubled_draws() -> None:
    once, twice = (room.audit("nk", draws=n) for n in (2000, 4000))
    shift = [
        abs(a.findings.probability - b.findings.probability)
        for a, b in zip(once.details, twice.details, strict=True)
        if a.findings and b.findings
    ]
    assert max(shift) < 0.015
    changed = [
        a.claim
        for a, b in zip(once.details, twice.details, strict=True)
        if a.verdict != b.verdict
        and a.findings
        and min(abs(a.findings.probability - x) for x in (0.2, 0.8)) > 0.015
    ]
    assert not changed


@pytest.mark.slow
def test_every_verdict_holds_under_doubled_draws_unless_it_is_near_a_border() -> None:
    once, twice = (room.audit("all", draws=n) for n in (10_000, 20_000))
    for a, b in zip(once.details, twice.details, strict=True):
        if a.findings and b.findings:
            assert abs(a.findings.probability - b.findings.probability) < 0.01, a.claim
            assert a.verdict == b.verdict or a.near_border, a.claim


def test_no_claim_changes_another_ones_bits(everything: Audit) -> None:
    alone = room.audit("tme-037", draws=1000).details[0]
    among = next(d for d in everything.details if d.claim == "tme-037")
    assert alone == among


def test_draws_are_strata_and_more_draws_keep_the_first() -> None:
    few, many = stratified(1, "x", STRATA), stratified(1, "x", 2 * STRATA)
    np.testing.assert_array_equal(few, many[:STRATA])
    np.testing.assert_array_equal(np.sort((few * STRATA).astype(int)), np.arange(STRATA))
    assert abs(np.corrcoef(few, stratified(1, "y", STRATA))[0, 1]) < 0.1


def test_variance_is_shared_out_between_numbers() -> None:
    findings = room.audit("tme-037", draws=4000).details[0].findings
    assert findings is not None
    assert 0.5 < sum(findings.variance.values()) <= 1.05
    assert "escape" in findings.variance


def test_an_unstated_setting_is_run_as_three_and_a_stated_one_alone() -> None:
    claims = Evidence.load().claims
    assert settings_of(claims["tme-037"]) == ("dish", "neighbours", "iv")
    assert settings_of(claims["sepsis-029"]) == ("dish",)
    assert settings_of(claims["tme-030"]) == ("blood",)
    assert settings_of(claims["sepsis-096"]) == ("iv",)


def test_controls_answer_the_alternatives() -> None:
    detail = room.audit("tme-037", draws=1000).details[0]
    caught = detail.caught_by
    assert {"free_cargo", "contact", "own"} <= caught.keys()
    assert "cargo-knock-out donor" in caught["contact"]
    assert "protease and RNase" in caught["free_cargo"]
    assert "recipient without the cargo" in caught["own"]
    assert {name for name, _ in detail.controls} == {arm for arms in caught.values() for arm in arms}


def test_every_arm_that_is_named_tells_the_two_apart_and_no_other_does() -> None:
    """Against the shares worked out by hand, from the shared table."""
    for way, needs in (
        ("delivery", ("vesicles", "lumen cargo", "entry")),
        ("contact", ("vesicles", "surface cargo")),
    ):
        for alternative, other_needs in alternatives(way).items():
            named = {arm.control for arm in telling(way, (alternative,))}
            for control in controls().values():
                own = np.prod([control.share(target) for target in needs])
                other = np.prod([control.share(target) for target in other_needs])
                apart = max(own, other) >= TELLS * min(own, other) and max(own, other) > 0
                assert apart == (control.name in named), (way, alternative, control.name)


def test_a_supernatant_tells_a_factor_but_not_a_ligand_and_contact_needs_no_entry() -> None:
    arms = {(arm.control, arm.alternative) for arm in telling("delivery", ("factor", "contact"))}
    assert ("vesicle-depleted supernatant", "factor") in arms
    assert ("vesicle-depleted supernatant", "contact") not in arms
    assert ("entry-blocked recipients", "contact") in arms
    assert "protease" not in {arm.control for arm in telling("contact", ("contact",))}


def test_every_judged_claim_names_arms_for_every_alternative(everything: Audit) -> None:
    for detail in everything.details:
        if detail.findings is not None:
            assert detail.alternatives, detail.claim
            assert all(detail.caught_by.values()), detail.claim


def test_tables_are_whole() -> None:
    evidence = Evidence.load()
    for row in {id(row): row for row in number_rows().values()}.values():
        prior = prior_of(row, evidence)
        assert prior.mark in ("read", "derived", "assumed", "calibrated"), row["parameter"]
        assert row["source"], row["parameter"]
        assert (row["mark"] == "table") == bool(row["symbol"]), row["parameter"]
    for choices in switches().values():
        assert sum(one.default for one in choices.values()) == 1
        for one in choices.values():
            prior_of(one.row, evidence)
    assert {row["kind"] for row in rows("kinds")} == set(KINDS)
    classes = set(routes())
    assert {row["class"] for row in rows("cargo")} <= classes
    assert {r for ways in routes().values() for r in ways} <= {"contact", "delivery", "transfer"}
    numbers = Numbers(evidence, 10, 1)
    for name in ("copies", "threshold", "own_copies", "half_life", "active_share", "escape"):
        for one in classes:
            if name != "copies":
                assert np.all(np.isfinite(numbers.get(name, one)))
            else:
                assert ("copies", one) in number_rows(), one


def test_names_are_found_by_row_by_parent_and_by_pattern() -> None:
    evidence = Evidence.load()
    assert cell_class("tumour", evidence)[0] == "tumour"
    assert cell_class("healthy_donor_bm_msc", evidence)[0] == "msc"
    assert cell_class("lps_stimulated_macrophage", evidence)[0] == "phagocyte"
    assert cargo_class("miR-10b", "") == "mirna"
    assert cargo_class("PD-L1", "protein") == "checkpoint"
    assert cargo_class("unheard-of", "protein") == "lumen_protein"


def test_a_file_of_cases(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        "claim\tdonor\tcargo\trecipient\tsetting\tcopies\tescape\tdose\n"
        "weak\ttumour\tmiR-10b\tfibroblast\tdish\t\t\t\n"
        "strong\ttumour\tmiR-10b\tfibroblast\tdish\t100\t0.8\t1e11 particles/mL\n"
    )
    weak, strong = room.audit(path, draws=1000).details
    assert weak.findings
    assert strong.findings
    assert weak.findings.probability < strong.findings.probability
    assert len(room.audit(path, draws=1000).table().splitlines()) == 3


def test_a_file_may_give_any_number_of_the_audit_and_what_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        "claim\tdonor\tcargo\trecipient\tsetting\tthreshold\town_copies\ttime\tasks\n"
        "far\ttumour\tmiR-10b\tfibroblast\tdish\t1e3,1e4,1e5\t0\t24 h\t\n"
        "near\ttumour\tmiR-10b\tfibroblast\tdish\t1,10,100\t0\t24 h\t\n"
        "comes\ttumour\tmiR-10b\tfibroblast\tdish\t\t\t24 h\tarrival\n"
    )
    far, near, comes = room.audit(path, draws=1000).details
    assert far.findings
    assert near.findings
    assert comes.findings
    assert near.findings.median == pytest.approx(1e3 * far.findings.median, rel=1e-6)
    assert "threshold" in near.findings.variance
    assert comes.asks == "arrival"


def test_the_table_has_a_line_per_claim(everything: Audit) -> None:
    lines = everything.table().splitlines()
    assert lines[0].split("\t") == list(COLUMNS)
    assert len(lines) == 1 + 243 + 218
    assert {line.split("\t")[1] for line in lines[1:]} <= set(VERDICTS)


def test_doses_in_protein_are_those_of_the_preparation() -> None:
    def given(dose: str, prep: str | None = None) -> float:
        case = {"donor": "msc", "recipient": "tumour", "cargo": "miR-145", "setting": "iv"}
        findings = room.audit(**case, dose=dose, prep=prep, draws=2000).details[0].findings
        assert findings is not None
        return findings.median

    assert given("50 ug sec") == given("50 ug", "sec") == given("50 ug", "qev")
    assert given("50 ug gradient") > given("50 ug sec") > given("50 ug precipitation")
    assert given("1e10 particles", "sec") == given("1e10 particles")
    assert room.audit("tme-037", dose="50 ug uc", draws=200).given["prep"] == "uc"


def test_doses_and_controls_are_read_from_checkable_texts() -> None:
    assert stated_dose("give 1e10 vesicles to mice") == "1e10 particles"
    assert stated_dose("inject 50 µg exosomes") == "50 ug"
    assert stated_dose("2,000 particles/mL on cells") == "2000 particles/mL"
    assert stated_dose("add miR-210 exosomes, IL-6 vesicles, let-7 vesicles") is None
    claims = Evidence.load().claims
    assert stated_controls(claims["tme-037"]) == ("cargo-knock-out donor",)
    assert stated_controls(claims["nk-036"]) == ("entry-blocked recipients",)
    assert stated_controls(claims["msc-043"]) == ("vesicle-depleted supernatant",)
    assert stated_controls(claims["msc-057"]) == ()
    detail = room.audit("tme-037", draws=1000).details[0]
    assert "contact" in detail.answered
    assert "free_cargo" not in detail.answered
    assert {row["control"] for row in rows("stated")} <= controls().keys()


def test_sensitivity_names_what_moves_verdicts() -> None:
    claims = [c for c in Evidence.load().claims.values() if c.review == "nk" and names_all(c)]
    found = room.sensitivity(claims, draws=2000)
    assert found == tuple(sorted(found, key=lambda one: (-one.moved, -one.shift)))
    assert all(one.mark == "assumed" and one.low < one.high for one in found)
    uptake = next(one for one in found if one.number == "uptake")
    assert uptake.moved
    for end, moved in ((uptake.low, uptake.at_low), (uptake.high, uptake.at_high)):
        now = room.audit("nk", values={"uptake": end}, draws=2000).details
        usual = room.audit("nk", draws=2000).details
        clear = [d.claim for d in usual if d.findings and not d.near_border]
        turned = {d.claim for d, u in zip(now, usual, strict=True) if d.findings and d.verdict != u.verdict}
        assert set(moved) & set(clear) <= turned


def test_public_name() -> None:
    assert vf.audit("tme-037", draws=100).details[0].claim == "tme-037"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"what": "tme-9999"}, "no claim has the id 'tme-9999'"),
        ({}, "nothing to audit"),
        ({"donor": "tumor", "recipient": "fibroblast"}, "did you mean tumour"),
        ({"donor": "tumour", "recipient": "fibroblast", "cargo": "xyz"}, "of which kind"),
        ({"donor": "tumour", "recipient": "fibroblast", "setting": "moon"}, "no setting is called 'moon'"),
        (
            {"donor": "tumour", "recipient": "fibroblast", "vesicle": "bubble"},
            "no vesicle is called 'bubble'",
        ),
        ({"what": "tme-037", "escape": 1.5}, "is a share"),
        ({"what": "tme-037", "escape": "some"}, "no choice 'some'"),
        ({"what": "tme-037", "copies": -1}, "must be above 0"),
        ({"what": "tme-037", "copies": "1,2"}, "write one number, or low,typical,high"),
        ({"what": "tme-037", "copies": "3,2,1"}, "low,typical,high that rise"),
        ({"what": "tme-037", "values": {"own_copies": "0,1,2"}}, "must be above 0"),
        ({"what": "tme-037", "escape": "0.1,0.5,2"}, "is a share"),
        ({"what": "tme-037", "dose": "-1e9 particles"}, "must be above 0"),
        ({"what": "tme-037", "dose": "1e19 particles"}, "at most 1e15"),
        ({"what": "tme-037", "dose": "1 kg"}, "at most 10 g"),
        ({"what": "tme-037", "readout": "swich"}, "readout is level or switch"),
        ({"what": "tme-037", "dose": "5 mL"}, "is no dose"),
        ({"what": "tme-037", "dose": "50 ug", "prep": "sce"}, "did you mean sec"),
        ({"what": "tme-037", "values": {"treshold": 3}}, "did you mean threshold"),
        ({"what": "tme-037", "values": {"distance": "3 h"}}, "is a time"),
        ({"what": "tme-037", "occupancy": "many"}, "use one of either"),
        ({"what": "tme-037", "draws": 5}, "too few"),
        (
            {"donor": "tumour", "recipient": "fibroblast", "setting": "neighbours", "dose": "1e9 particles"},
            "is given in dish",
        ),
        ({"what": "no/such/file.tsv"}, "cannot be read"),
    ],
)
def test_mistakes_are_told_in_a_line(call: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError, match=message) as caught:
        room.audit(**({"draws": 100} | call))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("donor\tcargo\n", r":1:1: needs the columns donor and recipient"),
        ("donor\trecipient\twhim\n", r":1:1: unknown column 'whim'"),
        ("donor\trecipient\ttreshold\n", r"did you mean threshold"),
        ("donor\trecipient\tasks\na\tb\twhy\n", r":2:1: asks is effect or arrival, not 'why'"),
        ("claim\tdonor\trecipient\tcopies\nmine\ttumour\tfibroblast\tmany\n", r"mine: copies: "),
        ("donor\trecipient\n\tfibroblast\n", r":2:1: donor is empty"),
        ("donor\trecipient\na\tb\tc\n", r":2:1: 3 cells"),
        ("donor\trecipient\n", "no cases"),
        ("", "needs the columns"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        room.audit(path)
