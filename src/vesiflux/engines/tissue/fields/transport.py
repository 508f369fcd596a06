"""What moves a field between voxels, as numbers on faces: diffusion, flow, walls, borders, vessels.

With concentrations u per mL and the volume V of a voxel in mL, the amount in a voxel changes by

    V du/dt = sum over its faces of what comes in - (V decay + exchange) u + supply,

and across the face between voxel i-1 and voxel i of an axis ``low[i] u[i-1] - high[i] u[i]`` passes
upwards, in amount/h (``low``, ``high`` in mL/h). Every flux leaves one voxel and enters another: amounts
balance by construction. ``low`` and ``high`` are never negative, so neither the flow nor a border can make
the exact solution negative: where the flow outruns diffusion over one voxel (|v| dx / D > 2) diffusion is
raised to |v| dx / 2, which is upwinding; below that the face value is the central mean, second order.

Faces of a hindered medium take the harmonic mean of their two voxels (S. V. Patankar, Numerical Heat
Transfer and Fluid Flow, 1980, section 4.2-3). A held border is half a voxel away from the first centre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.flow import face_flows
from vesiflux.engines.tissue.fields.grid import UM3_PER_ML, Grid
from vesiflux.engines.tissue.fields.places import hindrance, vessel_area, walls
from vesiflux.ir.tissue import Border, Group, TissueSpace

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Axis", "Transport", "inflow", "outflow", "transport"]

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Axis:
    """Faces across one axis, ``number`` 0, 1, 2 for x, y, z.

    ``low``, ``high``: mL/h, (nz, ny, nx) with one more along this axis: face i lies below voxel i, the last
    above the last voxel. Where all lines are alike the other two lengths are 1 (``uniform``). Of a periodic
    axis first and last face are the same face, told twice. ``held``: concentration at the low and the high
    border, per mL; there ``low[0]`` and ``high[-1]`` weigh it. Closed borders have zeros.
    """

    number: int
    low: Floats
    high: Floats
    periodic: bool
    held: tuple[float, float] = (0.0, 0.0)

    @property
    def dimension(self) -> int:
        """Which dimension of an array [z, y, x] it is."""
        return 2 - self.number

    @property
    def uniform(self) -> bool:
        """Whether all lines along this axis have the same faces."""
        return bool(self.low.size == self.low.shape[self.dimension])

    @property
    def still(self) -> bool:
        """Whether nothing passes along this axis."""
        return not (bool(self.low.any()) or bool(self.high.any()))

    @cached_property
    def sealed(self) -> bool:
        """Whether nothing passes its first and last faces, or both are one."""
        ends = (self.part(self.low, slice(-1, None)), self.part(self.high, slice(0, 1)))
        more = (self.part(self.low, slice(0, 1)), self.part(self.high, slice(-1, None)))
        return self.periodic or not any(faces.any() for faces in (*ends, *more))

    @property
    def symmetric(self) -> bool:
        """Whether fluxes depend on differences alone (no flow along this axis)."""
        return self.high is self.low

    def part(self, faces: npt.NDArray[Number], where: slice) -> npt.NDArray[Number]:
        """A range of the faces along this axis."""
        at: list[slice] = [slice(None)] * 3
        at[self.dimension] = where
        return faces[tuple(at)]


@dataclass(frozen=True)
class Transport:
    """The operator of one group on one grid.

    ``axes``: x, y, z. ``decay``: 1/h. ``exchange`` (mL/h) and ``supply`` (amount/h) through vessel walls:
    (nz, ny, nx), or None without vessels. ``wall``: voxels that nothing enters, or None.
    """

    grid: Grid
    axes: tuple[Axis, Axis, Axis]
    decay: float
    exchange: Floats | None = None
    supply: Floats | None = None
    wall: npt.NDArray[np.bool_] | None = None

    @property
    def uniform(self) -> bool:
        """Whether on every axis all lines are alike."""
        return all(axis.uniform for axis in self.axes)

    @property
    def symmetric(self) -> bool:
        """Whether the operator is symmetric: no flow."""
        return all(axis.symmetric for axis in self.axes)

    def rate(self, u: Floats, held: bool = True) -> Floats:
        """V du/dt (amount/h) for concentrations ``u`` (nz, ny, nx), without cells.

        ``held`` False leaves out what does not depend on u: held borders and supply, the linear part.
        """
        found: Floats = -self.decay * self.grid.voxel_volume * u
        if self.exchange is not None:
            found -= self.exchange * u
        if held and self.supply is not None:
            found += self.supply
        for axis in self.axes:
            passed = face_fluxes(axis, u, held)
            found -= np.diff(passed, axis=axis.dimension)
        return found

    def constant(self) -> Floats:
        """The part of `rate` that does not depend on concentrations, amount/h, (nz, ny, nx)."""
        return self.rate(np.zeros(self.grid.array_shape))

    def diagonal(self) -> Floats:
        """What leaves a voxel per concentration, mL/h, (nz, ny, nx): all but decay, exchange and cells."""
        found = np.zeros(self.grid.array_shape)
        for axis in self.axes:
            if axis.periodic and self.grid.shape[axis.number] == 1:
                continue
            found += axis.part(axis.low, slice(1, None)) + axis.part(axis.high, slice(0, -1))
        return found

    def matrix(self) -> csr_array:
        """The linear part of `rate` as a sparse matrix over voxels, mL/h; for checks and small problems."""
        from scipy.sparse import coo_array

        n = self.grid.n_voxels
        index: npt.NDArray[np.int64] = np.arange(n).reshape(self.grid.array_shape)
        here = self.decay * self.grid.voxel_volume + self.diagonal()
        if self.exchange is not None:
            here = here + self.exchange
        rows: list[Any] = [index.ravel()]
        columns: list[Any] = [index.ravel()]
        values: list[Any] = [-here.ravel()]
        for axis in self.axes:
            length = self.grid.shape[axis.number]
            if length == 1:
                continue
            below, above = axis.part(index, slice(0, -1)), axis.part(index, slice(1, None))
            inner = slice(1, -1)
            pairs = [(below, above, inner)]
            if axis.periodic:
                pairs.append((axis.part(index, slice(-1, None)), axis.part(index, slice(0, 1)), slice(0, 1)))
            for lower, upper, faces in pairs:
                low = np.broadcast_to(axis.part(axis.low, faces), lower.shape)
                high = np.broadcast_to(axis.part(axis.high, faces), lower.shape)
                rows += [upper.ravel(), lower.ravel()]
                columns += [lower.ravel(), upper.ravel()]
                values += [low.ravel(), high.ravel()]
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return coo_array(entries, shape=(n, n)).tocsr()


def face_fluxes(axis: Axis, u: Floats, held: bool = True) -> Floats:
    """What passes upwards across every face of an axis, amount/h; shape of ``u`` with one more along it."""
    first, last = axis.part(u, slice(0, 1)), axis.part(u, slice(-1, None))
    if axis.periodic:
        below, above = last, first
    else:
        low, high = axis.held if held else (0.0, 0.0)
        below, above = np.full_like(first, low), np.full_like(last, high)
    padded = np.concatenate([below, u, above], axis=axis.dimension)
    passed: Floats = axis.low * axis.part(padded, slice(0, -1)) - axis.high * axis.part(
        padded, slice(1, None)
    )
    return passed


def inflow(operator: Transport) -> float:
    """Amount/h that enters through held borders, whatever the field is."""
    found = 0.0
    for axis in operator.axes:
        if not axis.sealed:
            lines = operator.grid.n_voxels // operator.grid.shape[axis.number] if axis.uniform else 1
            low, high = axis.part(axis.low, slice(0, 1)), axis.part(axis.high, slice(-1, None))
            found += lines * (float(low.sum()) * axis.held[0] + float(high.sum()) * axis.held[1])
    return found


def outflow(operator: Transport, u: Floats) -> float:
    """Amount/h that leaves through held borders at concentrations ``u`` (n_voxels,)."""
    found = 0.0
    field = u.reshape(operator.grid.array_shape)
    for axis in operator.axes:
        if not axis.sealed:
            found += float((axis.part(axis.high, slice(0, 1)) * axis.part(field, slice(0, 1))).sum())
            found += float((axis.part(axis.low, slice(-1, None)) * axis.part(field, slice(-1, None))).sum())
    return found


def transport(space: TissueSpace, group: Group) -> Transport:
    """The operator of ``group`` in ``space``."""
    grid = Grid(space.shape, space.voxel)
    wall = walls(space)
    share = hindrance(space)
    flows = face_flows(space, wall, _periodic(group))
    axes = [
        _axis(grid, number, group.diffusion, share, wall, flows[number], _pair(group.borders, number))
        for number in range(3)
    ]
    exchange, supply = _vessels(space, group.name, wall)
    return Transport(grid, (axes[0], axes[1], axes[2]), group.decay, exchange, supply, wall)


def _pair(borders: Sequence[Border], number: int) -> tuple[Border, Border]:
    return borders[2 * number], borders[2 * number + 1]


def _periodic(group: Group) -> tuple[bool, bool, bool]:
    x, y, z = (group.borders[2 * number].kind == "periodic" for number in range(3))
    return x, y, z


def _axis(
    grid: Grid,
    number: int,
    diffusion: float,
    share: Floats | None,
    wall: npt.NDArray[np.bool_] | None,
    flow: Floats | None,
    borders: tuple[Border, Border],
) -> Axis:
    """Faces across one axis. ``flow``: mL/h through every face, None where there is none."""
    dimension = 2 - number
    count = grid.shape[number]
    area_over_edge = grid.voxel_volume / grid.voxel[number] ** 2
    shape = [1, 1, 1] if share is None and wall is None else list(grid.array_shape)
    shape[dimension] = count
    through = np.full(shape, diffusion * area_over_edge)
    if share is not None:
        through *= share
    if wall is not None:
        through[np.broadcast_to(wall, shape)] = 0.0

    def at(values: Floats, where: slice) -> Floats:
        index: list[slice] = [slice(None)] * 3
        index[dimension] = where
        return values[tuple(index)]

    periodic = borders[0].kind == "periodic" and count > 1
    first, last = at(through, slice(0, 1)), at(through, slice(-1, None))
    wrapped = _harmonic(last, first) if periodic else None
    open_low = periodic or borders[0].kind == "held"
    open_high = periodic or borders[1].kind == "held"
    zero = np.zeros_like(first)
    faces = np.concatenate(
        [
            wrapped if wrapped is not None else (2.0 * first if open_low else zero),
            _harmonic(at(through, slice(0, -1)), at(through, slice(1, None))),
            wrapped if wrapped is not None else (2.0 * last if open_high else zero),
        ],
        axis=dimension,
    )
    held = (borders[0].value, borders[1].value)
    if flow is None:
        return Axis(number, faces, faces, periodic, held)
    flow = np.broadcast_to(flow, np.broadcast_shapes(flow.shape, faces.shape)).copy()
    if not open_low:
        at(flow, slice(0, 1))[...] = 0.0
    if not open_high:
        at(flow, slice(-1, None))[...] = 0.0
    wide = np.maximum(faces, 0.5 * np.abs(flow))
    low, high = wide + 0.5 * flow, wide - 0.5 * flow
    if not periodic:  # the value at a held border is given: no mean there
        for where, outward, inner, outer in (
            (slice(0, 1), -1.0, high, low),
            (slice(-1, None), 1.0, low, high),
        ):
            out = outward * at(flow, where)
            wide_here = np.maximum(at(faces, where), out)
            at(inner, where)[...] = wide_here
            at(outer, where)[...] = wide_here - out
    return Axis(number, low, high, periodic, held)


def _harmonic(a: Floats, b: Floats) -> Floats:
    total = a + b
    mean: Floats = np.divide(2.0 * a * b, total, out=np.zeros_like(total), where=total > 0.0)
    return mean


def _vessels(
    space: TissueSpace, group: str, wall: npt.NDArray[np.bool_] | None
) -> tuple[Floats | None, Floats | None]:
    """(exchange, supply) of all vessels that exchange ``group``; permeability times wall area per voxel."""
    met = [(vessel, vessel.exchange[group]) for vessel in space.vessels if group in vessel.exchange]
    if not met:
        return None, None
    exchange = np.zeros(Grid(space.shape, space.voxel).array_shape)
    supply = np.zeros_like(exchange)
    for vessel, (permeability, inside) in met:
        found = permeability * vessel_area(space, vessel) / UM3_PER_ML
        if wall is not None:
            found[wall] = 0.0
        exchange += found
        supply += inside * found
    return exchange, supply
