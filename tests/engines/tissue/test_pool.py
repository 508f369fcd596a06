"""Threads are kept, and a forked process makes its own."""

from __future__ import annotations

import os

import pytest

from vesiflux.engines.tissue.pool import pool


def test_threads_are_kept_by_number() -> None:
    assert pool(2) is pool(2)
    assert pool(2) is not pool(3)
    assert list(pool(2).map(lambda x: x + 1, range(4))) == [1, 2, 3, 4]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forks with threads: that is the point
def test_a_forked_process_does_not_wait_for_its_parents_threads() -> None:
    pool(2).submit(int).result()
    child = os.fork()
    if child == 0:
        done = pool(2).submit(lambda: 7).result(timeout=10.0)
        os._exit(done)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
