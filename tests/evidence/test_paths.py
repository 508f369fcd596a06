"""Claims put end to end: signs, votes, and above all what must never be joined."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.graph import Arrow
from vesiflux.evidence.paths import Path as SignedPath
from vesiflux.evidence.places import Node
from vesiflux.evidence.readers import READERS

CLAIM = "id section ref cited doi kind source vesicle cargo cargo_kind recipient context system effect agent outcome direction checkable note".split()  # noqa: E501, SIM905
EDGE = "claim_id step from sign to from_kind to_kind cell relation".split()  # noqa: SIM905


def lab(folder: Path, claims: list[dict[str, str]], edges: list[str]) -> Evidence:
    """Own tables: an edge is ``claim step from sign to from_kind to_kind cell relation``, - for empty."""
    base = {"kind": "response", "effect": "x", "agent": "zz_a", "outcome": "zz_b", "direction": "+"}
    rows = ["\t".join((base | claim).get(column, "") for column in CLAIM) for claim in claims]
    (folder / "zz.claims.tsv").write_text("\n".join(["\t".join(CLAIM), *rows]) + "\n")
    lines = ["\t".join("" if cell == "." else cell for cell in edge.split()) for edge in edges]
    (folder / "zz.edges.tsv").write_text("\n".join(["\t".join(EDGE), *lines]) + "\n")
    return Evidence.load(folder)


@pytest.fixture
def tumour(tmp_path: Path) -> Evidence:
    """A vesicle's microRNA in two cells; what it does in one must not be continued in the other."""
    return lab(
        tmp_path,
        [
            {"id": "zz-001", "ref": "1", "source": "zz_tumour", "recipient": "zz_fibroblast"},
            {"id": "zz-002", "ref": "2;3", "source": "zz_tumour", "recipient": "zz_neuron"},
            {"id": "zz-003", "ref": "2", "source": "zz_fibroblast"},
            {"id": "zz-004", "ref": "4", "source": "zz_fibroblast"},
            {"id": "zz-005", "ref": "5", "source": "zz_neuron"},
        ],
        [
            "zz-001 1 zz_tumour + zz_tumour_exosome cell vesicle zz_tumour secretes",
            "zz-001 2 zz_tumour_exosome + miR-zz vesicle cargo zz_tumour carries",
            "zz-001 3 zz_tumour_exosome + zz_fibroblast vesicle cell zz_fibroblast taken_up_by",
            "zz-001 4 miR-zz - ZZ1 cargo protein zz_fibroblast represses",
            "zz-002 1 zz_tumour_exosome + miR-zz vesicle cargo zz_tumour carries",
            "zz-002 2 miR-zz - ZZ1 cargo protein zz_neuron represses",
            "zz-003 1 ZZ1 + ZZ2 protein protein zz_fibroblast activates",
            "zz-004 1 ZZ1 - ZZ2 protein protein zz_fibroblast inhibits",
            "zz-005 1 ZZ2 + zz_growth protein phenotype zz_neuron activates",
        ],
    )


def ends(paths: list[SignedPath]) -> list[str]:
    return [str(path) for path in paths]


def test_signs_votes_cells_and_carriers(tumour: Evidence) -> None:
    up, down = tumour.paths("zz_tumour", "ZZ2")
    assert {up.sign, down.sign} == {1, -1}
    kept = up if up.arrows[-1].sign < 0 else down
    assert str(kept) == (
        "zz_tumour -> zz_tumour_exosome -> miR-zz [in zz_tumour_exosome] -| ZZ1 [zz_fibroblast] "
        "-| ZZ2 [zz_fibroblast]"
    )
    assert kept.sign == 1
    assert [arrow.votes for arrow in kept.arrows] == [1, 3, 1, 1]
    assert (kept.weakest, kept.votes) == (0, 1)
    assert kept.contested == (3,)
    assert kept.cells == ("zz_fibroblast",)
    assert kept.crossings == ((2, "vesicle"),)
    assert kept.claims == ("zz-001", "zz-002", "zz-004")
    assert kept.publications == {("zz", r) for r in "1234"}


def test_one_cell_does_not_continue_what_another_began(tumour: Evidence) -> None:
    assert tumour.paths("zz_tumour", "zz_growth", longest=10) == []
    assert len(tumour.paths("zz_tumour", "ZZ1")) == 2
    (only,) = tumour.paths("zz_tumour", "ZZ1", cell="zz_neuron")
    assert only.cells == ("zz_neuron",)
    (same,) = tumour.paths("zz_tumour", "ZZ1@zz_neuron")
    assert same == only


def test_being_taken_up_makes_a_cell_do_only_what_the_claim_says(tumour: Evidence) -> None:
    (taken,) = tumour.paths("zz_tumour", "zz_fibroblast")
    assert taken.nodes[-1] == Node("zz_fibroblast", taken_up="zz_tumour_exosome")
    assert not tumour.network(review="zz").net.out_degree(taken.nodes[-1])


def test_joins_are_marked_and_can_be_left_out(tmp_path: Path) -> None:
    ev = lab(
        tmp_path,
        [
            {"id": "zz-001", "source": "zz_maker"},
            {"id": "zz-002", "source": "zz_maker", "recipient": "zz_taker"},
            {"id": "zz-003", "source": "zz_taker"},
            {"id": "zz-004", "source": "zz_taker"},
            {"id": "zz-005", "source": "zz_other"},
        ],
        [
            "zz-001 1 zz_stress + ZZ1 stimulus protein zz_maker induces",
            "zz-002 1 zz_maker_exosome + ZZ1 vesicle protein zz_maker carries",
            "zz-002 2 zz_maker_exosome + zz_taker vesicle cell zz_taker taken_up_by",
            "zz-003 1 ZZ1 + zz_alarm protein process zz_taker activates",
            "zz-004 1 zz_taker + ZZ9 cell protein zz_taker secretes_cytokine",
            "zz-005 1 ZZ9 - zz_calm protein process zz_other inhibits",
        ],
    )
    (path,) = ev.paths("zz_stress", "zz_alarm")
    assert [arrow.bridge for arrow in path.arrows] == ["", "loaded", "delivered", ""]
    assert path.cells == ("zz_maker", "zz_taker")
    assert path.crossings == ((2, "vesicle"),)
    assert path.assumed == 0
    (path,) = ev.paths("zz_taker", "zz_calm")
    assert [(arrow.bridge, arrow.votes) for arrow in path.arrows] == [("", 1), ("factor", 0), ("", 1)]
    assert (path.assumed, path.votes, path.sign) == (1, 1, -1)
    assert ev.paths("zz_stress", "zz_alarm", joins=False) == []
    assert ev.paths("zz_taker", "zz_calm", joins=False) == []


def test_a_transfer_takes_an_arrow_to_another_cell_and_says_so(tmp_path: Path) -> None:
    columns = READERS["transfers.tsv"][0]
    row = {"from_context": "zz_worm", "to_context": "zz_man", "name_from": "TAT-z", "name_to": "ATPz"}
    cells = [(row | {"mark": "assumed"}).get(column, "") for column in columns]
    (tmp_path / "transfers.tsv").write_text("\t".join(columns) + "\n" + "\t".join(cells) + "\n")
    ev = lab(
        tmp_path,
        [{"id": "zz-001", "source": "zz_worm"}, {"id": "zz-002", "source": "zz_man"}],
        [
            "zz-001 1 TAT-z - zz_budding protein process zz_worm inhibits",
            "zz-002 1 zz_drug - ATPz drug protein zz_man inhibits",
        ],
    )
    (path,) = ev.paths("zz_drug", "zz_budding")
    assert str(path) == "zz_drug -| ATPz [zz_man] -| zz_budding [zz_man]"
    assert path.sign == 1
    assert path.arrows[1].bridge == "transfer"
    assert path.arrows[1].note == "said of TAT-z and zz_budding in zz_worm"
    assert (path.assumed, path.claims) == (1, ("zz-002", "zz-001"))
    assert ev.paths("zz_drug", "zz_budding", joins=False) == []
    said = lab(
        tmp_path,
        [{"id": "zz-001", "source": "zz_worm"}, {"id": "zz-002", "source": "zz_man"}],
        [
            "zz-001 1 TAT-z - zz_budding protein process zz_worm inhibits",
            "zz-002 1 ATPz - zz_budding protein process zz_man inhibits",
        ],
    )
    (path,) = said.paths("ATPz", "zz_budding")
    assert (path.arrows[0].bridge, path.claims) == ("", ("zz-002",))


def test_a_claim_that_names_no_cell_is_joined_with_no_other(tmp_path: Path) -> None:
    ev = lab(
        tmp_path,
        [{"id": "zz-001"}, {"id": "zz-002"}],
        [
            "zz-001 1 ZZ1 + ZZ2 protein protein . activates",
            "zz-002 1 ZZ2 + ZZ3 protein protein . activates",
        ],
    )
    assert ev.paths("ZZ1", "ZZ3") == []
    assert len(ev.paths("ZZ1", "ZZ2")) == 1


def test_no_path_goes_round_in_a_circle(tmp_path: Path) -> None:
    ev = lab(
        tmp_path,
        [{"id": "zz-001", "source": "zz_a"}],
        [
            "zz-001 1 ZZ1 + ZZ2 protein protein zz_a activates",
            "zz-001 2 ZZ2 + ZZ3 protein protein zz_a activates",
            "zz-001 3 ZZ3 - ZZ2 protein protein zz_a inhibits",
            "zz-001 4 ZZ2 + ZZ4 protein protein zz_a activates",
        ],
    )
    assert ends(ev.paths("ZZ1", "ZZ4")) == ["ZZ1 [zz_a] -> ZZ2 [zz_a] -> ZZ4 [zz_a]"]


def test_an_arrow_of_several_cells_comes_once_in_each(tmp_path: Path) -> None:
    ev = lab(
        tmp_path,
        [{"id": "zz-001", "source": "zz_a;zz_b"}, {"id": "zz-002", "source": "zz_b"}],
        [
            "zz-001 1 ZZ1 + ZZ2 protein protein . activates",
            "zz-002 1 ZZ2 + ZZ3 protein protein zz_b activates",
        ],
    )
    assert ends(ev.paths("ZZ1", "ZZ3")) == ["ZZ1 [zz_b] -> ZZ2 [zz_b] -> ZZ3 [zz_b]"]


def test_no_arrow_of_ours_changes_cells_in_silence() -> None:
    for arrow in Evidence.load().network().arrows:
        start, end = arrow.start, arrow.end
        if start.cell and end.cell and start.cell != end.cell and not (start.carrier or end.taken_up):
            assert arrow.crosses, arrow
        if arrow.bridge == "delivered":
            assert start.carrier
        if arrow.bridge == "loaded":
            assert end.carrier


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("GW4869", "exosome_secretion"),
        ("hypoxia", "tumour_growth"),
        ("tumour_cell", "tumour_growth"),
        ("intracellular_lactate", "endothelial_permeability"),
    ],
)
def test_the_same_paths_as_networkx_finds(start: str, end: str) -> None:
    ev = Evidence.load()
    network = ev.network()
    graph = nx.MultiDiGraph()
    by_key: dict[tuple[Node, Node, int], Arrow] = {}
    for number, arrow in enumerate(network.arrows):
        graph.add_edge(arrow.start, arrow.end, key=number)
        by_key[arrow.start, arrow.end, number] = arrow
    every = network.nodes(end)
    expected = set()
    for source in network.nodes(start):
        if source.taken_up:
            continue
        for target in every:
            for found in nx.all_simple_edge_paths(graph, source, target, cutoff=5):
                chain = tuple(by_key[edge] for edge in found)
                if not any(arrow.end in every for arrow in chain[:-1]):  # ends where it first arrives
                    expected.add(chain)
    ours = ev.paths(start, end, longest=5)
    assert {path.arrows for path in ours} == expected
    assert len(ours) == len(expected) > 0
    assert [len(path) for path in ours] == sorted(len(path) for path in ours)
    for path in ours:
        assert len(set(path.nodes)) == len(path.nodes)
        assert path.sign == (-1) ** sum(arrow.sign < 0 for arrow in path.arrows)


def test_real_chain_from_lactate_in_the_macrophage_to_a_leaky_endothelium() -> None:
    path, *_ = Evidence.load().paths("intracellular_lactate", "endothelial_permeability")
    assert path.cells == ("macrophage", "endothelial_cell")
    assert [what for _, what in path.crossings] == ["vesicle"]
    assert path.sign == 1


def test_the_graph_for_those_who_want_networkx() -> None:
    ev = Evidence.load()
    graph = ev.graph(review="sepsis")
    assert {ev.claims[c].review for _, _, claims in graph.edges(data="claims") for c in claims} == {"sepsis"}
    stated = [data for *_, data in graph.edges(data=True) if not data["bridge"]]
    assert all(data["edge"].claim_id in data["claims"] and data["sign"] in (1, -1) for data in stated)
    assert graph is ev.graph(review="sepsis")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"start": "GW486", "end": "exosome_secretion"}, "did you mean GW4869"),
        ({"start": "GW4869", "end": "exosome_secretion", "cell": "macrofage"}, "did you mean macrophage"),
        ({"start": "GW4869", "end": "exosome_secretion@hepatocyte"}, "it is in "),
        ({"start": "GW4869", "end": "exosome_secretion", "review": "tmee"}, "did you mean tme"),
        ({"start": "GW4869", "end": "exosome_secretion", "longest": 0}, "at least one arrow"),
    ],
)
def test_mistakes_name_the_cure(arguments: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Evidence.load().paths(**arguments)  # type: ignore[arg-type]


def test_printed_names_are_understood() -> None:
    ev = Evidence.load()
    assert ends(ev.paths("GW4869", "secretion_rate", longest=3)) == ends(
        ev.paths("GW4869", ev.canonical("secretion_rate", "phenotype"), longest=3)
    )


def test_names_are_found_however_spelt() -> None:
    ev = Evidence.load()
    spelt = ev.paths("rab27a", "exosome release")
    assert spelt == ev.paths("RAB27A", "exosome_secretion")
    with pytest.raises(InputError, match="are one"):
        ev.paths("RAB27A", "rab27a")


def test_a_vesicle_that_tells_its_source_stays_with_it_in_a_transfer() -> None:
    moved = [arrow for arrow in Evidence.load().network().arrows if arrow.bridge == "transfer"]
    assert moved
    for arrow in moved:
        for node, kind in ((arrow.start, arrow.start_kind), (arrow.end, arrow.end_kind)):
            assert kind != "vesicle" or node.cell, str(arrow)
