from __future__ import annotations

import json
import subprocess
import sys

import pytest

from vesiflux.cli import main
from vesiflux.evidence import Evidence


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["vesiflux", "evidence", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main.main()
    return int(leaving.value.code or 0)


def test_stats_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "stats", "--json") == 0
    assert json.loads(capsys.readouterr().out) == Evidence.load().stats()


def test_search_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "search", "rab27a", "--review", "secretion", "--limit", "2", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 2
    assert {"id", "agent", "outcome", "direction", "effect"} <= found[0].keys()


def test_show_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "show", "secretion-045", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["chain"][0]["from"] == "MVB"
    assert shown["sources"][0]["vote"] == "secretion:5"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stats"], ["882", "conflict: msc_exosome on tumour_angiogenesis"]),
        (["search", "pdl1", "--limit", "1"], ["1 of ", "--limit "]),
        (
            ["show", "secretion-045"],
            ["chain", "MVB -> mvb_lysosome_fusion", "doubts", "[secretion:5] Gurung 2021"],
        ),
    ],
)
def test_for_people(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: list[str],
) -> None:
    assert call(monkeypatch, *arguments) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in words), out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "tme-0699"], "did you mean tme-"),
        (["search", "x", "--review", "tmee"], "did you mean tme"),
        (["stats", "--table", "/no/such/folder"], "no such folder"),
    ],
)
def test_mistakes_leave_with_2_and_a_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert call(monkeypatch, *arguments) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_importing_the_evidence_needs_no_heavy_library() -> None:
    code = (
        "import sys, vesiflux.evidence, vesiflux.cli.evidence as e;"
        "vesiflux.evidence.Evidence.load().stats();"
        "sys.exit(bool({'duckdb', 'pyarrow', 'numpy', 'scipy', 'pint', 'rich'} & set(sys.modules)))"
    )
    env = {"PYTHONPATH": ":".join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=env).returncode == 0
