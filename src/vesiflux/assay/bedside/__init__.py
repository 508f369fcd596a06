"""Readings at the bedside: patients' true levels as an instrument shows them, all patients at once."""

from __future__ import annotations

from vesiflux.assay.bedside.reader import Bedside, reader
from vesiflux.assay.bedside.through import Through

__all__ = ["Bedside", "Through", "reader"]
