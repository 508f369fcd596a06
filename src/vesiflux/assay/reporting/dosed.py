"""Vesicles in a nominal dose of what a protocol leaves: the final number that a protocol's items are held to.

The protocol is carried out in draws of its sample and steps. Each draw has particles per ug of protein and a
share of vesicles among the particles, which go together: a dirtier tube has fewer of both. A dose is 1e10
counted particles, or, where nobody counted, the protein that usually goes with them. Where protein was
measured beside the count, the ratio is known, and with it which of the draws can be the tube at hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.assay.protocol import Protocol
    from vesiflux.assay.reporting.cost import Number

__all__ = ["NOMINAL", "dosed"]

NOMINAL = 1e10
"""Particles in the dose."""
_TUBES = 200


def dosed(protocol: Protocol, seed: int = 1) -> Number:
    """The final number of ``protocol`` as a function of its items' factors.

    ``particle number`` where it is reported is the count's error; ``serum`` and ``storage`` are shares.
    """
    import numpy as np

    from vesiflux.assay.isolation.account import COUNTED_FROM
    from vesiflux.assay.isolation.chain import isolate
    from vesiflux.assay.sample import Sample
    from vesiflux.assay.tables import priors

    done = isolate(protocol, _TUBES, seed)

    def of_tube(_: Sample, end: Sample) -> float:
        return end.particles(COUNTED_FROM)

    particles = np.maximum(done.over_draws(of_tube), 1e-300)
    per_ug = particles / np.maximum(done.over_draws(lambda _, end: end.protein_ug()), 1e-300)
    pure = done.over_draws(lambda _, end: end.vesicles(COUNTED_FROM)) / particles
    table = priors("measurement/parameters.tsv")
    errors = [float(table[symbol].quantile(0.5)) for symbol in ("nta_cv", "protein_cv")]
    error = math.sqrt(sum(math.log1p(cv * cv) for cv in errors))
    ordered = np.argsort(per_ug * pure)

    def number(drawn: Mapping[str, NDArray[np.float64]], reported: Mapping[str, bool]) -> NDArray[np.float64]:
        size = len(next(iter(drawn.values())))
        weight = np.ones(_TUBES)
        if reported["two quantities"] and reported["particle number"]:
            off = np.log(per_ug / np.median(per_ug)) / error
            weight = np.exp(-0.5 * off * off)
        along = np.cumsum(weight[ordered]) / weight.sum()
        picked = np.searchsorted(along, uniforms(seed, "checklist tube", 0, size)).clip(max=_TUBES - 1)
        tube = ordered[picked]
        found = NOMINAL * pure[tube]
        if reported["particle number"]:
            found = found * drawn["particle number"]
        else:
            found = found * per_ug[tube] / np.median(per_ug)
        return np.asarray(found * drawn["serum"] * drawn["storage"])

    return number
