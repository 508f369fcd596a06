"""What can be read from a dish of cells: its outputs under the names of the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from vesiflux.verify.amounts import Names
from vesiflux.verify.subject import Readable

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["dish_readables"]

FILE = "shown-by.tsv"


def dish_readables(names: Names, compiled: CompiledModel) -> dict[str, Readable]:
    """Readables by their names in checks and controls; read at the end of a run.

    ``cell.NODE`` and ``cell.copies.CARGO.PLACE`` (means over the states of a cell), ``cell.count``,
    ``cell.STATE.count``, ``cell.held.CLASS``, ``cell.released.CLASS`` (vesicles per cell and hour, mean over
    the run), ``cell.per_vesicle.CLASS.CARGO`` (copies in what was released) and ``factors.FACTOR``. In a body
    ``organs.ORGAN.PREPARATION`` is what its tracer shows in an organ, or the vesicles where it has none.
    """
    at = {o.name: i for i, o in enumerate(compiled.program.outputs)}
    made = _Made(names, at, [o.unit for o in compiled.program.outputs])
    return {r.name: r for r in made.all()}


class _Made:
    def __init__(self, names: Names, at: dict[str, int], units: list[str]) -> None:
        self.names, self.at, self.units = names, at, units

    def all(self) -> Iterator[Readable]:
        spec = self.names.spec
        for cell in spec.cells:
            yield from self._counts(cell)
            for rest in self._of_states(cell, "node"):
                yield self._mean(cell, f"node.{rest}", rest, "node", self.names.canonical(rest))
            for rest in self._of_states(cell, "copies"):
                symbols = self.names.canonical(rest.rpartition(".")[0])
                yield self._mean(cell, f"copies.{rest}", f"copies.{rest}", "copies", symbols)
            for rest in self._of_states(cell, "held"):
                yield self._mean(cell, f"held.{rest}", f"held.{rest}", "held", self._vesicles(rest))
            yield from self._released(cell)
        for factor in spec.factors:
            if (output := self.at.get(f"medium.{factor}")) is not None:
                yield self._readable(f"factors.{factor}", output, self.names.factor(factor), "factor", "")
        for name in [n for n in self.at if n.startswith("organs.") and n.count(".") == 2]:
            shown = self.names.canonical(*_shown(f"in {name.split('.')[1]}"))
            yield self._readable(name, self.at.get(f"{name}.label", self.at[name]), shown, "organ", "")

    def _readable(
        self, name: str, output: int, symbols: tuple[str, ...], kind: str, cell: str, over: int | None = None
    ) -> Readable:
        unit = self.units[output] if over is None else f"{self.units[output]}/{self.units[over]}"
        return Readable(
            name, output, unit, symbols, over=over, at_rest=False, kind=kind, cell=cell
        )  # fmt: skip

    def _prefixes(self, cell: str) -> list[str]:
        return [f"{cell}.{state}" for state in self.names.spec.cells[cell].states] or [cell]

    def _of_states(self, cell: str, what: str) -> list[str]:
        """What comes after ``cell.STATE.what.`` in the names of outputs."""
        found: dict[str, None] = {}
        for prefix in dict.fromkeys((*self._prefixes(cell), cell)):
            start = f"{prefix}.{what}."
            found.update((name.removeprefix(start), None) for name in self.at if name.startswith(start))
        return list(found)

    def _mean(self, cell: str, output: str, name: str, kind: str, symbols: tuple[str, ...]) -> Readable:
        """Mean over the states of a cell, which is the output itself where there are none."""
        own = [p for p in self._prefixes(cell) if f"{p}.{output}" in self.at] or [cell]
        levels = [(self.at[f"{prefix}.{output}"], self.at[f"{prefix}.count"]) for prefix in own]
        first = levels[0][0]
        return Readable(
            f"{cell}.{name}", first, self.units[first], symbols, at_rest=False, kind=kind, cell=cell,
            shares=tuple(levels),
        )  # fmt: skip

    def _counts(self, cell: str) -> Iterator[Readable]:
        yield self._readable(f"{cell}.count", self.at[f"{cell}.count"], self.names.cell(cell), "count", cell)
        for state in self.names.spec.cells[cell].states:
            symbols = self.names.canonical(state, f"{state}_{self.names.spec.cells[cell].kind}")
            yield self._readable(
                f"{cell}.{state}.count", self.at[f"{cell}.{state}.count"], symbols, "count", cell
            )

    def _released(self, cell: str) -> Iterator[Readable]:
        for vesicle, sent in self.names.spec.cells[cell].secretes.items():
            output, hours = self.at.get(f"{cell}.released.{vesicle}"), self.at.get(f"{cell}.cell_hours")
            if output is None:
                continue
            symbols = (*self.names.vesicle(cell, vesicle), *self.names.canonical(*_shown("released")))
            yield self._readable(f"{cell}.released.{vesicle}", output, symbols, "released", cell, hours)
            for name in sent.cargo:
                if (copies := self.at.get(f"{cell}.released.{vesicle}.{name}")) is not None:
                    symbols = self.names.cargo(cell, vesicle, name)
                    called = f"{cell}.per_vesicle.{vesicle}.{name}"
                    yield self._readable(called, copies, symbols, "per_vesicle", cell, output)

    def _vesicles(self, name: str) -> tuple[str, ...]:
        """All that vesicles of a class, from whichever cell, are called."""
        senders = [c for c, cell in self.names.spec.cells.items() if name in cell.secretes]
        symbols = [s for sender in senders for s in self.names.vesicle(sender, name)]
        shown = self.names.canonical(*_shown("held"))
        return tuple(dict.fromkeys([*symbols, *self.names.vesicle("", name), *shown]))


@cache
def _shown(amount: str) -> tuple[str, ...]:
    """Outcomes that an amount shows."""
    text = resources.files("vesiflux.verify").joinpath(FILE).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(row[0] for row in rows[1:] if row[1] == amount)
