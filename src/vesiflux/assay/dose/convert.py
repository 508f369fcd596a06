"""Conversion between units of dose; all ways lead over the number of particles.

Every factor on the way is a distribution with a source; draws are keyed by the factor's name, so the same
factor has the same draws wherever it stands, and there and back again is the dose one began with.
"""

from __future__ import annotations

from vesiflux.assay.dose import tables
from vesiflux.assay.dose.allometry import crossing
from vesiflux.assay.dose.bounds import check
from vesiflux.assay.dose.compare import compare, warnings_of
from vesiflux.assay.dose.estimate import DoseEstimate, Interval
from vesiflux.assay.dose.measure import read_measure
from vesiflux.assay.dose.text import amount, read_dose
from vesiflux.assay.dose.way import Way
from vesiflux.assay.dose.well import Mixing, in_vessel
from vesiflux.assay.stated import Stated
from vesiflux.errors import InputError
from vesiflux.language.vessels import vessel as vessel_named
from vesiflux.language.vessels import vessels

__all__ = ["dose"]


def dose(
    text: str,
    to: str = "particles",
    prep: str | None = None,
    *,
    species: str | None = None,
    vessel: str | None = None,
    volume: str | float | None = None,
    hours: str | float | None = None,
    cells: str | float | None = None,
    mixing: Mixing = "still",
    clearance: str | float | None = None,
    diameter: str | float | None = None,
    cargo: str | None = None,
    copies: Stated | None = None,
    donor: str | None = None,
    collected: str | float | None = None,
    of: str | None = None,
    tissue: str | float | None = None,
    into: str | None = None,
    scaling: str = "clearance",
    draws: int = 10_000,
    seed: int = 1,
) -> DoseEstimate:
    """Convert a dose into another unit, with its uncertainty.

    Parameters
    ----------
    text
        ``50 ug``, ``1e9 particles/mL in 2 mL``, ``1000 EV/cell with 2e5 cells``, ``1e7 cell equivalents over
        24 h``, ``5 %ID/g of 1e10 particles in 0.3 g``, ``10 pmol of miR-10b``, ``500 copies/cell``, ...
        What stands behind in, with, over, of, from and by may be given by the arguments below as well.
    to
        Unit wanted, of any of these kinds.
    prep
        Preparation: uc, gradient, sec, tff, precipitation, crude, ...; without it the whole range.
    species
        Animal: its plasma volume, weight, and the vesicles it already has.
    vessel, volume, hours, cells
        Culture vessel (6-well, T-75, ...), mL of medium (by default the vessel's usual one), hours of
        exposure, recipient cells.
    mixing
        still or stirred (rocked, shaken).
    clearance
        Of one recipient cell, mL/cell/h; by default the range of the parameter k_up.
    diameter
        Of the vesicles, nm; by default the range of the parameter d_sEV_trps.
    cargo, copies
        Which cargo, and copies per particle where the cargo is not of a known class: one number, three
        (low, typical, high), or text such as ``0.001,0.01,0.1``.
    donor, collected
        Donor cell and hours of collection, for cell equivalents.
    of, tissue
        The injected dose that a %ID is of, and g of tissue for %ID/g.
    into, scaling
        Another animal, which the dose is wanted for: by the power of weight with which clearance grows, by
        body surface or by weight. ``species`` is then the animal it is known in.
    draws, seed
        Number of draws, and the seed they follow from.

    Returns
    -------
    DoseEstimate
        Median and 95 % interval in ``to``, the draws, what their width comes from, notes and warnings,
        comparison with the pool in the blood and with published doses, and what reaches cells in a vessel.

    Raises
    ------
    InputError
        The text cannot be read, a name is unknown, something that the conversion needs is missing, or the
        dose is larger than the liquid it is in.
    """
    if draws < 100:
        raise InputError(f"{draws} draws give no interval; use 100 or more")
    names = {
        "species": frozenset(tables.aliases("species")),
        "vessel": frozenset(name.lower() for name in vessels()),
        "donor": frozenset(tables.aliases("donors")),
        "prep": frozenset(tables.aliases("preparations")),
    }
    given = read_dose(text, names)
    wanted = read_measure(to.partition(" of ")[0] if "%" not in to else to, names["species"])
    way = Way(given, prep, donor, draws, seed)
    way.species = species or given.species or wanted.species
    way.cargo = cargo or given.cargo or wanted.cargo or to.partition(" of ")[2].strip()
    way.copies = copies
    found = vessel or given.vessel
    if found:
        way.vessel = next((name for name in vessels() if name.lower() == found.lower()), found)
        vessel_named(way.vessel)
    way.volume = given.volume if volume is None else amount(volume, "mL", "the volume")
    way.cells = given.cells if cells is None else amount(cells, "cell", "the number of cells")
    way.tissue = given.tissue if tissue is None else amount(tissue, "g", "the tissue")
    exposed = None if hours is None else amount(hours, "h", "the time")
    if collected is not None:
        way.collected = amount(collected, "h", "the time of collection")
    elif given.measure.kind == "cells":
        way.collected = given.hours
    else:
        exposed = exposed or given.hours
    if of is not None:
        whole = read_dose(of, names)
        way.whole, way.species = whole, way.species or whole.species
    if way.species:
        tables.named("species", way.species, "species")

    particles = way.particles(given)
    amounts = way.amount(given.value, given.measure)
    check(text, given.measure.kind, float(amounts[0]), way.species, way.medium())
    if into is not None:
        if way.vessel:
            raise InputError(f"{into}: a dose in a vessel is none of an animal's; leave the vessel out")
        if "injected" in (given.measure.kind, wanted.kind):
            raise InputError("a share of the injected dose is the same in every animal; leave out --into")
        way.crossing = crossing(way.species, into, scaling, draws, seed)
        way.species = into
        way.notes.append(way.crossing.note)
        particles, amounts = particles * way.crossing.ratio, amounts * way.crossing.ratio
    if given.measure.kind != wanted.kind:
        amounts = way.counted(particles, wanted)
    if wanted.kind == "injected" and given.measure.kind != "injected":
        way.notes.append("%ID: the dose given over the injected dose")
    result = amounts / wanted.factor / way.per(wanted)
    # what lies on the way to the result, before comparisons add factors of their own
    drivers = way.drivers(given.measure, wanted)
    well = None
    if way.vessel or (exposed is not None and way.volume is not None):
        setting = (way.vessel, way.volume, exposed, way.cells, mixing, clearance, diameter)
        well = in_vessel(particles, *setting, draws=draws, seed=seed, notes=way.notes)
    compared = compare(particles, way.protein(particles), way.species, draws, seed) if way.in_body() else ()
    interval = Interval.of(result)
    return DoseEstimate(
        interval.median,
        interval.low,
        interval.high,
        wanted.text,
        result,
        drivers,
        tuple(dict.fromkeys(way.notes)),
        warnings_of(particles, way.species, compared, way.medium()),
        compared,
        well,
    )
