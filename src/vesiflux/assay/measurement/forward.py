"""Forwards: the tube a protocol leaves -> what each instrument would show of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.isolation.chain import Isolation
from vesiflux.assay.measurement.counting import relative_scatter, seen_by_scatter, seen_by_size
from vesiflux.assay.sample import PATTERNS, Population, Sample
from vesiflux.assay.species import MARKERS
from vesiflux.assay.tables import priors
from vesiflux.errors import InputError
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Reading", "confusion", "pattern_name", "read_tube", "readings", "replicates", "seen"]

Values = Callable[[str], float]


@dataclass(frozen=True)
class Reading:
    """One number an instrument shows, the true one behind it, and whether it lies below the limit."""

    instrument: str
    quantity: str
    unit: str
    shown: float
    true: float
    below_limit: bool = False


def read_tube(sample: Sample, instrument: str, value: Values, noise: float = 0.0) -> list[Reading]:
    """What ``instrument`` shows of ``sample``.

    Parameters
    ----------
    value
        A parameter of ``measurement/parameters.tsv`` in this draw.
    noise
        Standard normal number: this laboratory's error, in units of the instrument's CV.
    """
    row = INSTRUMENTS[instrument]
    if row["kind"] == "count":
        return _count(sample, instrument, value, noise)
    if instrument == "em":
        return _em(sample, value)
    if instrument == "dls":
        return _dls(sample, value, noise)
    if instrument == "single-ev":
        return _patterns(sample, value)
    return [_bulk(sample, instrument, value, noise)]


def readings(done: Isolation, seed: int = 1) -> list[dict[str, Any]]:
    """All instruments of the protocol: typical reading, and median and 95 % interval over the draws.

    Each laboratory's error, the instrument's parameters and the tube vary from draw to draw.
    """
    import numpy as np
    from scipy.special import ndtri

    table = priors("measurement/parameters.tsv")
    draws = len(done.draws)
    found: list[dict[str, Any]] = []
    for instrument in done.protocol.measure:

        def typical(symbol: str) -> float:
            return float(table[symbol].quantile(0.5))

        drawn: dict[str, NDArray[np.float64]] = {}
        noise = ndtri(uniforms(seed, f"{instrument}.noise", 0, draws))
        every = []
        for i, (_, tube) in enumerate(done.draws):

            def value(symbol: str, i: int = i, drawn: dict[str, NDArray[np.float64]] = drawn) -> float:
                if symbol not in drawn:
                    drawn[symbol] = table[symbol].quantile(uniforms(seed, f"measure.{symbol}", 0, draws))
                return float(drawn[symbol][i])

            every.append(read_tube(tube, instrument, value, float(noise[i])))
        for k, reading in enumerate(read_tube(done.product, instrument, typical)):
            entry = {
                "instrument": instrument,
                "quantity": reading.quantity,
                "unit": reading.unit,
                "typical": reading.shown,
                "true": reading.true,
                "below_limit": reading.below_limit,
            }
            if every:
                low, median, high = np.quantile([each[k].shown for each in every], [0.025, 0.5, 0.975])
                entry |= {"median": float(median), "low": float(low), "high": float(high)}
                entry["below_limit_share"] = float(np.mean([each[k].below_limit for each in every]))
            found.append(entry)
    return found


def replicates(done: Isolation, number: int, seed: int = 1) -> list[dict[str, Any]]:
    """What one laboratory shows when it measures the typical product ``number`` times with each instrument.

    The laboratory's own error is drawn once per instrument; replicates scatter around it with the share
    ``repeat_share`` of the CV between laboratories. ``values`` have shape (number,); ``laboratory`` is the
    factor that all of them are off by.
    """
    from scipy.special import ndtri

    if number < 1:
        raise InputError(f"{number} replicates cannot be measured; take 1 or more, usually 3")
    table = priors("measurement/parameters.tsv")

    def typical(symbol: str) -> float:
        return float(table[symbol].quantile(0.5))

    within = typical("repeat_share")
    found = []
    for instrument in done.protocol.measure:
        off = float(ndtri(uniforms(seed, f"{instrument}.laboratory", 0, 1))[0])
        scatter = ndtri(uniforms(seed, f"{instrument}.replicates", 0, number))
        every = [read_tube(done.product, instrument, typical, off + within * float(z)) for z in scatter]
        plain = read_tube(done.product, instrument, typical)
        own = read_tube(done.product, instrument, typical, off)
        for k, reading in enumerate(plain):
            found.append(
                {
                    "instrument": instrument,
                    "quantity": reading.quantity,
                    "unit": reading.unit,
                    "true": reading.true,
                    "values": [each[k].shown for each in every],
                    "laboratory": own[k].shown / reading.shown if reading.shown else 1.0,
                }
            )
    return found


def _off(cv: float, noise: float) -> float:
    """Factor of a log-normal error with this coefficient of variation."""
    return math.exp(noise * math.sqrt(math.log1p(cv * cv)))


def seen(population: Population, instrument: str, value: Values) -> NDArray[np.float64]:
    """Share of each diameter an instrument counts, shape (bins,)."""
    limit, width = value(f"{instrument}_limit"), value(f"{instrument}_width")
    if instrument == "trps":
        return seen_by_size(population.diameters, limit, width)
    return seen_by_scatter(population.diameters, limit, width, population.kind.index)


def _count(sample: Sample, instrument: str, value: Values, noise: float) -> list[Reading]:
    """Counters do not tell a vesicle from a lipoprotein; free protein is far below every limit."""
    number = vesicles = lengths = 0.0
    for population in sample.populations.values():
        if population.kind.group == "protein":
            continue
        counted = population.by_size * seen(population, instrument, value)
        number += float(counted.sum())
        lengths += float((counted * population.diameters).sum())
        if population.kind.is_vesicle:
            vesicles += float(counted.sum())
    scale = _off(value(f"{instrument}_size_cv"), noise)
    true = _mean_diameter(sample) * 1000.0
    mean = 1000.0 * scale * lengths / number if number > 0.0 else 0.0
    off = _off(value(f"{instrument}_cv"), noise)
    return [
        Reading(
            instrument,
            "concentration",
            "1/mL",
            off * number / sample.volume,
            sample.vesicles() / sample.volume,
        ),
        Reading(instrument, "mean diameter", "nm", mean, true),
        Reading(instrument, "vesicles among what is counted", "1", vesicles / max(number, 1e-300), 1.0),
    ]


def _mean_diameter(sample: Sample) -> float:
    """Mean diameter of the vesicles, um."""
    whole = sample.vesicles()
    lengths = sum(
        float((p.by_size * p.diameters).sum()) for p in sample.populations.values() if p.kind.is_vesicle
    )
    return lengths / whole if whole > 0.0 else 0.0


def _em(sample: Sample, value: Values) -> list[Reading]:
    """Vesicles are told by their look, so lipoproteins do not count; drying changes the diameter."""
    true = _mean_diameter(sample) * 1000.0
    return [Reading("em", "mean diameter", "nm", true * value("em_shrinkage"), true)]


def _dls(sample: Sample, value: Values, noise: float) -> list[Reading]:
    """Everything scatters by d^6 (capped at 400 nm, where Rayleigh's law ends); the mean is harmonic."""
    import numpy as np

    light = over = 0.0
    for population in sample.populations.values():
        d = population.diameters
        weight = population.by_size * relative_scatter(population.kind.index)
        weight = weight * np.minimum(d, 0.4) ** 6
        light += float(weight.sum())
        over += float((weight / d).sum())
    true = _mean_diameter(sample) * 1000.0
    mean = 1000.0 * light / over if over > 0.0 else 0.0
    return [Reading("dls", "intensity-weighted diameter", "nm", mean * _off(value("dls_cv"), noise), true)]


def _bulk(sample: Sample, instrument: str, value: Values, noise: float) -> Reading:
    """Mass or copies of everything in the tube, and the vesicles' own."""
    if instrument == "protein":
        per = 1.0 / sample.volume
        whole = sample.protein_ug() * per
        own = sum(1e6 * p.protein_g() for p in sample.populations.values() if p.kind.is_vesicle) * per
        quantity = "protein"
    else:
        cargo = INSTRUMENTS[instrument]["cargo"]
        copies = sample.copies(cargo)
        part = value(f"{instrument}_yield") if instrument in ("ddpcr", "qpcr") else 1.0
        whole = part * sum(copies.values()) / sample.volume
        own = sum(n for name, n in copies.items() if sample.populations[name].kind.is_vesicle) / sample.volume
        quantity = cargo
    shown = whole * _off(value(f"{instrument}_cv"), noise)
    below = shown < value(f"{instrument}_limit")
    return Reading(instrument, quantity, INSTRUMENTS[instrument]["unit"], shown, own, below)


def _patterns(sample: Sample, value: Values) -> list[Reading]:
    """Shares of vesicles by tetraspanins; a marker lights up with its sensitivity, or falsely."""
    import numpy as np

    true = np.zeros(PATTERNS)
    for population in sample.populations.values():
        if population.kind.is_vesicle:
            true += population.counts.sum(axis=1)
    if true.sum() <= 0.0:
        return []
    true /= true.sum()
    shown = confusion(value("single-ev_sensitivity"), value("single-ev_false")) @ true
    return [
        Reading("single-ev", pattern_name(k), "1", float(shown[k]), float(true[k])) for k in range(PATTERNS)
    ]


def confusion(sensitivity: float, false: float) -> NDArray[np.float64]:
    """Probability to see pattern i where pattern j is, shape (8, 8); markers err independently."""
    import numpy as np

    one = np.array([[1.0 - false, 1.0 - sensitivity], [false, sensitivity]])  # seen (no, yes) by is (no, yes)
    whole = np.ones((1, 1))
    for _ in MARKERS:
        whole = np.kron(one, whole)  # bit i of a pattern is marker i
    return whole


def pattern_name(pattern: int) -> str:
    """``CD9+ CD63- CD81+`` for pattern 5."""
    signs = (("+" if (pattern >> i) & 1 else "-") for i in range(len(MARKERS)))
    return " ".join(marker + sign for marker, sign in zip(MARKERS, signs, strict=True))
