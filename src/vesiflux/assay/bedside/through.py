"""What a level is read through: fluid, volume, handling, isolation, instrument; checked as written.

==============  ==========================================================================================
``fluid``       plasma, serum, urine or blood (``fluids.tsv``)
``sample``      its volume, e.g. ``0.2 mL``; a number alone is mL
``isolation``   none, precipitation, sec, uc, affinity (``isolations.tsv``), or a protocol of the library
``instrument``  a counter or a bulk assay of ``instruments.tsv``
``handling``    careful, usual or poor (``handling.tsv``); default: usual; of plasma, others have no platelets
``free``        copies of the marker per mL that are not in vesicles, typical of patients; default: none
``platelet``    copies of the marker in a vesicle that a platelet sheds in the tube; default: none
==============  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vesiflux import units
from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.assay.protocol import PlannedStep, library, load, volume_after
from vesiflux.assay.sample import Recipe, recipe
from vesiflux.assay.tables import rows
from vesiflux.errors import InputError
from vesiflux.language.words import meant, shown

__all__ = ["Through"]

_KEYS = ("fluid", "sample", "isolation", "instrument", "handling", "free", "platelet")
_NEEDED = ("fluid", "sample", "instrument")
_USUAL = "usual"
_CLOTTED = "clotted"


@dataclass(frozen=True)
class Through:
    """How a level is read.

    Attributes
    ----------
    fluid, isolation, instrument, handling
        Names; ``handling`` is empty where a fluid has no platelets.
    volume
        Of the sample, mL.
    recipe
        What else the fluid holds.
    steps
        Of the isolation; none where the fluid is read as it is.
    free
        Copies per mL that are not in vesicles.
    platelet
        Copies in a vesicle of a platelet.
    """

    fluid: str
    volume: float
    isolation: str
    instrument: str
    handling: str
    recipe: Recipe
    steps: tuple[PlannedStep, ...]
    free: float = 0.0
    platelet: float = 0.0

    @property
    def kind(self) -> str:
        """``count`` or ``bulk``."""
        return INSTRUMENTS[self.instrument]["kind"]

    @property
    def counts_copies(self) -> bool:
        """Whether a level is copies of a marker per mL; else vesicles per mL."""
        return bool(INSTRUMENTS[self.instrument]["cargo"])

    @property
    def tube(self) -> float:
        """Volume of what the instrument is given, mL."""
        volume: float | None = self.volume
        for step in self.steps:
            volume = volume_after(step, volume)
        assert volume is not None  # every volume follows from that of the sample
        return volume

    @classmethod
    def read(cls, said: Mapping[str, object]) -> Through:
        """From the keys above; `InputError` says what is wrong and what would be right."""
        for key in said:
            if key not in _KEYS:
                raise InputError(f"'through': unknown key {key!r}; {meant(key, _KEYS, 'it has')}")
        for key in _NEEDED:
            if key not in said:
                raise InputError(
                    f"'through' needs '{key}', e.g. through: {{fluid: plasma, sample: 0.2 mL, "
                    "isolation: sec, instrument: nta}"
                )
        fluids = {row["fluid"]: row for row in rows("bedside/fluids.tsv")}
        fluid = _name(said, "fluid", fluids)
        instrument = _instrument(said)
        volume = _quantity(said["sample"], "sample", "mL")
        if volume <= 0.0:
            raise InputError(f"'sample' is {shown(said['sample'])}; it must be more than 0, e.g. 0.2 mL")
        row = fluids[fluid]
        isolation = str(said.get("isolation", "none"))
        if isolation != "none" and not row["isolated"]:
            raise InputError(f"'isolation': {fluid} is read as it is; write none, not {isolation!r}")
        found = cls(
            fluid, volume, isolation, instrument, _handling(said, row), recipe(row["sample"], volume),
            _steps(isolation, volume),
            _quantity(said.get("free", 0.0), "free", "copy/mL"),
            _quantity(said.get("platelet", 0.0), "platelet", "copy/vesicle"),
        )  # fmt: skip
        found._check(row)
        return found

    def _check(self, row: Mapping[str, str]) -> None:
        for key, value in (("free", self.free), ("platelet", self.platelet)):
            if value < 0.0:
                raise InputError(f"'{key}' is {value:g}; there cannot be less than none")
            if value > 0.0 and not self.counts_copies:
                raise InputError(f"'{key}' is of a marker's copies; {self.instrument} shows none")
        if not row["isolated"] and not self.counts_copies:
            able = [name for name, one in INSTRUMENTS.items() if one["cargo"]]
            raise InputError(
                f"'instrument': {self.instrument} cannot read {self.fluid}; {meant('', able, 'these can')}"
            )


def _name(said: Mapping[str, object], key: str, known: Mapping[str, object]) -> str:
    name = said[key]
    if not isinstance(name, str) or name not in known:
        raise InputError(f"'{key}' cannot be {shown(name)}; {meant(str(name), known, 'one of')}")
    return name


def _instrument(said: Mapping[str, object]) -> str:
    able = {name for name, row in INSTRUMENTS.items() if row["kind"] in ("count", "bulk")}
    also = {row["also"]: name for name, row in INSTRUMENTS.items() if row["also"]}
    name = said["instrument"]
    if isinstance(name, str) and name in also:
        return also[name]
    return _name(said, "instrument", dict.fromkeys((*sorted(able), *also)))


def _handling(said: Mapping[str, object], row: Mapping[str, str]) -> str:
    """Row of the table of handling; serum has clotted, urine and lysed blood have no platelets to mind."""
    known = [one["handling"] for one in rows("bedside/handling.tsv") if one["handling"] != _CLOTTED]
    name = _name({"handling": _USUAL, **said}, "handling", dict.fromkeys(known))
    if row["clotted"]:
        return _CLOTTED
    return name if row["fluid"] == "plasma" else ""


def _quantity(value: object, key: str, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what, example = units.describe(unit)
        raise InputError(f"'{key}' is {what}, e.g. '{example}'; not {shown(value)}")
    try:
        return float(units.parse(value, unit, bare=True))
    except InputError as error:
        raise InputError(f"'{key}': {error}") from None


def _steps(isolation: str, volume: float) -> tuple[PlannedStep, ...]:
    """Steps of an isolation, given ``volume`` mL."""
    if isolation == "none":
        return ()
    named = {row["isolation"]: row["protocol"] for row in rows("bedside/isolations.tsv")}
    known = ["none", *named, *library()]
    if isolation not in known:
        raise InputError(f"'isolation' cannot be {isolation!r}; {meant(isolation, known, 'one of')}")
    steps = []
    left: float | None = volume
    for step in load(named.get(isolation, isolation)).steps:
        given = replace(step, settings={**step.settings, "volume": left})
        for _, message in step.kind.check(given.settings):
            raise InputError(f"'isolation' {isolation}, step {step.name}, of {volume:g} mL: {message}")
        steps.append(given)
        left = volume_after(given, left)
    return tuple(steps)
