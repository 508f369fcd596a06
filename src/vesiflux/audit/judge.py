"""From draws to a verdict: probability, what limits, what it would take, and what else could explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vesiflux.audit.case import Case, Question
from vesiflux.audit.chain import Arrived, Dose, Outcome, Reader, act, arrive, factor, involved
from vesiflux.audit.numbers import Floats, Numbers
from vesiflux.audit.tables import routes

__all__ = ["IMPLAUSIBLE", "PLAUSIBLE", "Findings", "Judge", "verdict_of"]

PLAUSIBLE = 0.8
IMPLAUSIBLE = 0.2
_BINS = 20
_MOST = 12.0 * float(np.log(10.0))  # no dose is looked for beyond a factor of 1e12
_CLOSE = 1e-3
_STEP_ORDER = (
    "supply", "distance", "organ", "uptake", "copies", "hold", "escape", "active_share", "persistence",
    "chance",
)  # fmt: skip


def verdict_of(probability: float) -> str:
    """Plausible from 0.8, implausible to 0.2, uncertain between."""
    if probability >= PLAUSIBLE:
        return "plausible"
    return "implausible" if probability <= IMPLAUSIBLE else "uncertain"


@dataclass(frozen=True)
class Findings:
    """What the draws of one question come to; figures over settings pool their draws.

    Attributes
    ----------
    probability
        Share of draws in which any of the vesicle's ways suffices.
    by_setting, by_route
        The same in each setting, and by each way alone; with "factor", and "contact of another ligand".
    low, median, high
        2.5, 50 and 97.5 % points of delivered copies (or engaged ones) over those needed, by the best way.
    vesicles, copies
        Medians per recipient: vesicles taken up; copies that act, or are engaged at a time, by the best way.
    steps
        Median log10 of each step of the best way; below 0 is a loss.
    least_dose, least_dose_80
        Factor on what is released or given at which half, or 80 %, of the draws suffice; None if none does.
    donors
        Donors per recipient at ``least_dose``; None where donors are not counted or none suffice.
    particles
        Particles given at ``least_dose``; None where none are.
    pool
        The dose into a vein over the vesicles that the plasma holds anyhow, a median; None without a dose.
    variance
        Share of the variance of ln(margin) that goes with each number alone, largest first.
    """

    probability: float
    best: str
    by_setting: Mapping[str, float]
    by_route: Mapping[str, float]
    low: float
    median: float
    high: float
    vesicles: float
    copies: float
    steps: Mapping[str, float]
    limiting_step: str
    least_dose: float | None
    least_dose_80: float | None
    donors: float | None
    particles: float | None
    pool: float | None
    variance: Mapping[str, float]
    route: str


@dataclass(frozen=True)
class _Found:
    """One setting: outcomes by way, what arrived, and the numbers used."""

    outcomes: Mapping[str, Outcome]
    arrived: Arrived
    read: Reader


class Judge:
    """Judges questions with one set of draws; equal cases are worked out once."""

    def __init__(self, numbers: Numbers, dose: Dose | None = None) -> None:
        self.numbers = numbers
        self.dose = dose
        self._found: dict[tuple[Case, ...], Findings] = {}
        self._other: dict[tuple[Case, ...], float] = {}

    def judge(self, cases: tuple[Case, ...]) -> Findings:
        """Findings over the settings of one question."""
        if cases not in self._found:
            self._found[cases] = self._judge(cases)
        return self._found[cases]

    def best(self, questions: Sequence[Question]) -> tuple[Question, Findings]:
        """The combination of names that fares best, and how it fares."""
        judged = [(q, self.judge(q.cases)) for q in questions]
        return max(judged, key=lambda one: (one[1].probability, one[1].median))

    def ways(self, case: Case) -> tuple[str, ...]:
        """Ways in which the case's cargo can act."""
        return ("delivery",) if case.asks == "arrival" else routes()[case.cargo]

    def _setting(self, case: Case) -> _Found:
        read = Reader(self.numbers)
        arrived = arrive(case, read, self.dose, 1.0)
        return _Found({way: act(case, way, arrived, read) for way in self.ways(case)}, arrived, read)

    def _judge(self, cases: tuple[Case, ...]) -> Findings:
        found = [self._setting(case) for case in cases]
        ways = self.ways(cases[0])
        margins = [np.max([one.outcomes[w].margin for w in ways], axis=0) for one in found]
        settings = {c.setting: _share(m) for c, m in zip(cases, margins, strict=True)}
        by_way = {w: _mean(_share(one.outcomes[w].margin) for one in found) for w in ways}
        middle = {w: float(np.median([np.median(one.outcomes[w].margin) for one in found])) for w in ways}
        best = max(ways, key=lambda w: (by_way[w], middle[w]))
        chosen = [one.outcomes[best] for one in found]
        low, median, high = np.quantile(np.concatenate([o.ratio for o in chosen]), (0.025, 0.5, 0.975))
        probability = _mean(settings.values())
        others = {"another ligand": self._unnamed(cases), "factor": self._factor(cases)}
        least, least_80 = (self._least(cases, found, share) for share in (0.5, 0.8))
        steps = _steps(chosen)
        return Findings(
            probability=probability,
            best=best,
            by_setting=settings,
            by_route=by_way | others,
            low=float(low),
            median=float(median),
            high=float(high),
            vesicles=float(np.median(np.concatenate([one.arrived.vesicles for one in found]))),
            copies=float(np.median(np.concatenate([o.delivered for o in chosen]))),
            steps=steps,
            limiting_step=min(steps, key=lambda name: steps[name]),
            least_dose=least,
            least_dose_80=least_80,
            donors=self._needed(cases, least, "donors", ("dish", "neighbours")),
            particles=self._needed(cases, least, "dose", ("iv", "patient")),
            pool=self._pool(cases),
            variance=self._variance(margins, [one.read for one in found]),
            route=_explains(best, probability, others),
        )

    def _unnamed(self, cases: tuple[Case, ...]) -> float:
        """Probability that some ligand which is not named acts by contact."""
        cases = tuple(c._replace(cargo="another_ligand", engineered=False, asks="effect") for c in cases)
        if cases not in self._other:
            shares = []
            for other in cases:
                read = Reader(self.numbers)
                outcome = act(other, "contact", arrive(other, read, self.dose, 1.0), read)
                shares.append(_share(outcome.margin))
            self._other[cases] = _mean(shares)
        return self._other[cases]

    def _factor(self, cases: tuple[Case, ...]) -> float:
        """Probability that a free factor of the donor suffices."""
        return _mean(_share(factor(case, Reader(self.numbers), self.dose)) for case in cases)

    def _least(self, cases: tuple[Case, ...], found: Sequence[_Found], share: float) -> float | None:
        """Factor on what is released or given at which ``share`` of the draws suffice.

        Only the vesicles that come depend on it, and margins are in proportion to them: the search repeats
        the way to the recipient alone. In log-log it is nearly a line, and exactly one without saturation.
        """

        def short(log_scale: float) -> float:
            scale = float(np.exp(log_scale))
            margins = []
            for case, one in zip(cases, found, strict=True):
                now = arrive(case, one.read, self.dose, scale)
                each = [
                    o.margin * involved(case, w, now, one.read) / involved(case, w, one.arrived, one.read)
                    for w, o in one.outcomes.items()
                ]
                margins.append(np.max(each, axis=0))
            return float(np.log(np.quantile(np.concatenate(margins), 1.0 - share)))

        at = short(0.0)
        low, high = (0.0, _MOST) if at < 0.0 else (-_MOST, 0.0)
        end = short(high if at < 0.0 else low)
        if (at < 0.0) == (end < 0.0):
            return None
        below, above = (at, end) if at < 0.0 else (end, at)
        guess = -at
        for _ in range(60):
            if not low < guess < high:
                guess = 0.5 * (low + high)
            value = short(guess)
            if abs(value) < _CLOSE or high - low < _CLOSE:
                break
            if value < 0.0:
                low, below = guess, value
            else:
                high, above = guess, value
            along = guess - value  # as if nothing saturated
            secant = low - below * (high - low) / (above - below)
            guess = along if low < along < high else secant
        return float(np.exp(guess))

    def _needed(
        self, cases: tuple[Case, ...], least: float | None, parameter: str, settings: tuple[str, ...]
    ) -> float | None:
        """Median donors per recipient, or particles, at the least dose, in the first setting with any."""
        setting = next((c.setting for c in cases if c.setting in settings), None)
        if least is None or setting is None:
            return None
        if self.dose is not None:
            if parameter == "donors" or self.dose.mass or self.dose.per_mL:
                return None
            return self.dose.amount * least
        return float(np.median(self.numbers.get(parameter, setting))) * least

    def _pool(self, cases: tuple[Case, ...]) -> float | None:
        setting = next((c.setting for c in cases if c.setting in ("iv", "patient")), None)
        if setting is None or (self.dose is not None and self.dose.per_mL):
            return None
        get = self.numbers.get
        given = get("dose", setting)
        if self.dose is not None:
            given = self.dose.amount * (get("particles_per_ug") if self.dose.mass else np.ones_like(given))
        plasma = get("plasma_vesicles") * get("plasma_volume") * get("body", setting)
        return float(np.median(given / plasma))

    def _variance(self, margins: Sequence[Floats], reads: Sequence[Reader]) -> dict[str, float]:
        """First-order shares: variance of the mean of ln(margin) given one number (correlation ratio)."""
        logs = [np.log(m) for m in margins]
        total = float(np.var(np.concatenate(logs)))
        if total == 0.0:
            return {}
        shares: dict[str, float] = {}
        for log, read in zip(logs, reads, strict=True):
            for key in read.used:
                if self.numbers.varies(key):
                    found = _explained(log, self.numbers.uniform(key)) / total / len(logs)
                    shares[key] = shares.get(key, 0.0) + found
        if len(logs) > 1:
            shares["setting"] = float(np.var([np.mean(log) for log in logs])) / total
        ordered = sorted(shares.items(), key=lambda one: -one[1])
        return {name: share for name, share in ordered if share >= 0.01}


def _share(margin: Floats) -> float:
    """Share of draws that suffice."""
    return float(np.mean(margin >= 1.0))


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _explained(log: Floats, uniform: Floats) -> float:
    """Variance of bin means, less what chance alone gives bins of this size."""
    index = np.minimum((uniform * _BINS).astype(np.int64), _BINS - 1)
    counts = np.bincount(index, minlength=_BINS)
    sums = np.bincount(index, weights=log, minlength=_BINS)
    full = counts > 0
    means = sums[full] / counts[full]
    between = float(np.average((means - log.mean()) ** 2, weights=counts[full]))
    noise = (float(np.var(log)) - between) * (np.count_nonzero(full) - 1) / max(len(log) - _BINS, 1)
    return max(between - noise, 0.0)


def _steps(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Mean over settings of the median log10 of each step; a step that a setting lacks loses nothing."""
    medians: list[dict[str, float]] = [
        {name: float(np.median(value)) for name, value in one.steps.items()} for one in outcomes
    ]
    names = [name for name in _STEP_ORDER if any(name in one for one in medians)]
    return {name: sum(one.get(name, 0.0) for one in medians) / len(medians) for name in names}


def _explains(best: str, probability: float, others: Mapping[str, float]) -> str:
    """The stated way unless it is implausible; then the likeliest other one that is not; else none."""
    if probability > IMPLAUSIBLE:
        return best
    ways: dict[str, str] = {"another ligand": "contact", "factor": "factor"}
    other = max(others, key=lambda name: others[name])
    return ways[other] if others[other] > IMPLAUSIBLE else "none"
