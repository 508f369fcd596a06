"""The bench: any number of limbs and readings as a few large batches of lanes.

All arms, perturbations, structures, removals and turned signs are values of parameters or inputs of one
program, so lanes of different experiments differ in nothing else and run side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.verify.limbs import Limb
from vesiflux.verify.subject import Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior
    from vesiflux.ir.compiled import ParameterInfo

__all__ = ["Bench", "Lanes", "Reading"]

Floats = npt.NDArray[np.float64]
#: Lanes solved by one call, and numbers of their parameters and outputs: what fits into memory.
BATCH, NUMBERS = 16_384, 1 << 25


#: Relative and absolute tolerance of quick runs.
QUICK = (1e-4, 1e-7)


@dataclass(frozen=True, eq=False)
class Lanes:
    """Which draw and which structures every lane has, and switches that are set in it.

    ``draws``: (lanes,); ``options``: group -> index of its option, (lanes,); ``switches``: parameter
    index -> value, one number or (lanes,).
    """

    draws: npt.NDArray[np.int64]
    options: Mapping[str, npt.NDArray[np.int64]]
    switches: Mapping[int, float | Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.draws)

    def first(self, count: int) -> Lanes:
        """The first ``count`` of them."""
        switches = {i: v if isinstance(v, float) else v[:count] for i, v in self.switches.items()}
        return Lanes(self.draws[:count], {n: o[:count] for n, o in self.options.items()}, switches)

    def with_switches(self, switches: Mapping[int, float | Floats]) -> Lanes:
        """The same lanes with more switches set."""
        return Lanes(self.draws, self.options, {**self.switches, **switches})


@dataclass(frozen=True)
class Reading:
    """One number per lane: ``read`` in the limb ``limb``, after ``hours`` (0: at rest)."""

    limb: Limb
    read: Readable
    hours: float
    lanes: Lanes


@dataclass(frozen=True)
class _Limb:
    """What `solve` needs for one limb, (rows, lanes) each."""

    parameters: Floats
    before: Floats
    now: Floats
    events: tuple[Any, ...]
    equilibrate: bool


class Bench:
    """Runs limbs of one `Subject`.

    ``quick``: with tolerances that are loose beside the changes that count; a fold is then right to a
    hundredth of a doubling, ``noise``.
    """

    def __init__(
        self,
        subject: Subject,
        draws: int,
        seed: int,
        threads: int = 1,
        told: Callable[[int], None] | None = None,
        quick: bool = False,
    ) -> None:
        self.subject = subject
        self.seed = seed
        self.threads = threads
        self.draws = draws
        self.lanes_run = 0
        self._quick = quick
        self.noise = 0.01 if quick else 1e-6
        self._told = told or (lambda lanes: None)
        infos = subject.compiled.parameters
        program = subject.compiled.program
        self._most = max(64, min(BATCH, NUMBERS // (len(infos) + program.n_registers // 8)))
        self._base = np.stack([self._drawn(info, info.prior) for info in infos])

    def _drawn(self, info: ParameterInfo, prior: Prior) -> Floats:
        """A parameter in every draw, as a run of the model draws it."""
        from vesiflux.study.draws import uniforms

        if prior.typical is not None and (prior.kind == "fixed" or info.vary == "fixed"):
            return np.full(self.draws, float(prior.typical))
        name = info.name
        return np.asarray(prior.quantile(uniforms(self.seed, name, 0, self.draws)), dtype=np.float64)

    def drawn(self, index: int) -> Floats:
        """A parameter in every draw, (draws,)."""
        return np.asarray(self._base[index])

    def read(self, readings: Iterable[Reading]) -> dict[Reading, Floats]:
        """Every reading, (lanes,) each; NaN in lanes that could not be solved."""
        wanted = list(dict.fromkeys(readings))
        jobs: dict[tuple[Limb, float, int], list[Reading]] = {}
        for reading in wanted:
            jobs.setdefault((reading.limb, reading.hours, id(reading.lanes)), []).append(reading)
        groups: dict[tuple[Any, ...], list[tuple[list[Reading], _Limb]]] = {}
        full: list[tuple[float, list[tuple[list[Reading], _Limb]]]] = []
        results: dict[Reading, Floats] = {}
        for (limb, hours, _), found in jobs.items():
            made = self._limb(limb, found[0].lanes)
            events = tuple(e for e in made.events if e.time <= hours)
            key = (hours, made.equilibrate, tuple(id(e) for e in events))
            waiting = groups.setdefault(key, [])
            waiting.append((found, made))
            if sum(m.parameters.shape[1] for _, m in waiting) >= self._most:
                full.append((hours, groups.pop(key)))
                if len(full) >= self.threads:
                    results |= self._solve_all(full)
                    full = []
        return results | self._solve_all(full + [(hours, w) for (hours, *_), w in groups.items()])

    def _solve_all(
        self, batches: list[tuple[float, list[tuple[list[Reading], _Limb]]]]
    ) -> dict[Reading, Floats]:
        """Batches side by side where there are several, else all threads on the one."""
        results: dict[Reading, Floats] = {}
        if len(batches) < 2 or self.threads < 2:
            for hours, waiting in batches:
                results |= self._solve(hours, waiting, self.threads)
        else:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(self.threads) as pool:
                for done in [pool.submit(self._solve, *batch, 1) for batch in batches]:
                    results |= done.result()
        lanes = sum(m.parameters.shape[1] for _, waiting in batches for _, m in waiting)
        self.lanes_run += lanes
        self._told(lanes)
        return results

    def _solve(
        self, hours: float, waiting: list[tuple[list[Reading], _Limb]], threads: int
    ) -> dict[Reading, Floats]:
        from vesiflux.engines.compartments import Settings, solve

        limbs = [made for _, made in waiting]
        given = {k: v for k, v in self.subject.compiled.settings.items() if k != "equilibrate"}
        if self._quick:
            given |= {"rtol": max(given["rtol"], QUICK[0]), "atol": max(given["atol"], QUICK[1])}
        settings = Settings(**given, equilibrate=limbs[0].equilibrate, threads=threads)
        solution = solve(
            self.subject.compiled.program,
            np.concatenate([m.parameters for m in limbs], axis=1),
            times=[hours],
            inputs=np.concatenate([m.now for m in limbs], axis=1),
            inputs_before=np.concatenate([m.before for m in limbs], axis=1),
            events=[e for e in limbs[0].events if e.time <= hours],
            settings=settings,
        )
        final = np.where(solution.ok, solution.outputs_final, np.nan)
        results: dict[Reading, Floats] = {}
        at = 0
        for readings, made in waiting:
            count = made.parameters.shape[1]
            for reading in readings:
                results[reading] = reading.read.value(final[:, at : at + count], made.parameters)
            at += count
        return results

    # ------------------------------------------------------------ limbs

    def _limb(self, limb: Limb, lanes: Lanes) -> _Limb:
        compiled = self.subject.compiled
        parameters = self._base[:, lanes.draws]
        before = np.array([p.value for p in compiled.program.inputs], dtype=np.float64)
        now = before.copy()
        arm_name = limb.arm or self.subject.base
        arms = self.subject.arms_of(arm_name) if arm_name else ()
        for name in arms:
            arm = compiled.arms[name]
            for index, prior in arm.overrides.items():
                parameters[index] = self._drawn(compiled.parameters[index], prior)[lanes.draws]
            for array, changes in ((before, arm.inputs_before), (now, arm.inputs)):
                for index, value in changes.items():
                    array[index] = value
        for name, options in lanes.options.items():
            for position, index in enumerate(self.subject.groups[name].options.values()):
                parameters[index] = options == position
        for index, setting in lanes.switches.items():
            parameters[index] = setting
        for name, factor in limb.factors:
            handle = self.subject.handle(name)
            if handle.given:
                parameters[handle.index] = factor
            else:
                parameters[handle.index] *= factor
        shape = (len(before), len(lanes))
        return _Limb(
            parameters,
            np.broadcast_to(before[:, None], shape),
            np.broadcast_to(now[:, None], shape),
            self.subject.events(arms),
            bool(compiled.settings["equilibrate"]) and limb.start == "before",
        )

    def reference(self, limb: Limb) -> Limb:
        """What a limb is compared with unless it says: the reference of its first arm, else nothing done."""
        if not limb.arm:
            return Limb(start=limb.start)
        arm = self.subject.compiled.arms[self.subject.arms_of(limb.arm)[0]]
        return Limb(arm=arm.against or "", start=limb.start)

    def hours(self, limb: Limb, read: Readable, window: float | None) -> float:
        """When a limb is read: after the window, else at rest where it can be, else at the run's end."""
        if window is not None:
            return window
        done = limb.arm or self.subject.base
        return 0.0 if read.at_rest and not done else float(self.subject.compiled.times[-1])
