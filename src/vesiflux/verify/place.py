"""Claims about place: range, gradients, homing. Put to a small tissue, once per seed, at typical values.

A dish has no place. What such a claim tells of is read from a tissue's last frame and its account, between
two arms or between two readings of one arm, in several tissues that differ by their seed alone. They stand in
``checks.yaml`` beside the model of the tissue::

    checks:
      - claim: cx3cr1-095
        why: where cells are is no state of a dish
        place:
          - {arm: full_blood, against: control, read: t_cell.near.tumour, expect: "-"}
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.positions import Finding
from vesiflux.language.validate import validate
from vesiflux.language.yaml import read_text, read_yaml
from vesiflux.verify.checks import Checks, Placed
from vesiflux.verify.judge import ENOUGH
from vesiflux.verify.limbs import THRESHOLD

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.store.tissue.run import TissueRun

__all__ = ["NEAR", "SEEDS", "PlaceSeen", "Places", "read_places", "run_places", "value"]

#: Tissues per claim.
SEEDS = 5
#: Cells whose middles are no farther apart than this are near each other, um.
NEAR = 30.0
#: What can be read of a tissue, and of which names.
FORMS = (
    "KIND.count", "KIND.x", "KIND.y", "KIND.z", "KIND.near.OTHER", "KIND.distance.OTHER",
    "KIND.received.NAME", "KIND.field.NAME",
)  # fmt: skip

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlaceSeen:
    """What one claim showed. ``folds``: of its first condition, one per seed; ``share``: of seeds."""

    claim: str
    why: str
    experiment: str
    share: float
    folds: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """Whether it holds in enough of the tissues."""
        return "reproduced" if self.share >= ENOUGH else "not_reproduced"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        folds = [round(f, 4) if np.isfinite(f) else None for f in self.folds]
        return {
            "claim": self.claim,
            "verdict": self.verdict,
            "share": round(self.share, 4),
            "folds": folds,
            "experiment": self.experiment,
            "why": self.why,
        }


@dataclass(frozen=True)
class Places:
    """What claims about place showed in one model of a tissue."""

    model: str
    seeds: int
    seen: tuple[PlaceSeen, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "model": self.model,
            "seeds": self.seeds,
            "tested": len(self.seen),
            "reproduced": sum(s.verdict == "reproduced" for s in self.seen),
            "seconds": round(self.seconds, 1),
            "details": [s.to_dict() for s in self.seen],
        }


def read_places(model: Model, known: Mapping[str, object]) -> dict[str, tuple[str, tuple[Placed, ...]]]:
    """Why a hand was needed and what must be seen, by claim; nothing without checks beside the model.

    Raises
    ------
    InputError
        Everything wrong in the file, each with line and column.
    """
    path = None if model.origin is None else model.origin.parent / "checks.yaml"
    if path is None or not path.is_file():
        return {}
    data, positions, problems = read_yaml(read_text(path), str(path))
    checks, findings = validate(data, Checks, "a file of checks")
    found = {}
    for i, check in enumerate(checks.checks if checks is not None else ()):
        if check.claim not in known:
            findings.append(Finding(("checks", i, "claim"), f"no claim has the id {check.claim!r}"))
        if not check.place or check.all:
            findings.append(Finding(("checks", i), "in a tissue a check has conditions under 'place'"))
        for j, placed in enumerate(check.place):
            at = ("checks", i, "place", j)
            findings += [Finding(at, message) for message in _wrong(placed, model)]
        found[check.claim] = (check.why, check.place)
    if wrong := [*problems, *positions.problems(findings)]:
        raise InputError(wrong)
    return found


def _wrong(placed: Placed, model: Model) -> list[str]:
    spec = model.spec
    told = [
        f"the model has no arm {arm!r}; it has {', '.join(spec.arms)}"
        for arm in (placed.arm, placed.against)
        if arm and arm not in spec.arms
    ]
    if bool(placed.against) == bool(placed.over):
        told.append("a condition compares with another arm ('against') or with another reading ('over')")
    for read in filter(None, (placed.read, placed.over)):
        kind, _, rest = read.partition(".")
        what, _, name = rest.partition(".")
        others = {"near": spec.cells, "distance": spec.cells}.get(what)
        form = re.sub(r"^count$|^[xyz]$|^(near|distance|received|field)\..+$", "", rest)
        if kind not in spec.cells or form or (others is not None and name not in others):
            told.append(f"nothing of a tissue is called {read!r}; write one of {', '.join(FORMS)}")
    return told


def run_places(
    model: Model,
    wanted: Mapping[str, tuple[str, tuple[Placed, ...]]],
    seeds: int = SEEDS,
    threads: int | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Places:
    """Run every arm that is asked for once per seed, and read what claims tell of."""
    from vesiflux.study.tissue import run_tissue

    began = time.perf_counter()
    conditions = [placed for _, placeds in wanted.values() for placed in placeds]
    arms = list(dict.fromkeys(a for p in conditions for a in (p.arm, p.against) if a))
    logs: dict[int, list[float]] = {i: [] for i in range(len(conditions))}
    with tempfile.TemporaryDirectory() as store:
        for seed in range(1, seeds + 1):
            told(seed - 1, seeds)
            run = run_tissue(model, arms=arms, seed=seed, threads=threads, store=Path(store))
            for i, placed in enumerate(conditions):
                logs[i].append(_log2(run, placed))
    told(seeds, seeds)
    seen, at = [], 0
    for claim, (why, placeds) in wanted.items():
        mine = [np.array(logs[at + k]) for k in range(len(placeds))]
        at += len(placeds)
        right = np.logical_and.reduce([_holds(x, p.expect) for x, p in zip(mine, placeds, strict=True)])
        folds = tuple(float(f) for f in 2.0 ** mine[0])
        seen.append(PlaceSeen(claim, why, "; ".join(map(str, placeds)), float(np.mean(right)), folds))
    return Places(model.name, seeds, tuple(seen), time.perf_counter() - began)


def _holds(size: Floats, expect: str) -> npt.NDArray[np.bool_]:
    if expect == "0":
        return np.less(np.abs(size), THRESHOLD)
    return np.greater_equal(size if expect == "+" else -size, THRESHOLD)


def _log2(run: TissueRun, placed: Placed) -> float:
    above = value(run, placed.arm, placed.read)
    below = value(run, placed.against or placed.arm, placed.over or placed.read)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log2(np.float64(above) / np.float64(below)))


def value(run: TissueRun, arm: str, read: str) -> float:
    """One reading of an arm at its end; NaN where there are no such cells.

    Living cells alone count. ``near``: share of them with one of the other kind within `NEAR`; ``distance``:
    mean distance to the nearest of the other kind, um; ``received``: per cell; ``field``: mean of a field in
    the voxels they are in.
    """
    kind, _, rest = read.partition(".")
    what, _, name = rest.partition(".")
    mine = _places(run, arm, kind)
    if what == "count":
        return float(len(mine))
    if len(mine) == 0:
        return float("nan")
    if what in "xyz":
        return float(np.mean(mine[:, "xyz".index(what)]))
    if what == "received":
        return float(run.result(arm)["received"][kind].get(name, 0.0)) / len(mine)
    if what == "field":
        field = run.field(name, -1, arm)
        edges = run.facts(arm)["voxel"]
        x, y, z = ((mine[:, i] // edge).astype(int) for i, edge in enumerate(edges))
        shape = field.shape
        inside = (np.clip(z, 0, shape[0] - 1), np.clip(y, 0, shape[1] - 1), np.clip(x, 0, shape[2] - 1))
        return float(np.mean(np.asarray(field.values)[inside]))
    others = _places(run, arm, name)
    if len(others) == 0:
        return 0.0 if what == "near" else float("nan")
    nearest = np.sqrt(((mine[:, None] - others[None]) ** 2).sum(axis=2)).min(axis=1)
    return float(np.mean(nearest <= NEAR)) if what == "near" else float(np.mean(nearest))


def _places(run: TissueRun, arm: str, kind: str) -> Floats:
    """Where the living cells of a kind are, um, (cells, 3)."""
    table = run.cells(-1, arm)
    number = run.kinds(arm).index(kind)
    columns: Sequence[Any] = [table[c].to_numpy() for c in ("kind", "dead", "x", "y", "z")]
    chosen = (columns[0] == number) & ~columns[1].astype(bool)
    return np.stack([np.asarray(c, dtype=np.float64)[chosen] for c in columns[2:]], axis=1)
