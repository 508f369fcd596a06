"""Vesicles one by one: own size, cargo and path, taken up by the cells they meet."""

from vesiflux.engines.tissue.individuals.population import Individuals, Taken

__all__ = ["Individuals", "Taken"]
