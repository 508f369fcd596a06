"""P2: oxygen at the centre of a ball of 10,000 cells, at default settings.

D 1e5 um^2/min, decay 0.1/min, uptake 10/min in cells of 2,494 um^3, 38 mmHg held outside. Two problems:

*sphere*: uptake spread over a ball of 194 um, its voxels by volume fraction; outside of a larger ball voxels
are held at the exact solution, which so is known everywhere (two exponentials over r). Error at the centre.

*box*: 10,000 cells in a box of 640 um with 38 mmHg on its faces, as pyphysicell is run; what it gives after
2 min (steady). The reference is a direct sparse solve with the same cells in the same voxels, so that errors
are those of the time steps and solvers alone: for the peer with 38 mmHg in the outermost voxels, where it
holds them, for us on the faces. A grid four times as fine tells what the voxels add. All are read in the
eight voxels at the centre.

Time: our quasi-steady solve from 38 mmHg everywhere (cold), and from the last step's (warm: uptake 1 % up);
the peer's diffusion and uptake for the 2 minutes, its mechanics and phenotype left out. CPU ms, one thread.

    python -m benchmarks.p2_oxygen [--repeats 5] [--skip-peer]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks._results import Row, save, show
from benchmarks.p3_tissue import ball, peer_python

EDGE = 640.0  # um
VOXELS = 32
RADIUS = 194.0  # of the ball, um
OUTER = 300.0  # where the exact solution is held, um
CELL = 2494.0  # um^3
COUNT = 10_000
DIFFUSION, DECAY, UPTAKE = 6e6, 6.0, 600.0  # um^2/h, 1/h, 1/h
BORDER = 38.0
TARGET_ERROR, AIM_ERROR, TARGET_TIME = 1e-2, 1e-3, 0.1
FINER = 4

PEER_SCRIPT = """
import json, sys, time
import numpy as np
import pyphysicell as pc
import pyphysicell.simulation as module
at = np.frombuffer(sys.stdin.buffer.read()).reshape(-1, 3)
half = float(sys.argv[1]) / 2
faces = {f: (True, 38.0) for f in ("xmin", "xmax", "ymin", "ymax", "zmin", "zmax")}
kind = pc.CellType("tumour", secretion={"oxygen": pc.SecretionEntry(uptake_rate=10.0)})
model = pc.Model(
    domain=pc.Domain(x_min=-half, x_max=half, y_min=-half, y_max=half, z_min=-half, z_max=half, use_2D=False),
    substrates=[pc.Substrate("oxygen", 1e5, 0.1, 38.0, True, 38.0, faces)], cell_types=[kind],
    initial_cells=[(*map(float, p), "tumour") for p in at])
sim = pc.Simulation(model, seed=1)
field, c, K = sim.microenvironment, sim.cells, module.K
sim._sample_fields()
dt, n = model.time.dt_diffusion, sim.cells.n
parts = [np.ascontiguousarray(getattr(c, k)[:n]) for k in
         ("volume_total", "secretion_rate", "uptake_rate", "secretion_target", "net_export_rate")]
voxel = np.ascontiguousarray(c.voxel[:n])
start = time.process_time()
for _ in range(round(2.0 / dt)):
    field.step(dt)
    K.secretion_uptake(field.density, voxel, *parts, field.voxel_volume, dt, None)
spent = time.process_time() - start
u = np.asarray(field.density).reshape(32, 32, 32)
print(json.dumps({"ms": 1e3 * spent, "centre": float(u[15:17, 15:17, 15:17].mean()), "dt_min": dt}))
"""

Floats = npt.NDArray[np.float64]


def exact(r: Floats) -> Floats:
    """Concentration in the spherical problem, continued beyond `OUTER`; in mmHg."""
    share = COUNT * CELL / (4.0 / 3.0 * np.pi * RADIUS**3)
    inner = np.sqrt((DECAY + UPTAKE * share) / DIFFUSION)
    outer = np.sqrt(DECAY / DIFFUSION)
    # r u = A sinh(inner r) within; B sinh(outer (r - R)) + C cosh(outer (r - R)) without
    a, b = RADIUS, OUTER - RADIUS
    c_of_a = np.sinh(inner * a)
    b_of_a = inner * np.cosh(inner * a) / outer
    scale = BORDER * OUTER / (b_of_a * np.sinh(outer * b) + c_of_a * np.cosh(outer * b))
    far = outer * (r - a)
    without = scale * (b_of_a * np.sinh(far) + c_of_a * np.cosh(far))
    return np.where(r < a, scale * np.sinh(inner * r), without) / r


def distances(voxels: int) -> Floats:
    """Distance of each voxel's middle from the centre, (n, n, n)."""
    at = (np.arange(voxels) + 0.5) * EDGE / voxels - EDGE / 2.0
    z, y, x = np.meshgrid(at, at, at, indexing="ij")
    return np.sqrt(x * x + y * y + z * z)


def fraction(voxels: int, parts: int = 8) -> Floats:
    """Share of each voxel within the ball."""
    within = np.zeros((voxels,) * 3)
    edge = EDGE / voxels
    at = (np.arange(voxels) + 0.5) * edge - EDGE / 2.0
    for shift in ((np.indices((parts,) * 3).reshape(3, -1).T + 0.5) / parts - 0.5) * edge:
        z, y, x = np.meshgrid(*(at + s for s in shift), indexing="ij")
        within += x * x + y * y + z * z < RADIUS * RADIUS
    return within / parts**3


def fields(voxels: int, kind: str) -> Any:
    """Oxygen at quasi-steady state in the box."""
    from vesiflux.engines.tissue.fields.fields import Fields
    from vesiflux.ir.tissue import Border, FieldSlot, Group, TissueSpace

    border = Border("held", BORDER) if kind == "box" else Border()
    group = Group("oxygen", DIFFUSION, DECAY, (border,) * 6, treatment="steady")
    slot = FieldSlot("oxygen", "oxygen", "molecule", "factor", 0, initial=BORDER)
    return Fields(TissueSpace((voxels,) * 3, (EDGE / voxels,) * 3), [group], [slot])


def centre(field: Any) -> float:
    """Mean of the eight voxels (on a finer grid: what is in their middles) at the centre."""
    u = field.values[0]
    n = u.shape[0]
    step = n // VOXELS
    if step == 1:
        return float(u[n // 2 - 1 : n // 2 + 1, n // 2 - 1 : n // 2 + 1, n // 2 - 1 : n // 2 + 1].mean())
    near, far = n // 2 - step // 2 - 1, n // 2 - step // 2 + 1  # two voxels about the middle of a coarse one
    return float(u[near:far, near:far, near:far].mean())


def spread(at: Floats) -> Floats:
    """The places, drawn out so that their ball is of `RADIUS`: they are evenly packed."""
    from benchmarks.p3_tissue import RADIUS as CELL_RADIUS

    of_each = (0.95 * 2.0 * CELL_RADIUS) ** 3 / np.sqrt(2.0)  # volume of a close packing per place
    return at * (RADIUS / (0.75 / np.pi * COUNT * of_each) ** (1.0 / 3.0))


def timed(field: Any, source: Floats | None, clearance: Floats) -> float:
    """CPU ms of one advance."""
    start = time.process_time()
    field.advance(0.1, None if source is None else source.reshape(1, -1), clearance.reshape(1, -1))
    return 1e3 * (time.process_time() - start)


def sphere() -> Row:
    """Our error against the exact sphere."""
    field = fields(VOXELS, "sphere")
    volume = field.grid.voxel_volume
    r = distances(VOXELS)
    share = COUNT * CELL / (4.0 / 3.0 * np.pi * RADIUS**3)
    hold = 1e9 * volume * (r > OUTER)  # so strong that these voxels are what they are held at
    clearance = UPTAKE * share * fraction(VOXELS) * volume + hold
    timed(field, hold * exact(r), clearance)
    at = np.array([np.sqrt(3.0) * 0.5 * EDGE / VOXELS])
    right = float(exact(at)[0])
    error = abs(centre(field) / right - 1.0)
    return {
        "id": "P2",
        "case": "ball in a sphere, error at the centre against the exact solution",
        "ours": error,
        "unit": "relative",
        "target": TARGET_ERROR,
        "aim": AIM_ERROR,
        "note": f"{centre(field):.4f} mmHg, exact {right:.4f}; voxels of 20 um",
    }


def reference() -> tuple[float, float]:
    """Uptake spread over the ball in the box: centre on the grid of the test and on a finer one, mmHg."""
    found = []
    share = COUNT * CELL / (4.0 / 3.0 * np.pi * RADIUS**3)
    for voxels in (VOXELS, VOXELS * FINER):
        field = fields(voxels, "box")
        timed(field, None, UPTAKE * share * fraction(voxels, 4) * field.grid.voxel_volume)
        found.append(centre(field))
    return found[0], found[1]


def direct(clearance: Floats, voxels_held: bool = False) -> float:
    """The same voxels by SciPy's direct solver, written down anew: centre, mmHg.

    ``voxels_held``: the outermost voxels are held (as the peer does), not the faces of the box.
    """
    from scipy.sparse import diags_array, identity, kron
    from scipy.sparse.linalg import spsolve

    edge = EDGE / VOXELS
    line = diags_array([1.0, -2.0, 1.0], offsets=[-1, 0, 1], shape=(VOXELS,) * 2).tolil()
    line[0, 0] = line[-1, -1] = -3.0  # the face is half a voxel away
    one = identity(VOXELS)
    spread_out = kron(kron(one, one), line) + kron(kron(one, line), one) + kron(kron(line, one), one)
    ends = np.zeros(VOXELS)
    ends[[0, -1]] = 2.0 * BORDER
    ones = np.ones(VOXELS)
    held = sum(
        np.einsum("i,j,k->ijk", *v) for v in ((ends, ones, ones), (ones, ends, ones), (ones, ones, ends))
    )
    rate = DIFFUSION / edge**2
    sink = DECAY + clearance / (edge**3 * 1e-12)
    right = rate * held.reshape(-1)
    if voxels_held:
        outermost = np.ones((VOXELS,) * 3)
        outermost[1:-1, 1:-1, 1:-1] = 0.0
        hold = 1e9 * rate * outermost.reshape(-1)
        sink, right = sink + hold, right + BORDER * hold
    u = spsolve((diags_array(sink) - rate * spread_out).tocsc(), right)
    h = VOXELS // 2
    return float(u.reshape((VOXELS,) * 3)[h - 1 : h + 1, h - 1 : h + 1, h - 1 : h + 1].mean())


def ours(at: Floats, repeats: int) -> tuple[float, float, float, float, float]:
    """(cold ms, warm ms, centre mmHg, of a direct solve, of one as the peer holds) with its cells."""
    cold, warm = [], []
    field = fields(VOXELS, "box")
    voxels = field.grid.index(*(at + EDGE / 2.0).T)
    clearance = np.bincount(voxels, minlength=field.grid.n_voxels) * (UPTAKE * CELL * 1e-12)
    timed(field, None, clearance)  # the matrix is made once
    found = 0.0
    for _ in range(repeats):
        field.values[:] = BORDER
        cold.append(timed(field, None, clearance))
        found = centre(field)
        warm.append(timed(field, None, 1.01 * clearance))
    right, of_peer = direct(clearance), direct(clearance, voxels_held=True)
    return float(np.median(cold)), float(np.median(warm)), found, right, of_peer


def peer(python: Path, at: Floats) -> dict[str, float]:
    """What pyphysicell needs and finds."""
    done = subprocess.run(
        [str(python), "-c", PEER_SCRIPT, str(EDGE)],
        input=np.ascontiguousarray(at).tobytes(),
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--skip-peer", action="store_true")
    chosen = options.parse_args()
    rows = [sphere()]
    at = spread(ball(COUNT))
    coarse, fine = reference()
    cold, warm, found, right, of_peer = ours(at, chosen.repeats)
    row: Row = {
        "id": "P2",
        "case": "10,000 cells in a box, steady oxygen, cold",
        "ours": cold,
        "unit": "ms (CPU)",
        "error_ours": abs(found / right - 1.0),
        "target": TARGET_TIME,
        "note": f"{found:.3f} mmHg at the centre; warm {warm:.1f} ms; voxels add {coarse / fine - 1:.1e}",
    }
    python = None if chosen.skip_peer else peer_python()
    if python is not None:
        their = peer(python, at)
        row |= {
            "peer": "pyphysicell",
            "peer_value": their["ms"],
            "ratio": cold / their["ms"],
            "error_peer": abs(their["centre"] / of_peer - 1.0),
        }
    rows.append(row)
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
