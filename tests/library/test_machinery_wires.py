"""Every regulatory influence of the machinery is a wire: 1 at rest, of its sign, resting on something."""

from __future__ import annotations

import pytest

from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.language.checks.rest import factors_at_rest
from vesiflux.language.expressions import names, parse_expression
from vesiflux.language.schema import Module, Wire, each_of

MODULE: Module = load("secretion").modules["mvb"]


def raised(module: Module, name: str) -> Module:
    """The module with one node, or one species at rest, a fifth higher."""
    if name in module.nodes:
        node = module.nodes[name].model_copy(update={"value": 1.2})
        return module.model_copy(update={"nodes": {**module.nodes, name: node}})
    species = module.species[name]
    more = species.model_copy(update={"initial": f"1.2 * ({species.initial})"})
    return module.model_copy(update={"species": {**module.species, name: more}})


def test_wires_are_1_in_the_untreated_cell():
    assert factors_at_rest(MODULE) == pytest.approx(dict.fromkeys(MODULE.wires, 1.0), abs=1e-9)


@pytest.mark.parametrize(("name", "wire"), MODULE.wires.items(), ids=list(MODULE.wires))
def test_a_wire_has_its_sign_and_a_basis(name: str, wire: Wire):
    for start in each_of(wire.source_names):
        change = factors_at_rest(raised(MODULE, start))[name] - 1
        assert change > 1e-4 if wire.sign == "+" else change < -1e-4, start
    assert wire.claims or wire.source


def test_wires_rest_on_claims_of_the_evidence_and_say_when_they_rest_on_none():
    claims = Evidence.load().claims
    assert {c for w in MODULE.wires.values() for c in w.claims} <= set(claims)
    without = {n for n, w in MODULE.wires.items() if not w.claims}
    assert without == {
        "rab11_recycling", "vps4_strips", "rab27b_docking", "glucose_glycolysis", "oxygen_oxphos",
        "calcium_scrambles", "tmem16f_budding", "tmem16f_pe", "rock_budding", "p2x7_calcium", "smpd1_budding",
    }  # fmt: skip


def test_only_what_was_chosen_for_a_reported_fold_is_marked_calibrated():
    assert {n for n, w in MODULE.wires.items() if w.mark == "calibrated"} == {"ndrg1_lysosome"}
    assert {n for n, p in MODULE.parameters.items() if p.mark == "calibrated"} == {
        "a2b_gain",
        "ceramide_share",
        "ndrg1_floor",
    }


def test_every_node_acts():
    """A node is read by a wire, or stands for a whole step and is read by its rate."""
    texts = [*MODULE.expressions.values(), *(w.factor for w in MODULE.wires.values())]
    texts += [str(r.rate) for r in MODULE.reactions.values()]
    assert set(MODULE.nodes) - {name for text in texts for name in names(parse_expression(text))} == set()


def test_symbols_of_what_is_shown_are_names_of_the_evidence():
    evidence = Evidence.load()
    rows = evidence.sql('select "from", "to" from edges')
    ours = {"small_ectosome", "attached_buds", "assembled_ESCRT-III", "receptor_level", "ceramide_golgi_er"}
    known = {name for row in rows for name in row}
    known |= {c.outcome for c in evidence.claims.values()} | ours
    for section in (MODULE.species, MODULE.readouts):
        found = {evidence.canonical(s) for part in section.values() for s in each_of(part.symbol)}
        assert found - known == set()
