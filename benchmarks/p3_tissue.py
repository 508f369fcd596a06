"""P3: a ball of cells in oxygen, mechanics on, one thread, against pyphysicell; P9, P10: cells alone.

P3: 10,000 and 100,000 cells that take up oxygen, grow, divide and push, as PhysiCell's default cell does.
Both sides have the same cells at the same places, the same pair forces and PhysiCell's mechanics step (0.1
min, Adams-Bashforth 2). Oxygen: pyphysicell at its 0.01 min; ours at the steady state that is reached within
seconds, to 1e-3. CPU seconds per simulated hour. pyphysicell runs in an environment of its own, made when it
is missing. Errors: where 2,000 disturbed cells are after 6 min of forces alone, the largest distance from a
step a hundred times finer, in radii; ours with the step it chooses itself.

P10: nanoseconds per cell and substep of mechanics, 1e4 to 1e6 cells, lists of neighbours included.
P9: bytes per cell at the peak of a move, the columns of a cell included, its response network not.

    python -m benchmarks.p3_tissue [--cells 10000 100000] [--largest 1000000] [--repeats 3] [--skip-peer]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks._results import CACHE, Row, interleaved, save, show

PEER = "pyphysicell==0.1.4"
VOLUME = 2494.0  # um^3, PhysiCell's default cell
RADIUS = (3.0 * VOLUME / (4.0 * math.pi)) ** (1.0 / 3.0)
BOXES = {10_000: 640, 100_000: 1000}  # um
#: Seconds per simulated hour, one thread, measured once on a quiet machine: PhysiCell 1.14.2, pyphysicell.
HISTORICAL = {10_000: (56.0, 28.5), 100_000: (628.0, 210.0)}
TARGET, AIM = 1 / 3, 1 / 20
PEER_MINUTES = 6.0  # one phenotype step, 60 of mechanics, 600 of diffusion

MODEL = """
vesiflux: 1
name: p3
space: {{kind: tissue, size: [{box} um, {box} um, {box} um], voxel: 20 um,
        borders: {{x: open, y: open, z: open}}}}
factors:
  oxygen:
    diffusion: 1e5 um^2/min
    decay: {{half_life: 6.931472 min}}
    initial: 3.8e16 molecule/mL
    border: 3.8e16 molecule/mL
cells:
  tumour:
    is: tumour_cell
    count: {count}
    radius: {radius} um
    layout: {{kind: spheroid}}
    mechanics: {{repulsion: 10 um/min, adhesion: 0.4 um/min, reach: 1.25}}
    life: {{proliferation: 0.0432 /h}}
    consumes: {{oxygen: {{clearance: {clearance} mL/cell/h}}}}
run: {{for: 1 h, record: 1 h, frames: 1 h, step: 6 min, mechanics: {mechanics}, tolerance: 1e-3}}
"""

# Standard input: positions (n, 3) about the middle, float64. Prints CPU seconds per simulated hour and, of
# cells that do nothing but push, where they are.
PEER_SCRIPT = """
import json, sys, time
import numpy as np
import pyphysicell as pc
box, minutes, alive = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "alive"
at = np.frombuffer(sys.stdin.buffer.read()).reshape(-1, 3)
half = box / 2
kind = pc.CellType("tumour")
if alive:
    kind = pc.CellType("tumour", cycle=pc.Cycle(transition_rates={(0, 0): 0.00072}),
                       secretion={"oxygen": pc.SecretionEntry(uptake_rate=10.0)})
faces = {f: (True, 38.0) for f in ("xmin", "xmax", "ymin", "ymax", "zmin", "zmax")}
model = pc.Model(
    domain=pc.Domain(x_min=-half, x_max=half, y_min=-half, y_max=half, z_min=-half, z_max=half, use_2D=False),
    substrates=[pc.Substrate("oxygen", 1e5, 0.1, 38.0, True, 38.0, faces)],
    cell_types=[kind],
    initial_cells=[(*map(float, p), "tumour") for p in at],
)
simulation = pc.Simulation(model, seed=1)
n = simulation.cells.n
start = time.process_time()
while simulation.t < minutes - 1e-9:
    simulation.step()
spent = time.process_time() - start
print(json.dumps({"cells": simulation.cells.n, "s_per_h": spent * 60.0 / minutes,
                  "at": None if alive else simulation.cells.position[:n].tolist()}))
"""

Floats = npt.NDArray[np.float64]


def ball(count: int) -> Floats:
    """The ``count`` places nearest to the origin of a close packing at 0.95 diameters, slightly disturbed."""
    spacing = 0.95 * 2.0 * RADIUS * math.sqrt(2.0)
    reach = int((3.0 * count / (16.0 * math.pi)) ** (1.0 / 3.0)) + 3
    corners = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3), -1).reshape(-1, 3).astype(float)
    centres = ([0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5])
    at = spacing * np.concatenate([corners + np.array(c) for c in centres])
    nearest = at[np.argsort((at**2).sum(1), kind="stable")[:count]]
    rng = np.random.default_rng(1)
    return rng.permutation(nearest) + rng.normal(0.0, 0.3, (count, 3))


def tissue(count: int, mechanics: str = "0.1 min") -> Any:
    """Ours, one step done, so that kernels are loaded and oxygen is there."""
    import tempfile

    import vesiflux

    text = MODEL.format(
        box=BOXES[count],
        count=count,
        radius=RADIUS,
        clearance=10.0 * 60.0 * VOLUME * 1e-12,
        mechanics=mechanics,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p3.yaml"
        path.write_text(text)
        simulation = vesiflux.Simulation.of(path)
    cells, at = simulation.cells, ball(count) + BOXES[count] / 2.0
    cells.x[:], cells.y[:], cells.z[:] = at.T
    simulation.step()
    return simulation


def hours(simulation: Any, steps: int) -> Callable[[], float]:
    """CPU seconds per simulated hour of the next steps."""

    def run() -> float:
        start = time.process_time()
        simulation.step(steps)
        return (time.process_time() - start) / (steps * float(simulation.plan.step))

    return run


def past(count: int) -> str:
    """What others needed once."""
    physicell, python = HISTORICAL[count]
    return f"quiet machine, measured once: PhysiCell {physicell:.0f} s, pyphysicell {python:.4g} s"


def peer_python() -> Path | None:
    """The interpreter of pyphysicell's environment, made first where it is missing; None without it."""
    folder = CACHE / "pyphysicell"
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        if subprocess.run([str(python), "-c", "import pyphysicell"], capture_output=True).returncode:
            subprocess.run([str(python), "-m", "pip", "install", "-q", PEER, "numpy"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"skipped: {PEER} cannot be installed ({error})")
        return None
    return python


def peer(python: Path, at: Floats, box: float, alive: bool = True) -> dict[str, Any]:
    """What pyphysicell needs, and where cells are that do nothing but push."""
    done = subprocess.run(
        [str(python), "-c", PEER_SCRIPT, str(box), str(PEER_MINUTES), "alive" if alive else "pushing"],
        input=at.tobytes(),
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def errors(python: Path | None) -> tuple[float, float | None, float | None]:
    """Largest error of a place after 6 min, in radii: (ours, theirs); um from theirs to our same method."""
    from vesiflux.engines.tissue.mechanics import move

    count, dt = 2000, PEER_MINUTES / 60.0
    start = ball(count) + np.random.default_rng(3).normal(0.0, 2.0, (count, 3))

    def ends(step: float) -> Floats:
        space, kinds, _, radius, kind = _crowd(count)
        middle = np.array(space.size) / 2.0
        x, y, z = (start + middle).T.copy()
        move(space, (False,) * 3, kinds, (x, y, z), radius, kind, None, dt, step, np.zeros((count, 3)))
        return np.stack([x, y, z], axis=1) - middle

    exact = ends(dt / 6000)
    ours = float(np.linalg.norm(ends(-1.0) - exact, axis=1).max()) / RADIUS
    if python is None:
        return ours, None, None
    there = np.array(peer(python, start, 640.0, alive=False)["at"])
    theirs = float(np.linalg.norm(there - exact, axis=1).max()) / RADIUS
    return ours, theirs, float(np.abs(there - ends(dt / 60)).max())


def against_peer(counts: Sequence[int], repeats: int, with_peer: bool) -> list[Row]:
    """P3."""
    python = peer_python() if with_peer else None
    error_ours, error_peer, apart = errors(python)
    same = "" if apart is None else f"; places differ by {apart:.1g} um from pyphysicell's at its step"
    rows = []
    for count in counts:
        ours = hours(tissue(count), 5 if count < 50_000 else 2)
        tasks = [ours]
        if python is not None:
            tasks.append(lambda n=count: peer(python, ball(n), BOXES[n])["s_per_h"])  # type: ignore[misc]
        figures = interleaved(tasks, repeats)
        auto = hours(tissue(count, "auto"), 5)()
        theirs = figures[1] if python is not None else None
        rows.append(
            {
                "id": "P3",
                "case": f"ball of {count} cells in oxygen",
                "ours": figures[0],
                "peer": "pyphysicell" if python is not None else None,
                "peer_value": theirs,
                "ratio": None if theirs is None else figures[0] / theirs,
                "unit": "s/simulated hour (CPU)",
                "error_ours": error_ours,
                "error_peer": error_peer,
                "target": TARGET,
                "aim": AIM,
                "note": f"{past(count)}; ours with the mechanics step chosen: {auto:.3g} s{same}",
            }
        )
    return rows


def mechanics_only(count: int, substeps: int = 12) -> Callable[[], float]:
    """Nanoseconds per cell and substep of the ball in a box that fits it."""
    from vesiflux.engines.tissue.mechanics import move

    space, kinds, places, radius, kind = _crowd(count)

    def run() -> float:
        before = np.zeros((count, 3))
        start = time.process_time()
        move(space, (False,) * 3, kinds, places, radius, kind, None, substeps / 600.0, 1 / 600.0, before)
        return 1e9 * (time.process_time() - start) / (count * substeps)

    run()
    return run


def _crowd(count: int) -> tuple[Any, list[Any], tuple[Floats, Floats, Floats], Floats, Any]:
    from types import SimpleNamespace

    from vesiflux.ir.tissue import Mechanics, TissueSpace

    at = ball(count)
    box = 2.0 * float(np.abs(at).max()) + 100.0
    x, y, z = (at + box / 2.0).T.copy()
    kinds = [SimpleNamespace(name="tumour", mechanics=Mechanics(600.0, 24.0))]
    radius, kind = np.full(count, RADIUS), np.zeros(count, dtype=np.int32)
    return TissueSpace((10,) * 3, (box / 10,) * 3), kinds, (x, y, z), radius, kind


def growth(counts: Sequence[int], repeats: int) -> list[Row]:
    """P10: time per cell at each size, and the worst over the best."""
    figures = interleaved([mechanics_only(count) for count in counts], repeats)
    common: Row = {"id": "P10", "unit": "ns/cell and substep (CPU)"}
    rows: list[Row] = [
        common | {"case": f"mechanics, {count} cells", "ours": figure}
        for count, figure in zip(counts, figures, strict=True)
    ]
    rows.append(
        {
            "id": "P10",
            "case": "mechanics, time per cell",
            "ours": max(figures) / min(figures),
            "unit": "largest over smallest",
            "note": f"{counts[0]} to {counts[-1]} cells",
            "target": 1.3,
        }
    )
    return rows


def memory(count: int) -> Row:
    """P9: the columns of a cell, and all that a move takes beside them at its peak."""
    from vesiflux.engines.tissue.cells.container import COLUMNS
    from vesiflux.engines.tissue.mechanics import move

    space, kinds, places, radius, kind = _crowd(count)
    columns = sum(np.dtype(t).itemsize for t, _ in COLUMNS.values())
    again = tuple(place.copy() for place in places)
    move(space, (False,) * 3, kinds, again, radius, kind, None, 0.1)  # kernels are loaded, which takes memory
    tracemalloc.start()
    move(space, (False,) * 3, kinds, places, radius, kind, None, 0.1, -1.0, np.zeros((count, 3)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "id": "P9",
        "case": "cell, its columns and mechanics at the peak",
        "ours": columns + peak / count,
        "unit": "B/cell",
        "target": 600,
        "note": f"columns {columns} B, {count} cells",
    }


def main() -> None:
    """Measure, print and save."""
    if (
        os.environ.get("OPENBLAS_NUM_THREADS") != "1"
    ):  # else idle threads of BLAS count; read when it is loaded
        again = [sys.executable, "-m", "benchmarks.p3_tissue", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}).returncode)
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--cells", type=int, nargs="*", choices=sorted(BOXES), default=sorted(BOXES))
    options.add_argument("--largest", type=int, default=1_000_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--skip-peer", action="store_true")
    chosen = options.parse_args()
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= chosen.largest]
    rows = [memory(100_000), *growth(sizes, chosen.repeats)]
    rows += against_peer(chosen.cells, chosen.repeats, not chosen.skip_peer)
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
