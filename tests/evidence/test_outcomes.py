"""What is read for the outcomes of claims, and whether the arrows of a claim say what the claim says."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.readouts import chain_signs
from vesiflux.evidence.rows import Edge, Readout

SIGNS = {"+": 1, "-": -1, "marker_up": 1, "marker_down": -1}
COLUMNS = ["claim_id", "node", "attribute", "sign", "mark", "note"]

#: Claims with a direction and arrows that lead elsewhere; `claim-outcomes.tsv` says why.
UNJOINED = {
    "cx3cr1-021", "cx3cr1-022", "cx3cr1-093", "cx3cr1-104", "msc-107", "sepsis-058", "tme-017", "tme-082",
    "tme-134", "tme-165",
}  # fmt: skip
#: CAF vesicles raise Snail because they hold little miR-34a-5p; the arrows tell of vesicles that carry it.
AGAINST = {"tme-127"}


@pytest.fixture(scope="module")
def ev() -> Evidence:
    return Evidence.load()


@pytest.fixture(scope="module")
def chains(ev: Evidence) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for edge in ev.edges:
        found.setdefault(edge.claim_id, set()).update((edge.start, edge.end))
    return found


def test_raising_the_agent_along_the_arrows_gives_the_direction(
    ev: Evidence, chains: dict[str, set[str]]
) -> None:
    against, unjoined, agreeing = set(), set(), 0
    for claim in ev.claims.values():
        if claim.direction not in SIGNS or claim.id not in chains:
            continue
        found = ev.chain_signs(claim.id)
        agreeing += found == {SIGNS[claim.direction]}
        if isinstance(ev.chain_readout(claim.id), str):
            unjoined.add(claim.id)
        elif found != {SIGNS[claim.direction]}:
            against.add(claim.id)
    assert against == AGAINST
    assert unjoined == UNJOINED
    assert agreeing == 700
    assert agreeing + len(against) + len(unjoined) == 711


def test_two_sided_claims_whose_arrows_have_both_sides(ev: Evidence, chains: dict[str, set[str]]) -> None:
    """From the agent, or from what stands against it; of the others one side is told in words only."""
    both, told = set(), 0
    for claim in ev.claims.values():
        found = ev.chain_readout(claim.id)
        if claim.direction != "biphasic" or claim.id not in chains or isinstance(found, str):
            continue
        chain = [e for e in ev.edges if e.claim_id == claim.id]
        told += 1
        ways = {s for e in chain if e.start != found.node for s in chain_signs(chain, e.start, found)}
        both |= {claim.id} if ways == {1, -1} else set()
    assert both == {
        "msc-001", "msc-002", "msc-060", "msc-084", "msc-096", "secretion-009", "sepsis-009", "tme-004",
        "tme-109",
    }  # fmt: skip
    assert told == 22


def test_every_outcome_can_be_read_or_says_why_not(ev: Evidence, chains: dict[str, set[str]]) -> None:
    """A claim with arrows in these, any other in the evidence or in the secretion machinery."""
    names = {name for nodes in chains.values() for name in nodes} | _symbols()
    for claim in ev.claims.values():
        found = ev.chain_readout(claim.id)
        if claim.id in chains:
            assert "do not show" not in str(found), claim.id
            if isinstance(found, Readout):
                assert found.node in chains[claim.id], claim.id
        elif claim.outcome not in names:
            row = ev.readout(claim.outcome)
            assert row is not None, (claim.id, claim.outcome)
            assert row.attribute == "none" or row.node in names, (claim.id, claim.outcome)


def _symbols() -> set[str]:
    """Names that the secretion machinery answers to: ``symbol: X`` or ``symbol: [X, Y]`` in its file."""
    text = resources.files("vesiflux.library").joinpath("_modules", "mvb.yaml").read_text("utf-8")
    found = re.findall(r"symbol: (?:\[([^]]*)\]|([^\s,}]+))", text)
    return {name.strip() for several, one in found for name in (several or one).split(",")}


def test_rows_without_a_node_say_why(ev: Evidence) -> None:
    for row in ev.readouts.values():
        assert (row.attribute == "none") == (not row.node) == (not row.sign), row.outcome
        assert row.note or row.attribute != "none", row.outcome


def test_the_row_of_a_claim_comes_before_that_of_its_outcome(ev: Evidence) -> None:
    general, prion = ev.readout("cargo_loading"), ev.chain_readout("secretion-100")
    assert general is not None
    assert isinstance(prion, Readout)
    assert (general.node, prion.node) == ("cargo_loading", "exosomal_PrP")
    budding = ev.chain_readout("secretion-078")
    assert isinstance(budding, Readout)
    assert budding.node == "pm_budding"
    assert ev.chain_readout("secretion-064") == ev.readout("ev_budding")
    assert ev.chain_readout("secretion-129") == "has no arrows"


def arrow(start: str, sign: str, end: str, relation: str = "activates") -> Edge:
    return Edge("x-1", 1, start, sign, end, "protein", "protein", "", relation)


def test_signs_of_all_ways() -> None:
    chain = [arrow("a", "+", "b"), arrow("b", "-", "c"), arrow("a", "+", "c"), arrow("c", "+", "a")]
    read = Readout("c", "c", "level", "+", "assumed", "")
    assert chain_signs(chain, "a", read) == {1, -1}
    assert chain_signs(chain[:2], "a", read) == {-1}
    assert chain_signs(chain[:2], "a", Readout("c", "c", "level", "-", "assumed", "")) == {1}
    assert chain_signs(chain[:1], "a", read) == frozenset()


def test_what_a_cell_takes_up_makes_no_more_cells() -> None:
    chain = [arrow("vesicle", "+", "cell", "taken_up_by"), arrow("vesicle", "-", "cell", "kills")]
    assert chain_signs(chain, "vesicle", Readout("x", "cell", "count", "+", "assumed", "")) == {-1}
    assert chain_signs(chain, "vesicle", Readout("x", "cell", "rate", "+", "assumed", "")) == {1, -1}


def test_judged_arrows(ev: Evidence) -> None:
    corrected = [e for e in ev.edges if e.status == "corrected"]
    assert [(e.claim_id, e.start, e.printed_sign, e.sign) for e in corrected] == [
        ("tme-127", "miR-34a-5p", "+", "-")
    ]
    doubtful = {e.claim_id for e in ev.edges if e.status == "doubtful"}
    assert all(e.reason for e in ev.edges if e.status != "accepted")
    titles = {c.id for c in ev.claims.values() if "Title level" in c.effect}
    judged = {e.claim_id for e in ev.edges} & titles
    assert judged <= doubtful, judged - doubtful
    joint = {e.claim_id for e in ev.edges if e.logic == "and"}
    assert joint == {f"secretion-{n}" for n in ("051", "052", "059", "170")} | {
        f"tme-{n}" for n in ("047", "103", "146")
    }


def test_every_arrow_without_a_cell_is_placed_or_says_why_not(ev: Evidence) -> None:
    cells = ev._tables.edge_cells
    blank = [e for e in ev.edges if not e.printed_cell]
    assert len(blank) == len(cells) == 501
    for edge in blank:
        how, _, why = cells[edge.key].how.partition(": ")
        assert how in ("recipient", "source", "reading", "unplaced"), edge.key
        assert (how == "unplaced") == (not edge.cell) == bool(why), edge.key
    assert set(ev.unplaced) == {e for e in blank if not e.cell}


def test_worm_genes_have_their_orthologs(ev: Evidence) -> None:
    worm = {
        name
        for edge in ev.edges
        if edge.cell == "worm_embryo_cell"
        for name, kind in ((edge.start, edge.from_kind), (edge.end, edge.to_kind))
        if kind == "protein"
    }
    moved = {row.name_from: row for row in ev.transfers}
    assert worm <= set(moved)
    assert all(row.mark == "assumed" and row.source in ("read", "recalled") for row in ev.transfers)


@pytest.mark.parametrize("ortholog", ["ATP9A", "ATP9B"])
def test_a_name_with_two_orthologs_goes_by_both(ev: Evidence, ortholog: str) -> None:
    paths = ev.paths(ortholog, "pm_budding", cell="any_cell")
    assert paths
    assert {path.sign for path in paths} == {-1}
    assert all(arrow.bridge == "transfer" for path in paths for arrow in path.arrows)
    with pytest.raises(InputError, match="no arrow"):
        ev.paths(ortholog, "pm_budding", joins=False)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["secretion-9", "x", "level", "+", "assumed", ""], "claim_id: no claim has the id 'secretion-9'"),
        (["secretion-078", "", "level", "+", "assumed", ""], "node: is empty"),
        (["secretion-078", "x", "level", "up", "assumed", ""], "sign: 'up' is not known"),
        (["secretion-078", "", "none", "", "assumed", ""], "note: is empty"),
        (
            ["secretion-078", "budding", "rate", "+", "assumed", ""],
            "no edge of 'secretion-078' has 'budding'",
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, row: list[str], words: str) -> None:
    text = "\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n"
    (tmp_path / "claim-outcomes.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        Evidence.load(tmp_path)
    assert "claim-outcomes.tsv:2:" in str(error.value)
    assert words in str(error.value)
