"""From a protocol to doses: litres, cells, days, runs, what drives the cost, how lots differ.

No price was found that could be read, so cost stands in what is used: medium, cells, rotor hours, columns,
membranes. The spread of the draws is taken as that between lots; it holds what is not known as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vesiflux.assay.isolation.account import interval
from vesiflux.assay.isolation.chain import Isolation
from vesiflux.assay.isolation.rotors import rotor
from vesiflux.assay.species import MOST_IN_A_DOSE
from vesiflux.assay.tables import prior, rows
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.language.words import meant
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["cultures", "scale_up"]


def cultures() -> dict[str, Mapping[str, str]]:
    """Ways to grow cells by name: particles per mL of medium, fold per cell over a flask, hours."""
    return {row["culture"]: row for row in rows("cultures.tsv")}


def scale_up(done: Isolation, dose: float, culture: str = "cell-factory", seed: int = 1) -> dict[str, Any]:
    """What one dose of ``dose`` vesicles takes when ``culture`` feeds the protocol.

    Returns
    -------
    dict
        Intervals (median, low, high) of ``litres`` of medium, ``cells``, ``runs`` of the protocol; ``days``
        of one harvest and its steps; ``per_run`` drivers; ``batch_cv`` of the vesicles of a run, and
        ``lots_within_twofold`` of the median by vesicles and by copies of each cargo.

    Raises
    ------
    InputError
        No such culture, a dose that is not positive, or a protocol without draws.
    """
    import numpy as np

    if culture not in cultures():
        raise InputError(f"no culture is called {culture!r}; {meant(culture, cultures(), 'cultures')}")
    if not dose > 0.0 or not math.isfinite(dose):
        raise InputError(f"a dose is a number of vesicles above 0, not {dose:g}")
    if dose > MOST_IN_A_DOSE:
        raise InputError(
            f"a dose of {dose:g} is more than the {MOST_IN_A_DOSE:g} vesicles that fill a human's plasma"
        )
    if not done.draws:
        raise InputError("scale-up needs draws of the protocol; 200 are usual")
    if done.start.vesicles() <= 0.0:
        raise InputError("the sample holds no vesicles, so no volume of it makes a dose")
    row = cultures()[culture]
    draws = len(done.draws)
    titre = prior({**row, "unit": "1"}).quantile(uniforms(seed, f"titre.{culture}", 0, draws))
    recovery = done.over_draws(lambda start, end: end.vesicles() / start.vesicles())
    litres = dose / np.maximum(recovery * titre, 1e-300) / 1000.0
    rate = Evidence.load().prior("q_MSC").quantile(uniforms(seed, "q_MSC", 0, draws)) * float(row["fold"])
    cells = litres * 1000.0 * titre / (rate * float(row["hours"]))
    volume = done.protocol.sample.volume / 1000.0
    lot = recovery * titre
    return {
        "dose": dose,
        "culture": culture,
        "litres": interval(litres),
        "cells": interval(cells),
        "runs": interval(litres / volume),
        "days": float(row["hours"]) / 24.0 + _hours(done) / 24.0,
        "per_run": _drivers(done),
        "batch_cv": float(np.std(lot) / np.mean(lot)),
        "lots_within_twofold": {"vesicles": _within(lot), **_potency(done, lot)},
    }


def _potency(done: Isolation, lot: NDArray[np.float64]) -> dict[str, float]:
    """Share of lots whose copies of a cargo, vesicles times copies in each, lie within twofold."""
    answer = {}
    for cargo in done.product.cargo_names():
        each = done.over_draws(
            lambda _, end, cargo=cargo: (  # type: ignore[misc]
                sum(n for name, n in end.copies(cargo).items() if end.populations[name].kind.is_vesicle)
                / max(end.vesicles(), 1e-300)
            )
        )
        if float(each.max()) > 0.0:
            answer[cargo] = _within(lot * each)
    return answer


def _within(values: NDArray[np.float64]) -> float:
    import numpy as np

    relative = values / np.median(values)
    return float(np.mean((relative >= 0.5) & (relative <= 2.0)))


def _hours(done: Isolation) -> float:
    """Hours of the steps that say how long they take; storing is no work."""
    return sum(
        float(step.settings.get("time") or 0.0) * _turns(done, i)
        for i, step in enumerate(done.protocol.steps)
        if step.kind.name in ("spin", "gradient")
    )


def _turns(done: Isolation, i: int) -> int:
    """How often the rotor must turn for the volume of step ``i``."""
    name = done.protocol.steps[i].settings.get("rotor")
    if name is None:
        return 1
    spun = rotor(name)
    return max(1, math.ceil(done.records[i].before.volume / (spun.tube * spun.tubes) - 1e-9))


def _drivers(done: Isolation) -> dict[str, float]:
    """What one run of the protocol uses."""
    kinds = [step.kind.name for step in done.protocol.steps]
    washed = sum(
        step.settings["to"] * step.settings["washes"] / 1000.0
        for step in done.protocol.steps
        if step.kind.name == "tff"
    )
    turns = sum(_turns(done, i) for i, name in enumerate(kinds) if name in ("spin", "gradient"))
    return {
        "medium_litres": done.protocol.sample.volume / 1000.0,
        "rotor_turns": float(turns),
        "rotor_hours": _hours(done),
        "columns": float(kinds.count("sec")),
        "membranes": float(sum(kinds.count(name) for name in ("tff", "ultrafilter", "filter"))),
        "wash_litres": float(washed),
        "beads": float(kinds.count("affinity")),
    }
