"""Draws of the room's numbers: each belongs to its name and seed, so no claim changes another's bits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.audit.tables import number_rows, prior_of
from vesiflux.evidence.priors import Prior
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = ["STRATA", "Floats", "Numbers", "stratified"]

Floats = npt.NDArray[np.float64]

_OTHER = "another_ligand"

STRATA = 1000
"""Draws come in blocks of this many, each of them a Latin hypercube."""


@lru_cache(maxsize=512)
def stratified(seed: int, name: str, draws: int) -> Floats:
    """Numbers in (0, 1), one in each of `STRATA` equal strata of every block; shape (draws,).

    Latin hypercubes (McKay et al. 1979) halve the noise of a probability and more. More draws add blocks and
    leave those there are; a last block that is not full is cut.
    """
    blocks = -(-draws // STRATA)
    order = uniforms(seed, f"audit {name}", 0, blocks * STRATA).reshape(blocks, STRATA)
    inside = uniforms(seed, f"audit {name} inside", 0, blocks * STRATA).reshape(blocks, STRATA)
    ranks = order.argsort(axis=1).argsort(axis=1)
    found: Floats = ((ranks + inside) / STRATA).ravel()[:draws]
    found.flags.writeable = False
    return found


class Numbers:
    """Values of the parameters, drawn when first asked for.

    Parameters
    ----------
    put
        Priors in the place of the tables' for all that a parameter holds of.
    general
        Priors in the place of a parameter's general row alone (open conflicts).
    fixed
        Priors in the place of single rows, by `key`.
    """

    def __init__(
        self,
        evidence: Evidence,
        draws: int,
        seed: int,
        put: Mapping[str, Prior] | None = None,
        general: Mapping[str, Prior] | None = None,
        fixed: Mapping[str, Prior] | None = None,
    ) -> None:
        self.draws = draws
        self.seed = seed
        self._evidence = evidence
        self._put = put or {}
        self._general = general or {}
        self._values: dict[str, Floats] = {}
        self._priors: dict[str, Prior] = dict(fixed or {})

    def key(self, parameter: str, *of: str) -> str:
        """Name of the numbers for the first of ``of`` that has a row of its own, else of the general one.

        What the caller put holds of the stated cargo, not of a ligand that nobody named.
        """
        if parameter in self._put and _OTHER not in of:
            return parameter
        row = next((one for one in of if (parameter, one) in number_rows()), "")
        return f"{parameter} of {row}" if row else parameter

    def given(self, parameter: str) -> bool:
        """Whether the caller put a value in the place of the tables'."""
        return parameter in self._put

    def get(self, parameter: str, *of: str) -> Floats:
        """Values, shape (draws,), in the unit of the table's row."""
        key = self.key(parameter, *of)
        if key not in self._values:
            self._values[key] = self.prior(parameter, *of).quantile(self.uniform(key))
        return self._values[key]

    def prior(self, parameter: str, *of: str) -> Prior:
        """Distribution behind `get`."""
        key = self.key(parameter, *of)
        if key not in self._priors:
            name, _, row = key.partition(" of ")
            found = self._put.get(name) if _OTHER not in of else None
            found = found or (self._general.get(name) if not row else None)
            self._priors[key] = found or prior_of(number_rows()[name, row], self._evidence)
        return self._priors[key]

    def varies(self, key: str) -> bool:
        """Whether the numbers of this name, got before, differ from draw to draw."""
        return self._priors[key].kind != "fixed"

    def uniform(self, key: str) -> Floats:
        """Uniform numbers behind the values of a name, shape (draws,)."""
        return stratified(self.seed, key, self.draws)

    def kept(self, key: str, values: Floats | None = None) -> Floats | None:
        """Something made of numbers, kept under a name of its own."""
        if values is not None:
            self._values[key] = values
        return self._values.get(key)
