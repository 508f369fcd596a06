"""The factors between units of dose, each drawn once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.assay.dose import tables
from vesiflux.assay.dose.estimate import Driver
from vesiflux.assay.dose.measure import Measure
from vesiflux.assay.dose.text import Given
from vesiflux.assay.stated import Stated, stated
from vesiflux.errors import InputError
from vesiflux.evidence import Prior
from vesiflux.language.vessels import vessel as vessel_named
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.assay.dose.allometry import Crossing

__all__ = ["COLLECTED", "Way"]

COLLECTED = 24.0
"""Hours of collection where a dose in cell equivalents does not say (assumed, and noted)."""


class Way:
    """The factors between what is given and what is wanted, each drawn once and remembered."""

    def __init__(self, given: Given, prep: str | None, donor: str | None, draws: int, seed: int) -> None:
        self.preparation: Mapping[str, str] = tables.named(
            "preparations", prep or given.prep or "unknown", "preparation"
        )
        self.donor = donor or given.donor
        if self.donor:
            tables.named("donors", self.donor, "donor")
        self.n, self.seed = draws, seed
        self.species = self.vessel = self.cargo = ""
        self.copies: Stated | None = None
        self.volume: float | None = None
        self.cells: float | None = None
        self.tissue: float | None = None
        self.collected: float | None = None
        self.whole: Given | None = given.whole
        self.kind = given.measure.kind
        self.notes: list[str] = []
        self.crossing: Crossing | None = None  # into another animal
        self._drawn: dict[str, tuple[str, Prior, NDArray[np.float64]]] = {}
        self._used: dict[str, list[str]] = {}

    # --- the factors between a kind and particles

    def factor(self, kind: str) -> NDArray[np.float64] | float:
        """Particles in one unit of the kind."""
        if kind == "protein":
            where = self.preparation["preparation"]
            ratio = tables.row_prior(self.preparation, "vesicle/ug")
            return self._draw(kind, "particles per ug", f"particles per ug protein, {where}", ratio)
        if kind == "cells":
            return self._per_donor_cell()
        if kind == "cargo":
            return 1.0 / self._copies()
        if kind == "injected":
            return self._injected()
        return 1.0

    def _per_donor_cell(self) -> NDArray[np.float64]:
        if self.collected is None:
            self.collected = COLLECTED
            self.notes.append(f"collection over {COLLECTED:g} h assumed; write 'over 48 h' or --collected")
        if self.donor:
            row = tables.named("donors", self.donor, "donor")
            rate = tables.evidence_prior(row["symbol"]).to("vesicle/cell/h")
            total = self._draw("cells", f"q {row['symbol']}", f"secretion of {row['donor']}", rate)
        else:
            self.notes.append("no donor named (--donor): secretion of any cultured cell")
            total = self._draw("cells", "q", "secretion, any cell", tables.own_prior("secretion_unknown"))
        total = total * self.collected
        symbols = [symbol for symbol in self.preparation["recovery"].split("|") if symbol]
        if self.preparation["preparation"] == "unknown":
            recovery = tables.own_prior("protein_recovery_unknown")
            total = total * self._draw("cells", "recovery", "recovery, any preparation", recovery)
        for symbol in symbols:
            recovery = tables.evidence_prior(symbol).to("1")
            total = total * self._draw("cells", symbol, f"recovery ({symbol})", recovery)
        return total

    def _copies(self) -> NDArray[np.float64]:
        if self.copies is not None:
            name = self.cargo or "cargo"
            return self._draw(
                "cargo",
                "copies",
                f"{name} per particle, as given",
                stated(self.copies, "copy/vesicle", "copies per particle"),
            )
        if not self.cargo:
            raise InputError("copies of what? name the cargo, e.g. '10 pmol of miR-10b' or --cargo miR-10b")
        row = tables.cargo_row(self.cargo)
        if row["note"]:
            self.notes.append(f"{self.cargo}: {row['note']}")
        first, *more = row["symbols"].split("|")
        rate = tables.evidence_prior(first).to("copy/vesicle")
        total = self._draw("cargo", first, f"{self.cargo} per particle ({first})", rate)
        for symbol in more:
            share = tables.evidence_prior(symbol)
            total = total * self._draw("cargo", symbol, f"share with any ({symbol})", share)
        return total

    def _injected(self) -> NDArray[np.float64] | float:
        if self.whole is None:
            raise InputError("%ID of what dose? write '5 %ID of 1e10 particles' or --of '1e10 particles'")
        if self.whole.measure.kind == "injected":
            raise InputError("the injected dose cannot itself be in %ID; give it in particles, ug, ...")
        return self.particles(self.whole)

    def _draw(self, kind: str, key: str, name: str, prior: Prior) -> NDArray[np.float64]:
        if key not in self._drawn:
            values = prior.quantile(uniforms(self.seed, f"dose {key}", 0, self.n))
            self._drawn[key] = (name, prior, values)
        self._used.setdefault(kind, [])
        if key not in self._used[kind]:
            self._used[kind].append(key)
        return self._drawn[key][2]

    # --- from what is written to totals, and back

    def amount(self, value: float, measure: Measure) -> NDArray[np.float64]:
        """Total of the kind, whatever it was per: ug, particles, copies, cells, share of the dose."""
        import numpy as np

        return np.full(self.n, value * measure.factor * self.per(measure))

    def per(self, measure: Measure) -> float:
        """How many mL, cells or g there are of what the measure is per."""
        if measure.per == "mL":
            if self.volume is None and not self.vessel:
                raise InputError(f"{measure.text} in how many mL? write 'in 2 mL', --volume 2 or --vessel")
            return self.medium() or math.nan
        if measure.per == "cell":
            if self.cells is None:
                raise InputError(f"{measure.text} with how many cells? write 'with 2e5 cells' or --cells 2e5")
            return self.cells
        if measure.per == "g" and measure.kind == "injected":
            if self.tissue is None:
                raise InputError("%ID/g in how many g of tissue? write 'in 0.3 g' or --tissue 0.3")
            return self.tissue
        if measure.per == "g":
            if self.species:
                return 1e3 * float(tables.named("species", self.species, "species")["body_kg"])
            if self.tissue is None:
                raise InputError(f"{measure.text} in which animal? write 'in a mouse', 'in 25 g', --species")
            return self.tissue
        return 1.0

    def particles(self, given: Given) -> NDArray[np.float64]:
        """Draws of the number of particles."""
        return self.amount(given.value, given.measure) * self.factor(given.measure.kind)

    def counted(self, particles: NDArray[np.float64], wanted: Measure) -> NDArray[np.float64]:
        """Draws of the total in the kind wanted."""
        return particles / self.factor(wanted.kind)

    def protein(self, particles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draws of ug of protein."""
        return particles / self.factor("protein")

    def medium(self) -> float | None:
        """mL of medium, of the vessel where no volume is given."""
        if self.volume is None and self.vessel:
            return units.parse(str(vessel_named(self.vessel).volume.typical), "mL")
        return self.volume

    def in_body(self) -> bool:
        """Whether the dose goes, or may go, into a body rather than a vessel."""
        return bool(self.species) or not (self.vessel or self.volume or self.cells)

    def drivers(self, given: Measure, wanted: Measure) -> tuple[Driver, ...]:
        """Shares of the variance of the logarithm; the factors are independent and multiply."""
        import numpy as np

        kinds = [given.kind, wanted.kind]
        if "injected" in kinds and self.whole is not None:
            kinds.append(self.whole.measure.kind)
        # what stands both above and below the line cancels
        once = [key for kind in kinds if kinds.count(kind) == 1 for key in self._used.get(kind, ())]
        if "particles per ug" in once and self.preparation["preparation"] == "unknown":
            self.notes.append("no preparation named (--prep): the whole range of particles per ug")
        drawn = dict(self._drawn)
        if self.crossing is not None:
            once.append("crossing")
            drawn["crossing"] = (self.crossing.name, self.crossing.exponent, self.crossing.ratio)
        spread = {key: float(np.var(np.log(drawn[key][2]))) for key in once}
        total = sum(spread.values()) or 1.0
        spread = {
            key: variance for key, variance in spread.items() if variance > 0.0
        }  # fixed ones drive nothing
        ordered = sorted(spread, key=lambda key: -spread[key])
        return tuple(Driver(drawn[key][0], spread[key] / total, drawn[key][1]) for key in ordered)
