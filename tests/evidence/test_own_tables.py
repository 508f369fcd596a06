"""Users' own tables: read beside ours, and every mistake told with file, line and column."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import pytest

from vesiflux.cli import main
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.load import load_shipped
from vesiflux.evidence.readers import READERS
from vesiflux.evidence.starter import write_starter

DATA = resources.files("vesiflux.evidence").joinpath("data")
HEADERS = {
    name: DATA.joinpath(file).read_text("utf-8").partition("\n")[0].split("\t")
    for name, file in (
        ("claims", "tme.claims.tsv"),
        ("edges", "tme.edges.tsv"),
        ("quantities", "tme.quantities.tsv"),
        ("parameters", "parameters.tsv"),
        ("vocabulary", "vocabulary.tsv"),
    )
}
CLAIMS, EDGES, QUANTITIES, PARAMETERS, VOCABULARY = HEADERS.values()
BAD = Path(__file__).parent / "bad_tables"

GOOD_CLAIM = {
    "id": "mylab-001", "kind": "secretion", "source": "b16_cell", "vesicle": "exosome",
    "effect": "More with heat", "agent": "heat", "outcome": "secretion_rate", "direction": "+",
}  # fmt: skip
GOOD_EDGE = {
    "claim_id": "mylab-001", "step": "1", "from": "heat", "sign": "+", "to": "HSF1", "from_kind": "stimulus",
    "to_kind": "protein", "relation": "activates",
}  # fmt: skip


def table(columns: list[str], *rows: dict[str, str]) -> str:
    lines = ["\t".join(columns), *("\t".join(row.get(c, "") for c in columns) for row in rows)]
    return "\n".join(lines) + "\n"


def column(columns: list[str], row: dict[str, str], name: str) -> int:
    """Where a cell begins on its line."""
    return 1 + sum(len(row.get(c, "")) + 1 for c in columns[: columns.index(name)])


def test_own_claims_edges_and_parameters_join_ours(tmp_path: Path) -> None:
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, GOOD_CLAIM))
    (tmp_path / "mylab.edges.tsv").write_text(table(EDGES, GOOD_EDGE).replace("\n", "\r\n"))
    own = {"symbol": "f_esc", "low": "0.01", "typical": "0.02", "high": "0.05", "unit": "fraction",
           "source": "verified: our own"}  # fmt: skip
    (tmp_path / "mylab.parameters.tsv").write_text(table(PARAMETERS, own))
    ours, both = Evidence.load(), Evidence.load(tmp_path)
    assert len(both.claims) == len(ours.claims) + 1
    assert both.show("mylab-001").chain[0].end == "HSF1"
    assert [c.id for c in both.search("heat hsf1", review="mylab")] == ["mylab-001"]
    prior = both.prior("f_esc")
    assert (prior.kind, prior.typical, prior.mark) == ("logitnormal", 0.02, "read")
    assert ours.prior("f_esc").kind == "loguniform"
    assert [s.text for s in both.sources(["mylab-001"])] == ["the review 'mylab'"]


def test_everything_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    claims = [
        GOOD_CLAIM,
        GOOD_CLAIM | {"id": "mylab-002", "direction": "up", "kind": "secretoin"},
        GOOD_CLAIM,
        GOOD_CLAIM | {"id": "lab-003"},
    ]
    edges = [GOOD_EDGE | {"claim_id": "mylab-01"}, GOOD_EDGE | {"step": "one", "sign": "plus"}]
    quantity = {"claim_id": "mylab-001", "quantity": "fold", "low": "3,5", "high": "2"}
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, *claims))
    (tmp_path / "mylab.edges.tsv").write_text(table(EDGES, *edges))
    (tmp_path / "mylab.quantities.tsv").write_text(table(QUANTITIES, quantity))
    with pytest.raises(InputError) as error:
        Evidence.load(tmp_path)
    places = {(Path(p.file).name.split(".")[1], p.line, p.column): p.message for p in error.value.problems}
    assert places.keys() == {
        ("claims", 3, column(CLAIMS, claims[1], "kind")),
        ("claims", 3, column(CLAIMS, claims[1], "direction")),
        ("claims", 4, 1),
        ("claims", 5, 1),
        ("edges", 2, 1),
        ("edges", 3, column(EDGES, edges[1], "step")),
        ("edges", 3, column(EDGES, edges[1], "sign")),
        ("quantities", 2, column(QUANTITIES, quantity, "low")),
    }
    assert "did you mean secretion" in places["claims", 3, column(CLAIMS, claims[1], "kind")]
    assert "already the id of" in places["claims", 4, 1]
    assert "must begin with the file's name" in places["claims", 5, 1]
    assert "did you mean mylab-001" in places["edges", 2, 1]
    assert "'3,5' is not a number" in places["quantities", 2, column(QUANTITIES, quantity, "low")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mylab.claims.tsv", b"id\tsection\n", ":1:1: the header lacks ref"),
        ("mylab.claims.tsv", "\t".join([*CLAIMS[::-1]]).encode(), "another order"),
        ("mylab.claims.tsv", "\t".join([*CLAIMS, "extra"]).encode(), "has unknown 'extra'"),
        ("mylab.claims.tsv", ("\t".join(CLAIMS) + "\nmylab-001\tx\n").encode(), ":2:1: too few cells: 2"),
        ("mylab.claims.tsv", ("\t".join(CLAIMS) + "\nab\xff").encode("latin-1"), ":2:3: not UTF-8"),
        ("mylab.claims.tsv", b"", "the header lacks"),
        ("mylab.claim.tsv", b"", "no table is called this"),
        ("mylab.claims.tsv", table(CLAIMS, GOOD_CLAIM | {"effect": ""}).encode(), "effect: is empty"),
        ("parameters.tsv", table(PARAMETERS, {"symbol": "k", "low": "3", "high": "1"}).encode(), "must rise"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        Evidence.load(tmp_path)
    assert words in str(error.value)
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize("case", sorted(p.name for p in BAD.iterdir()))
def test_every_mistake_of_the_corpus_is_told_with_its_place(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``told.txt`` holds everything that must be said, the folder left out of the names."""
    folder = BAD / case
    monkeypatch.setattr(sys, "argv", ["vesiflux", "evidence", "stats", "--table", str(folder)])
    with pytest.raises(SystemExit) as leaving:
        main.main()
    assert leaving.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.replace(f"{folder}/", "") == (folder / "told.txt").read_text(encoding="utf-8")


def test_own_names_become_canonical_and_new_ones_are_taken(tmp_path: Path) -> None:
    edge = GOOD_EDGE | {"from": "TNF-alpha", "to": "my_new_protein", "from_kind": "protein"}
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, GOOD_CLAIM | {"agent": "TNF-alpha"}))
    (tmp_path / "mylab.edges.tsv").write_text(table(EDGES, edge))
    vocabulary = [{"name": "HSF1", "kind": "protein", "synonyms": "my_new_protein;HSTF1"}]
    plain = Evidence.load(tmp_path)
    (arrow,) = plain.show("mylab-001").chain
    assert (arrow.start, arrow.printed_start, arrow.end) == ("TNF", "TNF-alpha", "my_new_protein")
    assert plain.claims["mylab-001"].agent == "TNF"
    (tmp_path / "mylab.vocabulary.tsv").write_text(table(VOCABULARY, *vocabulary))
    named = Evidence.load(tmp_path)
    assert named.show("mylab-001").chain[0].end == "HSF1"
    assert named.canonical("HSTF1", "protein") == "HSF1"
    assert Evidence.load().canonical("HSTF1", "protein") == "HSTF1"


def test_own_judgements_change_our_edges_and_own_ones(tmp_path: Path) -> None:
    columns = {name: READERS[name][0] for name in ("edge-status.tsv", "edge-cells.tsv", "readouts.tsv")}
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, GOOD_CLAIM))
    (tmp_path / "mylab.edges.tsv").write_text(table(EDGES, GOOD_EDGE))
    own = {"claim_id": "mylab-001", "step": "1", "start": "heat", "end": "HSF1"}
    ours = {"claim_id": "sepsis-021", "step": "1", "start": "intracellular_lactate", "end": "p300_cbp"}
    why = {"status": "doubtful", "reason": "one gel"}
    rows = {
        "edge-status.tsv": [own | {"status": "corrected", "sign": "-", "reason": "typing error"}, ours | why],
        "edge-cells.tsv": [own | {"cell": "hela_cell", "how": "methods"}],
        "readouts.tsv": [
            {"outcome": "my_outcome", "node": "HSF1", "attribute": "level", "sign": "-", "mark": "read"}
        ],
    }
    for name, these in rows.items():
        (tmp_path / name).write_text(table(list(columns[name]), *these))
    ev = Evidence.load(tmp_path)
    (edge,) = ev.show("mylab-001").chain
    assert (edge.status, edge.sign, edge.printed_sign, edge.reason) == ("corrected", "-", "+", "typing error")
    assert (edge.cell, edge.printed_cell) == ("hela_cell", "")
    first = ev.show("sepsis-021").chain[0]
    assert (first.status, first.reason) == ("doubtful", "one gel")
    readout = ev.readout("my_outcome")
    assert readout is not None
    assert (readout.node, readout.sign) == ("HSF1", "-")
    assert ev.paths("intracellular_lactate", "endothelial_permeability") == []
    path, *_ = ev.paths("intracellular_lactate", "endothelial_permeability", doubtful=True)
    assert path.doubtful
    assert Evidence.load().show("sepsis-021").chain[0].status == "accepted"


def test_own_arrows_are_joined_to_ours(tmp_path: Path) -> None:
    edge = GOOD_EDGE | {"from": "heat", "to": "intracellular_lactate", "to_kind": "metabolite"}
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, GOOD_CLAIM | {"source": "macrophage"}))
    (tmp_path / "mylab.edges.tsv").write_text(table(EDGES, edge))
    path, *_ = Evidence.load(tmp_path).paths("heat", "endothelial_permeability")
    assert path.claims[0] == "mylab-001"
    assert {"sepsis-021", "sepsis-023"} <= set(path.claims)


def test_the_starter_loads_and_answers(tmp_path: Path) -> None:
    folder = tmp_path / "My Lab 2"
    written = write_starter(folder)
    assert [path.name for path in written][:2] == ["mylab2.claims.tsv", "mylab2.edges.tsv"]
    ev = Evidence.load(folder)
    assert len(ev.show("mylab2-001").chain) == 4
    (path,) = ev.network(review="mylab2").paths("macrophage", "tumour_proliferation", None, 6, None)
    assert path.sign == -1
    assert "Own experiments" in ev.sources(["mylab2-001"])[0].text
    with pytest.raises(InputError, match="not an empty folder"):
        write_starter(folder)
    with pytest.raises(InputError, match="small letters and digits"):
        write_starter(tmp_path / "x", "My-Lab")


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        Evidence.load(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no tables"):
        Evidence.load(tmp_path)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"symbol": "k", "typical": "1", "unit": "vesicels", "source": "verified: x"},
            "unknown unit 'vesicels'",
        ),
        (
            {"symbol": "k", "typical": "1", "unit": "1/h", "source": "Smith 2020"},
            "must begin with one of verified",
        ),
        ({"symbol": "k", "unit": "1/h", "source": "verified: x"}, "needs a typical value"),
    ],
)
def test_parameters_that_cannot_be_read(tmp_path: Path, row: dict[str, str], words: str) -> None:
    (tmp_path / "parameters.tsv").write_text(table(PARAMETERS, row))
    with pytest.raises(InputError) as error:
        Evidence.load(tmp_path)
    assert words in str(error.value)
    assert "parameters.tsv:2:1: k: " in str(error.value)


def test_a_broken_shipped_claim_would_be_left_out_and_listed(tmp_path: Path) -> None:
    rows = [GOOD_CLAIM, GOOD_CLAIM | {"effect": "again"}, GOOD_CLAIM | {"id": "mylab-002", "direction": "up"}]
    (tmp_path / "mylab.claims.tsv").write_text(table(CLAIMS, *rows) + "short\trow\n")
    tables = load_shipped(tmp_path)
    assert list(tables.claims) == ["mylab-001"]
    assert [d.id for d in tables.dropped] == ["mylab-001", "mylab-002", "mylab.claims.tsv:5"]
    assert "already the id" in tables.dropped[0].reason
