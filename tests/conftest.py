"""Property tests draw the same examples in every run; ``VESIFLUX_TEST_RANDOM=1`` searches for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
if not os.environ.get("VESIFLUX_TEST_RANDOM"):
    settings.load_profile("repeatable")
