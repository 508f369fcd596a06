"""Numbers, places, sizes and cargo of vesicles set free, each drawn by its own key."""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.individuals import records
from vesiflux.engines.tissue.individuals.records import P_CONTENT, P_DECAY, P_EMISSION, PERIODIC
from vesiflux.engines.tissue.random import normals, philox, uniforms4

__all__ = ["cargo", "diameters", "dues", "places", "poisson", "poisson_numbers"]

kernel = compiler(__file__, random.__file__, records.__file__)

AT_BIRTH = 1 << 20  # place in the decay sequence that no substep uses
WHERE, SIZE, CARGO = 1, 2, 3  # steps of the content sequence; cargo m uses CARGO + m
TWO_53 = 2.0**-53
SMALL = 12.0  # mean up to which a Poisson number is summed up


@kernel.inner
def _two(seed, purpose, entity, step, place):
    """Two numbers in (0, 1) of 53 bits."""
    a, b, c, d = philox(seed, purpose, entity, step, place)
    u = ((a >> np.uint64(5)) * np.uint64(67108864) + (b >> np.uint64(6)) + 0.5) * TWO_53
    w = ((c >> np.uint64(5)) * np.uint64(67108864) + (d >> np.uint64(6)) + 0.5) * TWO_53
    return u, w


@kernel.inner
def poisson(mean, seed, purpose, entity, step):
    """A Poisson number: by summing probabilities, or PTRS (W. Hoermann 1993)."""
    if not mean > 0.0:
        return 0
    if mean <= SMALL:
        u, _ = _two(seed, purpose, entity, step, 0)
        p = math.exp(-mean)
        total, k = p, 0
        while u > total and p > 0.0:
            k += 1
            p *= mean / k
            total += p
        return k
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    limit = 0.9277 - 3.6224 / (b - 2.0)
    place = 0
    while True:
        u, w = _two(seed, purpose, entity, step, place)
        place += 1
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and w <= limit:
            return k
        if k < 0 or (us < 0.013 and w > us):
            continue
        if math.log(w) + math.log(inverse) - math.log(a / (us * us) + b) <= (
            k * math.log(mean) - mean - math.lgamma(k + 1.0)
        ):
            return k


@kernel
def poisson_numbers(means, ident, seed, step):
    """Poisson numbers keyed by (cell, step), int64 (n,)."""
    found = np.empty(means.size, dtype=np.int64)
    for i in range(means.size):
        found[i] = poisson(means[i], seed, P_EMISSION, ident[i], step)
    return found


@kernel
def places(x, y, z, ident, first, number, centres, radii, size, modes, seed):
    """Even places on the surfaces of cells: ``number[c]`` vesicles of cell c, one after the other.

    By Archimedes the height on a sphere is even: where a sphere sticks out of the slab it is drawn from
    the part within. What lies beyond another border is reflected or carried round.
    """
    i = first
    for c in range(number.size):
        radius = radii[c]
        low, high = -1.0, 1.0
        if modes[2] != PERIODIC:
            low = max(low, -centres[c, 2] / radius)
            high = min(high, (size[2] - centres[c, 2]) / radius)
        for _ in range(number[c]):
            u, w = _two(seed, P_CONTENT, ident[i], WHERE, 0)
            height = low + (high - low) * u
            flat = math.sqrt(max(0.0, 1.0 - height * height))
            for k in range(3):
                if k == 0:
                    at = centres[c, 0] + radius * flat * math.cos(2.0 * math.pi * w)
                elif k == 1:
                    at = centres[c, 1] + radius * flat * math.sin(2.0 * math.pi * w)
                else:
                    at = centres[c, 2] + radius * height
                if modes[k] == PERIODIC:
                    at -= size[k] * math.floor(at / size[k])
                else:
                    at = abs(at)
                    at = size[k] - abs(size[k] - at)
                if k == 0:
                    x[i] = at
                elif k == 1:
                    y[i] = at
                else:
                    z[i] = at
            i += 1


@kernel
def diameters(diameter, ident, median, sigma, seed):
    """Lognormal diameters, um."""
    for i in range(ident.size):
        n, _, _, _ = normals(seed, P_CONTENT, ident[i], SIZE, 0)
        diameter[i] = median * math.exp(sigma * n)


@kernel
def dues(due, ident, now, rate, seed):
    """First time at which something (decay, binding) happens to a free vesicle, h."""
    for i in range(ident.size):
        u, _ = _two(seed, P_DECAY, ident[i], 0, AT_BIRTH)
        due[i] = now - math.log(u) / rate if rate > 0.0 else np.inf


@kernel
def cargo(copies, ident, mean, occupied, seed):
    """Copies (n, molecules): Poisson of the mean; or mean / occupied in that share of the vesicles.

    A share of vesicles carries a whole number on either side of mean / occupied, such that the mean is met.
    """
    for i in range(ident.size):
        for m in range(mean.size):
            if occupied[m] >= 1.0:
                copies[i, m] = poisson(mean[m], seed, P_CONTENT, ident[i], CARGO + m)
                continue
            u, w, _, _ = uniforms4(seed, P_CONTENT, ident[i], CARGO + m, np.int64(0))
            copies[i, m] = 0
            if occupied[m] > 0.0 and u < occupied[m]:
                each = mean[m] / occupied[m]
                copies[i, m] = math.floor(each) + (w < each - math.floor(each))
