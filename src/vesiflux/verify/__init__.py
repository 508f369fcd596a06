"""Verify: a virtual experiment per claim, in the whole model, and what each verdict rests on.

The room can be called as the function `verify` in it, so that ``vesiflux.verify(...)`` means the same
whether or not somebody imported the room before.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

from vesiflux.verify.result import Verdict, Verification
from vesiflux.verify.run import verify

__all__ = ["Verdict", "Verification", "verify"]


class _Room(ModuleType):
    """A module that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Verification:
        """`verify`."""
        return verify(*args, **kwargs)


__signature__ = inspect.signature(verify)
sys.modules[__name__].__class__ = _Room
