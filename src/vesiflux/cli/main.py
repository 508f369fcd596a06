"""Entry point of the `vesiflux` command."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from vesiflux._version import __version__
from vesiflux.cli import (
    assay,
    audit,
    check,
    checklist,
    cohort,
    controls,
    dose,
    evidence,
    export,
    library,
    loading,
    new,
    report,
    run,
    tropism,
    verify,
)
from vesiflux.errors import VesifluxError

__all__ = ["app", "main"]

app = typer.Typer(
    name="vesiflux",
    help="From what papers claim about extracellular vesicles to running, checkable models of them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("cohort")(cohort.cohort)
app.command("list")(library.list_models)
app.command("check")(check.check)
app.command("new")(new.new)
app.add_typer(evidence.app, name="evidence")
app.command("dose", cls=dose.DoseCommand)(dose.dose)
app.command("assay")(assay.assay)
app.command("loading")(loading.loading)
app.command("controls")(controls.controls)
app.command("tropism")(tropism.tropism)
app.command("checklist")(checklist.checklist)
app.command("verify")(verify.verify)
app.command("audit")(audit.audit)
app.command("export")(export.export)
app.command("report")(report.report)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vesiflux {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a sub-command."""


def main() -> None:
    """Run the command line and leave with its exit code.

    Exit codes: 0 done, 1 the run or check failed, 2 the input or the call is wrong, 130 interrupted. A
    user's mistake is told in one line per problem on stderr, never as a traceback.
    """
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, stop)
    try:
        app()
    except VesifluxError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read our output went away
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{where}{error.strerror or error}; nothing more was written", err=True)
        sys.exit(VesifluxError.exit_code)
    except KeyboardInterrupt:
        stopped.append(signal.SIGINT)
    finally:
        if stopped:  # also where a compiler's callback lost the interrupt and failed of something else
            typer.echo("interrupted", err=True)
            sys.exit(130)
