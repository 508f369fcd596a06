"""A toy review and a toy machinery small enough to know every answer beforehand.

Two nodes raise and lower the level X: A through a wire that rests on claim toy-001 alone, B through one that
rests on toy-002 (and on toy-005, of another publication). Each wire is a power of -1, 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from vesiflux.evidence.rows import Claim, Readout
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.verify.bench import Bench
from vesiflux.verify.subject import Element, Group, Handle, Readable, Subject

TOY = """
vesiflux: 1
name: toy
review: toy
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
modules:
  toy:
    vesiflux_module: 1
    name: toy
    parameters:
      made: {low: 0.5, typical: 1, high: 2, unit: 1/h, mark: assumed, source: toy}
      wire_a: {typical: 1, unit: "1", mark: assumed, source: toy}
      wire_b: {typical: 1, unit: "1", mark: assumed, source: toy}
      one: {typical: 1, unit: "1", mark: assumed, source: toy}
      two: {typical: 0, unit: "1", mark: assumed, source: toy}
      per_level: {typical: 60, unit: vesicle/cell/h, mark: assumed, source: toy}
    nodes:
      A: {symbol: agent_a}
      B: {symbol: agent_b}
      IDLE: {symbol: agent_idle}
    species:
      X: {unit: "1", initial: 1, kind: activity}
      Y: {unit: "1", initial: 1, kind: activity}
    expressions:
      drive: A ^ wire_a * (0.3 + 0.7 / max(B, 0.02)) ^ wire_b
      loose: one * A + two * 1
    reactions:
      x_made: {rate: made * drive, moves: {X: 1}, unit: 1/h}
      x_lost: {rate: made * X, moves: {X: -1}, unit: 1/h}
      y_made: {rate: made * IDLE, moves: {Y: 1}, unit: 1/h}
      y_lost: {rate: made * Y, moves: {Y: -1}, unit: 1/h}
    release: {exosome: per_level * X}
    readouts:
      level: {expression: X, unit: "1"}
      idle: {expression: Y, unit: "1"}
      either: {expression: loose, unit: "1"}
cells:
  cell:
    is: toy_cell
    count: 1e5
    modules: {toy: toy}
    secretes: {exosome: {machinery: toy}}
interventions:
  more_a: {scales: A, factor: 4}
arms:
  control: {mark: control}
  more_a:
    interventions: [more_a]
    against: control
    reported: [{readout: exosomes_per_cell_per_hour, sign: "+", claim: secretion-006}]
run: {for: 24 h, record: 12 h}
"""


def claim(number: str, agent: str, outcome: str, direction: str, checkable: str, ref: str = "1") -> Claim:
    return Claim(
        id=number, section="1", ref=ref, cited="", doi="", kind="secretion", source="toy_cell", vesicle="",
        cargo="", cargo_kind="", recipient="", context="none", system="", effect="", agent=agent,
        outcome=outcome, direction=direction, checkable=checkable, note="", review="toy",
    )  # fmt: skip


CLAIMS = (
    claim("toy-001", "agent_a", "level", "+", "agent_a knock-down -> level down", ref="1"),
    claim("toy-002", "agent_b", "level", "-", "raise agent_b -> level down", ref="2"),
    claim("toy-003", "agent_idle", "level", "0", "agent_idle knock-out -> level unchanged", ref="1"),
    claim("toy-004", "agent_idle", "level", "+", "more agent_idle -> level up", ref="1"),
    claim("toy-005", "agent_b", "level", "-", "agent_b loss -> level up", ref="3"),
    claim("secretion-006", "drug", "level", "+", "drug -> level up", ref="4"),
    claim("toy-007", "agent_a", "level", "descriptive", "something is seen", ref="1"),
    claim("toy-008", "stranger", "level", "+", "stranger -> level up", ref="1"),
    claim("toy-009", "agent_a", "nowhere", "+", "agent_a -> nowhere up", ref="1"),
)


@dataclass
class ToyEvidence:
    """What verification asks of the evidence."""

    claims: Mapping[str, Claim] = field(default_factory=lambda: {c.id: c for c in CLAIMS})
    edges: tuple[object, ...] = ()
    transfers: tuple[object, ...] = ()
    vocabulary: Mapping[tuple[str, str], object] = field(default_factory=dict)

    def canonical(self, name: str, kind: str | None = None) -> str:
        return name

    def readout(self, outcome: str) -> None:
        return None

    def chain_readout(self, claim_id: str) -> Readout:
        return Readout("c", "c", "level", "+", "assumed", "")

    def publications(self, claim_id: str) -> frozenset[tuple[str, str]]:
        return frozenset(self.claims[claim_id].votes)


@pytest.fixture(scope="session")
def evidence() -> ToyEvidence:
    return ToyEvidence()


@pytest.fixture(scope="session")
def subject() -> Subject:
    model = Model.from_text(TOY)
    compiled = lower(model)
    at = {p.name.rsplit(".", 1)[-1]: i for i, p in enumerate(compiled.parameters)}
    out = {o.name: i for i, o in enumerate(compiled.program.outputs)}
    handles = {
        n: Handle(n, (s,), at[n]) for n, s in (("A", "agent_a"), ("B", "agent_b"), ("IDLE", "agent_idle"))
    }
    over, under = (out[n] for n in compiled.rates["exosomes_per_cell_per_hour"])
    readables = {
        "level": Readable("level", out["cell.toy.level"], "1", ("level",)),
        "idle": Readable("idle", out["cell.toy.idle"], "1", ("idle",)),
        "either": Readable("either", out["cell.toy.either"], "1", ()),
        "exosomes_per_cell_per_hour": Readable(
            "exosomes_per_cell_per_hour", over, "vesicle/cell/h", ("level",), under, at_rest=False
        ),
    }
    elements = (
        Element("wire_a", "wire", at["wire_a"], frozenset({"toy-001"})),
        Element("wire_b", "wire", at["wire_b"], frozenset({"toy-002", "toy-005"})),
    )
    groups = {"read": Group("read", {"one": at["one"], "two": at["two"]}, {}, "one")}
    return Subject(model, compiled, handles, readables, elements, groups)


@pytest.fixture(scope="session")
def bench(subject: Subject) -> Bench:
    return Bench(subject, draws=16, seed=1)
