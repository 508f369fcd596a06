"""Make ``secretion.svg``, the picture in the README: run the secretion model, push effects that fall short
until they reach what was reported or a limit, and draw its exosome folds.

From the root of the repository, in an environment with vesiflux (a minute):

    .venv/bin/python docs/assets/secretion.py

Seed and draws are fixed: the same version gives the same picture. Blocks go to ``vesiflux-runs`` and are not
computed twice.
"""

from __future__ import annotations

from pathlib import Path

import vesiflux
from vesiflux.report.picture import write_picture
from vesiflux.study.reach import reach

if __name__ == "__main__":
    run = vesiflux.run("secretion", draws=256, seed=1, structures="all", store="vesiflux-runs")
    write_picture(reach(run), Path(__file__).with_suffix(".svg"))
