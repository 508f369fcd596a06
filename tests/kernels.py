"""Kernels of all engines, compiled once by the workers of a test run together.

Kernels are compiled when they are first called, and kept on disk. Workers that find none there would each
compile all of them; here each takes the next that nobody is at, and then has the others' to load.
"""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

__all__ = ["compile_together", "parts"]

#: s between two looks at what others are doing.
PAUSE = 0.2


def parts() -> Mapping[str, Callable[[], None]]:
    """Name -> what compiles it; the longest first, those that need others last."""
    from vesiflux.engines import compartments
    from vesiflux.engines.tissue import warm
    from vesiflux.ir.tissue import Border, Group, Layout, Region

    wall = Region("wall", "ball", (90.0, 80.0, 80.0), radius=25.0, wall=True)
    everything: Any = SimpleNamespace(
        space=replace(warm._SPACE, regions=(wall,)),
        cells=[SimpleNamespace(layout=Layout("random"))],
        groups=[Group("v", 1.0, 0.0, (Border(),) * 6, treatment="individuals")],
    )
    tissue = sorted(warm._parts(everything), key=lambda part: -part.share)
    return {
        "compartments": compartments.warm_up,
        **{part.title: part.work for part in tissue},
        "networks": _networks,
        "single cells": _single_cells,
    }


def _networks() -> None:
    from vesiflux.engines.ssa import simulate
    from vesiflux.ir.stochastic import mass_action

    simulate(mass_action({"X": 10}, [({"X": 1}, {}, 0.1)]), 2, times=[0.0, 1.0])


def _single_cells() -> None:
    import vesiflux as vf

    with tempfile.TemporaryDirectory() as store:
        vf.run("secretion", arms=["control"], single_cells=2, store=store, threads=1)


def compile_together(folder: Path) -> None:
    """Return when every part has been compiled, here or by another process that uses this folder."""
    left = dict(parts())
    while left:
        for name in list(left):
            with (folder / f"kernels {name}").open("a+") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                work = left.pop(name)
                if file.tell() == 0:  # nobody has written that it is done
                    work()
                    file.write("compiled")
                    break
        else:
            time.sleep(PAUSE)
