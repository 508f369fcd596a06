"""One look for every figure: colours that colour-blind readers tell apart, text that stays text.

Figures are SVG with real text (searchable, editable, small). Widths are measured with matplotlib's own
font and shown with a narrower one where the reader has it, so nothing measured to fit can overflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = [
    "CLASS_COLOURS",
    "FAINT",
    "INK",
    "MARKS",
    "MUTED",
    "RULE",
    "WARN",
    "WIDTH",
    "class_colour",
    "drawing",
    "fold_axis",
    "log_axis",
    "number",
    "plain",
    "to_svg",
]

INK = "#1f2933"
MUTED = "#5f6b7a"
RULE = "#c9d1d9"
FAINT = "#eef1f4"
WARN = "#b3261e"

# Okabe and Ito's palette (Color Universal Design, 2008): safe for the common colour-vision deficiencies.
CLASS_COLOURS = {
    "exosome": "#0072B2",
    "microvesicle": "#D55E00",
    "small_ectosome": "#009E73",
    "apoptotic_body": "#CC79A7",
}
SPARE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

# mark -> (marker, colour): shape carries the meaning as well, for print without colour
MARKS = {
    "calibrated": ("s", "#009E73"),
    "predicted": ("o", "#0072B2"),
    "assumed": ("D", "#B26A00"),
    "exceeds machinery": ("^", "#B3261E"),
    "control": ("o", "#5f6b7a"),
}

WIDTH = 10.0  # inches: 960 px at 100 %, the width of the page's column

_FONTS = "'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_RC: dict[Any, Any] = {
    "text.parse_math": False,  # a $ in a title is a $
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.4,
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "vesiflux",
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw under the report's settings, without a display and without the user's own matplotlibrc."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def class_colour(name: str, position: int = 0) -> str:
    """Colour of a vesicle class; classes without one of their own take the spare colours in turn."""
    return CLASS_COLOURS.get(name, SPARE_COLOURS[position % len(SPARE_COLOURS)])


def number(value: float | None, digits: int = 2) -> str:
    """Plain text of a number: `digits` significant figures, no exponent between 0.001 and 1e6.

    >>> number(1234.5), number(0.0123), number(3e9), number(None)
    ('1,200', '0.012', '3e9', '–')
    """
    if value is None or value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 1e6 or magnitude < 1e-3:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    from math import floor, log10

    rounded = float(f"{value:.{digits}g}")
    decimals = max(0, digits - 1 - floor(log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}".replace("-", "−")


def plain(value: float) -> str:
    """A number as a paper prints it: no digits added, none of the first six lost."""
    return f"{value:g}".replace("-", "−")


def log_axis(axis: Axis, low: float, high: float) -> None:
    """Ticks of a logarithmic axis as plain numbers, as many as there is room for (1-2-5 or decades)."""
    from math import log10

    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

    decades = log10(high / low) if high > low > 0 else 1.0
    if decades <= 0.8:
        # less than a decade: numbers a reader would write on a ruler
        steps = (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
        ticks = [s * 10.0**k for k in range(-6, 13) for s in steps if 1 <= s < 10 or k == -6]
        ticks = sorted(t for t in set(ticks) if low <= t <= high)
        while len(ticks) > 5:
            ticks = ticks[::2]
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(FixedLocator([]))
    else:
        subs = (1.0, 2.0, 5.0) if decades <= 1.7 else (1.0, 3.0) if decades <= 2.6 else (1.0,)
        axis.set_major_locator(LogLocator(10, subs=subs, numticks=20))
        axis.set_minor_locator(LogLocator(10, subs=tuple(range(2, 10)), numticks=50))
    axis.set_major_formatter(FuncFormatter(lambda v, _: number(v, 2) if v % 1 else f"{v:,.0f}"))
    axis.set_minor_formatter(NullFormatter())


def fold_axis(axes: Axes, low: float, high: float, which: str = "x") -> None:
    """A logarithmic fold axis over low..high (always with 1 in it), a line at 1 and plain ticks."""
    low, high = min(low, 0.9), max(high, 1.1)
    low, high = low / 1.12, high * 1.12
    if which == "x":
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        log_axis(axes.xaxis, low, high)
        axes.axvline(1.0, color=MUTED, lw=0.8, zorder=0.5)
        axes.grid(axis="x", color=FAINT, lw=0.8)
    else:
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        log_axis(axes.yaxis, low, high)
        axes.axhline(1.0, color=MUTED, lw=0.8, zorder=0.5)
        axes.grid(axis="y", color=FAINT, lw=0.8)


def to_svg(figure: Figure, title: str, *, inline: str = "") -> str:
    """SVG text of a figure: no date, no creator, ids from content, so equal figures give equal bytes.

    Parameters
    ----------
    title:
        What the figure shows, for readers who listen; becomes ``<title>``.
    inline:
        Prefix of the ids when several figures share one page; the XML header is then left out too.
    """
    import io
    from html import escape

    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    text = buffer.getvalue()
    text = re.sub(r"'DejaVu Sans'[^;\"]*", _FONTS, text)
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r"<svg\b", '<svg role="img"', text, count=1)
    text = re.sub(r"(<svg\b[^>]*>)", lambda m: f"{m[1]}\n <title>{escape(title)}</title>", text, count=1)
    if not inline:
        return text
    text = text[text.index("<svg") :]
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r'\bid="', f'id="{inline}-', text)
    text = text.replace('href="#', f'href="#{inline}-').replace("url(#", f"url(#{inline}-")
    # matplotlib's own style block would apply to the whole page
    return re.sub(r"<style\b.*?</style>", "", text, flags=re.S)
