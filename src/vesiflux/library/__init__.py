"""Models that come with vesiflux: one folder each, machineries in ``_modules``.

Everything biological is data (YAML and TSV); this file only lists it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vesiflux.language.schema import ModelSpec

__all__ = ["catalogue"]

_FOLDER = Path(__file__).parent


def catalogue() -> list[dict[str, Any]]:
    """Every model of the library, by name.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``space`` (dish, body, tissue), ``review`` (short name, blank if none),
        ``claims`` (number of different claims that the model's responses, stimuli and interventions rest
        on, or that it names itself) and
        ``seconds`` (whole model with its own number of draws on two cores, compiled code at hand;
        from ``seconds.tsv``, `None` where nobody measured it).

    Raises
    ------
    vesiflux.errors.InputError
        A model of the library cannot be read.
    """
    from vesiflux.language import load
    from vesiflux.language.modules import library_models

    seconds = _seconds()
    found = []
    for name in sorted(library_models()):
        spec = load(name).spec
        found.append(
            {
                "name": name,
                "title": spec.title or name,
                "space": spec.space.kind,
                "review": spec.review,
                "claims": len(_claims(spec)),
                "seconds": seconds.get(name),
            }
        )
    return found


def _claims(spec: ModelSpec) -> set[str]:
    """Claims a model names: its evidence, interventions, reports, and those its cells' sentences rest on."""
    found = {c for i in spec.interventions.values() for c in i.claims} | set(spec.evidence)
    reported = [r.claim for a in (*spec.arms.values(), *spec.unassigned.values()) for r in a.reported]
    found |= {c.strip() for text in reported for c in text.split(";") if c.strip()}
    sentences = [text for cell in spec.cells.values() for text in (*cell.responses, *cell.behaviours)]
    cited = [part for text in sentences for part in re.findall(r"\[([^\]]*)\]", text)]
    return found | {c.strip() for text in cited for c in text.split(",") if c.strip()}


def _seconds() -> dict[str, float]:
    with (_FOLDER / "seconds.tsv").open(encoding="utf-8", newline="") as file:
        return {row["model"]: float(row["seconds"]) for row in csv.DictReader(file, delimiter="\t")}
