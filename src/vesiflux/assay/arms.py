"""Control arms for a model: every arm of the shared table as interventions on that model's own parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.evidence.controls import Control, controls
from vesiflux.language.words import meant

if TYPE_CHECKING:
    from pathlib import Path

    from vesiflux.evidence.priors import Prior
    from vesiflux.language import Model
    from vesiflux.language.schema import Cargo, Cell

__all__ = ["ControlArm", "ControlArms", "control_arms"]

_KNOCK_OUT = "cargo-knock-out donor"


@dataclass(frozen=True)
class ControlArm:
    """One control arm of a model.

    Attributes
    ----------
    name
        Of the arm and of its intervention.
    control
        Row of the shared table.
    cargo
        What is knocked out; blank for the other controls.
    left
        Parameter of the model -> share of it that is left.
    """

    name: str
    control: Control
    cargo: str
    left: Mapping[str, Prior]

    @property
    def title(self) -> str:
        """What it is."""
        return f"donor without {self.cargo}" if self.cargo else self.control.name


@dataclass(frozen=True)
class ControlArms:
    """Control arms of a model beside the arm ``base`` that they are compared with.

    ``without``: controls that change nothing in this model, with the reason. ``base_is_new``: the model has
    no arms, so that the untreated one is added as well.
    """

    model: Model
    base: str
    base_is_new: bool
    arms: tuple[ControlArm, ...]
    without: Mapping[str, str]

    def added(self) -> dict[str, dict[str, Any]]:
        """What the model gets, as plain data: its ``interventions`` and ``arms``."""
        interventions, arms = {}, {}
        if self.base_is_new:
            arms[self.base] = {"title": "untreated", "mark": "control"}
        own = self.model.spec.arms.get(self.base)
        for arm in self.arms:
            effects = [{"target": t, "factor": _factor(prior)} for t, prior in arm.left.items()]
            interventions[arm.name] = {"title": arm.title, "start": "before", "effects": effects}
            told: dict[str, Any] = {"title": arm.title, "interventions": [arm.name], "against": self.base}
            if own is not None:
                told["interventions"] = [*own.interventions, arm.name]
                told |= {"set": dict(own.set)} if own.set else {}
            arms[arm.name] = told | {"note": arm.control.shows}
        return {"interventions": interventions, "arms": arms}

    def text(self) -> str:
        """The model's YAML with the arms in it, comments kept."""
        from io import StringIO

        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.width, yaml.preserve_quotes = 110, True
        data = yaml.load(self.model.to_text())
        for section, rows in self.added().items():
            data.setdefault(section, {}).update({name: _flowing(row) for name, row in rows.items()})
        for i, item in enumerate(self.model.spec.schedule):
            if self.base in item.arms:
                data["schedule"][i]["arms"].extend(arm.name for arm in self.arms)
        if self.model.spec.run.arms:
            data["run"]["arms"].extend(arm.name for arm in self.arms)
        stream = StringIO()
        yaml.dump(data, stream)
        return stream.getvalue()

    def save(self, path: str | Path) -> Model:
        """Write the model with the arms to ``path``, its tables beside it, and load it again.

        Raises
        ------
        InputError
            The file is there already or cannot be written, or the model is none with these arms.
        """
        from pathlib import Path

        from vesiflux.language import Model

        target = Path(path)
        if target.exists():
            raise InputError(f"{target} exists already; choose another name, or remove it first")
        self.model.save(target)
        target.write_text(self.text(), encoding="utf-8")
        try:
            return Model.load(target)
        except InputError:
            target.unlink()
            raise


def control_arms(model: Model, base: str | None = None) -> ControlArms:
    """All control arms that change something in ``model``.

    Parameters
    ----------
    base
        Arm in which the effect is seen; by default the model's first. What it does is done in the control
        arms as well, and doses that it gets they get.

    Raises
    ------
    InputError
        No such arm, or the model's own arms have the names already.
    """
    spec = model.spec
    if base is not None and base not in spec.arms:
        raise InputError(f"the model has no arm {base!r}; {meant(base, spec.arms, 'arms')}")
    name = base or next(iter(spec.arms), "control")
    found: list[ControlArm] = []
    without: dict[str, str] = {}
    for control in controls().values():
        made = [arm for arm in _made(control, model, name) if arm.left]
        found += made
        if not made:
            targets = ", ".join(control.left)
            without[control.name] = f"the model has nothing of what it acts on ({targets})"
    names = [arm.name for arm in found]
    taken = [one for one in names if one in spec.arms or one in spec.interventions]
    if taken:
        raise InputError(f"the model has an arm or intervention {taken[0]!r} already; rename it")
    return ControlArms(model, name, not spec.arms, tuple(found), without)


def _made(control: Control, model: Model, base: str) -> Iterator[ControlArm]:
    """A control's arms: one, or one per cargo where the cargo is knocked out."""
    named = next(iter(model.spec.arms), "control") != base
    stem = f"{base}_{control.arm}" if named else control.arm
    if control.name != _KNOCK_OUT:
        none = control.removes("vesicles") == 1.0
        left = {
            target: prior
            for what, prior in control.left.items()
            if not (none and what.endswith(" cargo"))  # no vesicles carry none
            for target in _targets(what, model, base)
        }
        yield ControlArm(stem, control, "", {t: p for t, p in left.items() if p.typical != 1.0})
        return
    for molecule in dict.fromkeys(molecule for molecule, _, _ in _cargo(model, base)):
        left = {
            path: control.left[f"{place} cargo"]
            for one, place, path in _cargo(model, base)
            if one == molecule
        }
        yield ControlArm(f"{stem}_{molecule}", control, molecule, left)


def _targets(what: str, model: Model, base: str) -> list[str]:
    """Parameters of the model that a target of the shared table stands for."""
    if what == "vesicles":
        return _vesicles(model, base)
    if what in ("lumen cargo", "surface cargo"):
        return [path for _, place, path in _cargo(model, base) if f"{place} cargo" == what]
    if what == "free factors":
        return _factors(model)
    cells = model.spec.cells.items()
    if what == "entry":
        return [f"{name}.takes_up.{vesicle}.escape" for name, cell in cells for vesicle in cell.takes_up]
    if what == "recipient's own cargo":
        return [
            f"{name}.signals.{signal}.endogenous"
            for name, cell in cells
            for signal, one in cell.signals.items()
            if one.endogenous is not None
        ]
    return []  # free cargo, label, serum, other ligands: a model has them as vesicles or factors, or not


def _doses(model: Model, base: str) -> Iterator[tuple[int, str]]:
    """Doses of vesicles that the arm gets: number in the schedule, preparation."""
    for i, item in enumerate(model.spec.schedule, start=1):
        if item.dose is not None and (not item.arms or base in item.arms):
            yield i, item.dose


def _vesicles(model: Model, base: str) -> list[str]:
    """What the number of vesicles that come is in proportion to.

    Where a machinery releases a class there is no single rate: the recipients' clearance stands for it.
    """
    spec = model.spec
    made = {
        vesicle for cell in spec.cells.values() for vesicle, how in cell.secretes.items() if how.rate is None
    }
    found = [
        f"{name}.secretes.{vesicle}.rate"
        for name, cell in spec.cells.items()
        for vesicle in cell.secretes
        if vesicle not in made
    ]
    for name, cell in spec.cells.items():
        found += [f"{name}.takes_up.{vesicle}.clearance" for vesicle in cell.takes_up if vesicle in made]
        found += _behaviours(name, cell, tuple(v for v in cell.secretes if v not in made))
    found += [
        spec.schedule[i - 1].parameter or f"schedule.{i}.amount"
        for i, preparation in _doses(model, base)
        if spec.preparations[preparation].vesicle not in made
    ]
    return found


def _factors(model: Model) -> list[str]:
    """Release of soluble factors by cells that make vesicles."""
    found = []
    for name, cell in model.spec.cells.items():
        if cell.secretes:
            found += [f"{name}.releases.{factor}.rate" for factor in cell.releases]
            found += _behaviours(name, cell, tuple(cell.releases))
    return found


def _behaviours(name: str, cell: Cell, secreted: tuple[str, ...]) -> list[str]:
    """Ends of the rules by which a cell's state changes what it secretes."""
    return [
        f"{name}.behaviours.{i}.{end}"
        for i, rule in enumerate(cell.behaviours, start=1)
        if any(f"secretion of {one} " in rule for one in secreted)
        for end in ("base", "max")
    ]


def _cargo(model: Model, base: str) -> Iterator[tuple[str, str, str]]:
    """Every cargo of donors and doses: molecule, place, and the parameter its amount is in proportion to."""
    for name, cell in model.spec.cells.items():
        for vesicle, how in cell.secretes.items():
            for molecule, cargo in how.cargo.items():
                yield molecule, cargo.on, f"{name}.secretes.{vesicle}.cargo.{molecule}.{_amount(cargo)}"
    for preparation in dict.fromkeys(one for _, one in _doses(model, base)):
        for molecule, cargo in model.spec.preparations[preparation].cargo.items():
            yield molecule, cargo.on, f"preparations.{preparation}.cargo.{molecule}.{_amount(cargo)}"


def _amount(cargo: Cargo) -> str:
    return "copies" if cargo.copies is not None else "occupied" if cargo.occupied is not None else "passive"


def _flowing(row: dict[str, Any]) -> Any:
    """A row as YAML writes it in few lines: what is innermost stands in braces."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    def flow(value: Any) -> Any:
        made: Any = value
        if isinstance(value, dict):
            made = CommentedMap({key: flow(one) for key, one in value.items()})
        elif isinstance(value, list):
            made = CommentedSeq(flow(one) for one in value)
        if made is not value:
            made.fa.set_flow_style()
        return made

    effects = row.get("effects")
    if effects is None:
        return flow(row)
    told = CommentedMap(row)
    told["effects"] = CommentedSeq(flow(effect) for effect in effects)
    return told


def _factor(prior: Prior) -> dict[str, Any]:
    """A share as the language writes it."""
    told: dict[str, Any] = {"typical": prior.typical}
    if prior.kind != "fixed":
        told |= {"low": prior.low, "high": prior.high, "distribution": prior.kind}
    return told | {"mark": prior.mark, "source": prior.source}
