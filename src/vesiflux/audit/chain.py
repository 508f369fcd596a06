"""The chain from donor to deed as arithmetic over draws; every step is a gain in powers of ten.

All arrays have shape (draws,). `docs/audit/index.md` has the equations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.audit.numbers import Floats, Numbers
from vesiflux.physics.geometry import MEMBRANE
from vesiflux.physics.stokes_einstein import BOLTZMANN, water_viscosity
from vesiflux.physics.supply import monolayer_fraction

if TYPE_CHECKING:
    from vesiflux.audit.case import Case

__all__ = ["Arrived", "Dose", "Outcome", "Reader", "act", "arrive", "factor", "involved"]

_BODY = 310.15  # K


@dataclass(frozen=True)
class Dose:
    """What the user gave instead of donors: particles in all, or per mL of medium; in ng where ``mass``."""

    amount: float
    per_mL: bool = False
    mass: bool = False


@dataclass
class Arrived:
    """Vesicles that one recipient has taken up.

    ``offered``: vesicles released or given per recipient; ``meetings``: most that can touch it, by diffusion;
    ``hours``: over which they came; ``time``: until the outcome is read; ``steps``: what became of them on
    the way, as factors by step.
    """

    offered: Floats
    vesicles: Floats
    meetings: Floats
    hours: Floats
    time: Floats
    steps: dict[str, Floats]


@dataclass
class Outcome:
    """What came of it by one route.

    ``delivered``: copies per recipient that act, or are engaged at a time. ``ratio``: those over the ones
    needed. ``margin``: vesicles with cargo
    that came to act over those that must, so that enough recipients answer; works where it is 1 or more.
    ``steps``: log10 of each step, adding up to log10 of the margin.
    """

    route: str
    delivered: Floats
    ratio: Floats
    margin: Floats
    steps: dict[str, Floats] = field(default_factory=dict)


class Reader:
    """Gets numbers and remembers which were used."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.used: dict[str, None] = {}

    def __call__(self, parameter: str, *of: str) -> Floats:
        """Values as `Numbers.get`."""
        value = self.numbers.get(parameter, *of)
        self.used[self.numbers.key(parameter, *of)] = None
        return value


def arrive(case: Case, read: Reader, dose: Dose | None, scale: float) -> Arrived:
    """Vesicles that come to one recipient; ``scale`` multiplies what is released or given."""
    geometry = _GEOMETRY[case.setting]
    return geometry(case, read, dose, scale)


def _intrinsic(case: Case, read: Reader, cell: str) -> Floats:
    """Clearance of a cell from a thin suspension, mL/cell/h, before any limit of supply."""
    match = read("match")
    own = match if cell == case.donor else 1.0 / match
    return read("uptake") * read("uptake_factor", cell) * own


def _series(intrinsic: Floats, supply: Floats) -> Floats:
    return intrinsic * supply / (intrinsic + supply)


def _dish(case: Case, read: Reader, dose: Dose | None, scale: float) -> Arrived:
    """Medium of donors, or a dose, once, over a still monolayer."""
    medium, time = read("medium", "dish"), read("time", "dish")
    if dose is None:
        made = read("donors", "dish") * read("secretion", case.donor) * read("collection", "dish")
        offered = scale * made * read("recovery")
    else:
        given = dose.amount * (read("particles_per_ug") if dose.mass else 1.0)
        offered = scale * given * (medium if dose.per_mL else 1.0 / read("recipients", "dish"))
    intrinsic = _intrinsic(case, read, case.recipient) / (1.0 + offered / medium / read("saturation"))
    supply = -np.log1p(-_reached(case, read)) * medium / time
    clearance = _series(intrinsic, supply)
    away = clearance / medium + math.log(2.0) / read("loss_half_life")
    taken = clearance / medium / away * -np.expm1(-away * time)
    meetings = supply / medium * offered * time
    return Arrived(offered, offered * taken, meetings, time, time, {"uptake": taken})


def _reached(case: Case, read: Reader) -> Floats:
    """Share that can have reached the bottom of still medium (`monolayer_fraction`), draw by draw."""
    depth, time, diameter = read("depth", "dish"), read("time", "dish"), read("diameter", case.vesicle)
    name = f"reached {case.vesicle}"
    kept = read.numbers.kept(name)
    if kept is None:
        viscosity = water_viscosity(_BODY) * 1e-3
        diffusion = BOLTZMANN * _BODY / (3.0 * math.pi * viscosity * diameter * 1e-6) * 1e12 * 3600.0
        each = zip(diffusion.tolist(), depth.tolist(), time.tolist(), strict=True)
        kept = np.array([min(monolayer_fraction(*one), 1.0 - 1e-12) for one in each])
        read.numbers.kept(name, kept)
    return kept


def _neighbours(case: Case, read: Reader, dose: Dose | None, scale: float) -> Arrived:
    """Donors around a recipient in tissue, in steady state; donors take their own vesicles back as well.

    What is made per recipient and hour, S, is taken, c k / (1 + c / c_sat), or lost, c L: a quadratic in c.
    """
    donors, time = read("donors", "neighbours"), read("time", "neighbours")
    made = scale * donors * read("secretion", case.donor)
    way = np.exp(-read("distance", "neighbours") / read("decay_length", "neighbours"))
    diffusion = read("diffusion", "neighbours")
    own = _in_tissue(case, read, case.recipient, diffusion)
    taken_back = _in_tissue(case, read, case.donor, diffusion) * donors
    lost = read("drainage", "neighbours") + math.log(2.0) / read("loss_half_life")
    lost = lost * read("space", "neighbours") * (1.0 + donors)
    both, limit, coming = own + taken_back, read("saturation"), made * way
    linear = lost + both - coming / limit
    root = np.sqrt(linear * linear + 4.0 * lost * coming / limit)
    # of the two ways to write the positive root the one that does not cancel
    sum_ = 0.5 * (np.abs(linear) + root)
    concentration = np.where(linear > 0.0, coming / sum_, sum_ * limit / lost)
    rate = own * concentration / (1.0 + concentration / limit)
    meetings = _sphere(read, case.recipient, diffusion) * concentration * time
    steps = {"distance": way, "uptake": rate / coming}
    return Arrived(made * time, rate * time, meetings, time, time, steps)


def _in_tissue(case: Case, read: Reader, cell: str, diffusion: Floats) -> Floats:
    return _series(_intrinsic(case, read, cell), _sphere(read, cell, diffusion))


def _sphere(read: Reader, cell: str, diffusion: Floats) -> Floats:
    """Collision limit of one cell, mL/cell/h (`sphere_clearance`)."""
    return 4.0 * math.pi * diffusion * read("radius", cell) * 1e-12


def _dose(case: Case, read: Reader, dose: Dose | None, scale: float) -> Arrived:
    """A dose into blood, or what the donors of a body shed into it: share of an organ, over its cells."""
    setting = case.setting
    time = read("time", setting)
    if setting == "blood":
        shed = read("donors_in_body", setting) * read("secretion", case.donor) * time
        given, hours = shed * read("share_to_blood", setting), time
    else:
        hours = np.minimum(read("arrival_time", setting), time)
        if dose is None:
            given = read("dose", setting)
        else:
            given = dose.amount * (read("particles_per_ug") if dose.mass else np.ones_like(time))
    offered = scale * given / (read("organ_cells", case.organ) * read("body", setting))
    share = np.minimum(read("organ_share", case.organ) * read("circulation"), 1.0)
    wanted = offered * share
    # an organ's cells cannot take up faster than they do from a saturated suspension
    most = _intrinsic(case, read, case.recipient) * read("saturation") * time
    taken = 1.0 / (1.0 + wanted / most)
    unlimited = np.full_like(wanted, np.inf)
    return Arrived(offered, wanted * taken, unlimited, hours, time, {"organ": share, "uptake": taken})


_GEOMETRY: dict[str, Callable[[Case, Reader, Dose | None, float], Arrived]] = {
    "dish": _dish,
    "neighbours": _neighbours,
    "iv": _dose,
    "patient": _dose,
    "blood": _dose,
}


def act(case: Case, route: str, arrived: Arrived, read: Reader) -> Outcome:
    """What the vesicles that arrived do by one route, against what is needed."""
    if case.asks == "arrival":
        return _against(route, case, arrived, {}, read("arrivals"), None, read)
    if route == "contact":
        hold = np.minimum(read("signal_time") / arrived.hours, 1.0)
        hold = hold * involved(case, route, arrived, read) / arrived.vesicles
        need = read("threshold" if read.numbers.given("threshold") else "contact_threshold", case.cargo)
        return _against(route, case, arrived, {"hold": hold}, need, None, read)
    decay = math.log(2.0) * arrived.time / read("half_life", case.cargo)
    later = {
        "active_share": read("active_share", case.cargo),
        "persistence": -np.expm1(-decay) / decay,
    }
    own = read("own_copies", case.cargo)
    need = np.maximum(read("threshold", case.cargo) - own, read("change") * own)
    return _against(route, case, arrived, {"escape": read("escape", case.cargo)}, need, later, read)


def involved(case: Case, route: str, arrived: Arrived, read: Reader) -> Floats:
    """Vesicles that a route works with: all taken up or, by contact, all that touched and held."""
    if route != "contact" or case.asks == "arrival":
        return arrived.vesicles
    wanted = read("binding") * arrived.vesicles
    return wanted / (1.0 + wanted / arrived.meetings)


def _copies(case: Case, read: Reader) -> Floats:
    engineered = case.engineered and not read.numbers.given("copies")
    copies = read("loaded_copies" if engineered else "copies", case.cargo)
    return np.minimum(copies, _room(read("diameter", case.vesicle)))


def _room(diameter: Floats) -> Floats:
    """Most molecules of 0.5 kDa (0.6 nm^3) that fill the lumen: a bound from above for larger ones."""
    lumen = math.pi / 6.0 * np.maximum(diameter - 2.0 * MEMBRANE, 1e-3) ** 3
    return lumen / 0.6e-9


def _against(
    route: str,
    case: Case,
    arrived: Arrived,
    before: dict[str, Floats],
    need: Floats,
    after: dict[str, Floats] | None,
    read: Reader,
) -> Outcome:
    """Compare with the need: vesicles that come to act are few and random, what they carry is not.

    ``before``: steps that a vesicle passes as a whole; ``after``: steps of its single copies.
    """
    after = after or {}
    steps = dict(arrived.steps) | before
    if case.asks == "arrival":
        copies, occupied, each = np.ones_like(need), np.ones_like(need), np.ones_like(need)
    else:
        copies = _copies(case, read)
        occupied, each = _occupied(copies, read)
        steps["copies"] = np.minimum(copies, 1.0)
    steps |= after
    acting = arrived.vesicles * occupied
    for value in before.values():
        acting = acting * value
    for value in after.values():
        each = each * value
    enough = np.maximum(need / each, 1.0)  # vesicles that a cell needs
    wanted = _mean_for(enough, read("responders"))
    margin = acting / wanted
    delivered = acting * each
    ratio = delivered / need
    # copies above one per vesicle are no loss anywhere: they count as more on offer
    logs = {"supply": np.log10(arrived.offered * np.maximum(copies, 1.0) / need)}
    logs |= {name: np.log10(value) for name, value in steps.items()}
    logs["chance"] = np.log10(margin / ratio)
    return Outcome(route, delivered, ratio, margin, logs)


def _mean_for(enough: Floats, share: Floats) -> Floats:
    """Mean vesicles per cell at which a share of the cells, by chance (Poisson), has ``enough`` of them.

    The inverse of the incomplete gamma function; above 100 by Wilson & Hilferty (1931), right to 1e-5.
    """
    from scipy.special import gammaincinv, ndtri

    found = np.empty_like(enough)
    few = enough <= 100.0
    found[few] = gammaincinv(enough[few], share[few])
    many = enough[~few]
    found[~few] = many * (1.0 - 1.0 / (9.0 * many) + ndtri(share[~few]) / (3.0 * np.sqrt(many))) ** 3
    return found


def _occupied(copies: Floats, read: Reader) -> tuple[Floats, Floats]:
    """Share of vesicles with cargo and copies in each of them, by either hypothesis; the mean is the same."""
    poisson = -np.expm1(-copies)
    rare = np.minimum(copies / np.maximum(read("copies_if_occupied"), copies), 1.0)
    occupied = np.where(read("occupancy") < 0.5, poisson, rare)
    return occupied, copies / occupied


def factor(case: Case, read: Reader, dose: Dose | None) -> Floats:
    """Concentration of a free factor of the donor over that of half its effect; 0 where there is none."""
    rate = read("factor_secretion", case.cargo)
    ec50 = read("factor_ec50", case.cargo)
    there = read("factor_exists") < read("factor_chance", case.cargo)
    setting = case.setting
    if setting == "neighbours":
        half = read("factor_half_life", "neighbours") / math.log(2.0)
        space = read("space", "neighbours") * (1.0 + read("donors", "neighbours"))
        concentration = read("donors", "neighbours") * rate * half / space
    else:
        made = _donor_hours(case, read, dose)
        volume = (
            read("medium", "dish") if setting == "dish" else read("factor_volume") * read("body", setting)
        )
        left = read("share_to_blood", "blood") if setting == "blood" else read("carry_over")
        concentration = made * rate * left / volume
    return np.where(there, concentration / ec50, 0.0)


def _donor_hours(case: Case, read: Reader, dose: Dose | None) -> Floats:
    """Cells times hours behind what one recipient (dish) or one body (dose) gets."""
    if case.setting == "blood":
        # a free factor is gone within its half-life, taken as that in tissue
        return read("donors_in_body", "blood") * read("factor_half_life", "neighbours")
    if case.setting == "dish" and dose is None:
        return read("donors", "dish") * read("collection", "dish")
    secretion = read("secretion", case.donor)
    if case.setting == "dish":
        assert dose is not None
        given = dose.amount * (read("particles_per_ug") if dose.mass else 1.0)
        per = read("medium", "dish") if dose.per_mL else 1.0 / read("recipients", "dish")
        return given * per / secretion
    given = read("dose", case.setting) if dose is None else np.full_like(secretion, dose.amount)
    if dose is not None and dose.mass:
        given = given * read("particles_per_ug")
    return given / secretion
