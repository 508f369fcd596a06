"""Which models answer for a review."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.language.modules import library_models
from vesiflux.verify import wholes as table
from vesiflux.verify.claims import models_for
from vesiflux.verify.wholes import wholes

EVIDENCE = Evidence.load()


def test_every_whole_model_is_of_its_review_and_no_tissue() -> None:
    for review, name in wholes().items():
        found, (model,) = models_for(review, EVIDENCE)
        assert (found, model.name, model.spec.review) == (review, name, review)
        assert model.spec.space.kind != "tissue"


def test_tissues_are_not_run_as_dishes(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {name: library_models()[name] for name in ("melanoma-cd8", "tumour-slice")}
    monkeypatch.setattr("vesiflux.verify.claims.wholes", dict)
    monkeypatch.setattr("vesiflux.language.modules.library_models", lambda: there)
    _, models = models_for("tme", EVIDENCE)
    assert [m.name for m in models] == ["melanoma-cd8"]
    with pytest.raises(InputError, match="tumour-slice happens in a tissue; claims are put to a dish"):
        models_for("tumour-slice", EVIDENCE)


def test_only_models_of_the_library_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "library_models", lambda: {"secretion": library_models()["secretion"]})
    assert wholes() == {"secretion": "secretion"}
