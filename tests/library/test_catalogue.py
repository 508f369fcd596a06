"""What the library says of itself, and that its numbers say where they come from."""

from __future__ import annotations

from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.language.schema import each_of
from vesiflux.library import catalogue


def test_catalogue_lists_secretion():
    entry = next(m for m in catalogue() if m["name"] == "secretion")
    assert (entry["space"], entry["review"]) == ("dish", "secretion")
    assert entry["title"]
    assert entry["claims"] > 40
    assert entry["seconds"] > 0


def test_every_number_of_the_machinery_has_a_source_and_a_mark():
    for name, parameter in load("secretion").modules["mvb"].parameters.items():
        assert all((parameter.source, parameter.mark, parameter.unit, parameter.title)), name


def test_every_stimulus_rests_on_a_claim_and_every_factor_on_a_source():
    spec = load("secretion").spec
    for name, intervention in spec.interventions.items():
        assert intervention.claims or name == "lactacystin", name
        assert all(e.factor.source for e in intervention.effects), name


def test_diagram_names_reactions_and_readouts_of_the_module():
    module = load("secretion").modules["mvb"]
    for edge in module.diagram["edges"]:
        assert {edge["from"], edge["to"]} <= set(module.diagram["nodes"]), edge
        assert edge.get("reaction", "fusion") in module.reactions, edge
        assert edge.get("readout", "exosome_rate") in module.readouts, edge
        assert edge.get("step", "fusion") in module.steps, edge
    for node in module.diagram["nodes"].values():
        assert set(node.get("species", [])) <= set(module.species), node


def test_symbols_of_nodes_are_names_of_the_evidence():
    evidence = Evidence.load()
    rows = evidence.sql('select "from", "to" from edges')
    known = {name for row in rows for name in row} | {c.agent for c in evidence.claims.values()}
    nodes = load("secretion").modules["mvb"].nodes
    assert {n: s for n, node in nodes.items() for s in each_of(node.symbol) if s not in known} == {}
    # not named by the reviews: assumptions about the plasma membrane; oxygen, which they name by its lack
    assert {n for n, node in nodes.items() if not each_of(node.symbol)} == {
        "OXYGEN", "SMPD1", "TMEM16F", "ROCK", "P2X7",
    }  # fmt: skip


def test_what_is_called_predicted_was_not_used_to_build_the_model():
    """No claim of a prediction is one that an arm with chosen or wired factors rests on."""
    spec = load("secretion").spec
    used: set[str] = set()
    predicted: dict[str, set[str]] = {}
    for name, arm in spec.arms.items():
        claims = {claim for r in arm.reported for claim in r.claim.split(";") if claim}
        if arm.mark == "predicted":
            predicted[name] = claims
        else:
            used |= claims
    assert len(predicted) >= 3
    for name, claims in predicted.items():
        assert not claims & used, name


def test_what_is_called_calibrated_has_a_number_to_meet():
    spec = load("secretion").spec
    for name, arm in spec.arms.items():
        if arm.mark == "calibrated" and name != "gw4869":  # meets the row Emax_GW of the parameters
            assert any(r.low is not None or r.sign == "0" for r in arm.reported), name


def test_the_experiment_that_tells_the_wirings_apart_is_run_in_all_of_them():
    """Its note says that under a balance of membrane area RAB4 loss abolishes microvesicles."""
    wire = load("secretion").modules["mvb"].structures["gw4869_wire"]
    assert "RAB4 loss" in wire.options["membrane_area"].note
    assert "rab4_loss" in wire.concerns


def test_claims_of_sentences_count():
    """Whole models rest on the claims behind their responses."""
    claims = {entry["name"]: entry["claims"] for entry in catalogue()}
    for name, least in (("nk", 55), ("msc", 60), ("cx3cr1", 90), ("tme-whole", 90), ("sepsis", 60)):
        assert claims[name] >= least, (name, claims[name])
