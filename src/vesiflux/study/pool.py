"""Where blocks are computed: this process, or a pool that survives the death of its workers.

A worker is one process with one pipe, so that a death is seen at once and the block that was being
computed is known: it goes back to the queue and a new worker takes the dead one's place. Workers are
forked from a clean server process (never from this one: numba's and Arrow's threads do not survive it).
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from vesiflux.errors import InputError, RunError, VesifluxError
from vesiflux.study.work import Outcome, Task, Worker

__all__ = ["work_through"]

#: Loaded once in the server process; workers start with them.
PRELOAD = ("vesiflux.study.work", "vesiflux.engines.compartments.prepare", "scipy.special", "pyarrow.parquet")
#: One worker is one thread, whatever the libraries would like.
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: A block that killed this many workers kills them all.
DEATHS = 3
#: Seconds between two looks at a block that another process has claimed.
PATIENCE_S = 0.1

#: Seconds of work that make it worth opening a pool: about twice what opening one takes.
POOL_PAYS_S = 4.0

Done = Callable[[Task, Outcome], None]


def work_through(tasks: Sequence[Task], make: Mapping[str, Any], threads: int, done: Done) -> None:
    """Do all tasks; ``done`` is told of each finished one.

    ``make``: arguments of `Worker`, without ``threads``.
    Work starts in this process, with the engine on all threads; a
    pool of ``threads`` workers takes over once what is left is long enough to pay for opening it. Blocks
    claimed by another process are waited for.
    Raises `RunError` when the store refuses a block or a block kills worker after worker.
    """
    pays = POOL_PAYS_S if threads > 1 else math.inf
    left = deque(tasks)
    if pays > 0:
        _alone(left, Worker(**make, threads=threads), done, pays)
    if left:
        pool = _Pool(make, min(threads, len(left)))
        try:
            pool.work_through(left, done)
        finally:
            pool.close()


def _alone(left: deque[Task], worker: Worker, done: Done, pays: float) -> None:
    """Do tasks here until none is left, or what is left would take longer than ``pays`` seconds."""
    fastest = 0.0
    began = math.nan  # the first task also loads the kernels and says nothing of the others
    busy = 0
    while left and fastest * len(left) <= pays:
        task = left.popleft()
        outcome = worker.run(task)
        now = time.perf_counter()
        if outcome.kind == "busy":
            left.append(task)
            busy += 1
            if busy >= len(left):  # nothing left but what others are computing
                time.sleep(PATIENCE_S)
                busy = 0
        else:
            if outcome.kind == "stored" and not math.isnan(began):
                fastest = min(fastest or math.inf, now - began)
            done(task, outcome)
        began = time.perf_counter()


class _Member:
    """One worker process, its pipe, and what it is doing."""

    def __init__(self, context: Any, make: Mapping[str, Any]) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, make), daemon=True)
        with _without_main():
            self.process.start()
        theirs.close()
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        self.task = task
        with suppress(OSError):  # dead already: the loop sees the closed pipe and takes the task back
            self.pipe.send(task)

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


class _Pool:
    def __init__(self, make: Mapping[str, Any], size: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(PRELOAD))
        self._make = make
        self._members: list[_Member] = []
        with _single_threaded():
            for _ in range(size):
                self._members.append(_Member(self._context, make))

    def work_through(self, tasks: Sequence[Task], done: Done) -> None:
        queue = deque(tasks)
        claimed: deque[tuple[float, Task]] = deque()  # not before, task
        deaths: dict[Task, int] = {}
        left = len(tasks)
        while left:
            now = time.monotonic()
            while claimed and claimed[0][0] <= now:
                queue.append(claimed.popleft()[1])
            for member in self._members:
                if member.task is None and queue:
                    member.give(queue.popleft())
            pause = max(claimed[0][0] - now, 0.0) if claimed else None
            ready = wait([m.pipe for m in self._members if m.task is not None], pause)
            for member in [m for m in self._members if m.pipe in ready]:
                task = member.task
                assert task is not None
                try:
                    answer = member.pipe.recv()
                except (EOFError, OSError):
                    queue.appendleft(task)
                    self._replace(member, task, deaths)
                    continue
                member.task = None
                outcome = _outcome(answer)
                if outcome.kind == "busy":
                    claimed.append((time.monotonic() + PATIENCE_S, task))
                else:
                    left -= 1
                    done(task, outcome)

    def _replace(self, member: _Member, task: Task, deaths: dict[Task, int]) -> None:
        member.process.join(5)
        code = member.process.exitcode
        member.stop()
        deaths[task] = deaths.get(task, 0) + 1
        if deaths[task] >= DEATHS:
            raise RunError(
                f"draws {task.start} to {task.stop - 1} ended their worker process {DEATHS} times "
                f"({_ending(code)}); finished blocks are kept: resume with fewer threads or smaller blocks"
            )
        self._members[self._members.index(member)] = _Member(self._context, self._make)

    def close(self) -> None:
        for member in self._members:
            member.stop()


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}: usually out of memory" if name == "SIGKILL" else name


def _outcome(answer: Any) -> Outcome:
    """What a worker sent; what it raised is raised here."""
    if isinstance(answer, Outcome):
        return answer
    kind, text = answer
    if kind == "input":
        raise InputError(text)
    if kind == "run":
        raise RunError(text)
    raise RuntimeError(f"in a worker:\n{text}")


def _serve(pipe: Connection, make: Mapping[str, Any]) -> None:
    """A worker's life: one task after the other until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    worker: Worker | None = None
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        answer: Outcome | tuple[str, str]
        try:
            worker = worker or Worker(**make)
            answer = worker.run(task)
        except InputError as error:
            answer = ("input", str(error))
        except VesifluxError as error:
            answer = ("run", str(error))
        except Exception:  # an error of ours: the parent raises it with this traceback
            answer = ("bug", traceback.format_exc())
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return


@contextmanager
def _single_threaded() -> Iterator[None]:
    """The server process, started inside, tells libraries to use one thread."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _without_main() -> Iterator[None]:
    """Start a process that does not import the caller's script again.

    multiprocessing runs the top level of ``__main__`` in every worker, which a script without
    ``if __name__ == "__main__"`` does not survive. Workers need nothing of it.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {n: main.__dict__.pop(n) for n in ("__file__", "__spec__") if n in main.__dict__}
    main.__dict__["__spec__"] = None
    try:
        yield
    finally:
        main.__dict__.update(hidden)
