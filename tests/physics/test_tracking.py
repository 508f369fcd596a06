import numpy as np
import pytest

from vesiflux.physics.tracking import diameter_bins, seen_again, staying, track_counts


@pytest.mark.parametrize("relative", [0.02, 0.039, 0.041, 0.1, 0.3])
def test_staying_against_walkers(relative):
    generator = np.random.default_rng(3)
    place, inside, share = generator.random(40000), np.ones(40000, bool), [1.0]
    for _ in range(40):
        place = place + relative * generator.standard_normal(place.size)
        inside &= (place > 0) & (place < 1)
        share.append(inside.mean())
    assert staying(relative, 1.0, 41) == pytest.approx(share, abs=0.012)


@pytest.mark.parametrize("diffusion", [0.4, 2.0, 5.0, 20.0])
def test_the_frames_of_all_tracks_are_the_frames_of_the_film(diffusion):
    counts = track_counts(diffusion, 0.04, (100.0, 80.0, 10.0), 1500, 1500)
    assert (counts * np.arange(1, 1501)).sum() == pytest.approx(1500, rel=1e-6)


def test_diameters_read_from_short_tracks_are_wide_and_sum_to_one():
    edges = np.geomspace(0.005, 5.0, 200)
    share = diameter_bins(0.1, np.array([4.0, 100.0]), edges)
    assert share.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)
    middle = np.sqrt(edges[1:] * edges[:-1])
    generator = np.random.default_rng(4)
    speeds = (generator.standard_normal((20000, 4, 2)) ** 2).sum(axis=2).mean(axis=1) / 2
    assert (share[0] * middle).sum() == pytest.approx((0.1 / speeds).mean(), rel=0.03)
    assert (share[1] * middle).sum() == pytest.approx(0.101, rel=0.01)


def test_particles_that_return_make_numbers_spread_more_than_poisson():
    assert seen_again(5.0, (100.0, 80.0, 10.0), 60.0, 0.0) == 1.0
    assert seen_again(5.0, (100.0, 80.0, 10.0), 60.0, 0.6) > 5.0
