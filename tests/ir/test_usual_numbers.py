"""Another cell's node is felt by how many of those cells there are, against their number under an option."""

from __future__ import annotations

import numpy as np
import pytest

import vesiflux
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: felt
space: {kind: dish, volume: 1 mL}
cells:
  sender: {is: macrophage, count: 1e6, nodes: {level: {basal: 0.5}}}
  receiver: {is: fibroblast, count: 1, nodes: {felt: {tau: 0.1 h}}, responses: ['sender.level -> felt']}
choices:
  size: {title: size, default: large, options: {large: {}, small: {sender.count: 1e3}}}
arms:
  large: {}
  small: {set: {size: small}}
  half: {set: {sender.count: 5e5}}
  none: {set: {sender.count: 0}}
run: {for: 10 h, record: 10 h, draws: 1}
"""


@pytest.fixture(scope="module")
def felt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    run = vesiflux.run(Model.from_text(TEXT), store=tmp_path_factory.mktemp("runs"))
    return {arm: float(np.asarray(run.final("receiver.node.felt", arm))[0]) for arm in run.arms}


def test_an_option_with_fewer_cells_feels_them_as_they_are(felt: dict[str, float]) -> None:
    assert felt["small"] == pytest.approx(felt["large"], rel=1e-6)
    assert felt["large"] > 0.3


def test_fewer_than_usual_are_felt_less(felt: dict[str, float]) -> None:
    assert felt["none"] < 1e-6
    assert felt["none"] < felt["half"] < felt["large"]
