"""The page of a cohort's study: one HTML file that opens offline, every figure as SVG and CSV beside it.

>>> from vesiflux.report.cohort import write
>>> write(study, "ward-report")  # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.study.cohort_study import CohortStudy

__all__ = ["write"]


def write(study: CohortStudy, folder: str | Path) -> Path:
    """Write the page of ``study`` to ``folder``; return the path of its ``index.html``.

    The same study gives the same bytes but for the seconds it took. Raises `InputError` where ``folder`` is a
    file.
    """
    from vesiflux.report.cohort.page import write as write_page

    return write_page(study, folder)
