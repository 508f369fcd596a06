"""What a count of particles shows: the share of a lognormal within a window, and the rate it makes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from vesiflux.engines.compartments import solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: counted
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm, sigma: 0.3}}
  microvesicle: {origin: plasma_membrane, diameter: {median: 250 nm, sigma: 0.35}}
counts:
  small_ev: {smallest: 50 nm, largest: 200 nm}
  seen: {classes: [microvesicle], smallest: 300 nm}
cells:
  donor:
    is: tumour_cell
    count: 1e6
    secretes: {exosome: {rate: 100 vesicle/cell/h}, microvesicle: {rate: 40 vesicle/cell/h}}
run: {for: 10 h}
"""


def share(median, sigma, low, high):
    return norm.cdf(np.log(high / median) / sigma) - norm.cdf(np.log(low / median) / sigma)


def test_rates_are_those_within_the_window():
    compiled = lower(Model.from_text(TEXT))
    parameters = np.array([[float(p.prior.typical)] for p in compiled.parameters])
    solution = solve(compiled.program, parameters, times=[10.0])
    final = dict(zip((o.name for o in compiled.program.outputs), solution.outputs_final[:, 0], strict=True))
    exosomes, microvesicles = share(90, 0.3, 50, 200), share(250, 0.35, 50, 200)
    assert final["counted.small_ev.share.exosome"] == pytest.approx(exosomes, abs=2e-7)
    assert final["counted.small_ev.share.microvesicle"] == pytest.approx(microvesicles, abs=2e-7)
    over, under = compiled.rates["small_evs_per_cell_per_hour"]
    assert final[over] / final[under] == pytest.approx(100 * exosomes + 40 * microvesicles, rel=1e-5)
    over, under = compiled.rates["seens_per_cell_per_hour"]
    assert final[over] / final[under] == pytest.approx(
        40 * (1 - norm.cdf(np.log(300 / 250) / 0.35)), rel=1e-5
    )
