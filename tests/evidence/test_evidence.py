"""The shipped tables: counts come from the files themselves, nothing is lost, questions are answered."""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.load import load_shipped

DATA = resources.files("vesiflux.evidence").joinpath("data")


@pytest.fixture(scope="module")
def ev() -> Evidence:
    return Evidence.load()


def rows_of(ending: str) -> int:
    files = [f for f in DATA.iterdir() if f.name.endswith(ending)]
    assert files
    return sum(len([line for line in f.read_text("utf-8").split("\n")[1:] if line]) for f in files)


def test_every_row_of_the_files_is_there(ev: Evidence) -> None:
    stats = ev.stats()
    assert stats["claims"] == rows_of(".claims.tsv") == len(ev.claims) == 882
    assert stats["edges"] + len(ev.self_loops) == rows_of(".edges.tsv") == 1971
    assert stats["quantities"] == rows_of(".quantities.tsv") == 131
    assert stats["parameters"] == rows_of("parameters.tsv") == 168
    assert len(ev.references) == rows_of(".refs.tsv")
    assert len(ev.readouts) == rows_of("readouts.tsv")
    assert stats["dropped"] == []


def test_numbers_are_in_units_that_can_be_read(ev: Evidence) -> None:
    assert all(units.canonical(q.unit) for q in ev.quantities)
    (acid,) = (q for q in ev.show("secretion-167").quantities if q.quantity == "ph")
    assert (acid.low, acid.unit, acid.printed_unit) == (4.0, "1", "[pH]")


def test_own_units_convert_own_numbers(tmp_path: Path) -> None:
    for table in ("claims", "quantities"):
        head = (DATA / f"tme.{table}.tsv").read_text("utf-8").partition("\n")[0].split("\t")
        row = {
            "id": "mylab-001", "claim_id": "mylab-001", "kind": "secretion", "effect": "made", "outcome": "o",
            "direction": "+", "quantity": "released", "low": "2", "unit": "k/cell",
        }  # fmt: skip
        lines = ["\t".join(head), "\t".join(row.get(column, "") for column in head)]
        (tmp_path / f"mylab.{table}.tsv").write_text("\n".join(lines) + "\n")
    text = "written\tunit\tfactor\tupper\tnote\nk/cell\tvesicle/cell\t1000\t\tthousands\n"
    (tmp_path / "written-units.tsv").write_text(text)
    (number,) = Evidence.load(tmp_path).show("mylab-001").quantities
    assert (number.low, number.high, number.unit) == (2000.0, None, "vesicle/cell")


def test_loads_once_and_soon() -> None:
    began = time.process_time()
    load_shipped()
    assert time.process_time() - began < 1
    assert Evidence.load() is Evidence.load()


def test_search_finds_names_however_they_are_written(ev: Evidence) -> None:
    by_spelling = [[c.id for c in ev.search(text)] for text in ("PD-L1", "pdl1", "pd_l1")]
    assert by_spelling[0]
    assert by_spelling[0] == by_spelling[1] == by_spelling[2]
    both = ev.search("rab27a kibra")
    assert both
    assert {c.id for c in both} < {c.id for c in ev.search("rab27a", limit=None)}


def test_search_filters(ev: Evidence) -> None:
    found = ev.search(review="tme", kind="response", cell="cd8", limit=None)
    assert found
    assert {c.review for c in found} == {"tme"}
    assert {c.kind for c in found} == {"response"}
    assert all("cd8" in (c.source + c.recipient) for c in found)
    assert len(ev.search(limit=7)) == 7
    assert len(ev.search(limit=None)) == len(ev.claims)
    assert all("secretion" in c.outcome for c in ev.search(outcome="secretion_rate"))
    assert all("RAB27A" in c.agent for c in ev.search(agent="rab27a"))
    assert ev.search("no such words here") == []


@pytest.mark.parametrize(
    ("words", "same"),
    [("tumor growth", "tumour growth"), ("polarization", "polarisation"), ("IFN-γ", "IFN-gamma"),
     ("leukemia", "leukaemia")],
)  # fmt: skip
def test_search_does_not_mind_spelling(ev: Evidence, words: str, same: str) -> None:
    assert (
        {c.id for c in ev.search(words, limit=None)} >= {c.id for c in ev.search(same, limit=None)} != set()
    )


def test_search_knows_synonyms(ev: Evidence) -> None:
    found = {c.id for c in ev.search("CD274", limit=None)}
    assert found
    assert found <= {c.id for c in ev.search("PD-L1", limit=None)}


def test_printed_names_select_as_canonical_ones_do(ev: Evidence) -> None:
    assert ev.search(outcome="secretion_rate", limit=None) == ev.search(
        outcome="exosome_secretion", limit=None
    )
    assert any(c.agent == "anti_pd1_therapy" for c in ev.search(agent="anti-PD1"))


def test_search_puts_subject_before_mention(ev: Evidence) -> None:
    found = ev.search("ceramide", limit=None)
    main = ["ceramide" in f"{c.agent}{c.outcome}{c.cargo}{c.effect}".lower() for c in found]
    assert main == sorted(main, reverse=True)


def test_show(ev: Evidence) -> None:
    shown = ev.show("secretion-045")
    assert [e.step for e in shown.chain] == [1, 2, 3]
    assert {q.quantity for q in shown.quantities} == {
        "fraction_mvb_to_lysosome",
        "fraction_mvb_to_plasma_membrane",
    }
    assert [s.vote for s in shown.sources] == ["secretion:5", "secretion:6", "secretion:46"]
    assert shown.sources[0].text.startswith("Gurung 2021. ")
    assert any("Qualitative" in doubt for doubt in shown.doubts)
    assert any("reference 7" in doubt for doubt in ev.show("secretion-003").doubts)
    assert ev.show("msc-056").continues == "msc-055"
    assert ev.show("msc-075").conflicts


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ev: ev.show("tme-0699"), "did you mean tme-0"),
        (lambda ev: ev.show("zzz"), "ids look like"),
        (lambda ev: ev.sources(["nk-1"]), "no claim has the id 'nk-1'"),
        (lambda ev: ev.prior("f_es"), "did you mean f_esc"),
        (lambda ev: ev.search(review="tmee"), "did you mean tme"),
        (lambda ev: ev.search(kind="respons"), "did you mean response"),
        (lambda ev: ev.sql("select nothing"), "query: "),
    ],
)
def test_wrong_names_get_a_cure(ev: Evidence, call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as error:
        call(ev)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_one_publication_one_vote(ev: Evidence) -> None:
    ids = ["secretion-134", "secretion-137"]
    assert {ev.claims[i].ref for i in ids} == {"71"}
    sources = ev.sources(ids)
    assert [(s.vote, s.claims) for s in sources] == [("secretion:71", tuple(ids))]
    uncited = [c.id for c in ev.claims.values() if c.review == "sepsis" and not c.ref][:3]
    assert [s.vote for s in ev.sources(uncited)] == ["sepsis"]
    assert "review 'sepsis'" in ev.sources(uncited)[0].text


def test_cited_author_and_doi_go_to_their_own_reference(ev: Evidence) -> None:
    claim = next(c for c in ev.claims.values() if c.review == "nk" and c.doi and len(c.refs) == 1)
    (source,) = ev.sources([claim.id])
    assert source.doi == claim.doi
    assert f"reference {claim.ref} of " in source.text


def test_sql(ev: Evidence) -> None:
    assert dict(ev.sql("select review, count(*) from claims group by review"))["secretion"] == 218
    query = """select count(*) from edges e join claims c on c.id = e.claim_id where e."from" = 'RAB27A'"""
    assert ev.sql(query)[0][0] == sum(e.start == "RAB27A" for e in ev.edges) > 0
    with pytest.raises(InputError):
        ev.sql("select * from read_csv('/etc/passwd')")


def test_every_parameter_is_a_prior_in_a_known_unit(ev: Evidence) -> None:
    u = np.array([1e-12, 0.05, 0.5, 0.95, 1 - 1e-12])
    for symbol, row in ev.parameters.items():
        prior = ev.prior(symbol)
        units.canonical(prior.unit)
        assert prior.mark in ("read", "derived", "assumed")
        if prior.kind in ("lookup", "switch"):
            continue
        values = prior.quantile(u)
        assert np.all(np.isfinite(values)), symbol
        assert np.all(np.diff(values) >= 0), symbol
        if row.unit.startswith("fraction"):
            assert values[0] >= 0, symbol
            assert values[-1] <= 1, symbol
        if row.unit == "%ID":
            assert values[-1] <= 100, symbol


def test_the_schemas_exceptions(ev: Evidence) -> None:
    for symbol in ("V_lum", "n_lip", "D_w", "D_pl", "J_dl", "f_src", "Q_i", "V_i"):
        assert ev.prior(symbol).kind == "lookup"
    for symbol in ("occ", "origin", "f_PS"):
        assert ev.prior(symbol).kind == "switch"
    escape = ev.prior("f_esc")
    assert (escape.kind, escape.low, escape.high) == ("loguniform", 1e-4, 0.3)


def test_marks_are_mapped_once(ev: Evidence) -> None:
    marks = {"d_MVB": "read", "f_hyp": "assumed", "k_CD63": "derived", "zeta": "assumed"}
    assert {symbol: ev.prior(symbol).mark for symbol in marks} == marks
    assert ev.prior("d_MVB").source == "Peng 2020 (250-1000 nm); 10.1186/s12964-020-00619-5"


@pytest.mark.parametrize(
    ("symbol", "kind", "unit", "low", "typical", "high"),
    [
        ("d_MVB", "lognormal", "nm", 250, 500, 1000),
        ("zeta", "normal", "mV", -40, -20, -8),
        ("rec_UC", "logitnormal", "1", 0.02, 0.2, 0.6),
        ("CL_I", "lognormal", "mL/h", 0.32, 0.96, 2.88),
        ("m_PTX", "lognormal", "pmol/cell", 2e-6, 4e-6, 7e-6),
        ("z_sed", "lognormal", "mm/d", 0.07 / 3, 0.07, 0.21),
        ("m_pass", "lognormal", "cell/vesicle", 2e-8, 2e-7, 7e-7),
        ("pIC50_PDDC", "normal", "1", 6.09, 6.57, 7.05),
    ],
)
def test_priors_from_rows(
    ev: Evidence, symbol: str, kind: str, unit: str, low: float, typical: float, high: float
) -> None:
    prior = ev.prior(symbol)
    assert (prior.kind, prior.unit) == (kind, unit)
    np.testing.assert_allclose(prior.quantile(np.array([0.05, 0.5, 0.95])), [low, typical, high], rtol=1e-9)
    assert prior.spread_assumed == (symbol in ("CL_I", "z_sed"))


def test_passive_null_agrees_with_the_physics(ev: Evidence) -> None:
    from vesiflux.physics import geometry, loading

    typical = ev.prior("m_pass").typical
    assert typical == pytest.approx(loading.passive_lumen(1, geometry.lumen_volume_um3(0.1), 2000), rel=0.02)
