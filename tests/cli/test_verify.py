"""`vesiflux verify`: options handed on, words and JSON printed. Verification itself is tested in its room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import vesiflux.verify
from vesiflux.cli import verify
from vesiflux.errors import InputError
from vesiflux.verify.every import Verifications
from vesiflux.verify.foretold import Foretold, Prediction
from vesiflux.verify.result import Verdict, Verification
from vesiflux.verify.shuffles import Shuffled

APP = typer.Typer()
APP.command()(verify.verify)
DETAILS = (
    Verdict("toy-001", "reproduced", "encoded", "none", "rule", "A x 0.1 -> level down", 1.0, 0.1, "A"),
    Verdict("toy-002", "not_reproduced", "", "none", "hand", "moves too little", 0.4, 1.02, "B"),
    Verdict("toy-003", "not_judged", "", "none", "rule", "states no direction", checkable=False),
)
SHUFFLED = Shuffled(64, 4, 9, 2, 0.8, 0.7, 0.9, 1.5, 1, 0.5)
FOUND = Verification("toy", "toy", "", 9, DETAILS, (DETAILS[0],), SHUFFLED, (), 16, 4, False, 1, 1234, 2.5)
ANSWERS = (
    Prediction("held-1", "toy", "A halved", "level", 0.5, 0.3, 0.7, 0.0, 1.0, lanes=8),
    Prediction("held-2", "toy", "nobody", "level", note="the model has no node NOPE"),
)
FORETOLD = Foretold("toy", "0" * 64, 8, 2, 3, ANSWERS)
KEYS = {
    "model", "claims", "checkable", "expressible", "reproduced", "contradicted", "not_reproduced", "encoded",
    "calibrated", "predicted", "shuffled_share", "controls_share", "isolated", "details",
}  # fmt: skip


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def fake(name: str, kind: str | None, **options: Any) -> Verification:
        seen.update(options, name=name, kind=kind)
        options["progress"]("experiments", 1, 1)
        return FOUND

    monkeypatch.setattr("vesiflux.verify.verify", fake)
    monkeypatch.setattr("vesiflux.engines.compartments.is_warm", lambda: True)
    monkeypatch.setattr("vesiflux.engines.compartments.warm_up", lambda told=None: None)
    return seen


def test_options(handed: dict[str, Any], tmp_path: Path) -> None:
    words = f"toy --kind secretion --full --draws 8 --shuffles 0 --seed 3 --threads 2 --table {tmp_path}"
    result = CliRunner().invoke(APP, words.split())
    assert result.exit_code == 0, result.output
    assert (handed["name"], handed["kind"], handed["full"], handed["draws"]) == ("toy", "secretion", True, 8)
    assert (handed["shuffles"], handed["seed"], handed["threads"]) == (0, 3, 2)
    assert handed["tables"] == [tmp_path]


def test_json(handed: dict[str, Any]) -> None:
    result = CliRunner().invoke(APP, ["toy", "--json"])
    facts = json.loads(result.output)
    assert set(facts) >= KEYS
    assert facts["isolated"].items() >= {"checkable": 1, "expressible": 1, "reproduced": 1}.items()
    detail = {"claim": "toy-001", "verdict": "reproduced", "basis": "encoded", "dose": "none", "how": "rule"}
    assert facts["details"][0].items() >= detail.items()
    assert facts["controls_share"] is None


def test_words(handed: dict[str, Any]) -> None:
    told = CliRunner().invoke(APP, ["toy"]).output
    assert "A x 0.1 -> level down" in told
    assert "toy: 9 claims; 2 of those" in told
    assert "reproduced 1, of which predicted 0, calibrated 0, encoded 1; not reproduced 1" in told
    assert "shuffled signs: right in 80%" in told
    assert "1 of 2 claims keep their sign in every shuffle" in told
    assert "by construction" in told
    assert "A x 0.1" not in CliRunner().invoke(APP, ["toy", "--quiet"]).output


def test_saved_table(handed: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "sub" / "table.tsv"
    assert CliRunner().invoke(APP, ["toy", "--quiet", "--save", str(path)]).exit_code == 0
    head, first, *_ = path.read_text(encoding="utf-8").splitlines()
    assert head.split("\t")[:3] == ["claim", "verdict", "basis"]
    assert first.split("\t")[:6] == ["toy-001", "reproduced", "encoded", "none", "rule", "1.000"]


def test_all_reviews(handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def fake(**options: Any) -> Verifications:
        seen.update(options)
        return Verifications({"toy": FOUND}, 2.5)

    monkeypatch.setattr("vesiflux.verify.every.verify_all", fake)
    result = CliRunner().invoke(APP, ["--json", "--draws", "8", "--save", str(tmp_path / "kept")])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.output)
    assert seen["draws"] == 8
    assert set(facts["models"]["toy"]) >= KEYS
    assert all(len(c["claims"]) == len(c["verdicts"]) == 2 for c in facts["contradictions_between_reviews"])
    kept = json.loads((tmp_path / "kept" / "verify-toy.json").read_text(encoding="utf-8"))
    assert kept == facts["models"]["toy"]
    assert "between reviews" in CliRunner().invoke(APP, ["--quiet"]).output
    # what --full gave is not written over by less
    (tmp_path / "kept" / "verify-toy.json").write_text(json.dumps(kept | {"full": True, "draws": 99}))
    CliRunner().invoke(APP, ["--quiet", "--save", str(tmp_path / "kept")])
    assert json.loads((tmp_path / "kept" / "verify-toy.json").read_text(encoding="utf-8"))["draws"] == 99
    assert isinstance(CliRunner().invoke(APP, ["--kind", "targeting"]).exception, InputError)
    assert isinstance(CliRunner().invoke(APP, ["--held-out"]).exception, InputError)


def test_what_cannot_be_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    untold = Verdict("toy-004", "inexpressible", "", "none", "rule", "no readout of the model shows it")
    monkeypatch.setattr("vesiflux.verify.run.inexpressible", lambda name, tables: ([untold], 3, 4))
    told = CliRunner().invoke(APP, ["toy", "--inexpressible"]).output
    assert "toy-004" in told
    assert "toy: 3 of 4 claims that say what to look at can be tested" in told
    facts = json.loads(CliRunner().invoke(APP, ["toy", "--inexpressible", "--json"]).output)
    assert facts["toy"]["details"][0]["reason"] == "no readout of the model shows it"


def test_held_out_questions(handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def fake(name: str, **options: Any) -> Foretold:
        seen.update(options, name=name)
        return FORETOLD

    monkeypatch.setattr("vesiflux.verify.predictions.held_out", fake)
    path = tmp_path / "sub" / "answers.tsv"
    words = ["toy", "--held-out", "--draws", "8", "--seed", "3", "--threads", "2"]
    result = CliRunner().invoke(APP, [*words, "--save", str(path)])
    assert result.exit_code == 0, result.output
    assert (seen["name"], seen["draws"], seen["seed"], seen["threads"]) == ("toy", 8, 3, 2)
    assert "0.3 to 0.7" in result.output
    assert "NOPE" in result.output
    assert "1 of 2 questions asked, in 8 lanes each" in result.output
    assert path.read_text(encoding="utf-8") == FORETOLD.table()
    facts = json.loads(CliRunner().invoke(APP, [*words, "--json"]).output)
    assert {k: facts[k] for k in ("questions", "asked", "wide")} == {"questions": 2, "asked": 1, "wide": 0}
    assert [p["median"] for p in facts["predictions"]] == [0.5, None]


@pytest.mark.parametrize("more", [["--full"], ["--kind", "targeting"]])
def test_held_out_questions_are_not_claims(handed: dict[str, Any], more: list[str]) -> None:
    result = CliRunner().invoke(APP, ["toy", "--held-out", *more])
    assert isinstance(result.exception, InputError)
    assert "asks its own questions" in str(result.exception)


def test_the_room_can_be_called() -> None:
    assert callable(vesiflux.verify)
    assert vesiflux.verify.__signature__.parameters["full"].default is False
