"""A model: what was written, what it expands to, its modules, and where everything stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Literal

from vesiflux.errors import InputError, Problem
from vesiflux.language.check import check
from vesiflux.language.dump import to_plain
from vesiflux.language.from_evidence import LeftOut, expand_evidence
from vesiflux.language.layout_files import read_layouts
from vesiflux.language.modules import library_models, resolve_modules
from vesiflux.language.positions import Positions
from vesiflux.language.presets import with_presets
from vesiflux.language.schema import Arm, ModelSpec, Module
from vesiflux.language.species import with_species
from vesiflux.language.tables import expand_tables
from vesiflux.language.validate import validate
from vesiflux.language.words import meant
from vesiflux.language.yaml import read_text, read_yaml, write_yaml

__all__ = ["Model", "json_schema", "load", "starter"]


class Model:
    """A checked model.

    Attributes
    ----------
    spec
        The complete model: tables expanded into arms, interventions, structures and choices, claims into
        responses.
    written
        The model as written, presets filled in, tables and claims by name only; what `save` writes.
    modules
        The model's modules by the name they have in it.
    origin
        File it came from, or `None`.
    text
        Its YAML as read; blank for a model made from objects.
    positions
        Places of everything in its files.
    left_out
        Arrows of the claims named in ``from evidence [...]`` that a cell does not get, with the reason.
    places
        Cell type -> where its cells lie (um), of types whose layout is a CSV file.
    """

    def __init__(
        self,
        written: ModelSpec,
        spec: ModelSpec,
        modules: Mapping[str, Module],
        positions: Positions,
        origin: FilePath | None = None,
        text: str = "",
        files: Mapping[str, str] | None = None,
        left_out: tuple[LeftOut, ...] = (),
        places: Mapping[str, list[tuple[float, ...]]] | None = None,
    ) -> None:
        self.written = written
        self.spec = spec
        self.modules = dict(modules)
        self.positions = positions
        self.origin = origin
        self.text = text
        self.files = dict(files or {})
        self.left_out = left_out
        self.places = dict(places or {})

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.spec.name

    @property
    def unassigned(self) -> dict[str, Arm]:
        """Stimuli whose node nobody knows: listed with what was reported, never run."""
        return dict(self.spec.unassigned)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        # modules count by what they are, not by where they lie
        one, two = (m.spec.model_copy(update={"modules": {}}) for m in (self, other))
        return (one, self.modules) == (two, other.modules)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        spec = self.spec
        return f"<vesiflux.Model {spec.name}: {len(spec.cells)} cells, {len(spec.arms)} arms>"

    # ------------------------------------------------------------ in

    @classmethod
    def load(cls, source: str | FilePath) -> Model:
        """A model from a YAML file, a folder with ``model.yaml``, or the library, by name.

        Raises `InputError` with every problem as ``file:line:column: message``.
        """
        path = _file_of(source)
        text = read_text(path)
        data, positions, problems = read_yaml(text, str(path))
        return cls._make(data, positions, problems, path, text)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], beside: str | FilePath | None = None) -> Model:
        """A model from plain data. ``beside``: folder of its tables and modules, if it has any.

        Raises `InputError`; problems name keys, since there are no lines.
        """
        origin = FilePath(beside) / "model.yaml" if beside is not None else None
        text = write_yaml(_plain(data))
        again, positions, problems = read_yaml(text, str(origin or "model"))
        return cls._make(again, positions, problems, origin, "")

    @classmethod
    def from_text(cls, text: str, file: str = "model.yaml") -> Model:
        """A model from YAML that stands on its own (no tables or modules beside it)."""
        data, positions, problems = read_yaml(text, file)
        return cls._make(data, positions, problems, None, text)

    @classmethod
    def _make(
        cls, data: Any, positions: Positions, problems: list[Problem], origin: FilePath | None, text: str
    ) -> Model:
        beside = origin.parent if origin else None
        merged = with_presets(data, positions)
        filled, lacking = with_species(merged.data, positions)
        written, findings = validate(filled, ModelSpec, "a model")
        problems = problems + positions.problems([*merged.findings, *lacking, *findings])
        if written is None:
            raise InputError(problems)
        modules, wrong = resolve_modules(written, positions, beside)
        expanded = expand_tables(written, positions, beside)
        layouts = read_layouts(written, positions, beside)
        problems += wrong + expanded.problems + layouts.problems
        if not expanded.whole:  # what a table lacks would be missed all over the model
            raise InputError(list(dict.fromkeys(problems)))
        spec, findings, left_out = expand_evidence(expanded.spec, positions)
        problems += positions.problems([*findings, *check(spec, modules, merged.shown)])
        if problems:
            raise InputError(list(dict.fromkeys(problems)))
        files = {**expanded.files, **layouts.texts}
        return cls(written, spec, modules, positions, origin, text, files, left_out, layouts.places)

    # ------------------------------------------------------------ out

    def to_dict(self, whole: bool = False) -> dict[str, Any]:
        """Plain data as written, or ``whole``: tables expanded, modules and places inline, no file needed."""
        plain: dict[str, Any] = to_plain(self.spec if whole else self.written)
        if whole:
            plain.pop("tables", None)
            if self.modules:
                plain["modules"] = {name: to_plain(module) for name, module in self.modules.items()}
            for name, spots in self.places.items():
                points = [[f"{number!r} um" for number in spot] for spot in spots]
                plain["cells"][name]["layout"] = {"kind": "at", "points": points}
        return plain

    def to_text(self, whole: bool = False) -> str:
        """YAML of the model: the text it was read from where there is one, else written anew."""
        return self.text if self.text and not whole else write_yaml(self.to_dict(whole))

    def save(self, path: str | FilePath) -> FilePath:
        """Write the model to ``path``, its tables and own modules beside it. Returns the path.

        Raises `InputError` where a file cannot be written.
        """
        target = FilePath(path)
        beside = dict(self.files)
        for source in self.written.modules.values():
            is_path = isinstance(source, str) and (source.endswith((".yaml", ".yml")) or "/" in source)
            if is_path and self.origin is not None and not FilePath(str(source)).is_absolute():
                beside[str(source)] = read_text(self.origin.parent / str(source))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.to_text(), encoding="utf-8")
            for name, text in beside.items():
                (target.parent / name).parent.mkdir(parents=True, exist_ok=True)
                (target.parent / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"{target}: cannot be written: {error.strerror}") from None
        return target

    def changed(self, changes: Mapping[str, Any]) -> Model:
        """The same model with some values changed, checked anew.

        ``changes``: dotted paths as in the YAML, e.g. ``{"space.volume": "3 mL"}``; a name with dots
        in it cannot be reached this way.
        """
        data = self.to_dict()
        for path, value in changes.items():
            *above, last = path.split(".")
            at: Any = data
            for step in above:
                at = at.setdefault(step, {}) if isinstance(at, dict) else None
            if not isinstance(at, dict):
                raise InputError(f"{path}: the model has no such place")
            at[last] = value
        return Model.from_dict(data, self.origin.parent if self.origin else None)


def load(source: str | FilePath) -> Model:
    """`Model.load`."""
    return Model.load(source)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a model file, for editors. Quantities may be numbers, texts or mappings."""
    schema = ModelSpec.model_json_schema(by_alias=True)
    value = schema["$defs"]["Value"]
    short = [{"type": "number"}, {"type": "string"}]
    schema["$defs"]["Value"] = {
        "anyOf": [*short, value],
        "title": "Value",
        "description": value.pop("description", ""),
    }
    listed = {"type": "array", "items": {"type": "string"}}
    schema["$defs"]["Detection"] = {"anyOf": [listed, schema["$defs"]["Detection"]], "title": "Detection"}
    for part in schema["$defs"].values():
        if "preset" in part.get("properties", {}) and (needed := part.pop("required", [])):
            part["anyOf"] = [{"required": needed}, {"required": ["preset"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "vesiflux model"}


def starter(name: str, kind: Literal["dish", "tissue"] = "dish") -> str:
    """YAML of a small commented model to start from, called ``name``, in a space of this kind."""
    text = (FilePath(__file__).parent / f"starter_{kind}.yaml").read_text(encoding="utf-8")
    quoted = write_yaml({"name": name}).strip()
    return text.replace("name: my-model", quoted, 1)


def _file_of(source: str | FilePath) -> FilePath:
    """The file that a path or a library name stands for."""
    if not isinstance(source, str | FilePath) or not str(source):
        raise InputError(f"a model is a library model's name or a file, not {source!r}")
    path = FilePath(source)
    if path.is_dir() and (path / "model.yaml").is_file():
        return path / "model.yaml"
    if (
        path.exists()
        or isinstance(source, FilePath)
        or path.suffix in (".yaml", ".yml")
        or len(path.parts) > 1
    ):
        return path
    known = library_models()
    if str(source) in known:
        return known[str(source)]
    raise InputError(
        f"{source}: no such file, and no model of the library; {meant(str(source), known, 'models')}"
    )


def _plain(data: Any) -> Any:
    """Parts and tuples inside plain data become plain, too."""
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return to_plain(data)
