"""What a held-out question does to the cell, read from its text.

Parts joined with ``;``: ``NODE=0.5`` multiplies a node, ``NODE=0.1..0.25`` by a number with that 5-95 %
range (logit-normal below 1, else log-normal), ``arm:NAME`` runs an arm of the model, ``DRUG@1 uM`` gives a
drug of the model at another dose: what is left of its target is 1 - dose/(dose + half dose).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.verify.subject import Subject

__all__ = ["Dose", "Level", "Perturbation", "parse"]

Floats = npt.NDArray[np.float64]
_FORMS = "NODE=0.5, NODE=0.1..0.25, arm:NAME or DRUG@1 uM"


@dataclass(frozen=True)
class Level:
    """A node times ``factor``, a number or a range."""

    node: str
    factor: Prior

    def values(self, seed: int, draws: int) -> Floats:
        """The factor in every draw, (draws,); one knock-down of one node is the same in all questions."""
        if self.factor.kind == "fixed":
            return np.full(draws, float(self.factor.typical or 0.0))
        name = f"{self.node}\0{self.factor.low}\0{self.factor.high}"
        return np.asarray(self.factor.quantile(_uniforms(seed, name, draws)), dtype=np.float64)


@dataclass(frozen=True)
class Dose:
    """A drug at a dose, in the unit of ``half``: all its targets are left with the same share."""

    drug: str
    dose: float
    half: Prior

    def values(self, seed: int, draws: int) -> Floats:
        """Share left of the targets in every draw, (draws,); all doses meet the same half doses."""
        half = self.half.quantile(_uniforms(seed, f"{self.drug}\0half", draws))
        return np.asarray(1.0 - self.dose / (self.dose + half), dtype=np.float64)


@dataclass(frozen=True)
class Perturbation:
    """Everything that is done at once."""

    arm: str = ""
    levels: tuple[Level, ...] = ()
    doses: tuple[Dose, ...] = ()

    def singles(self) -> tuple[Perturbation, ...]:
        """The parts of a combination, each by itself; nothing where there is only one part."""
        parts = (
            *((Perturbation(arm=self.arm),) if self.arm else ()),
            *(Perturbation(levels=(level,)) for level in self.levels),
            *(Perturbation(doses=(dose,)) for dose in self.doses),
        )
        return parts if len(parts) > 1 else ()

    def missing(self, subject: Subject) -> list[str]:
        """What of it the model does not have."""
        found = [f"node {level.node}" for level in self.levels if level.node not in subject.handles]
        found += [f"drug {d.drug}" for d in self.doses if d.drug not in subject.model.spec.interventions]
        parts = [] if self.arm in subject.compiled.arms else [p.strip() for p in self.arm.split("+")]
        return found + [f"arm {part}" for part in parts if part and part not in subject.compiled.arms]

    def switches(self, subject: Subject, seed: int, draws: int) -> dict[int, float | Floats]:
        """Parameter index -> factor in every draw; factors on one node multiply."""
        found: dict[int, float | Floats] = {}
        for node, values in self._factors(subject, seed, draws):
            index = subject.handle(node).index
            found[index] = found.get(index, 1.0) * values
        return found

    def _factors(self, subject: Subject, seed: int, draws: int) -> list[tuple[str, Floats]]:
        levels = [(level.node, level.values(seed, draws)) for level in self.levels]
        for dose in self.doses:
            left = dose.values(seed, draws)
            levels += [(node, left) for node in _targets(subject, dose.drug)]
        return levels


def parse(text: str, half_doses: Mapping[str, Prior]) -> Perturbation:
    """Read a perturbation; ``half_doses``: drug -> dose at which half of its target is left.

    Raises
    ------
    InputError
        What is wrong with which part, and what would be right.
    """
    arm, levels, doses = "", [], []
    parts = [part.strip() for part in text.split(";")]
    for part in parts:
        if part.startswith("arm:"):
            if arm:
                raise InputError(f"{text!r}: one arm at most; arms are combined as arm:A+B")
            arm = _named(part.removeprefix("arm:"), part)
        elif "=" in part:
            levels.append(_level(part))
        elif "@" in part:
            doses.append(_dose(part, half_doses))
        else:
            raise InputError(f"{part!r} is no perturbation; write {_FORMS}, several joined with ';'")
    names = [level.node for level in levels] + [dose.drug for dose in doses]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{text!r}: {', '.join(twice)} stands there twice")
    return Perturbation(arm, tuple(levels), tuple(doses))


def _level(part: str) -> Level:
    from vesiflux.evidence.priors import Prior

    node, _, written = part.partition("=")
    low, dots, high = written.partition("..")
    name, bottom = _named(node, part), _factor(low, part)
    if not dots:
        return Level(name, Prior.from_range(typical=bottom))
    top = _factor(high, part)
    if not 0 < bottom < top:
        raise InputError(f"{part!r}: a range rises and begins above 0, e.g. {name}=0.1..0.25")
    share = top < 1
    form = "logitnormal" if share else "lognormal"
    return Level(name, Prior.from_range(bottom, None, top, distribution=form, upper=1.0 if share else None))


def _dose(part: str, half_doses: Mapping[str, Prior]) -> Dose:
    from vesiflux import units

    drug, _, written = part.partition("@")
    name = _named(drug, part)
    if name not in half_doses:
        known = ", ".join(half_doses) or "none"
        raise InputError(f"{part!r}: no half dose is known for {name!r}; there is one for: {known}")
    half = half_doses[name]
    dose = units.parse(written.strip(), half.unit)
    if dose < 0:
        raise InputError(f"{part!r}: a dose is not negative")
    return Dose(name, dose, half)


def _named(text: str, part: str) -> str:
    if not text.strip():
        raise InputError(f"{part!r} names nothing; write {_FORMS}")
    return text.strip()


def _factor(text: str, part: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{part!r}: {text.strip()!r} is no number; write {_FORMS}") from None
    if not np.isfinite(value) or value < 0:
        raise InputError(f"{part!r}: a factor is a number of 0 or more")
    return value


def _targets(subject: Subject, drug: str) -> list[str]:
    intervention = subject.model.spec.interventions[drug]
    direct = (intervention.inhibits, intervention.blocks, intervention.scales)
    named = [*filter(None, direct), *(effect.target for effect in intervention.effects)]
    return list(dict.fromkeys(named))


def _uniforms(seed: int, name: str, draws: int) -> Floats:
    from vesiflux.study.draws import uniforms

    return uniforms(seed, f"held-out\0{name}", 0, draws)
