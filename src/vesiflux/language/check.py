"""Everything a model must fulfil beyond its shape: one small check each, all of them run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vesiflux.language.checks import (
    bases,
    body,
    cells,
    cohort,
    experiments,
    fits,
    flows,
    individuals,
    modules,
    sentences,
    structure,
    tissue_cells,
    tissue_run,
    tissue_space,
    values,
)
from vesiflux.language.checks.context import Context
from vesiflux.language.positions import Finding
from vesiflux.language.schema import ModelSpec, Module

__all__ = ["CHECKS", "check"]

#: Every check there is. The order does not matter: findings are sorted by their place.
CHECKS: tuple[Callable[[Context], Iterable[Finding]], ...] = (
    structure.check_names,
    structure.check_claims,
    structure.check_space,
    structure.check_counts,
    structure.check_defaults,
    structure.check_structures,
    structure.check_run,
    values.check_quantities,
    cells.check_states,
    cells.check_decay,
    cells.check_cell_modules,
    cells.check_exchange,
    cells.check_cargo,
    cells.check_signals,
    sentences.check_sentences,
    sentences.check_responses,
    sentences.check_nodes,
    sentences.check_behaviours,
    bases.check_bases,
    experiments.check_interventions,
    experiments.check_targets,
    experiments.check_arms,
    experiments.check_choices,
    experiments.check_schedule,
    modules.check_modules,
    individuals.check_individuals,
    body.check_places,
    body.check_depots,
    body.check_volumes,
    flows.check_flows,
    fits.check_fits,
    tissue_space.check_box,
    tissue_space.check_regions,
    tissue_space.check_vessels,
    tissue_space.check_fields,
    tissue_cells.check_layouts,
    tissue_cells.check_crowding,
    tissue_cells.check_movement,
    tissue_run.check_only_dish,
    tissue_run.check_times,
    tissue_run.check_step,
    cohort.check_cohort,
    cohort.check_outcomes,
    cohort.check_markers,
)

#: Checks that mean nothing when the space is not the one that was written.
OF_SPACE = frozenset(
    {
        structure.check_space,
        experiments.check_choices,
        body.check_places,
        fits.check_fits,
        tissue_run.check_only_dish,
        tissue_cells.check_movement,
    }
)


def check(spec: ModelSpec, module_map: Mapping[str, Module], data: Any) -> list[Finding]:
    """All findings. ``data``: the model as read, for the names of parts that are wrong themselves."""
    context = Context(spec, module_map, data if isinstance(data, dict) else {})
    written = context.data.get("space")
    other = isinstance(written, dict) and written.get("kind") != spec.space.kind
    # in the place of a space that cannot be read stands another, about which there is nothing to say
    without = OF_SPACE if other else frozenset()
    return [finding for one in CHECKS if one not in without for finding in one(context)]
