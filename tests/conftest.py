"""For all tests.

Property tests draw the same examples in every run; ``VESIFLUX_TEST_RANDOM=1`` searches for new ones. Workers
that run the whole suite compile the kernels together before they begin.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from tests.kernels import compile_together

settings.register_profile("repeatable", derandomize=True)
if not os.environ.get("VESIFLUX_TEST_RANDOM"):
    settings.load_profile("repeatable")

#: So many tests need most of the kernels; fewer compile what they need.
WHOLE = 1000


@pytest.fixture(scope="session", autouse=True)
def _kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    workers = getattr(request.config, "workerinput", {"workercount": 1})["workercount"]
    if workers > 1 and len(request.session.items) >= WHOLE:
        compile_together(tmp_path_factory.getbasetemp().parent)
