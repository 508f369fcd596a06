"""The response network of a cell: normalised-Hill logic (Kraeutler 2010, as in Netflux).

tau dy/dt = ymax f - y; activators of a node are OR-ed (a + b - ab) with its basal level,
inhibitors act as AND-NOT; ``and`` is a product, ``not`` is 1 - a.
"""

from __future__ import annotations

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.pools import Held, Pool, Population, add_per_cell_rate, hold, per_cell
from vesiflux.ir.lowering.signals import Senses
from vesiflux.ir.lowering.switches import arrow_name
from vesiflux.ir.program import Op
from vesiflux.language.responses import And, Condition, Not, Ref, Response, parse_response
from vesiflux.language.schema import ResponseNode

__all__ = ["lower_nodes", "lower_responses", "node_names"]


def _responses(population: Population) -> list[Response]:
    return [parse_response(text) for text in population.cell.responses]


def node_names(population: Population) -> list[str]:
    """Targets of responses and nodes with stated constants, in order of mention."""
    names = dict.fromkeys(population.cell.nodes)
    names.update(dict.fromkeys(r.target for r in _responses(population)))
    return list(names)


def _constants(population: Population, name: str) -> ResponseNode:
    return population.cell.nodes.get(name, ResponseNode())


def _parameter(builder: Builder, population: Population, node: str, key: str, unit: str = "1") -> Ex:
    value = getattr(_constants(population, node), key)
    return builder.parameter(f"{population.name}.nodes.{node}.{key}", value, unit, f"{node}: {key}")


def lower_nodes(builder: Builder, population: Population, pool: Pool) -> dict[str, Held]:
    """The states of the network, at their basal level."""
    nodes = {}
    for name in node_names(population):
        basal = _parameter(builder, population, name, "basal")
        top = _parameter(builder, population, name, "maximum")
        nodes[name] = hold(
            builder, population, pool, f"node.{name}", "1", basal * top, activity=True, intracellular=True
        )
    return nodes


def lower_responses(senses: Senses) -> None:
    """Rates of all nodes of one pool. A node that nothing acts upon relaxes to its basal level."""
    builder, population, pool = senses.builder, senses.population, senses.pool
    graph = builder.graph
    responses = list(enumerate(_responses(population)))
    for name, held in senses.nodes.items():
        up = _parameter(builder, population, name, "basal")
        down = graph.const(0.0)
        for i, response in responses:
            if response.target != name:
                continue
            activity = _activity(senses, name, response.condition)
            if response.structure:
                activity = activity * builder.option(response.structure)
            raising, lowering = _switched(builder, arrow_name(population.name, i), activity)
            if response.sign == "-":
                raising, lowering = lowering, raising
            up, down = graph.either(up, raising), graph.either(down, lowering)
        target = graph.and_not(up, down)
        top = _parameter(builder, population, name, "maximum")
        tau = _parameter(builder, population, name, "tau", "h")
        rate = graph.relax(target, top, per_cell(builder, pool, held), tau)
        add_per_cell_rate(builder, pool, held, rate)


def _switched(builder: Builder, name: str, activity: Ex) -> tuple[Ex, Ex]:
    """What an activity does as the arrow says, and against it: nothing, but for verification's switch."""
    graph = builder.graph
    if not builder.switched:
        return activity, graph.const(0.0)
    sign = builder.setting(name, 1.0, "1 as written, 0 taken out, -1 sign turned")
    written = graph.op(Op.LT, graph.const(0.5), sign)
    turned = graph.op(Op.LT, sign, graph.const(-0.5))
    return activity * written, activity * turned


def _activity(senses: Senses, node: str, condition: Condition) -> Ex:
    """Activity of a condition, with the constants of the node it acts on."""
    builder, population, graph = senses.builder, senses.population, senses.builder.graph
    if isinstance(condition, Ref):
        ec50, hill, weight = (_parameter(builder, population, node, k) for k in ("ec50", "hill", "weight"))
        return senses.activity(condition.name, condition.where, ec50, hill, weight)
    if isinstance(condition, Not):
        return 1.0 - _activity(senses, node, condition.operand)
    parts = [_activity(senses, node, c) for c in condition.operands]
    if isinstance(condition, And):
        return graph.product(parts)
    total = parts[0]
    for part in parts[1:]:
        total = graph.either(total, part)
    return total
