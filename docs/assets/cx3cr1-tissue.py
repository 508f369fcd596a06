"""Make ``cx3cr1-tissue.png``, the nest in the README: run the model untreated, draw its last frame.

From the root of the repository, in an environment with vesiflux (some seconds):

    .venv/bin/python docs/assets/cx3cr1-tissue.py

The seed is fixed: the same version gives the same picture. A finished run is opened, not run again.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import vesiflux
from vesiflux.report.tissue.picture import draw

COLOURS = 96

if __name__ == "__main__":
    target = Path(__file__).with_suffix(".png")
    run = vesiflux.run("cx3cr1-tissue", arms=["control"], seed=1, threads=2)
    draw(run, field="sCX3CL1", path=target)
    # a palette of its own colours: a third of the bytes
    Image.open(target).convert("RGB").quantize(COLOURS).save(target, optimize=True)
