"""One cell whose carriers are individuals: what `engines.ssa` needs to simulate it.

Carriers (multivesicular bodies, say) are counted by stage, and each has its own contents. Everything else
in the cell is a continuous state. A *channel* is something that happens to one carrier, to one of its
contents, or a vesicle set free on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from vesiflux.ir.program import Output, ParameterSlot, Program, StateSlot, Tape

__all__ = ["SEED", "CellProgram", "Channel", "ChannelKind"]

#: The parameter that tells cells of one parameter set apart: a number in (0, 1), their random stream.
SEED = "cell.seed"


class ChannelKind(IntEnum):
    """What a channel does."""

    MOVE = 0  # a carrier goes from stage to stage, comes in, or leaves
    GAIN = 1  # a carrier gains one of a content, as far as it has room
    LOSS = 2  # a carrier loses one of a content
    RELEASE = 3  # one vesicle of a class is set free that no carrier held


@dataclass(frozen=True)
class Channel:
    """Its rate is coefficient x weight, per hour and cell.

    The coefficient depends on continuous states and parameters: between two time steps it is a straight
    line. The weight depends on counts: it is taken anew after every event. ``weight``: tape of one result,
    or None where it is the number of carriers at stage ``source``.
    ``source``, ``target``: stages, -1 outside. ``content``: index of a content (GAIN, LOSS).
    ``released``: index of the vesicle class that the contents (MOVE) or the vesicle (RELEASE) become, or -1.
    ``reads``: states (of stages and contents) that the weight depends on.
    """

    name: str
    kind: ChannelKind
    source: int
    target: int
    content: int
    released: int
    weight: Tape | None
    reads: tuple[int, ...]


@dataclass(frozen=True)
class CellProgram:
    """A single cell of a model, with the registers of a `Program` and further tapes.

    ``mean``: the model's differential equations; their state at rest is where cells begin.
    ``stages``: states that count carriers. ``contents``: name -> state per stage, -1 where a stage holds
    none. ``continuous``: the other states of the cell, with ``rhs`` for their rates. ``coefficients``: one
    result per channel, then the capacity of a carrier (infinite: none given).
    ``outputs``: those of ``outputs_tape``; then vesicles released of each class, hours lived and how
    often each burst channel happened, which the engine counts.
    """

    name: str
    constants: npt.NDArray[np.float64]
    parameters: tuple[ParameterSlot, ...]
    inputs: tuple[ParameterSlot, ...]
    states: tuple[StateSlot, ...]
    outputs: tuple[Output, ...]
    mean: Program
    n_registers: int
    hoisted_base: int
    prologue: Tape
    rhs: Tape
    coefficients: Tape
    outputs_tape: Tape
    continuous: npt.NDArray[np.int64]
    stages: npt.NDArray[np.int64]
    stage_names: tuple[str, ...]
    contents: npt.NDArray[np.int64]  # (contents, stages)
    content_names: tuple[str, ...]
    classes: tuple[str, ...]
    channels: tuple[Channel, ...]

    @property
    def parameter_base(self) -> int:
        """First register of the parameters."""
        return len(self.constants)

    @property
    def input_base(self) -> int:
        """First register of the inputs."""
        return self.parameter_base + len(self.mean.parameters)

    @property
    def state_base(self) -> int:
        """First register of the states."""
        return self.input_base + len(self.inputs)

    @property
    def bursting(self) -> tuple[int, ...]:
        """Channels that set a carrier's contents free."""
        return tuple(i for i, c in enumerate(self.channels) if c.kind is ChannelKind.MOVE and c.released >= 0)
