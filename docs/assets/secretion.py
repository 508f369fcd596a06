"""Make ``secretion.svg``, the picture in the README: run the secretion model and draw its exosome folds.

From the root of the repository, in an environment with vesiflux (some ten seconds):

    .venv/bin/python docs/assets/secretion.py

Seed and draws are fixed: the same version gives the same picture. Blocks go to ``vesiflux-runs`` and are not
computed twice.
"""

from __future__ import annotations

from pathlib import Path

import vesiflux
from vesiflux.report.picture import write_picture

if __name__ == "__main__":
    run = vesiflux.run("secretion", draws=256, seed=1, structures="all", store="vesiflux-runs")
    write_picture(run, Path(__file__).with_suffix(".svg"))
