"""The checklist filled: which items a file answers, and what the others cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.assay.dose.estimate import Interval
from vesiflux.assay.reporting.cost import Cost, Factor, Number, costs, spread
from vesiflux.assay.reporting.delivered import delivered
from vesiflux.assay.reporting.dosed import dosed
from vesiflux.assay.reporting.facts import MODEL, PROTOCOL, ranged
from vesiflux.assay.tables import rows
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

if TYPE_CHECKING:
    from pathlib import Path

    from vesiflux.assay.protocol import Protocol
    from vesiflux.language import Model

__all__ = ["Checklist", "Item", "checklist"]


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes
    ----------
    name, section, asks
        As in ``items.tsv``; ``guideline``, ``mark`` and ``address`` say where it is asked for.
    answer
        What the file says, "" where it says nothing.
    cost
        Of not reporting it; None where the arithmetic has no factor for it.
    """

    name: str
    section: str
    asks: str
    guideline: str
    mark: str
    address: str
    answer: str
    cost: Cost | None
    source: str

    @property
    def filled(self) -> bool:
        """Whether the file answers it."""
        return bool(self.answer)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        told: dict[str, Any] = {
            "item": self.name,
            "section": self.section,
            "asks": self.asks,
            "guideline": self.guideline,
            "mark": self.mark,
            "address": self.address or None,
            "filled": self.filled,
            "answer": self.answer or None,
            "cost": None,
        }
        if self.cost is not None:
            cost = self.cost
            told["cost"] = {
                "width_reported": _short(spread(cost.reported)),
                "width_missing": _short(spread(cost.missing)),
                "fold": _short(cost.fold),
                "reported": _plain(cost.reported),
                "missing": _plain(cost.missing),
                "source": self.source,
            }
        return told


@dataclass(frozen=True)
class Checklist:
    """A file's items.

    ``of``: model or protocol; ``quantity``: what the costs are about, as the file stands (``now``) and with
    every item reported (``complete``).
    """

    name: str
    of: str
    quantity: str
    items: tuple[Item, ...]
    now: Interval
    complete: Interval

    @property
    def width(self) -> float:
        """High over low of the 95 % interval as the file stands."""
        return spread(self.now)

    @property
    def width_complete(self) -> float:
        """The same with every item reported."""
        return spread(self.complete)

    @property
    def fold(self) -> float:
        """How many times wider the gaps make the interval together."""
        return self.width / self.width_complete

    @property
    def fold_of_product(self) -> float:
        """What the gaps would come to if each cost by itself what it costs among the others."""
        return math.prod(item.cost.fold for item in self.gaps if item.cost is not None)

    @property
    def filled(self) -> int:
        """Items that the file answers."""
        return sum(item.filled for item in self.items)

    @property
    def gaps(self) -> tuple[Item, ...]:
        """Items it does not answer, the dearest first."""
        missing = [item for item in self.items if not item.filled]
        return tuple(sorted(missing, key=lambda item: -item.cost.fold if item.cost else 0.0))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "name": self.name,
            "of": self.of,
            "quantity": self.quantity,
            "items": len(self.items),
            "filled": self.filled,
            "width": _short(self.width),
            "width_complete": _short(self.width_complete),
            "interval": _plain(self.now),
            "interval_complete": _plain(self.complete),
            "fold_together": _short(self.fold),
            "fold_of_product": _short(self.fold_of_product),
            "details": [item.to_dict() for item in self.items],
        }


def checklist(what: str | Path | Model | Protocol, draws: int = 20_000, seed: int = 1) -> Checklist:
    """Fill the checklist from a model or a protocol: a file, a name of the library, or the object.

    Raises
    ------
    InputError
        Neither a model nor a protocol, or everything that is wrong in it.
    """
    from vesiflux.language import Model

    found = _opened(what) if not isinstance(what, Model) and not hasattr(what, "steps") else what
    if isinstance(found, Model):
        model = found
        return _fill(
            model.name, "model", "copies delivered per recipient",
            {fact: told(model) for fact, told in MODEL.items()}, lambda fact: _own(model, fact),
            lambda factors: delivered(model, factors), draws, seed,
        )  # fmt: skip
    protocol: Any = found
    answers = {fact: told(protocol) for fact, told in PROTOCOL.items()}
    return _fill(
        protocol.name, "protocol", "the donors' own vesicles in a dose of 1e10 particles", answers,
        lambda _: None, lambda _: dosed(protocol, seed), draws, seed,
    )  # fmt: skip


def _opened(what: Any) -> Model | Protocol:
    """A model or a protocol by name or file; by its keys where it is a file."""
    from pathlib import Path

    from vesiflux.assay.protocol import library, load
    from vesiflux.language import Model
    from vesiflux.language.modules import library_models
    from vesiflux.language.words import meant
    from vesiflux.language.yaml import read_text, read_yaml

    path = Path(what)
    if path.is_file():
        data, _, _ = read_yaml(read_text(path), str(path))
        return load(path) if isinstance(data, dict) and "steps" in data else Model.load(path)
    if path.is_dir() or str(what) in library_models():
        return Model.load(what)
    if str(what) in library():
        return load(what)
    known = [*library(), *library_models()]
    raise InputError(f"{what}: no such file, protocol or model; {meant(str(what), known, 'known')}")


def _fill(
    name: str,
    of: str,
    quantity: str,
    answers: Mapping[str, str],
    own: Callable[[str], Prior | None],
    number: Callable[[Mapping[str, Factor]], Number],
    draws: int,
    seed: int,
) -> Checklist:
    asked = [row for row in rows("reporting/items.tsv") if of == "model" or row["protocol"]]
    asked = [row for row in asked if of == "protocol" or row["model"] or not row["protocol"]]
    told = {row["item"]: answers.get(row[of], "") for row in asked}
    factors = {
        row["item"]: _factor(row, own(row[of]), told) for row in asked if row["counts_for"] in (of, "both")
    }
    filled = {item: bool(told[item]) for item in factors}
    found = costs(number(factors), factors, filled, draws, seed)
    items = tuple(
        Item(
            row["item"], row["section"], row["asks"], row["guideline"], row["mark"], row["address"],
            told[row["item"]], found.each.get(row["item"]), row["source"],
        )
        for row in asked
    )  # fmt: skip
    return Checklist(name, of, quantity, items, found.now, found.complete)


def _factor(row: Mapping[str, str], own: Prior | None, told: Mapping[str, str]) -> Factor:
    """The item's factor; a range that the model gives itself stands for the prior, or for what is known."""
    known, unknown = _prior(row, "known"), _prior(row, "unknown")
    if own is not None and row["item"] == "size":
        own = _cubed(own)
    if own is not None and told[row["item"]]:
        known = own
    elif own is not None:
        unknown = own
    return Factor(unknown, known)


def _cubed(diameter: Prior) -> Prior:
    """Range of volumes of a range of diameters."""
    low, middle, high = (float(diameter.quantile(share)) ** 3 for share in (0.05, 0.5, 0.95))
    return Prior.from_range(low, middle, high, source=diameter.source)


def _short(value: float) -> float | None:
    """Four figures; none where an interval begins at nothing."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _plain(interval: Interval) -> dict[str, float | None]:
    return {name: _short(value) for name, value in interval.to_dict().items()}


def _prior(row: Mapping[str, str], which: str) -> Prior:
    if which == "unknown" and row["unknown_symbol"]:
        from vesiflux.evidence import Evidence

        return Evidence.load().prior(row["unknown_symbol"])
    low, typical, high = (float(row[f"{which}_{end}"]) for end in ("low", "typical", "high"))
    upper = float(row["upper"]) if row["upper"] else None
    return Prior.from_range(low, typical, high, source=row["source"], upper=upper)


def _own(model: Model, fact: str) -> Prior | None:
    """The widest range that the model itself gives for a fact, if it gives any."""
    from vesiflux.ir.lowering.values import prior_of, written_unit

    found = []
    for value in ranged(model, fact):
        unit = value.unit or (written_unit(value, "1") if value.evidence is None else "")
        prior = _of_table(value.evidence) if value.evidence else prior_of(value, unit, fact)
        if prior.kind != "fixed" and prior.low and prior.high:
            found.append(prior)
    return max(found, key=lambda one: (one.high or 1.0) / (one.low or 1.0), default=None)


def _of_table(symbol: str) -> Prior:
    from vesiflux.evidence import Evidence

    return Evidence.load().prior(symbol)
