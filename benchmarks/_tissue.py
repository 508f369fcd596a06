"""The tissue of P9 and P10: one type of cell in a cube, 5 fields, vesicles taken up, 30 nodes in each."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FIELDS = 5
NODES = 30
EDGE = 14.75  # um of the cube per cell, each way: about 3200 um^3 for a cell and what lies between
VOXEL = 20.0

_HEAD = """
vesiflux: 1
name: p9
space: {{kind: tissue, size: [{edge} um, {edge} um, {edge} um], voxel: 20 um}}
vesicles:
  exosome: {{origin: mvb, diameter: {{median: 100 nm, sigma: 0.3}}, decay: {{half_life: 12 h}}}}
factors:
  oxygen: {{diffusion: 1e5 um^2/min, decay: {{half_life: 7 min}}, initial: 3e16 molecule/mL}}
  ligand: {{diffusion: 100 um^2/s, decay: {{half_life: 1 h}}}}
cells:
  tumour:
    is: tumour_cell
    count: {count}
    radius: 7 um
    layout: {{kind: random}}
    motility: {{speed: 0.1 um/min}}
    life: {{proliferation: 0.02 /h, apoptosis: 0.001 /h}}
    consumes: {{oxygen: {{clearance: 1e-7 mL/cell/h}}}}
    secretes:
      exosome:
        rate: 60 vesicle/cell/h
        cargo:
          PD-L1: {{copies: 5 copy/vesicle, on: surface, kind: protein}}
          miR-21-5p: {{copies: 0.1 copy/vesicle, kind: miRNA}}
    takes_up: {{exosome: {{clearance: 1e-9 mL/cell/h}}}}
    releases: {{ligand: {{rate: 100 molecule/cell/h}}}}
    signals:
      ligand: {{half: 1e8 molecule/mL}}
      PD-L1 @surface: {{half: 30 copy/cell}}
    nodes:
"""


def text(count: int, edge: float | None = None) -> str:
    """The model of ``count`` cells in a cube of ``edge`` um (default: dense tissue), as YAML."""
    wide = VOXEL * max(round(count ** (1 / 3) * EDGE / VOXEL), 2) if edge is None else edge
    lines = [_HEAD.format(count=count, edge=wide)]
    lines += [f"      N{i}: {{tau: {1 + i % 5} h}}\n" for i in range(NODES)]
    lines += ["    responses:\n", "      - 'ligand -> N0'\n", "      - 'PD-L1 @surface -> N1'\n"]
    lines += [f"      - 'N{i - 1} {'->' if i % 3 else '-|'} N{i}'\n" for i in range(2, NODES)]
    lines += ["run: {for: 1 h, record: 1 h, frames: 1 h, step: 6 min}\n"]
    return "".join(lines)


def tissue(count: int, threads: int = 1, edge: float | None = None) -> Any:
    """A simulation of ``count`` cells, nothing done yet; ``edge`` as `text` takes it."""
    from vesiflux.engines.tissue.simulation import Simulation
    from vesiflux.ir.lowering.tissue import lower_tissue
    from vesiflux.language import Model

    with TemporaryDirectory() as folder:
        path = Path(folder) / "p9.yaml"
        path.write_text(text(count, edge))
        plan = lower_tissue(Model.load(path))
    found = Simulation(plan, threads=threads)
    assert len(plan.fields) == FIELDS, [slot.name for slot in plan.fields]
    return found
