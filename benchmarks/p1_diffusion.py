"""P1: one implicit step of diffusion, decay and uptake in every voxel, one thread; P10, P9: voxels.

Ours is the substep that users run: second order, sources and uptake per voxel inside the operator, what every
voxel's cells took, sums for the account, and the field before the step kept for going back. The peer
(pyphysicell, first-order splitting) does diffusion and decay alone. The floor is a triad loop that moves as
many bytes as our two passes have to: 96 per voxel with sources (read: field 3 x, clearance 2 x, source, work;
written: field, work 2 x, taken). CPU nanoseconds per voxel and field.

    python -m benchmarks.p1_diffusion [--edge 100] [--largest 1e7] [--repeats 7] [--skip-peer]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks._results import Row, interleaved, save, show
from benchmarks.p3_tissue import peer_python

TARGET, AIM = 7.0, 5.0  # ns
GROWTH = 1.3
BYTES = 24.0
MOVED = 96  # bytes per voxel, see above
VOXEL = (20.0, 20.0, 20.0)
UNIT = "ns/voxel and field (CPU)"

PEER_SCRIPT = """
import sys, time
import pyphysicell as pc
n, steps = int(sys.argv[1]), int(sys.argv[2])
model = pc.Model(domain=pc.Domain(x_min=0, x_max=20 * n, y_min=0, y_max=20 * n, z_min=0, z_max=20 * n,
                                  use_2D=False),
                 substrates=[pc.Substrate("a", 1e5, 0.1, 38.0)], cell_types=[pc.CellType("c")])
field = pc.Simulation(model, seed=1).microenvironment
field.step(0.01)
start = time.process_time()
for _ in range(steps):
    field.step(0.01)
print(1e9 * (time.process_time() - start) / (steps * n**3))
"""

Floats = npt.NDArray[np.float64]
Run = Callable[[], float]


def space(edge: int, wall: bool = False) -> Any:
    """A cube of voxels; with a wall where faces are to differ."""
    from vesiflux.ir.tissue import Region, TissueSpace

    middle = (10.0 * edge,) * 3
    regions = (Region("bone", "ball", middle, radius=4.0 * edge, wall=True),) if wall else ()
    return TissueSpace((edge,) * 3, VOXEL, regions=regions)


def group(name: str = "exosome") -> Any:
    """A vesicle class: 2 um^2/s."""
    from vesiflux.ir.tissue import Border, Group

    return Group(name, 7200.0, 0.3, (Border(),) * 6)


def substep(edge: int, *, wall: bool = False, source: bool = True) -> Run:
    """The kernel alone, one field."""
    from vesiflux.engines.tissue.fields.douglas import Stepper
    from vesiflux.engines.tissue.fields.transport import transport

    operator = transport(space(edge, wall), group())
    stepper = Stepper(operator, (0.0, 0.0), Stepper.work(operator))
    rng = np.random.default_rng(1)
    n = operator.grid.n_voxels
    u, loss, taken = rng.random(n), rng.random(n) * 1e-9, np.zeros(n)
    given = rng.random(n) * 1e-9 if source else np.zeros(0)

    def run() -> float:
        start = time.process_time()
        stepper.substep(u, np.zeros(0), given, loss, taken, 0.05)
        return 1e9 * (time.process_time() - start) / n

    run()
    return run


def advance(edge: int, count: int) -> Run:
    """`Fields.advance` as the simulation calls it, fields of one group; eight steps, one looked at."""
    from vesiflux.engines.tissue.fields.fields import Fields
    from vesiflux.ir.tissue import FieldSlot

    slots = [FieldSlot(f"f{i}", "", "vesicle", "vesicles", 0) for i in range(count)]
    fields = Fields(space(edge), [group()], slots, 1e-3)
    rng = np.random.default_rng(1)
    n = fields.grid.n_voxels
    fields.values[:] = 1e6 * (1.0 + 0.5 * np.cos(np.pi * np.arange(edge) / edge))
    source, clearance = 1e-3 * rng.random((count, n)), rng.random((1, n)) * 1e-10
    for _ in range(12):
        fields.advance(0.05, source, clearance)
    if fields.substeps != {"exosome": 1}:
        raise RuntimeError("a step is to be one substep here")

    def run() -> float:
        start = time.process_time()
        for _ in range(8):
            fields.advance(0.05, source, clearance)
        return 1e9 * (time.process_time() - start) / (8 * n * count)

    return run


def floor(voxels: int) -> Run:
    """A triad of as many bytes per voxel, arrays as large as ours together."""
    import numba

    @numba.njit(error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
    def triad(a, b, c, k):  # type: ignore[no-untyped-def]
        for i in range(a.size):
            a[i] = b[i] + k * c[i]

    size = voxels * MOVED // 24
    a, b, c = np.zeros(size), np.ones(size), np.ones(size)
    triad(a, b, c, 0.5)

    def run() -> float:
        start = time.process_time()
        triad(a, b, c, 0.5)
        return 1e9 * (time.process_time() - start) / voxels

    return run


def peer(python: Path, edge: int, steps: int) -> float:
    """pyphysicell's diffusion and decay."""
    done = subprocess.run(
        [str(python), "-c", PEER_SCRIPT, str(edge), str(steps)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)


def speed(edge: int, repeats: int, with_peer: bool) -> list[Row]:
    """P1."""
    python = peer_python() if with_peer else None
    tasks = [
        substep(edge),
        floor(edge**3),
        substep(edge, source=False),
        substep(edge, wall=True),
        advance(edge, 1),
        advance(edge, 5),
    ]
    if python is not None:
        tasks.append(lambda: peer(python, edge, 5))
    figures = interleaved(tasks, repeats)
    size = f"{edge}^3 voxels"
    common: Row = {"id": "P1", "unit": UNIT}
    rows: list[Row] = [
        common
        | {
            "case": f"{size}, against the floor of its own bytes",
            "ours": figures[0],
            "peer": "triad",
            "peer_value": figures[1],
            "ratio": figures[0] / figures[1],
        },
        common
        | {
            "case": f"{size}, uptake and sources per voxel",
            "ours": figures[0],
            "target": TARGET,
            "aim": AIM,
            "note": "PhysiCell's BioFVM (historical, one thread): 56",
        },
        common | {"case": f"{size}, without sources", "ours": figures[2], "target": TARGET, "aim": AIM},
        common | {"case": f"{size}, around a wall", "ours": figures[3]},
        common | {"case": f"{size}, a step with its accounts, 1 field", "ours": figures[4]},
        common | {"case": f"{size}, a step with its accounts, 5 fields", "ours": figures[5]},
    ]
    if python is not None:
        rows.append(
            common
            | {
                "case": f"{size}, against pyphysicell without uptake",
                "ours": figures[0],
                "peer": "pyphysicell",
                "peer_value": figures[-1],
                "ratio": figures[0] / figures[-1],
            }
        )
    return rows


def growth(largest: float, repeats: int) -> list[Row]:
    """P10: nanoseconds per voxel as the grid grows."""
    figures: dict[int, float] = {}
    for edge in (100, 215, 464):
        if edge**3 <= 1.01 * largest:
            run = substep(edge)
            figures[edge] = sorted(run() for _ in range(max(3, repeats // 2)))[1]
    rows: list[Row] = [
        {"id": "P10", "case": f"fields, {edge}^3 voxels", "ours": figure, "unit": UNIT}
        for edge, figure in figures.items()
    ]
    rows.append(
        {
            "id": "P10",
            "case": f"fields, time per voxel, {min(figures)}^3 to {max(figures)}^3",
            "ours": max(figures.values()) / figures[min(figures)],
            "unit": "slowest over smallest grid's",
            "target": GROWTH,
        }
    )
    return rows


def memory(edge: int = 60, count: int = 5) -> Row:
    """P9: what fields hold between steps, and the most during one, per voxel and field."""
    from vesiflux.engines.tissue.fields.fields import Fields
    from vesiflux.ir.tissue import FieldSlot

    slots = [FieldSlot(f"f{i}", "", "vesicle", "vesicles", 0, initial=1e6) for i in range(count)]
    n = edge**3
    Fields(space(10), [group()], slots).advance(0.05, None, None)  # loads the kernels
    tracemalloc.start()
    fields = Fields(space(edge), [group()], slots, 1e-3)
    kept, _ = tracemalloc.get_traced_memory()
    source, clearance = np.ones((count, n)), np.full((1, n), 1e-10)
    for _ in range(3):
        fields.advance(0.05, source, clearance)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "id": "P9",
        "case": f"field, {count} of a group, between steps",
        "ours": kept / (n * count),
        "unit": "B/voxel and field",
        "target": BYTES,
        "note": f"at the peak of a step, sources and clearances included: {peak / (n * count):.1f} B",
    }


def main() -> None:
    """Measure, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--edge", type=int, default=100)
    options.add_argument("--largest", type=float, default=1e7)
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--skip-peer", action="store_true")
    chosen = options.parse_args()
    rows = speed(chosen.edge, chosen.repeats, not chosen.skip_peer)
    rows += [*growth(chosen.largest, chosen.repeats), memory()]
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
