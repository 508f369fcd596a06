"""Places in a body: organs that cells lie in and doses go to; elsewhere nothing has such a place."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.structure import unknown
from vesiflux.language.positions import Finding
from vesiflux.language.schema import Body, ModelSpec
from vesiflux.language.species import bearable

__all__ = ["SLOWLY_H", "check_depots", "check_places", "check_volumes", "too_much"]

#: From this time on a dose counts as given slowly (Diehl 2001: 5 to 10 minutes, recalled).
SLOWLY_H = 5.0 / 60.0


def check_places(context: Context) -> Iterator[Finding]:
    """Cells and doses of a body are in places it has; those of a dish or tissue have none of these."""
    spec, space = context.spec, context.spec.space
    if not isinstance(space, Body):
        for name, cell in spec.cells.items():
            for key in ("within", "faces"):
                if key in cell.model_fields_set:
                    word = {"within": "in"}.get(key, key)
                    yield Finding(
                        ("cells", name, word), f"'{word}' goes with space: {{kind: body}}", key=True
                    )
        for i, item in enumerate(spec.schedule):
            for key in ("into", "volume"):
                if key in item.model_fields_set:
                    yield Finding(("schedule", i, key), f"'{key}' goes with space: {{kind: body}}", key=True)
        for name, cell in spec.cells.items():
            for vesicle, secretion in cell.secretes.items():
                if secretion.initial is not None:
                    at = ("cells", name, "secretes", vesicle, "initial")
                    yield Finding(at, "'initial' goes with space: {kind: body}", key=True)
        for name, prepared in spec.preparations.items():
            if prepared.label is not None:
                message = "'label' goes with space: {kind: body}"
                yield Finding(("preparations", name, "label"), message, key=True)
        return
    organs = {"blood", *space.organs, *context.names("space", "organs")}
    organs |= {"lymph"} if space.lymph is not None or context.written("space", "lymph") else set()
    places = organs | set(space.depots) | context.names("space", "depots")
    for name, cell in spec.cells.items():
        yield from unknown(("cells", name, "in"), "organ", cell.within, organs)
        if cell.within == "blood" and "faces" in cell.model_fields_set and cell.faces == "tissue":
            yield Finding(("cells", name, "faces"), "cells in the blood face the blood")
        if cell.within == "lymph" and cell.faces == "blood":
            yield Finding(("cells", name, "faces"), "cells in the lymph face the lymph, not the blood")
    for i, item in enumerate(spec.schedule):
        yield from unknown(("schedule", i, "into"), "place", item.into, places)
        if item.change_medium is not None:
            yield Finding(("schedule", i, "change_medium"), "a body has no medium to change", key=True)
    for name, factor in spec.factors.items():
        if factor.diffusion is None:
            message = f"{name} needs its diffusion (e.g. 100 um^2/s), by which endothelia let it pass"
            yield Finding(("factors", name), message, key=True)


def check_depots(context: Context) -> Iterator[Finding]:
    """A depot has a name of its own, and a dose fits into it."""
    space = context.spec.space
    if not isinstance(space, Body):
        return
    for name, depot in space.depots.items():
        if name in ("blood", "lymph") or name in space.organs:
            message = f"{name!r} is a place already; give the depot another name"
            yield Finding(("space", "depots", name), message, key=True)
        if depot.by == "lymph" and space.lymph is None:
            message = "this body has no lymph; give it one: lymph: {volume: 0.1 mL}"
            yield Finding(("space", "depots", name, "by"), message)
    for name in {"blood", "lymph"} & set(space.organs):
        message = f"{name!r} is a place already; give the organ another name"
        yield Finding(("space", "organs", name), message, key=True)
    if space.lymph is not None and not space.organs:
        yield Finding(("space", "lymph"), "lymph comes from organs; this body has none", key=True)
    for name, organ in space.organs.items():
        plasma, fluid, whole = (typical(v, "mL") for v in (organ.plasma, organ.interstitium, organ.volume))
        if plasma is None or fluid is None or whole is None:
            continue  # said where quantities are checked
        if plasma + fluid >= whole:
            message = "plasma and interstitium fill the organ; its volume must be larger than both together"
            yield Finding(("space", "organs", name, "volume"), message)


def check_volumes(context: Context) -> Iterator[Finding]:
    """A dose has no more fluid than its species bears there; a label that comes back says for how long."""
    spec, space = context.spec, context.spec.space
    if not isinstance(space, Body):
        return
    for i, message in too_much(spec, space.species):
        yield Finding(("schedule", i, "volume"), message)
    for name, prepared in spec.preparations.items():
        label = prepared.label
        if label is not None and label.free is None and typical(label.returns, "1"):
            message = "label that returns needs its half-life there: free: 2 h"
            yield Finding(("preparations", name, "label"), message, key=True)


def too_much(spec: ModelSpec, species: str) -> Iterator[tuple[int, str]]:
    """Items of the schedule, from 0, with more fluid than a body of this species bears, and what to say."""
    for i, item in enumerate(spec.schedule):
        if item.volume is None:
            continue
        volume = typical(item.volume, "mL")
        at_once, slowly = bearable().get((species, item.into), (math.inf, math.inf))
        # what runs in within minutes is given at once
        over = typical(item.over, "h") if item.over is not None else None
        most = slowly if over is not None and over >= SLOWLY_H else at_once
        if volume is not None and volume > most:
            yield i, f"{volume:g} mL cannot be given to a {species} into {item.into}; {most:g} mL at most"
