"""`vesiflux.Simulation`: a tissue to step by hand, change between steps and branch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from vesiflux.engines.tissue.simulation import Simulation as _Engine
from vesiflux.errors import InputError
from vesiflux.ir.lowering.tissue import lower_tissue
from vesiflux.language import Model, load
from vesiflux.study.tissue import tissue_arms

__all__ = ["Simulation"]


class Simulation(_Engine):
    """A tissue at one moment; see `engines.tissue.simulation.Simulation` for what it can do.

    Examples
    --------
    >>> import vesiflux as vf
    >>> tissue = vf.Simulation.of("tumour-slice")  # doctest: +SKIP
    >>> tissue.run_until(12.0)  # doctest: +SKIP
    """

    @classmethod
    def of(
        cls,
        model: Model | str | Path,
        arm: str | None = None,
        seed: int = 1,
        threads: int = 1,
        set: Mapping[str, Any] | None = None,
    ) -> Self:
        """A model's tissue at its start.

        Parameters
        ----------
        model
            A `Model` of a tissue, a model file, or a library model's name.
        arm
            Arm to simulate; default: the first of ``run.arms``, or of all.
        seed, threads
            Seed of everything random; threads change no number.
        set
            Parameter -> value, or choice -> option, as `vesiflux.run` takes them.

        Raises
        ------
        InputError
            A model of a dish; unknown names, wrong units or numbers.
        """
        loaded = load(model) if isinstance(model, str | Path) else model
        if loaded.spec.space.kind != "tissue":
            raise InputError(f"{loaded.name}: is a model of a dish; run it with vesiflux.run")
        name = tissue_arms(loaded, None if arm is None else [arm])[0]
        return cls(lower_tissue(loaded, name, dict(set or {})), seed=seed, threads=threads)
