"""What ``set`` may not do: take values a quantity cannot have, or undo what an arm sets itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.language.parameters import parameter_ranges
from vesiflux.language.together import parts_of
from vesiflux.study.plan import with_references

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language.schema import ModelSpec

__all__ = ["check_settings", "check_tissue_settings"]


def check_settings(
    spec: ModelSpec, compiled: CompiledModel, fixed: Mapping[int, float], arms: Sequence[str] | None
) -> None:
    """Refuse values outside of a quantity's range, and parameters that an arm to be run sets itself.

    ``fixed``: parameter index -> value, see `plan.fixed_values`; ``arms``: as `run` takes them. Choices
    are another matter: one that is made for all arms holds in all of them.

    Raises `InputError`.
    """
    if not fixed:
        return
    ranges = parameter_ranges(spec)
    for index, value in fixed.items():
        info = compiled.parameters[index]
        wrong = _outside(value, ranges.get(info.name))
        if wrong:
            unit = "" if info.unit == "1" else f" {info.unit}"
            raise InputError(f"set {info.name}: {value:g}{unit} lies outside {wrong}")
    for arm in sorted(with_references(compiled, compiled.default_arms if arms is None else arms)):
        for key, value in _own(spec, compiled, arm):
            index = compiled.parameter(key)
            if index in fixed:
                raise InputError(
                    f"set {compiled.parameters[index].name}: arm {arm} sets it itself, to {_shown(value)}; "
                    "run other arms (--arm NAME), or change it in the model"
                )


def check_tissue_settings(spec: ModelSpec, settings: Mapping[str, Any], arms: Sequence[str]) -> None:
    """`check_settings` for a tissue, whose arms are lowered one by one. Unknown names are told by lowering.

    Raises `InputError`.
    """
    from vesiflux import units

    ranges = parameter_ranges(spec)
    for name, given in settings.items():
        if name in spec.choices:
            continue
        meant = [n for n in ranges if _same(n, name)]
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise InputError(f"set {name}: {given!r} is not a quantity; write a number with its unit")
        try:
            value = units.inside(given)[0]
        except InputError as error:
            raise InputError(f"set {name}: {error}") from None
        wrong = _outside(value, ranges[meant[0]]) if len(meant) == 1 else None
        if wrong:
            raise InputError(f"set {meant[0]}: {given} lies outside {wrong}")
        for arm in arms:
            for part in (arm, *parts_of(arm)):
                own = spec.arms[part].set if part in spec.arms else {}
                for key in own:
                    if key not in spec.choices and (_same(key, name) or _same(name, key)):
                        raise InputError(
                            f"set {name}: arm {arm} sets it itself, to {_shown(own[key])}; run other arms "
                            "(--arm NAME), or change it in the model"
                        )


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
