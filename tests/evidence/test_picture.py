"""Pictures of claims, measured: nothing overlaps, boxes hold only their own, same claims, same bytes."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.graph import Arrow
from vesiflux.report.claims import draw_claims, write_claims_picture
from vesiflux.report.claims.labels import along, place_numbers
from vesiflux.report.claims.layout import LEAD, Box, Layout, Route, arrange
from vesiflux.report.claims.scene import compose

CASES: dict[str, dict[str, Any]] = {
    "miR-10b": {"claims": ["tme-037", "tme-038", "tme-039"]},
    "HMGB1": {"claims": [f"sepsis-{n:03}" for n in (19, 20, 21, 22, 23, 24, 25, 26, 100)]},
    "GW4869": {"between": ("GW4869", "exosome_secretion")},
    "hypoxia": {"between": ("hypoxia", "tumour_growth")},
    "ceramide": {"about": ("ceramide", 2)},
    "nk_cell_exosome": {"about": ("nk_cell_exosome", 1)},
    "two ways": {"claims": ["msc-001", "msc-002", "msc-060", "msc-075", "msc-114", "msc-080"]},
}


def arrows_of(case: dict[str, Any]) -> list[Arrow]:
    network = Evidence.load().network(doubtful=True)
    if "claims" in case:
        return network.of_claims(case["claims"])
    if "between" in case:
        return network.between(*case["between"], None, 6, 30)[0]
    name, steps = case["about"]
    return network.around(name, None, steps, 30)[0]


def check(layout: Layout, lane: list[int], edges: list[tuple[int, int]]) -> None:
    for a, b in itertools.combinations(layout.nodes, 2):
        assert not a.meets(b)
    for a, b in itertools.combinations([box for box in layout.lanes if box], 2):
        assert not a.meets(b)
    for number, node in enumerate(layout.nodes):
        for k, box in enumerate(layout.lanes):
            if box is not None:
                assert box.holds(node) if lane[number] == k else not box.meets(node)
        assert Box(0, 0, layout.width, layout.height).holds(node)
    for route in layout.routes:
        start, end = edges[route.edge]
        across = [x for x, _ in route.points]
        assert across in (sorted(across), sorted(across, reverse=True))  # never back on itself
        for (x0, y0), (x1, y1) in zip(route.points[::2], route.points[1::2], strict=True):
            assert y0 == y1
            assert abs(x1 - x0) >= LEAD - 1e-9  # room for a head
        others = [box for n, box in enumerate(layout.nodes) if n not in (start, end)]
        for x, y in along(route):
            assert not any(b.left < x < b.right and b.bottom < y < b.top for b in others), route
        for (x, y), box in ((route.points[0], layout.nodes[start]), (route.points[-1], layout.nodes[end])):
            assert x in (box.left, box.right)
            assert box.bottom <= y <= box.top


@pytest.mark.parametrize("name", CASES)
def test_layout_of_real_cases(name: str) -> None:
    ev = Evidence.load()
    scene = compose(ev, arrows_of(CASES[name]), name, {name})
    lane = [
        next((k for k, box in enumerate(scene.layout.lanes) if box and box.holds(node)), -1)
        for node in scene.layout.nodes
    ]
    check(scene.layout, lane, [(line.start, line.end) for line in scene.lines])
    sizes = {route.edge: (12.0, 7.0) for route in scene.layout.routes}
    numbers = place_numbers(scene.layout.routes, sizes, scene.layout.nodes)
    assert numbers.keys() == sizes.keys()
    for edge, (x, y) in numbers.items():
        number = Box(x - 6, y - 3.5, x + 6, y + 3.5)
        assert not any(number.meets(node) for node in scene.layout.nodes), edge


def test_a_number_moves_along_its_arrow_out_of_the_way() -> None:
    route = Route(0, ((0.0, 0.0), (100.0, 0.0)))
    assert place_numbers([route], {0: (10.0, 7.0)}, []) == {0: (50.0, 0.0)}
    ((x, _),) = place_numbers([route], {0: (10.0, 7.0)}, [Box(40, -10, 60, 10)]).values()
    assert abs(x - 50) >= 15


@pytest.mark.parametrize("seed", range(12))
def test_layout_of_any_graph_circles_and_doubled_arrows_included(seed: int) -> None:
    rng = random.Random(seed)
    count, lanes = rng.randint(2, 24), rng.randint(1, 6)
    labels = [rng.choice((0.0, 40.0, 160.0)) for _ in range(lanes)]
    lane = [rng.randrange(lanes) for _ in range(count)]
    used = sorted(set(lane))
    lane = [used.index(k) for k in lane]
    labels = [labels[k] for k in used]
    sizes = [(rng.uniform(25, 110), rng.choice((16.0, 25.0))) for _ in range(count)]
    edges = [(rng.randrange(count), rng.randrange(count)) for _ in range(rng.randint(1, 2 * count))]
    layout = arrange(sizes, lane, labels, edges)
    assert {route.edge for route in layout.routes} == {i for i, (u, v) in enumerate(edges) if u != v}
    unboxed = [k if labels[k] else -1 for k in lane]
    check(layout, unboxed, edges)


@pytest.mark.parametrize("name", CASES)
def test_no_text_lies_on_another_and_words_fit_their_shapes(name: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    ev = Evidence.load()
    figure = draw_claims(ev, arrows_of(CASES[name]), f"Around {name}", {name})
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    texts = [t for t in axes.texts if t.get_text()]
    boxes = []
    for text in texts:
        extent = text.get_window_extent(canvas.get_renderer())
        inside = figure.bbox
        assert inside.x0 <= extent.x0
        assert extent.x1 <= inside.x1
        assert inside.y0 <= extent.y0
        assert extent.y1 <= inside.y1
        boxes.append((text, Box(extent.x0 + 0.5, extent.y0 + 0.5, extent.x1 - 0.5, extent.y1 - 0.5)))
    for (a, box), (b, other) in itertools.combinations(boxes, 2):
        assert not box.meets(other), (a.get_text(), b.get_text())
    scene = compose(ev, arrows_of(CASES[name]), "", {name})
    words = sorted("\n".join(spot.words) for spot in scene.spots)
    assert sorted(t.get_text() for t in texts if t.get_gid() == "node") == words
    widest = {
        "\n".join(spot.words): node.right - node.left
        for spot, node in zip(scene.spots, scene.layout.nodes, strict=True)
    }
    for text, box in boxes:
        if text.get_gid() == "node":
            assert (box.right - box.left) * 72 / figure.dpi < widest[text.get_text()]


def test_what_the_lines_say() -> None:
    ev = Evidence.load()
    scene = compose(ev, arrows_of(CASES["two ways"]), "", ())
    both = [line for line in scene.lines if line.contested]
    assert {line.sign for line in both} == {1, -1}
    assert any("msc-001" in note for note in scene.notes)
    ends = {(line.start, line.end) for line in both if line.sign > 0}
    assert ends & {(line.start, line.end) for line in both if line.sign < 0}
    sepsis = compose(ev, arrows_of(CASES["HMGB1"]), "", ())
    joined = [line for line in sepsis.lines if not line.stated]
    assert joined
    assert {name for name, vesicle in sepsis.lanes if vesicle} == {"macrophage exosome"}
    assert {"macrophage", "endothelial cell", "host"} <= {name for name, _ in sepsis.lanes}
    assert sepsis.reviews[0].startswith("sepsis: ")


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_equal_claims_give_equal_files(tmp_path: Path, ending: str) -> None:
    ev = Evidence.load()
    arrows = arrows_of(CASES["miR-10b"])
    made = [write_claims_picture(ev, arrows, tmp_path / f"{n}.{ending}", "T < U", ["miR-10b"]) for n in "ab"]
    first, second = (path.read_bytes() for path in made)
    assert first == second
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[ending])
    if ending == "svg":
        text = first.decode()
        assert "<title>T &lt; U</title>" in text
        assert "miR-10b" in text


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    ev = Evidence.load()
    with pytest.raises(InputError, match=r"end in \.svg, \.png, \.pdf"):
        write_claims_picture(ev, arrows_of(CASES["miR-10b"]), tmp_path / "x.jpg")
    with pytest.raises(InputError, match="nothing to draw"):
        draw_claims(ev, [])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_claims_picture(ev, arrows_of(CASES["miR-10b"]), tmp_path / "file" / "x.svg")
