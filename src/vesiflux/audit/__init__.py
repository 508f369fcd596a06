"""Audit: can what a claim says of vesicles be, at any dose they come in?

From donor rate to deed as arithmetic over uncertain numbers, no model needed. The room can be called as the
function `audit` in it, so that ``vesiflux.audit(...)`` means the same whether or not it was imported before.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

from vesiflux.audit.judge import Findings
from vesiflux.audit.result import Audit, AuditVerdict
from vesiflux.audit.run import audit
from vesiflux.audit.sensitivity import sensitivity

__all__ = ["Audit", "AuditVerdict", "Findings", "audit", "sensitivity"]


class _Room(ModuleType):
    """A module that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Audit:
        """`audit`."""
        return audit(*args, **kwargs)


__signature__ = inspect.signature(audit)
sys.modules[__name__].__class__ = _Room
