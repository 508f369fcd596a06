"""`vesiflux list`: the models that come with vesiflux."""

from __future__ import annotations

from vesiflux.cli._io import Json, print_json

__all__ = ["list_models"]


def list_models(json: Json = False) -> None:
    """List the library's models."""
    from vesiflux.library import catalogue

    models = catalogue()
    if json:
        print_json(models)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "title", "space", "review", box=None, header_style="bold")
    table.add_column("claims", justify="right")
    table.add_column("about, s", justify="right")
    for model in models:
        table.add_row(*(str(model[key]) for key in ("name", "title", "space", "review", "claims", "seconds")))
    Console().print(table)
