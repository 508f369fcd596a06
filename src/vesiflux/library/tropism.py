"""From the integrins on a vesicle to the organ it goes to, by tables and model of ``organotropism``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["MAPS", "Tropism", "integrins", "matches", "predicted_organ"]

Floats = npt.NDArray[np.float64]
_FOLDER = Path(__file__).parent / "organotropism"
#: Where ligands are: in the cells that the study behind the integrins saw, or by the RNA of organs.
MAPS = ("study", "rna")
#: Less than this over vesicles without integrins is no tropism.
_LEAST = 1.2


@dataclass(frozen=True)
class Tropism:
    """Where vesicles with some integrins go; medians over the draws.

    ``organ``: with the largest of ``odds``, "" if none is 1.2 or more.

    ``odds``: organ -> odds of a vesicle's label to be there after 24 h, over those of a vesicle without
    integrins: odds, since the liver takes most of either; ``low`` and ``high``: 5 and 95 % of the draws.
    ``percent``: of the dose by organ after 24 h. ``chance``: organ -> share of the draws in which it is
    foretold, "" for none.
    """

    organ: str
    odds: Mapping[str, float]
    percent: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    chance: Mapping[str, float]


def integrins() -> tuple[str, ...]:
    """Names that a profile can hold."""
    return tuple(_integrins())


def matches(profile: Mapping[str, float], *, ligands: str = "study") -> dict[str, float]:
    """How many times more each kind of cell takes up, by name, for those that bind what is there.

    Parameters
    ----------
    profile
        Integrin (a row of ``integrins.tsv``) -> level, 1 as on the vesicles of its study, 0 absent.
    ligands
        Which of `MAPS` in ``ligands.tsv``.

    Returns
    -------
    dict
        1 + the sum over integrins and their ligands on the cell of level x (fold - 1) x level of the ligand.

    Raises
    ------
    InputError
        An integrin or a map that the tables do not have, or a level below 0.
    """
    folds = {name: np.array([float(row["fold"])]) for name, row in _integrins().items()}
    return {cell: float(more[0]) for cell, more in _matches(profile, folds, ligands).items()}


def _matches(profile: Mapping[str, float], folds: Mapping[str, Floats], ligands: str) -> dict[str, Floats]:
    """The same for folds in every draw."""
    known = _integrins()
    if ligands not in MAPS:
        raise InputError(f"no map of ligands {ligands!r}; there are {', '.join(MAPS)}")
    for integrin, level in profile.items():
        if integrin not in known:
            raise InputError(f"no integrin {integrin!r}; there are {', '.join(known)}")
        if not level >= 0.0:
            raise InputError(f"{integrin}: a level is 0 or more, not {level:g}")
    found: dict[str, Floats] = {}
    for row in _rows("ligands.tsv"):
        if row["map"] != ligands:
            continue
        binding = [i for i, level in profile.items() if level and known[i]["ligand"] == row["ligand"]]
        for integrin in binding:
            more = profile[integrin] * (folds[integrin] - 1.0) * float(row["level"])
            found[row["cell"]] = found.get(row["cell"], np.ones_like(more)) + more
    return found


def predicted_organ(
    profile: Mapping[str, float],
    dose: float = 1e10,
    *,
    draws: int = 1,
    seed: int = 1,
    ligands: str = "study",
) -> Tropism:
    """The organ that vesicles with these integrins go to in a mouse.

    Parameters
    ----------
    profile
        As in `matches`.
    dose
        Vesicles into a vein.
    draws
        Of all priors of the model and of the folds of the integrins; 1: all at typical values.
    seed
        Of the draws.
    ligands
        As in `matches`.

    Raises
    ------
    InputError
        As for `matches`; no dose, or no draws.
    """
    if not dose > 0.0 or draws < 1:
        raise InputError(f"a dose is more than 0 and draws are 1 or more, not {dose:g} and {draws}")
    found, plain = _percent(_matches(profile, _folds(draws, seed), ligands), dose, draws, seed)
    odds = {o: _odds(found[o]) / _odds(plain[o]) for o in plain if o != "blood"}
    organs = list(odds)
    ratios = np.stack([odds[organ] for organ in organs])
    first = np.where(ratios.max(axis=0) >= _LEAST, ratios.argmax(axis=0), -1)
    middle = {organ: float(np.median(ratio)) for organ, ratio in odds.items()}
    best = max(middle, key=middle.__getitem__)
    low, high = ({o: float(np.quantile(r, q)) for o, r in odds.items()} for q in (0.05, 0.95))
    return Tropism(
        best if middle[best] >= _LEAST else "",
        middle,
        {organ: float(np.median(share)) for organ, share in found.items()},
        low,
        high,
        {organ: float(np.mean(first == i)) for i, organ in enumerate(organs)}
        | {"": float(np.mean(first < 0))},
    )


def _odds(percent: Floats) -> Floats:
    return np.asarray(percent / (100.0 - percent))


def _folds(draws: int, seed: int) -> dict[str, Floats]:
    """How much more is taken up where an integrin's ligand is, in every draw."""
    from vesiflux.evidence.priors import Prior
    from vesiflux.study.draws import uniforms

    found = {}
    for name, row in _integrins().items():
        typical, low, high = (float(row[column]) for column in ("fold", "low", "high"))
        prior = Prior.from_range(typical=typical, low=low, high=high, mark=row["mark"], source=row["source"])
        u = uniforms(seed, f"tropism\0{name}", 0, draws)
        found[name] = np.full(1, typical) if draws == 1 else np.asarray(prior.quantile(u), dtype=np.float64)
    return found


def _percent(
    match: Mapping[str, Floats], dose: float, draws: int, seed: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Per cent of the dose by organ in every draw, with the match and without."""
    from vesiflux.engines.compartments import Settings, solve
    from vesiflux.study.draws import uniforms

    compiled = _compiled()
    drawn: list[Floats] = []
    for p in compiled.parameters:
        typical = p.prior.typical
        if draws == 1 or p.vary == "fixed" or p.prior.kind == "fixed":
            drawn.append(np.full(draws, float(typical or 0.0)))
        else:
            drawn.append(np.asarray(p.prior.quantile(uniforms(seed, p.name, 0, draws)), dtype=np.float64))
    at = {p.name: i for i, p in enumerate(compiled.parameters)}
    plain = np.stack(drawn)
    plain[at["dose"]] = dose
    bound = plain.copy()
    for cell, more in match.items():
        bound[at[f"{cell}.takes_up.exosome.match"]] *= more
    solved = solve(
        compiled.program,
        np.concatenate([bound, plain], axis=1),
        times=[24.0],
        events=[e for e in compiled.arms["plain"].events if e.time <= 24.0],
        settings=Settings(rtol=1e-7, atol=1e-9),
    )
    end = ".dose.label"
    shown = {
        output.name.removeprefix("organs.").removesuffix(end): 100.0 * solved.outputs_final[i] / dose
        for i, output in enumerate(compiled.program.outputs)
        if output.name.endswith(end)
    }
    return {o: x[:draws] for o, x in shown.items()}, {o: x[draws:] for o, x in shown.items()}


@cache
def _compiled() -> CompiledModel:
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load

    return lower(load("organotropism"))


def _integrins() -> dict[str, dict[str, str]]:
    return {row["integrin"]: row for row in _rows("integrins.tsv")}


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
