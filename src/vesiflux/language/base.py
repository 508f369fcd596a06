"""What every part of the language is made of: parts, quantities, names."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, model_validator

__all__ = ["Names", "Number", "Part", "Value", "each_of"]


#: A number, or a text with its unit; true and false are neither.
Number = StrictInt | StrictFloat | str | None


#: One name, or several.
Names = str | tuple[str, ...]


def each_of(names: Names) -> tuple[str, ...]:
    """``names`` as a tuple; none for a blank."""
    return ((names,) if names else ()) if isinstance(names, str) else names


class Part(BaseModel):
    """Base of every part of a model."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Value(Part):
    """A quantity with its uncertainty and its source.

    Written ``2 mL``, ``0.05``, ``{evidence: k_up}`` (a row of the parameter table) or in full.
    ``low`` and ``high`` are a 5-95 % range. Numbers may be written with their own unit; where
    they are bare, ``unit`` holds. A bare scalar is ``typical`` alone: fixed, no spread.
    Shares, which must stay below 1, say ``distribution: logitnormal``.
    """

    typical: Number = None
    low: Number = None
    high: Number = None
    unit: str | None = None
    distribution: Literal["lognormal", "normal", "logitnormal", "loguniform", "uniform", "fixed"] | None = (
        None
    )
    source: str = ""
    mark: Literal["read", "derived", "assumed", "calibrated"] | None = None
    vary: Literal["draw", "replicate", "fixed"] = "draw"
    evidence: str | None = None
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_scalar(cls, data: Any) -> Any:
        """``2 mL`` and ``0.05`` stand for their typical value."""
        if isinstance(data, str | int | float) and not isinstance(data, bool):
            return {"typical": data}
        return data
