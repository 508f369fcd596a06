"""A protocol: the sample, the steps, what is measured; read from YAML with the place of every error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from vesiflux import units
from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.isolation.fields import Settings, Step, missing_key, read_field, unknown_key
from vesiflux.assay.isolation.steps import STEPS
from vesiflux.assay.sample import Recipe, recipe, recipes
from vesiflux.assay.species import MOST_IN_A_DOSE, most_per_ml, species
from vesiflux.errors import InputError, Problem
from vesiflux.evidence.priors import Prior
from vesiflux.language.positions import Finding, Positions
from vesiflux.language.positions import Path as YamlPath
from vesiflux.language.words import listed, meant, shown
from vesiflux.language.yaml import read_text, read_yaml

__all__ = ["PlannedStep", "Protocol", "library", "load", "read", "volume_after"]

_TOP = ("protocol", "about", "sample", "steps", "measure", "dose")
_SAMPLE = ("from", "volume", "counts")
_FOLDER = Path(__file__).parent / "protocols"
_MOST = {"mL": 1e8, "vesicle": MOST_IN_A_DOSE}
_BEYOND = {
    "mL": "at most 1e8 mL, ten times the largest fermenters",
    "vesicle": f"at most {MOST_IN_A_DOSE:.1e} vesicles fill the plasma of a human",
}


@dataclass(frozen=True)
class PlannedStep:
    """One step as written: its kind and its checked settings; ``name`` tells it from others of its kind."""

    name: str
    kind: Step
    settings: Settings


@dataclass(frozen=True)
class Protocol:
    """What is done to which sample, and what is measured in the end.

    ``dose`` is the number of vesicles in one dose where the file names it, for scale-up.
    """

    name: str
    about: str
    sample: Recipe
    steps: tuple[PlannedStep, ...]
    measure: tuple[str, ...]
    dose: float | None = None


@cache
def library() -> dict[str, Path]:
    """Protocols that come with vesiflux: name to file."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def load(name: str | Path) -> Protocol:
    """The protocol in file ``name`` or, where there is no such file, the library's of that name.

    Raises
    ------
    InputError
        No such protocol, with the names there are; or everything that is wrong in the file.
    """
    path = Path(name)
    if not path.exists():
        if path.suffix not in (".yaml", ".yml") and str(name) in library():
            path = library()[str(name)]
        elif path.suffix in (".yaml", ".yml"):
            raise InputError([Problem(str(name), 1, 1, "no such file")])
        else:
            known = ", ".join(library())
            raise InputError(f"no protocol file or library protocol is called '{name}'; there are: {known}")
    return read(read_text(path), str(path) if path not in library().values() else path.name)


def read(text: str, file: str) -> Protocol:
    """The protocol in a YAML text; `InputError` with every problem in it."""
    data, positions, problems = read_yaml(text, file)
    reader = _Reader(positions)
    found = reader.protocol(data, Path(file).stem)
    problems = [*problems, *positions.problems(reader.findings)]
    if problems or found is None:
        raise InputError(problems or [Problem(file, 1, 1, "this is no protocol")])
    return found


class _Reader:
    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.findings: list[Finding] = []

    def say(self, path: YamlPath, message: str, *, key: bool = False) -> None:
        self.findings.append(Finding(path, message, key=key))

    def protocol(self, data: Any, stem: str) -> Protocol | None:
        if not isinstance(data, dict):
            self.say((), "a protocol is a mapping with 'sample' and 'steps'")
            return None
        for key in data:
            if key not in _TOP:
                self.say((key,), f"unknown key {key!r}; {meant(key, _TOP, 'a protocol has')}", key=True)
        sample = self.sample(data.get("sample"))
        steps = self.steps(data.get("steps"), sample)
        measure = self.measure(data.get("measure", ["nta", "protein"]))
        dose = self.quantity(("dose",), data["dose"], "vesicle") if "dose" in data else None
        for key in ("protocol", "about"):
            if not isinstance(data.get(key, ""), str):
                self.say((key,), f"'{key}' is a text, not {shown(data[key])}")
        if self.findings or sample is None:
            return None
        return Protocol(data.get("protocol", stem), data.get("about", ""), sample, steps, measure, dose)

    def quantity(self, path: YamlPath, value: Any, unit: str) -> float | None:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            what, example = units.describe(unit)
            self.say(path, f"'{path[-1]}' is {what}, e.g. '{example}'; not {shown(value)}")
            return None
        try:
            number = units.parse(value, unit, bare=unit == "vesicle")
        except InputError as error:
            self.say(path, f"'{path[-1]}': {error}")
            return None
        if number <= 0.0:
            self.say(path, f"'{path[-1]}' is {shown(value)}; it must be more than 0")
            return None
        if number > _MOST[unit]:
            self.say(path, f"'{path[-1]}' is {shown(value)}; {_BEYOND[unit]}")
            return None
        return number

    def sample(self, data: Any) -> Recipe | None:
        if data is None:
            self.say(("sample",), "the protocol needs a 'sample', e.g. sample: {from: plasma, volume: 1 mL}")
            return None
        if not isinstance(data, dict):
            self.say(("sample",), f"'sample' is a mapping with 'from' and 'volume', not {shown(data)}")
            return None
        for key in data:
            if key not in _SAMPLE:
                message = f"unknown key {key!r}; {meant(key, _SAMPLE, 'a sample has')}"
                self.say(("sample", key), message, key=True)
        name, volume = data.get("from"), None
        if not isinstance(name, str) or name not in recipes():
            path = ("sample", "from") if "from" in data else ("sample",)
            wrong = f"no sample is called {shown(name)}" if "from" in data else "the sample needs 'from'"
            self.say(path, f"{wrong}; {meant(str(name), recipes(), 'samples')}")
        if "volume" not in data:
            self.say(("sample",), "the sample needs its 'volume', e.g. volume: 50 mL")
        else:
            volume = self.quantity(("sample", "volume"), data["volume"], "mL")
        counts = self.counts(data.get("counts", {}))
        if volume is None or not isinstance(name, str) or name not in recipes():
            return None
        base = recipe(name, volume)
        return replace(
            base,
            counts={**base.counts, **counts},
            kinds={**base.kinds, **{key: species()[key] for key in counts}},
        )

    def counts(self, data: Any) -> Mapping[str, Prior]:
        if not isinstance(data, dict):
            self.say(("sample", "counts"), "'counts' is a mapping, e.g. counts: {exosome: 2e9 vesicle/mL}")
            return {}
        found = {}
        for key, value in data.items():
            path = ("sample", "counts", key)
            if key not in species():
                message = f"no kind of particle is called {key!r}; {meant(key, species(), 'kinds')}"
                self.say(path, message, key=True)
                continue
            number = self.concentration(path, value)
            if number is not None:
                found[key] = Prior("fixed", None, number, None, "1/mL", "assumed", "stated in the protocol")
        whole = sum((one.typical or 0.0) / most_per_ml(species()[key]) for key, one in found.items())
        if whole > 1.0:
            self.say(("sample", "counts"), f"these particles together would fill {whole:.2g} mL of each mL")
        return found

    def concentration(self, path: YamlPath, value: Any) -> float | None:
        """Particles per mL, written as vesicles, copies, moles or mass of nothing else."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.say(path, f"'{path[-1]}' is particles per volume, e.g. '1e9 vesicle/mL'; not {shown(value)}")
            return None
        try:
            written = units.written_unit(value) or ""
            unit = "copy/mL" if units.same_dimension(written, "copy/mL") else "vesicle/mL"
            number = units.parse(value, unit)
        except InputError as error:
            self.say(path, f"'{path[-1]}': {error}")
            return None
        if number < 0.0:
            self.say(path, f"'{path[-1]}' is {shown(value)}; there cannot be less than none")
            return None
        most = most_per_ml(species()[str(path[-1])])
        if number > most:
            self.say(path, f"'{path[-1]}' is {shown(value)}; at most {most:.1e} fill a mL without a gap")
            return None
        return number

    def measure(self, data: Any) -> tuple[str, ...]:
        if not isinstance(data, list):
            self.say(("measure",), f"'measure' is a list of instruments: {listed(INSTRUMENTS)}")
            return ()
        for i, name in enumerate(data):
            if name not in INSTRUMENTS:
                cure = meant(str(name), INSTRUMENTS, "instruments")
                message = f"no instrument is called {shown(name)}; {cure}"
                self.say(("measure", i), message)
        return tuple(str(name) for name in data)

    def steps(self, data: Any, sample: Recipe | None) -> tuple[PlannedStep, ...]:
        if not isinstance(data, list) or not data:
            self.say(("steps",), f"'steps' is a list of steps: {listed(STEPS)}")
            return ()
        planned: list[PlannedStep] = []
        volume = None if sample is None else sample.volume
        for i, item in enumerate(data):
            step = self.step(("steps", i), item, volume, len(planned) + 1)
            if step is None:
                volume = None  # what follows is checked without its volume
                continue
            planned.append(step)
            volume = volume_after(step, volume)
        return tuple(planned)

    def step(self, path: YamlPath, item: Any, volume: float | None, number: int) -> PlannedStep | None:
        if isinstance(item, str):
            item = {item: {}}
        if not isinstance(item, dict) or len(item) != 1:
            self.say(path, f"a step is one of {listed(STEPS)}, e.g. - filter: {{pore: 0.22 um}}")
            return None
        name, given = next(iter(item.items()))
        path = (*path, name)
        if name not in STEPS:
            self.say(path, f"no step is called {name!r}; {meant(name, STEPS, 'steps')}", key=True)
            return None
        kind = STEPS[name]
        if given is None:
            given = {}
        if not isinstance(given, dict):
            self.say(path, f"'{name}' has keys ({listed(kind.fields)}), not {shown(given)}")
            return None
        before = len(self.findings)
        settings: dict[str, Any] = {key: spec.default for key, spec in kind.fields.items()}
        for key, value in given.items():
            if key not in kind.fields:
                self.say((*path, key), unknown_key(key, kind), key=True)
                continue
            try:
                settings[key] = read_field(key, kind.fields[key], value)
            except InputError as error:
                message = str(error)
                self.say((*path, key), message if message.startswith(f"'{key}'") else f"'{key}': {message}")
        for key, spec in kind.fields.items():
            if spec.needed and key not in given:
                self.say(path, missing_key(key, kind), key=True)
        settings["volume"] = volume
        if len(self.findings) == before:
            for key, message in kind.check(settings):
                self.say((*path, key) if key in given else path, message, key=key not in given)
        if len(self.findings) > before:
            return None
        return PlannedStep(f"{number} {name}", kind, settings)


def volume_after(step: PlannedStep, volume: float | None) -> float | None:
    """Volume (mL) the next step is given, as far as it follows from what is written."""
    settings = step.settings
    for key in ("resuspend", "collect", "elute"):
        if settings.get(key) is not None:
            return float(settings[key])
    if step.kind.name == "spin":
        return None if volume is None else volume * (0.01 if settings["keep"] == "pellet" else 1.0)
    if step.kind.name in ("tff", "ultrafilter", "dilute"):
        return float(settings["to"])
    if step.kind.name == "sec":
        from vesiflux.assay.isolation.sec import window

        start, end = window(settings)
        return end - start
    return volume
