"""Nanoparticle tracking backwards: tracks or a histogram -> concentration and diameters, with intervals.

Model: one log-normal class; each diameter is seen with a probability that rises with its scatter; particles
diffuse through the film, so tracks are finite, small particles make many short ones, and a track of n
displacements tells a diameter with the spread of a Gamma variable. Tracks are a Poisson process in length
and diameter read. Beliefs before the data: concentration flat in its logarithm, median 90 nm (45
to 250), sigma 0.33 (0.12 to 0.9), limit and width of detection from ``parameters.tsv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.assay.measurement.counting import seen_by_scatter
from vesiflux.assay.measurement.csv import read_csv
from vesiflux.assay.measurement.film import FILM, Film
from vesiflux.assay.measurement.posterior import Counts, infer
from vesiflux.assay.tables import priors
from vesiflux.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["invert_nta"]

_SETTINGS: Mapping[str, float] = {**FILM, "dilution": 1.0, "tracks": 0.0, "films": 1.0}
_ASSUMED_TRACKS = 1000.0
_EDGES_UM = (0.01, 2.0, 41)


def invert_nta(path: Path, seed: int = 1, calibration: Mapping[str, float] | None = None) -> dict[str, Any]:
    """What was in the tube, from a CSV of tracks or of a histogram.

    Parameters
    ----------
    path
        Columns ``diameter_nm, frames`` (one row per track) or ``diameter_nm, concentration`` (bin centres and
        particles per mL in each bin). Lines ``# key: value`` describe the film (`FILM`), ``dilution``,
        ``films`` (number of films put together), and ``tracks`` behind a histogram (1000 assumed).
    seed
        Of the posterior's draws.
    calibration
        ``concentration_cv`` and ``size_cv``: errors all tracks share. By default the typical ``nta_cv`` and
        ``nta_size_cv`` of the table; 0 where volume and scale are known.

    Returns
    -------
    dict
        ``estimates`` (quantity, unit, median, low, high), ``shown`` (what the instrument itself would report)
        and ``notes``.

    Raises
    ------
    InputError
        The file, with the place of every error; or too few tracks.
    """
    forms = (("diameter_nm", "frames"), ("diameter_nm", "concentration"))
    data = read_csv(path, forms, (), _SETTINGS)
    film = Film.of(data.settings, data.file)
    if data.settings["dilution"] < 1.0 or data.settings["films"] < 1.0:
        raise InputError(f"{data.file}: 'dilution' and 'films' are 1 at least")
    diameters = data.columns["diameter_nm"] / 1000.0
    notes: list[str] = []
    if "frames" in data.columns:
        counts, shown = _tracks(film, diameters, data.columns["frames"], data.settings, data.file)
    else:
        counts, shown = _histogram(film, diameters, data.columns["concentration"], data.settings, data.file)
        if data.settings["tracks"] == 0.0:
            notes.append(f"the file does not say from how many tracks; {_ASSUMED_TRACKS:.0f} are assumed")
    table = priors("measurement/parameters.tsv")
    errors = {
        "concentration_cv": table["nta_cv"].typical or 0.0,
        "size_cv": table["nta_size_cv"].typical or 0.0,
        **(calibration or {}),
    }
    answer = infer(
        counts,
        table["nta_limit"],
        table["nta_width"],
        seen_by_scatter,
        data.settings["dilution"],
        errors,
        seed,
    )
    return {"instrument": "nta", "shown": shown, **answer, "notes": [*notes, *answer["notes"]]}


def _tracks(
    film: Film,
    diameters: NDArray[np.float64],
    frames: NDArray[np.float64],
    settings: Mapping[str, float],
    file: str,
) -> tuple[Counts, dict[str, float]]:
    import numpy as np

    used = (frames >= film.shortest) & (diameters > 0.0)
    if used.sum() < 20:
        raise InputError(
            f"{file}: {int(used.sum())} tracks of {film.shortest} frames or more; at least 20 are needed"
        )
    if bool(np.any(frames > film.frames)):
        raise InputError(f"{file}: a track has {frames.max():.0f} frames, the film {film.frames}")
    edges = np.geomspace(*_EDGES_UM)
    read = np.clip(diameters[used], edges[0] * 1.0001, edges[-1] * 0.9999)
    table, _, _ = np.histogram2d(frames[used], read, [film.length_edges, edges])
    films = settings["films"]

    def response(true: NDArray[np.float64]) -> NDArray[np.float64]:
        # tracks per particle/mL in the chamber
        tracks, _ = film.response(true, edges)
        return np.asarray(tracks.reshape(len(true), -1) * (film.volume * films))

    per_mL = frames[used].sum() / (film.frames * films * film.volume)
    shown = _shown(per_mL * settings["dilution"], diameters[used], frames[used])
    spread = film.spread(float(np.median(read)), by_frames=False)
    noise = float((1.0 / (frames[used] - 1.0)).mean())
    repeats = _repeats(spread, np.log(read), np.ones_like(read), noise)
    counts = Counts(table.ravel(), response, spread, repeats, len(film.length_edges) - 1)
    return counts, {"tracks": float(used.sum()), **shown}


def _histogram(
    film: Film,
    diameters: NDArray[np.float64],
    concentration: NDArray[np.float64],
    settings: Mapping[str, float],
    file: str,
) -> tuple[Counts, dict[str, float]]:
    import numpy as np

    if len(diameters) < 5 or bool(np.any(np.diff(diameters) <= 0.0)) or diameters[0] <= 0.0:
        raise InputError(f"{file}: a histogram has at least 5 bins whose diameters rise from above 0")
    total = float(concentration.sum())
    if total <= 0.0:
        raise InputError(f"{file}: the histogram is empty")
    tracks = settings["tracks"] or _ASSUMED_TRACKS
    middle = 0.5 * (diameters[1:] + diameters[:-1])
    first = max(diameters[0] - (middle[0] - diameters[0]), 0.1 * diameters[0])
    edges = np.concatenate([[first], middle, [2.0 * diameters[-1] - middle[-1]]])

    def response(true: NDArray[np.float64]) -> NDArray[np.float64]:
        # the instrument counts particles per frame, so a track counts by its frames
        _, frames = film.response(true, edges)
        return np.asarray(frames.sum(axis=1) * (tracks / total / film.frames))

    shown = _shown(total * settings["dilution"], diameters, concentration)
    spread = film.spread(shown["median_nm"] / 1000.0, by_frames=True)
    # long tracks of few particles carry a histogram of frames, and they read true: all of it repeats
    return Counts(concentration / total * tracks, response, spread, spread), {"tracks": tracks, **shown}


def _repeats(spread: float, logs: NDArray[np.float64], weights: NDArray[np.float64], noise: float) -> float:
    """Design effect of tracks of one particle: 1 + (spread - 1) times the share of variance they share.

    The variance of ln d read is that between particles and ``noise``, a track's own.
    """
    import numpy as np

    centre = float(np.average(logs, weights=weights))
    variance = float(np.average((logs - centre) ** 2, weights=weights))
    shared = min(max(1.0 - noise / max(variance, 1e-12), 0.1), 1.0)
    return 1.0 + (spread - 1.0) * shared


def _shown(per_mL: float, diameters: NDArray[np.float64], weights: NDArray[np.float64]) -> dict[str, float]:
    """What the instrument reports: concentration, mean and median diameter as read."""
    import numpy as np

    order = np.argsort(diameters)
    share = np.cumsum(weights[order]) / weights.sum()
    return {
        "concentration": per_mL,
        "mean_nm": float(np.average(diameters, weights=weights) * 1000.0),
        "median_nm": float(diameters[order][np.searchsorted(share, 0.5)] * 1000.0),
    }
