import numpy as np
import pytest

from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.measurement.counting import relative_scatter, seen_by_scatter
from vesiflux.assay.measurement.forward import confusion, pattern_name, read_tube, readings, replicates
from vesiflux.assay.protocol import load
from vesiflux.assay.sample import fill, recipe
from vesiflux.assay.species import grid, species
from vesiflux.assay.tables import priors, rows
from vesiflux.errors import InputError

TABLE = priors("measurement/parameters.tsv")


def typical(symbol):
    return float(TABLE[symbol].quantile(0.5))


def tube(**per_mL):
    base = recipe("plasma", 1.0)
    counts = dict.fromkeys(base.counts, 0.0) | {k.replace("_", "-"): v for k, v in per_mL.items()}
    return fill(base, counts, {key: prior.typical for key, (_, prior) in base.cargo.items()})


def shown(sample, instrument):
    return {r.quantity: r for r in read_tube(sample, instrument, typical)}


@pytest.mark.parametrize("kind", species().values(), ids=lambda k: k.name)
def test_grids_have_the_moments_of_their_lognormal(kind):
    d, share = grid(kind)
    for order in (1, 2, 3, 6):
        exact = kind.median**order * np.exp(0.5 * (order * kind.sigma) ** 2)
        assert (share * d**order).sum() == pytest.approx(exact, rel=1e-3)


def test_half_is_seen_at_the_limit_and_bright_particles_sooner():
    assert seen_by_scatter(0.065, 0.065, 1.0) == pytest.approx(0.5)
    assert relative_scatter(1.46) > 4 * relative_scatter(1.39)
    assert seen_by_scatter(0.055, 0.065, 1.0, 1.46) > 0.5 > seen_by_scatter(0.055, 0.065, 1.0, 1.39)


def test_conventional_flow_misses_nearly_all_small_vesicles():
    """Survey, LOD_FC: more than 95 % of small vesicles are missed."""
    reading = shown(tube(exosome=1e9), "flow")["concentration"]
    assert reading.true == pytest.approx(1e9, rel=1e-6)
    assert reading.shown < 0.05 * reading.true


def test_counters_count_lipoproteins_microscopes_do_not():
    alone, mixed = tube(exosome=1e9), tube(exosome=1e9, VLDL=1e13)
    assert shown(mixed, "nta")["concentration"].shown > 50 * shown(alone, "nta")["concentration"].shown
    assert shown(mixed, "nta")["vesicles among what is counted"].shown < 0.02
    assert shown(mixed, "em")["mean diameter"].shown == shown(alone, "em")["mean diameter"].shown


def test_plasma_is_nearer_to_what_was_read_than_it_was_and_the_limit_decides_the_rest():
    """Reference intervals of healthy people; lipoproteins are NMR's, so nothing here is fitted to a count."""
    base = recipe("plasma", 1.0)
    plasma = tube(**{k: float(p.quantile(0.5)) for k, p in base.counts.items()})
    for row in rows("measurement/published.tsv"):
        middle = np.sqrt(float(row["low"]) * float(row["high"]))
        now = shown(plasma, row["instrument"])["concentration"].shown
        assert middle < now < 0.25 * float(row["before"])
    count, pure = (shown(plasma, "nta")[q] for q in ("concentration", "vesicles among what is counted"))
    assert 5 < count.shown / np.sqrt(1.4e11 * 1.2e12) < 12
    assert 0.0 < pure.shown < 0.02  # more than 98 % are VLDL (10.1038/s41598-018-35401-8)

    def blind(symbol):
        return {"nta_limit": 0.09, "trps_limit": 0.135}.get(symbol, typical(symbol))

    for row in rows("measurement/published.tsv"):
        seen_then = read_tube(plasma, row["instrument"], blind)[0].shown
        assert float(row["low"]) < seen_then < float(row["high"])


def test_light_weighs_by_the_sixth_power():
    """A log-normal's intensity-weighted harmonic mean is median exp(5.5 sigma^2)."""
    d = shown(tube(exosome=1e9), "dls")["intensity-weighted diameter"]
    assert d.shown == pytest.approx(85 * np.exp(5.5 * 0.09), rel=0.01)
    assert shown(tube(exosome=1e9, microvesicle=1e7), "dls")["intensity-weighted diameter"].shown > d.shown


def test_particles_per_ug_of_pure_vesicles_is_the_survey_s():
    """Survey: 500-3000 proteins in a vesicle are 4e9 to 2.7e10 particles per ug."""
    sample = tube(exosome=1e10)
    assert 4e9 < sample.vesicles() / sample.protein_ug() < 2.7e10


def test_bulk_assays_see_all_carriers_and_their_limits():
    mixed = tube(exosome=1e9, AGO2=1e11)
    reading = shown(mixed, "ddpcr")["miRNA"]
    assert reading.shown == pytest.approx(0.3 * (1e9 * 0.00825 + 1e11 * 0.01), rel=1e-6)
    assert reading.true == pytest.approx(1e9 * 0.00825)
    assert not reading.below_limit
    assert shown(tube(exosome=1e4), "ddpcr")["miRNA"].below_limit
    assert shown(tube(exosome=1e4), "protein")["protein"].below_limit


def test_patterns_are_shares_and_a_perfect_assay_shows_the_truth():
    readings_ = read_tube(tube(exosome=1e9), "single-ev", typical)
    assert sum(r.shown for r in readings_) == pytest.approx(1)
    assert sum(r.true for r in readings_) == pytest.approx(1)
    assert np.array_equal(confusion(1.0, 0.0), np.eye(8))
    assert confusion(0.8, 0.01).sum(axis=0) == pytest.approx(np.ones(8))
    assert pattern_name(5) == "CD9+ CD63- CD81+"
    triple = next(r for r in readings_ if r.quantity == "CD9+ CD63+ CD81+")
    assert triple.true == pytest.approx(0.6**3)
    assert triple.shown < 0.6 * triple.true


def test_readings_have_intervals_around_the_typical_value():
    for entry in readings(isolate(load("uc-sec"), draws=60)):
        assert entry["low"] <= entry["median"] <= entry["high"]
        assert 0 <= entry["below_limit_share"] <= 1
    assert all("low" not in entry for entry in readings(isolate(load("uc"), draws=0)))


def test_replicates_scatter_less_than_laboratories_and_around_one_of_them():
    done = isolate(load("uc-sec"), 0)
    means, scatters = [], []
    for seed in range(1, 41):
        read = next(r for r in replicates(done, 30, seed) if r["quantity"] == "concentration")
        logs = np.log(np.array(read["values"]) / read["true"])
        means.append(logs.mean())
        scatters.append(logs.std(ddof=1))
    between = np.std(means, ddof=1)
    assert 0.25 < np.mean(scatters) / between < 0.6  # repeat_share 0.4; 40 laboratories
    assert between == pytest.approx(np.sqrt(np.log1p(0.25**2)), rel=0.35)
    assert replicates(done, 3, 5) == replicates(done, 3, 5)


def test_no_replicates_cannot_be_measured():
    with pytest.raises(InputError, match="0 replicates"):
        replicates(isolate(load("uc-sec"), 0), 0)
