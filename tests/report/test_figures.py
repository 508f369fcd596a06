"""Every figure on made-up data: nothing leaves the canvas, rows are plain, equal inputs give equal bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
import synthetic

from vesiflux.report.figures.common import Band, Interval
from vesiflux.report.figures.drivers import rank_correlations
from vesiflux.report.figures.folds import ReportedRange
from vesiflux.report.figures.steps import StepsData, sentence
from vesiflux.report.style import drawing, inlined, number, to_svg


@pytest.mark.parametrize("name", synthetic.ALL)
def test_figure_draws_inside_its_canvas_with_text_that_stays_text(name):
    module, make = synthetic.ALL[name]
    with drawing():
        figure = module.draw(make())
        figure.draw_without_rendering()
        renderer = figure._get_renderer()
        texts = [
            t for t in figure.findobj(lambda a: hasattr(a, "get_text")) if t.get_text() and t.get_visible()
        ]
        boxes = {t.get_text(): t.get_window_extent(renderer) for t in texts}
        svg = to_svg(figure, "a <title>")
        drawn = {unescape(t) for t in re.findall(r"<text[^>]*>([^<]*)</text>", svg)}
    width, height = figure.bbox.width, figure.bbox.height
    outside = [
        text
        for text, b in boxes.items()
        if (b.x0 < -1 or b.y0 < -1 or b.x1 > width + 1 or b.y1 > height + 1)
        and drawn >= set(text.split("\n"))  # labels of ticks beyond the axes are not drawn
    ]
    assert len(boxes) > 5
    assert not outside
    assert "<title>a &lt;title&gt;</title>" in svg
    assert "<text" in svg
    assert "<metadata>" not in svg
    assert "Helvetica" in svg


@pytest.mark.parametrize("name", synthetic.ALL)
def test_rows_are_flat_and_have_the_same_columns(name):
    module, make = synthetic.ALL[name]
    rows = module.rows(make())
    assert rows
    assert len({tuple(r) for r in rows}) == 1
    assert all(v is None or isinstance(v, str | float | int) for r in rows for v in r.values())


@pytest.mark.parametrize("name", ["folds", "plane"])
def test_equal_data_gives_equal_bytes(name):
    module, make = synthetic.ALL[name]
    data = make()
    with drawing():
        first, second = (inlined(to_svg(module.draw(data), "t"), "x") for _ in range(2))
    assert first == second
    ids = re.findall(r'\bid="([^"]*)"', first)
    assert all(i.startswith("x-") for i in ids)
    assert {u[1:] for u in re.findall(r'(?:url\(|href=")(#[^")]*)', first)} <= set(ids)


def test_interval_and_band_leave_failed_draws_out():
    values = np.arange(101.0)
    values[50] = np.nan
    found = Interval.of(values)
    assert found.n == 100
    assert found.low < 6 < 50 < found.high
    matrix = np.tile(np.arange(3.0), (10, 1))
    matrix[4, 1] = np.nan
    assert Band.of(matrix).median.tolist() == [0, 1, 2]
    assert not Interval.of([np.nan]).known


def test_rank_correlations_find_the_driver_and_skip_what_does_not_vary():
    rng = np.random.default_rng(1)
    x, noise = rng.standard_normal((2, 300))
    found = rank_correlations({"x": x, "noise": noise, "fixed": np.ones(300)}, -np.exp(x))
    assert found["x"] == pytest.approx(-1)
    assert abs(found["noise"]) < 0.2
    assert "fixed" not in found
    assert rank_correlations({"x": x[:5]}, x[:5]) == {}
    assert rank_correlations({"x": x}, 1 + 1e-15 * x) == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,200"), (0.0123, "0.012"), (3e9, "3e9"), (69, "69"), (1, "1.0"), (0, "0"), (-0.5, "−0.50"),
     (None, "–"), (float("inf"), "∞"), (9.99, "10")],
)  # fmt: skip
def test_numbers_read_plainly(value, text):
    assert number(value) == text


def test_reported_texts():
    assert ReportedRange(69, 100).text == "69–100"
    assert ReportedRange(2.5, None).text == "≥ 2.5"
    assert ReportedRange(sign="-").text == "↓"


def test_the_saturated_step_is_named():
    said = sentence(synthetic.steps_data(), "control")
    assert said.index("Least left: Fusion") < said.index("Most left: Transport")
    gains = [
        replace(g, gain=Interval.of([1.05 if g.step == "docking" else 3.0]))
        for g in synthetic.steps_data().gains
    ]
    assert sentence(StepsData(tuple(gains)), "control").startswith("Saturated: Docking")
