"""Parameters that go together from patient to patient: a Gaussian copula over their priors.

Every parameter keeps its own prior; only the ranks of those named are tied. A draw's number still depends on
the seed, its index and the names that are tied, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.study.draws import uniforms

__all__ = ["Correlations", "read_correlations"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Correlations:
    """Correlation ``matrix`` of the normal scores of parameters ``names``."""

    names: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]

    def uniforms(self, seed: int, name: str, start: int, stop: int) -> Floats:
        """Numbers in (0, 1) for draws ``start`` to ``stop - 1`` of one of the names, tied to the others."""
        from scipy.special import ndtr, ndtri

        at = self.names.index(name)
        row = np.linalg.cholesky(np.array(self.matrix))[at]
        own = [ndtri(uniforms(seed, n, start, stop)) for n in self.names[: at + 1]]
        return np.asarray(ndtr(sum(w * z for w, z in zip(row, own, strict=False))))


def read_correlations(
    pairs: Mapping[tuple[str, str], float], full_name: Callable[[str], str]
) -> Correlations | None:
    """Correlations of pairs of parameters, those not named 0; `None` without any.

    Parameters
    ----------
    pairs
        (parameter, parameter) -> correlation of their normal scores, between -1 and 1.
    full_name
        Full name of a parameter from what a user wrote; raises `InputError` where there is none.

    Raises
    ------
    InputError
        Numbers outside -1 to 1, a pair of one parameter, and correlations that cannot hold together.
    """
    if not pairs:
        return None
    known = {(full_name(a), full_name(b)): r for (a, b), r in pairs.items()}
    names = tuple(dict.fromkeys(name for pair in known for name in pair))
    matrix = np.eye(len(names))
    for (a, b), r in known.items():
        if a == b:
            raise InputError(f"{a} cannot be correlated with itself; name two parameters")
        if not -1.0 < r < 1.0:
            raise InputError(f"correlation of {a} and {b}: {r:g} does not lie between -1 and 1")
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = r
    _refuse_impossible(names, matrix)
    return Correlations(names, tuple(tuple(float(x) for x in row) for row in matrix))


def _refuse_impossible(names: Sequence[str], matrix: Floats) -> None:
    if float(np.linalg.eigvalsh(matrix)[0]) < 1e-9:
        raise InputError(
            f"these correlations of {', '.join(names)} cannot hold together; bring them nearer to 0"
        )
