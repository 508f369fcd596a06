"""Rule, bench and judge on the toy machinery."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.verify.bench import Bench, Lanes, Reading
from vesiflux.verify.judge import see
from vesiflux.verify.limbs import UNTREATED, Condition, Experiment, Limb, Pair
from vesiflux.verify.plan import all_structures, sampled, without
from vesiflux.verify.rule import experiment_of
from vesiflux.verify.subject import Subject
from vesiflux.verify.wording import wording

LOSS_A = Limb(factors=(("A", 0.1),))


def lanes_of(bench: Bench) -> Lanes:
    lanes = sampled(bench.subject, bench.draws, 1)
    return Lanes(lanes.draws, {"read": np.zeros(bench.draws, dtype=np.int64)})


def sees(bench: Bench, condition: Condition, lanes: Lanes | None = None) -> float:
    experiment = Experiment("toy", "hand", (condition,))
    return float(np.mean(see(bench, [(experiment, lanes or lanes_of(bench))])[0][0].right))


@pytest.mark.parametrize(
    ("text", "sense"),
    [
        ("RAB27A knock-down -> secretion down", "loss"),
        ("raise ISGylation -> exosomes down; block lysosome -> restored", "gain"),
        ("pill on cardiac MSC -> secretion up", "gain"),
        ("lower ceramide -> ILV down", "loss"),
        ("blockade of nothing", "loss"),
        ("", "gain"),
        ("add more after loss -> x", "gain"),
    ],
)
def test_wording(text: str, sense: str) -> None:
    assert wording(text).sense == sense


def test_words_match_from_their_beginning_only() -> None:
    assert wording("unblocked -> x").word == ""
    assert wording("depletion -> x").word == "deplet"


@pytest.mark.parametrize(
    ("number", "limb", "expect"),
    [
        ("toy-001", "A x 0.1", "-"),
        ("toy-002", "B x 3", "-"),
        ("toy-003", "IDLE x 0.1", "0"),
        ("toy-004", "IDLE x 3", "+"),
        ("toy-005", "B x 0.1", "+"),
        ("secretion-006", "more_a", "+"),
    ],
)
def test_rule(subject: Subject, evidence, number: str, limb: str, expect: str) -> None:
    experiment = experiment_of(evidence.claims[number], subject, evidence)
    assert isinstance(experiment, Experiment)
    (condition,) = experiment.conditions
    assert (str(condition.pair.limb), condition.expect) == (limb, expect)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("toy-007", "states no direction"),
        ("toy-008", "nothing in the model stands for stranger"),
        ("toy-009", "no readout of the model shows nowhere"),
    ],
)
def test_rule_says_why_it_cannot(subject: Subject, evidence, number: str, why: str) -> None:
    assert why in str(experiment_of(evidence.claims[number], subject, evidence))


def test_readings_are_those_of_the_model(bench: Bench) -> None:
    level = bench.subject.readable("level")
    lanes = lanes_of(bench)
    rest, treated = Reading(UNTREATED, level, 0.0, lanes), Reading(LOSS_A, level, 0.0, lanes)
    values = bench.read([rest, treated, rest])
    assert values[rest] == pytest.approx(np.ones(bench.draws), rel=1e-6)
    assert values[treated] == pytest.approx(np.full(bench.draws, 0.1), rel=1e-6)


def test_a_limb_may_begin_in_untreated_cells(bench: Bench) -> None:
    level = bench.subject.readable("level")
    late = Limb(LOSS_A.arm, LOSS_A.factors, "0 h")
    reading = Reading(late, level, 0.1, lanes_of(bench))
    made = bench._base[bench.subject.compiled.parameter("cell.toy.made")]
    expected = 0.1 + 0.9 * np.exp(-0.1 * made)
    assert bench.read([reading])[reading] == pytest.approx(expected, rel=1e-4)


def test_mean_rates_are_over_the_run(bench: Bench) -> None:
    rate = bench.subject.readable("exosomes_per_cell_per_hour")
    lanes = lanes_of(bench)
    arm = Reading(Limb("more_a"), rate, 24.0, lanes)
    control = Reading(Limb("control"), rate, 24.0, lanes)
    values = bench.read([arm, control])
    made = bench._base[bench.subject.compiled.parameter("cell.toy.made")]
    mean = 4.0 - 3.0 * (1 - np.exp(-24 * made)) / (24 * made)
    assert values[control] == pytest.approx(np.full(bench.draws, 60.0), rel=1e-6)
    assert values[arm] == pytest.approx(60.0 * mean, rel=1e-4)


def test_signs_and_thresholds(bench: Bench) -> None:
    assert sees(bench, Condition("level", Pair(LOSS_A), "-")) == 1
    assert sees(bench, Condition("level", Pair(LOSS_A), "+")) == 0
    assert sees(bench, Condition("level", Pair(Limb(factors=(("A", 1.05),))), "0")) == 1
    assert sees(bench, Condition("level", Pair(Limb(factors=(("A", 1.05),))), "+")) == 0
    assert sees(bench, Condition("level", Pair(Limb(factors=(("A", 1.08),))), "0")) == 0
    assert sees(bench, Condition("level", Pair(Limb("more_a")), "differs")) == 1


def test_against_than_singles_bounds_order_and_scan(bench: Bench) -> None:
    both = Limb(factors=(("A", 0.1), ("B", 0.1)))
    loss_b = Limb(factors=(("B", 0.1),))
    assert sees(bench, Condition("level", Pair(both, loss_b), "-")) == 1
    # A halved lowers less than A x 0.1 does
    assert sees(bench, Condition("level", Pair(Limb(factors=(("A", 0.5),))), "+", than=Pair(LOSS_A))) == 1
    # a product of gains is more than their sum
    gain = (Limb(factors=(("A", 3.0),)), Limb(factors=(("B", 0.1),)))
    together = Limb(factors=(("A", 3.0), ("B", 0.1)))
    assert sees(bench, Condition("level", Pair(together), "+", singles=gain)) == 1
    assert sees(bench, Condition("level", Pair(together), "-", singles=gain)) == 0
    assert sees(bench, Condition("level", Pair(UNTREATED), above=0.5, below=1.5)) == 1
    assert sees(bench, Condition("level", Pair(LOSS_A), above=0.05, below=0.15, fold=True)) == 1
    assert sees(bench, Condition("level", Pair(LOSS_A), order=(loss_b, UNTREATED, LOSS_A))) == 1
    assert sees(bench, Condition("level", Pair(LOSS_A), order=(LOSS_A, UNTREATED))) == 0
    assert sees(bench, Condition("level", Pair(LOSS_A), scan=(LOSS_A, loss_b))) == 1
    assert sees(bench, Condition("level", Pair(LOSS_A), scan=(LOSS_A, both))) == 0


def test_a_level_that_vanishes_counts_as_lowered(bench: Bench) -> None:
    assert sees(bench, Condition("level", Pair(Limb(factors=(("A", 0.0),))), "-")) == 1


def test_structures_are_values_of_lanes(bench: Bench) -> None:
    lanes = sampled(bench.subject, bench.draws, 1)
    assert set(lanes.options["read"]) == {0, 1}
    found = see(bench, [(Experiment("t", "hand", (Condition("either", Pair(LOSS_A), "-"),)), lanes)])
    assert np.array_equal(found[0][0].right, lanes.options["read"] == 0)
    everything = all_structures(bench.subject, Experiment("t", "hand", ()), 4, 1)
    assert sorted(zip(everything.options["read"], everything.draws, strict=True)) == [
        (o, d) for o in (0, 1) for d in range(4)
    ]
    only = sampled(bench.subject, bench.draws, 1, {"read": ["one"]})
    assert set(only.options["read"]) == {1}


def test_a_switch_takes_a_wire_out(bench: Bench) -> None:
    wire = bench.subject.elements[0]
    lanes = without(lanes_of(bench), [wire.index])
    assert sees(bench, Condition("level", Pair(LOSS_A), "0"), lanes) == 1
    turned = lanes_of(bench).with_switches({wire.index: -1.0})
    assert sees(bench, Condition("level", Pair(LOSS_A), "+"), turned) == 1
