"""Make ``tme.png``, the tumour on the page of ``tme``: run the model untreated, draw its last frame.

From the root of the repository, in an environment with vesiflux (half a minute):

    .venv/bin/python docs/assets/tme.py

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
    run = vesiflux.run("tme", arms=["control"], seed=1, threads=2)
    draw(run, path=target)
    # a palette of its own colours: a third of the bytes
    Image.open(target).convert("RGB").quantize(COLOURS).save(target, optimize=True)
