"""A real tissue model in a few lines: tumour cells that secrete and divide, macrophages that take up."""

from __future__ import annotations

from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: little-slice
title: A little slice
space: {kind: tissue, size: [200 um, 200 um], voxel: 20 um, borders: {x: closed, y: periodic}}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}, decay: {half_life: 6 h}}
factors:
  oxygen: {diffusion: 100 um^2/s, decay: {rate: 0.1 /h}, initial: 6e16 molecule/mL, treatment: field}
cells:
  tumour:
    is: tumour_cell
    count: 12 cell
    layout: {kind: spheroid, centre: [100 um, 100 um]}
    radius: 8 um
    secretes: {exosome: {rate: 100 vesicle/cell/h, cargo: {miR-21: {copies: 2 copy/vesicle}}}}
    life: {proliferation: 0.05 /h, apoptosis: 0.02 /h}
  macrophage:
    is: macrophage
    count: 6 cell
    layout: {kind: random}
    radius: 9 um
    motility: {speed: 0.5 um/min}
    takes_up: {exosome: {clearance: 1e-8 mL/cell/h}}
arms:
  control: {}
  none: {against: control}
run: {for: 2 h, record: 0.5 h, frames: 1 h, step: 6 min, arms: [control]}
"""


def model(text: str = TEXT) -> Model:
    """The model, or one with its text changed."""
    return Model.from_text(text)
