"""`vesiflux cohort`: virtual patients, what comes of them in every arm, and what foretells it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
        str | None,
        typer.Option(
            help="In place of the model's cohort: what is seen early, EXPRESSION @ TIME, alone or 'over' or "
            "'less' another TIME, e.g. 'a.count / (a.count + b.count) @ 5 d less 0 h'. A high score speaks "
            "for the outcome."
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            help="With --score: what comes of the patient, in the same form, e.g. "
            "'tumour.count @ 20 d over 0 h'."
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(help="With --score: which outcomes count, 'below NUMBER' or 'above NUMBER'."),
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            help="Arm patients are in; repeat for more, the first is the reference. Default: the cohort's; "
            "with --score the model's first."
        ),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option(min=4, help="Patients drawn from the priors. Default: the cohort's; with --score 256."),
    ] = None,
    correlate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A~B=R", help="Correlation of two parameters between patients; repeat for more."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="As of `run`, in all patients."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads. Default: every core of this machine.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Store to write to.")] = Path("vesiflux-runs"),
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also write a row per patient: deaths, outcomes and readings, or score and case.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write a page there that opens offline. Not with --score."),
    ] = None,
    json: Json = False,
) -> None:
    """Run virtual patients: what comes of them in every arm, and what foretells it?

    A model with a `cohort` says what to do; --score, --outcome and --event ask one question of any other.
    """
    pairs = dict(_pair(text) for text in correlate or [])
    fixed = _assignments(settings or [])
    given = {"--score": score, "--outcome": outcome, "--event": event}
    lacking = [name for name, value in given.items() if value is None]
    if lacking and len(lacking) < 3:
        raise InputError(f"--score, --outcome and --event go together; {' and '.join(lacking)} is missing")
    if not lacking and report is not None:
        raise InputError("--report shows the cohort of a model; leave it out with --score")
    from vesiflux.cli._progress import ProgressBars

    loaded = load_model(model)
    with ProgressBars(quiet=json) as progress:
        call: dict[str, Any] = {
            "correlated": pairs, "set": fixed, "seed": seed, "threads": threads or cores(), "store": out,
            "progress": progress,
        }  # fmt: skip
        if lacking:
            from vesiflux.assay.cohort import cohort as whole_study
            from vesiflux.cli._cohort_text import lines, table_text

            if loaded.spec.cohort is not None:
                _warm_up(progress)
            study = whole_study(loaded, patients=patients, arms=arm, **call)
            summary = study.summary()
            told = lines(summary)
            if table is not None:
                write_table(table, table_text(study))
            if report is not None:
                from vesiflux.report.cohort import write

                progress("writing the report", 0, 1)
                summary["report"] = str(write(study, report))
                progress("writing the report", 1, 1)
                told.append(f"report: {summary['report']}")
        else:
            from vesiflux.study.cohort import cohort as run_cohort

            if arm is not None and len(arm) > 1:
                raise InputError("--score is of one arm; give --arm once")
            _warm_up(progress)
            found = run_cohort(
                loaded, str(score), str(outcome), str(event), arm=arm[0] if arm else None,
                patients=patients or 256, **call,
            )  # fmt: skip
            summary = found.summary()
            told = _lines(summary)
            if table is not None:
                write_table(table, _table(found))
    if json:
        print_json(summary)
        return
    if table is not None:
        told.append(f"table: {table}")
    typer.echo("\n".join(told))


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
