"""How names and words are compared: however they are spelt, spaced or put in capitals."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["squeeze"]

#: British and American spellings and Greek letters, brought to one; so short that parts of words still match.
_SPELT: Final = {
    "our": "or", "ae": "e", "oe": "e", "z": "s", "ll": "l", "fibre": "fiber",
    "α": "alpha", "β": "beta", "γ": "gamma", "κ": "kappa", "µ": "mu", "μ": "mu",
}  # fmt: skip
_SPELLING: Final = re.compile("|".join(_SPELT))
_BREAK: Final = re.compile(r"[-_\s]+")


def squeeze(text: str) -> str:
    """Lower case without hyphens, underscores and spaces, in one spelling (``tumour`` is ``tumor``)."""
    return _SPELLING.sub(lambda found: _SPELT[found[0]], _BREAK.sub("", text).casefold())
