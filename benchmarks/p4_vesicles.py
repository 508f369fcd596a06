"""P4: individual vesicles, 1e6 among 1,000 absorbing cells, ns per vesicle-step on one thread.

A box of 400 um with periodic borders, cells of 5 um radius on a lattice 40 um apart, vesicles even outside
of them, steps of sqrt(2 D dt) = R / 4 (our default), 20 of them. Ours is the whole of `Individuals.advance`,
lists and ledgers included. Peer: Smoldyn 2.74, same places, spheres and steps, CPU without its set-up
(2.76 on PyPI cannot be imported; ``--smoldyn`` names the Python of an environment with 2.74).

Errors: absorbed counts over ten seeds against Smoluchowski's solution for one sphere (in the time run the
spheres do not feel each other), as |sum of z| / sqrt(10). Smoldyn absorbs what is found inside after a
straight step, without bridge: it needs a smaller step for the same accuracy.

With it: P9, bytes per vesicle; P10, growth of the time per vesicle from 1e6 to 1e7 and 1e8.

    python -m benchmarks.p4_vesicles [--smoldyn PYTHON] [--seeds 10] [--peer-seeds 2] [--largest 1e8]
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks._results import Row, save, show

EDGE, RADIUS, PITCH, STEPS = 400.0, 5.0, 40.0, 20
DIFFUSION = 14400.0  # um^2/h: 4 um^2/s, a vesicle of 110 nm in water at 37 C
DT = (0.25 * RADIUS) ** 2 / (2.0 * DIFFUSION)
Floats = npt.NDArray[np.float64]


def centres() -> Floats:
    """1,000 cells on a lattice."""
    at = (np.arange(10) + 0.5) * PITCH
    return np.stack(np.meshgrid(at, at, at, indexing="ij"), -1).reshape(-1, 3)


def starts(n: int, seed: int) -> Floats:
    """Even outside the cells."""
    x = np.random.default_rng(seed).uniform(0.0, EDGE, (int(1.02 * n) + 1000, 3))
    near = x - (np.floor(x / PITCH) + 0.5) * PITCH
    return x[(near**2).sum(axis=1) > RADIUS**2][:n]


def expected(n: int, kappa: float = math.inf) -> float:
    """Absorbed: Smoluchowski, or Collins and Kimball with reactivity kappa (um/h)."""
    from scipy.special import erfcx

    hours = STEPS * DT
    free = EDGE**3 - 1000 * 4.0 / 3.0 * math.pi * RADIUS**3
    arrival = 4.0 * math.pi * DIFFUSION * RADIUS
    if math.isinf(kappa):
        volume = arrival * (hours + 2.0 * RADIUS * math.sqrt(hours / (math.pi * DIFFUSION)))
    else:
        own = 4.0 * math.pi * RADIUS**2 * kappa
        root = np.linspace(0.0, math.sqrt(hours), 20_001)
        slow = erfcx((1.0 + own / arrival) / RADIUS * math.sqrt(DIFFUSION) * root)
        rate = arrival * own / (arrival + own) * (1.0 + own / arrival * slow)
        volume = float(np.trapezoid(rate * 2.0 * root, root))
    return n * 1000 * volume / free


def ours(n: int, seed: int, kappa: float = math.inf, threads: int = 1) -> tuple[float, int, float]:
    """(ns per vesicle-step, absorbed, bytes per vesicle)."""
    from vesiflux.engines.tissue.individuals import Individuals
    from vesiflux.ir.tissue import Border, Group, TissueSpace

    space = TissueSpace((10, 10, 10), (PITCH, PITCH, PITCH))
    group = Group("vesicle", DIFFUSION, 0.0, (Border("periodic"),) * 6, median=0.11)
    v = Individuals(space, group, seed=seed, threads=threads)
    for first in range(0, n, 10_000_000):
        v.place(starts(min(10_000_000, n - first), seed + first), (), 0, 0)
    size = v.nbytes / v.count
    cells = centres()
    clearance = np.full(1000, 4.0 * math.pi * RADIUS**2 * kappa / 1e12)
    if v.substeps(STEPS * DT, RADIUS) != STEPS:
        raise RuntimeError("the default step is no longer a quarter of the radius")
    begin, wall = time.process_time(), time.perf_counter()
    taken = v.advance(STEPS * DT, 0, cells, np.full(1000, RADIUS), np.arange(1000), clearance)
    spent = time.process_time() - begin if threads == 1 else time.perf_counter() - wall
    return 1e9 * spent / (n * STEPS), len(taken.ident), size


def smoldyn(python: str, n: int, seed: int) -> dict[str, Any] | None:
    """Smoldyn's figures, or None after saying why there are none."""
    script = Path(__file__).with_name("_smoldyn.py")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.npz"
        facts = np.array([EDGE, RADIUS, DT, DIFFUSION])
        np.savez(given, centres=centres(), starts=starts(n, seed), facts=facts)
        command = [python, str(script), str(given), str(seed + 1), str(STEPS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:]
        print(f"skipped: smoldyn cannot be run by {python} {why}; pip install smoldyn==2.74")
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def score(counts: list[int], n: int, kappa: float = math.inf) -> float:
    """|z| of all seeds together."""
    mean = expected(n, kappa)
    z = (np.array(counts) - mean) / math.sqrt(mean * (1.0 - mean / n))
    print("z:", " ".join(f"{v:.2f}" for v in z))
    return float(abs(z.sum()) / math.sqrt(len(z)))


def measure(n: int, seeds: int, peer_seeds: int, python: str, largest: float) -> list[Row]:
    """All rows."""
    ours(1000, 0)
    ours(1000, 0, DIFFUSION / RADIUS)
    partial = DIFFUSION / RADIUS  # k_int = k_D
    perfect_runs = [ours(n, seed) for seed in range(seeds)]
    partial_runs = [ours(n, seed, partial) for seed in range(seeds)]
    ns = float(np.median([r[0] for r in perfect_runs]))
    rows: list[Row] = []
    for name, runs, kappa in (("", perfect_runs, math.inf), (", k_int = k_D", partial_runs, partial)):
        counts = [r[1] for r in runs]
        rows.append(
            {
                "id": "P4",
                "case": f"1e6 vesicles, 1,000 cells{name}",
                "ours": float(np.median([r[0] for r in runs])),
                "unit": "ns/vesicle-step (CPU)",
                "error_ours": score(counts, n, kappa),
                "target": 80.0,
                "aim": 65.0,
                "note": f"{seeds} seeds; absorbed {np.mean(counts):.0f}, theory {expected(n, kappa):.0f}",
            }
        )
    found = [smoldyn(python, n, seed) for seed in range(peer_seeds)]
    peers = [f for f in found if f is not None]
    if peers:
        value = float(np.median([f["ns"] for f in peers]))
        counts = [f["absorbed"] for f in peers]
        against = {
            "case": "1e6 vesicles, 1,000 cells, against Smoldyn",
            "peer": f"Smoldyn {peers[0]['version']}",
            "peer_value": value,
            "ratio": ns / value,
            "error_peer": score(counts, n),
            "target": None,
            "aim": None,
            "note": f"{rows[0]['note']}; Smoldyn {np.mean(counts):.0f}, no bridge at this step",
        }
        rows.append(rows[0] | against)
    rows.append(
        {
            "id": "P9",
            "case": "vesicles",
            "ours": 1.25 * perfect_runs[0][2],
            "unit": "B/vesicle, cargo apart",
            "target": 64.0,
            "note": f"{perfect_runs[0][2]:.0f} B used and a quarter as room for growth",
        }
    )
    size = 10 * n
    while size <= largest:
        many = ours(size, 0)[0]
        rows.append(
            {
                "id": "P10",
                "case": f"vesicles, 1e{round(math.log10(n))} to 1e{round(math.log10(size))}",
                "ours": many / ns,
                "unit": "time per vesicle, ratio",
                "target": 1.5,
                "note": f"{ns:.1f} to {many:.1f} ns/vesicle-step",
            }
        )
        size *= 10
    return rows


def main() -> None:
    """Measure, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--vesicles", type=int, default=1_000_000)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--peer-seeds", type=int, default=2)
    options.add_argument("--smoldyn", default=sys.executable, help="Python with smoldyn 2.74")
    options.add_argument("--largest", type=float, default=1e7)
    chosen = options.parse_args()
    rows = measure(chosen.vesicles, chosen.seeds, chosen.peer_seeds, chosen.smoldyn, chosen.largest)
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
