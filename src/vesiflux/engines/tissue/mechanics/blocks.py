"""Work over stretches of cells whose ends do not depend on the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from vesiflux.engines.tissue.pool import pool

__all__ = ["BLOCK", "SERIAL_BELOW", "Stretch", "Workers", "stretches", "workers"]

Item = TypeVar("Item")
T = TypeVar("T")
Stretch = tuple[int, int]

BLOCK = 4096  # cells
SERIAL_BELOW = 5000  # cells; fewer are not worth a thread


def stretches(n: int, length: int) -> list[Stretch]:
    """[(begin, end)] that cover n cells, each ``length`` long but the last."""
    return [(a, min(a + length, n)) for a in range(0, n, length)]


class Workers:
    """Runs a function over items, in threads where that pays."""

    def __init__(self, pool: ThreadPoolExecutor | None) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[Item], T], over: Sequence[Item]) -> list[T]:
        """Results in the order of ``over``."""
        if self._pool is None or len(over) < 2:
            return [work(s) for s in over]
        return list(self._pool.map(work, over))


@contextmanager
def workers(n: int, threads: int) -> Iterator[Workers]:
    """For ``n`` cells."""
    if threads < 2 or n < SERIAL_BELOW:
        yield Workers(None)
        return
    yield Workers(pool(threads))
