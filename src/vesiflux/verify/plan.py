"""Which draws and structures the lanes of an experiment have."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.verify.bench import Lanes
from vesiflux.verify.limbs import Experiment
from vesiflux.verify.subject import Subject

__all__ = ["MOST_STRUCTURES", "all_structures", "sampled", "structures_in", "without"]

#: An experiment with more combinations of structures than this runs a sample of so many.
MOST_STRUCTURES = 256

Options = Mapping[str, npt.NDArray[np.int64]]


def sampled(subject: Subject, draws: int, seed: int, left_out: Mapping[str, Collection[str]] = {}) -> Lanes:
    """One lane per draw, with structures of its own, drawn evenly; ``left_out``: group -> options."""
    from vesiflux.study.draws import uniforms

    options = {}
    for name, group in subject.groups.items():
        allowed = _allowed(list(group.options), left_out.get(name, ()))
        u = uniforms(seed, f"structure\0{name}", 0, draws)
        options[name] = np.asarray(allowed)[(u * len(allowed)).astype(np.int64)]
    return Lanes(np.arange(draws, dtype=np.int64), options)


def all_structures(
    subject: Subject,
    experiment: Experiment,
    draws: int,
    seed: int,
    left_out: Mapping[str, Collection[str]] = {},
) -> Lanes:
    """Every combination of the structures that matter to an experiment, with all draws each.

    The machinery's own structures matter to all, alternatives of an intervention to the arms that use it.
    """
    from vesiflux.study.draws import uniforms

    used = {i for a in experiment.arms for i in subject.compiled.arms[a].interventions}
    choices: dict[str, Sequence[int]] = {}
    for name, group in subject.groups.items():
        default = list(group.options).index(group.default)
        matters = not group.owner or group.owner in used
        allowed = _allowed(list(group.options), left_out.get(name, ()))
        choices[name] = allowed if matters else [default]
    count = math.prod(map(len, choices.values()))
    if count <= MOST_STRUCTURES:
        rows = np.array(list(itertools.product(*choices.values())), dtype=np.int64).reshape(count, -1)
    else:
        count = MOST_STRUCTURES
        columns = [
            np.asarray(c)[(uniforms(seed, f"structure\0{n}", 0, count) * len(c)).astype(np.int64)]
            for n, c in choices.items()
        ]
        rows = np.stack(columns, axis=1)
    options = {name: np.repeat(rows[:, i], draws) for i, name in enumerate(choices)}
    return Lanes(np.tile(np.arange(draws, dtype=np.int64), count), options)


def _allowed(options: Sequence[str], left_out: Collection[str]) -> list[int]:
    """Positions of the options that remain; all of them where none would."""
    return [i for i, o in enumerate(options) if o not in left_out] or list(range(len(options)))


def structures_in(subject: Subject, lanes: Lanes) -> int:
    """How many different combinations of the machinery's own structures the lanes hold."""
    rows = [lanes.options[name] for name, group in subject.groups.items() if not group.owner]
    return len(np.unique(np.stack(rows), axis=1).T) if rows else 1


def without(lanes: Lanes, switches: Collection[int]) -> Lanes:
    """The same lanes with these switches off."""
    return lanes.with_switches(dict.fromkeys(switches, 0.0))
