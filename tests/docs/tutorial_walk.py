"""Do what a tutorial says: its fenced blocks, in order, in an empty folder.

- ``console``: lines that begin with ``$`` are commands; the lines below them must come out, in this order.
  ``console title="refused"``: the command must be refused with exit code 2 and say so.
- ``yaml title="FILE"``: what FILE is to say; merged into it, or the whole of it where there is none.
- ``tsv title="FILE, new rows"``: rows to add, with the names of their columns above them.
- ``python``: goes on from the python blocks before it; a ``text`` block right below is what it prints.

In expected lines ``...`` stands for anything, and numbers need only agree to 2 %: processors differ in the
last digits.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import vesiflux

TOLERANCE = 0.02
_MAIN = "from vesiflux.cli.main import main; main()"
_FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block and the line it begins at."""

    kind: str
    title: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Every fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield Block(match[1], match[2] or "", match[3], text.count("\n", 0, match.start()) + 1)


def walk(page: Path, folder: Path) -> int:
    """Do all blocks of a page in ``folder``; returns how many. Raises `AssertionError` where it is wrong."""
    printed, count = "", 0
    names: dict[str, Any] = {}
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.kind == "console":
            _console(block.text, folder, where, 2 if block.title == "refused" else 0)
        elif block.kind == "python":
            printed = _python(block.text, names, folder, where)
        elif block.kind == "text":
            expect(block.text, printed, where)
        elif block.kind == "yaml":
            merge_yaml(folder / block.title, block.text)
        elif block.kind == "tsv":
            add_rows(folder / block.title.removesuffix(", new rows"), block.text)
        else:
            raise AssertionError(f"{where}: nobody knows what to do with a block of {block.kind}")
        count += 1
    return count


def _console(text: str, folder: Path, where: str, code: int) -> None:
    commands = re.split(r"^\$ ", text.replace("\\\n", " "), flags=re.MULTILINE)
    assert not commands[0].strip(), f"{where}: a console block begins with a command"
    for command in commands[1:]:
        line, _, expected = command.partition("\n")
        done = _call(["sh", "-c", line], folder)
        assert done.returncode == code, f"{where}: {line}\n{done.stdout}{done.stderr}"
        expect(expected, done.stderr if code else done.stdout, f"{where}: {line}")


def _python(text: str, names: dict[str, Any], folder: Path, where: str) -> str:
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(text, where, "exec"), names)
    return printed.getvalue()


def _call(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that finds this interpreter's vesiflux, as a command and as a package."""
    commands = folder / ".bin"
    commands.mkdir(exist_ok=True)
    script = commands / "vesiflux"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{_MAIN}' \"$@\"\n")
    script.chmod(0o755)
    source = str(Path(vesiflux.__file__).parent.parent)
    environment = os.environ | {
        "PATH": f"{commands}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": source,
        "COLUMNS": "120",
        "PYTHONUTF8": "1",  # what is printed can be read in a shell of any locale
    }
    return subprocess.run(
        arguments,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def expect(expected: str, printed: str, where: str) -> None:
    """Every line of ``expected`` must stand in ``printed``, in this order."""
    left = printed.splitlines()
    for line in filter(str.strip, expected.splitlines()):
        for i, candidate in enumerate(left):
            if _same(line.split(), candidate.split()):
                left = left[i + 1 :]
                break
        else:
            raise AssertionError(f"{where}: expected {line!r} in\n{printed}")


def _same(expected: list[str], found: list[str]) -> bool:
    if not expected:
        return not found
    if expected[0] == "...":
        return any(_same(expected[1:], found[i:]) for i in range(len(found) + 1))
    return bool(found) and _same_word(expected[0], found[0]) and _same(expected[1:], found[1:])


def _same_word(expected: str, found: str) -> bool:
    try:
        a, b = float(expected.strip("(,)")), float(found.strip("(,)"))
    except ValueError:
        return expected == found
    return abs(a - b) <= TOLERANCE * abs(a)


def merge_yaml(file: Path, text: str) -> None:
    """Make a YAML file say what ``text`` says, and keep whatever else it says."""
    yaml = YAML()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    data = yaml.load(file.read_text(encoding="utf-8"))
    _merge(data, yaml.load(text))
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(data, out)


def _merge(into: MutableMapping[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), MutableMapping):
            _merge(into[key], value)
        else:
            into[key] = value


def add_rows(file: Path, text: str) -> None:
    """Append rows to a table; columns are matched by name, those not named stay empty."""
    old = file.read_text(encoding="utf-8")
    columns = next(line for line in old.splitlines() if line and not line.startswith("#")).split("\t")
    head, *rows = text.splitlines()
    names = head.split("\t")
    unknown = set(names) - set(columns)
    assert not unknown, f"{file.name} has no columns {unknown}"
    new = []
    for row in rows:
        cells = dict(zip(names, row.split("\t"), strict=True))
        new.append("\t".join(cells.get(column, "") for column in columns))
    file.write_text(old.rstrip("\n") + "\n" + "\n".join(new) + "\n", encoding="utf-8")
