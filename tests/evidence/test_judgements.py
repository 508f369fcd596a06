"""What is judged of edges, where they are placed, what is transferred and how outcomes are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence

EDGE = ["claim_id", "step", "start", "end"]
STATUS = [*EDGE, "status", "sign", "logic", "reason"]
CELLS = [*EDGE, "cell", "how"]
READOUT = ["outcome", "node", "attribute", "sign", "mark", "note"]
TRANSFER = ["from_context", "to_context", "name_from", "name_to", "mark", "source", "note"]
SUPPOSED = ["secretion-021", "1", "inflammatory_stimulus", "exosome_secretion"]


def write(folder: Path, name: str, header: list[str], *rows: list[str]) -> Path:
    text = "\n".join("\t".join(row) for row in (header, *rows))
    (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder


def test_a_corrected_sign_keeps_the_printed_one(tmp_path: Path) -> None:
    write(tmp_path, "edge-status.tsv", STATUS, [*SUPPOSED, "corrected", "-", "", "a reason"])
    (edge,) = (e for e in Evidence.load(tmp_path).edges if e.key[:2] == ("secretion-021", 1))
    assert (edge.sign, edge.printed_sign) == ("-", "+")
    assert (edge.status, edge.reason, edge.logic) == ("corrected", "a reason", "or")
    (ours,) = (e for e in Evidence.load().edges if e.key == edge.key)
    assert ours.sign == "+"


def test_logic_of_an_accepted_edge(tmp_path: Path) -> None:
    write(tmp_path, "edge-status.tsv", STATUS, [*SUPPOSED, "accepted", "", "and", "the note says AND"])
    (edge,) = (e for e in Evidence.load(tmp_path).edges if e.key[:2] == ("secretion-021", 1))
    assert (edge.status, edge.logic, edge.sign) == ("accepted", "and", "+")


def test_a_placed_edge_has_a_canonical_cell_and_the_rest_is_listed(tmp_path: Path) -> None:
    write(tmp_path, "edge-cells.tsv", CELLS, [*SUPPOSED, "cancer_cell", "source"])
    ev = Evidence.load(tmp_path)
    (edge,) = (e for e in ev.edges if e.key[:2] == ("secretion-021", 1))
    (ours,) = (e for e in Evidence.load().edges if e.key == edge.key)
    assert (edge.cell, edge.printed_cell) == ("tumour_cell", ours.printed_cell)
    assert all(not e.cell for e in ev.unplaced)
    assert len(ev.unplaced) == sum(not e.cell for e in ev.edges)


def test_readouts_by_printed_and_canonical_outcome(tmp_path: Path) -> None:
    ev = Evidence.load(
        write(tmp_path, "readouts.tsv", READOUT, ["my_outcome", "ceramide", "level", "-", "assumed", ""])
    )
    mine = ev.readout("my_outcome")
    assert mine is not None
    assert (mine.node, mine.attribute, mine.sign) == ("ceramide", "level", "-")
    assert ev.readout("ceramide_level") is not None
    assert ev.readout("ceramide") == ev.readout("ceramide_level")
    assert ev.readout("nothing_of_that_name") is None


def test_every_node_a_readout_names_is_canonical() -> None:
    ev = Evidence.load()
    names = {name for name, _ in ev.vocabulary}
    for readout in ev.readouts.values():
        if readout.attribute != "none":
            assert ev.canonical(readout.node) == readout.node, readout
            assert readout.node in names, readout


def test_transfers_are_kept_and_need_a_mark(tmp_path: Path) -> None:
    row = ["worm_embryo_cell", "any_cell", "TAT-5", "MY_GENE", "assumed", "recalled", ""]
    ev = Evidence.load(write(tmp_path, "transfers.tsv", TRANSFER, row))
    assert [(t.name_from, t.name_to) for t in ev.transfers if t.name_to == "MY_GENE"] == [
        ("TAT-5", "MY_GENE")
    ]
    write(tmp_path, "transfers.tsv", TRANSFER, [*row[:4], "guessed", "", ""])
    with pytest.raises(InputError, match=r"transfers.tsv:2:41: mark: 'guessed' is not known"):
        Evidence.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "header", "row", "words"),
    [
        ("edge-status.tsv", STATUS, [*SUPPOSED, "doubtfull", "", "", "x"], "did you mean doubtful"),
        ("edge-status.tsv", STATUS, [*SUPPOSED, "corrected", "", "", "x"], "sign: is empty"),
        ("edge-status.tsv", STATUS, [*SUPPOSED, "doubtful", "", "xor", "x"], "logic: 'xor' is not known"),
        ("edge-status.tsv", STATUS, [*SUPPOSED, "doubtful", "", "", ""], "reason: is empty"),
        ("edge-cells.tsv", CELLS, [*SUPPOSED, "x", ""], "how: is empty"),
        ("edge-cells.tsv", CELLS, ["secretion-021", "9", *SUPPOSED[2:], "x", "y"], "has 1 inflammatory"),
        ("edge-cells.tsv", CELLS, ["secretion-0211", *SUPPOSED[1:], "x", "y"], "no claim has the id"),
        ("readouts.tsv", READOUT, ["o", "n", "amount", "+", "assumed", ""], "attribute: 'amount'"),
        ("readouts.tsv", READOUT, ["o", "", "level", "+", "assumed", ""], "node: is empty"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, name: str, header: list[str], row: list[str], words: str) -> None:
    with pytest.raises(InputError) as error:
        Evidence.load(write(tmp_path, name, header, row))
    assert words in str(error.value)
