"""Between the steps: storing, freezing, diluting, loading a drug."""

from __future__ import annotations

import math
from dataclasses import replace

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.sample import Cargo, Population

__all__ = ["DILUTE", "LOAD", "STORE"]

_BODY = 310.15
_ROOM = 293.15
_COLDEST = 193.15  # -80 degC; nothing is known to slow further


def _no_check(settings: Settings) -> list[tuple[str, str]]:
    return []


def _apply_store(flow: Flow, settings: Settings, draw: Draw) -> None:
    temperature = max(settings["temperature"], _COLDEST)
    q10 = draw("store_q10")
    half_life = draw("store_half_life_37") * q10 ** ((_BODY - temperature) / 10.0)
    lost = 1.0 - 0.5 ** (settings["time"] / half_life)
    flow.lose("decay", lambda _: lost, only="vesicle")
    leak_half_life = draw("drug_leak_half_life") * q10 ** ((_ROOM - temperature) / 10.0)
    leaked = 1.0 - 0.5 ** (settings["time"] / leak_half_life)
    flow.leak("leak", 0.0, {"drug": leaked})
    each, through = draw("freeze_loss"), draw("freeze_leak")
    cycles = settings["freezes"]
    if cycles > 0.0:
        flow.lose("freezing and thawing", lambda _: 1.0 - (1.0 - each) ** cycles, only="vesicle")
        flow.leak("freezing and thawing", 1.0 - (1.0 - through) ** cycles)


def _check_store(settings: Settings) -> list[tuple[str, str]]:
    cycles = settings["freezes"]
    if not math.isclose(cycles, round(cycles)):
        return [("freezes", f"'freezes' counts freezings and thawings; {cycles:g} is not a whole number")]
    return []


def _apply_dilute(flow: Flow, settings: Settings, draw: Draw) -> None:
    flow.buffer(settings["to"])


def _check_dilute(settings: Settings) -> list[tuple[str, str]]:
    given, to = settings["volume"], settings["to"]
    if given is not None and to < given * (1.0 - 1e-9):
        return [("to", f"{to:g} mL is less than the {given:.3g} mL there are; concentrate by a membrane")]
    return []


def _apply_load(flow: Flow, settings: Settings, draw: Draw) -> None:
    left: dict[str, Population] = {}
    for name, population in flow.sample.populations.items():
        cargo = population.cargo
        if population.kind.is_vesicle:
            cargo = (*cargo, Cargo(settings["cargo"], "lumen", settings["copies"]))
        left[name] = replace(population, cargo=cargo)
    flow.sample = replace(flow.sample, populations=left)


STORE = Step(
    "store",
    "keep for a time, frozen and thawed or not",
    {
        "temperature": Field("K", "e.g. 4 degC", needed=True, least=4.0, most=330.0),
        "time": Field("h", "e.g. 30 d", needed=True, least=0.0),
        "freezes": Field("1", "times frozen and thawed", default=0.0, least=0.0, most=100.0),
    },
    _apply_store,
    _check_store,
)

DILUTE = Step(
    "dilute",
    "fill up with buffer",
    {"to": Field("mL", "volume filled up to", needed=True, least=0.0, above=True)},
    _apply_dilute,
    _check_dilute,
)

LOAD = Step(
    "load",
    "put a drug into the lumen of every vesicle",
    {
        "cargo": Field("text", "its name", default="drug"),
        "copies": Field(
            "copy/vesicle", "mean copies per vesicle, e.g. 500 copy/vesicle", needed=True, least=0.0
        ),
    },
    _apply_load,
    _no_check,
)
