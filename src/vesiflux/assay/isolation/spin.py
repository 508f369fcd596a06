"""Centrifugation and ultracentrifugation: what settles in the time the rotor turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.isolation.rotors import Rotor, rotor
from vesiflux.assay.sample import Population
from vesiflux.errors import InputError
from vesiflux.physics.pelleting import SVEDBERG, sedimentation_coefficient
from vesiflux.physics.stokes_einstein import water_viscosity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SPEED_FIELDS", "SPIN", "check_speed", "speed"]

SPEED_FIELDS = {
    "rotor": Field("text", "a rotor, e.g. SW 32 Ti"),
    "rpm": Field("1", "turns per minute, e.g. 28000", least=0.0, above=True),
    "force": Field("1", "multiples of gravity at the bottom of the tube, e.g. 100000", least=0.0, above=True),
}


def check_speed(settings: Settings) -> list[tuple[str, str]]:
    """Problems with rotor, rpm and force: no such rotor, faster than it may turn, both or neither given."""
    problems = []
    try:
        spun = rotor(settings["rotor"])
    except InputError as error:
        return [("rotor", str(error))]
    rpm, force = settings["rpm"], settings["force"]
    if (rpm is None) == (force is None):
        return [("rpm", "give either 'rpm' or 'force' (multiples of gravity at the bottom of the tube)")]
    key, turns = ("rpm", rpm) if rpm is not None else ("force", spun.rpm(force))
    if turns > spun.max_rpm * (1.0 + 1e-9):
        limit = f"{spun.max_rpm:.0f} rpm ({spun.force(spun.max_rpm):.0f} x g)"
        problems.append((key, f"{turns:.0f} rpm is too fast for {spun.name}; it turns at most at {limit}"))
    return problems


def speed(settings: Settings) -> tuple[Rotor, float]:
    """The rotor of a checked step and its turns per minute."""
    spun = rotor(settings["rotor"])
    rpm = settings["rpm"]
    return spun, spun.rpm(settings["force"]) if rpm is None else rpm


def _check(settings: Settings) -> list[tuple[str, str]]:
    problems = []
    if (settings["rotor"] is None) == (settings["k_factor"] is None):
        problems.append(("rotor", "give a 'rotor' with its speed, or a 'k_factor' (at the speed used)"))
    elif settings["rotor"] is not None:
        problems += check_speed(settings)
    elif settings["rpm"] is not None or settings["force"] is not None:
        problems.append(("k_factor", "a k-factor holds at its speed; leave 'rpm' and 'force' out"))
    if settings["keep"] == "supernatant" and settings["resuspend"] is not None:
        problems.append(("resuspend", "only a pellet is taken up again; write keep: pellet"))
    return problems


def _apply(flow: Flow, settings: Settings, draw: Draw) -> None:
    sample = flow.sample
    water = water_viscosity(settings["temperature"])

    def pelleted(population: Population) -> NDArray[np.float64]:
        coefficients = sedimentation_coefficient(
            population.diameters, population.kind.density, sample.density, water * sample.viscosity
        )
        if settings["rotor"] is None:
            return _by_k(coefficients, settings["time"], settings["k_factor"])
        spun, rpm = speed(settings)
        return spun.pelleted(coefficients, settings["time"], rpm)

    if settings["keep"] == "supernatant":
        flow.lose("pellet", pelleted)
        left = draw("pellet_liquid")
        flow.lose("left above the pellet", lambda _: left)
        flow.liquid(sample.volume * (1.0 - left))
        return
    liquid = draw("pellet_liquid")
    flow.lose("supernatant", lambda p: (1.0 - pelleted(p)) * (1.0 - liquid))
    taken = draw("pellet_taken_up")
    flow.lose("pellet not taken up", lambda _: 1.0 - taken)
    force = 1e5 if settings["rotor"] is None else speed(settings)[0].force(speed(settings)[1])
    burst = min(draw("spin_shear") * force / 1e5, 0.9)
    flow.lose("burst", lambda _: burst, only="vesicle")
    resuspend = settings["resuspend"]
    flow.buffer(sample.volume * 0.01 if resuspend is None else resuspend)


def _by_k(coefficients: NDArray[np.float64], hours: float, k: float) -> NDArray[np.float64]:
    """Share cleared after t when all are cleared after k/S: a tube short against its radius, so linear."""
    import numpy as np

    return np.asarray(np.clip(hours * coefficients / SVEDBERG / k, 0.0, 1.0))


SPIN = Step(
    "spin",
    "centrifuge or ultracentrifuge; keep the pellet or what is above it",
    {
        **SPEED_FIELDS,
        "k_factor": Field(
            "1", "clearing factor at the speed used, instead of a rotor", least=0.0, above=True
        ),
        "time": Field("h", "how long, e.g. 70 min", needed=True, least=0.0, above=True),
        "keep": Field("text", "which part", needed=True, choices=("pellet", "supernatant")),
        "resuspend": Field("mL", "volume the pellet is taken up in", least=0.0, above=True),
        "temperature": Field("K", "of the rotor", default=277.15, least=273.0, most=320.0),
    },
    _apply,
    _check,
)
