"""A module of counted species becomes a reaction network; the same process as written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.ssa import simulate
from vesiflux.errors import InputError
from vesiflux.ir.stochastic import mass_action
from vesiflux.ir.stochastic_discrete import network_of
from vesiflux.language.schema import Module


def module(**changes):
    content = {
        "vesiflux_module": 1,
        "name": "pairs",
        "parameters": {
            "supply": {"typical": 20, "unit": "1/h", "mark": "assumed", "source": "test"},
            "bind": {"typical": 0.001, "unit": "1/min", "mark": "assumed", "source": "test"},
        },
        "nodes": {"DRIVE": {}},
        "species": {"A": {"unit": "1", "initial": "2 * 20"}, "B": {"unit": "1"}, "AA": {"unit": "1"}},
        "expressions": {"meeting": "bind * A * (A - 1) / 2"},
        "reactions": {
            "come": {"rate": "supply * DRIVE", "moves": {"A": 1}},
            "turn": {"rate": "0.5 * A", "moves": {"A": -1, "B": 1}},
            "meet": {"rate": "bind * A * B", "moves": {"A": -1, "B": -1}},
            "pair": {"rate": "meeting", "moves": {"A": -2, "AA": 1}},
        },
    }
    for path, value in changes.items():
        *above, last = path.split("__")
        part = content
        for key in above:
            part = part[key]
        part[last] = value
    return Module.model_validate(content)


def test_the_same_process_as_by_hand():
    network = network_of(module())
    assert list(network.tapes) == [3]
    assert network.rate == pytest.approx([20.0, 0.5, 0.06, 0.0])
    by_hand = mass_action(
        {"A": 40, "B": 0, "AA": 0},
        [
            ({}, {"A": 1}, 20.0),
            ({"A": 1}, {"B": 1}, 0.5),
            ({"A": 1, "B": 1}, {}, 0.06),
            ({"A": 2}, {"AA": 1}, 0.06),
        ],
    )
    a, b = (simulate(n, 300, times=[1.0, 4.0], seed=2) for n in (network, by_hand))
    assert a.ok.all()
    assert (a.counts == b.counts).mean() > 0.999  # round-off may turn one choice in a million
    assert (a.counts.min() >= 0).all()


def test_values_are_set_in_the_units_of_the_module():
    network = network_of(module(), {"bind": 0.002, "DRIVE": 3.0})
    assert network.rate == pytest.approx([60.0, 0.5, 0.12, 0.0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reactions__come__moves": {"A": 0.5}}, "come moves A by 0.5, no whole number"),
        ({"species__A__initial": 2.5}, "A starts at 2.5, no whole number"),
    ],
)
def test_what_is_not_counted_is_refused(change, said):
    with pytest.raises(InputError, match=said):
        network_of(module(**change))


def test_unknown_values_are_named():
    with pytest.raises(InputError, match="no parameter or node 'bid'; there are supply, bind, DRIVE"):
        network_of(module(), {"bid": 1.0})


def test_counts_at_rest_are_whole():
    found = simulate(network_of(module()), 4, times=np.array([0.0, 10.0]), seed=1)
    assert (found.counts[:, 0] == [40, 0, 0]).all()
