"""Whether anything leads from a node of a machinery to one of its readouts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import Module

__all__ = ["Paths"]


class Paths:
    """What depends on what in all modules of a model, by the names used in their expressions.

    An arrow goes from every name of an expression to what it defines: an expression, a wire, the species
    a reaction moves, a readout. All competing structures are taken together.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def between(self, start: str, end: str) -> bool:
        """Whether a change of ``start`` can reach ``end``, in any module that has both."""
        import networkx as nx

        return any(
            start in graph and end in graph and nx.has_path(graph, start, end) for graph in self._graphs
        )

    @cached_property
    def _graphs(self) -> list[Any]:
        return [_graph(module) for module in self._model.modules.values()]


def _graph(module: Module) -> Any:
    import networkx as nx

    from vesiflux.language.expressions import names, parse_expression

    graph = nx.DiGraph()
    graph.add_nodes_from((*module.nodes, *module.species, *module.readouts))

    def arrows(text: str, *ends: str) -> None:
        for name in names(parse_expression(text)):
            graph.add_edges_from((name, end) for end in ends)

    for name, text in module.expressions.items():
        arrows(text, name)
    for name, wire in module.wires.items():
        arrows(str(wire.factor), name)
    for reaction in module.reactions.values():
        arrows(reaction.rate, *(species for species, moved in reaction.moves.items() if moved))
    for name, readout in module.readouts.items():
        arrows(readout.expression, name)
    return graph
