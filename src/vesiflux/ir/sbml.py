"""SBML Level 3 Version 2 of one lane of a program: one parameter set, one arm.

States become parameters with rate rules, shared sub-expressions and outputs become assignment
rules, doses and switches become events. Needs the extra ``sbml`` (python-libsbml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError, RunError
from vesiflux.ir.coherent import si_parts
from vesiflux.ir.program import Event, Op, ParameterSlot, Program, StateSlot, Tape

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["sbml_id", "sbml_text", "write_sbml"]

#: Binary operations written between their operands.
_INFIX = {Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.DIV: "/"}

#: The others, as Level 3 formulas.
_FORMULA = {
    Op.NEG: "-({a})",
    Op.POW: "max({a}, 0)^({b})",
    Op.EXP: "exp({a})",
    Op.LOG: "ln({a})",
    Op.SQRT: "sqrt(max({a}, 0))",
    Op.MIN: "min({a}, {b})",
    Op.MAX: "max({a}, {b})",
    Op.ABS: "abs({a})",
    Op.FMA: "({a}) * ({b}) + ({c})",
    Op.HILL: "({c}) * max({a}, 0)^({b}) / (({d}) + max({a}, 0)^({b}))",
    Op.OR: "({a}) + ({b}) - ({a}) * ({b})",
    Op.ANDNOT: "({a}) * (1 - ({b}))",
    Op.RELAX: "(({a}) * ({b}) - ({c})) * ({d})",
    Op.LT: "piecewise(1, ({a}) < ({b}), 0)",
    Op.LE: "piecewise(1, ({a}) <= ({b}), 0)",
    Op.SELECT: "piecewise({b}, ({a}) != 0, {c})",
    Op.COPY: "{a}",
    Op.SIN: "sin({a})",
    Op.COS: "cos({a})",
}

#: Operands that appear more than once in a formula, and are named first.
_REPEATED = {Op.HILL: (0, 1), Op.OR: (0, 1)}
_OPERANDS = {
    Op.FMA: 3, Op.HILL: 4, Op.RELAX: 4, Op.SELECT: 3, Op.NEG: 1, Op.EXP: 1, Op.LOG: 1,
    Op.SQRT: 1, Op.ABS: 1, Op.COPY: 1, Op.SIN: 1, Op.COS: 1,
}  # fmt: skip


def sbml_id(name: str) -> str:
    """A valid SId that still reads like ``name``."""
    cleaned = re.sub(r"\W", "_", name.replace("+", "plus").replace("-", "_"))
    return cleaned if re.match(r"[A-Za-z_]", cleaned) else f"_{cleaned}"


def write_sbml(path: Path | str, *args: Any, **kwargs: Any) -> Path:
    """Write `sbml_text` to ``path``."""
    target = Path(path)
    target.write_text(sbml_text(*args, **kwargs), encoding="utf-8")
    return target


def sbml_text(
    program: Program,
    parameters: npt.NDArray[np.float64],
    initial: npt.NDArray[np.float64],
    *,
    inputs: npt.NDArray[np.float64] | None = None,
    events: Sequence[Event] = (),
    notes: Mapping[str, str] | None = None,
) -> str:
    """The SBML document of one lane.

    Parameters
    ----------
    program : the compiled model.
    parameters : shape (n_parameters,), values of the lane, inside units.
    initial : shape (n_states,), states at t = 0 (after equilibration, before events at t = 0).
    inputs : shape (n_inputs,), from t = 0; default: the program's own.
    events : doses, medium changes and switches, in time order.
    notes : dotted name -> human-readable title.

    Raises
    ------
    InputError : python-libsbml is not installed.
    RunError : libsbml finds the document inconsistent (a defect of this module).
    """
    try:
        import libsbml
    except ImportError:
        raise InputError(
            "SBML export needs python-libsbml; install it with: pip install 'vesiflux[sbml]'"
        ) from None
    return _Writer(libsbml, program, notes or {}).write(parameters, initial, inputs, events)


class _Writer:
    """Builds one document; names every register as it goes."""

    def __init__(self, libsbml: ModuleType, program: Program, titles: Mapping[str, str]) -> None:
        self.libsbml = libsbml
        self.program = program
        self.titles = titles
        self.document = libsbml.SBMLDocument(3, 2)
        self.model = self.document.createModel()
        self.used: set[str] = {"time"}
        self.units: dict[str, str] = {}
        self.base: dict[int, str] = {}
        self.helpers = 0

    def write(
        self,
        parameters: npt.NDArray[np.float64],
        initial: npt.NDArray[np.float64],
        inputs: npt.NDArray[np.float64] | None,
        events: Sequence[Event],
    ) -> str:
        program, model = self.program, self.model
        model.setId(self._fresh(sbml_id(program.name)))
        model.setName(program.name)
        model.setTimeUnits(self._unit("h"))
        for i, value in enumerate(program.constants):
            self.base[i] = _number(float(value))
        groups: tuple[tuple[int, Sequence[ParameterSlot | StateSlot], Any, bool], ...] = (
            (program.parameter_base, program.parameters, parameters, True),
            (program.input_base, program.inputs, inputs, False),
            (program.state_base, program.states, initial, False),
        )
        for offset, slots, values, constant in groups:
            for i, slot in enumerate(slots):
                value = slot.value if values is None and isinstance(slot, ParameterSlot) else float(values[i])
                self.base[offset + i] = self._parameter(slot.name, slot.unit, value, constant)
        self._hoist()
        for i, formula in enumerate(self._formulas(program.rhs)):
            rule = model.createRateRule()
            rule.setVariable(self.base[program.state_base + i])
            rule.setMath(self._math(formula))
        for output, formula in zip(program.outputs, self._formulas(program.outputs_tape), strict=True):
            self._assign(
                self._parameter(f"out.{output.name}", output.unit, None, False, output.name), formula
            )
        for i, event in enumerate(events):
            self._event(i, event)
        self._check()
        return str(self.libsbml.writeSBMLToString(self.document))

    def _hoist(self) -> None:
        """What depends on parameters and inputs only, as assignment rules."""
        results = self._formulas(self.program.prologue, keep=True)
        for i, formula in enumerate(results):
            self.base[self.program.hoisted_base + i] = formula

    def _formulas(self, tape: Tape, keep: bool = False) -> list[str]:
        """Level 3 formulas of a tape's results; values read more than once get an assignment rule."""
        readers = _readers(tape)
        registers = dict(self.base)
        for position, row in enumerate(tape.code):
            op = Op(int(row[0]))
            operands = [registers[int(r)] for r in row[2 : 2 + _OPERANDS.get(op, 2)]]
            for k in _REPEATED.get(op, ()):
                operands[k] = self._named(operands[k])
            formula = self._formula(op, operands)
            if readers[position] > 1 or keep or len(formula) > 400:
                formula = self._named(formula)
            registers[int(row[1])] = formula
        return [registers[int(r)] for r in tape.results]

    def _formula(self, op: Op, operands: Sequence[str]) -> str:
        if op in _INFIX:
            return f"({operands[0]}) {_INFIX[op]} ({operands[1]})"
        if op not in _FORMULA:
            raise RunError(f"SBML export knows no form of the operation {op.name}")
        return _FORMULA[op].format(**dict(zip("abcd", operands, strict=False)))

    def _named(self, formula: str) -> str:
        """The formula itself where it is an identifier or a number, else a helper parameter."""
        if re.fullmatch(r"[A-Za-z_]\w*|[-+]?[\d.]+(e[-+]?\d+)?", formula):
            return formula
        self.helpers += 1
        name = self._fresh(f"v{self.helpers}")
        helper = self.model.createParameter()
        helper.setId(name)
        helper.setConstant(False)
        self._assign(name, formula)
        return name

    def _event(self, number: int, event: Event) -> None:
        created = self.model.createEvent()
        created.setId(self._fresh(f"event_{number + 1}"))
        created.setName(event.label)
        created.setUseValuesFromTriggerTime(True)
        trigger = created.createTrigger()
        # false before, so that an event at t = 0 fires; persistent, as nothing can undo it
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(self._math(f"time >= {_number(event.time)}"))
        priority = created.createPriority()
        priority.setMath(self._math(str(-number)))
        targets: list[tuple[str, str]] = []
        if event.tape is not None:
            formulas = self._formulas(event.tape)
            targets += [
                (self.base[self.program.state_base + int(s)], f)
                for s, f in zip(event.states, formulas, strict=True)
            ]
        targets += [(self.base[self.program.input_base + i], _number(v)) for i, v in event.inputs.items()]
        for variable, formula in targets:
            assignment = created.createEventAssignment()
            assignment.setVariable(variable)
            assignment.setMath(self._math(formula))

    # ------------------------------------------------------------ small parts

    def _parameter(self, name: str, unit: str, value: float | None, constant: bool, title: str = "") -> str:
        parameter = self.model.createParameter()
        identifier = self._fresh(sbml_id(name))
        parameter.setId(identifier)
        parameter.setName(self.titles.get(name, title or name))
        parameter.setConstant(constant)
        parameter.setUnits(self._unit(unit))
        if value is not None:
            parameter.setValue(value)
        return identifier

    def _assign(self, variable: str, formula: str) -> None:
        rule = self.model.createAssignmentRule()
        rule.setVariable(variable)
        rule.setMath(self._math(formula))

    def _math(self, formula: str) -> Any:
        tree = self.libsbml.parseL3Formula(formula)
        if tree is None:
            raise RunError(f"SBML export: {self.libsbml.getLastParseL3Error()}")
        return tree

    def _fresh(self, wanted: str) -> str:
        name, n = wanted, 1
        while name in self.used:
            n += 1
            name = f"{wanted}_{n}"
        self.used.add(name)
        return name

    def _unit(self, unit: str) -> str:
        """Id of the unit definition of ``unit``; counted things (vesicle, copy, cell) are items."""
        if unit not in self.units:
            self.units[unit] = self._define(unit)
        return self.units[unit]

    def _define(self, unit: str) -> str:
        factor, powers = si_parts(unit)
        if not powers:
            return "dimensionless"
        definition = self.model.createUnitDefinition()
        identifier = self._fresh(sbml_id(f"unit_{unit.replace('/', '_per_').replace('^', '')}"))
        definition.setId(identifier)
        definition.setName(unit)
        first = True
        for kind, exponent in powers:
            part = definition.createUnit()
            part.setKind(self.libsbml.UnitKind_forName(kind))
            part.setExponent(float(exponent))
            part.setScale(0)
            part.setMultiplier(factor ** (1.0 / float(exponent)) if first else 1.0)
            first = False
        return identifier

    def _check(self) -> None:
        self.document.setConsistencyChecks(self.libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
        self.document.setConsistencyChecks(self.libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
        self.document.checkConsistency()
        for i in range(self.document.getNumErrors()):
            error = self.document.getError(i)
            if error.getSeverity() >= self.libsbml.LIBSBML_SEV_ERROR:
                raise RunError(f"SBML export: {error.getShortMessage()}: {error.getMessage().strip()}")


def _readers(tape: Tape) -> list[int]:
    """How often each instruction's result is read before its register is written again."""
    writer: dict[int, int] = {}
    count = [0] * len(tape.code)
    for position, row in enumerate(tape.code):
        for register in row[2 : 2 + _OPERANDS.get(Op(int(row[0])), 2)]:
            if int(register) in writer:
                count[writer[int(register)]] += 1
        writer[int(row[1])] = position
    for register in tape.results:
        if int(register) in writer:
            count[writer[int(register)]] += 1
    return count


def _number(value: float) -> str:
    text = repr(float(value))
    return text if value >= 0 else f"({text})"
