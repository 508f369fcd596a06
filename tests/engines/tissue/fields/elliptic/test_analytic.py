"""Steady states with known solutions: order of convergence in the edge of the voxels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CLOSED, held

from vesiflux.engines.tissue.fields.elliptic.solve import Elliptic
from vesiflux.engines.tissue.fields.transport import transport
from vesiflux.ir.tissue import Group, TissueSpace

DIFFUSION, DECAY = 6e6, 6.0  # um^2/h, 1/h


def orders(errors: list[float]) -> np.ndarray:
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_planar_uptake_between_a_held_and_a_closed_border(axis):
    """c0 cosh((L - x) / l) / cosh(L / l), along each axis."""
    length, uptake = 400.0, 1200.0
    reach = math.sqrt(DIFFUSION / (uptake + DECAY))
    errors = []
    for n in (32, 64, 128):
        shape = [1, 1, 1]
        shape[axis] = n
        borders = [CLOSED] * 6
        borders[2 * axis] = held(1e6)
        space = TissueSpace((shape[0], shape[1], shape[2]), (length / n,) * 3)
        t = transport(space, Group("oxygen", DIFFUSION, DECAY, tuple(borders)))
        shift = np.full(n, uptake * t.grid.voxel_volume)
        found = Elliptic(t).solve(shift, t.constant().ravel(), np.zeros(n), 1e-12).values
        x = (np.arange(n) + 0.5) * length / n
        errors.append(
            float(np.abs(found / 1e6 - np.cosh((length - x) / reach) / math.cosh(length / reach)).max())
        )
    assert orders(errors).min() > 1.9


def test_a_sphere_with_uptake_held_at_its_surface():
    """c0 R sinh(r / l) / (r sinh(R / l)) in an eighth of the box, held where r > R (known there too)."""
    edge, radius, uptake = 400.0, 280.0, 600.0
    reach = math.sqrt(DIFFUSION / (uptake + DECAY))
    errors = []
    for n in (12, 24, 48):
        t = transport(
            TissueSpace((n, n, n), (edge / n,) * 3), Group("oxygen", DIFFUSION, DECAY, (CLOSED,) * 6)
        )
        at = (np.arange(n) + 0.5) * edge / n
        z, y, x = np.meshgrid(at, at, at, indexing="ij")
        r = np.sqrt(x * x + y * y + z * z).ravel()
        exact = radius * np.sinh(r / reach) / (r * math.sinh(radius / reach))
        hold = 1e9 * t.grid.voxel_volume * (r > radius)
        shift = hold + uptake * t.grid.voxel_volume
        found = Elliptic(t).solve(shift, hold * exact, np.zeros(len(r)), 1e-14).values
        errors.append(float(np.sqrt(np.mean((found - exact)[r < radius] ** 2))))
    assert orders(errors).min() > 1.9, orders(errors)
