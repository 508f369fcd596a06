"""A model small enough for thousands of blocks: two uncertain parameters, three arms, one open question."""

from __future__ import annotations

from vesiflux.ir.compiled import CompiledModel
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: tiny
title: Cells that release
space: {kind: dish, vessel: 6-well, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}, decay: {half_life: 6 h}}
modules:
  gland:
    vesiflux_module: 1
    name: gland
    parameters:
      make: {typical: 200, low: 50, high: 800, unit: vesicle/cell/h, mark: assumed, source: x}
      loss: {typical: 1, low: 0.5, high: 2, unit: 1/h, mark: assumed, source: y, vary: replicate}
    nodes: {RAB: {title: a RAB}}
    species: {pool: {unit: vesicle/cell, initial: make / loss, scale: 100}}
    reactions:
      filling: {rate: make * RAB * (1 - 0.5 * wire.slow), moves: {pool: 1}}
      emptying: {rate: loss * pool, moves: {pool: -1}}
    release: {exosome: loss * pool}
    constraints: {most: {expression: pool, unit: vesicle/cell, at_most: 300 vesicle/cell}}
    structures: {wire: {default: fast, options: {fast: {}, slow: {}}, concerns: [drug]}}
choices:
  cell:
    default: plain
    scope: donor
    options:
      plain: {gland.make: {typical: 200, low: 50, high: 800, unit: vesicle/cell/h}}
      strong: {gland.make: {typical: 2000, low: 500, high: 8000, unit: vesicle/cell/h}}
cells:
  donor:
    is: tumour_cell
    count: 1e5 cell
    modules: {gland: gland}
    secretes: {exosome: {machinery: gland}}
interventions:
  loss: {scales: RAB, factor: 0.5}
  drug: {scales: RAB, factor: {typical: 0.25, low: 0.2, high: 0.3}}
arms:
  control: {}
  loss: {interventions: [loss], against: control}
  drug: {interventions: [drug], against: control}
run: {for: 4 h, record: 1 h, draws: 8}
"""


def model(text: str = TEXT) -> Model:
    """The model, or one with its text changed."""
    return Model.from_text(text)


def compiled(text: str = TEXT) -> CompiledModel:
    """The same, lowered."""
    from vesiflux.ir.lowering import lower

    return lower(model(text))
