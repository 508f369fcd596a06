"""A filled checklist as one HTML page that needs nothing else."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.assay.dose.estimate import Interval
    from vesiflux.assay.reporting import Checklist, Item

__all__ = ["checklist_page"]


def checklist_page(found: Checklist) -> str:
    """HTML of a checklist: items by section, what the file says, what each gap costs."""
    style = resources.files("vesiflux.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    title = escape(f"{found.name}: checklist")
    rows = "\n".join(_row(item) for item in found.items)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body><main>
<h1>{title}</h1>
<p>{found.filled} of {len(found.items)} items filled from the {escape(found.of)}. {escape(found.quantity)}:
{_interval(found.now)}, a factor of {found.width:.2g} between the ends of the 95 % interval; with every item
reported {_interval(found.complete)}, a factor of {found.width_complete:.2g}.</p>
<table>
<thead><tr><th>section</th><th>asks</th><th>filled</th><th>the file says</th><th>interval if it were</th>
<th>now wider, x</th><th>asked for in</th></tr></thead>
<tbody>
{rows}
</tbody></table>
</main></body></html>
"""


def _row(item: Item) -> str:
    gap = None if item.filled else item.cost
    cost = ("", "") if gap is None else (_interval(gap.reported), f"{gap.fold:.2g}")
    where = f"{item.guideline} [{item.mark}]"
    cells = (item.section, item.asks, "yes" if item.filled else "no", item.answer, *cost, where)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _interval(of: Interval) -> str:
    return f"{of.median:.2g} ({of.low:.2g} to {of.high:.2g})"
