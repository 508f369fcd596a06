"""What is lost where, and what is in the tube in the end: tables, and the same as JSON."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vesiflux.assay.isolation.chain import Isolation, Record
from vesiflux.assay.sample import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["COUNTED_FROM", "SIZES_NM", "account", "interval", "product", "text"]

COUNTED_FROM = 0.065
"""um; particles above it count for purity (parameters LOD_NTA, read)."""


SIZES_NM = (30, 70, 100, 150, 200, 400, 1000, 5000)
"""Bounds of the classes that recovery by size is told for."""


def interval(values: NDArray[np.float64]) -> dict[str, float]:
    """Median and 95 % interval of draws."""
    import numpy as np

    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return {"median": float(median), "low": float(low), "high": float(high)}


def account(done: Isolation) -> list[dict[str, Any]]:
    """Every step: volume, and per kind of particle what came in, what was lost to what, what is left.

    ``balance`` is in - lost - out over in: rounding, nothing else.
    """
    return [_step(record) for record in done.records]


def _step(record: Record) -> dict[str, Any]:
    kinds = {}
    for name, before in record.before.populations.items():
        into, out = before.total, record.after.populations[name].total
        lost = {cause: gone for (cause, kind), gone in record.lost.items() if kind == name}
        kinds[name] = {
            "in": into,
            "out": out,
            "recovery": out / into if into > 0.0 else None,
            "lost": lost,
            "balance": (into - sum(lost.values()) - out) / into if into > 0.0 else 0.0,
        }
    return {
        "step": record.name,
        "volume_mL": record.after.volume,
        "kinds": kinds,
        "cargo": {name: _cargo(record, name) for name in record.before.cargo_names()},
    }


def _cargo(record: Record, cargo: str) -> dict[str, Any]:
    """Copies of one cargo by kind: in, out, what went to which cause, and the balance."""
    after = record.after.copies(cargo)
    answer = {}
    for kind, into in record.before.copies(cargo).items():
        lost = {cause: n for (cause, name, k), n in record.copies.items() if (name, k) == (cargo, kind)}
        balance = (into - sum(lost.values()) - after[kind]) / into if into > 0.0 else 0.0
        answer[kind] = {"in": into, "out": after[kind], "lost": lost, "balance": balance}
    return answer


def product(done: Isolation) -> dict[str, Any]:
    """The last tube: recovery per kind, purity, particles per ug, copies per vesicle; with intervals.

    Values are at the typical parameters; with draws each has ``low`` and ``high`` besides (95 %).
    """
    answer: dict[str, Any] = {"volume_mL": done.product.volume}
    answer["recovery"] = {
        name: _both(done, _recovery(name)) for name in done.start.populations if _present(done, name)
    }
    answer["vesicles"] = _both(done, lambda _, end: end.vesicles())
    answer["vesicle_recovery"] = _both(done, _vesicle_recovery)
    answer["recovery_by_size"] = {
        f"{low}-{high} nm": _both(done, _recovery_of_size(low / 1000.0, high / 1000.0))
        for low, high in pairwise(SIZES_NM)
        if _of_size(done.start, low / 1000.0, high / 1000.0) > 0.0
    }
    answer["purity"] = _both(done, _purity)
    answer["protein_ug"] = _both(done, lambda _, end: end.protein_ug())
    answer["particles_per_ug"] = _both(done, _per_ug)
    answer["vesicle_share_of_protein"] = _both(done, _protein_share)
    answer["cargo_share_in_vesicles"] = {
        name: _both(done, _cargo_share(name)) for name in done.product.cargo_names()
    }
    return answer


def _present(done: Isolation, name: str) -> bool:
    return done.start.populations[name].total > 0.0


def _recovery(name: str) -> Callable[[Sample, Sample], float]:
    return lambda start, end: end.populations[name].total / start.populations[name].total


def _vesicle_recovery(start: Sample, end: Sample) -> float:
    before = start.vesicles()
    return end.vesicles() / before if before > 0.0 else 0.0


def _of_size(sample: Sample, low: float, high: float) -> float:
    """Vesicles of all kinds with diameters from ``low`` to ``high``, um."""
    total = 0.0
    for population in sample.populations.values():
        if population.kind.is_vesicle:
            inside = (population.diameters >= low) & (population.diameters < high)
            total += float(population.by_size[inside].sum())
    return total


def _recovery_of_size(low: float, high: float) -> Callable[[Sample, Sample], float]:
    def share(start: Sample, end: Sample) -> float:
        before = _of_size(start, low, high)
        return _of_size(end, low, high) / before if before > 0.0 else 0.0

    return share


def _purity(_: Sample, end: Sample) -> float:
    counted = end.particles(COUNTED_FROM)
    return end.vesicles(COUNTED_FROM) / counted if counted > 0.0 else 0.0


def _per_ug(_: Sample, end: Sample) -> float:
    mass = end.protein_ug()
    return end.particles(COUNTED_FROM) / mass if mass > 0.0 else 0.0


def _protein_share(_: Sample, end: Sample) -> float:
    mass = sum(p.protein_g() for p in end.populations.values() if p.kind.is_vesicle)
    whole = 1e-6 * end.protein_ug()
    return mass / whole if whole > 0.0 else 0.0


def _cargo_share(cargo: str) -> Callable[[Sample, Sample], float]:
    def share(_: Sample, end: Sample) -> float:
        by_kind = end.copies(cargo)
        inside = sum(n for name, n in by_kind.items() if end.populations[name].kind.is_vesicle)
        whole = sum(by_kind.values())
        return inside / whole if whole > 0.0 else 0.0

    return share


def _both(done: Isolation, what: Callable[[Sample, Sample], float]) -> dict[str, float]:
    typical = what(done.start, done.product)
    if not done.draws:
        return {"typical": typical}
    return {"typical": typical, **interval(done.over_draws(what))}


def text(done: Isolation) -> str:
    """The account as a table to read: share of each kind left after each step, and the largest loss."""
    names = [name for name in done.start.populations if _present(done, name)]
    width = max(len(record.name) for record in done.records) + 2
    lines = [f"{'step':<{width}}{'mL':>9}  " + "".join(f"{name:>15}" for name in names) + "  most is lost"]
    for record in done.records:
        shares = "".join(
            f"{record.after.populations[name].total / done.start.populations[name].total:>15.3g}"
            for name in names
        )
        lines.append(f"{record.name:<{width}}{record.after.volume:>9.3g}  {shares}  {_worst(record)}")
    return "\n".join(lines)


def _worst(record: Record) -> str:
    """Where most vesicles go in this step."""
    by_cause: dict[str, float] = {}
    whole = 0.0
    for (cause, kind), gone in record.lost.items():
        if record.before.populations[kind].kind.is_vesicle:
            by_cause[cause] = by_cause.get(cause, 0.0) + gone
    whole = record.before.vesicles()
    if not by_cause or whole <= 0.0 or max(by_cause.values()) < 1e-4 * whole:
        return "-"
    cause = max(by_cause, key=lambda key: by_cause[key])
    return f"{cause} ({100 * by_cause[cause] / whole:.2g} % of vesicles)"
