"""Runs of a tissue: frames, series and checkpoints while it runs, and `TissueRun` to read them."""

from vesiflux.store.tissue.run import TissueRun, is_tissue, open_run

__all__ = ["TissueRun", "is_tissue", "open_run"]
