"""Claims about vesicles between cells, put to a dish small enough to know every answer beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from vesiflux.evidence.rows import Claim, Edge, NameRow, Readout
from vesiflux.language import Model
from vesiflux.verify.basis import leads
from vesiflux.verify.bench import Bench
from vesiflux.verify.choose import Choice
from vesiflux.verify.contexts import Contexts
from vesiflux.verify.dose import dose_classes
from vesiflux.verify.experiments import Asked
from vesiflux.verify.inmodel import Found, verdicts_in
from vesiflux.verify.judge import see
from vesiflux.verify.limbs import Condition, Experiment, Limb, Pair
from vesiflux.verify.plan import sampled
from vesiflux.verify.rule import experiment_of
from vesiflux.verify.subject import Subject
from vesiflux.verify.switches import subject_of

MODEL = """
vesiflux: 1
name: dish
review: dish
space: {kind: dish, volume: 2 mL, area: 9.5 cm^2}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
factors:
  IFNG: {initial: 1e8 molecule/mL, decay: {half_life: 24 h}, half: 1e8 molecule/mL}
cells:
  tumour:
    is: tumour_cell
    count: 1e6
    secretes:
      exosome:
        rate: {low: 30, typical: 60, high: 120, unit: vesicle/cell/h, mark: assumed, source: test}
        cargo: {miR-1: {copies: 0.01}, PD-L1: {copies: 3, on: surface}}
    nodes: {GROWTH: {basal: 0.3}}
  taker:
    is: macrophage
    count: 1e5
    takes_up: {exosome: {clearance: 1e-8 mL/cell/h, escape: 0.1}}
    releases: {IFNG: {rate: 100 molecule/cell/h}}
    signals:
      IFNG: {half: 1e8 molecule/mL}
      miR-1 @cytosol: {half: 1000, endogenous: 100}
      PD-L1 @surface: {half: 30 copy/cell}
    nodes:
      HEAT: {given: true}
      TARGET: {basal: 0.5}
      GROWTH: {basal: 0.3}
      GLUE: {}
    responses:
      - 'PD-L1 @surface -> SIGNAL [tme-001]'
      - 'miR-1 @cytosol -| TARGET [tme-002]'
      - 'HEAT -> SHOCK [tme-003]'
      - 'SIGNAL -> GLUE'
run: {for: 24 h}
"""
CELL = "tumour_cell"


def claim(
    number: int, agent: str, outcome: str, direction: str, text: str = "raise it", **more: str
) -> Claim:
    known = {
        "section": "1", "ref": str(number), "cited": "", "doi": "", "kind": "response", "source": CELL,
        "vesicle": "exosome", "cargo": "", "cargo_kind": "", "recipient": "macrophage", "context": "none",
        "system": "", "effect": "", "note": "", "checkable": f"{text} -> {outcome}", "review": "dish",
    }  # fmt: skip
    return Claim(id=f"tme-{number:03d}", agent=agent, outcome=outcome, direction=direction, **(known | more))


CLAIMS = (
    claim(1, "tumour_exosome", "SIGNAL", "+"),
    claim(2, "miR-1", "TARGET", "-", cargo="miR-1"),
    claim(3, "HEAT", "SHOCK", "+", "block nothing, give heat"),
    claim(4, "tumour_exosome", "exosome_uptake", "+", "remove vesicles"),
    claim(5, "tumour_cell", "exosome_secretion", "+", recipient=""),
    claim(6, "IFNG", "SIGNAL", "0"),
    claim(7, "SIGNAL", "GLUE", "marker_up"),
    claim(8, "tumour_exosome", "GLUE", "+"),
    claim(9, "tumour_exosome", "GROWTH", "+"),
    claim(10, "stranger", "SIGNAL", "+"),
    claim(11, "tumour_exosome", "nowhere", "+"),
    claim(12, "SIGNAL", "GLUE", "+", source="", recipient="t_cell"),
    claim(13, "macrophage", "SIGNAL", "+", source="macrophage"),
    claim(14, "tumour_exosome", "PD-L1", "marker_up", cargo="PD-L1", recipient=""),
)


@dataclass
class DishEvidence:
    """What verification asks of the evidence about the dish."""

    claims: Mapping[str, Claim] = field(default_factory=lambda: {c.id: c for c in CLAIMS})
    transfers: tuple[object, ...] = ()
    edges: tuple[Edge, ...] = (
        Edge("x", 1, "tumour_cell", "+", "tumour_exosome", "cell", "vesicle", CELL, "secretes"),
        Edge(
            "tme-004", 1, "tumour_exosome", "+", "macrophage", "vesicle", "cell", "macrophage", "taken_up_by"
        ),
    )
    vocabulary: Mapping[tuple[str, str], NameRow] = field(
        default_factory=lambda: {
            (name, kind): NameRow(name, kind, (), parent, "", "")
            for name, kind, parent in (
                ("tumour_exosome", "vesicle", "exosome"), ("exosome", "vesicle", ""),
                ("tumour_cell", "cell", ""), ("melanoma_cell", "cell", "tumour_cell"),
                ("macrophage", "cell", ""), ("t_cell", "cell", ""),
            )
        }
    )  # fmt: skip

    def __hash__(self) -> int:
        return id(self)

    def canonical(self, name: str, kind: str | None = None) -> str:
        return name

    def readout(self, outcome: str) -> Readout | None:
        rates = ("exosome_secretion",)
        return Readout(outcome, outcome, "rate", "+", "assumed", "") if outcome in rates else None

    def chain_readout(self, claim_id: str) -> Readout | str:
        outcome = self.claims[claim_id].outcome
        kind = "per_vesicle" if outcome == "PD-L1" else "level"
        return Readout(outcome, outcome, kind, "+", "assumed", "")

    def publications(self, claim_id: str) -> frozenset[tuple[str, str]]:
        return frozenset(self.claims[claim_id].votes)


EVIDENCE = DishEvidence()


@pytest.fixture(scope="module")
def dish() -> Subject:
    return subject_of(Model.from_text(MODEL), EVIDENCE)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def choice(dish: Subject) -> Choice:
    return Choice(dish, EVIDENCE)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(dish: Subject) -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vesiflux.verify.experiments.is_whole", lambda model: True)
        asked = Asked(
            EVIDENCE, EVIDENCE.claims, frozenset(EVIDENCE.claims), draws=32, full=False, shuffles=50, seed=1,
            threads=1, progress=lambda stage, done, total: None,
        )  # type: ignore[arg-type]  # fmt: skip
        return verdicts_in(dish, asked)


@pytest.mark.parametrize(
    ("number", "experiment"),
    [
        (1, "tumour.secretes.exosome x 3 -> taker.SIGNAL up"),
        (2, "tumour.secretes.exosome.miR-1 x 3 -> taker.TARGET down"),
        # a word of loss in the text of what is given turns nothing
        (3, "taker.given.HEAT at 0.8 -> taker.SHOCK up"),
        (4, "tumour.secretes.exosome x 0.1 -> taker.held.exosome down"),
        # their number: what all of them do
        (5, "tumour.count x 3 -> tumour.released.exosome of all up"),
        (6, "factors.IFNG x 3 -> taker.SIGNAL unchanged"),
        (7, "taker.GLUE rises with taker.SIGNAL over the draws"),
        # in the recipient, though the sender has a node of that name too
        (9, "tumour.secretes.exosome x 3 -> taker.GROWTH up"),
        (13, "taker.count x 3 -> taker.SIGNAL of all up"),
        (14, "tumour.per_vesicle.exosome.PD-L1 of untreated above 0"),
    ],
)
def test_agent_and_outcome_in_the_cell_that_is_meant(
    dish: Subject, choice: Choice, number: int, experiment: str
) -> None:
    made = experiment_of(EVIDENCE.claims[f"tme-{number:03d}"], dish, EVIDENCE, choice)  # type: ignore[arg-type]
    assert isinstance(made, Experiment)
    assert str(made) == experiment


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (10, "nothing in the model stands for stranger"),
        (11, "no readout of the model shows nowhere"),
        (12, "GLUE is read in taker, not in t_cell"),
    ],
)
def test_why_there_is_no_experiment(dish: Subject, choice: Choice, number: int, why: str) -> None:
    assert experiment_of(EVIDENCE.claims[f"tme-{number:03d}"], dish, EVIDENCE, choice) == why  # type: ignore[arg-type]


def test_places() -> None:
    contexts = Contexts({"a": ("melanoma_cell",), "b": ("tumour_cell",), "c": ("macrophage",)}, EVIDENCE)  # type: ignore[arg-type]
    assert contexts.cells("tumour_cell") == ["b", "a"]
    assert contexts.cells("melanoma_cell") == ["a", "b"]
    assert contexts.nearest(["tumour_cell", "macrophage"]) == ["b", "c"]
    assert contexts.cells("t_cell") == []
    assert contexts.cells("any_cell") == ["a", "b", "c"]
    assert Contexts({"c": ("macrophage",)}, EVIDENCE).cells("t_cell") == ["c"]  # type: ignore[arg-type]


def test_paths_are_those_of_the_program(dish: Subject) -> None:
    def path(node: str, read: str) -> bool:
        return leads(Condition(read, Pair(Limb(factors=((node, 3.0),))), "0"), dish)

    assert path("tumour.secretes.exosome", "taker.GLUE")
    assert path("dose", "taker.TARGET")
    assert not path("factors.IFNG", "taker.SIGNAL")
    assert not path("taker.SIGNAL", "taker.TARGET")


def test_verdicts_basis_and_dose(found: Found) -> None:
    got = {int(c[-3:]): (v.verdict, v.support or v.basis, v.dose) for c, v in found.verdicts.items()}
    assert got == {
        1: ("reproduced", "encoded", "physiological"),
        2: ("not_reproduced", "", "above"),  # 0.01 copies per vesicle against 1,000 per cell
        3: ("reproduced", "encoded", "none"),
        4: ("reproduced", "mechanistic", "physiological"),
        5: ("reproduced", "mechanistic", "none"),
        6: ("reproduced", "encoded", "none"),  # nothing leads there
        7: ("reproduced", "assumed", "physiological"),
        8: ("reproduced", "assumed", "physiological"),  # the arrow to GLUE names no claim
        9: ("not_reproduced", "", "none"),
        10: ("inexpressible", "", "none"),
        11: ("inexpressible", "", "none"),
        12: ("inexpressible", "", "none"),
        13: ("reproduced", "mechanistic", "physiological"),
        14: ("reproduced", "encoded", "none"),
    }
    factor = found.verdicts["tme-002"].least_factor
    assert 10 < factor <= 1e6
    assert f"holds from {factor:g} times the dose" in found.verdicts["tme-002"].reason
    assert "without taker: PD-L1 @surface -> SIGNAL it holds in 0%" in found.verdicts["tme-001"].reason


def test_signs_of_arrows_are_shuffled(found: Found) -> None:
    assert found.shuffled is not None
    assert found.shuffled.switches == 4
    assert found.shuffled.claims >= 8
    assert 0.3 < found.shuffled.share < 0.95  # what follows from the balance of mass keeps its sign
    assert found.shuffled.deaf >= 2


def test_least_factor_is_where_enough_lanes_count(dish: Subject) -> None:
    bench = Bench(dish, 16, 1, quick=True)
    limb = Limb(factors=(("tumour.secretes.exosome.miR-1", 3.0),))
    one = Experiment("a", "rule", (Condition("taker.TARGET", Pair(limb), "-"),))
    never = Experiment("b", "rule", (Condition("taker.TARGET", Pair(limb), "+"),))
    classes = dose_classes(bench, [one, never], set(), sampled(dish, 16, 1))
    assert (classes["a"].name, classes["b"].name) == ("above", "never")
    assert "at no dose" in str(classes["b"])


def test_correlations_are_told_from_chance(dish: Subject) -> None:
    bench = Bench(dish, 32, 1, quick=True)
    lanes = sampled(dish, 32, 1)

    def right(read: str, along: str, expect: str) -> bool:
        condition = Condition(read, Pair(Limb()), expect, along=along)  # type: ignore[arg-type]
        ((seen,),) = see(bench, [(Experiment("c", "hand", (condition,)), lanes)])
        assert len(np.unique(seen.right)) == 1
        return bool(seen.right[0])

    assert right("taker.held.exosome", "tumour.released.exosome", "+")
    assert not right("taker.held.exosome", "tumour.released.exosome", "-")
    assert not right("taker.SHOCK", "tumour.released.exosome", "+")  # the same in all draws


def test_checks_name_amounts_by_their_ends(dish: Subject, tmp_path: Path) -> None:
    assert dish.handle("given.HEAT").given
    assert dish.handle("exosome.miR-1").kind == "cargo"
    assert dish.readable("held.exosome of all").total
    assert dish.readable("released.exosome of all").over is None
