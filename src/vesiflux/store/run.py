"""A run: which draws of which arms it consists of, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError, RunError
from vesiflux.store.blocks import PARAMETER, read_series, read_table
from vesiflux.store.columns import numbers, values
from vesiflux.store.files import read_json
from vesiflux.store.layout import Store
from vesiflux.store.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.store.standing import Standing
    from vesiflux.store.synergy import Synergy

__all__ = ["RECORD", "TYPE", "VERSION", "Run", "load_record", "read_columns"]

TYPE, VERSION, RECORD = "vesiflux-run", 1, "run.json"
#: Newest version read; 2 is that of a tissue, see `store.tissue`.
NEWEST = 2

Floats = npt.NDArray[np.float64]


def load_record(folder: Path) -> dict[str, Any]:
    """``run.json`` of a folder. Raises `InputError` when there is none, `RunError` when it is damaged."""
    if not (folder / RECORD).is_file():
        raise InputError(f"{folder}: not a run: no {RECORD} in it; name a folder under STORE/runs")
    return read_json(folder / RECORD, TYPE, NEWEST)


def read_columns(store: Store, entry: Mapping[str, Any], columns: Sequence[str] | None) -> pa.Table:
    """Table of one arm and structure, one row per lane of the run, in the run's order."""
    import pyarrow as pa

    rows = Rows.of(entry)
    parts = [read_table(store.block(entry["group"], name), columns) for name in rows.blocks]
    return pa.concat_tables(parts).take(numbers(rows.taken([p.num_rows for p in parts])))


class Run:
    """A finished run, opened with `Run.open`. Nothing is read before it is asked for.

    Draws that failed are NaN throughout. Where a run has replicates, what is given per draw is their mean;
    `table` has every replicate.
    """

    def __init__(self, path: Path, record: Mapping[str, Any]) -> None:
        self.path = path
        self.record = record
        self._store = Store(path.parent.parent)

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Open the run in folder ``path``, finished or not. Raises `InputError` when it is no run."""
        folder = Path(path)
        if folder.name == RECORD:
            folder = folder.parent
        record = load_record(folder)
        if record.get("space") == "tissue":
            raise InputError(f"{folder}: is a run of a tissue; open it with vesiflux.TissueRun.open")
        return cls(folder, record)

    def __repr__(self) -> str:
        return (
            f"<vesiflux.Run {self.path}: {len(self.arms)} arms, {self.draws} draws, {self.record['status']}>"
        )

    # ------------------------------------------------------------ what it is

    @property
    def model_name(self) -> str:
        """Name of the model."""
        name: str = self.record["model"]["name"]
        return name

    @property
    def arms(self) -> Mapping[str, Mapping[str, Any]]:
        """Arm -> title, against, mark, reported, note, default structure, structures (default first)."""
        arms: Mapping[str, Mapping[str, Any]] = self.record["arms"]
        return arms

    @property
    def draws(self) -> int:
        """Parameter sets per arm and structure."""
        return int(self.record["draws"])

    @property
    def replicates(self) -> int:
        """Repeats of each draw."""
        return int(self.record["replicates"])

    @property
    def seed(self) -> int:
        """Seed of all draws."""
        return int(self.record["seed"])

    @property
    def times(self) -> Floats:
        """Record times, h, shape (T,)."""
        return np.asarray(self.record["times"], dtype=np.float64)

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, host, threads, date, hash of the engine sources, seed and solver settings."""
        found: dict[str, Any] = dict(self.record["provenance"])
        return {**found, "seed": self.seed, "settings": self.record["settings"]}

    @cached_property
    def compiled(self) -> CompiledModel:
        """The model lowered again from the text kept with the run.

        Raises `RunError` when the run was made from a compiled model without its text.
        """
        from vesiflux.language import Model
        from vesiflux.store.cells import compile_model

        if self.record["model"]["data"] is None:
            raise RunError(f"{self.path}: the run holds no model text; it was made from a compiled model")
        model = Model.from_dict(self.record["model"]["data"])
        given = self.record["call"]["set"]
        picked = {n: str(v) for n, v in given.items() if n in model.spec.choices}
        return compile_model(model, picked, self.record["call"])

    # ------------------------------------------------------------ what came out

    def series(self, output: str, arm: str, structure: str | None = None) -> xr.DataArray:
        """An output over time, dimensions (draw, time); ``units`` in its attributes."""
        import xarray as xr

        per_draw = self.course(output, arm, structure)
        unit, _ = self._output(output)
        coordinates = {"draw": np.arange(self.draws), "time": ("time", self.times, {"units": "h"})}
        return xr.DataArray(
            per_draw, coords=coordinates, dims=("draw", "time"), name=output, attrs={"units": unit}
        )

    def course(self, output: str, arm: str, structure: str | None = None) -> Floats:
        """The numbers of `series` alone, shape (draw, time)."""
        if not self._output(output)[1]:
            raise InputError(
                f"output {output} is kept at the end of the run only; use final({output!r}, ...)"
            )
        return self._per_draw(self._lane_series(output, arm, structure))

    def cells(self, output: str, arm: str, structure: str | None = None) -> xr.DataArray:
        """An output over time of every replicate, in a run of single cells of every cell.

        Dimensions (draw, cell, time); ``units`` in its attributes.
        """
        import xarray as xr

        unit, kept = self._output(output)
        if not kept:
            raise InputError(f"output {output} is kept at the end of the run only; use table({arm!r})")
        course = self._lane_series(output, arm, structure).reshape(self.draws, self.replicates, -1)
        coordinates = {
            "draw": np.arange(self.draws),
            "cell": np.arange(self.replicates),
            "time": ("time", self.times, {"units": "h"}),
        }
        return xr.DataArray(
            course, coords=coordinates, dims=("draw", "cell", "time"), name=output, attrs={"units": unit}
        )

    def bursts(self, arm: str, structure: str | None = None) -> pa.Table:
        """One row per burst of a run of single cells: draw, cell, time (h), class, what it set free.

        Raises `InputError` when the run has no single cells.
        """
        from vesiflux.store.cells import bursts_of

        return bursts_of(self, self._store, self._entry(arm, structure))

    def final(self, output: str, arm: str, structure: str | None = None) -> Floats:
        """An output at the end of the run, shape (draw,)."""
        self._output(output)
        return self._per_draw(self._lane_final(output, arm, structure))

    def table(self, arm: str, structure: str | None = None) -> pa.Table:
        """One row per draw and replicate: key, status, final outputs and parameters under their names.

        A parameter that shares its name with an output (``CELL.count``) is called ``parameter:NAME``.
        """
        table = read_columns(self._store, self._entry(arm, structure), None)
        outputs = {name for name, _, _ in self.record["outputs"]}
        plain = [n.removeprefix(PARAMETER) for n in table.column_names]
        names = [
            p if n == p or p not in outputs else n for n, p in zip(table.column_names, plain, strict=True)
        ]
        table = table.rename_columns(names)
        lanes = np.arange(self.draws * self.replicates)
        for name, column in (("draw", lanes // self.replicates), ("replicate", lanes % self.replicates)):
            # the block may have been made by a run that numbered its draws otherwise
            table = table.set_column(table.column_names.index(name), name, numbers(column))
        return table

    def parameters(self, arm: str, structure: str | None = None) -> dict[str, Floats]:
        """Values of the parameters that differ between lanes, each of shape (draw * replicate,)."""
        entry = self._entry(arm, structure)
        names: list[str] = entry["drawn"]
        table = read_columns(self._store, entry, [PARAMETER + n for n in names])
        return {n: values(table, PARAMETER + n) for n in names}

    def rate(
        self, summary: str, arm: str, structure: str | None = None, window: float | None = None
    ) -> Floats:
        """Released per cell-hour over the run, or over its first ``window`` hours, shape (draw,)."""
        if summary not in self.record["rates"]:
            raise InputError(f"no rate named {summary!r}; the run has {', '.join(self.record['rates'])}")
        over, under = (self._accumulated(n, arm, structure, window) for n in self.record["rates"][summary])
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._per_draw(over / under)

    def fold(
        self, quantity: str, arm: str, structure: str | None = None, window: float | None = None
    ) -> Floats:
        """A rate, or an output at the end, over that of the arm's reference, draw by draw, shape (draw,).

        ``window``: the rate over the first hours, or the output at that time.

        The reference is run with the same draws and, where the untreated cell has them too, the same
        structures. Raises `InputError` for an arm without a reference.
        """
        reference = self._entry(arm, structure)["reference"]
        if reference is None:
            raise InputError(f"arm {arm} is compared with no other arm; give it `against` in the model")
        pair = ((arm, structure), (str(reference[0]), str(reference[1])))
        if quantity in self.record["rates"]:
            ours, theirs = (self.rate(quantity, a, s, window) for a, s in pair)
        else:
            ours, theirs = (self._per_draw(self._accumulated(quantity, a, s, window)) for a, s in pair)
        with np.errstate(divide="ignore", invalid="ignore"):
            return ours / theirs

    def limits(self, arm: str, structure: str | None = None) -> dict[str, float]:
        """Constraint -> share of the finished draws that end beyond it; NaN when none finished."""
        found = {}
        for name, _, output, bound, *_ in self.record["limits"]:
            value, most = (self._lane_final(n, arm, structure) for n in (output, bound))
            known = np.isfinite(value) & np.isfinite(most)
            found[name] = float(np.mean(value[known] > most[known])) if known.any() else float("nan")
        return found

    def limit_names(self) -> dict[str, bool]:
        """Constraint -> whether it was measured in untreated cells and rules out nothing in treated ones."""
        return {name: bool(more and more[0]) for name, _, _, _, *more in self.record["limits"]}

    def beyond(self, arm: str, structure: str | None = None) -> dict[str, npt.NDArray[np.bool_]]:
        """Constraint -> which draws end beyond it, shape (draw,)."""
        limits = [(name, output, bound) for name, _, output, bound, *_ in self.record["limits"]]
        lanes = self._lane_finals([n for _, *pair in limits for n in pair], arm, structure)
        return {n: np.asarray(self._per_draw(lanes[o]) > self._per_draw(lanes[b])) for n, o, b in limits}

    def tightest_step(self, arm: str, structure: str | None = None) -> tuple[str, float] | None:
        """The step with the least left to give among those the arm moves: name, median share that passes."""
        entry = self._entry(arm, structure)
        if entry["reference"] is None:
            return None
        reference, base = str(entry["reference"][0]), str(entry["reference"][1])
        steps = [name for name in self.outputs() if ".step." in name]
        ours, theirs = self._lane_finals(steps, arm, structure), self._lane_finals(steps, reference, base)
        found = []
        for name in steps:
            passes, before = (float(np.median(x[name][np.isfinite(x[name])])) for x in (ours, theirs))
            if abs(passes - before) > 0.01 * abs(before):
                found.append((passes, name.rpartition(".step.")[2].replace("_", " ")))
        if not found:
            return None
        passes, name = max(found)
        return name, passes

    def standings(self, arm: str | None = None) -> tuple[Standing, ...]:
        """Where each fold that a paper reported stands: within the machinery, beyond it, unassigned, assay.

        ``arm``: only those of one arm.
        """
        from vesiflux.store.standing import standings

        return standings(self, arm)

    def synergies(self, arm: str | None = None) -> tuple[Synergy, ...]:
        """Fold of every combined arm ``a+b`` over the product of its parts, by rate and structure."""
        from vesiflux.store.synergy import synergies

        return synergies(self, arm)

    def summary(self) -> dict[str, Any]:
        """What scripts read: the run's folder, seconds, balance error, and each arm's median rates.

        Arms run under several structures list the others in ``alternatives``; arms with draws that failed
        have ``failed_lanes``. A rate without a finite draw is `None`. ``reported``: folds of papers and where
        they stand; ``synergy``: of combined arms. Of a body, ``organs`` and ``half_life_min`` of each arm
        (`store.body`), those of the first arm with a dose at the top as well; ``blood_per_mL`` of each arm
        where several cell types send one class. ``readouts``: what modules that are no machinery show at the
        end, or cells that changed (`store.readouts`).
        """
        from vesiflux.store.body import distribution, levels
        from vesiflux.store.readouts import readout_ends

        arms: dict[str, Any] = {}
        first: dict[str, Any] = {}
        for name, info in self.arms.items():
            row = self._medians(name, info["default"])
            if "single_cells" in self.record["call"]:
                from vesiflux.store.cells import cell_statistics

                row["single_cells"] = cell_statistics(self, name)
            others = [s for s in info["structures"] if s != info["default"]]
            if others:
                row["alternatives"] = {s: self._medians(name, s) for s in others}
            if told := [s.plain() for s in self.standings(name)]:
                row["reported"] = told
            if pairs := [s.plain() for s in self.synergies(name)]:
                row["synergy"] = pairs
            row |= (found := distribution(self, name))
            if there := levels(self, name):
                row["blood_per_mL"] = there
            if ends := readout_ends(self, name):
                row["readouts"] = ends
            first = first or found
            arms[name] = row
        return {
            "run": str(self.path),
            "seconds": self.record["seconds"],
            "balance_error": self.record["balance_error"],
            "arms": arms,
            **first,
        }

    def sources(self) -> list[dict[str, str]]:
        """Where the numbers come from: sources of modules, interventions and parameters."""
        from vesiflux.store.sources import sources_of

        return sources_of(self.compiled, tuple(self.arms))

    def to_csv(self, folder: str | Path) -> Path:
        """Write ``summary.csv``, ``draws.csv`` and ``series.csv`` to ``folder``; returns the folder."""
        from vesiflux.store.export import write_csv

        self.require_finished()
        return write_csv(self, Path(folder))

    def require_finished(self) -> None:
        """Raise `RunError` where something of the run is still to be computed; before anything is written."""
        for arm, info in self.arms.items():
            for structure in info["structures"]:
                self._entry(arm, structure)

    # ------------------------------------------------------------ reading

    def outputs(self, series: bool | None = None) -> dict[str, str]:
        """Output -> unit; ``series``: only those that are, or are not, kept over time."""
        return {n: u for n, u, kept in self.record["outputs"] if series is None or kept == series}

    def _output(self, name: str) -> tuple[str, bool]:
        for known, unit, kept in self.record["outputs"]:
            if known == name:
                return unit, kept
        raise InputError(_unknown("output", name, self.outputs()))

    def _entry(self, arm: str, structure: str | None) -> Mapping[str, Any]:
        """Record of one arm under one structure, its default where none is named."""
        if arm not in self.arms:
            raise InputError(_unknown("arm", arm, self.arms))
        info = self.arms[arm]
        wanted = info["default"] if structure is None else structure
        if wanted not in info["structures"]:
            raise InputError(_unknown(f"structure of arm {arm}", wanted, info["structures"]))
        entry: Mapping[str, Any] = info["structures"][wanted]
        if "blocks" not in entry:
            cure = f"go on with vesiflux run {self.model_name} --resume {self.path}"
            raise RunError(f"{self.path}: the run is not finished; {cure}")
        return entry

    def _lane_final(self, output: str, arm: str, structure: str | None) -> Floats:
        entry = self._entry(arm, structure)
        return values(read_columns(self._store, entry, [output]), output)

    def _lane_finals(self, outputs: Sequence[str], arm: str, structure: str | None) -> dict[str, Floats]:
        table = read_columns(self._store, self._entry(arm, structure), outputs)
        return {n: values(table, n) for n in outputs}

    def _lane_series(self, output: str, arm: str, structure: str | None) -> Floats:
        """Shape (draw * replicate, T)."""
        entry = self._entry(arm, structure)
        rows = Rows.of(entry)
        parts = [read_series(self._store.block(entry["group"], n), output) for n in rows.blocks]
        return np.concatenate(parts)[rows.taken([len(p) for p in parts])]

    def _accumulated(self, output: str, arm: str, structure: str | None, window: float | None) -> Floats:
        """A cumulative output at the end, or after ``window`` h (between record times: a straight line)."""
        if window is None:
            return self._lane_final(output, arm, structure)
        times = self.times
        if not times[0] < window <= times[-1]:
            raise InputError(f"window of {window} h: the run lasts {times[-1]} h")
        course = self._lane_series(output, arm, structure)
        upper = int(np.searchsorted(times, window))
        share = (window - times[upper - 1]) / (times[upper] - times[upper - 1])
        found: Floats = course[:, upper - 1] + share * (course[:, upper] - course[:, upper - 1])
        return found

    def _per_draw(self, lanes: Floats) -> Floats:
        """Mean over replicates, shape (draw, ...)."""
        if self.replicates == 1:
            return lanes
        return np.asarray(lanes.reshape(self.draws, self.replicates, *lanes.shape[1:]).mean(axis=1))

    def _medians(self, arm: str, structure: str) -> dict[str, Any]:
        row: dict[str, Any] = {}
        known: Mapping[str, tuple[str, str]] = self.record["rates"]
        # all at once: each reading opens every block of the arm
        lanes = self._lane_finals(
            list(dict.fromkeys(n for pair in known.values() for n in pair)), arm, structure
        )
        for name, (over, under) in known.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                rates = self._per_draw(lanes[over] / lanes[under])
            rates = rates[np.isfinite(rates)]
            row[name] = float(np.median(rates)) if len(rates) else None
        failed = self._entry(arm, structure)["failed"]
        return row | ({"failed_lanes": failed} if failed else {})


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(known), 3) or list(known)[:8]
    return f"no {what} named {name!r}; did you mean {', '.join(map(repr, near))}?"
