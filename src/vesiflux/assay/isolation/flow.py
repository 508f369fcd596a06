"""One step under way: what is still in the tube and what went where. Nothing disappears unnamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vesiflux.assay.sample import Cargo, Population, Sample, with_counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Draw", "Flow"]

Draw = Callable[[str], float]
"""A parameter's value in this draw, by its symbol in ``parameters.tsv``."""


@dataclass
class Flow:
    """Changes a sample and notes every loss.

    Attributes
    ----------
    sample
        What is in the tube now.
    lost
        Particles by cause and kind, shapes (8, bins).
    copies
        Copies of cargo that went, with their particles or by a leak, by (cause, cargo, kind).
    """

    sample: Sample
    lost: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)
    copies: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def lose(
        self, cause: str, share: Callable[[Population], NDArray[np.float64] | float], *, only: str = ""
    ) -> None:
        """Take ``share`` (a number, or shape (bins,) or (8, bins), 0 to 1) of each kind out of the tube.

        ``only`` restricts it to a group ("vesicle"); cargo goes with its particles.
        """
        left: dict[str, Population] = {}
        for name, population in self.sample.populations.items():
            if only and population.kind.group != only:
                left[name] = population
                continue
            gone = population.counts * share(population)
            left[name] = with_counts(population, population.counts - gone)
            before = self.lost.get((cause, name))
            self.lost[cause, name] = gone if before is None else before + gone
            for item in population.cargo:
                self._note(cause, item, with_counts(population, gone))
        self.sample = replace(self.sample, populations=left)

    def leak(self, cause: str, share: float, names: Mapping[str, float] | None = None) -> None:
        """Let ``share`` of the lumen's cargo leave particles that stay; ``names`` has shares by name."""
        left = {}
        for name, population in self.sample.populations.items():
            cargo = []
            for item in population.cargo:
                if item.place != "lumen":
                    cargo.append(item)
                    continue
                part = share if names is None else names.get(item.name, share)
                self._note(cause, replace(item, kept=item.kept * part), population)
                cargo.append(replace(item, kept=item.kept * (1.0 - part)))
            left[name] = replace(population, cargo=tuple(cargo))
        self.sample = replace(self.sample, populations=left)

    def _note(self, cause: str, item: Cargo, gone: Population) -> None:
        key = (cause, item.name, gone.kind.name)
        self.copies[key] = self.copies.get(key, 0.0) + gone.copies(item)

    def liquid(self, volume: float, *, density: float | None = None, viscosity: float | None = None) -> None:
        """Set the liquid: volume in mL; density and relative viscosity where it was exchanged."""
        self.sample = replace(
            self.sample,
            volume=volume,
            density=self.sample.density if density is None else density,
            viscosity=self.sample.viscosity if viscosity is None else viscosity,
        )

    def buffer(self, volume: float) -> None:
        """Take up in ``volume`` mL of phosphate-buffered saline (1.005 g/mL, water's viscosity)."""
        self.liquid(volume, density=1.005, viscosity=1.02)
