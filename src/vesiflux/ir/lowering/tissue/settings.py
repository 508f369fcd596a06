"""Numbers of all parameters of one arm: typical values, choices, what the arm sets, what the caller sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.ir.compiled import ParameterInfo, find_parameter
from vesiflux.ir.lowering.arms import arm_priors, chosen_priors

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.language.schema import Arm, ModelSpec

__all__ = ["parameter_values"]


def parameter_values(
    spec: ModelSpec, infos: Sequence[ParameterInfo], name: str, arm: Arm, fixed: Mapping[str, Any]
) -> dict[str, float]:
    """Parameter -> value in its own unit.

    Raises `InputError` for names and values that do not fit.
    """
    priors: list[Prior] = [p.prior for p in infos]
    chosen = {n: str(v) for n, v in fixed.items() if n in spec.choices}
    for choice, group in spec.choices.items():
        option = chosen.get(choice, group.default)
        for index, prior in chosen_priors(spec, infos, choice, option).items():
            priors[index] = prior
    for index, prior in arm_priors(spec, infos, name, arm, chosen).items():
        priors[index] = prior
    values = {p.name: _typical(prior) for p, prior in zip(infos, priors, strict=True)}
    for key, value in fixed.items():
        if key in spec.choices:
            continue
        info = infos[find_parameter([p.name for p in infos], key)]
        try:
            values[info.name] = units.parse(value, info.unit, bare=True)
        except InputError as error:
            raise InputError(f"set {key}: {error}") from None
    return values


def _typical(prior: Prior) -> float:
    if prior.typical is not None:
        return float(prior.typical)
    return float(prior.quantile([0.5])[0])
