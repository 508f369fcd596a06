"""What a user fixes: values in the place of priors, choices of open conflicts, a dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesiflux import units
from vesiflux.audit.chain import Dose
from vesiflux.audit.tables import number_rows, prior_of, switches
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.preparations import aliases, particles_per_ug, preparation
from vesiflux.evidence.priors import Prior
from vesiflux.evidence.tables import suggestion

__all__ = ["READOUTS", "Options", "lasting", "read_dose", "read_options"]

_SHARES = ("escape", "active_share", "recovery", "organ_share", "responders", "share_to_blood", "carry_over")
_MAY_BE_NONE = ("own_copies",)
_MOST_PARTICLES = 1e15
_MOST_NG = 1e10  # 1e15 particles at 1e8 per ug, the least that a preparation is held to have


READOUTS = ("level", "switch")
"""What is looked at: copies that are there in the end, or a change for good, to which all that came count."""
_FOR_GOOD = 1e9  # h


def lasting(readout: str) -> dict[str, float | str | Prior]:
    """Numbers that a kind of readout fixes: to a switch nothing that came is lost again.

    Raises
    ------
    InputError
        No such kind.
    """
    if readout and readout not in READOUTS:
        raise InputError(f"readout is {' or '.join(READOUTS)}, not '{readout}'")
    return {"half_life": _FOR_GOOD} if readout == "switch" else {}


@dataclass(frozen=True)
class Options:
    """Values and choices, read and checked.

    ``put``: priors of whole parameters; ``general``: of their general rows; ``chosen``: choice by conflict;
    ``told``: the values as given, to be shown.
    """

    put: Mapping[str, Prior]
    general: Mapping[str, Prior]
    chosen: Mapping[str, str]
    told: Mapping[str, str]
    dose: Dose | None = None


def read_options(
    evidence: Evidence,
    values: Mapping[str, float | str | Prior],
    choices: Mapping[str, str | None],
    dose: str | None = None,
    prep: str | None = None,
) -> Options:
    """Read values by parameter of `data/numbers.tsv` and choices by name of `data/switches.tsv`.

    ``escape`` may be a number or a choice. ``prep``: how the vesicles are prepared; it may stand behind a
    dose in protein as well, as in ``50 ug sec``.

    Raises
    ------
    InputError
        No such parameter or choice, a value out of range, or a unit of another dimension.
    """
    wanted = {name: choice for name, choice in choices.items() if choice}
    put: dict[str, Prior] = {}
    told: dict[str, str] = {}
    for name, value in values.items():
        if name in switches() and isinstance(value, str) and value in switches()[name]:
            wanted[name] = value
            continue
        put[name] = value if isinstance(value, Prior) else _given(name, value)
        told[name] = str(value) if not isinstance(value, Prior) else f"{value.low:g} to {value.high:g}"
    general, chosen = {}, {}
    for name, known in switches().items():
        choice = wanted.pop(name, None) or next(one.choice for one in known.values() if one.default)
        if choice not in known:
            hint = "" if name != "escape" else ", or a share such as 0.3"
            raise InputError(f"{name}: no choice '{choice}'; use one of {', '.join(known)}{hint}")
        chosen[name] = choice
        row = known[choice].row
        if not known[choice].default:
            general[row["parameter"]] = prior_of(row, evidence)
    if wanted:
        raise InputError(f"no open conflict is called '{next(iter(wanted))}'; use {', '.join(switches())}")
    if dose:
        told["dose"] = dose
        dose, named = _without_preparation(dose)
        prep = prep or named
    if prep:
        told["prep"] = preparation(prep)["preparation"]
        put = _prepared(prep, evidence) | put
    return Options(put, general, chosen, told, read_dose(dose) if dose else None)


def _without_preparation(dose: str) -> tuple[str, str | None]:
    """A dose and the preparation named behind it."""
    words = dose.replace(",", " ").split()
    for i in range(2, len(words)):
        name = "-".join(words[i:]).lower()
        if name in aliases():
            return " ".join(words[:i]), name
    return dose, None


def _prepared(prep: str, evidence: Evidence) -> dict[str, Prior]:
    """Particles per protein of a preparation and, where one row of the parameters tells it, its recovery."""
    found = {"particles_per_ug": particles_per_ug(prep).to("vesicle/ng")}
    recovery = preparation(prep)["recovery"]
    if recovery and "|" not in recovery:
        found["recovery"] = evidence.prior(recovery)
    return found


def _given(name: str, value: float | str) -> Prior:
    """One number, or low, typical and high with commas between (5, 50 and 95 %)."""
    units_of = {parameter: row["unit"] for (parameter, _), row in number_rows().items()}
    if name not in units_of:
        hint = suggestion(name, units_of) or f"; use one of {', '.join(units_of)}"
        raise InputError(f"no number of the audit is called '{name}'{hint}")
    unit = units_of[name]
    if name == "escape" and isinstance(value, str) and value.strip()[:1].isalpha():
        known = ", ".join(switches()["escape"])
        raise InputError(f"escape: no choice '{value}'; use one of {known}, or a share such as 0.3")
    parts = value.split(",") if isinstance(value, str) else [value]
    try:
        numbers = [units.parse(part, unit, bare=True) for part in parts]
    except units.UnitError as error:
        raise InputError(f"{name}: {error}") from None
    if len(numbers) not in (1, 3) or numbers != sorted(numbers):
        raise InputError(f"{name}: write one number, or low,typical,high that rise; got {value}")
    if numbers[0] < 0.0 or (numbers[0] == 0.0 and (name not in _MAY_BE_NONE or len(numbers) == 3)):
        raise InputError(f"{name}: {value} must be above 0")
    if name in _SHARES and numbers[-1] > 1.0:
        raise InputError(f"{name}: {value} is a share and cannot exceed 1")
    if len(numbers) == 1:
        return Prior.from_range(typical=numbers[0], unit=unit, distribution="fixed", source="given")
    upper = 1.0 if name in _SHARES else None
    low, typical, high = numbers
    return Prior.from_range(low, typical, high, unit, source="given", upper=upper)


def read_dose(text: str) -> Dose:
    """Read a dose such as ``1e10 particles``, ``1e9 particles/mL`` or ``50 ug`` (of protein).

    Raises
    ------
    InputError
        Not a dose, nothing or less, or more particles than any animal was given.
    """
    try:
        amount, unit = units.inside(text)
    except units.UnitError as error:
        raise InputError(f"dose: {error}") from None
    if unit not in ("vesicle", "vesicle/mL", "ng"):
        raise InputError(f"dose: '{text}' is no dose; write '1e10 particles', '1e9 particles/mL' or '50 ug'")
    if amount <= 0.0:
        raise InputError(f"dose: '{text}' must be above 0")
    if unit == "ng" and amount > _MOST_NG:
        raise InputError(f"dose: '{text}' is more than the protein of 1e15 vesicles; write at most 10 g")
    if unit != "ng" and amount > _MOST_PARTICLES:
        raise InputError(f"dose: '{text}' is more than the vesicles of 1e5 mice; write at most 1e15")
    return Dose(amount, unit == "vesicle/mL", unit == "ng")
