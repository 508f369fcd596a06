"""Opposite statements: in one cell and context, of general and special, elsewhere; never averaged."""

from __future__ import annotations

import pytest

from vesiflux.evidence import Evidence
from vesiflux.evidence.conflicts import find_conflicts
from vesiflux.evidence.rows import Claim, Edge, NameRow, Transfer
from vesiflux.evidence.vocabulary import Names


@pytest.fixture(scope="module")
def ev() -> Evidence:
    return Evidence.load()


def a_claim(number: int, direction: str, **other: str) -> Claim:
    cells = {f.name: "" for f in Claim.__dataclass_fields__.values() if f.default != 0}
    cells |= {
        "id": f"x-{number}",
        "agent": "a",
        "outcome": "o",
        "source": "s",
        "direction": direction,
    } | other
    return Claim(**cells)


def an_edge(claim: str, start: str, sign: str, end: str, **other: str) -> Edge:
    kinds = {"from_kind": "protein", "to_kind": "phenotype", "cell": "", "relation": "induces"} | other
    return Edge(claim, 1, start, sign, end, **kinds)


def by_id(*claims: Claim) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims}


def brief(claims: dict[str, Claim], *edges: Edge, **more: object) -> list[tuple[str, str, str]]:
    found = find_conflicts(claims, edges, **more)  # type: ignore[arg-type]
    return [(c.kind, " ".join(c.raises), " ".join(c.lowers)) for c in found]


def names(*rows: tuple[str, str, str], **contexts: str) -> Names:
    return Names({(n, k): NameRow(n, k, (), parent, "", "") for n, k, parent in rows}, contexts)


def test_of_the_tables(ev: Evidence) -> None:
    conflicts = ev.conflicts()
    (claims,) = (c for c in conflicts if c.kind == "claims")
    assert (claims.agent, claims.outcome, claims.lowers) == (
        "msc_exosome",
        "tumour_angiogenesis",
        ("msc-080",),
    )
    assert ("msc-075", "msc-080") in claims.pairs
    both = next(c for c in conflicts if c.kind == "edges" and c.outcome == "tumour_growth")
    assert {"msc-001", "msc-002"} <= set(both.raises) & set(both.lowers)
    assert any("msc-086" in c.lowers for c in conflicts if c.kind == "edges")
    exceptions = {(c.agent, c.outcome): (c.raises, c.lowers) for c in conflicts if c.kind == "exceptions"}
    assert exceptions["msc_exosome", "chemoresistance"] == (("msc-048",), ("msc-085",))
    assert ev.stats()["conflicts"] == len(conflicts) > 7


def test_what_merging_alone_would_make_is_none(ev: Evidence) -> None:
    """A vesicle taken up by a tumour cell that it then kills contradicts nothing."""
    assert {e.sign for e in ev.show("nk-054").chain if e.end == "tumour_cell"} == {"+", "-"}
    assert not ev.show("nk-054").conflicts
    assert not ev.show("tme-149").conflicts


def test_same_cell_and_context() -> None:
    claims = by_id(
        a_claim(1, "+"), a_claim(2, "-"), a_claim(5, "0"), a_claim(6, "marker_up"),
        a_claim(7, "marker_down"), a_claim(8, "-", agent=""),
    )  # fmt: skip
    assert brief(claims) == [("claims", "x-1", "x-2"), ("markers", "x-6", "x-7")]


def test_shared_cells_and_contexts_are_enough() -> None:
    claims = by_id(
        a_claim(1, "+", recipient="c;d", context="p;q"), a_claim(2, "-", recipient="d;e", context="q")
    )
    (found,) = find_conflicts(claims, [])
    assert (found.kind, found.cell, found.context) == ("claims", "d", "q")


def test_other_cells_and_contexts_are_listed_apart() -> None:
    claims = by_id(a_claim(1, "+", context="p"), a_claim(2, "-", context="p", recipient="other"))
    assert brief(claims) == [("elsewhere", "x-1", "x-2")]
    claims = by_id(a_claim(1, "+", context="p"), a_claim(2, "-", context="q"))
    assert brief(claims) == [("elsewhere", "x-1", "x-2")]
    claims |= by_id(a_claim(3, "+", context="r"))  # with an arrow of its own the other way
    both = [an_edge("x-3", "a", sign, "o") for sign in "+-"]
    assert ("elsewhere", "x-1", "x-2") in brief(claims, *both)


def test_exceptions_to_a_general_statement() -> None:
    general = a_claim(1, "+", agent="e", context="cancer")
    special = a_claim(2, "-", agent="m_e", context="glioma", recipient="t")
    related = names(("e", "vesicle", "v"), ("v", "vesicle", ""), ("m_e", "vesicle", "e"),
                    ("s", "cell", ""), ("t", "cell", "s"), glioma="cancer")  # fmt: skip
    assert brief(by_id(general, special), names=related) == [("exceptions", "x-1", "x-2")]
    assert brief(by_id(general, special)) == []
    gene = names(("e", "protein", ""), ("m_e", "protein", "e"), ("s", "cell", ""), ("t", "cell", "s"))
    assert brief(by_id(general, special), names=gene) == []  # a parent of a protein is no class of it
    sound = names(("e", "stimulus", ""), ("m_e", "stimulus", "e"), ("s", "cell", ""), ("t", "cell", "s"),
                  glioma="cancer")  # fmt: skip
    assert brief(by_id(general, special), names=sound) == [("exceptions", "x-1", "x-2")]


def test_a_vesicle_without_a_source_in_its_name() -> None:
    one, other = (
        a_claim(i, d, agent="v", source=s, recipient="r") for i, d, s in ((1, "+", "s"), (2, "-", "t"))
    )
    generic = names(("v", "vesicle", ""), ("s", "cell", ""), ("t", "cell", ""))
    assert brief(by_id(one, other), names=generic) == []
    same = names(("v", "vesicle", ""), ("u", "cell", ""), ("s", "cell", "u"), ("t", "cell", "s"))
    assert brief(by_id(one, other), names=same) == [("claims", "x-1", "x-2")]


def test_edges_in_one_cell() -> None:
    claims = by_id(a_claim(1, ""), a_claim(2, ""), a_claim(3, "", recipient="other"))
    up, down = an_edge("x-1", "a", "+", "b", cell="s"), an_edge("x-2", "a", "-", "b")
    assert brief(claims, up, down) == [("edges", "x-1", "x-2")]
    assert brief(claims, up, an_edge("x-3", "a", "-", "b")) == [("elsewhere", "x-1", "x-3")]


def test_arrivals_and_doubtful_arrows_oppose_nothing() -> None:
    claims = by_id(a_claim(1, ""), a_claim(2, ""))
    down = an_edge("x-2", "a", "-", "b")
    assert brief(claims, an_edge("x-1", "a", "+", "b", relation="taken_up_by"), down) == []
    assert brief(claims, an_edge("x-1", "a", "+", "b", status="doubtful"), down) == []


def test_a_claim_against_its_own_arrow_is_a_slip_not_a_conflict() -> None:
    assert brief(by_id(a_claim(1, "+")), an_edge("x-1", "a", "-", "o")) == []


def test_transfers_bring_cells_together() -> None:
    claims = by_id(a_claim(1, "+", source="worm"), a_claim(2, "-", agent="A", source="human"))
    row = Transfer("worm", "human", "a", "A", "assumed", "", "")
    assert brief(claims) == []
    assert brief(claims, transfers=[row]) == [("claims", "x-1", "x-2")]


def test_every_conflict_is_told_in_both_its_claims(ev: Evidence) -> None:
    for conflict in ev.conflicts():
        assert conflict.raises
        assert conflict.lowers
        for claim in (*conflict.raises, *conflict.lowers):
            assert conflict in ev.show(claim).conflicts
