"""`vesiflux cohort`: does something seen early in virtual patients foretell what comes of them?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, cores, load_model, print_json, write_table
from vesiflux.cli.run import _assignments, _warm_up
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.study.cohort import Cohort

__all__ = ["cohort"]

_PAIR = re.compile(r"\s*(.+?)\s*~\s*(.+?)\s*=\s*(\S+)\s*")


def cohort(
    model: Annotated[str, typer.Argument(help="A library model's name (see `list`) or a model file.")],
    score: Annotated[
        str,
        typer.Option(
            help="What is seen early: EXPRESSION @ TIME [over|less TIME], e.g. 'a.count / (a.count + "
            "b.count) @ 5 d less 0 h'. A high score speaks for the outcome."
        ),
    ],
    outcome: Annotated[
        str,
        typer.Option(
            help="What comes of the patient, in the same form, e.g. 'tumour.count @ 20 d over 0 h'."
        ),
    ],
    event: Annotated[str, typer.Option(help="Which outcomes count: 'below NUMBER' or 'above NUMBER'.")],
    arm: Annotated[str | None, typer.Option(help="Arm all patients are in. Default: the first.")] = None,
    patients: Annotated[int, typer.Option(min=4, help="Patients drawn from the priors.")] = 256,
    correlate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A~B=R", help="Correlation of two parameters between patients; repeat for more."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Fix a parameter in all patients; repeat for more."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads. Default: every core of this machine.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Store to write to.")] = Path("vesiflux-runs"),
    table: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write score, outcome and case of every patient.")
    ] = None,
    json: Json = False,
) -> None:
    """Run virtual patients: how well does an early score foretell a later outcome?"""
    pairs = dict(_pair(text) for text in correlate or [])
    fixed = _assignments(settings or [])
    from vesiflux.cli._progress import ProgressBars

    loaded = load_model(model)
    from vesiflux.study.cohort import cohort as run_cohort

    with ProgressBars(quiet=json) as progress:
        _warm_up(progress)
        found = run_cohort(
            loaded, score, outcome, event, arm=arm, patients=patients, correlated=pairs, set=fixed, seed=seed,
            threads=threads or cores(), store=out, progress=progress,
        )  # fmt: skip
    summary = found.summary()
    if table is not None:
        write_table(table, _table(found))
    if json:
        print_json(summary)
        return
    typer.echo("\n".join(_lines(summary)))
    if table is not None:
        typer.echo(f"table: {table}")


def _pair(text: str) -> tuple[tuple[str, str], float]:
    match = _PAIR.fullmatch(text)
    try:
        if match is not None:
            return (match[1], match[2]), float(match[3])
    except ValueError:
        pass
    raise InputError(f"--correlate {text!r}: write PARAMETER~PARAMETER=NUMBER, e.g. a.count~b.count=0.5")


def _table(found: Cohort) -> str:
    rows = zip(found.score, found.outcome, found.case, strict=True)
    return "score\toutcome\tcase\n" + "".join(f"{s:.9g}\t{o:.9g}\t{int(c)}\n" for s, o, c in rows)


def _lines(summary: dict[str, object]) -> list[str]:
    """The summary in words."""

    def number(value: object) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    def interval(key: str) -> str:
        pair = summary[key]
        assert isinstance(pair, list)
        return f"{pair[0]:.2f} to {pair[1]:.2f}"

    lines = [
        f"{summary['model']}, arm {summary['arm']}: {summary['patients']} patients, {summary['cases']} of "
        f"them with {summary['outcome']} {summary['event']}",
        f"area under the ROC curve {number(summary['auc'])} (95 %: {interval('auc_interval')}; bootstrap "
        f"{interval('auc_bootstrap')})",
        f"best cut {summary['cut']:.3g}: sensitivity {number(summary['sensitivity'])}, specificity "
        f"{number(summary['specificity'])}",
        f"rank correlation with the outcome {number(summary['rank_correlation'])}",
    ]
    fit = summary["calibration"]
    if isinstance(fit, dict):
        lines.append(
            f"in the other half of the patients: calibration slope {fit['slope']:.2f}, intercept "
            f"{fit['intercept']:.2f}, Brier score {fit['brier']:.3f} ({fit['brier_of_share']:.3f} by the "
            "share alone)"
        )
    if summary["left_out"]:
        lines.append(f"left out: {summary['left_out']} patients whose score or outcome is no number")
    lines.append(f"run: {summary['run']}")
    return lines
