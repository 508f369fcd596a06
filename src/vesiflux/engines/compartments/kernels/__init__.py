"""Every compiled function of the compartments engine.

All arithmetic on rows is elementwise, every lane has its own clock, step size, event counter and record
counter, and a lane that is done takes the next job from a queue. So a job's numbers cannot depend on which
other jobs share its batch.

A file each: `arrays` (what is read and written), `tape`, `lanes`, `steps` (what both solvers share), `start`,
`lu`, and the solvers `explicit` and `implicit`. Each names in ``SOURCES`` every file that its machine code is
made of: see decision 003.
"""

from __future__ import annotations

from vesiflux.engines.compartments.kernels import explicit, implicit, start
from vesiflux.engines.compartments.kernels.arrays import (
    DONE,
    HILL_ANDNOT,
    HILL_OR,
    LANES,
    NOT_STEADY,
    PENDING,
    STIFF,
    Factor,
    Jobs,
    Model,
    Schedule,
    Work,
)
from vesiflux.engines.compartments.kernels.explicit import dopri5
from vesiflux.engines.compartments.kernels.implicit import rodas4
from vesiflux.engines.compartments.kernels.start import fastest_decay, initial_states

__all__ = [
    "DONE",
    "HILL_ANDNOT",
    "HILL_OR",
    "LANES",
    "NOT_STEADY",
    "PENDING",
    "SOURCES",
    "STIFF",
    "Factor",
    "Jobs",
    "Model",
    "Schedule",
    "Work",
    "dopri5",
    "fastest_decay",
    "initial_states",
    "rodas4",
]

#: Of all kernels: what a first run compiles.
SOURCES = tuple(dict.fromkeys((*explicit.SOURCES, *implicit.SOURCES, *start.SOURCES)))
