"""Draws the figures of the pages on isolation and measurement.

    python docs/assets/assay.py

Writes ``isolation.svg`` and ``measurement.svg`` beside it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "assay"))

ROTORS = ("SW 32 Ti", "SW 28", "Type 45 Ti", "Type 70 Ti")
KINDS = ("exosome", "microvesicle", "exomere", "VLDL", "LDL", "protein")
FILMS = 12


def isolation() -> str:
    """Pelleted share by diameter and rotor, and what a protocol leaves, as SVG text."""
    import numpy as np
    from matplotlib.figure import Figure

    from vesiflux.assay.isolation.chain import isolate
    from vesiflux.assay.isolation.rotors import rotor
    from vesiflux.assay.protocol import load
    from vesiflux.physics.pelleting import sedimentation_coefficient
    from vesiflux.physics.stokes_einstein import water_viscosity
    from vesiflux.report.style import SPARE_COLOURS, drawing, log_axis, to_svg

    with drawing():
        figure = Figure(figsize=(9.6, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        diameters = np.geomspace(0.02, 0.4, 200)
        s = sedimentation_coefficient(diameters, 1.10, 1.008, 1.08 * water_viscosity(277.15))
        for name, colour in zip(ROTORS, SPARE_COLOURS, strict=False):
            spun = rotor(name)
            share = spun.pelleted(s, 70 / 60, spun.rpm(1e5))
            left.plot(diameters * 1000, share, color=colour, label=f"{name} (k {spun.k(spun.rpm(1e5)):.0f})")
        left.set(xscale="log", xlabel="diameter, nm", ylabel="share pelleted", ylim=(0, 1.03))
        left.set_xticks([20, 50, 100, 200, 400], ["20", "50", "100", "200", "400"])
        left.set_xticks([], minor=True)
        left.legend(frameon=False)
        done = isolate(load("uc-sec"), draws=0)
        steps = ["sample", *(record.name.split(" ", 1)[1] for record in done.records)]
        for name, colour in zip(KINDS, SPARE_COLOURS, strict=True):
            whole = done.start.populations[name].total
            shares = [1.0, *(r.after.populations[name].total / whole for r in done.records)]
            right.plot(range(len(steps)), shares, "o-", ms=4, color=colour, label=name)
        right.set(yscale="log", ylabel="share left", ylim=(1e-5, 2))
        log_axis(right.yaxis, 1e-5, 2)
        right.set_xticks(range(len(steps)), [f"{step}" for step in steps])
        right.legend(frameon=False, ncols=2)
        return to_svg(figure, "Share pelleted by diameter in four rotors, and what a protocol leaves")


def measurement() -> str:
    """Truth, what is shown and what is inferred in simulated films, as SVG text."""
    import numpy as np
    import track_simulator as simulator
    from matplotlib.figure import Figure

    from vesiflux.assay.measurement.nta import invert_nta
    from vesiflux.report.style import INK, SPARE_COLOURS, drawing, log_axis, to_svg

    with drawing(), tempfile.TemporaryDirectory() as folder:
        figure = Figure(figsize=(9.6, 3.6), layout="constrained")
        for axes, quantity, shown, label in zip(
            figure.subplots(1, 2),
            ("mean diameter", "concentration above 70 nm"),
            ("mean_nm", "concentration"),
            ("mean diameter, nm", "particles per mL (inferred: above 70 nm)"),
            strict=True,
        ):
            for i in range(FILMS):
                generator = np.random.default_rng(i)
                median, sigma = generator.uniform(75, 150), generator.uniform(0.2, 0.4)
                per_mL = 10 ** generator.uniform(8.0, 8.6)
                rows = simulator.film(generator, per_mL, median, sigma)
                path = simulator.write(Path(folder) / "film.csv", rows)
                answer = invert_nta(path, calibration={"concentration_cv": 0.0, "size_cv": 0.0})
                told = next(e for e in answer["estimates"] if e["quantity"] == quantity)
                mean = median * np.exp(0.5 * sigma**2)
                truth = mean if quantity == "mean diameter" else per_mL * _above(median, sigma)
                axes.plot([i, i], [told["low"], told["high"]], color=SPARE_COLOURS[0], lw=2)
                axes.plot(i, told["median"], "o", color=SPARE_COLOURS[0], ms=5)
                axes.plot(i, answer["shown"][shown], "o", color=SPARE_COLOURS[1], mfc="white", ms=5)
                axes.plot([i - 0.35, i + 0.35], [truth, truth], color=INK, lw=1.5)
            axes.set(xlabel="film", ylabel=label)
            if quantity != "mean diameter":
                axes.set(yscale="log", ylim=(4e7, 2e9))
                log_axis(axes.yaxis, 4e7, 2e9)
            axes.set_xticks(range(FILMS), [str(i + 1) for i in range(FILMS)])
        return to_svg(figure, "Tracking read backwards: truth, shown, inferred")


def _above(median: float, sigma: float) -> float:
    import numpy as np
    from scipy.special import ndtr

    return float(ndtr(np.log(median / 70.0) / sigma))


if __name__ == "__main__":
    for name, draw in (("isolation", isolation), ("measurement", measurement)):
        (HERE / f"{name}.svg").write_text(draw(), encoding="utf-8")
