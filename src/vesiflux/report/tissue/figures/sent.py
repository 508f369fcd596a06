"""Who sent what to whom: senders by recipients, in vesicles and in copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Row
from vesiflux.report.style import number
from vesiflux.report.tissue.figures.common import Matrix, boxes
from vesiflux.report.tissue.palette import FIELD_STOPS
from vesiflux.report.tissue.source import Floats, Received, Tissue

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "matrices", "rows"]


def matrices(tissue: Tissue) -> list[Matrix]:
    """One matrix per vesicle class and quantity of an arm, senders by recipients, and one of the factors.

    Of a factor nobody knows the sender: its rows are the factors.
    """
    found: dict[tuple[str, str, str], list[Received]] = {}
    for row in tissue.received():
        if not row.vesicle and not row.amount:
            continue  # nobody takes this factor up
        key = (row.vesicle, row.quantity, row.unit) if row.vesicle else ("", "", row.unit)
        found.setdefault(key, []).append(row)
    titles = {k.name: k.title for k in tissue.kinds}
    made = []
    for (vesicle, quantity, unit), taken in found.items():
        senders = tuple(dict.fromkeys(r.sender if vesicle else r.quantity for r in taken))
        recipients = tuple(k.name for k in tissue.kinds if any(r.recipient == k.name for r in taken))
        values = np.full((len(senders), len(recipients)), np.nan)
        for r in taken:
            at = senders.index(r.sender if vesicle else r.quantity), recipients.index(r.recipient)
            values[at] = np.nan_to_num(values[at]) + r.amount
        name = vesicle.replace("_", " ")
        title = f"{name}s" if quantity == "vesicles" else f"{quantity} in {name}s" if vesicle else "factors"
        made.append(
            Matrix(
                f"{title}, {'copies' if unit == 'copy' else unit + 's'}", unit,
                tuple(titles.get(s, s.replace("_", " ")) for s in senders),
                tuple(titles[r] for r in recipients), values,
                {"arm": tissue.arm, "class": vesicle, "quantity": quantity},
            )
        )  # fmt: skip
    return made


def draw(data: Sequence[Matrix]) -> Figure:
    """A panel per quantity: rows send, columns receive; the number in every box, colour by its logarithm."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("sent", FIELD_STOPS[:7])
    return boxes(data, lambda m: _log_share(m.values), lambda m, i, j: number(float(m.values[i, j])), shades)


def _log_share(values: Floats) -> Floats:
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return np.where(np.isfinite(values), 0.0, np.nan)
    top = float(positive.max())
    low = max(min(float(positive.min()), top / 10), top * 1e-6) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(values / low) / np.log(top / low)
    found = np.where(values <= 0, 0.0, np.clip(found, 0, 1))
    return np.where(np.isfinite(values), found, np.nan)


def rows(data: Sequence[Matrix]) -> list[Row]:
    """One line per arm, quantity, sender and recipient."""
    return [
        {**m.key, "unit": m.unit, "sender": s, "recipient": r, "amount": float(m.values[i, j])}
        for m in data
        for i, s in enumerate(m.senders)
        for j, r in enumerate(m.recipients)
    ]
