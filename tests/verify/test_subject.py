"""The secretion model as verification sees it: handles, readouts, switches, paths, what claims put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vesiflux
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.verify.basis import Removal, put_in, removal_for
from vesiflux.verify.bench import Bench, Lanes, Reading
from vesiflux.verify.checks import read_checks
from vesiflux.verify.claims import read_machinery
from vesiflux.verify.limbs import Condition, Experiment, Limb, Pair
from vesiflux.verify.paths import Paths
from vesiflux.verify.rule import experiment_of
from vesiflux.verify.subject import Subject
from vesiflux.verify.switches import subject_of

EVIDENCE = Evidence.load()


@pytest.fixture(scope="module")
def secretion() -> Subject:
    return subject_of(load("secretion"), EVIDENCE)


@pytest.fixture(scope="module")
def paths(secretion: Subject) -> Paths:
    return Paths(secretion.model)


def test_everything_has_a_switch(secretion: Subject) -> None:
    module = secretion.model.modules["mvb"]
    wires = {e.name for e in secretion.elements if e.kind == "wire"}
    assert wires == set(module.wires)
    stimuli = [e for e in secretion.elements if e.kind == "stimulus"]
    assert len(stimuli) >= sum(len(i.effects) or 1 for i in secretion.model.spec.interventions.values())
    assert set(module.nodes) <= set(secretion.handles)
    names = [p.name for p in secretion.compiled.parameters]
    assert all(names[e.index].startswith(("wire.", "sign.")) for e in secretion.elements)
    assert all(
        names[i].startswith(f"structure.{g.name}.")
        for g in secretion.groups.values()
        for i in g.options.values()
    )
    indices = [h.index for h in secretion.handles.values()] + [e.index for e in secretion.elements]
    assert len(indices) == len(set(indices))


def test_names_of_the_evidence(secretion: Subject) -> None:
    assert [h.name for h in secretion.handles_by_symbol["WWC1"]] == ["KIBRA"]
    shown = [r.name for r in secretion.readables_by_symbol["exosome_secretion"]]
    assert shown[0] == "exosome_rate"
    assert "exosomes_per_cell_per_hour" in shown


def test_parameters_and_outputs_go_by_their_names_too(secretion: Subject) -> None:
    assert secretion.handle("fusing_share").name == "fusing_share"
    assert secretion.readable("vesicles.exosome.diameter.median").unit == "nm"
    assert not secretion.readable("medium.exosome").at_rest
    with pytest.raises(InputError, match="did you mean RAB27B, RAB27A"):
        secretion.handle("RAB27")
    with pytest.raises(InputError, match="no arm 'gw486'; did you mean gw4869"):
        secretion.arms_of("gw486")


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        ("RAB27A", "exosome_rate", True),
        ("KIBRA", "rab27a_protein", True),
        ("KIBRA", "rab27a_messenger", False),
        ("RAB27A", "early_endosomes", False),
        ("SNARE", "pe_exposure", False),
        ("LYSOSOME", "rab27a_protein", False),
        ("TAT5", "microvesicle_rate_now", True),
    ],
)
def test_paths(paths: Paths, start: str, end: str, there: bool) -> None:
    assert paths.between([start], end) is there


def test_a_path_may_need_a_step(paths: Paths) -> None:
    assert not paths.between(["RAB27A"], "exosome_rate", without=["docking"])
    assert paths.between(["SNARE"], "exosome_rate", without=["docking"])
    assert paths.between(["RAB27A"], "rab27a_protein", without=["docking"])
    # what reads the flux of a step goes with it; what it only shares a rate constant with stays
    assert not paths.between(["FUSION"], "exosome_rate", without=["fusion"])
    assert paths.between(["FUSION"], "fusing_share_now", without=["fusion"])


def test_removal_is_of_what_rests_on_one_publication(secretion: Subject) -> None:
    names = [e.name for e in removal_for(EVIDENCE.claims["secretion-130"], secretion, EVIDENCE).elements]
    assert names == ["isg15_lysosome"]  # isg15.ISG15 acts on the claim's own agent
    # the docking of RAB27A rests on two papers, and neither claim takes it out
    for claim in ("secretion-134", "secretion-143"):
        removal = removal_for(EVIDENCE.claims[claim], secretion, EVIDENCE)
        assert "rab27a_docking" not in [e.name for e in removal.elements]


def test_what_is_put_in_by_hand(secretion: Subject, paths: Paths) -> None:
    def why(*conditions: Condition, flows: tuple[str, ...] = ()) -> str:
        removal = Removal((), {}, flows)
        return put_in(Experiment("c", "hand", conditions), secretion, paths, removal)

    kibra = Pair(Limb(factors=(("KIBRA", 0.1),)))
    assert "parameters" in why(Condition("fusing_share_now", Pair(Limb()), below=0.5))
    assert "nothing leads" in why(Condition("rab27a_messenger", kibra, "0"))
    assert why(Condition("rab27a_protein", kibra, "-")) == ""
    assert "rest on it alone: rab27a_lost" in why(
        Condition("rab27a_protein", kibra, "-"), flows=("rab27a_lost",)
    )
    assert "was made to show" in put_in(
        Experiment("secretion-100", "hand", (Condition("prp_per_exosome", kibra, "-"),)),
        secretion, paths, Removal((), {}),
    )  # fmt: skip
    # an arm's mean rate is followed as the readout that shows the same
    arm = Condition("exosomes_per_cell_per_hour", Pair(Limb("rab27a_loss")), "-")
    assert why(arm) == ""
    assert "docking" in why(arm, flows=("docking",))


def test_signs_asked_of_arms_are_those_of_the_claims(secretion: Subject) -> None:
    """A report's sign is the claim's direction, turned where the arm takes the claim's agent away."""
    asked, wrong = 0, []
    folder = secretion.model.origin.parent  # type: ignore[union-attr]
    by_hand = read_checks(folder / "checks.yaml", secretion, set(EVIDENCE.claims))
    machinery = read_machinery(secretion.model, dict(EVIDENCE.claims))
    assert machinery is not None
    for claim in (EVIDENCE.claims[c] for c in sorted(machinery.claims - set(by_hand))):
        if claim.direction not in ("+", "-"):
            continue
        experiment = experiment_of(claim, secretion, EVIDENCE)
        if not isinstance(experiment, Experiment) or not experiment.arms:
            continue
        readout = EVIDENCE.readout(claim.outcome)
        turned = readout is not None and readout.sign == "-"
        for condition in experiment.conditions:
            arm = secretion.compiled.arms[condition.pair.limb.arm]
            lost = [
                e.factor.typical < 1
                for name in arm.interventions
                for e in secretion.model.spec.interventions[name].effects
                if (node := secretion.handles.get(e.target))
                and EVIDENCE.canonical(claim.agent) in node.symbols
            ]
            sign = (claim.direction == "+") ^ turned ^ (bool(lost) and all(lost))
            asked += 1
            if condition.expect != ("+" if sign else "-"):
                wrong.append((claim.id, str(condition)))
    assert not wrong
    assert asked > 30


@pytest.mark.parametrize("arm", ["gw4869", "hypoxia", "rab27a_loss"])
def test_the_bench_gives_what_a_run_gives(secretion: Subject, arm: str, tmp_path: Path) -> None:
    draws, rate = 6, "exosomes_per_cell_per_hour"
    run = vesiflux.run("secretion", arms=[arm], draws=draws, seed=1, threads=1, store=tmp_path)
    bench = Bench(secretion, draws, 1)
    default = {
        name: np.full(draws, list(group.options).index(group.default))
        for name, group in secretion.groups.items()
    }
    lanes = Lanes(np.arange(draws), default)
    limbs = Limb(arm), bench.reference(Limb(arm))
    read = secretion.readable(rate)
    treated, untreated = (Reading(x, read, bench.hours(x, read, None), lanes) for x in limbs)
    values = bench.read([treated, untreated])
    assert values[treated] == pytest.approx(run.rate(rate, arm), rel=1e-4)
    assert values[treated] / values[untreated] == pytest.approx(run.fold(rate, arm), rel=1e-4)
