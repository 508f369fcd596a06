"""From the volume of a tumour to what an assay can see, by tables and model of ``tumour-detection``.

A run of the model says, person by person, how many vesicles a millilitre of tumour keeps in a millilitre of
plasma, and how many of the body's own there are; `smallest_volume` turns an assay's least signal into a
volume. Uptake is not saturated by what a tumour adds, so that levels go with its volume.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.assay.measurement.detection import least_signal
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = [
    "People",
    "Screening",
    "assays",
    "decides",
    "markers",
    "people",
    "prior_of",
    "screening",
    "smallest_volume",
    "time_to",
    "volume_at",
]

Floats = npt.NDArray[np.float64]
_FOLDER = Path(__file__).parent / "tumour-detection"
_MODULE = "tumour.growth."
#: Hours until levels have settled; what the tumour has grown by then is known.
_SETTLED = 120.0


@dataclass(frozen=True)
class People:
    """What a tumour keeps in the blood. Shape (person,).

    Attributes
    ----------
    per_volume
        Vesicles of the tumour per mL of plasma, per mL of tumour.
    own
        The body's own vesicles per mL of plasma.
    values
        Parameter -> its value in each person, in the unit it is written in.
    """

    per_volume: Floats
    own: Floats
    values: Mapping[str, Floats]

    @property
    def size(self) -> int:
        """How many."""
        return int(self.own.size)


@dataclass(frozen=True)
class Screening:
    """What screening every so often finds. Shape (person,).

    ``detected``: volume when the test first shows the tumour, mL, infinite where symptoms come first.
    ``lead``: days from then to symptoms, 0 where they come first, infinite where the tumour would never have
    grown to them.
    """

    detected: Floats
    lead: Floats

    @property
    def found(self) -> float:
        """Share of tumours found before symptoms."""
        return float(np.isfinite(self.detected).mean())


@cache
def markers() -> dict[str, dict[str, str]]:
    """Rows of ``markers.tsv`` by name."""
    return _rows("markers.tsv", "marker")


@cache
def assays() -> dict[str, dict[str, str]]:
    """Rows of ``assays.tsv`` by name."""
    return _rows("assays.tsv", "assay")


def people(number: int = 256, seed: int = 1, species: str = "human", volume: float = 1.0) -> People:
    """People (or mice) drawn from the priors of the model, each with a tumour of this ``volume`` (mL)."""
    from vesiflux.engines.compartments import Settings, solve
    from vesiflux.study.draws import uniforms

    if number < 1:
        raise InputError(f"at least one person is needed, not {number}")
    if not volume > 0.0:
        raise InputError(f"a tumour has a volume above 0, not {volume:g} mL")
    compiled = _compiled(species)
    names = [p.name for p in compiled.parameters]
    rows = [p.prior.quantile(uniforms(seed, p.name, 0, number)) for p in compiled.parameters]
    values = np.array(rows, dtype=np.float64)
    values[names.index(f"{_MODULE}start_volume")] = volume
    solved = solve(
        compiled.program,
        values,
        times=[_SETTLED],
        events=compiled.arms["tumour"].events,
        settings=Settings(rtol=1e-6, atol=1e-9),
    )
    outputs = [o.name for o in compiled.program.outputs]
    tumour, own, grown = (
        np.asarray(solved.outputs_final[outputs.index(n)])
        for n in ("blood.small_ev.tumour", "blood.small_ev.blood_cell", f"{_MODULE}volume")
    )
    return People(tumour / grown, own, dict(zip(names, values, strict=True)))


def smallest_volume(
    group: People,
    assay: str,
    marker: str = "",
    given: Mapping[str, float | Floats] | None = None,
    *,
    specificity: float = 0.95,
    sensitivity: float = 0.95,
    seed: int = 1,
) -> Floats:
    """Volume (mL) from which a tumour is detected in each person, infinite where it never is.

    Parameters
    ----------
    group
        From `people`.
    assay, marker
        Rows of ``assays.tsv`` and ``markers.tsv``; the marker is by default the assay's own.
    given
        Numbers in place of those drawn from the tables: ``counted``, ``sample`` (mL of plasma), ``recovery``,
        ``limit``, ``shown``, ``background``, ``copies``, ``other``, ``varies``.
    specificity, sensitivity
        Shares of samples of people without a tumour that are negative, of those with one that are positive.
    seed
        Of what differs between people in sample and marker.

    Notes
    -----
    Single vesicles: the share that has to be positive, `least_signal`, over how many more of a tumour's
    are. Bulk: the level of healthy people is log-normal with coefficient of variation ``varies``; a test is
    positive above their quantile at the specificity, and above the assay's limit.
    """
    row = _row(assays(), "assay", assay)
    what = _row(markers(), "marker", marker or row["marker"])
    fixed = dict(given or {})
    known = {"counted", "sample", "recovery", "limit", "shown", "background", "copies", "other", "varies"}
    if unknown := fixed.keys() - known:
        raise InputError(
            f"no number {sorted(unknown)[0]!r} of an assay; there are {', '.join(sorted(known))}"
        )

    def number(name: str) -> Floats:
        if name in fixed:
            return np.asarray(fixed[name], dtype=np.float64)
        return prior_of(row if name in row else what, name).quantile(_ranks(name, seed, group.size))

    varies = number("varies")
    if row["kind"] == "single":
        looked = np.minimum(number("counted"), number("sample") * number("recovery") * group.own)
        share = least_signal(looked, number("background"), specificity, sensitivity, varies)
        # of all vesicles, for each of the tumour's as many more are positive as it shows more than others
        more = number("shown") - number("background")
        with np.errstate(divide="ignore", invalid="ignore"):
            of_all = np.where(more > share, share / more, 1.0)
            level = np.where(of_all < 1.0, group.own * of_all / (1.0 - of_all), np.inf)
        return np.asarray(level / group.per_volume)
    least, units = number("limit"), row["limit_unit"]
    if units == "molecule":
        least = least / (number("sample") * number("recovery"))
    ours, others = (number(n) for n in (("shown", "background") if _counts(row) else ("copies", "other")))
    healthy = others * group.own
    cut = np.maximum(least, healthy * _lognormal(specificity, varies))
    signal = np.maximum(cut - healthy * _lognormal(1.0 - sensitivity, varies), 0.0)
    return np.asarray(signal / (ours * group.per_volume))


def time_to(volume: Floats, start: Floats, doubling: Floats, largest: Floats | None = None) -> Floats:
    """Days from one volume to another (mL): Gompertz with a ``largest`` volume, else exponential.

    Both double in ``doubling`` days at 1 mL. Infinite for what is not below the largest volume.
    """
    rate = np.log(2.0) / np.asarray(doubling)
    if largest is None:
        return np.asarray(np.log(volume / start) / rate)
    slowing = rate / np.log(largest)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.log(np.log(largest / start) / np.log(largest / volume)) / slowing
    return np.asarray(np.where(volume < largest, days, np.inf))


def volume_at(days: Floats, start: Floats, doubling: Floats, largest: Floats | None = None) -> Floats:
    """Volume (mL) after so many days from ``start``: the inverse of `time_to`."""
    rate = np.log(2.0) / np.asarray(doubling)
    if largest is None:
        return np.asarray(start * np.exp(rate * days))
    left = np.exp(-rate / np.log(largest) * days)
    return np.asarray(largest * np.exp(-np.log(largest / start) * left))


def screening(
    group: People, volumes: Floats, every: float, symptoms: Floats | float, seed: int = 1
) -> Screening:
    """What a test every so often finds before symptoms.

    Parameters
    ----------
    group
        From `people`; their tumours grow by Gompertz's law.
    volumes
        From `smallest_volume`, shape (person,).
    every
        Days between tests; tumours begin at any time between two.
    symptoms
        Volume at which symptoms come, mL.
    """
    if not every > 0.0:
        raise InputError(f"the time between tests is more than 0 days, not {every:g}")
    begin = np.full(group.size, 1e-6)  # a thousandth of 1 mm3; only differences of times count
    law = (group.values[f"{_MODULE}doubling"], group.values[f"{_MODULE}largest"])
    late = time_to(np.broadcast_to(np.asarray(symptoms, dtype=np.float64), volumes.shape), begin, *law)
    visible = time_to(np.maximum(volumes, begin), begin, *law)
    tested = visible + every * _ranks("phase", seed, group.size)
    found = tested < late
    detected = np.full(group.size, np.inf)
    detected[found] = volume_at(tested[found], begin[found], *(x[found] for x in law))
    lead = np.zeros(group.size)
    lead[found] = late[found] - tested[found]
    return Screening(detected, lead)


def decides(
    assay: str,
    marker: str = "",
    given: Mapping[str, float] | None = None,
    *,
    group: People | None = None,
    points: int = 256,
    specificity: float = 0.95,
    sensitivity: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Which number decides how small a tumour is seen: number -> first-order and total share of the variance.

    Of the logarithm of `smallest_volume`, by Saltelli's design; the chain before the assay in closed form:
    level per volume = cells x shed x share to the blood / clearance, the body's own = release / clearance.
    """
    from scipy.stats import sobol_indices

    group = group or people()
    row = _row(assays(), "assay", assay)
    what = _row(markers(), "marker", marker or row["marker"])
    fixed = dict(given or {})
    chain = {n: _prior_of_model(_MODULE + n) for n in ("cells_per_volume", "shed", "to_blood")}
    arriving = np.prod([group.values[_MODULE + n] for n in chain], axis=0)
    release = group.values["blood_cell.count"] * group.values["blood_cell.secretes.small_ev.rate"]
    for name, seen in (("clearance", arriving / group.per_volume), ("release", release)):
        low, typical, high = (float(x) for x in np.quantile(seen, [0.05, 0.5, 0.95]))
        chain[name] = Prior.from_range(low, typical, high)
    names = ["sample", "recovery", *(("shown", "background") if _counts(row) else ("copies", "other"))]
    names += ["limit"] if row["kind"] == "bulk" else []
    chain |= {n: prior_of(row if n in row else what, n) for n in names if n not in fixed}
    varied = {n: prior for n, prior in chain.items() if prior.kind != "fixed"}

    def logarithm(x: Floats) -> Floats:
        value = dict(zip(varied, x, strict=True))
        arrives = value["cells_per_volume"] * value["shed"] * value["to_blood"]
        here = People(arrives / value["clearance"], value["release"] / value["clearance"], {})
        inside = fixed | {n: value[n] for n in names if n in value}
        found = smallest_volume(here, assay, marker, inside, specificity=specificity, sensitivity=sensitivity)
        return np.asarray(np.log(np.minimum(found, 1e9)))

    found = sobol_indices(
        func=logarithm, n=points, dists=[_Points(p) for p in varied.values()], rng=np.random.default_rng(1)
    )
    pairs = zip(varied, found.first_order, found.total_order, strict=True)
    return {n: (float(first), float(total)) for n, first, total in pairs}


def prior_of(row: Mapping[str, str], name: str) -> Prior:
    """A number of a table's row (``NAME_low``, ``NAME``, ``NAME_high``) as a prior."""
    low, typical, high = (
        float(row[key]) if row.get(key) else None for key in (f"{name}_low", name, f"{name}_high")
    )
    return Prior.from_range(low, typical, high, mark=row["mark"], source=row["source"])


@dataclass(frozen=True)
class _Points:
    """A prior as scipy wants a distribution."""

    prior: Prior

    def ppf(self, ranks: Floats) -> Floats:
        return np.asarray(self.prior.quantile(ranks), dtype=np.float64)


def _counts(row: Mapping[str, str]) -> bool:
    """Whether an assay counts vesicles that show a marker, not copies of it."""
    return row["kind"] == "single" or row["limit_unit"] == "vesicle/mL"


def _ranks(name: str, seed: int, number: int) -> Floats:
    from vesiflux.study.draws import uniforms

    return uniforms(seed, f"tumour-detection\0{name}", 0, number)


def _lognormal(share: float, varies: Floats) -> Floats:
    """Quantile of a log-normal with mean 1 and this coefficient of variation."""
    from scipy.special import ndtri

    sigma = np.sqrt(np.log1p(varies**2))
    return np.asarray(np.exp(ndtri(share) * sigma - 0.5 * sigma**2))


def _prior_of_model(name: str) -> Prior:
    compiled = _compiled("human")
    return next(p.prior for p in compiled.parameters if p.name == name)


def _row(rows: Mapping[str, dict[str, str]], kind: str, name: str) -> dict[str, str]:
    if name not in rows:
        raise InputError(f"no {kind} {name!r}; there are {', '.join(rows)}")
    return rows[name]


@cache
def _compiled(species: str) -> CompiledModel:
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load

    return lower(load("tumour-detection"), {"species": species}, arms=["tumour"])


def _rows(name: str, key: str) -> dict[str, dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return {row[key]: row for row in csv.DictReader(lines, delimiter="\t")}
