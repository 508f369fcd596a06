"""Patients' true levels -> what one laboratory reports, per mL of their fluid.

The chain of isolation is linear in what is in the tube, so it is carried out once for a unit of each kind of
particle in a number of runs; every patient's sample goes through one of the runs. A run differs from the
laboratory's usual one by the share of each parameter's range that differs between replicates
(``repeat_share`` of ``measurement/parameters.tsv``), as does the instrument.

What is reported is not corrected for recovery: laboratories rarely know it. Nothing is no number: below the
limit stands what ``instruments.tsv`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.assay.bedside.through import Through
from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.isolation.chain import PARAMETERS, carry_out
from vesiflux.assay.measurement.forward import seen
from vesiflux.assay.sample import Population, Sample, fill
from vesiflux.assay.tables import prior, priors, rows
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RUNS", "Bedside", "reader"]

RUNS = 64
"""Runs of the isolation among which patients' samples are shared out."""

_MOST_POISSON = 1e9
"""Above so many counts their scatter is nothing beside any other."""


@dataclass(frozen=True)
class Bedside:
    """An instrument, and all that comes before it, as a function of patients' levels.

    Attributes
    ----------
    through
        What the levels are read through.
    signal
        What one particle in the fluid adds to the instrument's sum over the tube, by kind, each of shape
        (runs,): particles seen, ug of protein, or copies found.
    """

    through: Through
    signal: Mapping[str, NDArray[np.float64]]

    @property
    def level_unit(self) -> str:
        """Unit of the levels it is given."""
        return "copy/mL" if self.through.counts_copies else "vesicle/mL"

    @property
    def unit(self) -> str:
        """Unit of what it reports, per mL of fluid."""
        return INSTRUMENTS[self.through.instrument]["unit"]

    @property
    def limit(self) -> float:
        """Least it can report, per mL of fluid: what the tube must hold, over the sample's volume."""
        if self.through.kind == "count":
            own = _own()
            least = own["count_least"] / own["count_tracks"] * own["count_best"]
        else:
            least = _typical(priors("measurement/parameters.tsv")[f"{self.through.instrument}_limit"])
        return least * self.through.tube / self.through.volume

    def recovery(self, kind: str) -> float:
        """Mean over runs of a kind's signal: share kept of copies, particles seen, or ug per particle."""
        return float(self.signal[kind].mean())

    def expected(self, values: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
        """What the tube shows of each patient before the instrument scatters, per mL of fluid.

        Raises
        ------
        InputError
            A level that is no number or below 0.
        """
        import numpy as np

        values = np.asarray(values, dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError("a level is no number and cannot be read; leave such patients out")
        if values.size and values.min() < 0.0:
            raise InputError(f"a level is {values.min():g}; there cannot be less than none")
        run = generator.integers(RUNS, size=values.shape)
        shown = np.zeros_like(values)
        for kind, count in self._contents(values, generator).items():
            shown += count * self.signal[kind][run]
        return shown

    def _contents(
        self, values: NDArray[np.float64], generator: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        """Particles, or copies, per mL of fluid by kind, in every patient."""
        import numpy as np

        through = self.through
        shed = self._shed(values.shape, generator)
        if through.counts_copies:
            spread = _own()["free_spread"]
            free = through.free * np.exp(spread * generator.standard_normal(values.shape))
            return {"vesicle": values + shed * through.platelet, "free": free}
        kinds = through.recipe.kinds
        typical = {k: _typical(p) for k, p in through.recipe.counts.items() if kinds[k].is_vesicle}
        whole = sum(typical.values())
        contents = {kind: values * (count / whole) for kind, count in typical.items()}
        large = _own()["shed_large"]
        contents["exosome"] = contents["exosome"] + shed * (1.0 - large)
        contents["microvesicle"] = contents["microvesicle"] + shed * large
        for kind, count in through.recipe.counts.items():
            if not kinds[kind].is_vesicle:
                contents[kind] = count.quantile(generator.uniform(1e-12, 1.0, values.shape))
        return contents

    def _shed(self, shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float64]:
        """Vesicles that platelets leave in each sample, per mL."""
        import numpy as np

        if not self.through.handling:
            return np.zeros(shape)
        row = next(r for r in rows("bedside/handling.tsv") if r["handling"] == self.through.handling)
        table = priors("bedside/parameters.tsv")
        platelets = table["platelets"].quantile(generator.uniform(1e-12, 1.0, shape))
        active = prior({**row, "unit": "1"}).quantile(generator.uniform(1e-12, 1.0, shape))
        return np.asarray(platelets * active * _own()["shed"])

    def __call__(self, values: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
        """What the laboratory reports of each patient, in `unit`; shape of ``values``, in `level_unit`."""
        import numpy as np

        shown = self.expected(values, generator)
        through, table = self.through, priors("measurement/parameters.tsv")
        per_tube = through.volume / through.tube
        if through.kind == "count":
            own = _own()
            share = np.minimum(shown * per_tube / own["count_best"], 1.0)
            found = _poisson(own["count_tracks"] * share, generator)
            enough = found >= own["count_least"]
            shown = shown * found / np.maximum(own["count_tracks"] * share, 1e-300)
        elif through.instrument != "protein":
            part = _own()["reaction_share"] * through.volume
            shown = _poisson(shown * part, generator) / part
        cv = _typical(table[f"{through.instrument}_cv"])
        sigma = _typical(table["repeat_share"]) * np.sqrt(np.log1p(cv * cv))
        shown = shown * np.exp(sigma * generator.standard_normal(shown.shape))
        if through.kind == "count":
            return np.where(enough, shown, 0.0)
        return np.where(shown >= self.limit, shown, 0.5 * self.limit)


def reader(through: Mapping[str, object] | Through, seed: int = 1) -> Bedside:
    """The reading that ``through`` describes, to be called with levels and a generator.

    Parameters
    ----------
    through
        Keys of `vesiflux.assay.bedside.through`.
    seed
        Of the runs of the isolation.

    Raises
    ------
    InputError
        What is wrong in ``through``, and what would be right.
    """
    import numpy as np

    what = through if isinstance(through, Through) else Through.read(through)
    start = fill(
        what.recipe,
        {name: _typical(count) for name, count in what.recipe.counts.items()},
        {key: _typical(copies) for key, (_, copies) in what.recipe.cargo.items()},
    )
    signals: list[dict[str, float]] = []
    for run in range(RUNS if what.steps else 1):
        done = carry_out(what.steps, start, _of_run(seed, run))
        signals.append(_signal(what, start, done[-1].after if done else start))
    by_kind = {kind: np.array([each[kind] for each in signals]) for kind in signals[0]}
    return Bedside(what, {kind: np.broadcast_to(v, (RUNS,)) for kind, v in by_kind.items()})


def _of_run(seed: int, run: int) -> Callable[[str, str], float]:
    """Parameters of one run: the usual ones, each off by what differs between replicates."""
    from scipy.special import ndtr, ndtri

    table = priors(PARAMETERS)
    within = _typical(priors("measurement/parameters.tsv")["repeat_share"])

    def value(step: str, symbol: str) -> float:
        z = float(ndtri(uniforms(seed, f"bedside.{step}.{symbol}", run, run + 1))[0])
        return float(table[symbol].quantile(float(ndtr(within * z))))

    return value


def _signal(what: Through, start: Sample, tube: Sample) -> dict[str, float]:
    """What one particle (or copy) of each kind in the sample is in the instrument's sum over the tube."""
    table = priors("measurement/parameters.tsv")

    def value(symbol: str) -> float:
        return _typical(table[symbol])

    if what.counts_copies:
        cargo = INSTRUMENTS[what.instrument]["cargo"]
        part = value(f"{what.instrument}_yield") if f"{what.instrument}_yield" in table else 1.0
        carrier = "AGO2" if cargo == "miRNA" else "protein"
        before, after = (_in_vesicles(s, cargo) for s in (start, tube))
        kept = tube.populations[carrier].total / start.populations[carrier].total
        return {"vesicle": part * after / before, "free": part * kept}

    def sums(population: Population) -> float:
        if what.kind == "bulk":
            return 1e6 * population.protein_g()
        if population.kind.group == "protein":
            return 0.0  # far below every limit
        return float((population.by_size * seen(population, what.instrument, value)).sum())

    return {name: sums(after) / start.populations[name].total for name, after in tube.populations.items()}


def _in_vesicles(sample: Sample, cargo: str) -> float:
    copies = sample.copies(cargo)
    return sum(n for name, n in copies.items() if sample.populations[name].kind.is_vesicle)


def _poisson(mean: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    import numpy as np

    drawn = generator.poisson(np.minimum(mean, _MOST_POISSON)).astype(np.float64)
    return np.where(mean > _MOST_POISSON, mean, drawn)


def _own() -> dict[str, float]:
    return {symbol: _typical(one) for symbol, one in priors("bedside/parameters.tsv").items()}


def _typical(of: Prior) -> float:
    return float(of.quantile(0.5))
