"""Every kernel's cache directory is named by all files that its machine code is made of."""

from __future__ import annotations

import ast
import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vesiflux
from vesiflux import engines
from vesiflux.engines import _numba

ROOT = Path(vesiflux.__file__).parent
#: Says how to compile and compiles nothing itself; numba's version is in the name of the directory.
COMPILER = Path(_numba.__file__)


class Plain:
    """Stands for `_numba.Compiler` and compiles nothing."""

    def __call__(self, function):
        return function

    inner = __call__


def kernel_modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(engines.__path__, "vesiflux.engines."):
        spec = importlib.util.find_spec(found.name)
        assert spec is not None
        assert spec.origin is not None
        source = spec.origin
        if "compiler(" in Path(source).read_text(encoding="utf-8") and Path(source) != COMPILER:
            yield found.name


@cache
def imported(file: Path) -> frozenset[Path]:
    """Files of vesiflux that a file imports at its top, and so on."""
    found: set[Path] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if not name.startswith("vesiflux."):
                continue
            path = ROOT.joinpath(*name.split(".")[1:])
            # a module, a name in a module, or a name in a package
            tried = (path.with_suffix(".py"), path.parent.with_suffix(".py"), path.parent / "__init__.py")
            source = next((p for p in tried if p.is_file()), None)
            if source is not None and source != COMPILER:
                found |= {source, *imported(source)}
    return frozenset(found)


@pytest.mark.parametrize("name", list(kernel_modules()))
def test_the_cache_is_named_by_every_file_that_is_compiled_in(name: str, monkeypatch: pytest.MonkeyPatch):
    file = Path(importlib.import_module(name).__file__ or "")
    told: list[Path] = []

    def note(*sources: str):
        told.extend(map(Path, sources))
        return Plain()

    monkeypatch.setattr(_numba, "compiler", note)
    code = compile(file.read_text(encoding="utf-8"), str(file), "exec")
    exec(code, {"__name__": name, "__file__": str(file)})
    assert set(told) >= {file, *imported(file)}
