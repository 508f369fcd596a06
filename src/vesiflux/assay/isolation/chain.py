"""A protocol carried out: once with typical values for the table, and in draws for the intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.assay.isolation.flow import Flow
from vesiflux.assay.protocol import PlannedStep, Protocol
from vesiflux.assay.sample import Sample, fill
from vesiflux.assay.species import most_per_ml
from vesiflux.assay.tables import priors
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PARAMETERS", "Isolation", "Record", "carry_out", "isolate"]

PARAMETERS = "isolation/parameters.tsv"
"""Table of what cannot be had from physics."""


@dataclass(frozen=True)
class Record:
    """One step done: the tube before and after, and what was lost (particles by cause and kind).

    ``copies``: copies of cargo that went with their particles or leaked, by (cause, cargo, kind).
    """

    name: str
    before: Sample
    after: Sample
    lost: Mapping[tuple[str, str], float]
    copies: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Isolation:
    """A protocol's result.

    Attributes
    ----------
    protocol
        What was done.
    start, records
        The tube at typical values, and every step.
    draws
        (start, product) of each draw.
    """

    protocol: Protocol
    start: Sample
    records: tuple[Record, ...]
    draws: tuple[tuple[Sample, Sample], ...]

    @property
    def product(self) -> Sample:
        """The last tube at typical values."""
        return self.records[-1].after if self.records else self.start

    def over_draws(self, what: Callable[[Sample, Sample], float]) -> NDArray[np.float64]:
        """``what(start, product)`` of every draw, shape (draws,)."""
        import numpy as np

        return np.array([what(start, product) for start, product in self.draws])


def carry_out(
    steps: tuple[PlannedStep, ...], start: Sample, value: Callable[[str, str], float]
) -> tuple[Record, ...]:
    """Do the steps one after the other; ``value(step, symbol)`` gives the parameters."""
    records = []
    sample = start
    for step in steps:
        flow = Flow(sample)

        def draw(symbol: str, name: str = step.name) -> float:
            return value(name, symbol)

        step.kind.apply(flow, step.settings, draw)
        lost = {key: float(gone.sum()) for key, gone in flow.lost.items()}
        records.append(Record(step.name, sample, flow.sample, lost, dict(flow.copies)))
        sample = flow.sample
    return tuple(records)


def isolate(protocol: Protocol, draws: int = 200, seed: int = 1) -> Isolation:
    """Carry out ``protocol`` at typical values and in ``draws`` draws of sample and parameters.

    Raises
    ------
    InputError
        ``draws`` is negative, or a step leaves more than fits into its tube.
    """
    if draws < 0:
        raise InputError(f"draws must not be negative, got {draws}")
    table = priors(PARAMETERS)
    recipe = protocol.sample
    start = fill(
        recipe,
        {name: _typical(prior) for name, prior in recipe.counts.items()},
        {key: _typical(prior) for key, (_, prior) in recipe.cargo.items()},
    )
    records = carry_out(protocol.steps, start, lambda _, symbol: _typical(table[symbol]))
    for record in records:
        _must_fit(record)
    drawn: dict[tuple[str, str], NDArray[np.float64]] = {}

    def values(name: str, prior: Prior) -> NDArray[np.float64]:
        return prior.quantile(uniforms(seed, name, 0, draws))

    counts = {name: values(f"sample.{name}", prior) for name, prior in recipe.counts.items()}
    copies = {key: values(f"cargo.{key}", prior) for key, (_, prior) in recipe.cargo.items()}

    def of_draw(i: int) -> tuple[Sample, Sample]:
        def value(step: str, symbol: str) -> float:
            key = (step, symbol)
            if key not in drawn:
                drawn[key] = values(f"{step}.{symbol}", table[symbol])
            return float(drawn[key][i])

        own = fill(
            recipe,
            {name: float(v[i]) for name, v in counts.items()},
            {key: float(v[i]) for key, v in copies.items()},
        )
        done = carry_out(protocol.steps, own, value)
        return own, done[-1].after if done else own

    return Isolation(protocol, start, records, tuple(of_draw(i) for i in range(draws)))


def _must_fit(record: Record) -> None:
    """Refuse a tube whose particles would fill more than its liquid."""
    tube = record.after
    filled = sum(p.total / most_per_ml(p.kind) for p in tube.populations.values())
    if filled > tube.volume:
        raise InputError(
            f"step {record.name}: what is left fills {filled:.2g} mL without a gap and cannot be in "
            f"{tube.volume:.2g} mL; take it up in more"
        )


def _typical(prior: Prior) -> float:
    return float(prior.quantile(0.5))
