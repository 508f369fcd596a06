"""Which library model is the whole model of a review: `library/reviews.tsv`."""

from __future__ import annotations

from vesiflux.errors import InputError
from vesiflux.language.modules import library_folder, library_models
from vesiflux.language.tsv import read_table

__all__ = ["FILE", "wholes"]

FILE = "reviews.tsv"


def wholes() -> dict[str, str]:
    """Review -> name of its whole model, of those that are in the library.

    Raises
    ------
    InputError
        The table cannot be read, or names a review twice.
    """
    table = read_table(library_folder() / FILE, ("review", "model"), ("note",))
    there = library_models()
    found: dict[str, str] = {}
    for row in table.rows:
        review = row.text("review")
        if review in found:
            row.problem("review", f"the review {review!r} stands here a second time; it has one whole model")
        found[review] = row.text("model")
    if problems := table.all_problems():
        raise InputError(problems)
    return {review: model for review, model in found.items() if model in there}
