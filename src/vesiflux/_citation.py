"""How to cite vesiflux, and the sources behind a model or a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vesiflux._version import __version__
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.store.run import Run

__all__ = ["citation", "sources"]

SOFTWARE = (
    f"The vesiflux developers. Vesiflux {__version__}: running, quantitative, checkable models of "
    "extracellular vesicles. Software, Apache-2.0."
)

#: Keys under which a model or a module names what it rests on.
NAMING = ("source", "sources", "claims", "evidence")


def citation(of: Model | Run | None = None) -> str:
    """How to cite vesiflux and, given a model or a run, what its numbers and arrows rest on.

    Parameters
    ----------
    of
        A `vesiflux.Model`, a `vesiflux.Run`, or nothing.

    Returns
    -------
    Text of several lines: the software, then one source or claim id per line, each once.

    Raises
    ------
    InputError
        When `of` is something else.
    """
    if of is None:
        return SOFTWARE
    name, named = sources(of)
    return "\n".join([SOFTWARE, "", f"Sources of {name} ({len(named)}):", *(f"- {text}" for text in named)])


def sources(of: Model | Run) -> tuple[str, list[str]]:
    """The name of a model or of a run's model, and the sources and claims it rests on: sorted, each once.

    A run's sources carry their texts and citations; a model gives them as they stand in its file.
    """
    from vesiflux.language import Model

    if isinstance(of, Model):
        parts = [of.to_dict(whole=True), *(module.model_dump() for module in of.modules.values())]
        return of.name, sorted({text for part in parts for text in _named(part)})
    from vesiflux.store.run import Run

    if isinstance(of, Run):
        return of.compiled.name, sorted({". ".join(filter(None, row.values())) for row in of.sources()})
    raise InputError(
        f"citation: {type(of).__name__} is neither a Model nor a Run; give one of these, or nothing"
    )


def _named(part: object) -> Iterator[str]:
    """Texts under `NAMING` keys anywhere inside nested mappings and lists.

    The reason given for an assumed value is no source and is left out.
    """
    if isinstance(part, Mapping):
        assumed = part.get("mark") == "assumed"
        for key, value in part.items():
            if key not in NAMING:
                yield from _named(value)
            elif not assumed:
                yield from _texts(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _named(value)


def _texts(value: Any) -> Iterator[str]:
    """One text, or each of a list; a mapping under such a key is a part of the model and is walked."""
    if isinstance(value, str):
        if value.strip():
            yield " ".join(value.split())
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    else:
        yield from _named(value)
