"""What the checks share: names of everything, parsed sentences, the evidence behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vesiflux import units
from vesiflux.language.behaviours import Behaviour, BehaviourError, parse_behaviour
from vesiflux.language.checks.references import elsewhere
from vesiflux.language.from_evidence import is_from_evidence
from vesiflux.language.positions import Finding
from vesiflux.language.quantities import range_of
from vesiflux.language.responses import Response, ResponseError, parse_response
from vesiflux.language.schema import (
    Cargo,
    Cell,
    Matrix,
    ModelSpec,
    Module,
    ResponseNode,
    Tissue,
    Value,
)

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = ["Context", "evidence", "typical"]


def evidence() -> Evidence:
    """The evidence base, read once."""
    from vesiflux.evidence import Evidence

    return Evidence.load()


def typical(value: Value | None, unit: str) -> float | None:
    """The typical value in ``unit``; None where there is none, or none that can be read here."""
    try:
        return None if value is None else range_of(value, unit).get("typical")
    except units.UnitError:
        return None  # said where quantities are checked


@dataclass
class Context:
    """A model under check. ``data``: as read, for names of parts that are wrong themselves."""

    spec: ModelSpec
    modules: Mapping[str, Module]
    data: Mapping[str, Any] = field(default_factory=dict)

    def names(self, *path: str) -> set[str]:
        """Keys of a mapping of the model, those of wrong parts with them."""
        at: Any = self.data
        for step in path:
            at = at.get(step) if isinstance(at, dict) else None
        found = set(at) if isinstance(at, dict) else set()
        part: Any = self.spec
        for step in path:
            part = part.get(step) if isinstance(part, dict) else getattr(part, step, None)
        return found | (set(part) if isinstance(part, dict) else set())

    def written(self, *path: str) -> bool:
        """Whether a key was written, be its value right or wrong."""
        at: Any = self.data
        for step in path:
            at = at.get(step) if isinstance(at, dict) else None
        return at is not None

    # ------------------------------------------------------------ sentences

    @cached_property
    def responses(self) -> dict[str, dict[int, Response]]:
        """Responses that can be read, by cell and index."""
        return {name: dict(self._responses(name, cell, [])) for name, cell in self.spec.cells.items()}

    @cached_property
    def behaviours(self) -> dict[str, dict[int, Behaviour]]:
        """Behaviours that can be read, by cell and index."""
        return {name: dict(self._behaviours(name, cell, [])) for name, cell in self.spec.cells.items()}

    def guesswork(self, cell: str) -> bool:
        """Whether some response of a cell cannot be read, so that its nodes are not all known."""
        written = self.data.get("cells", {}).get(cell, {}) if isinstance(self.data.get("cells"), dict) else {}
        listed = written.get("responses", ()) if isinstance(written, dict) else ()
        whole = isinstance(listed, list | tuple) and (
            len(listed) == len(self.spec.cells[cell].responses)
            or any(isinstance(text, str) and is_from_evidence(text) for text in listed)
        )
        return not whole or len(self.responses[cell]) < len(self.spec.cells[cell].responses)

    def sentence_errors(self) -> list[Finding]:
        """Responses and behaviours that cannot be read."""
        findings: list[Finding] = []
        for name, cell in self.spec.cells.items():
            list(self._responses(name, cell, findings))
            list(self._behaviours(name, cell, findings))
        return findings

    def _responses(self, name: str, cell: Cell, findings: list[Finding]) -> Iterator[tuple[int, Response]]:
        for i, text in enumerate(cell.responses):
            try:
                yield i, parse_response(text)
            except ResponseError as error:
                findings.append(Finding(("cells", name, "responses", i), error.message, error.column))

    def _behaviours(self, name: str, cell: Cell, findings: list[Finding]) -> Iterator[tuple[int, Behaviour]]:
        for i, text in enumerate(cell.behaviours):
            try:
                yield i, parse_behaviour(text, "tissue" if isinstance(self.spec.space, Tissue) else "dish")
            except BehaviourError as error:
                findings.append(Finding(("cells", name, "behaviours", i), error.message, error.column))

    # ------------------------------------------------------------ what a cell can sense

    def nodes(self, cell: str) -> dict[str, ResponseNode]:
        """Response nodes of a cell: those with constants and every target of a response."""
        found = dict(self.spec.cells[cell].nodes)
        for response in self.responses[cell].values():
            found.setdefault(response.target, ResponseNode())
        return found

    def readouts(self, cell: str) -> dict[str, str]:
        """``instance.name`` -> unit, for readouts, species and nodes of the cell's modules."""
        found: dict[str, str] = {}
        for instance, source in self.spec.cells[cell].modules.items():
            module = self.modules.get(source)
            if module is not None:
                found |= {f"{instance}.{n}": "1" for n in module.nodes}
                found |= {f"{instance}.{n}": s.unit for n, s in module.species.items()}
                found |= {f"{instance}.{n}": r.unit for n, r in module.readouts.items()}
        return found

    def module_nodes(self, cell: str) -> set[str]:
        """``instance.NODE`` of the cell's modules: what its behaviours can drive."""
        known = ((i, self.modules.get(m)) for i, m in self.spec.cells[cell].modules.items())
        return {f"{i}.{node}" for i, module in known if module is not None for node in module.nodes}

    def cargo(self, cell: str) -> dict[str, Cargo]:
        """Cargo that vesicles bring to a cell, and names its ``signals`` give copies of its own."""
        spec = self.spec
        found: dict[str, Cargo] = {}
        for vesicle in spec.cells[cell].takes_up:
            for other in spec.cells.values():
                if vesicle in other.secretes:
                    found |= other.secretes[vesicle].cargo
            for preparation in spec.preparations.values():
                if preparation.vesicle == vesicle:
                    found |= preparation.cargo
        for key, signal in spec.cells[cell].signals.items():
            name = key.partition("@")[0].strip()
            if signal.endogenous is not None:
                found.setdefault(name, Cargo())
        return found

    def signal_unit(self, cell: str, name: str) -> str | None:
        """Unit of what ``name`` is to a cell; `None`: nothing of that name reaches it."""
        if name in self.nodes(cell):
            return "1"
        if name in self.spec.factors:
            return "copy/mL"
        readouts = self.readouts(cell)
        if name in readouts:
            return readouts[name]
        if name in self.cargo(cell):
            return "copy/cell"
        return "1" if elsewhere(self, cell, name) == "" else None

    def sensible(self, cell: str) -> list[str]:
        """Names a cell can respond to."""
        return [*self.nodes(cell), *self.spec.factors, *self.cargo(cell), *self.readouts(cell)]

    # ------------------------------------------------------------ fields of a tissue

    def fields(self) -> list[str]:
        """What cells can move towards: FACTOR, VESICLE and VESICLE.MOLECULE."""
        spec = self.spec
        found = [*self.names("factors"), *self.names("vesicles")]
        cargo = [(v, s.cargo) for cell in spec.cells.values() for v, s in cell.secretes.items()]
        cargo += [(p.vesicle, p.cargo) for p in spec.preparations.values()]
        found += [f"{vesicle}.{molecule}" for vesicle, carried in cargo for molecule in carried]
        return list(dict.fromkeys(found))

    @cached_property
    def still(self) -> set[str]:
        """Factors and vesicle classes that the matrix lets no further."""
        space = self.spec.space
        if not isinstance(space, Tissue):
            return set()
        groups: dict[str, Matrix | None] = {n: v.matrix for n, v in self.spec.vesicles.items()}
        groups |= {n: f.matrix for n, f in self.spec.factors.items()}
        found = set()
        for name, own in groups.items():
            share = own.hindrance if own is not None and own.hindrance is not None else space.matrix.hindrance
            if share is not None and typical(share, "1") == 0.0:
                found.add(name)
        return found

    # ------------------------------------------------------------ parameters

    @cached_property
    def parameters(self) -> dict[str, str | None]:
        """Every parameter of the lowered model by its dotted name, with its unit where known."""
        from vesiflux.language.parameters import parameter_names

        return parameter_names(self)

    def find_parameter(self, name: str) -> list[str]:
        """Full names that ``name`` may stand for: itself, or what ends in it."""
        if name in self.parameters:
            return [name]
        return [full for full in self.parameters if full.endswith("." + name)]
