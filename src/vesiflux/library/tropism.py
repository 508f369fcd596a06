"""From the integrins on a vesicle to the organ it goes to, by tables and model of ``organotropism``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["Tropism", "matches", "predicted_organ"]

_FOLDER = Path(__file__).parent / "organotropism"
#: Less than this over vesicles without integrins is no tropism.
_LEAST = 1.2


@dataclass(frozen=True)
class Tropism:
    """``organ``: with the largest of ``odds``, "" if none is 1.2 or more.

    ``odds``: organ -> odds of a vesicle's label to be there after 24 h, over those of a vesicle without
    integrins: odds, since the liver takes most of either. ``percent``: of the dose by organ after 24 h.
    """

    organ: str
    odds: Mapping[str, float]
    percent: Mapping[str, float]


def matches(profile: Mapping[str, float]) -> dict[str, float]:
    """How many times more each kind of cell takes up, by name, for those that bind what is there.

    Parameters
    ----------
    profile
        Integrin (a row of ``integrins.tsv``) -> level, 1 as on the vesicles of its study, 0 absent.

    Returns
    -------
    dict
        1 + the sum over integrins and their ligands on the cell of level x (fold - 1) x level of the ligand.

    Raises
    ------
    InputError
        An integrin that the table does not have, or a level below 0.
    """
    known = {row["integrin"]: row for row in _rows("integrins.tsv")}
    for integrin, level in profile.items():
        if integrin not in known:
            raise InputError(f"no integrin {integrin!r}; there are {', '.join(known)}")
        if not level >= 0.0:
            raise InputError(f"{integrin}: a level is 0 or more, not {level:g}")
    found: dict[str, float] = {}
    for row in _rows("ligands.tsv"):
        more = sum(
            level * (float(known[integrin]["fold"]) - 1.0)
            for integrin, level in profile.items()
            if known[integrin]["ligand"] == row["ligand"]
        )
        if more:
            found[row["cell"]] = found.get(row["cell"], 1.0) + more * float(row["level"])
    return found


def predicted_organ(profile: Mapping[str, float], dose: float = 1e10) -> Tropism:
    """The organ that vesicles with these integrins go to in a mouse, all else at typical values.

    Parameters
    ----------
    profile
        As in `matches`.
    dose
        Vesicles into a vein.
    """
    plain, found = _percent({}, dose), _percent(matches(profile), dose)
    ratios = {organ: _odds(found[organ]) / _odds(plain[organ]) for organ in plain if organ != "blood"}
    first = max(ratios, key=ratios.__getitem__)
    return Tropism(first if ratios[first] >= _LEAST else "", ratios, found)


def _odds(percent: float) -> float:
    return percent / (100.0 - percent)


def _percent(match: Mapping[str, float], dose: float) -> dict[str, float]:
    from vesiflux.engines.compartments import Settings, solve

    compiled = _compiled()
    values = {p.name: float(p.prior.typical or 0.0) for p in compiled.parameters} | {"dose": dose}
    for cell, more in match.items():
        values[f"{cell}.takes_up.tumour_ev.match"] *= more
    solved = solve(
        compiled.program,
        np.array([values[p.name] for p in compiled.parameters], dtype=np.float64)[:, None],
        times=[24.0],
        events=compiled.arms["plain"].events,
        settings=Settings(rtol=1e-7, atol=1e-9),
    )
    names = [o.name for o in compiled.program.outputs]
    shown = dict(zip(names, solved.outputs_final[:, 0], strict=True))
    end = ".dose.label"
    return {
        n.removeprefix("organs.").removesuffix(end): 100.0 * float(x) / dose
        for n, x in shown.items()
        if n.endswith(end)
    }


@cache
def _compiled() -> CompiledModel:
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load

    return lower(load("organotropism"), {"profile": "plain"})


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))
