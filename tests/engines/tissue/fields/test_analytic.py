"""Fields against solutions that can be written down: spread, layers, flow, uptake, binding, vessels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CLOSED, RING, held, slot

from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.ir.tissue import Group, Region, TissueSpace, Vessel

D = 3000.0  # um^2/h


def make(shape, voxel, *, tolerance=1e-5, initial=0.0, flow=(0.0, 0.0, 0.0), regions=(), vessels=(), **group):
    group = {"diffusion": D, "decay": 0.0, "borders": (CLOSED,) * 6} | group
    space = TissueSpace(shape, voxel, flow, regions, vessels)
    return Fields(space, [Group("g", **group)], [slot("a", initial=initial)], tolerance)


def centres(fields: Fields, axis: int) -> np.ndarray:
    return (np.arange(fields.grid.shape[axis]) + 0.5) * fields.grid.voxel[axis]


def order(errors: list[float]) -> float:
    return math.log2(errors[-2] / errors[-1])


def to_steady(fields: Fields, source=None, clearance=None, dt=2.0, limit=200) -> np.ndarray:
    for _ in range(limit):
        before = fields.values[0].copy()
        fields.advance(dt, source, clearance)
        if np.abs(fields.values[0] - before).max() <= 1e-9 * np.abs(before).max():
            break
    return fields.values[0]


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_gaussian_spreads(dimensions):
    """Variance grows by 2 D t along every axis, the amount fades with decay."""
    errors = []
    for n in (20, 40):
        shape = tuple(n if axis < dimensions else 1 for axis in range(3))
        fields = make(shape, (800.0 / n,) * 3, tolerance=1e-4 * (20 / n) ** 2, decay=0.2)
        exact = []
        for time in (0.0, 0.4):
            variance = 60.0**2 + 2 * D * time
            value = np.full(fields.grid.array_shape, math.exp(-0.2 * time))
            for axis in range(dimensions):
                along = (
                    np.exp(-((centres(fields, axis) - 400.0) ** 2) / (2 * variance))
                    * 60
                    / math.sqrt(variance)
                )
                value = value * along.reshape([-1 if 2 - axis == d else 1 for d in range(3)])
            exact.append(value)
        fields.values[0] = exact[0]
        for _ in range(4):
            fields.advance(0.1, None, None)
        errors.append(float(np.linalg.norm(fields.values[0] - exact[1]) / np.linalg.norm(exact[1])))
    assert errors[-1] < 1e-2
    assert order(errors) > 1.9


@pytest.mark.parametrize("kind", ["closed", "held", "periodic with flow"])
def test_modes_fade_at_their_rate(kind):
    """cos between closed borders, sin between held ones, and a wave that the flow carries round."""
    length, time, speed = 400.0, 0.5, 200.0
    errors = []
    for n in (16, 32, 64):
        borders = {"closed": CLOSED, "held": held(0.0), "periodic with flow": RING}[kind]
        fields = make(
            (n, 1, 1), (length / n,) * 3, borders=(borders,) * 2 + (CLOSED,) * 4, decay=0.3,
            tolerance=1e-4 * (16 / n) ** 2, flow=(speed if "flow" in kind else 0.0, 0.0, 0.0),
        )  # fmt: skip
        x = centres(fields, 0)
        k = 2 * math.pi / length if "flow" in kind else math.pi / length

        def wave(t, x=x, k=k):
            shape = {"closed": np.cos(k * x), "held": np.sin(k * x)}.get(kind, np.cos(k * (x - speed * t)))
            return 1e6 * math.exp(-(D * k * k + 0.3) * t) * shape

        fields.values[0, 0, 0] = wave(0.0)
        for _ in range(4):
            fields.advance(time / 4, None, None)
        errors.append(float(np.abs(fields.values[0, 0, 0] - wave(time)).max()))
    assert order(errors) > 1.9
    assert errors[-1] < 3e-3 * np.abs(wave(time)).max()


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_planar_steady_state_with_decay_through_two_layers(share):
    """Held at one side; beyond the middle diffusion is hindered; both layers' exponentials are matched."""
    length, k, c0 = 400.0, 0.5, 1e6
    l1, l2 = math.sqrt(D / k), math.sqrt(D * share / k)
    # left: A cosh + B sinh of x / l1, right: E cosh((length - x) / l2); value and flux match in the middle
    half = length / 2
    c, s = math.cosh(half / l1), math.sinh(half / l1)
    ratio = math.tanh(half / l2) * (D * share / l2) / (D / l1)
    b = -c0 * (s + ratio * c) / (c + ratio * s)
    e = (c0 * c + b * s) / math.cosh(half / l2)
    errors = []
    for n in (20, 40, 80):
        dense = Region("dense", "box", (half, 0.0, 0.0), (length, 400.0, 400.0), hindrance=share)
        fields = make(
            (n, 1, 1), (length / n,) * 3, borders=(held(c0),) + (CLOSED,) * 5, decay=k,
            regions=(dense,) if share < 1 else (), tolerance=1e-4,
        )  # fmt: skip
        x = centres(fields, 0)
        exact = np.where(x < half, c0 * np.cosh(x / l1) + b * np.sinh(x / l1), e * np.cosh((length - x) / l2))
        errors.append(float(np.abs(to_steady(fields)[0, 0] - exact).max()))
    assert order(errors) > 1.9
    assert errors[-1] < 2e-3 * c0


def test_point_source_reaches_its_spherical_steady_state():
    """S exp(-r / L) / (4 pi D r), r many voxels from the source and from the borders."""
    n, voxel, k, rate = 41, 10.0, 1.5, 1000.0
    fields = make((n, n, n), (voxel,) * 3, decay=k, tolerance=1e-3)
    source = np.zeros((1, n**3))
    source[0, n**3 // 2] = rate
    u = to_steady(fields, source, dt=0.5, limit=10)
    z, y, x = np.meshgrid(*((np.arange(n) - n // 2) * voxel,) * 3, indexing="ij")
    r = np.sqrt(x * x + y * y + z * z)
    far = (r > 60.0) & (r < 120.0)
    exact = rate * np.exp(-r[far] / math.sqrt(D / k)) / (4 * math.pi * D * r[far]) * 1e12
    assert np.abs(u[far] / exact - 1).max() < 0.02


@pytest.mark.parametrize("speed", [5.0, 50.0, -200.0])
def test_flow_against_diffusion_between_held_borders(speed):
    """(exp(v x / D) - 1) / (exp(v L / D) - 1)."""
    length = 200.0
    errors = []
    for n in (20, 40, 80):
        fields = make(
            (n, 1, 1), (length / n,) * 3, borders=(held(0.0), held(1e6)) + (CLOSED,) * 4,
            flow=(speed, 0.0, 0.0), tolerance=1e-4,
        )  # fmt: skip
        x = centres(fields, 0)
        exact = 1e6 * np.expm1(speed * x / D) / math.expm1(speed * length / D)
        errors.append(float(np.abs(to_steady(fields)[0, 0] - exact).max()))
    assert order(errors) > 1.9
    assert errors[-1] < 1e-2 * 1e6


def test_a_flow_that_outruns_diffusion_stays_between_its_borders():
    """A cell Peclet number of 100: first order there, but never beyond what the borders hold."""
    fields = make(
        (30, 1, 1), (10.0,) * 3, borders=(held(0.0), held(1e6)) + (CLOSED,) * 4, flow=(3e4, 0.0, 0.0),
        initial=5e5, tolerance=1e-3,
    )  # fmt: skip
    for _ in range(10):
        fields.advance(0.02, None, None)
        assert fields.values.min() >= 0.0
        assert fields.values.max() <= 1e6
    assert fields.values[0, 0, 0, :28].max() < 1e-3 * 1e6


def test_what_is_even_stays_even_in_a_flow_round_a_wall():
    bone = Region("bone", "ball", (100.0, 100.0, 0.0), radius=45.0, wall=True)
    fields = make(
        (20, 20, 1), (10.0,) * 3, borders=(RING,) * 4 + (CLOSED,) * 2, flow=(100.0, 0.0, 0.0),
        regions=(bone,), initial=1e6,
    )  # fmt: skip
    for _ in range(5):
        fields.advance(0.2, None, None)
    free = ~fields.transports[0].wall
    assert np.abs(fields.values[0][free] / 1e6 - 1).max() < 1e-9


def test_walls_part_the_box():
    """A wall across the box: nothing passes; a mode between wall and border fades at the narrow rate."""
    wall = Region("wall", "box", (200.0, 0.0, 0.0), (210.0, 400.0, 400.0), wall=True)
    errors = []
    for n in (41, 82, 164):
        fields = make((n, 1, 1), (410.0 / n,) * 3, regions=(wall,), tolerance=1e-4 * (41 / n) ** 2)
        x = centres(fields, 0)
        mode = np.where(x < 200.0, 1 + np.cos(math.pi * x / 200.0), 0.0)
        fields.values[0, 0, 0] = 1e6 * mode
        fields.forget()
        for _ in range(4):
            fields.advance(0.5, None, None)
        exact = np.where(
            x < 200.0, 1 + np.cos(math.pi * x / 200.0) * math.exp(-D * (math.pi / 200) ** 2 * 2), 0.0
        )
        errors.append(float(np.abs(fields.values[0, 0, 0] / 1e6 - exact).max()))
        assert not fields.values[0, 0, 0, x > 200.0].any()
    assert errors[-1] < 1e-4
    assert order(errors) > 1.9


def test_saturating_uptake_of_an_even_field():
    """du/dt = -c u / (1 + u / K): ln u + u / K falls along a line."""
    fields = make((8, 4, 2), (20.0,) * 3, initial=1e6, tolerance=1e-6)
    clearance = np.full((1, 64), 2.0 * fields.grid.voxel_volume)
    for _ in range(10):
        fields.advance(0.1, None, clearance, {0: 2e5})
    u = float(fields.values[0, 0, 0, 0])
    fallen = math.log(1e6 / u) + (1e6 - u) / 2e5
    assert fallen == pytest.approx(2.0, rel=1e-5)
    assert fields.balance()["a"] < 1e-13


def test_binding_of_an_even_field():
    """Two exponentials: free and bound with loss of the free."""
    from scipy.linalg import expm

    on, off, k = 3.0, 0.5, 0.4
    fields = make((8, 1, 1), (20.0,) * 3, initial=1e6, decay=k, binding=(on, off), tolerance=1e-6)
    for _ in range(10):
        fields.advance(0.2, None, None)
    exact = expm(2.0 * np.array([[-on - k, off], [on, -off]])) @ [1e6, 0.0]
    assert fields.values[0, 0, 0, 0] == pytest.approx(exact[0], rel=1e-5)
    assert fields.depot[0, 0, 0, 0] == pytest.approx(exact[1], rel=1e-5)


def test_a_vessel_supplies_what_its_surface_lets_through():
    """A small box mixes: inside x P A / (P A + k V) at the end."""
    vessel = Vessel("v", (20.0, 20.0, 0.0), (20.0, 20.0, 40.0), 5.0, {"g": (10.0, 1e6)})
    fields = make((8, 8, 8), (5.0,) * 3, vessels=(vessel,), decay=0.3, diffusion=1e5, tolerance=1e-3)
    pa = 10.0 * 2 * math.pi * 5.0 * 40.0
    mean = float(to_steady(fields, dt=0.5, limit=60).mean())
    assert mean == pytest.approx(1e6 * pa / (pa + 0.3 * 40.0**3), rel=2e-3)
    assert fields.balance()["a"] < 1e-12


def test_gradients():
    fields = make((8, 6, 4), (10.0, 20.0, 5.0), borders=(held(0.0), CLOSED, RING, RING, CLOSED, CLOSED))
    z, y, x = np.meshgrid(*(centres(fields, axis) for axis in (2, 1, 0)), indexing="ij")
    fields.values[0] = 3.0 * x
    assert np.allclose(fields.gradient(0)[0][:, :, :-1], 3.0)  # the held border at 0 continues the line
    assert np.allclose(fields.gradient(0)[0][:, :, -1], 1.5)  # mirrored at a closed border
    fields.values[0] = np.cos(2 * math.pi * y / 120.0) + 2.0 * z
    found = fields.gradient(0)
    assert np.allclose(found[1], -np.sin(2 * math.pi * y / 120.0) * math.sin(2 * math.pi / 6) / 20.0)
    assert np.allclose(found[2][1:-1], 2.0)
    some = np.array([3, 17, 100])
    assert np.array_equal(fields.gradient_at(0, some), found.reshape(3, -1)[:, some])
