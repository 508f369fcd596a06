"""The evidence base in figures, its tables in columns, and a picture of some of its claims."""

from __future__ import annotations

from importlib import resources
from typing import Any

from _generate.text import code, table
from vesiflux.evidence import Evidence

__all__ = ["columns", "counts", "pictures"]

_CONFLICTS = {
    "claims": "opposite claims",
    "markers": "opposite correlations",
    "edges": "opposite arrows",
    "exceptions": "a general statement and its exceptions",
    "elsewhere": "other cells: no contradiction, but not to be carried over",
}

# picture on the site: claims it shows, title
_PICTURES = {
    "evidence/mir-10b.svg": (
        ["tme-037", "tme-038", "tme-039"],
        "What miR-10b of colorectal cancer exosomes is said to do in fibroblasts",
    ),
    "evidence/two-ways.svg": (
        ["msc-001", "msc-060", "msc-075", "msc-080"],
        "What exosomes of mesenchymal stem cells are said to do to tumours",
    ),
}


def counts(what: str) -> str:
    """One part of `Evidence.stats` as a table: reviews, totals, kinds, votes, conflicts or left_out."""
    evidence = Evidence.load()
    stats = evidence.stats()
    return {
        "reviews": _reviews,
        "totals": _totals,
        "kinds": _kinds,
        "votes": _votes,
        "conflicts": _conflicts,
        "left_out": _left_out,
    }[what](evidence, stats)


def columns() -> str:
    """Every table of the evidence with its columns, as the shipped files have them."""
    data = resources.files("vesiflux.evidence").joinpath("data")
    heads: dict[str, str] = {}
    for file in sorted(data.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".tsv"):
            rest = file.name.split(".")[1:]
            name = f"REVIEW.{'.'.join(rest)}" if len(rest) > 1 else file.name
            heads.setdefault(name, file.read_text("utf-8").partition("\n")[0])
    return table(
        ("file", "columns"), [(code(n), ", ".join(map(code, h.split("\t")))) for n, h in heads.items()]
    )


def pictures() -> dict[str, str]:
    """SVG by path on the site."""
    from vesiflux.report.claims import draw_claims
    from vesiflux.report.style import drawing, to_svg

    evidence = Evidence.load()
    network = evidence.network(doubtful=True)
    found = {}
    for path, (claims, title) in _PICTURES.items():
        figure = draw_claims(evidence, network.of_claims(claims), title)
        with drawing():
            found[path] = to_svg(figure, title)
    return found


def _reviews(evidence: Evidence, stats: dict[str, Any]) -> str:
    rows = []
    for name, row in stats["reviews"].items():
        review = evidence.reviews[name]
        authors = [part.strip() for part in review.authors.split(",")]
        who = f"{authors[0]} et al." if len(authors) > 1 else authors[0]
        said = " ".join(filter(None, (who, f"{review.year}." if review.year else "", review.title)))
        rows.append((code(name), said, row["claims"], row["edges"], row["references"]))
    return table(("short name", "review", "claims", "edges", "references cited"), rows)


def _totals(evidence: Evidence, stats: dict[str, Any]) -> str:
    names = stats["names"]
    share = stats["arrows_on_one_publication"] / stats["arrows"]
    rows = [
        ("claims", stats["claims"]),
        ("edges", stats["edges"]),
        ("numbers of claims", stats["quantities"]),
        ("parameters", stats["parameters"]),
        ("names of nodes as printed", names["printed"]),
        ("names of nodes after merging", names["canonical"]),
        ("edges left out: both names mean the same", len(stats["self_loops"])),
        ("claims whose direction was corrected", stats["claims_corrected"]),
        ("edges marked doubtful", stats["edges_doubtful"]),
        ("edges whose sign was corrected", stats["edges_corrected"]),
        ("edges joined by AND", stats["edges_and"]),
        ("edges of which nobody can say in which cell they act", stats["edges_unplaced"]),
        ("statements taken from one context to another", stats["transfers"]),
        ("distinct arrows (start, sign, end, cell)", stats["arrows"]),
        ("of these, resting on one publication", f"{stats['arrows_on_one_publication']} ({share:.0%})"),
        ("publications behind them", stats["publications"]),
        ("conflicts", stats["conflicts"]),
        ("claims left out", len(stats["dropped"])),
    ]
    return table(("what", "count"), rows)


def _kinds(evidence: Evidence, stats: dict[str, Any]) -> str:
    return table(("kind of claim", "claims"), stats["kinds"].items())


def _votes(evidence: Evidence, stats: dict[str, Any]) -> str:
    return table(("publications behind an arrow", "arrows"), stats["arrows_by_publications"].items())


def _conflicts(evidence: Evidence, stats: dict[str, Any]) -> str:
    rows = []
    for c in evidence.conflicts():
        names = [text.replace("_", " ").replace(";", ", ") for text in (c.agent, c.outcome, c.cell)]
        rows.append((_CONFLICTS[c.kind], *names, ", ".join(c.raises), ", ".join(c.lowers)))
    return table(("what", "agent", "outcome", "in", "raises", "lowers"), rows)


def _left_out(evidence: Evidence, stats: dict[str, Any]) -> str:
    rows = [
        (row["claim_id"], row["step"], f"{code(row['printed_start'])} and {code(row['printed_end'])} "
         f"are both {code(row['name'])}")
        for row in stats["self_loops"]
    ]  # fmt: skip
    rows += [(row["id"], "", row["reason"]) for row in stats["dropped"]]
    return table(("claim", "step", "why"), rows) if rows else "Nothing is left out."
