"""Which count of particles a paper would have made of a class: papers that say exosomes counted small EVs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vesiflux.physics.lognormal import fraction_above

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["RATE", "count_of"]

#: Ending of the mean rates of vesicle classes and of counts.
RATE = "s_per_cell_per_hour"


def count_of(run: Run, quantity: str) -> str | None:
    """The rate of the model's count (``counts``) whose window holds most of a class; None without any.

    ``quantity``: a class's rate, e.g. ``exosomes_per_cell_per_hour``.
    """
    model = run.record["model"]["data"] or {}
    vesicle = model.get("vesicles", {}).get(quantity.removesuffix(RATE))
    if vesicle is None or not quantity.endswith(RATE):
        return None
    median = _number(vesicle["diameter"]["median"], "um")
    sigma = _number(vesicle["diameter"].get("sigma", 0.3), "1")
    shares = {
        name: _above(count.get("smallest"), median, sigma, 1.0)
        - _above(count.get("largest"), median, sigma, 0.0)
        for name, count in model.get("counts", {}).items()
        if f"{name}{RATE}" in run.record["rates"]
        and (not count.get("classes") or quantity.removesuffix(RATE) in count["classes"])
    }  # fmt: skip
    best = max(shares, key=lambda n: shares[n], default=None)
    return None if best is None or shares[best] <= 0 else f"{best}{RATE}"


def _above(bound: Any, median: float, sigma: float, without: float) -> float:
    """Share of a class above a bound; ``without``: where there is none."""
    return without if bound is None else fraction_above(_number(bound, "um"), median, sigma)


def _number(value: Any, unit: str) -> float:
    """Typical number of a quantity as written."""
    from vesiflux.units import parse

    if isinstance(value, Mapping):
        typical, own = value["typical"], value.get("unit")
        value = f"{typical} {own}" if own else typical
    return float(parse(value, unit, bare=True))
