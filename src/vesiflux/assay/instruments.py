"""Instruments by name: what they show, of which cargo, can it be read backwards; ``instruments.tsv``."""

from __future__ import annotations

from collections.abc import Mapping

from vesiflux.assay.tables import rows

__all__ = ["INSTRUMENTS"]

INSTRUMENTS: Mapping[str, Mapping[str, str]] = {row["instrument"]: row for row in rows("instruments.tsv")}
"""Rows of the table by name."""
