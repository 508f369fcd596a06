"""What arrows of the evidence start from in a model: its factors, vesicles, cells and other cells' nodes."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: outside
space: {kind: dish, volume: 2 mL, area: 9.5 cm^2}
vesicles:
  exosome: {preset: exosome}
factors:
  IFNG: {preset: IFNG}
cells:
  nk:
    is: nk_cell
    count: 1e5
    secretes:
      exosome:
        rate: 60 vesicle/cell/h
        symbol: nk_cell_exosome
        cargo: {FasL: {copies: 1, on: surface}}
    responses: ['from evidence [nk-001, nk-021, nk-050]']
  tumour:
    is: colorectal_cancer_cell
    count: 1e6
    secretes: {exosome: {rate: 60 vesicle/cell/h}}
    takes_up: {exosome: {preset: usual}}
    responses: ['from evidence [nk-012, nk-028, nk-036, nk-054]']
  msc:
    is: msc
    count: 1e4
    secretes: {exosome: {rate: 60 vesicle/cell/h, symbol: msc_exosome}}
  immune:
    is: immune_cell
    count: 1e5
    responses: ['from evidence [nk-002]']
  lung:
    is: lung
    count: 1
    takes_up: {exosome: {preset: usual}}
    responses: ['from evidence [nk-042]']
interventions:
  block: {scales: nk.secretes.exosome.rate, factor: 0}
run: {for: 24 h}
"""


def model(*changes: tuple[str, str]) -> Model:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Model.from_text(text)


@pytest.fixture(scope="module")
def plain() -> Model:
    return model()


def responses(found: Model, cell: str) -> tuple[str, ...]:
    return found.spec.cells[cell].responses


def test_vesicles_that_the_cell_takes_up_act_where_they_are_held(plain: Model) -> None:
    assert "exosome.nk @held -> tumour_cell_death [nk-054]" in responses(plain, "tumour")
    # what is said of exosomes is said of those of all senders
    assert "exosome @held -> recipient_phenotype_change [nk-036]" in responses(plain, "tumour")


def test_a_class_of_one_sender_needs_no_sender() -> None:
    found = model(
        ("    secretes: {exosome: {rate: 60 vesicle/cell/h}}\n", ""),
        ("symbol: msc_exosome", "symbol: nk_cell_exosome"),
    )
    assert "exosome @held -> tumour_cell_death [nk-054]" in responses(found, "tumour")


def test_vesicles_that_are_not_taken_up_are_told() -> None:
    with pytest.raises(InputError) as caught:
        model(("{exosome: {preset: usual}}\n    responses: ['from evidence [nk-042]']",
               "{}\n    responses: ['from evidence [nk-042]']"))  # fmt: skip
    (problem,) = caught.value.problems
    assert "no class that lung takes up has the symbol nk_cell_exosome" in problem.message


def test_cargo_is_found_by_its_synonyms(plain: Model) -> None:
    assert "FasL -> FAS [nk-012]" in responses(plain, "tumour")  # FASLG in the evidence
    assert "FASLG" not in plain.spec.cells["tumour"].nodes


def test_what_vesicles_carry_does_not_come_without_them(plain: Model) -> None:
    assert "PRF1" in {r.split(" -> ")[-1].split()[0] for r in responses(plain, "nk")}
    # nk-028 says that exosomes bring it: the node of the other cell is not enough
    assert "PRF1 -> target_cell_death [nk-028]" in responses(plain, "tumour")


def test_other_cells_act_by_contact_and_the_cell_itself_is_a_level(plain: Model) -> None:
    assert "nk @contact -> cytokine_release [nk-002]" in responses(plain, "immune")
    assert "nk_cell -> nk_cytotoxicity [nk-001]" in responses(plain, "nk")
    assert plain.spec.cells["nk"].nodes["nk_cell"].basal.typical == 0.25


def test_what_is_given_from_outside_begins_at_nothing(plain: Model) -> None:
    hypoxia = plain.spec.cells["nk"].nodes["hypoxia"]
    assert hypoxia.given
    assert hypoxia.basal.typical == 0


def test_an_organ_or_the_patient_is_a_place(plain: Model) -> None:
    assert responses(plain, "lung") == ("exosome.nk @held -| organ_injury_lung [nk-042]",)


def test_a_claim_of_a_kind_of_cell_holds_in_what_is_one(plain: Model) -> None:
    assert plain.spec.cells["tumour"].kind == "colorectal_cancer_cell"
    assert "caspase" not in " ".join(responses(plain, "tumour"))
    found = model(("[nk-012, nk-028, nk-036, nk-054]", "[nk-061]"))
    assert "caspase_activation -> tumour_cell_death [nk-061]" in responses(found, "tumour")


def test_a_symbol_is_another_name_of_a_cell() -> None:
    found = model(("is: lung", "is: msc\n    symbol: lung"))
    assert responses(found, "lung") == ("exosome.nk @held -| organ_injury_lung [nk-042]",)


#: The nk cell makes what another claim has the immune cell answer to.
MADE_BY_NK = (
    ("from evidence [nk-002]", "from evidence [nk-063]"),
    ("from evidence [nk-001, nk-021, nk-050]", "LEVEL -> proinflammatory_cytokines"),
    ("    is: nk_cell\n", "    is: nk_cell\n    nodes: {LEVEL: {basal: 0.5}}\n"),
)


def test_the_node_of_one_other_cell_is_felt() -> None:
    found = model(*MADE_BY_NK)
    assert "nk.proinflammatory_cytokines -> inflammation_tissue [nk-063]" in responses(found, "immune")


def test_a_factor_that_the_cell_makes_is_both() -> None:
    found = model(("from evidence [nk-042]", "from evidence [cx3cr1-030]"), ("is: lung", "is: tumour"))
    cell = found.spec.cells["lung"]
    assert "CX3CL1 -> IFNG [cx3cr1-030]" in cell.responses
    assert "IFNG or IFNG @medium -| tumour_growth [cx3cr1-030]" in cell.responses
    assert cell.nodes["IFNG"].basal.typical == 0
    assert lower(found).program


def test_opposite_arrows_compete() -> None:
    found = model(("[nk-012, nk-028, nk-036, nk-054]", "[msc-001, msc-002]"))
    name = "tumour-msc_exosome-tumour_growth"
    structure = found.spec.structures[name]
    assert set(structure.options) == {"raises", "lowers"}
    assert structure.concerns == ("block",)
    assert structure.options["raises"].claims == ("msc-001", "msc-002")
    assert responses(found, "tumour") == (
        f"exosome.msc @held -> tumour_growth [msc-001, msc-002] if {name}.raises",
        f"exosome.msc @held -| tumour_growth [msc-001, msc-002] if {name}.lowers",
    )
    again = Model.from_dict(found.to_dict(whole=True))
    assert again.spec.cells == found.spec.cells
    assert again.spec.structures == found.spec.structures


def test_a_tissue_has_no_nodes_of_others() -> None:
    found = model(
        *MADE_BY_NK,
        ("kind: dish, volume: 2 mL, area: 9.5 cm^2", "kind: tissue, size: [200 um, 200 um], voxel: 20 um"),
        ("count: 1e5", "count: 2"),
        ("count: 1e6", "count: 2"),
        ("count: 1e4", "count: 2"),
    )
    assert "proinflammatory_cytokines -> inflammation_tissue [nk-063]" in responses(found, "immune")
