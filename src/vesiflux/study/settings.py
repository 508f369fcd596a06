"""What ``set`` may not do: take values a quantity cannot have, or undo what an arm sets itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.language.checks.context import typical
from vesiflux.language.checks.fits import too_many
from vesiflux.language.parameters import parameter_ranges
from vesiflux.language.together import parts_of
from vesiflux.language.words import meant
from vesiflux.study.plan import fixed_values, split_settings, with_references

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model
    from vesiflux.language.schema import ModelSpec, Value

__all__ = ["check_kinds", "check_settings", "check_tissue_settings", "settled"]


def check_kinds(arms: Any, settings: Any, **numbers: Any) -> None:
    """Refuse arguments from Python that are no list of names, no mapping of settings, no whole numbers.

    Raises `InputError` with everything that is wrong, a line each.
    """
    wrong = []
    if isinstance(arms, str):
        wrong.append(f"arms is a list of names: arms=[{arms!r}]")
    elif arms is not None and not all(isinstance(arm, str) for arm in arms):
        wrong.append(f"arms is a list of names, not {arms!r}")
    if settings is not None and not isinstance(settings, Mapping):
        wrong.append(f"set is a mapping of names to values: set={{'dose': '1e10'}}, not {settings!r}")
    elif settings is not None and not all(isinstance(name, str) for name in settings):
        wrong.append(f"set is a mapping of names to values; a name is a text, not {list(settings)!r}")
    for name, number in numbers.items():
        if number is not None and (isinstance(number, bool) or not isinstance(number, Integral)):
            wrong.append(f"{name} is a whole number, not {number!r}")
    if wrong:
        raise InputError("\n".join(wrong))


def settled(
    model: Model,
    settings: Mapping[str, Any],
    arms: Sequence[str] | None,
    compiling: Callable[[Mapping[str, str]], CompiledModel],
) -> CompiledModel:
    """The model compiled with the choices among ``settings``, all of which can be.

    ``compiling``: makes it from choices that exist; ``arms``: as `run` takes them.

    Raises `InputError` with everything that is wrong with the settings, a line each.
    """
    picked, parameters = split_settings(model.spec.choices, settings)
    wrong = []
    for name, option in picked.items():
        if option not in (known := model.spec.choices[name].options):
            wrong.append(f"choice {name}: no option {option!r}; {meant(option, known, 'options')}")
    compiled = compiling({n: o for n, o in picked.items() if o in model.spec.choices[n].options})
    fixed: dict[int, float] = {}
    try:
        fixed = fixed_values(compiled, parameters)
    except InputError as error:
        wrong.append(str(error))
    try:
        check_settings(model.spec, compiled, fixed, arms)
    except InputError as error:
        wrong.append(str(error))
    if wrong:
        raise InputError("\n".join(wrong))
    return compiled


def check_settings(
    spec: ModelSpec, compiled: CompiledModel, fixed: Mapping[int, float], arms: Sequence[str] | None
) -> None:
    """Refuse values outside of a quantity's range, more than fits, and what an arm to be run sets itself.

    ``fixed``: parameter index -> value, see `plan.fixed_values`; ``arms``: as `run` takes them. Choices
    are another matter: one that is made for all arms holds in all of them.

    Raises `InputError` with everything that is wrong, a line each.
    """
    wrong = []
    ranges = parameter_ranges(spec)
    for index, value in fixed.items():
        info = compiled.parameters[index]
        outside = _outside(value, ranges.get(info.name))
        if outside:
            unit = "" if info.unit == "1" else f" {info.unit}"
            wrong.append(f"set {info.name}: {value:g}{unit} lies outside {outside}")
    run = sorted(with_references(compiled, compiled.default_arms if arms is None else arms))
    for arm in run:
        for key, value in _own(spec, compiled, arm):
            index = compiled.parameter(key)
            if index in fixed:
                wrong.append(
                    f"set {compiled.parameters[index].name}: arm {arm} sets it itself, to {_shown(value)}; "
                    "run other arms (--arm NAME), or change it in the model"
                )
    if not wrong:
        wrong += _more_than_fits(spec, compiled, fixed, run)
    if wrong:
        raise InputError("\n".join(wrong))


def _more_than_fits(
    spec: ModelSpec, compiled: CompiledModel, fixed: Mapping[int, float], arms: Sequence[str]
) -> list[str]:
    """What does not fit with the values of this run: those set, those of its choices, those of its arms."""
    index_of = {info.name: i for i, info in enumerate(compiled.parameters)}
    wrong: dict[str, None] = {}  # in order, once
    for overrides in [compiled.arms[arm].overrides for arm in arms]:

        def ask(name: str, value: Value, unit: str, own: Mapping[int, Prior] = overrides) -> float | None:
            index = index_of.get(name)
            if index is None:
                return typical(value, unit)
            info = compiled.parameters[index]
            found = fixed.get(index, own.get(index, info.prior).typical)
            return None if found is None else units.convert(found, info.unit, unit)

        for path, name, message in too_many(spec, ask):
            if path[0] == "schedule" and not _given(spec.schedule[int(path[1])].arms, arms):
                continue
            wrong.setdefault(f"set {name}: {message}")
    return list(wrong)


def _given(of: Sequence[str], arms: Sequence[str]) -> bool:
    """Whether an item of the schedule, ``of`` these arms or all, is given in one of ``arms``."""
    return not of or any(part in of for arm in arms for part in (arm, *parts_of(arm)))


def check_tissue_settings(spec: ModelSpec, settings: Mapping[str, Any], arms: Sequence[str]) -> None:
    """`check_settings` for a tissue, whose arms are lowered one by one. Unknown names are told by lowering.

    Raises `InputError`.
    """
    wrong = []
    ranges = parameter_ranges(spec)
    for name, given in settings.items():
        if name in spec.choices:
            continue
        hits = [n for n in ranges if _same(n, name)]
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            wrong.append(f"set {name}: {given!r} is not a quantity; write a number with its unit")
            continue
        try:
            value = units.inside(given)[0]
        except InputError as error:
            wrong.append(f"set {name}: {error}")
            continue
        outside = _outside(value, ranges[hits[0]]) if len(hits) == 1 else None
        if outside:
            wrong.append(f"set {hits[0]}: {given} lies outside {outside}")
        for arm in arms:
            for part in (arm, *parts_of(arm)):
                own = spec.arms[part].set if part in spec.arms else {}
                for key in own:
                    if key not in spec.choices and (_same(key, name) or _same(name, key)):
                        wrong.append(
                            f"set {name}: arm {arm} sets it itself, to {_shown(own[key])}; run other arms "
                            "(--arm NAME), or change it in the model"
                        )
    if wrong:
        raise InputError("\n".join(wrong))


def _same(full: str, name: str) -> bool:
    """Whether ``name`` is a parameter's full name or an ending of it."""
    return full == name or full.endswith("." + name)


def _outside(value: float, allowed: str | None) -> str | None:
    """What a value lies outside of; the support of a prior is checked where the value is read."""
    if allowed == "share" and not 0.0 <= value <= 1.0:
        return "0 to 1; it is a share"
    if allowed == "positive" and not value > 0.0:
        return "what is above 0"
    if allowed == "not negative" and value < 0.0:
        return "what is 0 or more"
    return None


def _own(spec: ModelSpec, compiled: CompiledModel, arm: str) -> Iterator[tuple[str, Any]]:
    """Parameters that an arm, or one of those it is made of, sets by name."""
    for name in (arm, *parts_of(arm)):
        if name in spec.arms:
            yield from ((k, v) for k, v in spec.arms[name].set.items() if k not in compiled.choices)


def _shown(value: Any) -> str:
    typical = getattr(value, "typical", value)
    if typical is None:
        return f"{value.low} to {value.high}"
    return str(typical)
