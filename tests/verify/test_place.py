"""Claims about place: what is read of a tissue, and what a wrong condition is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vesiflux.errors import InputError
from vesiflux.language import Model, load
from vesiflux.verify.checks import Placed
from vesiflux.verify.place import read_places, run_places, value
from vesiflux.verify.wholes import tissues

TISSUE = """
vesiflux: 1
name: line
review: nk
space: {kind: tissue, size: [120 um, 40 um], thickness: 20 um, voxel: 20 um}
factors:
  CXCL10: {diffusion: 100 um^2/s, decay: {half_life: 10 s}, half: 1e6 molecule/mL}
cells:
  left:
    is: nk_cell
    count: 2
    layout: {kind: at, points: [[10 um, 10 um], [30 um, 30 um]]}
    releases: {CXCL10: {rate: 1000 molecule/cell/h}}
  right:
    is: tumour_cell
    count: 2
    layout: {kind: at, points: [[110 um, 10 um], [50 um, 30 um]]}
    consumes: {CXCL10: {clearance: 1e-8 mL/cell/h}}
interventions:
  silent: {scales: left.releases.CXCL10.rate, factor: {typical: 0.1}, start: before}
arms:
  control: {mark: control}
  silent: {interventions: [silent], against: control}
run: {for: 12 min, record: 6 min, frames: 12 min, step: 6 min}
"""


def in_folder(folder: Path, place: str) -> Model:
    text = f"checks:\n  - claim: nk-056\n    why: place\n    place: [{place}]\n"
    (folder / "model.yaml").write_text(TISSUE)
    (folder / "checks.yaml").write_text(text)
    return load(folder / "model.yaml")


def test_what_is_read(tmp_path: Path) -> None:
    from vesiflux.study.tissue import run_tissue

    run = run_tissue(Model.from_text(TISSUE), arms=["control"], seed=1, threads=1, store=tmp_path)
    assert value(run, "control", "left.count") == 2
    assert value(run, "control", "right.x") == pytest.approx(80, abs=3)
    assert value(run, "control", "left.near.right") == pytest.approx(0.5)
    assert value(run, "control", "left.distance.right") == pytest.approx((np.hypot(40, 20) + 20) / 2, abs=4)
    assert value(run, "control", "left.field.CXCL10") > value(run, "control", "right.field.CXCL10") > 0
    assert value(run, "control", "right.received.CXCL10") > 0


def test_arms_and_readings_are_compared_in_every_tissue(tmp_path: Path) -> None:
    model = in_folder(
        tmp_path,
        '{arm: silent, against: control, read: right.received.CXCL10, expect: "-"}, '
        '{arm: control, read: left.field.CXCL10, over: right.field.CXCL10, expect: "+"}',
    )
    found = run_places(model, read_places(model, {"nk-056": None}), seeds=2, threads=1)
    (seen,) = found.seen
    assert seen.verdict == "reproduced"
    assert seen.folds == pytest.approx((0.1, 0.1), rel=0.05)
    assert seen.experiment.startswith("right.received.CXCL10 of silent less than of control")
    turned = {"nk-056": ("why", (Placed(arm="silent", against="control", read="left.count", expect="-"),))}
    assert run_places(model, turned, seeds=1, threads=1).seen[0].verdict == "not_reproduced"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ('{arm: loud, against: control, read: left.x, expect: "+"}', "no arm 'loud'; it has control, silent"),
        ('{arm: control, read: left.x, expect: "+"}', "compares with another arm"),
        ('{arm: silent, against: control, read: left.mood, expect: "+"}', "nothing of a tissue is called"),
        ('{arm: silent, against: control, read: left.near.middle, expect: "+"}', "KIND.near.OTHER"),
    ],
)
def test_wrong_conditions(tmp_path: Path, place: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_places(in_folder(tmp_path, place), {"nk-056": None})


def test_checks_of_the_library_can_be_read() -> None:
    from vesiflux.evidence import Evidence

    claims = Evidence.load().claims
    for review, name in tissues().items():
        found = read_places(load(name), claims)
        assert found
        assert {c.partition("-")[0] for c in found} == {review}
