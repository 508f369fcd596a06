"""From a model as written to the `TissuePlan` of one arm."""

from __future__ import annotations

from vesiflux.ir.lowering.tissue.plan import lower_tissue

__all__ = ["lower_tissue"]
