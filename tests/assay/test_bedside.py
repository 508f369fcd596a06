"""Readings at the bedside: what is unbiased, what scatters how much, what stands below the limit."""

import numpy as np
import pytest

from vesiflux.assay.bedside import Bedside, Through, reader
from vesiflux.assay.isolation.chain import PARAMETERS, carry_out
from vesiflux.assay.sample import fill, recipe
from vesiflux.assay.tables import priors
from vesiflux.errors import InputError

PATIENTS = 20_000
PRECIPITATED = {"fluid": "plasma", "sample": "0.25 mL", "isolation": "precipitation"}


def through(**said: object) -> Bedside:
    return reader({"fluid": "plasma", "sample": "0.2 mL", "instrument": "esimoa", **said})


def read(what: Bedside, level: float, seed: int = 3) -> np.ndarray:
    return what(np.full(PATIENTS, level), np.random.default_rng(seed))


def sigma(instrument: str) -> float:
    """sd of ln between replicates of one laboratory."""
    table = priors("measurement/parameters.tsv")
    cv, within = table[f"{instrument}_cv"].typical, table["repeat_share"].quantile(0.5)
    return float(within * np.sqrt(np.log1p(cv * cv)))


def test_without_isolation_an_immunoassay_reads_the_level() -> None:
    shown = read(through(fluid="urine"), 1e9)
    width = sigma("esimoa")
    assert np.exp(np.log(shown).mean()) == pytest.approx(1e9, rel=4 * width / np.sqrt(PATIENTS))
    assert np.log(shown).std() == pytest.approx(width, rel=0.03)


def test_a_pcr_reads_its_yield_of_the_copies() -> None:
    what = through(fluid="blood", sample="2.5 mL", instrument="qpcr")
    share = priors("measurement/parameters.tsv")["qpcr_yield"].quantile(0.5)
    assert what.recovery("vesicle") == pytest.approx(share)
    assert np.median(read(what, 1e8)) == pytest.approx(share * 1e8, rel=0.01)


def test_few_copies_scatter_as_poisson_says() -> None:
    what = through(fluid="blood", sample="0.05 mL", instrument="ddpcr")
    part = priors("bedside/parameters.tsv")["reaction_share"].quantile(0.5) * 0.05
    counted = 40.0
    level = counted / part / what.recovery("vesicle")
    shown = read(what, level)
    # counts and the log-normal error multiply, each independent
    expected = (1.0 + 1.0 / counted) * np.exp(sigma("ddpcr") ** 2) - 1.0
    assert shown.var() / shown.mean() ** 2 == pytest.approx(expected, rel=0.06)
    assert counted / part > 2 * what.limit


def test_below_the_limit_stands_what_the_table_says() -> None:
    for instrument in ("qpcr", "ddpcr", "elisa", "esimoa"):
        what = through(fluid="urine", instrument=instrument)
        assert np.array_equal(np.unique(read(what, 0.0)), [0.5 * what.limit])
        assert read(what, 100 * what.limit / what.recovery("vesicle")).min() > what.limit
    counter = through(fluid="urine", instrument="nano-flow")
    assert counter.limit == pytest.approx(2e6)
    beyond_count = Bedside(counter.through, {k: np.zeros_like(v) for k, v in counter.signal.items()})
    assert np.array_equal(np.unique(read(beyond_count, 1e9)), [0.0])


def test_at_the_limit_about_half_are_seen() -> None:
    what = through(fluid="urine")
    shown = read(what, what.limit)
    assert np.mean(shown > what.limit) == pytest.approx(0.5, abs=0.02)


def test_more_sample_lowers_the_limit_where_the_tube_stays() -> None:
    small, large = (through(isolation="precipitation", sample=v) for v in ("0.25 mL", "0.5 mL"))
    assert small.limit == pytest.approx(2.0 * large.limit)


def test_a_counter_counts_as_often_as_poisson_says() -> None:
    what = through(fluid="urine", instrument="nano-flow", sample="1 mL")
    thin = 2e8
    mean = np.mean([np.mean(what.expected(np.full(PATIENTS, thin), np.random.default_rng(1)))])
    shown = read(what, thin)
    assert shown.mean() == pytest.approx(mean * np.exp(0.5 * sigma("nano-flow") ** 2), rel=0.02)


def test_platelets_raise_the_reading_at_an_unchanged_level() -> None:
    level = 1e10
    medians = [
        np.median(read(through(platelet="10 copy/vesicle", handling=h), level))
        for h in ("careful", "usual", "poor")
    ]
    serum = np.median(read(through(platelet="10 copy/vesicle", fluid="serum"), level))
    none = np.median(read(through(), level))
    assert none < medians[0] < medians[1] < medians[2] < serum
    # platelets per mL x share that is active x vesicles each x copies on each
    assert medians[2] - none == pytest.approx(4.5e8 * 0.5 * 5 * 10, rel=0.05)


def test_what_is_outside_vesicles_is_read_too_and_isolation_takes_most_of_it() -> None:
    inside, outside = 1e8, 1e9
    raw, isolated = (
        np.median(read(through(instrument="qpcr", free=outside, isolation=i), inside))
        for i in ("none", "sec")
    )
    alone = np.median(read(through(instrument="qpcr", isolation="sec"), inside))
    assert raw > 9 * 0.3 * inside
    # a column lets 0.65 % of what is late through (read), of which PCR finds what it finds of anything
    column = through(instrument="qpcr", free=outside, isolation="sec")
    assert column.recovery("free") < 0.01 * column.recovery("vesicle")
    assert isolated - alone == pytest.approx(outside * column.recovery("free"), rel=0.3)


def test_the_chain_is_linear_in_what_is_in_the_tube() -> None:
    what = Through.read({**PRECIPITATED, "instrument": "bca"})
    table = priors(PARAMETERS)
    ends = []
    for times in (1.0, 3.0):
        counts = {k: times * p.quantile(0.5) for k, p in what.recipe.counts.items()}
        copies = {k: p.quantile(0.5) for k, (_, p) in what.recipe.cargo.items()}
        start = fill(what.recipe, counts, copies)
        done = carry_out(what.steps, start, lambda _, symbol: float(table[symbol].quantile(0.5)))
        ends.append(done[-1].after)
    for kind, one in ends[0].populations.items():
        assert ends[1].populations[kind].total == pytest.approx(3.0 * one.total, rel=1e-12)
    assert what.tube == pytest.approx(ends[0].volume)


def test_protein_of_a_precipitate_is_that_of_all_its_kinds() -> None:
    what = reader({**PRECIPITATED, "instrument": "bca"})
    fluid = recipe("plasma", 0.25)
    mass = sum(p.quantile(0.5) * what.recovery(kind) for kind, p in fluid.counts.items())
    assert np.median(read(what, 1.05e10)) == pytest.approx(mass, rel=0.25)  # medians of sums


def test_it_is_quick_and_the_same_seed_reads_the_same() -> None:
    levels = np.random.default_rng(1).lognormal(20, 1, PATIENTS)
    one, two = (through(isolation="sec", instrument="nta")(levels, np.random.default_rng(7)) for _ in "ab")
    assert np.array_equal(one, two)
    assert np.isfinite(one).all()
    assert one.shape == levels.shape


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"fluid": "plasm"}, "plasma"),
        ({"isolatn": "sec"}, "isolation"),
        ({"instrument": "em"}, "'instrument' cannot be 'em'"),
        ({"instrument": "bcs"}, "bca"),
        ({"sample": "1 h"}, "'sample'"),
        ({"sample": "0 mL"}, "more than 0"),
        ({"sample": True}, "'sample'"),
        ({"isolation": "sec", "sample": "2 mL"}, "at most 0.5 mL"),
        ({"isolation": "secc"}, "sec"),
        ({"handling": "rough"}, "careful"),
        ({"fluid": "blood", "isolation": "sec"}, "as it is"),
        ({"fluid": "blood", "instrument": "nta"}, "cannot read blood"),
        ({"free": "-1 copy/mL"}, "less than none"),
        ({"instrument": "nta", "platelet": 3}, "shows none"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        through(**said)


def test_a_needed_key_and_a_level_that_is_no_number() -> None:
    with pytest.raises(InputError, match="needs 'sample'"):
        reader({"fluid": "plasma", "instrument": "nta"})
    for level in (np.nan, -1.0):
        with pytest.raises(InputError, match="level"):
            through()(np.array([level]), np.random.default_rng(1))
