"""Build hooks of the site: generated tables where a page asks for them, and a page per library model.

A page asks with a comment, ``<!-- made: NAME ARGUMENTS -->``. Blocks of tab-separated
rows are shown as tables: these can be read, and go into a spreadsheet when copied.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
for folder in (ROOT, ROOT.parent / "src"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from _generate import (  # noqa: E402
    assay,
    audit,
    commands,
    detection,
    dose,
    engine,
    evidence,
    folds,
    foretold,
    heldout,
    language,
    machinery,
    mechanisms,
    models,
    msc,
    pk,
    presets,
    python,
    species,
    therapies,
    verification,
    ward,
)
from _generate.text import table  # noqa: E402

MADE: dict[str, Callable[..., str]] = {
    "assay": assay.assay_table,
    "audit": audit.audit,
    "columns": evidence.columns,
    "counts": evidence.counts,
    "language": language.reference,
    "detection": detection.detection,
    "dose": dose.dose_table,
    "folds": folds.folds,
    "foretold": foretold.foretold,
    "held-out": heldout.held_out,
    "number": engine.number,
    "pk": pk.pk,
    "statuses": engine.statuses,
    "presets": presets.preset_tables,
    "vessels": language.vessel_table,
    "species": species.species_table,
    "endothelia": species.endothelium_table,
    "injections": species.injection_table,
    "mechanisms": mechanisms.mechanisms,
    "msc": msc.msc,
    "module": machinery.machinery,
    "command": commands.help_of,
    "members": python.members,
    "signature": python.signature,
    "reviews": verification.reviews,
    "tissue-therapies": therapies.therapy_tables,
    "verification": verification.verification,
    "ward": ward.ward,
}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put what a page asks for in the place of its comments."""

    def made(match: re.Match[str]) -> str:
        name, *arguments = match[1].split()
        return MADE[name](*arguments)

    def rows(match: re.Match[str]) -> str:
        head, *lines = (line.split("\t") for line in match[2].splitlines())
        return f"*{match[1]}*\n\n{table(head, lines)}\n"

    markdown = re.sub(r"<!-- made: (.+?) -->", made, markdown)
    return re.sub(r'^```tsv title="(.+?)"\n(.*?)^```$', rows, markdown, flags=re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the library's models and the pictures of claims."""
    from mkdocs.structure.files import File

    for path, text in (models.model_pages() | evidence.pictures()).items():
        files.append(File.generated(config, path, content=text))
    return files
