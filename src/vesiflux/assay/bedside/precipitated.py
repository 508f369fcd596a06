"""Protein mass of what a polymer brings down from plasma: how much of it is vesicles, what moves it.

A kit that precipitates "exosomes" and a bicinchoninic acid assay give a mass of protein per volume of plasma.
`budget` says what that mass is made of, `given` what it must have been made of where a mass was read,
`association` how well such a mass tells two groups of patients when vesicles or the rest differ between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.assay.bedside.through import Through
from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.protocol import Protocol
from vesiflux.assay.sample import Sample
from vesiflux.assay.species import species
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.priors import Prior
from vesiflux.language.words import meant
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Association", "Budget", "association", "budget", "given", "moved", "vesicle_mass"]

_KIT = {"fluid": "plasma", "sample": "0.25 mL", "isolation": "precipitation", "instrument": "bca"}
"""A quarter of a millilitre taken up in a fifth, as with the commonest kit."""


def vesicle_mass(number: float = 1e10) -> Prior:
    """Protein of ``number`` small vesicles, ug; evidence row ``m_prot``."""
    row = Evidence.load().prior("m_prot")
    low, typical, high = (None if g is None else 1e6 * number * g for g in (row.low, row.typical, row.high))
    return Prior.from_range(low, typical, high, "ug", mark=row.mark, source=row.source, note=row.note)


@dataclass(frozen=True)
class Budget:
    """Protein after precipitation, ug per mL of plasma, by kind; arrays of shape (draws,).

    ``weight``: of each draw, summing to 1.
    """

    mass: Mapping[str, NDArray[np.float64]]
    weight: NDArray[np.float64]

    @property
    def whole(self) -> NDArray[np.float64]:
        """All of it."""
        return _sum(list(self.mass.values()))

    @property
    def vesicles(self) -> NDArray[np.float64]:
        """What is in vesicles."""
        known = species()
        return _sum([m for kind, m in self.mass.items() if known[kind].is_vesicle])

    @property
    def share(self) -> NDArray[np.float64]:
        """Vesicles' share of it."""
        return self.vesicles / self.whole

    @property
    def size(self) -> float:
        """How many equal draws the weighted ones are worth (Kish)."""
        return float(1.0 / (self.weight**2).sum())

    def interval(self, values: NDArray[np.float64]) -> tuple[float, float, float]:
        """5, 50 and 95 % points of ``values`` over the weighted draws."""
        import numpy as np

        order = np.argsort(values)
        at = np.cumsum(self.weight[order]) - 0.5 * self.weight[order]
        low, middle, high = np.interp([0.05, 0.5, 0.95], at, values[order])
        return float(low), float(middle), float(high)


def _sum(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Sum over a list of arrays of one shape."""
    import numpy as np

    return np.asarray(np.sum(parts, axis=0))


def budget(draws: int = 2000, seed: int = 1) -> Budget:
    """What is brought down from healthy plasma, over all that is not known of plasma and kit.

    Numbers of particles and shares brought down are those of the room's tables; the protein of a vesicle
    varies by evidence row ``m_prot``.
    """
    import numpy as np

    if draws < 2:
        raise InputError(f"{draws} draws make no interval; take 2 or more, usually 2000")
    kit = Through.read(_KIT)
    done = isolate(Protocol("precipitated mass", "", kit.recipe, kit.steps, ()), draws, seed)
    row = Evidence.load().prior("m_prot")
    assert row.typical is not None
    heavier = row.quantile(uniforms(seed, "m_prot", 0, draws)) / row.typical

    def mass(kind: str) -> NDArray[np.float64]:
        def of_plasma(_: Sample, end: Sample) -> float:
            return 1e6 * end.populations[kind].protein_g() / kit.volume

        found = done.over_draws(of_plasma)
        return found * heavier if species()[kind].is_vesicle else found

    return Budget({kind: mass(kind) for kind in kit.recipe.kinds}, np.full(draws, 1.0 / draws))


def given(found: Budget, read: float, sd: float = 0.25) -> Budget:
    """The same draws, weighted by how well each explains a mass ``read`` (ug per mL of plasma).

    ``sd`` of ln: the assay's error and what is not said, such as whether the volume meant is that of the
    plasma or of what the pellet was taken up in.

    Raises
    ------
    InputError
        ``read`` or ``sd`` is not above 0, or fewer than ten draws come near.
    """
    import numpy as np

    if not (read > 0.0 and sd > 0.0):
        raise InputError(f"a mass and its error are above 0, not {read:g} and {sd:g}")
    off = np.log(found.whole / read) / sd
    weight = found.weight * np.exp(-0.5 * (off - off[np.argmin(np.abs(off))]) ** 2)
    weighted = Budget(found.mass, weight / weight.sum())
    if weighted.size < 10.0 or np.abs(off).min() > 3.0:
        raise InputError(f"hardly any draw comes near {read:g} ug/mL; take more draws, or a wider error")
    return weighted


def moved(found: Budget, folds: Mapping[str, float]) -> NDArray[np.float64]:
    """Fold of the whole mass where parts of plasma change, of shape (draws,).

    ``folds``: by kind of particle, or ``vesicles`` for all of those; others stay. `InputError` for others.
    """
    known = {kind for kind in found.mass if not species()[kind].is_vesicle} | {"vesicles"}
    for name, fold in folds.items():
        if name not in known:
            raise InputError(f"no part of the mass is called {name!r}; {meant(name, known, 'there are')}")
        if not fold >= 0.0:
            raise InputError(f"'{name}' cannot change {fold:g}-fold")
    parts = {kind: mass for kind, mass in found.mass.items() if kind in known} | {"vesicles": found.vesicles}
    return _sum([folds.get(name, 1.0) * mass for name, mass in parts.items()]) / found.whole


@dataclass(frozen=True)
class Association:
    """Two groups told apart by a mass: area under the ROC curve, ratio of medians, shares above a split."""

    auc: float
    ratio: float
    above_in_cases: float
    above_in_controls: float

    @property
    def odds_ratio(self) -> float:
        """Odds of a case to lie above the split over those of a control."""
        a, b = self.above_in_cases, self.above_in_controls
        return a * (1.0 - b) / (b * (1.0 - a)) if b > 0.0 and a < 1.0 else float("inf")


def association(
    vesicles: float,
    rest: float,
    *,
    vesicle_fold: float = 1.0,
    rest_fold: float = 1.0,
    vesicle_sd: float = 0.55,
    rest_sd: float = 0.35,
    split: float = 809.0,
    patients: int = 20_000,
    seed: int = 1,
) -> Association:
    """How cases and controls differ in a mass whose parts differ between them by the folds given.

    Parameters
    ----------
    vesicles, rest
        Medians of controls, ug per mL of plasma.
    vesicle_fold, rest_fold
        Median of cases over that of controls, of each part.
    vesicle_sd, rest_sd
        sd of ln between patients of one group. 0.55 is the reference interval of 1.4e11 to 1.2e12 per mL
        of 20 healthy people (figshare.com/collections/_/3256282, read); 0.35 is assumed: between patients
        0.2, and what replicates of a kit differ by.
    split
        ug per mL.
    """
    import numpy as np

    from vesiflux.study.roc import roc

    generator = np.random.Generator(np.random.Philox(seed))
    z = generator.standard_normal((2, 2, patients))
    folds = ((1.0, 1.0), (vesicle_fold, rest_fold))
    mass = [
        vesicles * fold[0] * np.exp(vesicle_sd * z[i, 0]) + rest * fold[1] * np.exp(rest_sd * z[i, 1])
        for i, fold in enumerate(folds)
    ]
    case = np.arange(2 * patients) >= patients
    return Association(
        roc(np.concatenate(mass), case).auc,
        float(np.median(mass[1]) / np.median(mass[0])),
        float(np.mean(mass[1] > split)),
        float(np.mean(mass[0] > split)),
    )
