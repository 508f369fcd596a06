"""Doses that cannot be: what would fill its liquid without a gap. Anything less is warned of, not refused."""

from __future__ import annotations

from vesiflux.assay.dose import tables
from vesiflux.assay.dose.compare import VESICLE_VOLUME_ML
from vesiflux.errors import InputError

__all__ = ["check"]

_VOLUME_ML = {
    "particles": (VESICLE_VOLUME_ML, "small vesicles"),
    "protein": (1e-6 / 1.35, "ug of protein"),  # 1.35 g/mL, as in species.tsv
    "cargo": (0.6e-21, "molecules of 0.5 kDa"),  # 0.6 nm^3, as the audit's bound on a lumen
}
"""Volume of one of what is counted, by kind of measure; donor cells and shares of a dose are no volume."""


def check(text: str, kind: str, amount: float, species: str, medium: float | None) -> None:
    """Refuse a dose that is larger than the liquid it is in: medium, or the plasma of an animal.

    Parameters
    ----------
    text
        The dose as written.
    kind, amount
        What is counted (`Measure.kind`) and how much of it there is in all.
    species, medium
        The animal, or mL of medium; particles in neither are held to a human, other amounts to nothing.

    Raises
    ------
    InputError
        With the largest amount that there can be.
    """
    if kind == "particles" and medium is None:
        species = species or "human"
    if kind not in _VOLUME_ML or (not species and medium is None):
        return
    volume, what = _VOLUME_ML[kind]
    if species:
        row = tables.named("species", species, "species")
        room = float(row["typical"])
        where = f"the plasma of a {row['species']}, {room:g} mL,"
    else:
        assert medium is not None
        room, where = medium, f"{medium:g} mL of medium"
    most = room / volume
    if amount > most:
        each = f", {1.0 / volume:.1e} per mL" if room != 1.0 else ""
        raise InputError(
            f"{text!r} cannot be: {where} holds {most:.1e} {what} without a gap{each}; give less"
        )
