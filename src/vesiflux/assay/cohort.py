"""`vesiflux.cohort`: the study that a model's `cohort` asks for, markers read at the bedside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vesiflux.language import Model
    from vesiflux.language.schema import Marker
    from vesiflux.study.cohort_study import CohortStudy

    Floats = npt.NDArray[np.float64]

__all__ = ["cohort", "problems_of_readings"]


def cohort(
    model: Model | str | Path,
    *,
    patients: int | None = None,
    arms: Sequence[str] | None = None,
    correlated: Mapping[tuple[str, str], float] | None = None,
    set: Mapping[str, Any] | None = None,
    seed: int = 1,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    progress: Callable[[str, int, int], None] | None = None,
) -> CohortStudy:
    """Run the virtual patients of a model that has a `cohort`.

    Parameters
    ----------
    model
        A `Model`, a model file, or a library model's name.
    patients, arms, correlated
        Instead of what the model says: number of patients; arms, the first of which is the reference;
        (parameter, parameter) -> correlation of their normal scores.
    set, seed, threads, store, progress
        As in `vesiflux.run`.

    Returns
    -------
    CohortStudy
        Arms, markers, panels, detection; ``summary()`` has all of it as plain data, ``table()`` a row per
        patient.

    Raises
    ------
    InputError
        A model without a cohort or of a tissue; unknown names; a survival that is no chance to live; a
        reading that no laboratory does.
    RunError
        As in `vesiflux.run`.
    """
    from vesiflux.language import load
    from vesiflux.language.timing import with_times
    from vesiflux.study.cohort_study import cohort_study

    loaded, set = with_times(load(model) if isinstance(model, str | Path) else model, set or {})
    return cohort_study(
        loaded, patients=patients, arms=arms, correlated=correlated, set=set, seed=seed, threads=threads,
        store=store, progress=progress,
        bedside=lambda name, marker, unit: _bedside(loaded, name, marker, unit),
    )  # fmt: skip


def problems_of_readings(model: Model) -> Iterator[Problem]:
    """What is wrong in ``through`` of a model's markers, each at its place."""
    from vesiflux.assay.bedside import Through

    markers = model.spec.cohort.markers if model.spec.cohort is not None else {}
    for name, marker in markers.items():
        if marker.through is not None:
            try:
                Through.read(_said(marker))
            except InputError as error:
                yield _problem(model, name, str(error))


def _bedside(
    model: Model, name: str, marker: Marker, unit: str | None
) -> Callable[[Floats, np.random.Generator], Floats]:
    """The reader of a marker whose levels are in ``unit``."""
    from vesiflux import units
    from vesiflux.assay.bedside import reader

    assert marker.through is not None
    try:
        read = reader(_said(marker))
        factor = units.factor(marker.through.unit or unit or read.level_unit, read.level_unit)
    except InputError as error:
        raise InputError([_problem(model, name, str(error))]) from None
    return lambda levels, generator: read(levels * factor, generator)


def _said(marker: Marker) -> Mapping[str, Any]:
    """``through`` as it is written, without the unit of the measure."""
    from vesiflux.language.dump import to_plain

    return {key: value for key, value in to_plain(marker.through).items() if key != "unit"}


def _problem(model: Model, name: str, words: str) -> Problem:
    from vesiflux.language.positions import Finding

    return model.positions.problem(Finding(("cohort", "markers", name, "through"), f"{name}: {words}"))
