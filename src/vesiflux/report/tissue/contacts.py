"""Which cells touch which: observed contacts of types over those of shuffled labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["REACH", "Contacts", "contacts", "largest_mass", "touching"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REACH = 1.1  # cells touch where their centres are closer than this multiple of the sum of their radii
_CLOSE = 1.6  # the same, for cells that belong to one mass: a few gaps do not part it
_SHUFFLES, _WORK = 499, 30_000_000


@dataclass(frozen=True)
class Contacts:
    """Contacts by unordered pair of types, shape (types, types), symmetric.

    ``observed``: pairs of touching cells; ``expected``: mean over shuffled labels; ``low``, ``high``: 95 %
    of the shuffles; ``shuffles``: how many there were.
    """

    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    shuffles: int

    @property
    def ratio(self) -> Floats:
        """Observed over expected; nan where nothing is expected."""
        return np.divide(
            self.observed, self.expected, out=np.full_like(self.expected, np.nan), where=self.expected > 0
        )

    @property
    def beyond(self) -> npt.NDArray[np.bool_]:
        """Where chance alone (95 %) does not give what was observed."""
        return (self.observed < self.low) | (self.observed > self.high)


def touching(positions: npt.ArrayLike, radii: npt.ArrayLike, reach: float = REACH) -> Ints:
    """Pairs of cells closer than ``reach`` times the sum of their radii, shape (pairs, 2), lower row first.

    ``positions``: (n, 3) um.
    """
    from scipy.spatial import cKDTree

    xyz, r = np.asarray(positions, dtype=np.float64), np.asarray(radii, dtype=np.float64)
    if len(xyz) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    pairs = cKDTree(xyz).query_pairs(2 * reach * float(r.max()), output_type="ndarray").astype(np.int64)
    a, b = pairs[:, 0], pairs[:, 1]
    near = np.linalg.norm(xyz[a] - xyz[b], axis=1) <= reach * (r[a] + r[b])
    found = np.sort(pairs[near], axis=1)
    order: Ints = found[np.lexsort((found[:, 1], found[:, 0]))]
    return order


def contacts(kinds: npt.ArrayLike, pairs: Ints, types: int, seed: int = 1) -> Contacts:
    """Contacts of types among `pairs` and what random labels on the same places give.

    ``kinds``: type of each cell, shape (n,). Numbers of cells of each type stay in the shuffles, which are
    keyed by ``seed``: the same seed gives the same interval.
    """
    labels = np.asarray(kinds, dtype=np.int64)
    observed = _count(labels, pairs, types)
    shuffles = int(np.clip(_WORK // max(len(pairs), 1), 39, _SHUFFLES))
    rng = np.random.Generator(np.random.Philox(key=[seed, 0x7465_6C6C]))
    found = np.stack([_count(rng.permutation(labels), pairs, types) for _ in range(shuffles)])
    low, high = np.quantile(found, (0.025, 0.975), axis=0)
    return Contacts(observed, found.mean(axis=0), low, high, shuffles)


def largest_mass(positions: npt.ArrayLike, radii: npt.ArrayLike, kinds: npt.ArrayLike) -> tuple[int, Floats]:
    """Type and middle (um, shape (3,)) of the mass that stands out: cells of one type close together.

    Of the masses with at least a tenth of the largest one's volume it is the densest, so that a tumour is
    found and not the stroma around it, which is more but everywhere. Raises `ValueError` without cells.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    xyz, r = np.asarray(positions, dtype=np.float64), np.asarray(radii, dtype=np.float64)
    types, n = np.asarray(kinds, dtype=np.int64), len(xyz)
    if not n:
        raise ValueError("no cells")
    pairs = touching(xyz, r, _CLOSE)
    pairs = pairs[types[pairs[:, 0]] == types[pairs[:, 1]]]
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    volume = np.bincount(label, weights=r**3)
    middles = np.stack([np.bincount(label, weights=r**3 * x) for x in xyz.T], axis=1) / volume[:, None]
    spread = np.bincount(label, weights=r**3 * ((xyz - middles[label]) ** 2).sum(axis=1)) / volume
    axes = 2 if np.ptp(xyz[:, 2]) <= 2 * r.max() else 3
    density = volume / np.maximum(spread, r.max() ** 2) ** (axes / 2)
    chosen = int(np.argmax(np.where(volume >= volume.max() / 10, density, 0.0)))
    return int(types[label == chosen][0]), middles[chosen]


def _count(labels: Ints, pairs: Ints, types: int) -> Floats:
    a, b = labels[pairs[:, 0]], labels[pairs[:, 1]]
    flat = np.bincount(a * types + b, minlength=types * types).reshape(types, types).astype(np.float64)
    return flat + flat.T - np.diag(np.diag(flat))
