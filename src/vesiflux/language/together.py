"""Arms together: ``a+b`` is the interventions of both, compared with what both are compared with."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.language.schema import Arm

if TYPE_CHECKING:
    from vesiflux.language.schema import ModelSpec

__all__ = ["TOGETHER", "parts_of", "with_together"]

#: Joins the arms of a combined one: ``hypoxia+low_glucose``.
TOGETHER = "+"


def parts_of(arm: str) -> tuple[str, ...]:
    """``a+b`` -> ``("a", "b")``; a single arm has no parts."""
    names = tuple(part.strip() for part in arm.split(TOGETHER))
    return names if len(names) > 1 else ()


def with_together(spec: ModelSpec, names: Iterable[str], chosen: Collection[str] = ()) -> ModelSpec:
    """``spec`` with an arm for every ``a+b`` among ``names`` that it does not have.

    ``chosen``: choices that are made for all arms, so that arms no longer differ in them.

    Raises
    ------
    InputError
        A part is no arm, is named twice, or the parts are run in different cells or set one thing
        to two values.
    """
    made = {}
    for name in names:
        parts = parts_of(name)
        if parts and name not in spec.arms:
            made[name] = _join(spec, name, parts, chosen)
    return spec.model_copy(update={"arms": {**spec.arms, **made}}) if made else spec


def _join(spec: ModelSpec, name: str, parts: tuple[str, ...], chosen: Collection[str]) -> Arm:
    for part in parts:
        if part not in spec.arms:
            near = difflib.get_close_matches(part, list(spec.arms), 3)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise InputError(f"arm {name}: {part!r} is no arm of the model{hint}")
        if parts.count(part) > 1:
            raise InputError(f"arm {name}: {part} is named twice")
    arms = [spec.arms[part] for part in parts]
    settings = {}
    for key in dict.fromkeys(k for arm in arms for k in arm.set):
        if key in chosen:
            continue
        values = [arm.set.get(key) for arm in arms]
        if any(v != values[0] for v in values):
            shown = ["the default" if v is None else str(v) for v in values]
            said = ", ".join(f"{p}: {v}" for p, v in zip(parts, shown, strict=True))
            cure = f"run both in one with --set {key}=..." if key in spec.choices else "combine others"
            raise InputError(f"arm {name}: its parts differ in {key} ({said}); {cure}")
        settings[key] = values[0]
    against = dict.fromkeys(_reference(spec, arm, chosen) for arm in arms)
    if len(against) > 1:
        said = ", ".join(str(a) for a in against)
        raise InputError(f"arm {name}: its parts are compared with different arms ({said}); combine others")
    return Arm(
        title=f" {TOGETHER} ".join(arm.title or part for part, arm in zip(parts, arms, strict=True)),
        interventions=tuple(dict.fromkeys(i for arm in arms for i in arm.interventions)),
        set=settings,
        against=next(iter(against)),
        mark="predicted",
        note="arms together; nothing was chosen for the combination",
    )


def _reference(spec: ModelSpec, arm: Arm, chosen: Collection[str]) -> str | None:
    """What an arm is compared with; untreated arms that differ in a made choice only are one."""
    if arm.against is None:
        return None
    wanted = spec.arms.get(arm.against)
    if wanted is None or not set(wanted.set) <= set(chosen):
        return arm.against
    same = (n for n, a in spec.arms.items() if not a.interventions and set(a.set) <= set(chosen))
    return next(same, arm.against)
