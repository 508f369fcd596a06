"""The whole state of a tissue as plain arrays: what a checkpoint holds, and how a tissue becomes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.followed import followed_of
from vesiflux.engines.tissue.ledger import ACCOUNTS
from vesiflux.engines.tissue.outside import fingerprint
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.engines.tissue.simulation import Simulation

__all__ = ["restore", "state_of"]


def state_of(simulation: Simulation) -> dict[str, npt.NDArray[Any]]:
    """Everything that decides what comes next, copied."""
    books, senses = simulation.books, simulation.senses
    found: dict[str, npt.NDArray[Any]] = {
        "fits": np.array(fingerprint(simulation.plan)),
        "seed": np.array(simulation.seed),
        "steps_done": np.array(simulation.steps_done),
        "dosed": np.array(simulation.dosed),
        "pending": books.pending.copy(),
        "received": books.received.copy(),
        "known": books.known.copy(),
        "holding": books.holding.copy(),
    }
    found |= {f"cells.{n}": a for n, a in simulation.cells.snapshot().items()}
    found |= {f"fields.{n}": np.asarray(a).copy() for n, a in simulation.fields.state().items()}
    found |= {f"ledger.{n}": books.ledger[n].copy() for n in ACCOUNTS}
    found |= {f"before.{f}": a.copy() for f, a in senses.before.items()}
    found |= {f"mean.{k}": a.copy() for k, a in enumerate(simulation.mean_cells.states)}
    for g, followed in simulation.followed.items():
        found |= {f"followed.{g}.{n}": a for n, a in followed.free.state().items()}
    found |= {f"switch.{n}": np.array(v) for n, v in senses.switched.items()}
    return found


def restore(simulation: Simulation, state: dict[str, npt.NDArray[Any]]) -> None:
    """Make a tissue what `state_of` saw. Raises `InputError` for a state of another tissue."""
    plan = simulation.plan
    if "fits" not in state or str(state["fits"]) != fingerprint(plan):
        raise InputError(f"the state is not one of {plan.name}: grid, step, fields or types of cells differ")
    seed = int(state["seed"])
    if seed != simulation.seed:
        simulation.followed.update(followed_of(plan, seed, simulation.threads))
    simulation.seed = simulation.motion.seed = seed
    simulation.steps_done, simulation.dosed = int(state["steps_done"]), int(state["dosed"])

    def part(prefix: str) -> dict[str, npt.NDArray[Any]]:
        return {n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)}

    simulation.cells.restore(part("cells."))
    simulation.fields.restore(part("fields."))
    for g, followed in simulation.followed.items():
        followed.free.restore(part(f"followed.{g}."))
    books, senses = simulation.books, simulation.senses
    books.pending[:], books.received[:] = state["pending"], state["received"]
    books.known, books.holding = state["known"].copy(), state["holding"].copy()
    for name in ACCOUNTS:
        books.ledger[name][:] = state[f"ledger.{name}"]
    for f, values in senses.before.items():
        values[...] = state[f"before.{f}"]
    simulation.mean_cells.states = [state[f"mean.{k}"].copy() for k in range(len(plan.cells))]
    for name in senses.switched:
        senses.switched[name] = float(state[f"switch.{name}"])
    simulation.events = []
