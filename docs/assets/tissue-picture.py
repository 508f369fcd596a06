"""Make the picture of a tissue model: run it untreated, draw its last frame, a field under the cells.

From the root of the repository, in an environment with vesiflux (some seconds to two minutes each):

    .venv/bin/python docs/assets/tissue-picture.py            # all of them
    .venv/bin/python docs/assets/tissue-picture.py nk-tissue

The seed is fixed: the same version gives the same picture. A finished run is opened, not run again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

import vesiflux
from vesiflux.report.tissue.picture import draw

COLOURS = 96
#: Model -> the field that is drawn under its cells; None: no field.
PICTURES = {"tumour-slice": None, "tme": None, "nk-tissue": "nk_exosome.nk", "cx3cr1-tissue": "sCX3CL1"}

if __name__ == "__main__":
    for model in sys.argv[1:] or PICTURES:
        target = Path(__file__).parent / f"{model}.png"
        run = vesiflux.run(model, arms=["control"], seed=1, threads=2)
        draw(run, field=PICTURES[model], path=target)
        # a palette of its own colours: a third of the bytes
        Image.open(target).convert("RGB").quantize(COLOURS).save(target, optimize=True)
