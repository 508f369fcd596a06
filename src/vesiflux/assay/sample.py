"""What is in a tube: how many particles of each kind, by diameter and markers, and the cargo they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vesiflux.assay.species import DA_IN_G, MARKERS, Species, grid, species
from vesiflux.assay.tables import prior, rows
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.language.words import meant
from vesiflux.physics.geometry import MEMBRANE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Cargo", "Population", "Recipe", "Sample", "fill", "recipe", "recipes"]

PATTERNS = 2 ** len(MARKERS)


@dataclass(frozen=True)
class Cargo:
    """Copies of one cargo on or in one kind of particle.

    ``place``: lumen (copies follow the lumen's volume), surface (the area) or bound (the same on each).
    ``kept``: share of the copies still there; leaks lower it.
    """

    name: str
    place: str
    copies: float
    kept: float = 1.0


@dataclass(frozen=True)
class Population:
    """All particles of one kind.

    Attributes
    ----------
    kind
        The species.
    diameters
        um, shape (bins,), rising.
    counts
        Particles, shape (8, bins): by pattern of markers and diameter.
    cargo
        What they carry.
    """

    kind: Species
    diameters: NDArray[np.float64]
    counts: NDArray[np.float64]
    cargo: tuple[Cargo, ...] = ()

    @property
    def total(self) -> float:
        """Particles."""
        return float(self.counts.sum())

    @property
    def by_size(self) -> NDArray[np.float64]:
        """Particles at each diameter, shape (bins,)."""
        result: NDArray[np.float64] = self.counts.sum(axis=0)
        return result

    def protein_g(self) -> float:
        """Mass of the particles' protein, g; by volume around that of the median particle."""
        relative = (self.diameters / self.kind.median) ** 3
        return float((self.by_size * relative).sum() * self.kind.protein_Da * DA_IN_G)

    def copies(self, cargo: Cargo) -> float:
        """Copies of ``cargo`` in all particles together."""
        return float((self.by_size * self.copies_each(cargo)).sum() * cargo.kept)

    def copies_each(self, cargo: Cargo) -> NDArray[np.float64]:
        """Copies in a particle of each diameter before any leak; the mean of the fresh kind is ``copies``."""
        import numpy as np

        diameters, share = grid(self.kind)
        shape = _shape(cargo.place, diameters)
        mean = float((share * shape).sum())
        here = _shape(cargo.place, self.diameters)
        return np.asarray(cargo.copies * here / mean)


def _shape(place: str, diameters: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    if place == "lumen":
        return np.maximum(diameters - 2.0 * MEMBRANE, 0.0) ** 3
    if place == "surface":
        return diameters * diameters
    return np.ones_like(diameters)


@dataclass(frozen=True)
class Sample:
    """A tube.

    Attributes
    ----------
    volume
        mL.
    populations
        By name of the kind.
    density, viscosity
        Of the liquid: g/mL, and as a multiple of water's viscosity.
    """

    volume: float
    populations: Mapping[str, Population]
    density: float = 1.0
    viscosity: float = 1.0

    def protein_ug(self) -> float:
        """Protein of everything in the tube, ug."""
        return 1e6 * sum(p.protein_g() for p in self.populations.values())

    def vesicles(self, floor: float = 0.0) -> float:
        """Vesicles of all classes larger than ``floor`` (um)."""
        return sum(
            float(p.by_size[p.diameters > floor].sum())
            for p in self.populations.values()
            if p.kind.is_vesicle
        )

    def particles(self, floor: float = 0.0) -> float:
        """Particles of any kind larger than ``floor`` (um); free protein never counts."""
        return sum(
            float(p.by_size[p.diameters > floor].sum())
            for p in self.populations.values()
            if p.kind.group != "protein"
        )

    def copies(self, cargo: str) -> dict[str, float]:
        """Copies of a cargo by the kind that carries it."""
        return {
            name: sum(p.copies(c) for c in p.cargo if c.name == cargo)
            for name, p in self.populations.items()
            if any(c.name == cargo for c in p.cargo)
        }

    def cargo_names(self) -> list[str]:
        """Names of all cargo, sorted."""
        return sorted({c.name for p in self.populations.values() for c in p.cargo})


@dataclass(frozen=True)
class Recipe:
    """A sample before its numbers are drawn.

    ``counts`` are particles per mL, ``kinds`` the species as this sample has them, ``cargo`` copies per
    particle by (cargo, kind) with their place.
    """

    name: str
    volume: float
    counts: Mapping[str, Prior]
    kinds: Mapping[str, Species]
    cargo: Mapping[tuple[str, str], tuple[str, Prior]] = field(default_factory=dict)
    density: float = 1.0
    viscosity: float = 1.0


def recipes() -> list[str]:
    """Names of the samples that come with vesiflux."""
    return [row["sample"] for row in rows("media.tsv")]


def recipe(name: str, volume: float) -> Recipe:
    """The sample ``name`` in ``volume`` mL; `InputError` names the nearest."""
    if name not in recipes():
        raise InputError(f"no sample is called {name!r}; {meant(name, recipes(), 'samples')}")
    medium = next(row for row in rows("media.tsv") if row["sample"] == name)
    counts = {row["species"]: prior(row) for row in rows("samples.tsv") if row["sample"] == name}
    known = species()
    cargo = {
        (row["cargo"], row["species"]): (row["place"], prior(row))
        for row in rows("cargo.tsv")
        if float(row["high"]) > 0.0
    }
    return Recipe(
        name,
        volume,
        counts,
        {kind: known[kind] for kind in counts},
        {key: value for key, value in cargo.items() if key[1] in counts},
        float(medium["density"]),
        float(medium["viscosity"]),
    )


def fill(what: Recipe, counts: Mapping[str, float], copies: Mapping[tuple[str, str], float]) -> Sample:
    """The tube of a recipe: ``counts`` are particles per mL, ``copies`` per particle."""
    populations = {}
    for name, kind in what.kinds.items():
        diameters, share = grid(kind)
        cargo = tuple(Cargo(c, place, copies[c, k]) for (c, k), (place, _) in what.cargo.items() if k == name)
        whole = counts[name] * what.volume
        spread = _patterns(kind)[:, None] * share[None, :]
        populations[name] = Population(kind, diameters, whole * spread, cargo)
    return Sample(what.volume, populations, what.density, what.viscosity)


def _patterns(kind: Species) -> NDArray[np.float64]:
    """Share of each pattern of markers, shape (8,); markers are independent."""
    import numpy as np

    share = np.ones(PATTERNS)
    for i, positive in enumerate(kind.positive):
        has = (np.arange(PATTERNS) >> i) & 1
        share *= np.where(has == 1, positive, 1.0 - positive)
    return share


def with_counts(population: Population, counts: NDArray[np.float64]) -> Population:
    """The same kind with other particles."""
    return replace(population, counts=counts)
