from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from made_up import Synthetic

from vesiflux.errors import InputError
from vesiflux.report import page
from vesiflux.report.style import drawing
from vesiflux.report.tissue import part, picture
from vesiflux.report.tissue.figures import sent
from vesiflux.report.tissue.radial import middle, profiles


def _write(tissues: list[Synthetic], target: Path) -> str:
    (target / "figures").mkdir(parents=True)
    with drawing():
        section = part(tissues, page.Sheet("", target))
    return page._render([section])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    target = tmp_path_factory.mktemp("report")
    arms = [Synthetic(250, 3), Synthetic(220, 3, arm="no release", arm_title="Release blocked")]
    return _write(arms, target / "a"), target / "a"


def test_the_page_is_one_file_that_asks_nothing_of_the_net(written: tuple[str, Path]) -> None:
    html, _ = written
    assert "default-src 'none'" in html
    assert html.count("script-src 'sha256-") == 1
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"(?!data:)", html)
    assert not re.search(r"https?://(?!doi\.org|pubmed)", re.sub(r"<svg\b.*?</svg>", "", html, flags=re.S))
    for word in ("fetch(", "XMLHttpRequest", "import(", "@import", "url(http"):
        assert word not in html
    assert html.count('class="tissue-view"') == 1
    assert "Release blocked" in html
    assert "doi.org/10.1000/example" in html


def test_same_run_same_bytes(written: tuple[str, Path], tmp_path: Path) -> None:
    html, first = written
    arms = [Synthetic(250, 3), Synthetic(220, 3, arm="no release", arm_title="Release blocked")]
    assert _write(arms, tmp_path / "b") == html
    for file in sorted((first / "figures").iterdir()):
        assert (tmp_path / "b" / "figures" / file.name).read_bytes() == file.read_bytes(), file.name


def test_every_figure_has_its_files(written: tuple[str, Path]) -> None:
    html, folder = written
    names = {f.name for f in (folder / "figures").iterdir()}
    for linked in re.findall(r'href="figures/([^"]+)"', html):
        assert linked in names
    assert {"counts.csv", "contacts.csv", "spread.csv", "tissue-untreated.png"} <= names


def test_what_a_dish_would_have_said_is_listed_where_it_differs(written: tuple[str, Path]) -> None:
    html, _ = written
    rows = re.findall(r"<td>(node\.\w+)</td>.*?([+-]\d+ %)", html)
    assert rows == [("node.ACT", "+20 %")] * 2  # both arms; what agrees is left out
    assert "off by about 1.5 %" in html


def test_who_sent_what_sums_to_what_was_received() -> None:
    tissue = Synthetic(50)
    panels = sent.matrices(tissue)
    for matrix in panels:
        rows = [
            r
            for r in tissue.received()
            if r.vesicle == matrix.key["class"] and (not r.vesicle or r.quantity == matrix.key["quantity"])
        ]
        assert np.nansum(matrix.values) == pytest.approx(sum(r.amount for r in rows))
    vesicles = panels[0]
    at = vesicles.senders.index("tumour cell"), vesicles.recipients.index("macrophage")
    assert vesicles.values[at] == 9.9e5
    assert np.isnan(
        vesicles.values[vesicles.senders.index("CD8 T cell"), vesicles.recipients.index("fibroblast")]
    )


def test_counts_in_the_csv_are_the_cells(written: tuple[str, Path]) -> None:
    rows = list(csv.DictReader((written[1] / "figures" / "counts.csv").open()))
    cells = Synthetic(250, 3).cells(2)
    for kind, name in enumerate(("tumour", "fibroblast", "cd8", "macrophage")):
        found = [
            int(r["cells"])
            for r in rows
            if (r["arm"], r["type"], r["state"], r["time_h"]) == ("untreated", name, "all", "48.0")
        ]
        assert found == [int(((cells["kind"] == kind) & ~cells["dead"]).sum())]


def test_profiles_find_the_mass_and_its_gradients() -> None:
    tissue = Synthetic(900, 2)
    centre, kind = middle(tissue)
    assert kind == "tumour"
    np.testing.assert_allclose(centre[:2], np.array(tissue.size[:2]) / 2, atol=25)
    found = profiles(tissue)
    oxygen = found.fields["oxygen"]
    oxygen = oxygen[np.isfinite(oxygen)]
    assert oxygen[-1] > 2 * oxygen[0]
    cells = tissue.cells(1)
    edges = found.edges
    inside = np.diff(edges**2) * np.pi * 1e-6  # whole rings, mm^2: right where they lie within the box
    near = slice(0, 8)
    total = (found.density[:, near] * inside[near]).sum()
    away = np.hypot(cells["x"] - found.centre[0], cells["y"] - found.centre[1])
    assert total == pytest.approx(((away < edges[8]) & ~cells["dead"]).sum(), rel=0.05)


def test_evenly_spread_cells_have_the_same_density_everywhere() -> None:
    tissue = Synthetic(3000, 2, flat=False)
    rng = np.random.default_rng(3)
    n = 200_000
    xyz = rng.random((n, 3)) * tissue.size
    even = {
        "id": np.arange(n), "kind": np.zeros(n, int), "state": np.zeros(n, int), "dead": np.zeros(n, bool),
        "x": xyz[:, 0], "y": xyz[:, 1], "z": xyz[:, 2], "radius": np.full(n, 1.0),
    }  # fmt: skip
    tissue.cells = lambda frame: even  # type: ignore[method-assign]
    found = profiles(tissue, 0, tuple(v / 3 for v in tissue.size)).density[0]
    known = np.isfinite(found)
    expected = n / np.prod(tissue.size) * 1e9
    np.testing.assert_allclose(found[known][3:-4], expected, rtol=0.05)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_has_the_same_bytes_again(tmp_path: Path, ending: str) -> None:
    tissue = Synthetic(80, 2)
    made = [
        picture.draw(tissue, path=tmp_path / f"{k}.{ending}", colour_by="node.NFkB", field="oxygen")
        for k in range(2)
    ]
    assert made[0].read_bytes() == made[1].read_bytes()


def test_pictures_say_what_they_cannot_show(tmp_path: Path) -> None:
    tissue = Synthetic(30, 2)
    for given, word in [
        ({"field": "nitrogen"}, "oxygen"),
        ({"colour_by": "node.X"}, "node.NFkB"),
        ({"frame": 7}, "from 0"),
        ({"path": "a.gif"}, "png"),
    ]:
        with pytest.raises(InputError, match=word):
            picture.draw(tissue, **{"path": tmp_path / "a.png", **given})
