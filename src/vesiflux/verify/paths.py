"""What leads to what in a machinery: whether anything goes from a node to a readout, and by which steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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

    def between(self, starts: Collection[str], end: str, without: Collection[str] = ()) -> bool:
        """Whether a change of any of ``starts`` can reach ``end``, in any module that has both.

        ``without``: reactions that are left out, together with those of the same step: what is in a body
        moves with it, so reactions whose rates use the same names but for the species are one step. What
        reads the rate of a step (its expression has every name of that rate) goes with the step.
        """
        import networkx as nx

        for module, graph in self._graphs:
            if end not in graph:
                continue
            gone = self._step(module, without)
            left = graph
            if gone:
                rates = [_names(module.reactions[name].rate) for name in gone]
                fluxes = {
                    name: set(graph.predecessors(name)) for name in (*module.expressions, *module.readouts)
                }
                read = {(a, name) for name, given in fluxes.items() for r in rates if r <= given for a in r}
                kept = [
                    (a, b)
                    for a, b, by in graph.edges(data="by")
                    if (not by or not by <= gone) and (a, b) not in read
                ]
                left = nx.DiGraph(kept)
                left.add_nodes_from(graph)
            if any(start in left and nx.has_path(left, start, end) for start in starts):
                return True
        return False

    @cached_property
    def _graphs(self) -> list[tuple[Module, Any]]:
        return [(module, _graph(module)) for module in self._model.modules.values()]

    @staticmethod
    def _step(module: Module, reactions: Collection[str]) -> set[str]:
        """The reactions themselves and those that go with them."""
        named = {_rate_names(module, name) for name in reactions if name in module.reactions}
        return {name for name in module.reactions if _rate_names(module, name) in named}


def _rate_names(module: Module, reaction: str) -> frozenset[str]:
    from vesiflux.language.expressions import names, parse_expression

    return frozenset(names(parse_expression(module.reactions[reaction].rate)) - set(module.species))


def _graph(module: Module) -> Any:
    """Arrows between names; those by reactions alone say which (``by``)."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from((*module.nodes, *module.species, *module.readouts))
    for start, end in _arrows(module):
        graph.add_edge(start, end, by=None)
    for name, reaction in module.reactions.items():
        for start in _names(reaction.rate):
            for end, moved in reaction.moves.items():
                if not moved:
                    continue
                if not graph.has_edge(start, end):
                    graph.add_edge(start, end, by={name})
                elif graph.edges[start, end]["by"] is not None:
                    graph.edges[start, end]["by"].add(name)
    return graph


def _arrows(module: Module) -> Iterator[tuple[str, str]]:
    texts = dict(module.expressions)
    texts |= {name: wire.factor for name, wire in module.wires.items()}
    texts |= {name: readout.expression for name, readout in module.readouts.items()}
    for end, text in texts.items():
        for start in _names(text):
            if start != end:
                yield start, end


def _names(text: str) -> set[str]:
    from vesiflux.language.expressions import names, parse_expression

    return names(parse_expression(text))
