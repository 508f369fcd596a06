"""Run by a Python that has smoldyn: vesicles among absorbing spheres; prints one line of JSON.

python _smoldyn.py FILE SEED STEPS, FILE an npz with ``centres`` (n, 3), ``starts`` (m, 3) and ``facts``:
edge, radius (um), step (h), diffusion (um^2/h). Prints ns per vesicle-step without set-up, and the absorbed.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import smoldyn  # type: ignore[import-not-found]


def main() -> None:
    given = np.load(sys.argv[1])
    edge, radius, dt, diffusion = (float(v) for v in given["facts"])
    steps = int(sys.argv[3])
    s = smoldyn.Simulation(low=[0.0] * 3, high=[edge] * 3, boundary_type="p", log_level=5)
    s.seed = int(sys.argv[2])
    vesicle = s.addSpecies("vesicle", difc=diffusion)
    panels = [
        smoldyn.Sphere(center=c, radius=radius, slices=10, stacks=10, name=f"s{i}", simulation=s)
        for i, c in enumerate(given["centres"].tolist())
    ]
    s.addSurface("cells", panels=panels).setAction("both", [vesicle], "absorb")
    for place in given["starts"].tolist():
        vesicle.addToSolution(1, pos=place)
    s.run(stop=dt, dt=dt, display=False, log_level=5)  # the first step sets up
    begin = time.process_time()
    s.run(start=dt, stop=steps * dt, dt=dt, display=False, log_level=5)
    spent = time.process_time() - begin
    left = s.getMoleculeCount("vesicle", smoldyn._smoldyn.MolecState.all)
    count = len(given["starts"])
    found = {"ns": 1e9 * spent / (count * (steps - 1)), "absorbed": count - left}
    print("\n" + json.dumps(found | {"version": smoldyn.__version__}))


if __name__ == "__main__":
    main()
