"""A cohort whose markers are read at the bedside: instruments blur what levels would tell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import vesiflux as vf
from vesiflux.assay.cohort import problems_of_readings
from vesiflux.errors import InputError

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

from ward import ward

THROUGH = {"fluid": "serum", "sample": "0.2 mL", "instrument": "qpcr", "unit": "copy/mL"}


def ward_read(through, measure="1e9 * patient.ward.danger @ 12 h"):
    markers = {"level": {"measure": measure}, "read": {"measure": measure, "through": through}}
    return ward(markers=markers, panels=None, detection=None, trial=None)


def test_a_reading_tells_less_than_the_level(tmp_path):
    study = vf.cohort(ward_read(THROUGH), store=tmp_path, threads=1)
    level, read = (study.markers[name][0].roc for name in ("level", "read"))
    assert 0.5 < read.auc < level.auc


def test_units_are_converted(tmp_path):
    one = vf.cohort(ward_read(THROUGH), store=tmp_path, threads=1)
    same = ward_read(THROUGH | {"unit": "copy/uL"}, "1e6 * patient.ward.danger @ 12 h")
    other = vf.cohort(same, store=tmp_path, threads=1)
    assert one.readings.of("read", "usual") == pytest.approx(other.readings.of("read", "usual"))


@pytest.mark.parametrize(
    ("change", "words"),
    [({"instrument": "eye"}, "cannot be 'eye'"), ({"unit": "mL"}, "mL"), ({"isolation": "luck"}, "luck")],
)
def test_what_no_laboratory_does(tmp_path, change, words):
    model = ward_read(THROUGH | change)
    with pytest.raises(InputError, match=words) as caught:
        vf.cohort(model, store=tmp_path, threads=1)
    assert caught.value.problems[0].message.startswith("read: ")
    if "unit" not in change:
        assert [p.message for p in problems_of_readings(model)] == [caught.value.problems[0].message]


def test_a_model_of_many_readings_tells_them_all():
    bad = {"through": THROUGH | {"instrument": "eye"}, "measure": "1e9 * patient.ward.danger @ 12 h"}
    model = ward(markers={"a": bad, "b": bad}, panels=None, detection=None)
    assert len(list(problems_of_readings(model))) == 2


def test_below_the_limit_nothing_is_told(tmp_path):
    study = vf.cohort(ward_read(THROUGH, "1e3 * patient.ward.danger @ 12 h"), store=tmp_path, threads=1)
    level, read = (study.markers[name][0].roc for name in ("level", "read"))
    assert read.auc == 0.5 < level.auc
