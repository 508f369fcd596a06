"""How far a stimulus can be pushed: a run again, with the effects that fell short made stronger.

An effect's size is often assumed, so that a fold it misses says nothing about the machinery. Arms whose
reported fold was not reached are run with every factor to a power (x 4 becomes x 16, x 256, x 65,536);
what they still cannot reach within the cell's limits exceeds the machinery, not the assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.store.standing import ASSAY, PUSHED, REACH, standings

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import Intervention
    from vesiflux.store.run import Run

__all__ = ["POWERS", "pushed", "reach"]

#: Powers of the factors that are tried.
POWERS = (2, 4, 8)


def reach(
    run: Run,
    *,
    threads: int | None = None,
    store: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Run:
    """The same run with stronger effects for the arms that do not reach what was reported for them.

    Returns ``run`` itself where nothing falls short. Draws already in the store are not computed again.
    """
    from vesiflux.language import Model
    from vesiflux.study.run import run_dish

    short = short_of(run)
    if not short:
        return run
    model = pushed(Model.from_dict(run.record["model"]["data"]), short)
    call: dict[str, Any] = {k: run.record["call"][k] for k in ("replicates", "seed", "set", "structures")}
    call |= {"arms": [*run.arms, *(f"{a}{PUSHED}{p}" for a in short for p in POWERS)], "draws": run.draws}
    store = run.path.parent.parent if store is None else store
    return run_dish(model, call, threads=threads, store=store, progress=progress)


def short_of(run: Run) -> list[str]:
    """Arms with a reported fold that some structure does not reach; results of an assay left out."""
    return list(
        dict.fromkeys(
            s.arm
            for s in standings(run)
            if s.standing != ASSAY and not s.pushed and any(p.reaches < REACH for p in s.predicted)
        )
    )


def _stronger(intervention: Intervention, power: int) -> Iterator[tuple[str, float]]:
    """Parameters of an intervention by their names in it, with what multiplies its targets to a power."""
    for effect in intervention.effects:
        if isinstance(effect.factor.typical, int | float):
            end = f".{effect.alternative}" if effect.alternative else ""
            yield f"effects.{effect.target}{end}", float(effect.factor.typical) ** power
    factor = intervention.factor
    if intervention.scales is not None and factor is not None and isinstance(factor.typical, int | float):
        yield "factor", float(factor.typical) ** power
    if intervention.efficacy is not None and isinstance(intervention.efficacy.typical, int | float):
        yield "efficacy", 1 - (1 - float(intervention.efficacy.typical)) ** power


def pushed(model: Model, arms: Sequence[str], powers: Sequence[int] = POWERS) -> Model:
    """The model with arms ``ARM/pushK``: every typical factor of the effects of ``arms`` to the power K."""
    from vesiflux.language import Model

    data = model.to_dict(whole=True)
    for name in arms:
        arm = model.spec.arms[name]
        for power in powers:
            settings: dict[str, Any] = dict(arm.set)
            for intervention in arm.interventions:
                settings |= {
                    f"interventions.{intervention}.{key}": value
                    for key, value in _stronger(model.spec.interventions[intervention], power)
                }
            data["arms"][f"{name}{PUSHED}{power}"] = {
                **data["arms"][name],
                "title": f"{arm.title or name}, factors to the power {power}",
                "set": settings,
                "mark": "assumed",
                "reported": [],
            }
    return Model.from_dict(data)
