"""Where a dose into a body is, for the page: found among the outputs of a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from vesiflux.report.figures.body import BodyArm, BodyData
from vesiflux.report.figures.common import Band, Floats, Interval
from vesiflux.report.reader import Reader
from vesiflux.report.style import number
from vesiflux.report.words import span
from vesiflux.store.body import TIMES, half_lives, looks, over_the_pool, shares

__all__ = ["CAPTION", "DoseRow", "DoseTable", "answers", "drives", "table", "where"]

CAPTION = (
    "Left: what of the dose the blood has, all of it, that in organs as well, as the tracer shows it. Right: "
    "what organs hold, with the blood in them; bars: 90 % of the draws; below the axis nothing is drawn. "
    "The label of a vesicle stays in the organ when the vesicle is gone."
)
#: Organs that are drawn.
_DRAWN = 10
#: Points of a curve; more than a reader can see.
_POINTS = 400
#: Organs of the table, beside the blood.
_LISTED = 5


@dataclass(frozen=True)
class DoseRow:
    """One arm: half-life in blood, the dose in pools of the body's own; (look, per cent by organ) each."""

    arm: str
    title: str
    half: str
    pool: str
    looks: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class DoseTable:
    """Blood and the ``organs`` that take most, and a row for each arm."""

    organs: tuple[str, ...]
    rows: tuple[DoseRow, ...]


def table(reader: Reader, data: BodyData | None) -> DoseTable | None:
    """Where the dose is, in numbers: after an hour and a day, or the last look there is."""
    if data is None or not data.looks:
        return None
    seen = tuple(look for look in ("1 h", "24 h") if look in data.looks) or data.looks[-1:]
    organs = ("blood", *_ranked(list(data.arms), seen)[:_LISTED])
    rows = []
    for arm in data.arms:
        looked = tuple((look, tuple(_short(arm.organs[o].get(look)) for o in organs)) for look in seen)
        pool = _pool(reader, arm.arm)
        rows.append(DoseRow(arm.arm, arm.title, span(arm.half_life_min), pool, looked))
    return DoseTable(organs, tuple(rows))


def _short(value: Interval | None) -> str:
    return "–" if value is None or not value.known else span(value)


def _pool(reader: Reader, arm: str) -> str:
    """The dose in vesicles of the blood's own."""
    ratio = over_the_pool(reader.run, arm)
    if ratio is None:
        return "–"
    return f"{number(100 * ratio)} %" if ratio < 10.0 else f"×{number(ratio)}"


def drives(reader: Reader, data: BodyData | None) -> list[tuple[str, str, Floats]]:
    """(arm, title, by draw) of the first arm's half-life, and of what the organ that takes most holds."""
    if data is None or not data.looks:
        return []
    arm = data.arms[0]
    held = shares(reader.run, arm.arm)
    half = half_lives(reader.times, shares(reader.run, arm.arm, shown=False)["blood"])
    look = "1 h" if "1 h" in data.looks else data.looks[-1]
    at = looks(reader.times, held)[look]
    organ = data.organs[0]
    return [
        (arm.arm, f"half-life in blood, {arm.title}", np.where(np.isfinite(half), half, np.nan)),
        (arm.arm, f"share of the dose in {organ} after {look}, {arm.title}", held[organ][:, at]),
    ]


def where(reader: Reader) -> BodyData | None:
    """Arms of a run that dose a body; None where none does."""
    if not any(name.startswith("organs.") for name in reader.series_outputs):
        return None
    found = {arm: shares(reader.run, arm) for arm in reader.arms}
    found = {arm: held for arm, held in found.items() if held}
    if not found:
        return None
    times = reader.times
    picked = _spaced(times)
    bands = {arm: _percent(held["blood"][:, picked]) for arm, held in found.items()}
    arms = []
    for arm, held in found.items():
        seen = looks(times, held)
        organs = {
            organ: {look: Interval.of(100.0 * share[:, i]) for look, i in seen.items()}
            for organ, share in held.items()
        }
        reference = bands.get(reader.reference(arm))
        half = Interval.of(half_lives(times, shares(reader.run, arm, shown=False)["blood"]))
        arms.append(BodyArm(arm, reader.title(arm), bands[arm], reference, organs, half))
    shown = tuple(look for look in TIMES if any(look in arm.organs["blood"] for arm in arms))
    return BodyData(times[picked], _ranked(arms), shown, tuple(arms))


def answers(data: BodyData | None) -> list[str]:
    """The first thing the page says: half-life in blood, and the organ that holds most."""
    if data is None:
        return []
    said = []
    for arm in data.arms[:1]:
        half = arm.half_life_min
        look = "1 h" if "1 h" in data.looks else data.looks[-1] if data.looks else ""
        held = {o: v[look] for o, v in arm.organs.items() if o != "blood" and look in v and v[look].known}
        if not held or not half.known:
            continue
        organ = max(held, key=lambda o: held[o].median)
        said.append(
            f"In the arm “{arm.title}” half of the highest level in blood is left after "
            f"{_span(half)} min; after {look} the {organ} holds {_span(held[organ])} % of the dose, the most "
            "of all organs."
        )
    return said


def _span(value: Interval) -> str:
    return f"{number(value.median)} ({number(value.low)}–{number(value.high)})"


def _percent(share: Floats) -> Band:
    return Band.of(100.0 * share)


def _spaced(times: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Record times that lie apart on a logarithmic axis; all where there are few."""
    if len(times) <= _POINTS:
        return np.arange(len(times), dtype=np.intp)
    grid = np.geomspace(float(times[1]), float(times[-1]), _POINTS)
    return np.unique(np.concatenate([[0], np.searchsorted(times, grid).clip(0, len(times) - 1)])).astype(
        np.intp
    )


def _ranked(arms: list[BodyArm], at: Collection[str] = ()) -> tuple[str, ...]:
    """Organs but the blood by the most that they hold in any arm at any look, or ``at`` some."""
    most: dict[str, float] = {}
    for arm in arms:
        for organ, seen in arm.organs.items():
            if organ != "blood":
                there = [x.median for look, x in seen.items() if x.known and (not at or look in at)]
                top = max(there, default=0.0)
                most[organ] = max(most.get(organ, 0.0), top)
    return tuple(sorted(most, key=lambda organ: -most[organ])[:_DRAWN])
