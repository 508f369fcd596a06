"""One run as the report reads it: arms with their words, outputs looked up once, gaps told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.report.figures.common import Floats
from vesiflux.report.figures.folds import ReportedRange
from vesiflux.report.finals import Finals
from vesiflux.store.standing import PUSHED

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledArm, CompiledModel
    from vesiflux.store.run import Run
    from vesiflux.store.standing import Standing
    from vesiflux.store.synergy import Synergy

__all__ = ["Reader"]

_RATE = "s_per_cell_per_hour"


class Reader:
    """Cached access to a `Run`, in the order of the model.

    ``arms`` are the run's arms; ``references`` those that others are compared with. ``release``: whether
    the page tells what cells send.
    """

    def __init__(self, run: Run, release: bool = True) -> None:
        self.run = run
        self.release = release
        self.compiled: CompiledModel = run.compiled
        self.facts: Mapping[str, Any] = self.compiled.report
        # pushed arms only tell how far an effect could go; they are shown with the fold they are about
        self.arms: tuple[str, ...] = tuple(a for a in self.compiled.arms if a in run.arms and PUSHED not in a)
        self._finals = Finals(run, self.outputs, self._common())
        self._series: dict[tuple[str, str, str], Floats] = {}
        self._parameters: dict[str, Mapping[str, Floats]] = {}

    @cached_property
    def times(self) -> Floats:
        """Record times in h."""
        return np.asarray(self.run.times, dtype=float)

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Output name -> unit."""
        return {o.name: o.unit for o in self.compiled.program.outputs}

    @cached_property
    def series_outputs(self) -> Mapping[str, str]:
        """Outputs kept at every record time -> unit."""
        return {o.name: o.unit for o in self.compiled.program.outputs if o.series}

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Arms that others of the run are compared with."""
        wanted = {self.arm(a).against for a in self.arms}
        return tuple(a for a in self.arms if a in wanted)

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Arms with a reference in the run."""
        return tuple(a for a in self.arms if self.reference(a))

    @cached_property
    def vesicles(self) -> tuple[str, ...]:
        """Vesicle classes whose rate is told, in the model's order: ``exosome``, ``microvesicle``."""
        return self.rated if self.release else ()

    @cached_property
    def rated(self) -> tuple[str, ...]:
        """Vesicle classes with a rate."""
        return tuple(r.removesuffix(_RATE) for r in self.compiled.rates if r.endswith(_RATE))

    @cached_property
    def modules(self) -> Mapping[str, Mapping[str, Any]]:
        """``CELL.INSTANCE`` -> titles, diagram, steps and limits of the module."""
        found: Mapping[str, Mapping[str, Any]] = self.facts.get("modules", {})
        return found

    def arm(self, name: str) -> CompiledArm:
        """The arm as lowered."""
        return self.compiled.arms[name]

    def title(self, name: str) -> str:
        """The arm in words."""
        return self.arm(name).title or name

    def reference(self, name: str) -> str:
        """The arm it is compared with; "" for none."""
        against = self.arm(name).against
        return against if against and against != name and against in self.arms else ""

    def mark(self, name: str) -> str:
        """Its mark; arms that only serve as reference read "control"."""
        mark = self.arm(name).mark
        return mark if self.reference(name) else "control" if mark == "assumed" else mark

    def structures(self, name: str) -> tuple[str, ...]:
        """Ids of the structures it ran with, the default first."""
        default = self.default_structure(name)
        return tuple(sorted(self.run.arms[name]["structures"], key=lambda s: (s != default, s)))

    def default_structure(self, name: str) -> str:
        """Id of the structure with every group at its default."""
        groups = sorted(self.arm(name).groups)
        return ",".join(f"{g}={self.compiled.structures[g].default}" for g in groups)

    def reference_structure(self, name: str, structure: str | None = None) -> str | None:
        """Id of the reference's structure that a structure of an arm is compared with; None: its default."""
        own = self.default_structure(name) if structure is None else structure
        reference = self.run.arms[name]["structures"][own].get("reference")
        return str(reference[1]) if reference else None

    def structure_title(self, structure: str) -> str:
        """A structure id in words: the titles of its options."""
        words = []
        for part in filter(None, structure.split(",")):
            group, _, option = part.partition("=")
            info = self.compiled.structures.get(group)
            title = info.titles.get(option) if info is not None else None
            words.append(title if title and title != option else option.replace("_", " "))
        return ", ".join(words)

    def rate_name(self, vesicle: str) -> str:
        """Name of the summary rate of a class."""
        return vesicle + _RATE

    def vesicle_title(self, vesicle: str) -> str:
        """Plural of a class in words."""
        counts = (self.run.record["model"]["data"] or {}).get("counts", {})
        if vesicle in counts:
            return str(counts[vesicle].get("title") or vesicle.replace("_", " "))
        return {"apoptotic_body": "apoptotic bodies"}.get(vesicle, vesicle.replace("_", " ") + "s")

    def rate(self, vesicle: str, arm: str, structure: str | None = None) -> Floats:
        """Mean release over the run, vesicle/cell/h, shape (draw,)."""
        return self.final(self.rate_name(vesicle), arm, structure)

    def fold(self, quantity: str, arm: str, structure: str | None = None) -> Floats:
        """Fold of a summary or output against the arm's reference, paired by draw, shape (draw,)."""
        own = self.final(quantity, arm, structure)
        base = self.final(quantity, self.reference(arm), self.reference_structure(arm, structure))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(own / base)

    def final(self, quantity: str, arm: str, structure: str | None = None) -> Floats:
        """An output at the end of the run, or a summary rate over it, shape (draw,)."""
        wanted = self.default_structure(arm) if structure is None else structure
        lanes = [
            self._finals.lanes(name, arm, wanted) for name in self.compiled.rates.get(quantity, (quantity,))
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._finals.per_draw(lanes[0] if len(lanes) == 1 else lanes[0] / lanes[1])

    def series(self, output: str, arm: str, structure: str | None = None) -> Floats:
        """An output over time, shape (draw, time)."""
        wanted = self.default_structure(arm) if structure is None else structure
        key = (output, arm, wanted)
        if key not in self._series:
            self._series[key] = np.asarray(self.run.series(output, arm, wanted), dtype=float)
        return self._series[key]

    @cached_property
    def fixed(self) -> Mapping[str, float]:
        """Parameters fixed for this run alone (``--set``), in their units."""
        from vesiflux.study.plan import fixed_values, split_settings

        _, given = split_settings(self.compiled.choices, self.run.record["call"]["set"])
        found = fixed_values(self.compiled, given)
        return {self.compiled.parameters[i].name: value for i, value in found.items()}

    def parameter(self, name: str, arm: str) -> Floats:
        """Value of one parameter in an arm, shape (draw,); the same in every draw where it is not drawn."""
        drawn = self._drawn(arm).get(name)
        if drawn is not None:
            return self._finals.per_draw(np.asarray(drawn, dtype=float))
        value = self.fixed.get(name)
        if value is None:
            index = next(i for i, p in enumerate(self.compiled.parameters) if p.name == name)
            prior = self.arm(arm).overrides.get(index, self.compiled.parameters[index].prior)
            value = float(prior.quantile(0.5))
        return np.full(self.run.draws, value)

    def parameters(self, arm: str) -> dict[str, Floats]:
        """Values of the parameters that differ between draws and act in an arm, each of shape (draw,)."""
        acting = {f"interventions.{i}." for i in self.arm(arm).interventions}
        found = {}
        for name, values in self._drawn(arm).items():
            if name.startswith("interventions.") and not any(name.startswith(i) for i in acting):
                continue
            lanes = np.asarray(values, dtype=float)
            if lanes.size and lanes.size % self.run.draws == 0:
                found[name] = lanes.reshape(self.run.draws, -1).mean(axis=1)  # replicates of a draw
        return found

    def parameter_title(self, name: str) -> str:
        """A parameter in words, an intervention's with the intervention it belongs to."""
        parts = name.split(".")
        if parts[0] == "interventions" and len(parts) > 2:
            owner = self.facts.get("interventions", {}).get(parts[1], {}).get("title", parts[1])
            rest = [p for p in parts[2:] if p != "effects"]
            return f"{owner}: effect on {rest[0]}" + (f" ({', '.join(rest[1:])})" if rest[1:] else "")
        own = next((p.title for p in self.compiled.parameters if p.name == name), "")
        return own or parts[-1].replace("_", " ")

    def compared_fold(self, quantity: str, readout: str, arm: str, structure: str | None = None) -> Floats:
        """Fold to hold against what was reported: over the assay's window where the report gives one."""
        hours = self.window(arm, readout)
        if hours is None or quantity not in self.compiled.rates:
            return self.fold(quantity, arm, structure)
        against, base = self.reference(arm), self.reference_structure(arm, structure)
        own, other = (
            self.run.rate(quantity, a, s, window=hours) for a, s in ((arm, structure), (against, base))
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(own / other)

    def window(self, arm: str, readout: str) -> float | None:
        """Length of the assay that reported a readout of an arm, in h; None for the whole run."""
        from vesiflux.units import parse

        for item in self.arm(arm).reported:
            window = item.get("window")
            if item["readout"] == readout and window and window.get("typical") is not None:
                unit = window.get("unit")
                text = f"{window['typical']} {unit}" if unit else window["typical"]
                return min(parse(text, "h"), float(self.times[-1]))
        return None

    def reported(self, arm: str, readout: str) -> tuple[ReportedRange, ...]:
        """What was reported for one readout of an arm."""
        return tuple(
            ReportedRange(r.get("low"), r.get("high"), r.get("sign"), r.get("claim") or "")
            for r in self.arm(arm).reported
            if r["readout"] == readout
        )

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every fold reported as a number and where it stands; those of stimuli not run come last."""
        from vesiflux.store.standing import not_run

        return (*self.run.standings(), *not_run(self.run))

    @cached_property
    def synergies(self) -> tuple[Synergy, ...]:
        """Combined arms against the product of their parts."""
        return self.run.synergies()

    def reported_readouts(self) -> tuple[str, ...]:
        """Readouts that were reported for any arm of the run."""
        return tuple(dict.fromkeys(r["readout"] for a in self.arms for r in self.arm(a).reported))

    def resolve(self, readout: str) -> str | None:
        """The output or summary a reported readout means: its full name, or an ending of one."""
        if readout in self.compiled.rates or readout in self.outputs:
            return readout
        return next((name for name in self.outputs if name.endswith("." + readout)), None)

    def readout_title(self, output: str) -> str:
        """A readout in words."""
        if output in self.compiled.rates:
            return self.vesicle_title(output.removesuffix(_RATE))
        for path, module in self.modules.items():
            name = output.removeprefix(path + ".")
            if name in module.get("readouts", {}):
                title: str = module["readouts"][name]["title"]
                return title
        return output

    def ordered(self, arms: Iterable[str], vesicle: str) -> list[str]:
        """Arms by their median fold of a class, lowest first; arms without a finite fold last."""

        def key(arm: str) -> tuple[float, str]:
            values = self.fold(self.rate_name(vesicle), arm)
            values = values[np.isfinite(values)]
            return (float(np.median(values)) if values.size else float("inf"), arm)

        return sorted(arms, key=key)

    def _drawn(self, arm: str) -> Mapping[str, Floats]:
        if arm not in self._parameters:
            self._parameters[arm] = self.run.parameters(arm)
        return self._parameters[arm]

    def _common(self) -> set[str]:
        """Columns that are asked of every arm under every structure: rates, limits, what was reported."""
        names = list(self.outputs)
        found = {n for pair in self.compiled.rates.values() for n in pair}
        found |= {names[i] for limit in self.compiled.limits for i in (limit.output, limit.bound)}
        return found | {n for n in map(self.resolve, self.reported_readouts()) if n}
