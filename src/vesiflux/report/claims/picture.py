"""A part of the evidence as one picture: kinds by shape, cells as boxes, votes as width, sources beneath."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.report.claims.draw import draw
from vesiflux.report.claims.scene import compose
from vesiflux.report.style import drawing, to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vesiflux.evidence import Evidence
    from vesiflux.evidence.graph import Arrow

__all__ = ["FORMATS", "draw_claims", "write_claims_picture"]

FORMATS = ("svg", "png", "pdf")


def draw_claims(
    evidence: Evidence, arrows: Sequence[Arrow], title: str = "", marked: Collection[str] = ()
) -> Figure:
    """Draw arrows of the evidence, from `Evidence.subgraph` or out of `Evidence.paths`.

    Parameters
    ----------
    marked
        Names to stand out: what was asked for.

    Raises
    ------
    InputError
        There is no arrow to draw.
    """
    if not arrows:
        raise InputError("nothing to draw: no arrow joins what was asked for")
    with drawing():
        return draw(compose(evidence, arrows, title, marked))


def write_claims_picture(
    evidence: Evidence,
    arrows: Sequence[Arrow],
    path: str | Path,
    title: str = "",
    marked: Collection[str] = (),
) -> Path:
    """Draw arrows of the evidence into a file whose name ends in .svg, .png or .pdf; return its path.

    Raises
    ------
    InputError
        There is no arrow to draw, another ending, or the file cannot be written.
    """
    target = Path(path)
    ending = target.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise InputError(f"{target}: pictures end in {', '.join('.' + f for f in FORMATS)}; e.g. claims.svg")
    figure = draw_claims(evidence, arrows, title, marked)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with drawing():
            if ending == "svg":
                target.write_text(to_svg(figure, title or "Claims"), encoding="utf-8", newline="\n")
            else:
                # without a date, so that the same claims give the same file
                metadata = {"CreationDate": None} if ending == "pdf" else {"Software": None}
                figure.savefig(target, format=ending, dpi=200, metadata=metadata)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}") from error
    return target
