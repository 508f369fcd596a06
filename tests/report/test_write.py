"""The page as a whole: complete, offline, the same bytes every time."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from fake_run import FakeRun

from vesiflux import report
from vesiflux.errors import InputError


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return report.write([FakeRun()], tmp_path_factory.mktemp("report"))


class Links(HTMLParser):
    """Collects every attribute that could fetch something, and the ids and targets inside the page."""

    def __init__(self):
        super().__init__()
        self.fetched, self.anchors, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name in ("src", "srcset", "data", "poster", "action", "xlink:href") or (
                name == "href" and tag != "a"
            ):
                self.fetched.append((tag, value))
            elif name == "href":
                self.anchors.append(value)


def test_the_page_asks_nothing_of_the_network(page):
    text = page.read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert all(v.startswith(("#", "data:")) for _, v in links.fetched), links.fetched
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    outside = [a for a in links.anchors if "://" in a]
    assert outside
    assert all(a.startswith(("https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/")) for a in outside)
    assert len(re.findall(r"https?://", text)) == len(outside)
    assert {a[1:] for a in links.anchors if a.startswith("#")} <= set(links.ids)
    assert len(links.ids) == len(set(links.ids))
    for name in (a for a in links.anchors if a.startswith("figures/")):
        assert (page.parent / name).is_file()


def test_the_page_says_what_a_reader_needs(page):
    text = page.read_text(encoding="utf-8")
    for words in (
        "RAB27A knock-down", "exceeds machinery", "calibrated", "predicted", "MVBs per cell: at most 500",
        "1 draw did not finish", "Saturated: fusion", "ceiling 1/f", "more exosomes,", "shared ESCRT",
        "hypoxia, 1 % O₂ &lt;low&gt;", "forskolin", "2.0e-13", "secretion-134", "Ostrowski 2010", "0123abcd",
        "&lt;b&gt;not bold", "exosomes 1.5 in 6 h (here 1.5)", "(first 6 h)", "69–100",
    ):  # fmt: skip
        assert words in text, words
    assert "<low>" not in text


def test_every_figure_has_its_svg_and_its_numbers(page):
    folder = page.parent / "figures"
    names = {p.stem for p in folder.glob("*.svg")}
    assert names == {p.stem for p in folder.glob("*.csv")}
    assert {"plane", "constraints", "drivers", "folds-exosomes_per_cell_per_hour"} <= names
    with (folder / "folds-exosomes_per_cell_per_hour.csv").open(encoding="utf-8") as handle:
        rows = {(r["arm"], r["structure"]): r for r in csv.DictReader(handle)}
    assert rows["ultrasound", ""]["exceeds_machinery"] == "1"
    assert rows["hypoxia", ""]["draws"] == "39"
    assert float(rows["gw4869", "wire=shared"]["fold_median"]) == pytest.approx(0.8, rel=0.1)


def test_same_run_same_bytes(page, tmp_path):
    again = report.write([FakeRun()], tmp_path)
    files = sorted(p.relative_to(page.parent) for p in page.parent.rglob("*.*"))
    assert files == sorted(p.relative_to(tmp_path) for p in again.parent.rglob("*.*"))
    assert [f for f in files if (page.parent / f).read_bytes() != (tmp_path / f).read_bytes()] == []


def test_a_table_is_read_twice_at_most(tmp_path):
    run = FakeRun()
    report.write([run], tmp_path)
    assert run.tables_read <= 2 * sum(len(a["structures"]) for a in run.arms.values())


def test_two_runs_on_one_page_keep_apart(tmp_path):
    runs = [FakeRun(("control", "gw4869")), FakeRun(("control",), draws=4)]
    page = report.write(runs, tmp_path)
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    assert len(links.ids) == len(set(links.ids))
    assert {p.name.split("-")[0] for p in (tmp_path / "figures").iterdir()} == {"run1", "run2"}


def test_mistakes_are_told_in_one_line(tmp_path):
    with pytest.raises(InputError, match="at least one run"):
        report.write([], tmp_path)
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        report.write([FakeRun(("control",))], tmp_path / "taken")
    with pytest.raises(InputError, match="taken/below: cannot be written: Not a directory"):
        report.write([FakeRun(("control",))], tmp_path / "taken" / "below")


@pytest.mark.slow
def test_chromium_opens_it_without_complaint(page, tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "What this model cannot say" in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []


def test_page_says_where_reported_folds_stand_and_what_goes_together(page):
    text = page.read_text(encoding="utf-8")
    for shown in ("Where reported folds stand", "exceeds the machinery", "the ceiling 1/f",
                  "dose: 4 W is &lt;a power&gt;", "Stimuli together", "less than the product"):  # fmt: skip
        assert shown in text
