"""Which library models answer for a review: `library/reviews.tsv`.

One is the whole model, a dish; claims about place may be put to a tissue besides.
"""

from __future__ import annotations

from vesiflux.errors import InputError
from vesiflux.language.modules import library_folder, library_models
from vesiflux.language.tsv import read_table

__all__ = ["FILE", "tissues", "wholes"]

FILE = "reviews.tsv"


def wholes() -> dict[str, str]:
    """Review -> name of its whole model, of those that are in the library.

    Raises
    ------
    InputError
        The table cannot be read, or names a review twice.
    """
    return _named("model")


def tissues() -> dict[str, str]:
    """Review -> name of the tissue that claims about place are put to; errors as for `wholes`."""
    return _named("tissue")


def _named(column: str) -> dict[str, str]:
    table = read_table(library_folder() / FILE, ("review", "model", "tissue"), ("note",))
    there = library_models()
    seen: set[str] = set()
    found: dict[str, str] = {}
    for row in table.rows:
        review = row.text("review")
        if review in seen:
            row.problem("review", f"the review {review!r} stands here a second time; it has one whole model")
        seen.add(review)
        found[review] = row.text(column)
    if problems := table.all_problems():
        raise InputError(problems)
    return {review: model for review, model in found.items() if model in there}
