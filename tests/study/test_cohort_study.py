"""The whole study of a model's cohort, in a ward where everything is known in closed form."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from ward import ward

from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.study.cohort_study import HONEST, cohort_study
from vesiflux.study.markers import Told, Untold
from vesiflux.study.narrow import narrow

END = 240.0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def study(store):
    return cohort_study(ward(), store=store, threads=1)


def told(study, name, outcome="death"):
    every = {**study.markers, **study.panels}[name]
    return next(t for t in every if t.outcome == outcome)


def test_patients_are_the_same_in_every_arm(study):
    hazard = {a: study.patients.run.parameters(a)["patient.ward.hazard"] for a in study.patients.arms}
    assert np.array_equal(hazard["usual"], hazard["halved"])
    exact = np.exp(-hazard["usual"] * END)
    assert study.patients.survival("usual")[:, -1] == pytest.approx(exact, abs=1e-6)
    assert study.patients.survival("halved")[:, -1] == pytest.approx(np.sqrt(exact), abs=1e-6)
    usual, halved = (study.patients.deaths(a) for a in ("usual", "halved"))
    assert np.all(halved >= usual)  # the same luck at half the hazard
    dead = np.isfinite(halved)
    assert halved[dead] == pytest.approx(2 * usual[dead], rel=1e-3)


def test_arms_and_their_difference(study):
    usual, halved = study.arms["usual"], study.arms["halved"]
    hits, of = usual.outcomes["death"]
    assert of == 300
    assert usual.deaths == hits == int((study.patients.deaths("usual") <= END).sum())
    assert usual.curve is not None
    assert usual.curve.share[-1] == pytest.approx(1 - hits / 300)
    assert usual.alive is not None
    assert usual.alive[1] < 1 - hits / 300 < usual.alive[2] + 0.03
    pair = study.against["halved"].outcomes["death"]
    assert pair.only_here == 0  # nobody is harmed
    assert pair.only_reference == hits - halved.outcomes["death"][0] > 20
    ratio = study.against["halved"].hazards.ratio
    assert 0.45 < ratio[0] < 0.85  # half for each patient; less among all, as the frail die first
    assert study.against["halved"].trial is not None


def test_a_marker_that_knows_the_hazard(study):
    danger, calm, vesicles = (told(study, n) for n in ("danger", "calm", "vesicles"))
    assert danger.roc.low > 0.6
    assert calm.roc.auc == pytest.approx(danger.roc.auc)  # the same, the other way round
    assert calm.plain()["cut"] == pytest.approx(1 / danger.plain()["cut"])
    assert vesicles.roc.low < 0.5 < vesicles.roc.high
    assert told(study, "danger", "frail").roc.auc > 0.9  # who dies between 12 h and 24 h is a case as well


def test_who_died_before_a_reading_is_left_out(study):
    died = study.patients.deaths("usual") <= 12.0
    assert died.any()
    danger = told(study, "danger")
    assert danger.left_out == died.sum()
    assert danger.case.size == 300 - died.sum()


def test_a_panel_is_as_good_as_the_marker_that_knows(study):
    both = told(study, "both")
    name, (middle, low, high) = both.best
    assert name == "danger"
    assert low <= middle <= high
    assert low < 0.02
    assert abs(both.weights["danger"]) > 3 * abs(both.weights["vesicles"])


def test_detection(study):
    found = study.detection["danger"]
    assert found.told is not None
    assert found.told[0] == 0.0
    cases = study.patients.deaths("usual") <= END
    never = study.readings.of("danger", "usual")[study.patients.kept & ~cases]
    assert np.mean(never <= found.threshold) >= 0.95
    assert np.all(found.lead > 0.0)
    assert found.first.size == cases.sum()


def test_the_summary_is_plain_and_says_what_it_is_not(study):
    summary = json.loads(json.dumps(study.summary(), allow_nan=False))
    assert "no evidence about real patients" in summary["note"] == HONEST
    for arm in summary["arms"].values():
        share, low, high = arm["outcomes"]["death"]["share"]
        assert low < share < high
    middle, low, high = summary["against"]["halved"]["trial"]["patients_per_arm"]
    assert low <= middle <= high
    assert summary["trial"] == {"outcome": "death", "power": 0.8, "alpha": 0.05}
    columns, rows = study.table()
    assert columns[:4] == ("patient", "usual:dies_h", "usual:death", "usual:frail")
    assert len(rows) == 300


def test_a_restart_computes_nothing_again_and_threads_change_nothing(study, store, tmp_path):
    before = set(store.rglob("block.json"))
    again = cohort_study(ward(), store=store, threads=1)
    assert set(store.rglob("block.json")) == before
    elsewhere = cohort_study(ward(), store=tmp_path, threads=2)
    for arm in study.patients.arms:
        assert np.array_equal(study.patients.deaths(arm), again.patients.deaths(arm))
        assert np.array_equal(study.patients.deaths(arm), elsewhere.patients.deaths(arm))


def test_more_patients_keep_the_first_ones(study, store):
    more = cohort_study(ward(), patients=340, store=store, threads=1)
    assert np.array_equal(more.patients.deaths("usual")[:300], study.patients.deaths("usual"))


def test_only_what_is_looked_at_is_stored(study):
    outputs = {name for name, _, _ in study.patients.run.record["outputs"]}
    assert outputs == {"patient.ward.survival", "patient.ward.danger", "patient.ward.vesicles"}
    assert len(study.patients.run.times) == 61  # every 4 h, at which 12 h and 24 h lie
    assert all(a < b for a, b in pairwise(study.patients.run.times))


def test_readers_see_levels_and_what_they_report_is_judged(store):
    seen = []

    def bedside(name, marker, unit):
        assert (name, unit, marker.through.instrument) == ("vesicles", "vesicle/mL", "nta")

        def read(levels, generator):
            seen.append(levels)
            return levels * np.exp(0.1 * generator.standard_normal(levels.shape))

        return read

    through = {"fluid": "plasma", "sample": "0.2 mL", "instrument": "nta"}
    markers = {"vesicles": {"measure": "patient.ward.vesicles @ 12 h", "through": through}}
    model = ward(markers=markers, panels=None, detection=None)
    one = cohort_study(model, store=store, threads=1, bedside=bedside)
    other = cohort_study(model, store=store, threads=1, bedside=bedside)
    level = one.patients.run.parameters("usual")["patient.ward.level"]
    assert seen[0] == pytest.approx(level)
    read = one.readings.of("vesicles", "usual")
    assert 0.05 < np.std(np.log(read / level)) < 0.15
    assert np.array_equal(read, other.readings.of("vesicles", "usual"))  # the scatter belongs to the seed
    with pytest.raises(InputError, match="there is none here"):
        cohort_study(model, store=store, threads=1)


def test_cases_and_controls_of_two_arms(store):
    outcomes = {"treated": {"between": ["usual", "halved"]}}
    model = ward(outcomes=outcomes, panels=None, detection=None, trial=None)
    found = told(cohort_study(model, store=store, threads=1), "calm", "treated")
    assert isinstance(found, Told)
    died = found.left_out
    assert found.case.size == 300 - died
    assert found.roc.auc < 0.4  # the treated are the calmer ones, and low readings should have told them


def test_too_few_cases_are_said_not_raised(store):
    rare = {"never": {"measure": "patient.ward.danger @ 24 h", "above": 100}}
    found = cohort_study(ward(outcomes=rare, trial=None), store=store, threads=1)
    assert all(isinstance(t, Untold) for t in found.markers["danger"])
    assert "too few" in found.summary()["markers"]["danger"][0]["reason"]
    assert isinstance(found.detection["danger"], Untold)


def test_a_marker_read_too_late_says_so(store):
    late = {"late": {"measure": "patient.ward.danger @ 10 d"}}
    found = cohort_study(ward(markers=late, panels=None, detection=None), store=store, threads=1)
    assert "not before the outcome" in told(found, "late").reason


def test_dead_patients_of_a_measure(store):
    def frail(dead):
        outcome = {"measure": "patient.ward.danger @ 5 d", "above": 0.004, "dead": dead}
        model = ward(outcomes={"frail": outcome}, markers=None, panels=None, detection=None, trial=None)
        return cohort_study(model, store=store, threads=1).arms["usual"].outcomes["frail"]

    left, case, measured = (frail(d) for d in ("left out", "case", "as measured"))
    assert measured[1] == case[1] == 300 > left[1]
    assert left[0] < measured[0] < case[0]


def test_no_survival_is_a_cohort_too(store):
    outcomes = {"frail": {"measure": "patient.ward.danger @ 24 h", "above": 0.004}}
    model = ward(survival=None, outcomes=outcomes, detection=None, trial=None)
    found = cohort_study(model, store=store, threads=1)
    assert found.arms["usual"].curve is None
    assert json.dumps(found.summary(), allow_nan=False)
    assert len(found.patients.run.times) == 4  # 0, 12 h, 24 h and the end


def test_patients_that_go_together(store):
    pair = [{"between": ["ward.hazard", "ward.level"], "r": 0.8}]
    found = cohort_study(ward(correlated=pair), store=store, threads=1)
    assert told(found, "vesicles").roc.low > 0.6


def test_a_survival_that_is_none_is_told(store):
    with pytest.raises(InputError, match="chance to live"):
        cohort_study(ward(survival="2 * patient.ward.survival"), store=store, threads=1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"arms": ["usual", "halvd"]}, "did you mean 'halved'"),
        ({"set": {"ward.hazards": 1}}, "hazard"),
    ],
)
def test_what_cannot_be_run(store, more, words):
    with pytest.raises(InputError, match=words):
        cohort_study(ward(), store=store, threads=1, **more)


def test_a_model_without_a_cohort():
    model = ward()
    bare = model.from_dict({k: v for k, v in model.to_dict().items() if k != "cohort"})
    with pytest.raises(InputError, match="has no cohort"):
        cohort_study(bare)


def test_a_narrow_model_computes_the_same():
    from vesiflux.engines.compartments import solve

    compiled = lower(ward())
    names = [o.name for o in compiled.program.outputs]
    picked = names[::3]
    small = narrow(compiled, ["usual"], picked, compiled.times)
    parameters = np.array([[p.prior.quantile(0.5)] for p in compiled.parameters])
    whole = solve(compiled.program, parameters, times=compiled.times)
    part = solve(small.program, parameters, times=compiled.times)
    assert np.array_equal(whole.outputs_final[::3], part.outputs_final)
    assert len(small.program.outputs_tape.code) <= len(compiled.program.outputs_tape.code)
    with pytest.raises(InputError, match="did you mean"):
        narrow(compiled, ["usual"], ["patient.ward.surviva"], compiled.times)


def test_arms_together(store):
    model = ward(panels=None, detection=None).to_dict()
    model["cohort"]["arms"] = ["usual", "halved+lower"]
    model["interventions"]["lower"] = {"scales": "ward.CARE", "factor": 0.5}
    model["arms"]["lower"] = {"interventions": ["lower"], "against": "usual"}
    found = cohort_study(Model.from_dict(model), store=store, threads=1)
    usual, both = (found.patients.deaths(a) for a in ("usual", "halved+lower"))
    dead = np.isfinite(both)
    assert both[dead] == pytest.approx(4 * usual[dead], rel=1e-3)
    assert set(found.patients.run.arms) == {"usual", "halved+lower"}  # nothing else is run


def test_deaths_are_drawn_alike_in_one_piece_and_in_many(study, monkeypatch):
    monkeypatch.setattr("vesiflux.study.patients.CHUNK", 7)
    study.patients._deaths.pop("usual", None)
    pieces = study.patients.deaths("usual").copy()
    monkeypatch.undo()
    study.patients._deaths.pop("usual")
    assert np.array_equal(pieces, study.patients.deaths("usual"))
