"""What a run consists of: one slot per arm and structure, each with its key and its parameter values."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.together import parts_of
from vesiflux.language.words import meant
from vesiflux.store.keys import engine_hash, group_key, program_hash
from vesiflux.study.draws import uniforms
from vesiflux.study.structures import default_options, options_of, reference_options, structure_id

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.ir.compiled import CompiledModel, ParameterInfo
    from vesiflux.ir.program import Event
    from vesiflux.study.correlations import Correlations

__all__ = ["Plan", "Slot", "fixed_values", "make_plan", "split_settings", "with_references"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Slot:
    """One arm under one structure. ``reference``: (arm, structure id) it is compared with."""

    arm: str
    structure: str
    group: str
    inputs_before: Floats
    inputs: Floats
    events: tuple[Event, ...]
    overrides: Mapping[int, Prior]
    reference: tuple[str, str] | None


@dataclass(frozen=True)
class Plan:
    """Everything a worker needs to compute any lane of a run.

    Lane = draw * replicates + replicate. ``fixed``: parameter index -> value in all arms.
    """

    compiled: CompiledModel
    slots: tuple[Slot, ...]
    draws: int
    replicates: int
    seed: int
    fixed: Mapping[int, float]
    settings: Mapping[str, Any]
    correlations: Correlations | None = None

    @property
    def lanes(self) -> int:
        """Lanes of every slot."""
        return self.draws * self.replicates

    def values(self, slot: Slot, start: int, stop: int) -> Floats:
        """Parameters of draws ``start`` to ``stop - 1`` with all replicates: shape (n_parameters, lanes).

        Raises `InputError` naming a parameter that cannot be drawn.
        """
        rows = np.empty((len(self.compiled.parameters), (stop - start) * self.replicates))
        for index, info in enumerate(self.compiled.parameters):
            prior = slot.overrides.get(index, info.prior)
            vary = "draw" if info.vary == "fixed" and info.prior.kind == "fixed" else info.vary
            if index in self.fixed:
                rows[index] = self.fixed[index]
            elif prior.kind == "fixed" or (vary == "fixed" and prior.typical is not None):
                rows[index] = np.float64(prior.typical if prior.typical is not None else np.nan)
            else:
                rows[index] = self._drawn(info.name, prior, vary, start, stop)
        return rows

    def _drawn(self, name: str, prior: Prior, vary: str, start: int, stop: int) -> Floats:
        try:
            if vary == "replicate":
                columns = [
                    prior.quantile(uniforms(self.seed, name, start, stop, r)) for r in range(self.replicates)
                ]
                return np.stack(columns, axis=1).reshape(-1)
            u = np.full(stop - start, 0.5) if vary == "fixed" else self._uniforms(name, start, stop)
            return np.repeat(prior.quantile(u), self.replicates)
        except InputError as error:
            raise InputError(f"parameter {name}: {error}") from None

    def _uniforms(self, name: str, start: int, stop: int) -> Floats:
        if self.correlations is not None and name in self.correlations.names:
            return self.correlations.uniforms(self.seed, name, start, stop)
        return uniforms(self.seed, name, start, stop)


def split_settings(
    choices: Collection[str], settings: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, Any]]:
    """``set`` of a run, split into choices (name -> option) and parameters (name -> value)."""
    picked = {n: str(v) for n, v in settings.items() if n in choices}
    return picked, {n: v for n, v in settings.items() if n not in choices}


def fixed_values(compiled: CompiledModel, settings: Mapping[str, Any]) -> dict[int, float]:
    """Parameter index -> value, in the parameter's unit; a bare number takes that unit.

    Raises `InputError` for unknown or ambiguous names, wrong units, and names given twice, a line for each.
    """
    found: dict[int, float] = {}
    wrong: list[str] = []
    for name, value in settings.items():
        try:
            index = _parameter(compiled, name)
            info = compiled.parameters[index]
            if index in found:
                raise InputError(f"set: {name} and another name both mean {info.name}; keep one")
            found[index] = _number(name, value, info)
        except InputError as error:
            wrong.append(str(error))
    if wrong:
        raise InputError("\n".join(wrong))
    return found


def _number(name: str, value: Any, info: ParameterInfo) -> float:
    from vesiflux import units

    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"set {name}: {value!r} is not a quantity; write a number in {info.unit}")
    try:
        number = units.parse(value, info.unit, bare=True)
    except InputError as error:
        raise InputError(f"set {name}: {error}") from None
    _within(name, number, info.prior, info.unit)
    return number


def _within(name: str, value: float, prior: Prior, unit: str) -> None:
    """Refuse a value that the parameter can never have."""
    unit = "" if unit == "1" else f" {unit}"
    upper = prior.upper if prior.kind == "logitnormal" else None
    if upper is not None and not 0.0 <= value <= upper:
        raise InputError(f"set {name}: {value:g}{unit} lies outside 0 to {upper:g}{unit}; it is a share")
    positive = prior.kind in ("lognormal", "loguniform") or (prior.typical or 0.0) > 0.0
    if positive and prior.kind != "normal" and value < 0.0:
        raise InputError(f"set {name}: {value:g}{unit} lies below 0; it is an amount, a rate or a level")


def _parameter(compiled: CompiledModel, name: str) -> int:
    try:
        return compiled.parameter(name)
    except InputError as error:
        told = str(error)
    if name.startswith("run."):
        raise InputError(f"set: {name} is a setting of the run, which the model's file holds, no parameter")
    near = difflib.get_close_matches(name, list(compiled.choices), 2)
    if near:
        told += f"; or the choice {', '.join(near)}?"
    elif ";" not in told and ":" not in told:
        drawn = [p.name for p in compiled.parameters if p.prior.kind != "fixed"] or ["none"]
        told += f"; parameters are named like {', '.join(drawn[:3])}"
    raise InputError(f"set: {told}")


def make_plan(
    compiled: CompiledModel,
    *,
    arms: Sequence[str] | None,
    draws: int,
    replicates: int,
    seed: int,
    fixed: Mapping[int, float],
    structures: str,
    correlations: Correlations | None = None,
    alone: bool = False,
) -> Plan:
    """Expand arms, their references and their structures; ``alone``: these arms and no others.

    Raises `InputError` for unknown arms and numbers below one.
    """
    if structures not in ("default", "all"):
        raise InputError(f"structures {structures!r}: use 'default' or 'all'")
    for what, number in (("draws", draws), ("replicates", replicates)):
        if number < 1:
            raise InputError(f"{what} must be at least 1, not {number}")
    named = compiled.default_arms if arms is None else arms
    wanted = set(named) if alone else with_references(compiled, named)
    pairs: dict[str, dict[str, dict[str, str]]] = {a: {} for a in compiled.arms if a in wanted}
    for name in pairs:
        for options in options_of(compiled, compiled.arms[name], structures, seed):
            _add(compiled, pairs, name, options)
    model = program_hash(compiled.program, compiled.description)
    settings = dict(compiled.settings)
    slots = [
        _slot(compiled, name, options, model, settings)
        for name, found in pairs.items()
        for options in _default_first(compiled, name, found)
    ]
    return Plan(compiled, tuple(slots), draws, replicates, seed, dict(fixed), settings, correlations)


def with_references(compiled: CompiledModel, arms: Sequence[str]) -> set[str]:
    """``arms``, what they are compared with, and the parts of combined ones.

    Raises `InputError` for unknown arms.
    """
    found: set[str] = set()
    waiting = list(arms)
    while waiting:
        name = waiting.pop()
        if name not in compiled.arms:
            arm, _, option = name.rpartition("@")
            of = [choice for choice, options in compiled.choices.items() if option in options]
            cure = meant(name, compiled.arms, "arms")
            if arm in compiled.arms and of:
                cure = f"write --arm {arm} --set {of[0]}={option}"
            raise InputError(f"no arm named {name!r} in model {compiled.name}; {cure}")
        found.add(name)
        waiting += [part for part in parts_of(name) if part not in found]  # a pair says little alone
        against = compiled.arms[name].against
        if against is not None and against not in found:
            waiting.append(against)
    if not found:
        raise InputError("no arms to run; name at least one")
    return found


def _add(
    compiled: CompiledModel, pairs: dict[str, dict[str, dict[str, str]]], name: str, options: dict[str, str]
) -> None:
    """Add a structure to an arm, and the matching one to its reference, as far as references go."""
    if structure_id(options) in pairs[name]:
        return
    pairs[name][structure_id(options)] = options
    against = compiled.arms[name].against
    if against is not None:
        _add(compiled, pairs, against, reference_options(compiled, compiled.arms[against], options))


def _default_first(
    compiled: CompiledModel, name: str, found: Mapping[str, dict[str, str]]
) -> list[dict[str, str]]:
    default = structure_id(default_options(compiled, compiled.arms[name]))
    return [found[s] for s in sorted(found, key=lambda s: (s != default, s))]


def _slot(
    compiled: CompiledModel, name: str, options: Mapping[str, str], model: str, settings: Mapping[str, Any]
) -> Slot:
    arm = compiled.arms[name]
    before = np.array([p.value for p in compiled.program.inputs], dtype=np.float64)
    now = before.copy()
    for array, changes in ((before, arm.inputs_before), (now, arm.inputs)):
        for index, value in changes.items():
            array[index] = value
        for group, option in options.items():
            for other, index in compiled.structures[group].options.items():
                array[index] = float(other == option)
    reference = None
    if arm.against is not None:
        against = compiled.arms[arm.against]
        reference = (against.name, structure_id(reference_options(compiled, against, options)))
    group = group_key(model, before, now, arm.events, compiled.times, settings, engine_hash())
    return Slot(name, structure_id(options), group, before, now, arm.events, arm.overrides, reference)
