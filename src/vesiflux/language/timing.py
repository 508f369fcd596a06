"""When something is given, how often and how many times, as settings of a run; before it is compiled.

``dose.at = 24 h``, ``dose.repeat = 12 h``, ``dose.times = 7``, where ``dose`` is the `parameter` of an item
of the schedule; ``blocker.start = 6 h`` and ``blocker.stop = 48 h`` for an intervention.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vesiflux.errors import InputError
from vesiflux.language.model import Model

__all__ = ["with_times"]

_OF_ITEM = ("at", "over", "repeat", "times")
_OF_INTERVENTION = ("start", "stop")


def with_times(model: Model, settings: Mapping[str, Any]) -> tuple[Model, dict[str, Any]]:
    """The model with the times among ``settings``, and the settings that are none.

    Raises `InputError` where a time does not fit the run, or a number of times is none.
    """
    items = {item.parameter for item in model.spec.schedule if item.parameter}
    found: dict[tuple[str, str], Any] = {}
    rest: dict[str, Any] = {}
    for name, value in settings.items():
        what, _, key = name.rpartition(".")
        if what in items and key in _OF_ITEM:
            found[what, key] = _times(name, value) if key == "times" else value
        elif what in model.spec.interventions and key in _OF_INTERVENTION:
            found[what, key] = value
        else:
            rest[name] = value
    if not found:
        return model, rest
    data = model.to_dict(whole=True)
    for (what, key), value in found.items():
        if key in _OF_INTERVENTION:
            data["interventions"][what][key] = value
        for item in data["schedule"] if key in _OF_ITEM else ():
            if item.get("parameter") == what:
                item[key] = value
    try:
        return Model.from_dict(data, beside=model.origin.parent if model.origin else None), rest
    except InputError as error:  # its places are those of the model written anew, which nobody has seen
        named = ", ".join(f"{what}.{key}" for what, key in found)
        raise InputError(f"set {named}: {'; '.join(p.message for p in error.problems) or error}") from None


def _times(name: str, value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise InputError(f"set {name}: {value!r} is no number of times; write a whole number") from None
