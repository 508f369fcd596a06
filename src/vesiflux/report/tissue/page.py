"""The tissue's part of the page: its HTML, its style and the program of the view."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesiflux.report.tissue.section import Section

__all__ = ["Program", "render"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """The view's program and style. ``digest``: what a page's security policy lets run, and nothing else."""

    text: str
    style: str
    digest: str

    @classmethod
    def load(cls) -> Program:
        """Read both from beside this file."""
        text = (_HERE / "viewer.js").read_text(encoding="utf-8")
        style = (_HERE / "viewer.css").read_text(encoding="utf-8")
        found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
        return cls(text, style, f"sha256-{found}")


def render(section: Section, environment: Any) -> str:
    """HTML of a section, with the macros and filters of the page's jinja2 environment."""
    html: str = environment.from_string((_HERE / "section.html.j2").read_text(encoding="utf-8")).render(
        run=section
    )
    return html
