"""The command as a user meets it: help, version, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vesiflux import __version__
from vesiflux.cli import main as cli

HEAVY = {
    "duckdb",
    "jinja2",
    "lark",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pint",
    "pyarrow",
    "pydantic",
    "scipy",
    "xarray",
    "zarr",
}
COMMANDS = ["run", "list", "check", "new", "evidence", "export", "report"]


def python(code: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    utf8 = os.environ | {"PYTHONUTF8": "1"}  # in a shell of any locale
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env=utf8,
    )


def vesiflux(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return python("from vesiflux.cli.main import main; main()", *arguments, cwd=cwd)


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    report_modules = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr))\n"
        "from vesiflux.cli.main import main; main()"
    )
    done = python(report_modules, *command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    # typer itself looks for pydantic once a sub-command is built; of ours nothing may import it
    allowed = {"pydantic"} if command else set()
    assert HEAVY & set(done.stderr.split()) <= allowed


def test_importing_the_package_is_light() -> None:
    done = python("import sys, vesiflux; print(*{name.partition('.')[0] for name in sys.modules})")
    assert done.returncode == 0
    assert (HEAVY | {"rich", "typer"}) & set(done.stdout.split()) == set()


def test_help_lists_every_command() -> None:
    shown = vesiflux("--help").stdout
    assert [command for command in COMMANDS if f" {command} " not in shown] == []


def test_run_states_its_defaults() -> None:
    shown = " ".join(vesiflux("run", "--help").stdout.replace("│", " ").split())
    for default in (
        "Default: the model's `run.draws`, or 64",
        "[default: 1]",
        "[default: vesiflux-runs]",
        "Default: every core",
    ):
        assert default in shown


def test_version() -> None:
    done = vesiflux("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"vesiflux {__version__}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["run"],
        ["run", "secretion", "--draws", "0"],
        ["run", "secretion", "--draws", "many"],
        ["run", "secretion", "--no-such-option"],
        ["run", "secretion", "--structures", "some"],
        ["export", "x", "--to", "docx", "--out", "y"],
        ["new", "a", "--kind", "galaxy"],
    ],
)
def test_a_wrong_call_leaves_with_2_and_no_traceback(arguments: list[str]) -> None:
    done = vesiflux(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "secretion", "--set", "kmat"], "--set kmat: not a name and a value; write --set NAME=VALUE"),
        (["run", "secretion", "--set", "kmat="], "--set kmat=: not a name and a value"),
        (["run", "secretion", "--set", "a=1", "--set", "a=2"], "a is set twice"),
        (["check"], "check: no model given; write `vesiflux check MODEL`"),
        (["new", "../escape"], "new: '../escape' cannot name a model; use letters"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(arguments: list[str], message: str) -> None:
    done = vesiflux(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("raised", "code"),
    [("InputError('model.yaml: wrong')", 2), ("RunError('disk full')", 1), ("KeyboardInterrupt()", 130)],
)
def test_exit_codes_of_errors_inside_a_command(raised: str, code: int) -> None:
    done = python(
        "import vesiflux.cli.main as cli\n"
        "from vesiflux.errors import InputError, RunError\n"
        "@cli.app.command('fail')\n"
        f"def fail() -> None: raise {raised}\n"
        "cli.main()",
        "fail",
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_what_the_machine_refuses_is_one_line() -> None:
    done = python(
        "import vesiflux.cli.main as cli\n"
        "@cli.app.command('fail')\n"
        "def fail() -> None: open('/nowhere/at/all', 'w')\n"
        "cli.main()",
        "fail",
    )
    assert done.returncode == 1
    said = "/nowhere/at/all: No such file or directory; nothing more was written"
    assert done.stderr.splitlines() == [said]


def test_an_interrupt_that_a_callback_lost_is_still_one() -> None:
    done = python(
        "import os, signal\n"
        "import vesiflux.cli.main as cli\n"
        "@cli.app.command('fail')\n"
        "def fail() -> None:\n"
        "    try: os.kill(os.getpid(), signal.SIGINT); signal.pause()\n"
        "    except KeyboardInterrupt: raise RuntimeError('no compiled object yet') from None\n"
        "cli.main()",
        "fail",
    )
    assert done.returncode == 130
    assert done.stderr.splitlines() == ["interrupted"]


def test_a_missing_model_is_told_plainly(tmp_path: Path) -> None:
    done = vesiflux("check", "missing.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "missing.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_reports_problems_as_json(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("vesiflux: 1\nname: broken\ncels: {}\n", encoding="utf-8")
    done = vesiflux("check", "broken.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 2
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert all(set(problem) == {"file", "line", "column", "message"} for problem in answer["problems"])
    assert any(problem["line"] == 3 and "cels" in problem["message"] for problem in answer["problems"])


def test_check_prints_a_schema() -> None:
    schema = json.loads(vesiflux("check", "--schema").stdout)
    assert "cells" in schema["properties"]


def test_new_writes_a_model_that_passes_check_and_never_overwrites(tmp_path: Path) -> None:
    assert vesiflux("new", "my-model", cwd=tmp_path).returncode == 0
    text = (tmp_path / "my-model.yaml").read_text(encoding="utf-8")
    assert "#" in text
    checked = vesiflux("check", "my-model.yaml", cwd=tmp_path)
    assert (checked.returncode, checked.stdout[:2]) == (0, "ok")
    again = vesiflux("new", "my-model", cwd=tmp_path)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert (tmp_path / "my-model.yaml").read_text(encoding="utf-8") == text


def test_list_names_the_secretion_model() -> None:
    models = json.loads(vesiflux("list", "--json").stdout)
    assert all(set(model) >= {"name", "title", "space", "review", "claims", "seconds"} for model in models)
    assert "secretion" in {model["name"] for model in models}


def test_main_is_what_the_script_calls() -> None:
    assert callable(cli.main)
