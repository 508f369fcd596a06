"""Claims about targeting, of all reviews, in a model of a body: what verification needs there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.language.tsv import read_table
from vesiflux.library import tropism
from vesiflux.verify import Verification, verify
from vesiflux.verify.bench import Bench, Reading
from vesiflux.verify.claims import claims_of, models_for, read_machinery
from vesiflux.verify.limbs import Limb
from vesiflux.verify.plan import sampled
from vesiflux.verify.subject import Subject
from vesiflux.verify.switches import subject_of

BESIDE = Path(tropism.__file__).parent / "organotropism"


@cache
def body() -> Subject:
    return subject_of(load("organotropism"), Evidence.load())


@cache
def found() -> Verification:
    return verify("targeting", draws=4, shuffles=4, threads=1)


def read(name: str, limb: Limb, hours: float = 1.0) -> np.ndarray:
    bench = Bench(body(), 3, 1, quick=True)
    reading = Reading(limb, body().readable(name), hours, sampled(body(), 3, 1))
    return bench.read([reading])[reading]


def test_a_topic_is_known_by_its_own_name_and_by_its_model():
    evidence = Evidence.load()
    assert models_for("targeting", evidence)[0] == models_for("organotropism", evidence)[0] == "targeting"
    review, models = models_for("targeting", evidence)
    claims = claims_of(review, models, evidence)
    assert {c.review for c in claims.values()} >= {"tme", "msc", "nk", "secretion", "sepsis"}
    listed = read_machinery(models[0], dict(evidence.claims))
    assert listed is not None
    assert listed.claims | set(listed.left_out) == set(claims)
    assert set(claims_of("nk", [load("nk")], evidence)) == {i for i in evidence.claims if i[:3] == "nk-"}


def test_every_listed_claim_has_a_verdict_with_its_reason():
    listed = read_machinery(load("organotropism"), dict(Evidence.load().claims))
    assert listed is not None
    assert {v.claim for v in found().details} == listed.claims
    assert {v.claim for v in found().isolated} >= set(listed.left_out)
    facts = found().to_dict()
    assert all(v.reason for v in found().details)
    assert facts["reproduced"] + facts["contradicted"] + facts["not_reproduced"] == facts["expressible"]
    assert facts["encoded"] + facts["calibrated"] + facts["predicted"] == facts["reproduced"]
    assert facts["expressible"] / facts["checkable"] >= 0.85


def test_integrins_hold_by_what_was_written_down_and_the_liver_without():
    verdicts = {v.claim: v for v in found().details}
    assert verdicts["tme-032"].basis == "encoded"
    # whatever is on them, liver and spleen take them
    assert (verdicts["sepsis-095"].basis, verdicts["sepsis-095"].support) == ("predicted", "mechanistic")


def test_controls_could_go_wrong_and_miss_nothing():
    assert not [c.control.id for c in found().controls if c.control.missing]
    assert sum(c.path for c in found().controls) >= 25


def test_a_vesicle_is_in_a_chain_by_what_the_vocabulary_calls_one():
    doses = {v.claim: v.dose for v in found().isolated}
    assert doses["msc-112"] == doses["msc-042"] == "prior"  # engineered and native exosomes
    assert doses["cx3cr1-117"] == "none"


def test_an_untreated_body_has_the_doses_of_its_control():
    assert body().base == "plain"
    assert np.all(read("organs.liver.dose", Limb()) == read("organs.liver.dose", Limb("plain")))
    assert np.all(read("organs.liver.dose", Limb("undosed")) == 0.0)
    assert subject_of(load("nk"), Evidence.load()).base == ""


def test_arms_together_get_their_dose_once():
    one, both = (read("organs.liver.dose", Limb(arm), 0.01) for arm in ("cd47", "cd47+stealth"))
    assert np.all(both < 1.01 * one)
    assert len(body().events(["cd47", "stealth"])) == len(body().events(["cd47"])) == 1


def test_what_is_injected_is_the_dose_of_a_body_and_a_way_to_its_organs():
    dose = body().dose
    assert dose is not None
    assert dose.kind == "injected"
    tenth = read("organs.blood.dose", Limb(factors=(("injected", 0.1),)), 1e-3)
    assert tenth == pytest.approx(0.1 * read("organs.blood.dose", Limb(), 1e-3), rel=0.02)
    assert body().reach.between([dose.index], [body().readable("lung_fibroblast.S100A4").output])


def test_a_quotient_is_read_from_its_parts():
    density = "organs.{0}.dose per space.organs.{0}.volume"
    over = f"{density.format('liver')} over {density.format('muscle')}"
    parts = [read(density.format(o).split(" per ")[0], Limb()) for o in ("liver", "muscle")]
    volumes = [read(f"space.organs.{o}.volume", Limb()) for o in ("liver", "muscle")]
    expected = (parts[0] / volumes[0]) / (parts[1] / volumes[1])
    assert read(over, Limb()) == pytest.approx(expected)
    with pytest.raises(InputError, match="no readout"):
        body().readable("organs.liver.dose over organs.nowhere.dose")


def test_organs_are_places_of_cells_and_names_of_readings():
    contexts = body().contexts
    assert contexts is not None
    assert "kupffer" in contexts.cells("liver")
    assert "monocyte" not in contexts.cells("liver")
    shown = body().readables_by_symbol["exosome_accumulation_in_lung"]
    assert [r.name for r in shown if r.kind == "organ"] == ["organs.lung.dose", "organs.lung.free"]
    assert body().readables["organs.lung.dose"].output != body().readables["organs.lung.free"].output


OTHERS = ("most", "odds", "low", "high", "lung", "liver", "brain", "tumour")


def predicted(name: str) -> dict[str, tuple[str, str]]:
    """Profile -> organ foretold and how sure, as written beside the model."""
    rows = read_table(BESIDE / name, ("profile", "organ", "chance"), OTHERS).rows
    return {r.text("profile"): (r.text("organ"), r.text("chance")) for r in rows}


@pytest.mark.parametrize(("name", "end"), [("predictions.tsv", ""), ("predictions-rna.tsv", "_rna")])
def test_what_studies_found_is_held_against_predictions_as_they_were_written(name: str, end: str):
    foretold = predicted(name)
    columns = ("study", "doi", "vesicles", "integrin", "profile", "foretold", "found", "right", "note")
    for row in read_table(BESIDE / "studies.tsv", (*columns, "foretold_rna", "right_rna"), ()).rows:
        expected = foretold[row.text("profile")][0] if row.text("profile") else "none"
        assert row.text(f"foretold{end}") == expected
        assert row.text(f"right{end}") == ("yes" if expected == row.text("found") else "no")


def test_lines_have_what_is_foretold_for_their_profiles():
    foretold, by_rna = predicted("predictions.tsv"), predicted("predictions-rna.tsv")
    columns = ("line", "tumour", "profile", "mark", "tropism", "foretold", "chance", "foretold_rna", "note")
    for row in read_table(BESIDE / "lines.tsv", columns, ()).rows:
        assert (row.text("foretold"), row.text("chance")) == foretold[row.text("profile")]
        assert row.text("foretold_rna") == by_rna[row.text("profile")][0]
