"""Progress on stderr for work that takes longer than two seconds."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBars"]

PATIENCE_S = 2.0


class ProgressBars:
    """Callable ``(stage, done, total)`` that shows one bar per stage, once two seconds have gone by.

    Where stderr is no terminal each stage is told once, as a line. Compiling kernels blocks the caller, so
    the bars are opened by a timer rather than by the next call.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()
        self._stages: dict[str, tuple[int, int]] = {}
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._timer = threading.Timer(PATIENCE_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> ProgressBars:
        if not self._quiet:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._bars is not None:
                self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell that `done` of `total` units of `stage` are finished."""
        with self._lock:
            self._stages[stage] = (done, total)
            if self._bars is not None:
                self._draw(stage, done, total)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                disable=not typer.get_text_stream("stderr").isatty(),
            )
            self._bars.start()
            for stage, (done, total) in self._stages.items():
                if done < total:
                    self._draw(stage, done, total)

    def _draw(self, stage: str, done: int, total: int) -> None:
        assert self._bars is not None
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
            if self._bars.disable:
                typer.echo(f"{stage} ({total})", err=True)
        self._bars.update(self._tasks[stage], completed=done, total=total)
