"""Where modules and models come from: by name from the library, by path beside the model, inline.

The library is found as files of the package; none of its Python is imported.
"""

from __future__ import annotations

from pathlib import Path as FilePath

import vesiflux
from vesiflux.errors import InputError, Problem
from vesiflux.language.positions import Finding, Positions
from vesiflux.language.schema import ModelSpec, Module
from vesiflux.language.validate import validate
from vesiflux.language.words import meant
from vesiflux.language.yaml import read_text, read_yaml

__all__ = ["library_folder", "library_models", "library_modules", "load_module", "resolve_modules"]


def library_folder() -> FilePath:
    """Folder of the library's models, ``_modules`` in it."""
    return FilePath(vesiflux.__file__).parent / "library"


def library_models() -> dict[str, FilePath]:
    """Names of the library's models and their files."""
    return {path.parent.name: path for path in sorted(library_folder().glob("*/model.yaml"))}


def library_modules() -> dict[str, FilePath]:
    """Names of the library's modules and their files."""
    return {path.stem: path for path in sorted((library_folder() / "_modules").glob("*.yaml"))}


def load_module(path: FilePath) -> tuple[Module | None, Positions, list[Problem]]:
    """A module from its file: what can be read of it, where it stands, what is wrong with its shape.

    Raises `InputError` where the file is missing or no YAML.
    """
    data, positions, problems = read_yaml(read_text(path), str(path))
    module, findings = validate(data, Module, "a module")
    return module, positions, problems + positions.problems(findings)


def resolve_modules(
    spec: ModelSpec, positions: Positions, beside: FilePath | None
) -> tuple[dict[str, Module], list[Problem]]:
    """All modules of a model by the name they have in it. Their places are added to ``positions``.

    ``beside``: folder that relative paths start from; `None` is a model without a file.
    """
    modules: dict[str, Module] = {}
    problems: list[Problem] = []
    for name, source in spec.modules.items():
        if isinstance(source, Module):
            modules[name] = source
            continue
        path = _find(source, beside)
        if isinstance(path, str):
            problems.append(positions.problem(Finding(("modules", name), path)))
            continue
        try:
            module, places, wrong = load_module(path)
        except InputError as error:
            problems += error.problems
            continue
        problems += wrong
        positions.graft(("modules", name), places)
        if module is not None:
            modules[name] = module
    return modules, problems


def _find(source: str, beside: FilePath | None) -> FilePath | str:
    """The file of a module, or what is wrong with its name."""
    if source.endswith((".yaml", ".yml")) or "/" in source:
        if FilePath(source).is_absolute():
            return FilePath(source)
        if beside is None:
            return f"the path {source!r} starts from the model's folder, but this model has no file"
        path = beside / source
        return path if path.is_file() else f"no file {source!r} beside the model"
    known = library_modules()
    if source in known:
        return known[source]
    return f"the library has no module {source!r}; {meant(source, known, 'modules')}"
