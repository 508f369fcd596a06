"""A protocol carried out: what is left after each step, what the product is, what instruments show of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vesiflux.assay.isolation.chain import Isolation

__all__ = ["Assayed", "assay"]


@dataclass(frozen=True)
class Assayed:
    """What came of a protocol.

    Attributes
    ----------
    isolation
        Every step with its draws.
    steps
        Account of each step: what is left and what is lost where, per kind.
    product
        Vesicles, recovery, purity, particles per ug, protein: ``typical``, ``median``, ``low``, ``high``.
    readings
        What each instrument shows of it, likewise.
    """

    isolation: Isolation
    steps: list[dict[str, Any]]
    product: dict[str, Any]
    readings: list[dict[str, Any]]
    seed: int

    def __repr__(self) -> str:
        made = self.product["vesicles"]
        name = self.isolation.protocol.name
        return f"<vesiflux.Assayed {name}: {len(self.steps)} steps, {made['typical']:.2g} vesicles>"

    def replicates(self, number: int = 3) -> list[dict[str, Any]]:
        """What one laboratory reads in so many replicates of each instrument."""
        from vesiflux.assay.measurement.forward import replicates

        return replicates(self.isolation, number, self.seed)

    def scale_up(self, dose: float | str, culture: str = "cell-factory") -> dict[str, Any]:
        """Litres, cells, runs, days and drivers of the cost for a dose of vesicles, and how lots differ."""
        from vesiflux import units
        from vesiflux.assay.scale import scale_up

        vesicles = units.parse(dose, "vesicle", bare=True) if isinstance(dose, str) else dose
        return scale_up(self.isolation, vesicles, culture, self.seed)


def assay(protocol: str | Path, draws: int = 200, seed: int = 1) -> Assayed:
    """Carry out a protocol of isolation and measurement.

    Parameters
    ----------
    protocol
        A file, or a library protocol such as ``uc-sec``.
    draws
        For the intervals; 0 for typical values alone.

    Raises
    ------
    InputError
        No such protocol, or everything that is wrong in it.
    """
    from vesiflux.assay.isolation.account import account, product
    from vesiflux.assay.isolation.chain import isolate
    from vesiflux.assay.measurement.forward import readings
    from vesiflux.assay.protocol import load

    done = isolate(load(protocol), draws, seed)
    return Assayed(done, account(done), product(done), readings(done, seed), seed)
