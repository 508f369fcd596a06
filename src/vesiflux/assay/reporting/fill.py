"""The checklist filled: which items a file answers, and what the others cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.assay.reporting.cost import Cost, Factor, costs
from vesiflux.assay.reporting.facts import MODEL, PROTOCOL, ranged
from vesiflux.assay.tables import rows
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

if TYPE_CHECKING:
    from pathlib import Path

    from vesiflux.assay.protocol import Protocol
    from vesiflux.language import Model

__all__ = ["Checklist", "Item", "checklist"]

_CUBED = ("size",)


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
                "width_reported": float(f"{cost.reported:.4g}"),
                "width_missing": float(f"{cost.missing:.4g}"),
                "fold": float(f"{cost.fold:.4g}"),
                "source": self.source,
            }
        return told


@dataclass(frozen=True)
class Checklist:
    """A file's items.

    ``of``: model or protocol; ``quantity``: what the costs are about; ``width``: high over low of its 95 %
    interval as the file stands, and ``width_complete`` with every item reported.
    """

    name: str
    of: str
    quantity: str
    items: tuple[Item, ...]
    width: float
    width_complete: float

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
            "width": float(f"{self.width:.4g}"),
            "width_complete": float(f"{self.width_complete:.4g}"),
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
            {fact: told(model) for fact, told in MODEL.items()}, lambda fact: _own(model, fact), draws, seed,
        )  # fmt: skip
    protocol: Any = found
    answers = {fact: told(protocol) for fact, told in PROTOCOL.items()}
    return _fill(protocol.name, "protocol", "vesicles in a dose", answers, lambda _: None, draws, seed)


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
    width, found = costs(factors, filled, draws, seed)
    complete, _ = costs(factors, dict.fromkeys(factors, True), draws, seed)
    items = tuple(
        Item(
            row["item"], row["section"], row["asks"], row["guideline"], row["mark"], row["address"],
            told[row["item"]], found.get(row["item"]), row["source"],
        )
        for row in asked
    )  # fmt: skip
    return Checklist(name, of, quantity, items, width, complete)


def _factor(row: Mapping[str, str], own: Prior | None, told: Mapping[str, str]) -> Factor:
    """The item's factor; a range that the model gives itself stands for the prior, or for what is known."""
    power = 3.0 if row["item"] in _CUBED and own is not None else 1.0
    known, unknown = _prior(row, "known"), _prior(row, "unknown")
    if own is not None and told[row["item"]]:
        known = own
    elif own is not None:
        unknown = own
        if power != 1.0:
            known = Prior.from_range(0.95, 1.0, 1.05)
    return Factor(unknown, known, power)


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
