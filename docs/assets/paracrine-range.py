"""Make ``paracrine-range.svg``: vesicles about one sender, run and theory.

From the root of the repository, in an environment with vesiflux (a few seconds):

    .venv/bin/python docs/assets/paracrine-range.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

import vesiflux as vf

SEEDS = (1, 2, 3)


def radii(space) -> np.ndarray:
    """Distance of each voxel's centre from the middle of the box, um."""
    axes = [(np.arange(n) + 0.5) * d - 0.5 * n * d for n, d in zip(space.shape, space.voxel, strict=True)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return np.sqrt(x * x + y * y + z * z)


if __name__ == "__main__":
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    for seed, colour in zip(SEEDS, ("#0072b2", "#e69f00", "#009e73"), strict=True):
        tissue = vf.Simulation.of("paracrine-range", seed=seed)
        tissue.run_until(4.0)
        plan = tissue.plan
        r = radii(plan.space)
        shown = (r > 15.0) & (r < 180.0)
        found = tissue.field("exosome.sender")
        distances, which = np.unique(np.round(r[shown], 6), return_inverse=True)
        mean = np.bincount(which, found[shown]) / np.bincount(which)
        axes.plot(distances, mean, ".", ms=3.5, mew=0, color=colour, label=f"run, seed {seed}")
    diffusion, decay = plan.groups[0].diffusion, plan.groups[0].decay
    neighbour = plan.cells[1]
    own, reach = 5.6e-8, 4.0 * np.pi * diffusion * neighbour.radius * 1e-12
    uptake = neighbour.count * own / (1.0 + own / reach) / (np.prod(plan.space.size) * 1e-12)
    length = np.sqrt(diffusion / (decay + uptake))
    r = np.linspace(12.0, 180.0, 200)
    theory = 1000.0 / (4.0 * np.pi * diffusion * r) * np.exp(-r / length) * 1e12
    axes.plot(r, theory, color="#222222", lw=1.2, label=f"theory, L = {length:.0f} µm")
    axes.set(yscale="log", xlabel="distance from the sender, µm", ylabel="vesicles per mL", xlim=(0, 182))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with rc_context({"svg.hashsalt": "paracrine-range", "svg.fonttype": "none"}):
        figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})
