"""Tables to start one's own evidence from: the headers of ours, and one example to replace."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from vesiflux.errors import InputError

__all__ = ["write_starter"]

# the headers are those of the shipped tables, so that they cannot differ
_MODELS = {
    "claims": "tme.claims.tsv",
    "edges": "tme.edges.tsv",
    "quantities": "tme.quantities.tsv",
    "reviews": "reviews.tsv",
    "parameters": "parameters.tsv",
}


def write_starter(folder: str | Path, review: str | None = None) -> list[Path]:
    """Write tables with a header and an example row into a new or empty folder; return their paths.

    Parameters
    ----------
    review
        Short name the files and the ids begin with; the folder's name when None.

    Raises
    ------
    InputError
        The folder holds something, cannot be written, or the name is no word.
    """
    target = Path(folder)
    name = re.sub(r"[^a-z0-9]+", "", target.resolve().name.lower()) if review is None else review
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        raise InputError(f"'{name}' cannot be the short name of tables; use small letters and digits: mylab")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists and is not an empty folder; choose another name")
    written = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for table, rows in _examples(name).items():
            columns = _columns(table)
            lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
            own = table if table in ("reviews", "parameters") else f"{name}.{table}"
            path = target / f"{own}.tsv"
            text = "".join("\t".join(line) + "\n" for line in lines)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}") from error
    return written


def _columns(table: str) -> list[str]:
    data = resources.files("vesiflux.evidence").joinpath("data", _MODELS[table])
    return data.read_text("utf-8").partition("\n")[0].split("\t")


def _examples(review: str) -> dict[str, list[dict[str, str]]]:
    """Example rows by table; edges tell how a claim's effect comes about."""
    claim = f"{review}-001"
    arrow = {"claim_id": claim}
    return {
        "claims": [
            {
                "id": claim, "section": "EXAMPLE, replace me", "ref": "1", "cited": "Doe 2024",
                "kind": "response", "source": "macrophage", "vesicle": "macrophage_exosome",
                "cargo": "miR-155-5p", "cargo_kind": "miRNA", "recipient": "tumour_cell",
                "context": "melanoma",
                "system": "in_vitro", "effect": "Macrophage exosomes slow tumour cells through miR-155-5p",
                "agent": "macrophage_exosome", "outcome": "tumour_proliferation", "direction": "-",
                "checkable": "add exosomes, count cells after 48 h", "note": "doubts go here",
            }
        ],
        "edges": [
            arrow | {
                "step": "1", "from": "macrophage", "sign": "+", "to": "macrophage_exosome",
                "from_kind": "cell", "to_kind": "vesicle", "cell": "macrophage", "relation": "secretes",
            },
            arrow | {
                "step": "2", "from": "macrophage_exosome", "sign": "+", "to": "miR-155-5p",
                "from_kind": "vesicle", "to_kind": "cargo", "cell": "macrophage", "relation": "carries",
            },
            arrow | {
                "step": "3", "from": "miR-155-5p", "sign": "-", "to": "my_new_target", "from_kind": "cargo",
                "to_kind": "protein", "cell": "tumour_cell", "relation": "represses",
            },
            arrow | {
                "step": "4", "from": "my_new_target", "sign": "+", "to": "tumour_proliferation",
                "from_kind": "protein", "to_kind": "phenotype", "cell": "tumour_cell",
                "relation": "activates",
            },
        ],
        "quantities": [
            {
                "claim_id": claim, "quantity": "fold_change", "low": "0.5", "high": "0.7", "unit": "1",
                "comparator": "no exosomes", "condition": "1e9 particles/mL, 48 h",
            }
        ],
        "reviews": [
            {
                "review": review, "authors": "Doe, Roe", "year": "2024", "title": "Own experiments",
                "about": "what these tables are from",
            }
        ],
        "parameters": [],
    }  # fmt: skip
