"""Backwards, instrument by instrument: a CSV -> what was in the tube, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.measurement.counting import blurred, seen_by_scatter, seen_by_size
from vesiflux.assay.measurement.csv import read_csv
from vesiflux.assay.measurement.forward import confusion, pattern_name
from vesiflux.assay.measurement.nta import invert_nta
from vesiflux.assay.measurement.posterior import Counts, infer
from vesiflux.assay.sample import PATTERNS
from vesiflux.assay.species import MARKERS
from vesiflux.assay.tables import priors
from vesiflux.errors import InputError
from vesiflux.language.words import meant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["INVERTIBLE", "invert"]

INVERTIBLE = (
    "nta",
    "trps",
    "nano-flow",
    "flow",
    "em",
    "dls",
    "protein",
    "elisa",
    "ddpcr",
    "qpcr",
    "single-ev",
)
"""Instruments whose data can be read backwards."""

_DRAWS = 4000
_PATTERN_DRAWS = 800


def invert(path: Path, instrument: str = "nta", seed: int = 1) -> dict[str, Any]:
    """Read data backwards.

    Parameters
    ----------
    path
        nta: see `invert_nta`. trps, nano-flow, flow: one row per particle (``diameter_nm``), with
        ``# volume_mL:`` the volume that was counted and ``# dilution:``. em: ``diameter_nm`` per vesicle.
        dls: ``diameter_nm, pdi`` per measurement. single-ev: one row per pattern (``CD9, CD63, CD81``, each 0
        or 1, and ``count``). protein, elisa, ddpcr, qpcr: one row per replicate (``value``, in
        ug/mL or copies/mL as measured, and ``# dilution:``).

    Returns
    -------
    dict
        instrument, shown, estimates (each quantity, unit, median, low, high: a 95 % interval), notes.

    Raises
    ------
    InputError
        No such instrument, or the file, with the place of every error.
    """
    if instrument not in INVERTIBLE:
        known = "cannot be read backwards" if instrument in INSTRUMENTS else "is no instrument"
        raise InputError(f"'{instrument}' {known}; {meant(instrument, INVERTIBLE, 'these can')}")
    if instrument == "nta":
        return invert_nta(path, seed)
    if INSTRUMENTS[instrument]["kind"] == "bulk":
        return _bulk(path, instrument, seed)
    if instrument == "em":
        return _em(path, seed)
    if instrument == "dls":
        return _dls(path, seed)
    if instrument == "single-ev":
        return _patterns(path, seed)
    return _counter(path, instrument, seed)


def _counter(path: Path, instrument: str, seed: int) -> dict[str, Any]:
    import numpy as np

    data = read_csv(path, (("diameter_nm",),), (), {"volume_mL": 0.0, "dilution": 1.0})
    volume, dilution = data.settings["volume_mL"], data.settings["dilution"]
    if volume <= 0.0:
        raise InputError(f"{data.file}: the volume counted is missing; write a line '# volume_mL: 0.0001'")
    if dilution < 1.0:
        raise InputError(f"{data.file}: 'dilution' is 1 at least")
    diameters = data.columns["diameter_nm"] / 1000.0
    if len(diameters) < 20 or bool(np.any(diameters <= 0.0)):
        raise InputError(f"{data.file}: at least 20 particles with diameters above 0 are needed")
    table = priors("measurement/parameters.tsv")
    edges = np.geomspace(0.015, 3.0, 61)
    numbers, _ = np.histogram(np.clip(diameters, edges[0] * 1.0001, edges[-1] * 0.9999), edges)
    blur = float(table[f"{instrument}_size_cv"].typical or 0.0)

    def response(true: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(blurred(true, edges, blur) * volume)

    answer = infer(
        Counts(numbers.astype(np.float64), response, 1.0),
        table[f"{instrument}_limit"],
        table[f"{instrument}_width"],
        seen_by_size if instrument == "trps" else seen_by_scatter,
        dilution,
        {"concentration_cv": table[f"{instrument}_cv"].typical or 0.0, "size_cv": blur},
        seed,
    )
    shown = {
        "particles": float(len(diameters)),
        "concentration": len(diameters) / volume * dilution,
        "mean_nm": float(diameters.mean() * 1000.0),
        "median_nm": float(np.median(diameters) * 1000.0),
    }
    return {"instrument": instrument, "shown": shown, **answer}


def _em(path: Path, seed: int) -> dict[str, Any]:
    """Diameters of vesicles on a grid; the mean and spread of ln d by a flat-prior normal model."""
    import numpy as np

    data = read_csv(path, (("diameter_nm",),), (), {})
    diameters = data.columns["diameter_nm"]
    if len(diameters) < 5 or bool(np.any(diameters <= 0.0)):
        raise InputError(f"{data.file}: at least 5 vesicles with diameters above 0 are needed")
    table = priors("measurement/parameters.tsv")
    generator = np.random.default_rng(seed)
    logs = np.log(diameters)
    n = len(logs)
    variance = (n - 1) * logs.var(ddof=1) / generator.chisquare(n - 1, _DRAWS)
    centre = logs.mean() + generator.normal(size=_DRAWS) * np.sqrt(variance / n)
    uniform = np.clip(generator.random(_DRAWS), 1e-9, 1.0 - 1e-9)
    shrunk = np.log(table["em_shrinkage"].quantile(uniform))
    read = float(table["em_size_cv"].typical or 0.0)
    sigma = np.sqrt(np.maximum(variance - read * read, 1e-6))
    median = np.exp(centre - shrunk)
    return {
        "instrument": "em",
        "shown": {"vesicles": float(n), "mean_nm": float(diameters.mean())},
        "estimates": [
            _estimate("median diameter", "nm", median),
            _estimate("sigma of ln d", "1", sigma),
            _estimate("mean diameter", "nm", median * np.exp(0.5 * sigma**2)),
        ],
        "notes": ["a grid tells no concentration: how many vesicles stick to it is not known"],
    }


def _dls(path: Path, seed: int) -> dict[str, Any]:
    """Harmonic intensity mean m exp(5.5 s^2) and polydispersity exp(s^2) - 1 of a log-normal -> m and s."""
    import numpy as np

    data = read_csv(path, (("diameter_nm", "pdi"),), (), {})
    shown, pdi = data.columns["diameter_nm"], data.columns["pdi"]
    if bool(np.any(shown <= 0.0)) or bool(np.any(pdi > 1.0)):
        raise InputError(f"{data.file}: diameters are above 0, the polydispersity index is 1 at most")
    cv = priors("measurement/parameters.tsv")["dls_cv"].typical or 0.0
    mean = _true_mean(shown, cv, seed)
    spread = np.log1p(_true_mean(pdi, cv, seed + 7))
    median = mean * np.exp(-5.5 * spread)
    notes = ["one log-normal class of particles below 400 nm is taken for granted"]
    if float(pdi.mean()) > 0.3:
        notes.append("polydispersity above 0.3: light tells little of the many small particles")
    return {
        "instrument": "dls",
        "shown": {"mean_nm": float(shown.mean()), "pdi": float(pdi.mean())},
        "estimates": [
            _estimate("median diameter", "nm", median),
            _estimate("sigma of ln d", "1", np.sqrt(spread)),
            _estimate("mean diameter", "nm", median * np.exp(0.5 * spread)),
        ],
        "notes": notes,
    }


def _patterns(path: Path, seed: int) -> dict[str, Any]:
    """Counts of tetraspanin patterns -> shares above 0; sensitivity and false light are drawn."""
    import numpy as np
    from scipy.optimize import nnls

    data = read_csv(path, ((*MARKERS, "count"),), (), {})
    seen = np.zeros(PATTERNS)
    for i, count in enumerate(data.columns["count"]):
        bits = [data.columns[marker][i] for marker in MARKERS]
        if any(bit not in (0.0, 1.0) for bit in bits):
            raise InputError(f"{data.file}: {', '.join(MARKERS)} are 0 or 1, and 'count' vesicles have them")
        seen[sum(int(bit) << k for k, bit in enumerate(bits))] += count
    if seen.sum() < 50:
        raise InputError(f"{data.file}: {seen.sum():g} vesicles; at least 50 are needed")
    table = priors("measurement/parameters.tsv")
    generator = np.random.default_rng(seed)
    uniform = np.clip(generator.random((2, _PATTERN_DRAWS)), 1e-9, 1.0 - 1e-9)
    light = table["single-ev_sensitivity"].quantile(uniform[0])
    false = table["single-ev_false"].quantile(uniform[1])
    shares = generator.dirichlet(seen + 0.5, _PATTERN_DRAWS)
    true = np.array(
        [nnls(confusion(s, f), share)[0] for s, f, share in zip(light, false, shares, strict=True)]
    )
    true /= true.sum(axis=1, keepdims=True)
    estimates = [_estimate(pattern_name(k), "1", true[:, k]) for k in range(PATTERNS)]
    for i, marker in enumerate(MARKERS):
        has = [k for k in range(PATTERNS) if (k >> i) & 1]
        estimates.append(_estimate(f"{marker} positive", "1", true[:, has].sum(axis=1)))
    return {
        "instrument": "single-ev",
        "shown": {"vesicles": float(seen.sum()), "none": float(seen[0] / seen.sum())},
        "estimates": estimates,
        "notes": ["vesicles that no capture holds are not seen at all"],
    }


def _bulk(path: Path, instrument: str, seed: int) -> dict[str, Any]:
    """Replicates -> concentration: scatter between them, the plate's own error, and the yield."""
    import numpy as np

    data = read_csv(path, (("value",),), (), {"dilution": 1.0})
    dilution = data.settings["dilution"]
    if dilution < 1.0:
        raise InputError(f"{data.file}: 'dilution' is 1 at least")
    values = data.columns["value"]
    table = priors("measurement/parameters.tsv")
    limit = float(table[f"{instrument}_limit"].typical or 0.0)
    unit = INSTRUMENTS[instrument]["unit"]
    notes = []
    uniform = np.clip(np.random.default_rng(seed).random((3, _DRAWS)), 1e-9, 1.0 - 1e-9)
    part = table[f"{instrument}_yield"].quantile(uniform[1]) if f"{instrument}_yield" in table else 1.0
    mean = float(values.mean())
    shown: Mapping[str, float] = {"replicates": float(len(values)), "mean": mean}
    if mean < limit:
        notes.append(f"the mean is below the limit of {limit:g} {unit}: the interval begins at 0")
        estimate = uniform[0] * limit / part * dilution
    else:
        estimate = _true_mean(values, table[f"{instrument}_cv"].typical or 0.0, seed) / part * dilution
    what = INSTRUMENTS[instrument]["shows"].split(" per ")[0]
    return {
        "instrument": instrument,
        "shown": dict(shown),
        "estimates": [_estimate(what, unit, np.asarray(estimate))],
        "notes": notes,
    }


def _true_mean(values: NDArray[np.float64], cv: float, seed: int) -> NDArray[np.float64]:
    """Draws of the true mean: replicates scatter by a t distribution, the plate by ``cv``."""
    import numpy as np

    generator = np.random.default_rng(seed + 1)
    n, mean = len(values), float(values.mean())
    plate = np.exp(generator.normal(size=_DRAWS) * math.sqrt(math.log1p(cv * cv)))
    if n < 2:
        return np.asarray(mean * plate)
    scatter = float(values.std(ddof=1)) / math.sqrt(n)
    return np.asarray(np.maximum(mean + scatter * generator.standard_t(n - 1, _DRAWS), 0.0) * plate)


def _estimate(quantity: str, unit: str, values: NDArray[np.float64]) -> dict[str, Any]:
    from vesiflux.assay.isolation.account import interval

    return {"quantity": quantity, "unit": unit, **interval(values)}
