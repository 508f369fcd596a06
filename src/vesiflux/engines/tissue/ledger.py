"""Where everything that ever entered the tissue is: the two balances of every field."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.ledger import Ledger as Transported

__all__ = ["Ledger"]

Floats = npt.NDArray[np.float64]

#: Accounts outside of fields and cells, each an amount per field.
ACCOUNTS = (
    "initial", "dosed", "edited", "secreted", "recycled", "lysed", "taken", "consumed", "carried", "dead"
)  # fmt: skip


@dataclass
class Ledger:
    """Amounts so far, shape (n_fields,) each.

    ``initial``; ``dosed`` by the schedule; ``edited`` by whoever changed a field between steps; ``secreted``
    newly made by cells; ``recycled`` given back by them; ``lysed`` set free by necrosis; ``taken`` up into
    cells; ``consumed`` factors; ``carried`` into cells, or out with them, by whoever changed these; ``dead``:
    what cells held that ended.
    """

    n_fields: int
    accounts: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ACCOUNTS:
            self.accounts.setdefault(name, np.zeros(self.n_fields))

    def __getitem__(self, name: str) -> Floats:
        return self.accounts[name]

    def outside(self, amount: Floats, waiting: Floats, transport: Transported) -> Floats:
        """Relative imbalance of the medium, per field.

        ``amount`` in the fields now; ``waiting``: given by cells, not yet in the field; ``transport``: the
        fields' own ledger.
        """
        a = self.accounts
        came = a["initial"] + a["dosed"] + a["edited"] + a["secreted"] + a["recycled"] + a["lysed"]
        came = came + transport.entered + transport.supplied + transport.settled
        gone = a["taken"] + a["consumed"] + transport.degraded + transport.left + transport.cleared
        return _relative(came - gone - amount - waiting, np.abs(came) + np.abs(gone))

    def inside(self, held: Floats) -> Floats:
        """Relative imbalance of the cells, per field. ``held``: what living cells hold or made of it."""
        a = self.accounts
        came = a["taken"] + a["carried"]
        return _relative(came - a["recycled"] - a["dead"] - held, a["taken"] + np.abs(a["carried"]))


def _relative(gap: Floats, size: Floats) -> Floats:
    found: Floats = np.abs(gap) / np.maximum(size, 1e-300)
    return np.where(size > 0.0, found, np.abs(gap))
