"""Tissue runs in the report: the view of the tissue itself, and the figures of what went where.

`picture.draw` makes one picture of a frame; `section` makes a run's part of the report's page.
"""

from __future__ import annotations

from vesiflux.report.tissue.page import Program, render
from vesiflux.report.tissue.section import Section, part

__all__ = ["Program", "Section", "part", "render"]
