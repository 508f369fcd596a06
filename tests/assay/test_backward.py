import numpy as np
import pytest

from vesiflux.assay.measurement.backward import invert
from vesiflux.errors import InputError


def write(path, name, values, **keys):
    head = "".join(f"# {key}: {value}\n" for key, value in keys.items())
    path.write_text(head + name + "\n" + "".join(f"{v}\n" for v in values))
    return path


def told(answer):
    return {e["quantity"]: e for e in answer["estimates"]}


def caught(value, true):
    return value["low"] < true < value["high"]


@pytest.mark.parametrize(("instrument", "limit"), [("trps", 58), ("nano-flow", 46)])
def test_counters(tmp_path, instrument, limit):
    """Particles drawn one by one: a soft threshold by volume or light, a reading that is off."""
    g = np.random.default_rng(8)
    number = g.poisson(1500)
    d = 80 * np.exp(0.3 * g.standard_normal(number))
    if instrument == "trps":
        seen = d > limit * np.exp(0.06 * g.standard_normal(number))
    else:
        seen = d**6 * np.exp(g.standard_normal(number)) > limit**6
    read = d[seen] * np.exp((0.04 if instrument == "trps" else 0.08) * g.standard_normal(seen.sum()))
    path = write(tmp_path / "x.csv", "diameter_nm", read, volume_mL=1e-5, dilution=10)
    estimates = told(invert(path, instrument))
    assert caught(estimates["concentration"], 1500 / 1e-5 * 10)
    assert caught(estimates["median diameter"], 80)
    assert caught(estimates["sigma of ln d"], 0.3)


def test_the_between_laboratory_error_of_trps_is_in_the_interval(tmp_path):
    g = np.random.default_rng(8)
    d = 120 * np.exp(0.2 * g.standard_normal(4000))
    estimate = told(invert(write(tmp_path / "x.csv", "diameter_nm", d, volume_mL=1e-5), "trps"))
    wide = np.log(estimate["concentration"]["high"] / estimate["concentration"]["low"])
    assert wide == pytest.approx(2 * 1.96 * np.sqrt(np.log1p(0.525**2)), rel=0.1)


def test_pictures(tmp_path):
    g = np.random.default_rng(8)
    d = 0.93 * 85 * np.exp(0.3 * g.standard_normal(200))
    answer = invert(write(tmp_path / "x.csv", "diameter_nm", d), "em")
    assert caught(told(answer)["median diameter"], 85)
    assert caught(told(answer)["sigma of ln d"], 0.3)
    assert "no concentration" in answer["notes"][0]


def test_replicates_cover_the_truth_as_often_as_they_say(tmp_path):
    g = np.random.default_rng(8)
    inside = 0
    for _ in range(60):
        plate = np.exp(0.1 * g.standard_normal())
        values = 50 * plate * (1 + 0.05 * g.standard_normal(3))
        answer = invert(write(tmp_path / "x.csv", "value", values, dilution=4), "protein")
        inside += caught(told(answer)["protein mass"], 200)
    assert 54 <= inside <= 60


def test_a_reading_below_the_limit_only_bounds(tmp_path):
    answer = invert(write(tmp_path / "x.csv", "value", [0, 1, 0]), "protein")
    assert "below the limit" in answer["notes"][0]
    assert told(answer)["protein mass"]["low"] < 0.3
    assert told(answer)["protein mass"]["high"] < 5.1


def test_the_yield_of_pcr_is_taken_out(tmp_path):
    answer = invert(write(tmp_path / "x.csv", "value", [3e6, 3.1e6, 2.9e6]), "ddpcr")
    assert caught(told(answer)["miRNA copies"], 1e7)
    assert told(answer)["miRNA copies"]["low"] > 3.5e6


@pytest.mark.parametrize(
    ("instrument", "text", "message"),
    [
        ("nto", "", "'nto' is no instrument; did you mean 'nta'?"),
        ("trps", "diameter_nm\n" + "100\n" * 30, "the volume counted is missing"),
        ("trps", "# volume_mL: 1\ndiameter_nm\n100\n", "at least 20 particles"),
        ("trps", "# volume_mL: 1\n# dilution: 0\ndiameter_nm\n" + "100\n" * 30, "'dilution' is 1 at least"),
        ("em", "diameter_nm\n0\n0\n0\n0\n0\n", "above 0"),
        ("protein", "value\n-3\n", "it cannot be negative"),
        ("protein", "mass\n3\n", "unknown column 'mass'"),
    ],
)
def test_bad_input(tmp_path, instrument, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        invert(path, instrument)
    assert message in str(error.value)


def test_light(tmp_path):
    sigma = 0.25
    z = 90 * np.exp(5.5 * sigma**2) * np.array([0.98, 1.0, 1.03])
    pdi = np.expm1(sigma**2) * np.array([1.02, 0.97, 1.0])
    path = tmp_path / "x.csv"
    path.write_text("diameter_nm,pdi\n" + "".join(f"{a},{b}\n" for a, b in zip(z, pdi, strict=True)))
    estimates = told(invert(path, "dls"))
    assert caught(estimates["median diameter"], 90)
    assert caught(estimates["sigma of ln d"], sigma)


def test_tetraspanin_patterns_vesicle_by_vesicle(tmp_path):
    g = np.random.default_rng(8)
    share = np.array([0.1, 0.2, 0.05, 0.1, 0.05, 0.2, 0.1, 0.2])
    pattern = g.choice(8, 5000, p=share)
    lit = np.zeros(5000, int)
    for bit in range(3):
        has = pattern >> bit & 1
        lit |= (g.random(5000) < np.where(has, 0.75, 0.015)).astype(int) << bit
    rows = [f"{k & 1},{k >> 1 & 1},{k >> 2},{(lit == k).sum()}" for k in range(8)]
    path = tmp_path / "x.csv"
    path.write_text("CD9,CD63,CD81,count\n" + "\n".join(rows))
    answer = invert(path, "single-ev")
    estimates = told(answer)
    positive = share[np.arange(8) & 1 == 1].sum()
    assert (lit & 1).mean() < 0.8 * positive
    assert caught(estimates["CD9 positive"], positive)
    assert sum(caught(estimates[q], s) for q, s in zip(list(estimates)[:8], share, strict=True)) >= 7


def test_patterns_are_zero_or_one(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("CD9,CD63,CD81,count\n1,2,0,500\n")
    with pytest.raises(InputError, match="are 0 or 1"):
        invert(path, "single-ev")
