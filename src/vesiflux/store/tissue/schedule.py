"""At which steps a tissue run is recorded and framed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.ir.tissue import TissuePlan

__all__ = ["Schedule"]


@dataclass(frozen=True)
class Schedule:
    """Whole numbers of steps. ``records``, ``frames``: ascending, the first is 0 and the last ``steps``."""

    step: float  # h
    steps: int
    records: tuple[int, ...]
    frames: tuple[int, ...]

    @classmethod
    def of(cls, plan: TissuePlan) -> Schedule:
        """The schedule of a plan; times between two steps go to the nearest one."""
        steps = max(1, round(plan.duration / plan.step))
        return cls(
            plan.step, steps, _marks(steps, plan.record / plan.step), _marks(steps, plan.frames / plan.step)
        )

    def time(self, step: int) -> float:
        """Time of a step, h; rounded to 1e-9 h, so that 0.1 h steps give 0.3 and not 0.30000000000000004."""
        return round(step * self.step, 9)

    @property
    def record_times(self) -> tuple[float, ...]:
        """Times of the rows of the series, h."""
        return tuple(map(self.time, self.records))

    @property
    def frame_times(self) -> tuple[float, ...]:
        """Times of the frames, h."""
        return tuple(map(self.time, self.frames))


def _marks(steps: int, every: float) -> tuple[int, ...]:
    if every <= 0:
        return 0, steps
    marks = {0, steps}
    marks.update(n for n in (round(k * every) for k in range(int(steps / every) + 2)) if n <= steps)
    return tuple(sorted(marks))
