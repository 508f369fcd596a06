"""Which competing structures an arm runs with, and which structure of its reference it is compared to."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledArm, CompiledModel

__all__ = ["ALL_UP_TO", "SAMPLED", "default_options", "options_of", "reference_options", "structure_id"]

#: Arms with more contested groups than this run a sample of `SAMPLED` structures instead of all.
ALL_UP_TO = 8
SAMPLED = 256

Options = Mapping[str, str]


def default_options(model: CompiledModel, arm: CompiledArm) -> dict[str, str]:
    """The default option of every group that matters to the arm."""
    return {g: model.structures[g].default for g in sorted(arm.groups)}


def options_of(model: CompiledModel, arm: CompiledArm, mode: str, seed: int) -> list[dict[str, str]]:
    """Structures an arm runs with, the default first. ``mode``: "default" or "all"."""
    default = default_options(model, arm)
    if mode == "default" or not default:
        return [default]
    names = list(default)
    choices = [list(model.structures[g].options) for g in names]
    if len(names) <= ALL_UP_TO:
        found = [dict(zip(names, picked, strict=True)) for picked in itertools.product(*choices)]
    else:
        count = min(SAMPLED - 1, math.prod(map(len, choices)))
        columns = []
        for name, options in zip(names, choices, strict=True):
            u = uniforms(seed, f"structure\0{arm.name}\0{name}", 0, count)
            columns.append([options[int(x * len(options))] for x in u])
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    unique = {tuple(o.values()): o for o in [default, *found]}
    return list(unique.values())


def reference_options(
    model: CompiledModel, reference: CompiledArm, options: Mapping[str, str]
) -> dict[str, str]:
    """The reference arm in the same cell: the same wiring wherever that exists in the untreated cell too."""
    shared = {g: o for g, o in options.items() if model.structures[g].shared}
    found = default_options(model, reference)
    for group, option in sorted(shared.items()):
        if group in found or option != model.structures[group].default:
            found[group] = option
    return dict(sorted(found.items()))


def structure_id(options: Mapping[str, str]) -> str:
    """``group=option,...`` in the order of the groups' names; blank when there are none."""
    return ",".join(f"{g}={o}" for g, o in sorted(options.items()))
