"""What reaches the cells that take vesicles up, and what they do: found among the outputs by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vesiflux.report.figures.common import Floats, Interval
from vesiflux.report.reader import Reader

__all__ = ["AMOUNTS", "Quantity", "Recipients"]

_PLACES = {"surface": "bound to", "cytosol": "in the cytosol of", "transferred": "transferred to"}
#: Kinds whose arms are compared by their fold; the others lie between 0 and 1 and are compared by difference.
AMOUNTS = ("copies", "medium")
#: Delivered copies below this share of (half effect + the cell's own) leave the signal where it was.
_NOTHING = 0.01


@dataclass(frozen=True)
class Quantity:
    """Something recipients get, do or live in.

    ``kind``: "copies" (delivered, per cell), "node" (0..1), "share" (of the cells of a type in one state) or
    "medium". ``pools``: ``CELL`` or its ``CELL.STATE``s; ``suffix``: what follows them in an output's name.
    ``half``, ``own``: names of the parameters of the signal, "" for none.
    """

    key: str
    kind: str
    title: str
    unit: str
    cell: str = ""
    pools: tuple[str, ...] = ()
    suffix: str = ""
    half: str = ""
    own: str = ""

    @property
    def sensed(self) -> bool:
        """Whether the cell responds to these copies."""
        return bool(self.half)


class Recipients:
    """The recipients of one run: their quantities, and the values of these."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._parameters = {p.name for p in reader.compiled.parameters}

    def __bool__(self) -> bool:
        """Whether cells of the model receive or respond at all."""
        return bool(self.copies or self.nodes or self.shares)

    # ------------------------------------------------------------ what there is

    @cached_property
    def copies(self) -> tuple[Quantity, ...]:
        """Cargo of vesicles with a recipient, by place; what the cell senses comes first."""
        found: dict[str, list[str]] = {}
        for pool, rest in self._of_pools("copies"):
            found.setdefault(f"{pool.partition('.')[0]}.{rest}", []).append(pool)
        quantities = []
        for key, pools in found.items():
            cell, _, rest = key.partition(".")
            molecule, _, place = rest.rpartition(".")
            signal = f"{cell}.signals.{molecule} @{place}"
            quantities.append(
                Quantity(
                    f"{cell}.copies.{rest}", "copies",
                    f"{molecule} {_PLACES.get(place, place)} {self.cell_title(cell)}", "copies/cell",
                    cell, tuple(pools), f"copies.{rest}",
                    half=self._if_known(f"{signal}.half"), own=self._if_known(f"{signal}.endogenous"),
                )
            )  # fmt: skip
        return tuple(sorted(quantities, key=lambda q: not q.sensed))

    @cached_property
    def sensed(self) -> tuple[Quantity, ...]:
        """Cargo that its recipient responds to."""
        return tuple(q for q in self.copies if q.sensed)

    @cached_property
    def nodes(self) -> tuple[Quantity, ...]:
        """Response nodes, the mean over a type's states."""
        found: dict[tuple[str, str], list[str]] = {}
        for pool, node in self._of_pools("node"):
            found.setdefault((pool.partition(".")[0], node), []).append(pool)
        return tuple(
            Quantity(
                f"{cell}.node.{node}", "node", f"{node} of {self.cell_title(cell)}", "1", cell, tuple(pools),
                f"node.{node}",
            )
            for (cell, node), pools in found.items()
        )  # fmt: skip

    @cached_property
    def shares(self) -> tuple[Quantity, ...]:
        """Shares of a type's cells in each state but the first, where it has several."""
        found = []
        for cell in self.reader.facts.get("cells", {}):
            counted = [
                n.removesuffix(".count")
                for n in self.reader.series_outputs
                if n.startswith(f"{cell}.") and n.endswith(".count") and n.count(".") == 2
            ]
            for pool in counted[1:]:
                state = pool.removeprefix(f"{cell}.")
                title = f"{self.cell_title(cell)} that are {state.replace('_', ' ')}"
                found.append(Quantity(f"{pool}.share", "share", title, "1", cell, (pool,), "count"))
        return tuple(found)

    @cached_property
    def medium(self) -> tuple[Quantity, ...]:
        """Vesicles and factors in the medium, without the cargo of the vesicles."""
        found = []
        for name in self.reader.series_outputs:
            what = name.removeprefix("medium.")
            if what == name or "." in what:
                continue
            vesicles = self.reader.outputs[name].startswith("vesicle")
            title = self.reader.vesicle_title(what) if vesicles else what
            found.append(Quantity(name, "medium", f"{title} in the medium", "per mL", suffix=name))
        return tuple(found)

    def cell_title(self, cell: str) -> str:
        """A cell type in words."""
        title: str = self.reader.facts.get("cells", {}).get(cell, {}).get("title", cell)
        return title

    # ------------------------------------------------------------ what came out

    def final(self, quantity: Quantity, arm: str, structure: str | None = None) -> Floats:
        """A quantity at the end of the run, shape (draw,)."""
        return self._value(quantity, arm, lambda name: self.reader.final(name, arm, structure))

    def series(self, quantity: Quantity, arm: str, structure: str | None = None) -> Floats:
        """A quantity over time, shape (draw, time)."""
        return self._value(quantity, arm, lambda name: self.reader.series(name, arm, structure))

    def change(self, quantity: Quantity, arm: str, read: Callable[..., Floats] | None = None) -> Floats:
        """Fold (amounts) or difference (nodes, shares) against the arm's reference, paired by draw.

        ``read``: `final` (default) or `series`; the shape is theirs.
        """
        get = read or self.final
        own = get(quantity, arm)
        base = get(quantity, self.reader.reference(arm), self.reader.reference_structure(arm))
        if quantity.kind not in AMOUNTS:
            return np.asarray(own - base)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(own / base)

    def half(self, quantity: Quantity, arm: str) -> Floats | None:
        """Copies at half effect, shape (draw,); None where nothing senses them."""
        return self.reader.parameter(quantity.half, arm) if quantity.half else None

    def own(self, quantity: Quantity, arm: str) -> Floats | None:
        """The cell's own copies, shape (draw,); None where the model gives none."""
        return self.reader.parameter(quantity.own, arm) if quantity.own else None

    def share_of_half(self, quantity: Quantity, arm: str) -> Floats | None:
        """Delivered copies over the level at half effect, shape (draw,)."""
        half = self.half(quantity, arm)
        return None if half is None else np.asarray(self.final(quantity, arm) / half)

    def changes_nothing(self, quantity: Quantity, arm: str) -> bool:
        """Whether what arrives is below 1 % of half effect and own copies together, in 95 % of the draws."""
        half, own = self.half(quantity, arm), self.own(quantity, arm)
        if half is None:
            return True
        scale = half if own is None else half + own
        found = Interval.of(self.final(quantity, arm) / scale)
        return found.known and found.high < _NOTHING

    def most_changed(self, quantity: Quantity) -> str:
        """The arm that moves a quantity most away from its reference, in the mean of draws; "" for none."""

        def moved(arm: str) -> float:
            values = self.change(quantity, arm)
            if quantity.kind in AMOUNTS:
                with np.errstate(divide="ignore"):
                    values = np.log(values)
            values = values[np.isfinite(values)]
            return float(np.abs(values).mean()) if values.size else -1.0

        return max(self.reader.compared, key=moved, default="")

    # ------------------------------------------------------------ reading

    def _value(self, quantity: Quantity, arm: str, read: Callable[[str], Floats]) -> Floats:
        if quantity.kind == "medium":
            return read(quantity.suffix)
        with np.errstate(divide="ignore", invalid="ignore"):
            if quantity.kind == "share":
                return np.asarray(read(f"{quantity.pools[0]}.count") / read(f"{quantity.cell}.count"))
            values = [read(f"{pool}.{quantity.suffix}") for pool in quantity.pools]
            if len(values) == 1:
                mean = values[0]
            else:  # a mean per cell, whatever state it is in
                counts = [read(f"{pool}.count") for pool in quantity.pools]
                mean = np.sum([n * v for n, v in zip(counts, values, strict=True)], axis=0)
                mean = np.asarray(mean / np.sum(counts, axis=0))
        own = self.own(quantity, arm) if quantity.kind == "copies" else None
        if own is not None:  # the output counts both; what is left of the own copies is round-off
            mean = np.maximum(mean - (own if mean.ndim == 1 else own[:, None]), 0.0)
        return mean

    def _of_pools(self, what: str) -> Iterator[tuple[str, str]]:
        """(pool, rest) of outputs called ``POOL.what.rest``."""
        cells = self.reader.facts.get("cells", {})
        for name in self.reader.series_outputs:
            pool, found, rest = name.partition(f".{what}.")
            if found and pool.partition(".")[0] in cells and f"{pool}.count" in self.reader.outputs:
                yield pool, rest

    def _if_known(self, parameter: str) -> str:
        return parameter if parameter in self._parameters else ""
