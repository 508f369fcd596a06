"""A linear, well-mixed model says the same in a dish and in a tissue, the nearer the shorter the step."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.engines.tissue.coupled import in_flask, in_square

RATE = """
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}, decay: {half_life: 3 h}}
cells:
  donor:
    is: tumour_cell
    count: 4
    radius: 5 um
    PLACE
    secretes: {exosome: {rate: 600 vesicle/cell/h, cargo: {miR-10b: {copies: 0.5}}}}
  taker:
    is: cd8_t_cell
    count: 4
    radius: 5 um
    PLACE
    takes_up: {exosome: {clearance: 3e-9 mL/cell/h, escape: 0.1, recycling: 0.2, supply: none}}
    signals: {miR-10b @cytosol: {half: 100 copy/cell, half_life: 5 h}}
"""
MACHINERY = (
    RATE.replace("cells:\n", "modules: {mvb: mvb}\ncells:\n")
    .replace("rate: 600 vesicle/cell/h", "machinery: mvb")
    .replace("secretes:", "modules: {mvb: mvb}\n    secretes:")
)
DOSES = (
    RATE
    + """
preparations:
  pure: {vesicle: exosome, cargo: {miR-10b: {copies: 2}}}
schedule:
  - {at: 2 h, dose: pure, amount: 3e10 vesicle/mL}
  - {at: 4 h, dose: pure, amount: 1e3 vesicle}
"""
)


def switched(start: str, stop: str | None) -> str:
    """The machinery with a knock-down between two times."""
    until = "" if stop is None else f", stop: {stop}"
    return (
        MACHINERY
        + f"""
interventions:
  less: {{inhibits: RAB27A, efficacy: 0.8, start: {start}{until}}}
arms:
  treated: {{interventions: [less]}}
"""
    )


def errors(body: str, step: float, dish: Mapping[str, float], tolerance: float = 1e-10) -> dict[str, float]:
    """Relative differences of the tissue from the dish; the surface is stated to err most."""
    tissue = in_square(body, step, tolerance=tolerance)
    tissue.run_until(6.0)
    assert max(tissue.balance().values()) < 1e-12
    cells = tissue.frame().cells
    of = cells["kind"] == 1
    found = {
        "medium": float(tissue.field("exosome").mean()) / dish["medium.exosome"],
        "cytosol": float(cells["copies.miR-10b.cytosol"][of].mean()) / dish["taker.copies.miR-10b.cytosol"],
        "surface": float(cells["copies.miR-10b.surface"][of].mean()) / dish["taker.copies.miR-10b.surface"],
    }
    wrong = {name: value - 1.0 for name, value in found.items()}
    assert max(map(abs, wrong.values())) <= 1.05 * tissue.coupling_error + 2e-6
    return wrong


def orders(coarse: Mapping[str, float], fine: Mapping[str, float]) -> dict[str, float]:
    """How much smaller errors became with half the step."""
    return {name: coarse[name] / fine[name] for name in coarse}


def test_second_order_in_the_step() -> None:
    dish = in_flask(RATE)
    coarse, middle, fine = (errors(RATE, step, dish) for step in (0.1, 0.05, 0.025))
    assert max(abs(fine["medium"]), abs(fine["cytosol"])) < 1e-6
    last = orders(middle, fine)
    assert min(last.values()) > 3.5
    assert max(last.values()) < 4.5
    assert 3.95 < last["surface"] < 4.05
    assert abs(orders(coarse, middle)["surface"] - 4.0) < 0.2
    # what is left of the surface is the next even order, to be taken out by extrapolation
    once = [(4.0 * b["surface"] - a["surface"]) / 3.0 for a, b in ((coarse, middle), (middle, fine))]
    assert abs((16.0 * once[1] - once[0]) / 15.0) < 1e-6


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(MACHINERY, id="machinery"),
        pytest.param(DOSES, id="doses"),
        pytest.param(switched("2 h", "4.4 h"), id="in mid-run"),
        pytest.param(switched("2.03 h", "4.37 h"), id="within a step"),
        pytest.param(switched("0 h", "3 h"), id="from the start"),
        pytest.param(switched("before", None), id="before"),
        pytest.param(switched("before", "3 h"), id="before, then no more"),
    ],
)
def test_the_same_with(body: str) -> None:
    dish = in_flask(body)
    coarse, fine = errors(body, 0.2, dish, 1e-7), errors(body, 0.1, dish, 1e-7)
    assert max(abs(fine["medium"]), abs(fine["cytosol"])) < 1e-4
    assert 3.7 < orders(coarse, fine)["surface"] < 4.1


ANSWERING = (
    RATE.replace("escape: 0.1", "escape: 0.2")
    + """    nodes: {alarm: {tau: 1 h}}
    responses:
      - miR-10b @cytosol -> alarm
"""
)


def test_one_mean_cell_is_a_dish() -> None:
    """Alike cells leave no gap; where half of them get nothing, the mean of the answers is another."""
    alike = in_square(ANSWERING, 0.05)
    alike.run_until(6.0)
    mean, alone = alike.mean_cell_gap()["taker"]["node.alarm"]
    assert mean == pytest.approx(alone, rel=1e-12)
    assert mean == pytest.approx(in_flask(ANSWERING)["taker.node.alarm"], rel=1e-4)
    apart = in_square(ANSWERING, 0.05)
    apart.field("exosome.donor")[0, 0, :] = 2e12
    apart.field("exosome.donor.miR-10b")[0, 0, :] = 1e12
    apart.run_until(3.0)
    gap = apart.mean_cell_gap()["taker"]
    linear, answer = gap["copies.miR-10b.cytosol"], gap["node.alarm"]
    assert linear[0] == pytest.approx(linear[1], rel=1e-6)
    assert abs(answer[0] / answer[1] - 1.0) > 1e-6
