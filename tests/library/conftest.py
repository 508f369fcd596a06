"""The library's secretion model, lowered once, and run by arm through the compartments engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from vesiflux.engines.compartments.engine import Settings, Solution, solve
from vesiflux.ir.lowering import lower
from vesiflux.ir.lowering.arms import chosen_priors
from vesiflux.language import load

Floats = npt.NDArray[np.float64]


class Bench:
    """Runs arms. Draws are the same in every arm: one stream per parameter name."""

    def __init__(self) -> None:
        self.model = load("secretion")
        self.compiled = lower(self.model)
        self.names = [o.name for o in self.compiled.program.outputs]
        self.run = cache(self._run)

    def _run(
        self,
        arm: str = "control",
        draws: int = 64,
        wiring: tuple[tuple[str, str], ...] = (),
        cell: str = "",
        nodes: tuple[tuple[str, float], ...] = (),
    ) -> Solution:
        c = self.compiled
        one = c.arms[arm]
        priors = dict(one.overrides)
        if cell:
            priors |= chosen_priors(self.model.spec, c.parameters, "cell", cell)
        values = np.empty((len(c.parameters), draws))
        for i, p in enumerate(c.parameters):
            prior = priors.get(i, p.prior)
            fixed = draws == 1 or prior.kind == "fixed"
            values[i] = prior.typical if fixed else prior.quantile(_uniform(p.name, draws))
        for name, value in nodes:
            values[c.parameter(f"producer.mvb.{name}")] = value
        before = np.array([p.value for p in c.program.inputs])
        now = before.copy()
        for inputs, changes in ((now, one.inputs), (before, one.inputs_before)):
            for i, value in changes.items():
                inputs[i] = value
            for group, option in wiring:
                for name, i in c.structures[group].options.items():
                    inputs[i] = float(name == option)
        solution = solve(
            c.program, values, times=c.times, inputs=now, inputs_before=before, events=one.events,
            settings=Settings(equilibrate=True),
        )  # fmt: skip
        assert solution.ok.all()
        return solution

    def final(self, solution: Solution, output: str) -> Floats:
        """An output of the machinery at the end, (draws,)."""
        return solution.outputs_final[self.names.index(f"producer.mvb.{output}")]

    def rate(self, solution: Solution, vesicle: str = "exosome") -> Floats:
        """Mean release per cell and hour over the run, (draws,)."""
        released, hours = self.compiled.rates[f"{vesicle}s_per_cell_per_hour"]
        top, bottom = (solution.outputs_final[self.names.index(n)] for n in (released, hours))
        return np.asarray(top / bottom)

    def fold_in(self, arm: str, hours: float, wiring: Mapping[str, str]) -> Floats:
        """Exosomes released within the first ``hours``, arm over its reference, draw by draw."""
        against = self.compiled.arms[arm].against
        assert against is not None
        series = [o.name for o in self.compiled.program.outputs if o.series].index(
            "producer.released.exosome"
        )
        at = self.compiled.times.index(hours)
        runs = self.run(arm, wiring=tuple(wiring.items())), self.run(against)
        top, bottom = (run.outputs_series[series, :, at] for run in runs)
        return np.asarray(top / bottom)

    def fold(self, arm: str, vesicle: str = "exosome", wiring: Mapping[str, str] | None = None) -> Floats:
        """Arm over its untreated reference, draw by draw."""
        ways = tuple((wiring or {}).items())
        shared = tuple((g, o) for g, o in ways if self.compiled.structures[g].shared)
        against = self.compiled.arms[arm].against
        assert against is not None
        top, bottom = self.run(arm, wiring=ways), self.run(against, wiring=shared)
        return self.rate(top, vesicle) / self.rate(bottom, vesicle)


def _uniform(name: str, draws: int) -> Floats:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).random(draws)


@pytest.fixture(scope="session")
def bench() -> Bench:
    """One bench for all tests of the library."""
    return Bench()
