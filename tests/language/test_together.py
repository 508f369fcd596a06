"""Arms together: what ``a+b`` is, and what it cannot be."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.language import Model
from vesiflux.language.together import parts_of, with_together

TEXT = """
vesiflux: 1
name: pairs
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
choices:
  cell:
    default: tumour
    options:
      tumour: {donor.secretes.exosome.rate: 60 vesicle/cell/h}
      msc: {donor.secretes.exosome.rate: 30 vesicle/cell/h}
cells:
  donor: {is: tumour_cell, count: 1e6, secretes: {exosome: {rate: 60 vesicle/cell/h}}}
interventions:
  more: {scales: donor.secretes.exosome.rate, factor: 2}
  less: {scales: donor.secretes.exosome.rate, factor: 0.5}
arms:
  control: {}
  control@msc: {set: {cell: msc}}
  more: {title: more, interventions: [more], against: control}
  less: {interventions: [less], against: control}
  msc: {interventions: [less], set: {cell: msc}, against: control@msc}
  alone: {interventions: [less]}
run: {for: 24 h}
"""


@pytest.fixture(scope="module")
def spec():
    return Model.from_text(TEXT).spec


def test_parts():
    assert parts_of("a+b + c") == ("a", "b", "c")
    assert parts_of("a") == ()


def test_together_is_the_interventions_of_both(spec):
    arm = with_together(spec, ["more+less", "control"]).arms["more+less"]
    assert arm.interventions == ("more", "less")
    assert arm.against == "control"
    assert arm.title == "more + less"
    assert arm.mark == "predicted"
    assert "more+less" not in spec.arms


def test_choices_made_for_all_arms_make_them_one_cell(spec):
    arm = with_together(spec, ["more+msc"], {"cell"}).arms["more+msc"]
    assert arm.set == {}
    assert arm.against == "control"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("more+les", "'les' is no arm of the model; did you mean less"),
        ("more+more", "more is named twice"),
        (
            "more+msc",
            "its parts differ in cell (more: the default, msc: msc); run both in one with --set cell",
        ),
        ("more+alone", "its parts are compared with different arms (control, None)"),
    ],
)
def test_what_cannot_be_together(spec, name, said):
    with pytest.raises(InputError) as caught:
        with_together(spec, [name])
    assert said in str(caught.value)


def test_a_combined_arm_runs_and_reopens(tmp_path):
    from vesiflux.store.run import Run
    from vesiflux.study.run import run

    made = run(Model.from_text(TEXT), arms=["more+less"], draws=1, store=tmp_path, threads=1)
    assert set(made.arms) == {"control", "more", "less", "more+less"}
    again = Run.open(made.path)
    assert again.fold("exosomes_per_cell_per_hour", "more+less") == pytest.approx([1.0], rel=1e-6)
    assert "more+less" in again.compiled.arms
