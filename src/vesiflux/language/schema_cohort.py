"""The parts of the language that make a cohort: virtual patients, their outcomes, markers and a trial."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from vesiflux.language.base import Part, Value

__all__ = ["Cohort", "Correlated", "Detection", "Marker", "Outcome", "Through", "Trial"]


class Correlated(Part):
    """Two parameters that go together from patient to patient."""

    between: tuple[str, ...]
    r: Annotated[float, Field(gt=-1.0, lt=1.0)]  # of their normal scores


class Outcome(Part):
    """What may come of a patient. Exactly one of ``event``, ``measure`` and ``between``."""

    title: str = ""
    event: str | None = None  # death by TIME, drawn from the cohort's `survival`
    measure: str | None = None  # EXPRESSION @ TIME [over|less TIME], with above or below
    above: Annotated[float, Field(allow_inf_nan=False)] | None = None
    below: Annotated[float, Field(allow_inf_nan=False)] | None = None
    dead: Literal["left out", "case", "as measured"] = "left out"  # who dies before the time of the measure
    between: tuple[str, ...] = ()  # two arms: all of the second have it, none of the first


class Through(Part):
    """How a marker is read at the bedside: sample, isolation, instrument; names as in its tables."""

    fluid: str
    sample: Value
    isolation: str = "none"
    instrument: str
    handling: Literal["careful", "usual", "poor"] | None = None  # of plasma
    free: Value | None = None  # copies that are not in vesicles
    platelet: Value | None = None  # copies in a vesicle that a platelet sheds in the tube
    unit: str | None = None  # of the measure, where it is more than one output


class Marker(Part):
    """Something seen in a patient that may tell what comes of him."""

    title: str = ""
    measure: str  # EXPRESSION @ TIME [over|less TIME]
    through: Through | None = None  # None: read without error
    speaks: Literal["high", "low"] = "high"  # which readings speak for the outcome
    scale: Literal["auto", "linear", "log"] = "auto"  # on which it enters panels and probabilities


class Detection(Part):
    """When a marker tells. A list of markers stands for ``markers`` alone."""

    markers: tuple[str, ...]
    outcome: str = ""  # default: the first
    specificity: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95  # share without it who never pass
    auc: Annotated[float, Field(ge=0.5, lt=1.0)] = 0.7  # the area whose lower bound counts as told

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, data: Any) -> Any:
        """``[level]`` stands for its markers."""
        return {"markers": data} if isinstance(data, list | tuple) else data


class Trial(Part):
    """A trial of two arms of equal size: how many patients it takes."""

    outcome: str
    power: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.8
    alpha: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.05  # two-sided


class Cohort(Part):
    """Virtual patients: the same draws of the priors in every arm."""

    patients: Annotated[int, Field(ge=4, le=1_000_000)] = 1000
    arms: tuple[str, ...] = ()  # the first is the reference; default: those of the run
    duration: Value | None = Field(None, alias="for")  # default: the run's
    record: Value | None = None  # between points of curves; default: what makes 60 at most
    correlated: tuple[Correlated, ...] = ()
    survival: str = ""  # expression of outputs: the chance to live that long, from 1 down
    outcomes: dict[str, Outcome] = {}
    markers: dict[str, Marker] = {}
    panels: dict[str, tuple[str, ...]] = {}
    detection: Detection | None = None
    trial: Trial | None = None
