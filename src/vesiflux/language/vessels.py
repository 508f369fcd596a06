"""Common culture vessels: growth area and usual volume of medium, from ``vessels.tsv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vesiflux.errors import InputError
from vesiflux.language.schema import Value
from vesiflux.language.tsv import own_rows
from vesiflux.language.words import meant

__all__ = ["Vessel", "vessel", "vessels"]


@dataclass(frozen=True)
class Vessel:
    """One well or flask: growth area (cm^2 as written) and volume of medium (mL)."""

    name: str
    area: Value
    volume: Value


@cache
def vessels() -> dict[str, Vessel]:
    """All vessels by name."""
    found = {}
    for row in own_rows(Path(__file__).parent / "vessels.tsv"):
        parts = {
            name: Value.model_validate(
                {
                    "typical": f"{row[key]} {unit}",
                    "vary": "fixed",
                    "source": row["source"],
                    "mark": row["mark"],
                    "note": row["note"],
                }
            )
            for name, key, unit in (("area", "area_cm2", "cm^2"), ("volume", "volume_mL", "mL"))
        }
        found[row["vessel"]] = Vessel(row["vessel"], parts["area"], parts["volume"])
    return found


def vessel(name: str) -> Vessel:
    """One vessel by name; `InputError` names the nearest."""
    known = vessels()
    if name not in known:
        raise InputError(f"no vessel is called {name!r}; {meant(name, known, 'vessels')}")
    return known[name]
