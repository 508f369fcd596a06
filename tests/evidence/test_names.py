"""Canonical names: every printed one resolves, nothing is lost, related names stay apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.load import Tables, load_shipped


@pytest.fixture(scope="module")
def ev() -> Evidence:
    return Evidence.load()


@pytest.fixture(scope="module")
def printed() -> Tables:
    return load_shipped()


def test_every_printed_name_is_in_the_vocabulary(ev: Evidence, printed: Tables) -> None:
    listed = printed.vocabulary.keys() | printed.synonyms.keys()
    used = {(e.start, e.from_kind) for e in printed.edges} | {(e.end, e.to_kind) for e in printed.edges}
    assert used <= listed
    names = {name for name, _ in listed}
    assert {c.outcome for c in printed.claims.values()} <= names
    assert {c.agent for c in printed.claims.values()} - {""} <= names
    cells = [e.cell for e in printed.edges]
    cells += [text for c in printed.claims.values() for text in (c.source, c.recipient)]
    assert {part.strip() for text in cells for part in text.split(";")} - {"", "none"} <= names
    assert set(ev.vocabulary) == set(printed.vocabulary)


def test_canonical_names_stay_themselves(ev: Evidence, printed: Tables) -> None:
    for name, kind in ev.vocabulary:
        assert ev.canonical(name) == ev.canonical(name, kind) == name
    for (name, kind), canonical in printed.synonyms.items():
        assert ev.canonical(name, kind) == canonical
        assert ev.canonical(canonical) == canonical
    assert ev.canonical("nobody_ever_wrote_this") == "nobody_ever_wrote_this"


def test_nothing_is_lost(ev: Evidence, printed: Tables) -> None:
    rows = Counter((e.claim_id, e.step, e.start, e.end) for e in printed.edges)
    kept = Counter(e.key for e in ev.edges)
    loops = Counter((s.claim_id, s.step, s.printed_start, s.printed_end) for s in ev.self_loops)
    assert kept + loops == rows
    assert set(ev.claims) == set(printed.claims)
    for key, claim in printed.claims.items():
        clean = ev.claims[key]
        words = (clean.printed_agent, clean.printed_outcome, clean.printed_source, clean.printed_recipient)
        assert words == (claim.agent, claim.outcome, claim.source, claim.recipient)
        assert clean.printed_direction == claim.direction


def test_self_loops_come_from_merging_alone(ev: Evidence) -> None:
    assert ev.self_loops
    for loop in ev.self_loops:
        assert loop.printed_start != loop.printed_end
        assert ev.canonical(loop.printed_start) == ev.canonical(loop.printed_end) == loop.name
    assert all(e.start != e.end for e in ev.edges)


COLUMNS = ["name", "kind", "synonyms", "parent", "curie", "note"]

MERGED = [
    ("secretion_rate", "exosome_secretion"), ("TNF-alpha", "TNF"), ("FasL", "FASLG"), ("NKG2D", "KLRK1"),
    ("cancer_cell", "tumour_cell"), ("treg_cell", "treg"), ("nfkb_activation", "nfkb"),
    ("multivesicular_body", "MVB"), ("intraluminal_vesicle", "ILV"), ("inward_budding", "ilv_budding"),
    ("plasma_membrane_fusion", "mvb_pm_fusion"), ("ceramide_level", "ceramide"),
    ("erk1_2", "erk1_2_signalling"),
    ("tumour_metastasis", "metastasis"), ("anti_tumour_immunity", "antitumour_immunity"),
    ("adsc_exosome", "adipose_msc_exosome"), ("mitochondrial_DNA", "mtDNA"),
    ("liver_injury", "organ_injury_liver"),
    ("inhibitory_tme", "immunosuppressive_tme"), ("rab27a_protein", "RAB27A_protein"),
]  # fmt: skip
APART = [
    ("msc_exosome", "exosome"), ("m1_macrophage_exosome", "exosome"), ("RAB27A_protein", "RAB27A"),
    ("miR-21-5p", "miR-21"), ("anti_pd1_therapy", "PDCD1"), ("SMPD3", "SMPD2"), ("SMPD3", "nSMase"),
    ("smpd3_activity", "smpd3_expression"), ("tat5_pm_localisation", "TAT-5"), ("RME-8", "DNAJC13"),
    ("microvesicle_release", "pm_budding"), ("m2_polarisation", "m2_macrophage"), ("caf_activation", "caf"),
    ("tumour_cell_proliferation", "tumour_growth"), ("tumour_angiogenesis", "angiogenesis"),
    ("exosomal_hmgb1", "HMGB1"), ("il10_secretion", "IL10"), ("chemotherapy_tolerance", "chemoresistance"),
    ("shear_stress", "fluid_shear"), ("septic_serum_exosome", "septic_plasma_exosome"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "canonical"), MERGED)
def test_one_thing_has_one_name(ev: Evidence, one: str, canonical: str) -> None:
    assert ev.canonical(one) == canonical


@pytest.mark.parametrize(("one", "other"), APART)
def test_related_things_stay_apart(ev: Evidence, one: str, other: str) -> None:
    assert (ev.canonical(one), ev.canonical(other)) == (one, other)


def test_parents_relate_up_to_one_ancestor(ev: Evidence) -> None:
    vocabulary = ev.vocabulary
    assert vocabulary["m1_macrophage_exosome", "vesicle"].parent == "macrophage_exosome"
    assert vocabulary["m1_macrophage_exosome", "vesicle"].cluster == "exosome"
    assert vocabulary["miR-126-3p", "cargo"].parent == vocabulary["miR-126-5p", "cargo"].parent == "miR-126"
    names = {name for name, _ in vocabulary}
    assert {entry.parent for entry in vocabulary.values()} - {""} <= names


def test_a_name_of_two_kinds_is_two_entries(ev: Evidence) -> None:
    assert {kind for name, kind in ev.vocabulary if name == "tumour_antigen"} == {"stimulus", "cargo"}
    assert {kind for name, kind in ev.vocabulary if name == "CCND1"} == {"protein"}  # a slip of the table


def test_identifiers_have_the_form_of_their_table(ev: Evidence) -> None:
    forms = ("HGNC:", "CHEBI:", "GO:", "mirbase:MI")
    curies = [entry.curie for entry in ev.vocabulary.values() if entry.curie]
    assert len(curies) > 150
    assert all(curie.startswith(forms) for curie in curies)
    assert ev.vocabulary["PD-L1", "protein"].curie == "HGNC:17635"
    assert not any(entry.curie for entry in ev.vocabulary.values() if "worm" in entry.note)


def test_directions_turned_where_a_claim_tells_of_the_fall_of_its_agent(ev: Evidence) -> None:
    corrected = [c for c in ev.claims.values() if c.status == "corrected"]
    continuing = {f"msc-{n}" for n in ("056", "058", "062", "068", "083", "091")}
    assert {c.id for c in corrected} == continuing | {"msc-120", "msc-121", "msc-122", "tme-122"}
    for claim in corrected:
        assert {claim.direction, claim.printed_direction} == {"+", "-"}
        assert claim.reason
        assert bool(ev.show(claim.id).continues) == (claim.id in continuing)


def test_own_names_join_ours(tmp_path: Path) -> None:
    rows = [
        ["TNF", "protein", "cachectin;tnf_level [phenotype]", "", "", ""],
        ["my_exosome", "vesicle", "", "exosome", "", ""],
    ]
    lines = ["\t".join(row) for row in (COLUMNS, *rows)]
    (tmp_path / "mylab.vocabulary.tsv").write_text("\n".join(lines) + "\n")
    ev = Evidence.load(tmp_path)
    assert ev.canonical("cachectin") == ev.canonical("tnf_level", "phenotype") == "TNF"
    assert ev.canonical("TNF-alpha") == "TNF"
    assert ev.vocabulary["my_exosome", "vesicle"].cluster == "exosome"
    assert Evidence.load().canonical("cachectin") == "cachectin"


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        (["secretion_rate", "phenotype", "", "", "", ""], 1, "synonym of 'exosome_secretion'"),
        (["x", "protien", "", "", "", ""], 3, "did you mean protein"),
        (["x", "protein", "TNF-alpha", "", "", ""], 11, "synonym of 'TNF' already"),
        (["x", "protein", "TNF", "", "", ""], 11, "a name of its own"),
        (["x", "protein", "x", "", "", ""], 11, "the name itself"),
        (["x", "protein", "y [thing]", "", "", ""], 11, "cannot be read"),
        (["x", "protein", "y", "exosom", "", ""], 13, "did you mean exosome"),
        (["exosome", "vesicle", "", "msc_exosome", "", ""], 18, "its own ancestor"),
    ],
)
def test_wrong_names_are_told_with_their_place(
    tmp_path: Path, row: list[str], place: int, words: str
) -> None:
    text = "\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n"
    (tmp_path / "vocabulary.tsv").write_text(text)
    with pytest.raises(InputError) as error:
        Evidence.load(tmp_path)
    (problem,) = error.value.problems
    assert (problem.line, problem.column) == (2, place)
    assert words in problem.message


def test_votes_count_a_publication_once_apart_by_system(ev: Evidence) -> None:
    edges = [e for e in ev.edges if e.claim_id in ("secretion-134", "secretion-137")]
    assert len({e.claim_id for e in edges}) == 2
    votes = ev.votes(edges)
    assert votes.publications == ev.publications("secretion-134") == {("secretion", "71")}
    assert len(votes) == sum(votes.counts.values()) == 1
    uncited = next(c for c in ev.claims.values() if not c.ref)
    assert ev.publications(uncited.id) == {(uncited.review, "")}
    every = ev.votes(ev.edges)
    assert sum(every.counts.values()) == len(every.publications)
    assert set(every.review) >= {(review, "") for review in ("tme", "msc", "nk")}
    assert all(ref for _, ref in every.clinical)
    with pytest.raises(InputError):
        ev.publications("nk-1")
