"""Control arms for models: made of the model's own parameters, they run and do what their rows say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vesiflux as vf
from vesiflux.assay.arms import control_arms
from vesiflux.errors import InputError
from vesiflux.evidence.controls import controls
from vesiflux.language import starter
from vesiflux.language.modules import library_models


def test_a_model_gets_every_arm_that_can_act_on_it() -> None:
    found = control_arms(vf.Model.load("melanoma-cd8"))
    assert found.base == "control"
    assert {arm.control.name for arm in found.arms} | set(found.without) == set(controls())
    assert {arm.cargo for arm in found.arms if arm.cargo} == {"PD-L1", "miR-10b"}
    by_name = {arm.name: set(arm.left) for arm in found.arms}
    assert by_name["depleted_supernatant"] == {"melanoma.secretes.exosome.rate"}
    assert by_name["knock_out_PD-L1"] == {"melanoma.secretes.exosome.cargo.PD-L1.copies"}
    assert by_name["entry_blocked"] == {"cd8.takes_up.exosome.escape"}


def test_doses_of_an_arm_are_treated_as_well_and_what_it_does_is_done(tmp_path: Path) -> None:
    found = control_arms(vf.Model.load("melanoma-cd8"), "dosed_anti_pd1")
    model = found.save(tmp_path / "with.yaml")
    arm = model.spec.arms["dosed_anti_pd1_dye_only"]
    assert arm.interventions == ("anti_pd1", "dosed_anti_pd1_dye_only")
    assert arm.against == "dosed_anti_pd1"
    assert "dosed_anti_pd1_dye_only" in model.spec.schedule[0].arms
    by_name = {one.name: one.left for one in found.arms}
    assert "schedule.1.amount" in by_name["dosed_anti_pd1_dye_only"]
    assert "preparations.purified.cargo.PD-L1.copies" in by_name["dosed_anti_pd1_protease"]


def test_they_run_and_leave_what_the_table_says(tmp_path: Path) -> None:
    model = control_arms(vf.Model.load("melanoma-cd8")).save(tmp_path / "with.yaml")
    arms = ["control", "depleted_supernatant", "knock_out_PD-L1", "knock_out_miR-10b", "dye_only", "protease"]
    run = vf.run(model, arms=arms, draws=32, seed=3, store=tmp_path / "runs")

    def left(arm: str, output: str) -> float:
        return float(np.median(run.final(output, arm) / run.final(output, "control")))

    table = controls()
    vesicles, signal = "medium.exosome", "medium.exosome.PD-L1"
    kept = table["vesicle-depleted supernatant"].share("vesicles")
    assert kept / 2 < left("depleted_supernatant", vesicles) < 2 * kept
    assert left("dye_only", vesicles) == 0.0
    assert left("knock_out_PD-L1", vesicles) == pytest.approx(1.0, rel=1e-3)
    assert left("knock_out_PD-L1", signal) < 0.05
    assert left("knock_out_miR-10b", signal) == pytest.approx(1.0, rel=1e-3)
    assert 0.05 < left("protease", signal) < 0.2
    assert left("protease", "medium.exosome.miR-10b") > 0.8


def test_a_model_without_arms_gets_the_untreated_one_and_keeps_its_comments(tmp_path: Path) -> None:
    text = starter("mine")
    bare = text[: text.index("interventions:")] + "run: {for: 24 h, draws: 4}\n"
    path = tmp_path / "mine.yaml"
    path.write_text(bare, encoding="utf-8")
    model = control_arms(vf.Model.load(path)).save(tmp_path / "with.yaml")
    assert model.spec.arms["control"].mark == "control"
    assert model.spec.arms["protease"].against == "control"
    assert "# lognormal" in (tmp_path / "with.yaml").read_text(encoding="utf-8")


def test_where_a_machinery_releases_the_recipients_clearance_stands_for_the_vesicles() -> None:
    data = vf.Model.load("melanoma-cd8").to_dict()
    donor = data["cells"]["melanoma"]
    donor["modules"] = {"mvb": "mvb"}
    donor["secretes"]["exosome"] = {"machinery": "mvb"}
    data["modules"] = {"mvb": "mvb"}
    data["interventions"].pop("fresh_exosome_block")
    data["arms"].pop("no_exosomes")
    found = control_arms(vf.Model.from_dict(data))
    supernatant = next(arm for arm in found.arms if arm.name == "depleted_supernatant")
    assert set(supernatant.left) == {"cd8.takes_up.exosome.clearance"}


@pytest.mark.parametrize("name", sorted(library_models()))
def test_every_model_of_the_library_takes_its_control_arms(name: str, tmp_path: Path) -> None:
    found = control_arms(vf.Model.load(name))
    if found.arms:
        assert {arm.name for arm in found.arms} <= found.save(tmp_path / "with.yaml").spec.arms.keys()
    assert len({arm.control.name for arm in found.arms}) + len(found.without) == len(controls())


def test_mistakes_are_told(tmp_path: Path) -> None:
    model = vf.Model.load("melanoma-cd8")
    with pytest.raises(InputError, match="no arm 'dose'; did you mean"):
        control_arms(model, "dose")
    path = tmp_path / "with.yaml"
    again = control_arms(model).save(path)
    with pytest.raises(InputError, match="already; rename it"):
        control_arms(again)
    with pytest.raises(InputError, match="exists already"):
        control_arms(model).save(path)
