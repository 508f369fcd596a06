"""The parts of the language that say what is done: interventions, arms, choices, the schedule, the run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from vesiflux.language.base import Names, Part, Value

__all__ = [
    "Arm",
    "Choice",
    "Effect",
    "Intervention",
    "Reported",
    "RunPlan",
    "ScheduleItem",
]


class Effect(Part):
    """One effect of an intervention on one target, in one of its alternative readings."""

    target: str
    factor: Value  # multiplies the target while the intervention is on
    alternative: str = ""  # effects with the same label act together; labels compete


class Intervention(Part):
    """Something done to the system. Exactly one of ``inhibits``, ``blocks``, ``scales``, ``sets``.

    Targets are module nodes or parameters (``SMPD3``, ``mvb.SMPD3``, ``producer.mvb.SMPD3``), or
    response nodes (``blocks``). Several targets at once: a mapping target -> Value in ``effects``.
    """

    preset: Names = ""
    title: str = ""
    inhibits: str | None = None  # target x (1 - efficacy)
    blocks: str | None = None  # output of a response node x (1 - efficacy)
    scales: str | None = None  # target x factor
    efficacy: Value | None = None
    factor: Value | None = None
    effects: tuple[Effect, ...] = ()  # the general form; `alternative` groups compete
    dose: Value | None = None  # with half: efficacy x dose / (dose + half)
    half: Value | None = None
    # "before": the cells are at rest under it at t = 0
    start: Annotated[Literal["before"] | Value, Field(union_mode="left_to_right")] = Value(typical="0 h")
    stop: Value | None = None
    claims: tuple[str, ...] = ()
    source: str = ""
    mark: Literal["read", "derived", "assumed", "calibrated", "predicted"] = "assumed"
    note: str = ""


class Reported(Part):
    """What a paper reported for an arm: to be compared with, never fitted to."""

    readout: str  # a summary name: exosomes_per_cell_per_hour, or a module readout "mvb.rab27a_protein"
    low: float | None = None
    high: float | None = None
    sign: Literal["+", "-", "0"] | None = None
    window: Value | None = None  # length of the assay
    claim: str = ""
    note: str = ""
    # what is doubtful about it; "assay": what was measured is not the release of living cells
    doubtful: Literal["assay", "number", "dose", "cell", "citation", "cause"] | None = None
    doubt: str = ""


class Arm(Part):
    """One experimental arm: interventions, choices and parameter values; compared with ``against``."""

    title: str = ""
    interventions: tuple[str, ...] = ()
    set: dict[str, Any] = {}  # choice -> option, or parameter -> value
    against: str | None = None
    mark: Literal["calibrated", "predicted", "assumed", "exceeds machinery", "control"] = "assumed"
    # where it acts; "unknown": nothing says where, so that it is run on every feasible node
    node: Literal["known", "inferred", "unknown"] = "inferred"
    reported: tuple[Reported, ...] = ()
    note: str = ""


class Choice(Part):
    """A named alternative set of parameter values (cell type, species); rows may come from a table."""

    title: str = ""
    default: str
    scope: str = ""  # prefix of the parameter names in the options, e.g. a cell's name
    options: dict[str, dict[str, Value]] = {}
    titles: dict[str, str] = {}


class ScheduleItem(Part):
    """Something done to the dish at a time: exactly one of ``dose``, ``add``, ``change_medium``."""

    at: Value
    dose: str | None = None  # a preparation
    amount: Value | None = None  # vesicle, or vesicle/mL
    over: Value | None = None  # evenly over this time, as an infusion; None: at once
    parameter: str = ""  # name of the amount, to be set by; else schedule.N.amount
    into: str = "blood"  # body only: the blood, the lymph, an organ or a depot
    volume: Value | None = None  # body only: of the fluid that is given, held against what the species bears
    add: str | None = None  # a factor; amount in molecule or molecule/mL
    change_medium: Value | None = None  # share replaced
    arms: tuple[str, ...] = ()  # only in these arms; empty: all
    repeat: Value | None = None  # period
    times: Annotated[int, Field(ge=1, le=1000)] = 1


class RunPlan(Part):
    """How long, how often recorded, with which tolerances; which arms by default."""

    duration: Value = Field(alias="for")
    record: Value = Value(typical="1 h")
    equilibrate: StrictBool = True  # cell programs start at rest (under "before" interventions)
    rtol: float = 1e-6
    atol: float = 1e-9
    method: Literal["auto", "dopri5", "rodas4"] = "auto"
    draws: int = 64
    arms: tuple[str, ...] = ()
    # tissue only:
    frames: Value | None = None  # between pictures of fields and cells; None: a twelfth of the run
    step: Value = Value(typical="6 min")  # of cells and of what ties them to the fields
    mechanics: Annotated[Literal["auto", "off"] | Value, Field(union_mode="left_to_right")] = "auto"
    tolerance: float = 1e-3  # relative error of the fields per step
