"""Every broken model of the corpus gives exactly the problems its first lines name, at their places.

A line ``# expect: [FILE:]LINE:COLUMN message`` stands for one problem; FILE is a table or module
beside the model. The message must contain what is written.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vesiflux.errors import InputError, Problem
from vesiflux.language import Model

CORPUS = Path(__file__).parent.parent / "bad_input"
FILES = sorted(CORPUS.glob("*.yaml"))


def _expected(path: Path) -> list[tuple[str, int, int, str]]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"# expect: (?:(\S+?):)?(\d+):(\d+) (.+)", line)
        if match is None:
            break
        found.append(
            (str(CORPUS / match[1]) if match[1] else str(path), int(match[2]), int(match[3]), match[4])
        )
    return found


def _problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        Model.load(path)
    return caught.value.problems


def test_the_corpus_is_large():
    assert len(FILES) >= 150


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_broken_model_says_what_is_wrong(path: Path):
    expected = _expected(path)
    assert expected, "the file names no problem"
    problems = _problems(path)
    places = {(p.file, p.line, p.column) for p in problems}
    assert places == {e[:3] for e in expected}
    assert len(problems) == len(expected), [str(p) for p in problems]
    for file, line, column, message in expected:
        here = [p.message for p in problems if (p.file, p.line, p.column) == (file, line, column)]
        assert any(message in text for text in here), here
    for problem in problems:
        assert "\n" not in problem.message
        assert len(problem.message) < 250


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"", (1, 1), "the file is empty; `vesiflux new` writes a model"),
        (b"  \n\n", (1, 1), "the file is empty"),
        (bytes(range(256)), (1, 1), "this is not a text file"),
        (b"vesiflux: 1\nname: caf\xe9\n", (2, 10), "not a text in UTF-8 (byte 0xe9)"),
        (b"PK\x03\x04\x14\x00", (1, 3), "this is not a text file"),
        (b"vesiflux: 1\nname: a\x00b\n", (2, 8), "control character 0x00"),
        (b"[" * 1500, (1, 1), "nested too deeply"),
    ],
    ids=["empty", "blank", "binary", "latin-1", "zip", "nul", "brackets"],
)
def test_file_that_is_no_text(tmp_path: Path, content: bytes, place: tuple[int, int], message: str):
    path = tmp_path / "model.yaml"
    path.write_bytes(content)
    if content == bytes(range(256)):
        place, message = (1, 1), "not a text in UTF-8"
    (problem,) = _problems(path)
    assert message in problem.message
    if message != "not a text in UTF-8":
        assert (problem.line, problem.column) == place


def test_missing_file(tmp_path: Path):
    (problem,) = _problems(tmp_path / "nothing.yaml")
    assert str(problem) == f"{tmp_path}/nothing.yaml:1:1: no such file"


def test_folder(tmp_path: Path):
    (problem,) = _problems(tmp_path)
    assert problem.message == "this is a folder; name the file in it"


def test_unknown_library_name():
    with pytest.raises(InputError, match="no such file, and no model of the library"):
        Model.load("secretoin")


def test_windows_line_ends_and_byte_order_mark_are_no_error(tmp_path: Path):
    from vesiflux.language import starter

    path = tmp_path / "model.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + starter("windows").replace("\n", "\r\n").encode())
    assert Model.load(path).name == "windows"
