"""Tables that a model names: stimuli become interventions, arms and structures; options fill choices.

``stimuli``: one row per (stimulus, target). Rows of one stimulus with the same ``alternative`` act
together; several labels compete as a structure group named after the stimulus. A stimulus without
any target is listed as unassigned and not run.

``choices.NAME``: one row per (option, parameter).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from vesiflux.errors import InputError, Problem
from vesiflux.language.positions import Finding, Path, Place, Positions
from vesiflux.language.schema import Arm, Choice, Intervention, ModelSpec, Structure
from vesiflux.language.tsv import Row, Table, read_table
from vesiflux.language.words import listed, meant

__all__ = ["CHOICE_COLUMNS", "STIMULI_COLUMNS", "Expanded", "expand_tables"]

STIMULI_COLUMNS = (
    ("stimulus", "target", "low", "typical", "high", "source", "mark"),
    ("title", "cell", "alternative", "default_alternative", "start", "stop", "dose", "readout",
     "reported_low", "reported_high", "reported_sign", "window", "claim", "note", "distribution",
     "doubtful", "doubt", "node"),
)  # fmt: skip
CHOICE_COLUMNS = (
    ("option", "parameter", "low", "typical", "high", "unit", "source", "mark"),
    ("title", "note", "distribution", "vary", "evidence"),
)

_ARM_MARKS = ("calibrated", "predicted", "assumed", "exceeds machinery")
_NODE = ("known", "inferred", "unknown")
_DOUBTFUL = ("assay", "number", "dose", "cell", "citation", "cause")
_MARKS = ("read", "derived", "assumed", "calibrated")
_DISTRIBUTIONS = ("lognormal", "normal", "logitnormal", "loguniform", "uniform", "fixed")


@dataclass
class Expanded:
    """A complete model, where its parts stand in the tables, and what is wrong there."""

    spec: ModelSpec
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # name of a table file -> its text
    whole: bool = True  # False: a table could not be read, and what it holds is not there


def expand_tables(spec: ModelSpec, positions: Positions, beside: FilePath | None) -> Expanded:
    """Fill ``spec`` from its tables; their places are added to ``positions``."""
    result = Expanded(spec)
    # choices first: stimuli name their options
    for key, name in sorted(spec.tables.items(), key=lambda item: item[0] == "stimuli"):
        path: Path = ("tables", key)
        kind, _, choice = key.partition(".")
        if key != "stimuli" and (kind != "choices" or not choice):
            message = f"a table is 'stimuli' or 'choices.NAME', not {key!r}"
            result.problems.append(positions.problem(Finding(path, message, key=True)))
            continue
        if beside is None:
            message = f"the table {name!r} lies beside the model, but this model has no file"
            result.problems.append(positions.problem(Finding(path, message)))
            continue
        columns = STIMULI_COLUMNS if key == "stimuli" else CHOICE_COLUMNS
        try:
            table = read_table(beside / name, *columns)
        except InputError as error:
            cause = error.problems[0].message if error.problems else str(error)
            result.problems.append(positions.problem(Finding(path, f"the table {name!r}: {cause}")))
            result.whole = False
            continue
        result.files[name] = (beside / name).read_text(encoding="utf-8-sig")
        if not table.problems:
            if key == "stimuli":
                _Stimuli(table, positions).expand(result)
            else:
                _expand_choice(choice, table, positions, result)
        result.whole = result.whole and not table.problems
        result.problems += table.all_problems()
    result.spec = result.spec.model_copy(update={"tables": {}})  # nothing is left to read
    return result


# ---------------------------------------------------------------- choices


def _expand_choice(name: str, table: Table, positions: Positions, result: Expanded) -> None:
    options: dict[str, dict[str, Any]] = {}
    titles: dict[str, str] = {}
    for row in table.rows:
        option, parameter = row.text("option"), row.text("parameter")
        if not option or not parameter:
            row.problem("option" if not option else "parameter", "a row needs an option and a parameter")
            continue
        if row.text("title"):
            titles.setdefault(option, row.text("title"))
        values = options.setdefault(option, {})
        if parameter in values:
            row.problem("parameter", f"{option} states {parameter} a second time")
            continue
        values[parameter] = _value(row)
        at: Path = ("choices", name, "options", option)
        positions.put({at: row.place("option")} if at not in positions.places else {})
        positions.put({(*at, parameter): row.place("parameter")})
        positions.put({(*at, parameter, key): row.place(key) for key in ("low", "typical", "high", "unit")})
    written = result.spec.choices.get(name)
    if written is None:
        written = Choice(default=next(iter(options), ""))
    both = sorted(set(written.options) & set(options))
    if both:
        finding = Finding(
            ("tables", f"choices.{name}"), f"the options {listed(both)} stand in the model as well"
        )
        result.problems.append(positions.problem(finding))
    choice = Choice.model_validate(
        {
            "title": written.title,
            "default": written.default,
            "scope": written.scope,
            "options": {**options, **written.options},
            "titles": {**titles, **written.titles},
        }
    )
    result.spec = result.spec.model_copy(update={"choices": {**result.spec.choices, name: choice}})


def _value(row: Row) -> dict[str, Any]:
    value: dict[str, Any] = {
        key: n for key in ("low", "typical", "high") if (n := row.number(key)) is not None
    }
    for key in ("unit", "source", "mark", "note", "distribution", "vary", "evidence"):
        if row.text(key):
            value[key] = row.text(key)
    if not row.text("evidence"):
        if not value.keys() & {"low", "typical", "high"}:
            row.problem("typical", "a number is missing: typical, or low and high")
        _require(row, "source", "where the number comes from")
        _require(row, "mark", listed(_MARKS))
    allowed = {
        "mark": _MARKS,
        "vary": ("draw", "replicate", "fixed"),
        "distribution": _DISTRIBUTIONS,
    }
    for key, words in allowed.items():
        if value.get(key, words[0]) not in words:
            row.problem(key, f"'{key}' is one of {listed(words)}, not {value.pop(key)!r}")
    return value


def _require(row: Row, column: str, what: str) -> None:
    if not row.text(column):
        row.problem(column, f"'{column}' is missing: {what}")


# ---------------------------------------------------------------- stimuli


@dataclass
class _Stimuli:
    """The table of stimuli on its way into a model."""

    table: Table
    positions: Positions
    interventions: dict[str, Intervention] = field(default_factory=dict)
    arms: dict[str, Arm] = field(default_factory=dict)
    structures: dict[str, Structure] = field(default_factory=dict)
    unassigned: dict[str, Arm] = field(default_factory=dict)

    def expand(self, result: Expanded) -> None:
        """Add what the table says to the model."""
        groups: dict[str, list[Row]] = {}
        for row in self.table.rows:
            if row.text("stimulus"):
                groups.setdefault(row.text("stimulus"), []).append(row)
            else:
                row.problem("stimulus", "a row needs the name of its stimulus")
        spec = result.spec
        for name, rows in groups.items():
            if name in spec.interventions or name in spec.arms or name == "control":
                rows[0].problem("stimulus", f"the model has an intervention or arm called {name!r} already")
                continue
            self._one(name, rows, spec)
        result.spec = spec.model_copy(
            update={
                "interventions": {**spec.interventions, **self.interventions},
                "arms": {**self._controls(spec), **spec.arms, **self.arms},
                "structures": {**spec.structures, **self.structures},
                "unassigned": {**spec.unassigned, **self.unassigned},
            }
        )

    def _controls(self, spec: ModelSpec) -> dict[str, Arm]:
        """Untreated arms that the stimuli are compared with, one per option used."""
        controls: dict[str, Arm] = {}
        for arm in self.arms.values():
            name = arm.against or "control"
            if name not in spec.arms:
                option = arm.set.get("cell")
                title = f"untreated, {option}" if option else "untreated"
                controls[name] = Arm(title=title, set=dict(arm.set), mark="control")
        return controls

    def _one(self, name: str, rows: list[Row], spec: ModelSpec) -> None:
        arm = self._arm(name, rows, spec)
        acting = [row for row in rows if row.text("target")]
        place = rows[0].place("stimulus")
        if not acting:
            self.unassigned[name] = arm
            self._put(("unassigned", name), place)
            return
        self.arms[name] = arm
        self._put(("arms", name), place)
        labels = dict.fromkeys(row.text("alternative") for row in acting)
        if len(labels) > 1 and "" in labels:
            bare = next(row for row in acting if not row.text("alternative"))
            bare.problem(
                "alternative", "the other rows of this stimulus name their alternative; name this one too"
            )
        competing = len(labels) > 1
        self.interventions[name] = self._intervention(name, rows, acting, competing)
        self._put(("interventions", name), place)
        if competing:
            self.structures[name] = self._structure(name, rows, acting)
            self._put(("structures", name), place)

    def _arm(self, name: str, rows: list[Row], spec: ModelSpec) -> Arm:
        option = _common(rows, "cell")
        if option:
            row = next(row for row in rows if row.text("cell"))
            known = spec.choices["cell"].options if "cell" in spec.choices else {}
            if option not in known:
                row.problem(
                    "cell", f"the choice 'cell' has no option {option!r}; {meant(option, known, 'options')}"
                )
                option = ""
        acts = any(row.text("target") for row in rows)
        reported: list[dict[str, Any]] = []
        for row in rows:
            if (one := _reported(row)) and one not in reported:
                at: Path = ("arms" if acts else "unassigned", name, "reported", len(reported))
                reported.append(one)
                for key, column in (
                    ("low", "reported_low"),
                    ("readout", "readout"),
                    ("claim", "claim"),
                    ("window", "window"),
                ):
                    self._put((*at, key), row.place(column))
        mark = _mark(rows)
        if mark not in _ARM_MARKS:
            rows[0].problem("mark", f"'mark' is one of {listed(_ARM_MARKS)}, not {mark!r}")
            mark = "assumed"
        node = _common(rows, "node") or "inferred"
        if node not in _NODE:
            rows[0].problem("node", f"'node' is one of {listed(_NODE)}, not {node!r}")
            node = "inferred"
        dose = _common(rows, "dose")
        notes = [f"dose: {dose}" if dose else "", *dict.fromkeys(row.text("note") for row in rows)]
        return Arm.model_validate(
            {
                "title": _common(rows, "title") or name,
                "interventions": [name] if acts else [],
                "set": {"cell": option} if option else {},
                "against": f"control@{option}" if option else "control",
                "mark": mark,
                "node": node,
                "reported": reported,
                "note": "; ".join(n for n in notes if n),
            }
        )

    def _intervention(self, name: str, rows: list[Row], acting: list[Row], competing: bool) -> Intervention:
        effects = []
        for i, row in enumerate(acting):
            label = row.text("alternative") if competing else ""
            factor: dict[str, Any] = {
                key: n for key in ("low", "typical", "high") if (n := row.number(key)) is not None
            }
            if not factor:
                row.problem("typical", "the factor on the target is missing: typical, or low and high")
                factor = {"typical": 1.0}
            _require(row, "source", "what the number rests on, or the word 'assumed'")
            if row.text("distribution") in _DISTRIBUTIONS:
                factor["distribution"] = row.text("distribution")
            elif row.text("distribution"):
                row.problem("distribution", f"'distribution' is one of {listed(_DISTRIBUTIONS)}")
            calibrated = row.text("mark") == "calibrated"
            effects.append(
                {
                    "target": row.text("target"),
                    "alternative": label,
                    "factor": {
                        **factor,
                        "unit": "1",
                        "source": row.text("source"),
                        "mark": "calibrated" if calibrated else "assumed",
                    },
                }
            )
            at: Path = ("interventions", name, "effects", i)
            self._put((*at, "target"), row.place("target"))
            self._put((*at, "factor"), row.place("typical"))
            for key in ("low", "typical", "high"):
                self._put((*at, "factor", key), row.place(key))
        start = _common(rows, "start")
        for key in ("start", "stop"):
            row = next((row for row in rows if row.text(key)), rows[0])
            self._put(("interventions", name, key), row.place(key))
        claims = dict.fromkeys(c.strip() for row in rows for c in row.text("claim").split(";") if c.strip())
        for i, claim in enumerate(claims):
            row = next(row for row in rows if claim in row.text("claim"))
            self._put(("interventions", name, "claims", i), row.place("claim"))
        data: dict[str, Any] = {
            "title": _common(rows, "title"),
            "effects": effects,
            "claims": list(claims),
            "source": "; ".join(dict.fromkeys(row.text("source") for row in rows if row.text("source"))),
            "mark": mark if (mark := _mark(rows)) in ("calibrated", "predicted") else "assumed",
            "note": "; ".join(dict.fromkeys(row.text("note") for row in rows if row.text("note"))),
        }
        if start:
            data["start"] = start
        if _common(rows, "stop"):
            data["stop"] = _common(rows, "stop")
        return Intervention.model_validate(data)

    def _structure(self, name: str, rows: list[Row], acting: list[Row]) -> Structure:
        chosen = dict.fromkeys(
            row.text("alternative") for row in acting if row.text("default_alternative") == "yes"
        )
        for row in rows:
            if row.text("default_alternative") not in ("", "yes", "no"):
                row.problem("default_alternative", "'default_alternative' is yes, no or blank")
        if len(chosen) != 1:
            rows[0].problem(
                "stimulus",
                f"{name}: one alternative is the default (default_alternative yes), here {len(chosen)}",
            )
        options: dict[str, Any] = {}
        for row in acting:
            options.setdefault(
                row.text("alternative"), {"title": row.text("alternative"), "source": row.text("source")}
            )
        return Structure.model_validate(
            {
                "title": f"{_common(rows, 'title') or name}: where it acts",
                "default": next(iter(chosen), next(iter(options))),
                "options": options,
                "concerns": [name],
            }
        )

    def _put(self, path: Path, place: Place) -> None:
        self.positions.put({path: place})


def _common(rows: list[Row], column: str) -> str:
    """What the rows of a stimulus say in a column that is about the whole; they must not disagree."""
    said = [row for row in rows if row.text(column)]
    for row in said[1:]:
        if row.text(column) != said[0].text(column):
            first = said[0].text(column)
            row.problem(column, f"'{column}' was {first!r} in line {said[0].line}; a stimulus has one")
    return said[0].text(column) if said else ""


def _mark(rows: list[Row]) -> str:
    """The mark of a stimulus is that of its first row; further rows may mark their own factors."""
    return next((row.text("mark") for row in rows if row.text("mark")), "assumed")


def _reported(row: Row) -> dict[str, Any] | None:
    """What a paper reported, if the row says so."""
    low, high, sign = row.number("reported_low"), row.number("reported_high"), row.text("reported_sign")
    if not row.text("readout"):
        if low is not None or high is not None or sign:
            row.problem("readout", "a reported value needs its readout, e.g. exosomes_per_cell_per_hour")
        return None
    if sign not in ("", "+", "-", "0"):
        row.problem("reported_sign", f"'reported_sign' is +, - or 0, not {sign!r}")
        sign = ""
    found = {
        "readout": row.text("readout"),
        "low": low,
        "high": high,
        "sign": sign or None,
        "claim": row.text("claim"),
    }
    if row.text("window"):
        found["window"] = row.text("window")
    if row.text("doubt") or row.text("doubtful"):
        if row.text("doubtful") not in _DOUBTFUL:
            row.problem("doubtful", f"'doubtful' is one of {listed(_DOUBTFUL)}, not {row.text('doubtful')!r}")
            return found
        _require(row, "doubt", "why it is doubtful")
        found |= {"doubtful": row.text("doubtful"), "doubt": row.text("doubt")}
    return found
