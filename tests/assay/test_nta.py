import numpy as np
import pytest
from scipy.special import ndtr

from vesiflux.assay.measurement.nta import invert_nta
from vesiflux.errors import InputError

from . import track_simulator as simulator

KNOWN = {"concentration_cv": 0.0, "size_cv": 0.0}  # the simulator's volume and scale are exact


def truth(i):
    """A sample and a camera: numbers in view, median, sigma, threshold and contrast all vary."""
    g = np.random.default_rng(1000 + i)
    return g, {
        "per_mL": 10 ** g.uniform(7.7, 8.6),
        "median_nm": g.uniform(70, 160),
        "sigma": g.uniform(0.2, 0.45),
        "threshold_nm": g.uniform(55, 85),
        "contrast": g.uniform(0.6, 1.6),
    }


def estimates(answer):
    return {e["quantity"]: e for e in answer["estimates"]}


def hits(tmp_path, films):
    found = []
    for i in films:
        generator, real = truth(i)
        path = simulator.write(tmp_path / "tracks.csv", simulator.film(generator, **real))
        told = estimates(invert_nta(path, calibration=KNOWN))
        above = real["per_mL"] * ndtr(np.log(real["median_nm"] / 70) / real["sigma"])
        wanted = {
            "concentration": real["per_mL"],
            "concentration above 70 nm": above,
            "median diameter": real["median_nm"],
            "sigma of ln d": real["sigma"],
        }
        found.append([told[q]["low"] <= x <= told[q]["high"] for q, x in wanted.items()])
    return np.array(found).sum(axis=0)


def test_truth_lies_in_the_intervals(tmp_path):
    # 95 % each: 5 of 6 or more in 97 of 100 such tests; the films are fixed
    assert (hits(tmp_path, range(6)) >= 5).all()


@pytest.mark.slow
def test_coverage_over_a_hundred_films(tmp_path):
    found = hits(tmp_path, range(100, 200))
    assert (found >= 90).all(), found


def test_the_inversion_corrects_what_the_instrument_shows(tmp_path):
    """Small particles are missed and short tracks read wide: the shown mean is far off, the estimate not."""
    g = np.random.default_rng(7)
    rows = np.concatenate([simulator.film(g, 4e8, 85, 0.3, threshold_nm=75) for _ in range(3)])
    answer = invert_nta(simulator.write(tmp_path / "t.csv", rows, films=3, dilution=100), calibration=KNOWN)
    told = estimates(answer)
    true = 85 * np.exp(0.045)
    assert answer["shown"]["mean_nm"] > 1.15 * true
    assert told["mean diameter"]["low"] < true < told["mean diameter"]["high"]
    assert abs(told["mean diameter"]["median"] - true) < 0.6 * abs(answer["shown"]["mean_nm"] - true)
    assert answer["shown"]["concentration"] < 0.75 * 4e10 < told["concentration"]["high"]
    assert told["concentration"]["low"] < 4e10


def test_more_films_narrow_the_interval(tmp_path):
    def width(films):
        g = np.random.default_rng(11)
        rows = np.concatenate([simulator.film(g, 3e8, 120, 0.25) for _ in range(films)])
        path = simulator.write(tmp_path / "t.csv", rows, films=films)
        told = estimates(invert_nta(path, calibration=KNOWN))["median diameter"]
        return np.log(told["high"] / told["low"])

    assert width(6) < 0.7 * width(1)


def test_a_histogram_says_nearly_what_its_tracks_say(tmp_path):
    g = np.random.default_rng(5)
    rows = simulator.film(g, 3e8, 120, 0.25)
    tracks = estimates(invert_nta(simulator.write(tmp_path / "t.csv", rows), calibration=KNOWN))
    edges = np.arange(0, 600, 10)
    per_mL, _ = np.histogram(rows[:, 0], edges, weights=rows[:, 1] / 1500 / (8e4 * 1e-12))
    lines = [f"{d},{c}" for d, c in zip(edges[:-1] + 5, per_mL, strict=True)]
    path = tmp_path / "h.csv"
    path.write_text(f"# tracks: {len(rows)}\ndiameter_nm,concentration\n" + "\n".join(lines))
    told = estimates(invert_nta(path, calibration=KNOWN))
    for quantity, true in (("median diameter", 120), ("concentration", 3e8), ("sigma of ln d", 0.25)):
        assert told[quantity]["low"] < true < told[quantity]["high"]
    assert told["median diameter"]["median"] == pytest.approx(tracks["median diameter"]["median"], rel=0.15)


def test_two_populations_are_noticed(tmp_path):
    g = np.random.default_rng(3)
    rows = np.concatenate(
        [simulator.film(g, 5e8, 80, 0.1) for _ in range(4)]
        + [simulator.film(g, 2e8, 400, 0.1) for _ in range(4)]
    )
    answer = invert_nta(simulator.write(tmp_path / "t.csv", rows, films=4))
    assert any("one log-normal class does not fit" in note for note in answer["notes"])


BAD = {
    "": "there is no table",
    "diameter_nm,frames\n": "the table has no rows",
    "size,frames\n100,5\n": "unknown column 'size'",
    "diameter_nm;frames\n100;5\n": "not separated by commas",
    "diameter_nm,frames\n100,five\n": "2:5: 'frames' is a number, not 'five'",
    "diameter_nm,frames\n100,-5\n": "2:5: 'frames' is -5; it cannot be negative",
    "diameter_nm,frames\n100,nan\n": "finite",
    "diameter_nm,frames\n100\n": "this line has 1 cells, the header 2",
    "diameter_nm,frames\n100,20\n": "1 tracks of 5 frames or more; at least 20",
    "diameter_nm,frames\n" + "100,9000\n" * 30: "the film 1500",
    "# frame_rat: 30\ndiameter_nm,frames\n100,20\n": "did you mean 'frame_rate'",
    "# frame_rate: 0\ndiameter_nm,frames\n100,20\n": "'frame_rate' is 0; it must be more than 0",
    "# dilution: 0.5\ndiameter_nm,frames\n100,20\n": "'dilution' and 'films' are 1 at least",
    "diameter_nm,concentration\n100,5\n": "at least 5 bins",
    "diameter_nm,concentration\n" + "".join(f"{d},0\n" for d in range(50, 150, 10)): "the histogram is empty",
    "diameter_nm,diameter_nm\n1,2\n": "stands here twice",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_files(tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        invert_nta(path)
    assert "bad.csv" in str(error.value)
    assert BAD[text] in str(error.value) or not text


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        invert_nta(tmp_path / "none.csv")
