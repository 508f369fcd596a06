"""Reports: one HTML page that opens offline, and every figure as SVG and CSV.

>>> from vesiflux import report
>>> report.write([run], "vesiflux-report")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.store.run import Run
    from vesiflux.store.tissue import TissueRun

__all__ = ["write"]


def write(runs: Sequence[Run | TissueRun], folder: str | Path) -> Path:
    """Write a report of `runs` to `folder`; return the path of its ``index.html``.

    The page needs nothing from outside; ``folder/figures`` holds every figure as SVG and CSV. The same
    runs give the same bytes. Raises `InputError` without runs, or where `folder` is a file.
    """
    from vesiflux.report.page import write as write_page

    return write_page(runs, folder)
