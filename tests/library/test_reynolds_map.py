"""Every boundary that Reynolds 2006 prints, by the engine, and by a peer that shares nothing with it.

Read in the paper (10.1016/j.jtbi.2006.02.016): the numbers of ``READ`` in ``docs/assets/reynolds-map.py``,
the ends of figure 5, the outcomes of figure 9, and what section 3 says of figures 7 and 8. None is recalled.
"""

from __future__ import annotations

import csv
import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, brentq, fsolve

ASSETS = Path(__file__).parents[2] / "docs" / "assets"
SCRIPT = ASSETS / "reynolds-map.py"
HEALTH, ASEPTIC, SEPTIC = 0, 1, 2
BOUNDARIES = (
    "local_bistable", "health_lost", "np_saddle_node", "np_hopf", "nd_saddle_node", "fixed_saddle_node",
    "fixed_hopf", "fixed_aseptic_lost", "three_stable", "septic_exists", "aseptic_lost", "health_only",
    "normal_at_10_h",
)  # fmt: skip


@cache
def script() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(SCRIPT)))


@cache
def ours() -> dict[str, float]:
    return dict(script().computed())


# ---------------------------------------------------------------- the engine against the paper


@pytest.mark.parametrize("name", BOUNDARIES)
def test_a_boundary_is_the_paper_s_to_its_last_digit(name):
    read = next(r for r in script().READ if r.name == name)
    assert abs(ours()[name] - read.value) <= 0.5001 * read.digit


def test_every_number_read_is_tested_and_shown():
    rows = list(csv.DictReader((ASSETS / "reynolds-map.tsv").open(encoding="utf-8"), delimiter="\t"))
    assert {r.name for r in script().READ} == set(BOUNDARIES) == {row["boundary"] for row in rows}
    page = (ASSETS.parent / "models" / "reynolds-map.md").read_text(encoding="utf-8")
    for row in rows:
        assert float(row["computed"]) == pytest.approx(ours()[row["boundary"]], abs=2e-5)
        assert f"| {row['what']} | {row['where']} | {row['read']} | {row['computed']} |" in page


def test_figure_5():
    found = script().end(np.array([0.3, 0.3, 0.6]), np.array([1.0, 1.5, 1.0]))
    assert found.tolist() == [HEALTH, ASEPTIC, SEPTIC]


def test_figure_7_mediators_help_and_help_most_as_they_come():
    m = script()
    growth = np.array([0.31, 0.4, 0.6, 0.9])
    dynamic, none = m.most_pathogen(growth), m.most_pathogen(growth, 0.0, **m.held(0.0))
    for level in (0.125, 0.3, 0.4, 0.7):
        constant = m.most_pathogen(growth, level, **m.held(level))
        assert (none < constant).all()
        assert (constant < dynamic).all()


def test_figure_8_mediators_left_over_help_against_slow_pathogens_alone():
    m = script()
    less, usual, more = (m.most_pathogen(np.array([0.2, 0.6]), c) for c in (0.0625, 0.125, 0.25))
    assert less[0] < usual[0] < more[0]
    assert less[1] > usual[1] > more[1]
    # and too many harm there as well
    assert m.most_pathogen(np.array([0.3]), 0.8)[0] < m.most_pathogen(np.array([0.3]), 0.3)[0]


def test_figure_9_what_is_given_or_taken_at_ten_hours_decides():
    levels = [0.0, 0.12, 0.2, 0.24, 0.303, 0.32, 0.35, 0.36, 0.8]
    assert script().reset(levels).tolist() == [ASEPTIC] * 3 + [HEALTH] * 4 + [SEPTIC] * 2


def test_section_2_4_who_is_awake_already_clears_it_and_stays_ill():
    m = script()
    still = m.held(0.2)
    start = np.array([[0.1, 1.0, 0.0, 0.1], [0, 0, 0, 1.0], [0, 0, 5.0, 0], [0.2] * 4])
    found = m.outcome(m.core().run(m.LONG, start, k_pg=2.0, **still))
    assert found.tolist() == [SEPTIC, SEPTIC, ASEPTIC, ASEPTIC]


# ---------------------------------------------------------------- the peer: written out, scipy's roots


def rates(y, growth, mediators=None):
    p, n, d, c = y
    calm = 1 + (c / 0.28) ** 2
    r = (0.01 * n + 0.1 * p + 0.02 * d) / calm
    x = n / calm
    alarmed = (n + 48 * d) / calm
    return np.array(
        [
            growth * p * (1 - p / 20) - 0.6 * 0.005 * p / (0.002 + 0.01 * p) - 1.8 * x * p,
            0.08 * r / (0.12 + r) - 0.05 * n,
            0.35 * x**6 / (0.06**6 + x**6) - 0.02 * d,
            mediators - c if mediators is not None else 0.0125 + 0.04 * alarmed / (1 + alarmed) - 0.1 * c,
        ]
    )


def root(guess, growth, mediators=None):
    found, _, flag, why = fsolve(rates, guess, args=(growth, mediators), xtol=1e-13, full_output=True)
    assert flag == 1, why
    return found


def eigenvalues(y, growth, mediators=None):
    slopes = approx_fprime(y, lambda x: rates(x, growth, mediators), 1e-7)
    return np.sort_complex(np.linalg.eigvals(slopes))


GUESS = {"health": (0, 0, 0, 0.125), "aseptic": (0, 0.63, 17.4, 0.52), "septic": (5, 0.98, 17.5, 0.52)}


def test_the_three_ends_are_where_scipy_finds_them():
    m = script()
    branch = m.septic(np.array([4.0, 8.0, 12.0]))
    for i in range(3):
        found = root(branch.states[:, i] * 1.02, branch.growth[i])
        assert found == pytest.approx(branch.states[:, i], rel=1e-6)
        assert np.sort_complex(branch.values[i]) == pytest.approx(
            eigenvalues(found, branch.growth[i]), rel=1e-3, abs=1e-5
        )
    found = root(GUESS["aseptic"], 0.6)
    assert m.aseptic()[:, 0] == pytest.approx(found, rel=1e-6, abs=1e-9)
    values = m.growing(m.aseptic(), k_pg=0.6)[0]
    assert np.sort_complex(values) == pytest.approx(eigenvalues(found, 0.6), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(
    ("growth", "stable"),
    [
        (0.3, ["health", "aseptic"]),
        (0.6, ["health", "aseptic", "septic"]),
        (1.4, ["health", "aseptic", "septic"]),
        (1.6, ["aseptic", "septic"]),
        (1.9, ["septic"]),
    ],
)
def test_figure_6_which_ends_are_stable_by_the_eigenvalues_of_the_peer(growth, stable):
    found = []
    for name, guess in GUESS.items():
        if name == "septic" and growth < 0.5137:
            continue  # there is none
        if name == "septic" and growth > 1:
            guess = (13, 1.2, 17.5, 0.52)
        y = root(guess, growth)
        assert (y[0] > 0.1) == (name == "septic")
        if eigenvalues(y, growth).real.max() < 0:
            found.append(name)
    assert found == stable


def test_saddle_node_and_hopf_bifurcations_by_the_peer():
    def fold(z, mediators):
        slopes = approx_fprime(z[:4], lambda x: rates(x, z[4], mediators), 1e-7)
        return [*rates(z[:4], z[4], mediators), 1e3 * np.linalg.det(slopes)]

    for name, mediators, guess in (
        ("septic_exists", None, (2.2, 0.83, 17.45, 0.52, 0.52)),
        ("fixed_saddle_node", 0.2, (1.0, 1.1, 17.5, 0.2, 1.7)),
    ):
        found, _, flag, why = fsolve(fold, guess, args=(mediators,), full_output=True)
        assert flag == 1, why
        assert found[4] == pytest.approx(ours()[name], abs=2e-5)

    def leading(growth):
        y = root((2.5, 1.2, 17.5, 0.2), growth, 0.2)
        return eigenvalues(y, growth, 0.2).real.max()

    assert brentq(leading, 1.7025, 1.74, xtol=1e-6) == pytest.approx(ours()["fixed_hopf"], abs=5e-5)
