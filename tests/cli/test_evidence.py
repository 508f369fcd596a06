"""`vesiflux evidence` as people and scripts call it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from vesiflux.cli import main
from vesiflux.cli._library_uses import uses
from vesiflux.evidence import Evidence


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vesiflux", "evidence", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main.main()
        told = capsys.readouterr()
        return int(leaving.value.code or 0), told.out, told.err

    return called


def test_paths_for_people(call: Any) -> None:
    code, out, _ = call("paths", "intracellular_lactate", "endothelial_permeability")
    assert code == 0
    for words in (
        "1. intracellular_lactate raises endothelial_permeability (5 arrows; weakest: 1 publication; "
        "cells: macrophage, then endothelial_cell)",
        "-> HMGB1 [in macrophage_exosome]   (joins claims, macrophage_exosome carries it; sepsis-022",
        "(sepsis-023 [sepsis:7]; by a vesicle)",
        "sources\n  [sepsis:7] ",
        "paths of at most 6 arrows: 1 raise",
    ):
        assert words in out, out


def test_paths_as_json(call: Any) -> None:
    code, out, _ = call("paths", "GW4869", "exosome_secretion", "--longest", "4", "--json")
    found = json.loads(out)
    assert code == 0
    assert {path["sign"] for path in found} == {"-"}
    assert [path["length"] for path in found] == sorted(path["length"] for path in found)
    for path in found:
        assert len(path["arrows"]) == path["length"]
        assert path["votes"] == path["arrows"][path["weakest"]]["votes"]
        for arrow in path["arrows"]:
            assert arrow["votes"] == len(arrow["publications"])
            assert arrow["joins"] or arrow["claims"]


def test_no_path_is_an_answer(call: Any) -> None:
    code, out, _ = call("paths", "exosome_secretion", "GW4869")
    assert code == 0
    assert out == "no path of at most 6 arrows; --longest allows more, --doubtful too\n"


def test_limit_says_how_many_there_are(call: Any) -> None:
    _, out, _ = call("paths", "hypoxia", "tumour_growth", "--limit", "1")
    every = len(Evidence.load().paths("hypoxia", "tumour_growth"))
    assert f"1 of {every} paths" in out
    assert f"--limit {every} shows all" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["tme-037", "tme-038"],
        ["--about", "ceramide", "--cell", "any_cell"],
        ["--from", "GW4869", "--to", "exosome_secretion", "--longest", "4"],
    ],
)
def test_pictures(call: Any, tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "sub" / "x.svg"
    code, out, _ = call("picture", *arguments, "-o", str(file), "--json")
    assert code == 0
    told = json.loads(out)
    assert told["picture"] == str(file)
    assert told["nodes"] > 2
    assert file.read_text(encoding="utf-8").count("<title>") == 1


def test_a_crowded_neighbourhood_says_what_it_leaves_out(call: Any, tmp_path: Path) -> None:
    code, out, _ = call("picture", "--about", "nk_cell_exosome", "--most", "8", "-o", str(tmp_path / "x.svg"))
    assert code == 0
    assert "x.svg: 8 nodes" in out
    assert "nodes left out; --most " in out


def test_conflicts(call: Any) -> None:
    code, out, _ = call("conflicts", "tumour_angiogenesis", "--review", "msc", "--json")
    assert code == 0
    found = json.loads(out)
    assert any({"msc-075", "msc-080"} <= {*c["raises"], *c["lowers"]} for c in found)
    _, out, _ = call("conflicts")
    assert f"{len(Evidence.load().conflicts())} of {len(Evidence.load().conflicts())} conflicts" in out
    assert "  - msc-080  " in out


def test_show_says_how_it_is_read_and_who_uses_it(call: Any) -> None:
    code, out, _ = call("show", "secretion-134")
    assert code == 0
    for words in ("votes: 1 in vitro", "read as: ", "used by", "secretion/stimuli.tsv: rab27a_loss (line "):
        assert words in out, out
    _, out, _ = call("show", "secretion-134", "--json")
    told = json.loads(out)
    assert told["votes"] == {"in_vitro": 1}
    assert told["readout"]["node"]
    assert {"model", "file", "line", "what"} == told["used_by"][0].keys()
    assert {"from", "to", "status", "logic", "cell", "printed_start"} <= told["chain"][0].keys()


def test_uses_know_runs_of_claims_and_leave_out_lists_of_questions() -> None:
    found = uses("secretion-043")  # named as secretion-041..061
    assert any(use.file == "_modules/mvb.yaml" for use in found)
    assert uses("secretion-999") == []
    assert not any(Path(use.file).name in ("controls.tsv", "machinery-claims.tsv") for use in found)


def test_stats_by_review(call: Any) -> None:
    code, out, _ = call("stats")
    assert code == 0
    for words in ("share of arrows on one publication", "secretion     218", "kinds of claims: response 260"):
        assert words in out, out
    stats = Evidence.load().stats()
    assert sum(row["claims"] for row in stats["reviews"].values()) == stats["claims"]
    assert sum(row["edges"] for row in stats["reviews"].values()) == stats["edges"]
    assert sum(stats["arrows_by_publications"].values()) == stats["arrows"]
    assert stats["edges_unplaced"] == len(Evidence.load().unplaced)


def test_new_writes_tables_that_load(call: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mylab"
    code, out, _ = call("new", str(folder))
    assert code == 0
    assert "next: replace the example, then vesiflux evidence show mylab-001" in out
    code, out, _ = call("show", "mylab-001", "--table", str(folder))
    assert code == 0
    assert "miR-155-5p -| my_new_target" in out
    assert call("new", str(folder))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["paths", "GW486", "exosome_secretion"], "did you mean GW4869"),
        (["paths", "GW4869", "exosome_secretion", "--review", "tmee"], "did you mean tme"),
        (["picture"], "give ids of claims, or --about NAME, or --from NAME --to NAME"),
        (["picture", "tme-037", "--about", "PTEN"], "one of these"),
        (["picture", "--from", "PTEN"], "give ids of claims"),
        (["picture", "tme-0377"], "did you mean tme-"),
        (["picture", "tme-037", "-o", "x.jpg"], ".svg, .png, .pdf"),
        (["picture", "--from", "exosome_secretion", "--to", "GW4869"], "nothing to draw"),
        (["conflicts", "--review", "tmee"], "did you mean tme"),
    ],
)
def test_mistakes(call: Any, arguments: list[str], words: str) -> None:
    code, out, err = call(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert out == ""
