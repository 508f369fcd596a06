"""The evidence base: claims, edges, numbers and parameters of the field, to ask questions of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.evidence.clean import clean
from vesiflux.evidence.conflicts import Conflict, find_conflicts
from vesiflux.evidence.load import load_folder, load_shipped
from vesiflux.evidence.network import Network
from vesiflux.evidence.parameters import prior_of_row
from vesiflux.evidence.raw import Tables
from vesiflux.evidence.readouts import chain_readout, chain_signs
from vesiflux.evidence.rows import (
    Claim,
    Dropped,
    Edge,
    ParameterRow,
    Quantity,
    Readout,
    Reference,
    Review,
    SelfLoop,
    Transfer,
)
from vesiflux.evidence.search import Index
from vesiflux.evidence.sources import Source, sources_of
from vesiflux.evidence.sql import Database
from vesiflux.evidence.stats import statistics
from vesiflux.evidence.tables import suggestion
from vesiflux.evidence.vocabulary import Name, vocabulary_of
from vesiflux.evidence.votes import Publication, Votes, publications_of, votes_of

if TYPE_CHECKING:
    import networkx as nx

    from vesiflux.evidence.paths import Path as SignedPath
    from vesiflux.evidence.priors import Prior

__all__ = ["Evidence", "Shown"]


@dataclass(frozen=True)
class Shown:
    """One claim with everything that hangs on it.

    Attributes
    ----------
    chain
        Its edges in the order of telling; alternatives unless a doubt says AND.
    doubts
        The claim's note and what its references do not support.
    continues
        Id of the claim this one goes on from, or "".
    """

    claim: Claim
    chain: tuple[Edge, ...]
    quantities: tuple[Quantity, ...]
    doubts: tuple[str, ...]
    sources: tuple[Source, ...]
    conflicts: tuple[Conflict, ...]
    continues: str


class Evidence:
    """Claims of the literature with their edges, numbers, parameters and sources.

    Made by :meth:`load`; never changes afterwards.

    Attributes
    ----------
    claims
        By id, in the order of the tables.
    edges, quantities
        Of all claims.
    parameters
        Rows of the parameter table by symbol.
    references
        Reference lists by (review, number), where a review's list is tabulated.
    vocabulary
        Canonical names by (name, kind), with their synonyms and what they are related to.
    self_loops
        Edges left out because both their printed names mean the same thing.
    unplaced
        Edges of which nobody can say in which cell they act.
    transfers
        Names and statements taken from one context to another, each an assumption.
    readouts
        How an outcome is read wherever it occurs, by its name.
    claim_outcomes
        What a claim's own arrows call its outcome, by id, where that is another name.
    dropped
        Claims, edges and numbers whose rows were left out, with the reason.
    """

    def __init__(self, tables: Tables) -> None:
        cleaned = clean(tables)
        self.claims: Mapping[str, Claim] = MappingProxyType(cleaned.claims)
        self.edges: tuple[Edge, ...] = tuple(cleaned.edges)
        self.self_loops: tuple[SelfLoop, ...] = tuple(cleaned.self_loops)
        self.unplaced: tuple[Edge, ...] = tuple(edge for edge in cleaned.edges if not edge.cell)
        self.transfers: tuple[Transfer, ...] = tuple(tables.transfers)
        self.quantities: tuple[Quantity, ...] = tuple(cleaned.quantities)
        self.parameters: Mapping[str, ParameterRow] = MappingProxyType(tables.parameters)
        self.references: Mapping[tuple[str, str], Reference] = MappingProxyType(tables.references)
        self.readouts: Mapping[str, Readout] = MappingProxyType(tables.readouts)
        self.claim_outcomes: Mapping[str, Readout] = MappingProxyType(tables.claim_outcomes)
        self.dropped: tuple[Dropped, ...] = tuple(tables.dropped)
        self._tables = tables
        self._names = cleaned.names
        self._networks: dict[tuple[str | None, bool, bool], Network] = {}

    @staticmethod
    def load(*folders: str | Path) -> Evidence:
        """Load the tables that come with vesiflux and, after them, the user's own ``folders``.

        Without folders the same object is returned each time.

        Raises
        ------
        InputError
            Everything wrong in a folder, each with file, line and column.
        """
        if not folders:
            return _shipped()
        tables = load_shipped()
        for folder in folders:
            load_folder(tables, Path(folder))
        return Evidence(tables)

    def search(
        self,
        text: str = "",
        review: str | None = None,
        kind: str | None = None,
        agent: str | None = None,
        outcome: str | None = None,
        cell: str | None = None,
        limit: int | None = 50,
    ) -> list[Claim]:
        """Claims in which every word of ``text`` occurs, best first.

        Case, hyphens, underscores and British or American spelling do not matter (``pdl1`` finds PD-L1);
        synonyms and printed names count as the name (``CD274``). A word in agent, outcome, cargo or effect
        counts more than one in a note. ``agent``, ``outcome`` and ``cell`` (source or recipient) are parts of
        names; ``review`` and ``kind`` are exact.

        Raises
        ------
        InputError
            No such review or kind, with what there is.
        """
        self._known(review, {c.review for c in self.claims.values()}, "review")
        self._known(kind, {c.kind for c in self.claims.values()}, "kind of claim")
        return self._index.find(text, review, kind, (agent, outcome, cell), limit)

    def show(self, claim_id: str) -> Shown:
        """One claim with its chain, numbers, doubts, sources and conflicts.

        Raises
        ------
        InputError
            No such claim, with ids that look like it.
        """
        claim = self._claim(claim_id)
        sources = self.sources([claim_id])
        doubts = [claim.note] if claim.note else []
        for source in sources:
            reference = self.references.get((source.review, source.ref))
            if reference is not None and reference.fit_to_use not in ("supports", ""):
                verdict = reference.fit_to_use.replace("_", " ")
                comment = f"; {reference.comment}" if reference.comment else ""
                doubts.append(f"reference {reference.ref} ({reference.identity}): {verdict}{comment}")
        return Shown(
            claim=claim,
            chain=tuple(e for e in self.edges if e.claim_id == claim_id),
            quantities=tuple(q for q in self.quantities if q.claim_id == claim_id),
            doubts=tuple(doubts),
            sources=tuple(sources),
            conflicts=tuple(c for c in self.conflicts() if claim_id in (*c.raises, *c.lowers)),
            continues=self._tables.continuations.get(claim_id, ""),
        )

    def conflicts(self) -> tuple[Conflict, ...]:
        """Claims and edges that say the opposite of each other; see `vesiflux.evidence.conflicts`."""
        return self._conflicts

    def stats(self) -> dict[str, Any]:
        """Count what there is: by review and kind, names, statuses, votes, conflicts.

        ``arrows`` are distinct ones (start, sign, end, cell), ``arrows_by_publications`` how many rest on how
        many publications. ``dropped`` and ``self_loops`` list what was left out, each with its reason.
        """
        return statistics(self)

    def graph(self, review: str | None = None, doubtful: bool = False, joins: bool = True) -> nx.MultiDiGraph:
        """The claims as a signed graph; nodes are names in their places (`vesiflux.evidence.places.Node`).

        A name in two cells is two nodes. ``doubtful``: also arrows whose status says so. ``joins``: also what
        joins two claims (cargo loaded, delivered, factors that arrive, transfers). The attributes of nodes
        and arcs: `vesiflux.evidence.graph.build`.
        """
        return self.network(review, doubtful, joins).net

    def paths(
        self,
        start: str,
        end: str,
        cell: str | None = None,
        longest: int = 6,
        review: str | None = None,
        doubtful: bool = False,
        joins: bool = True,
        limit: int | None = None,
    ) -> list[SignedPath]:
        """Signed paths from one name to another, short ones first, then those with most publications.

        ``cell``: responses in that cell only. ``longest``: at most so many arrows. ``limit``: stop after the
        length at which so many are found. A path goes from cell to cell only by a vesicle, a factor or a
        contact, or where one claim tells of both cells.

        Raises
        ------
        InputError
            No such name, cell or review, with what is like it.
        """
        return self.network(review, doubtful, joins).paths(start, end, cell, longest, limit)

    def network(self, review: str | None = None, doubtful: bool = False, joins: bool = True) -> Network:
        """The arrows behind `graph` and `paths`, and what is around a name; kept for the next question.

        Raises
        ------
        InputError
            No such review, with what there is.
        """
        self._known(review, {c.review for c in self.claims.values()}, "review")
        key = (review, doubtful, joins)
        if key not in self._networks:
            self._networks[key] = Network(self, *key)
        return self._networks[key]

    @property
    def reviews(self) -> Mapping[str, Review]:
        """Who wrote the reviews, by short name; a user's tables may leave it out."""
        return MappingProxyType(self._tables.reviews)

    def prior(self, symbol: str) -> Prior:
        """Parameter as a distribution, in a unit that `vesiflux.units` reads.

        Raises
        ------
        InputError
            No such symbol, with ones that look like it; or its row cannot be read.
        """
        row = self.parameters.get(symbol)
        if row is None:
            hint = suggestion(symbol, self.parameters) or "; see the column symbol of parameters.tsv"
            raise InputError(f"no parameter has the symbol '{symbol}'{hint}")
        return prior_of_row(row, self._tables.forms.get(symbol), self._tables.written_units)

    def sources(self, claim_ids: Iterable[str]) -> list[Source]:
        """Publications behind claims, formatted; one publication has one vote however many claims it backs.

        Raises
        ------
        InputError
            No such claim, with ids that look like it.
        """
        claims = [self._claim(claim_id) for claim_id in claim_ids]
        return sources_of(claims, self.references, self._tables.reviews)

    @cached_property
    def vocabulary(self) -> Mapping[tuple[str, str], Name]:
        """Every canonical name, by (name, kind): a name of two kinds is two entries."""
        return MappingProxyType(vocabulary_of(self._names, self.claims.values(), self.edges))

    @property
    def synonyms(self) -> Mapping[str, tuple[str, ...]]:
        """Other printed names of canonical ones, of whatever kind."""
        return self._names.synonyms

    def canonical(self, name: str, kind: str | None = None) -> str:
        """Canonical name of a printed one: itself when it is canonical already or unknown.

        ``kind`` (cell, protein, ...) decides where one printed name means different things.
        """
        return self._names.canonical(name, kind)

    def readout(self, outcome: str) -> Readout | None:
        """How an outcome, printed or canonical, is read; None where no row says it."""
        found = self.readouts.get(outcome)
        return found or self._canonical_readouts.get(self.canonical(outcome, "phenotype"))

    def chain_readout(self, claim_id: str) -> Readout | str:
        """What a claim's own arrows show of its outcome, or why they do not show it.

        Raises
        ------
        InputError
            No such claim, with ids that look like it.
        """
        claim = self._claim(claim_id)
        chain = self._chains.get(claim_id, ())
        return chain_readout(claim, chain, self.claim_outcomes, self.readout(claim.outcome))

    def chain_signs(self, claim_id: str) -> frozenset[int]:
        """Signs of all ways from a claim's agent to what its own arrows show; empty where there is none.

        Raises
        ------
        InputError
            No such claim, with ids that look like it.
        """
        found = self.chain_readout(claim_id)
        if isinstance(found, str):
            return frozenset()
        return chain_signs(self._chains.get(claim_id, ()), self._claim(claim_id).agent, found)

    def publications(self, claim_id: str) -> frozenset[Publication]:
        """Publications behind a claim, (review, reference number); (review, "") where it cites nobody.

        Raises
        ------
        InputError
            No such claim, with ids that look like it.
        """
        return publications_of(self._claim(claim_id))

    def votes(self, edges: Iterable[Edge]) -> Votes:
        """Publications behind edges, each once, apart by what was studied (clinical to in vitro)."""
        return votes_of(self._claim(edge.claim_id) for edge in edges)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a DuckDB query over the tables claims, edges, quantities and parameters (in memory).

        The columns are those of the files, with ``review`` in claims (quote ``"from"`` and ``"to"``).

        Raises
        ------
        InputError
            The query is wrong, with what DuckDB says.
        """
        return self._database.query(query)

    @cached_property
    def _database(self) -> Database:
        return Database(
            {
                "claims": self.claims.values(),
                "edges": self.edges,
                "quantities": self.quantities,
                "parameters": self.parameters.values(),
            }
        )

    @cached_property
    def _conflicts(self) -> tuple[Conflict, ...]:
        return tuple(find_conflicts(self.claims, self.edges, self._names, self.transfers))

    @cached_property
    def _chains(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.claim_id, []).append(edge)
        return found

    @cached_property
    def _canonical_readouts(self) -> dict[str, Readout]:
        found: dict[str, Readout] = {}
        for row in self.readouts.values():
            found.setdefault(self.canonical(row.outcome, "phenotype"), row)
        return found

    @cached_property
    def _index(self) -> Index:
        return Index(self.claims.values(), self.edges, self.synonyms)

    def _claim(self, claim_id: str) -> Claim:
        claim = self.claims.get(claim_id)
        if claim is None:
            hint = suggestion(claim_id, self.claims) or "; ids look like secretion-041 or tme-072"
            raise InputError(f"no claim has the id '{claim_id}'{hint}")
        return claim

    @staticmethod
    def _known(value: str | None, known: Collection[str], what: str) -> None:
        if value and value not in known:
            hint = suggestion(value, known, 1) or f"; there are {', '.join(sorted(known))}"
            raise InputError(f"no {what} is called '{value}'{hint}")


@lru_cache(maxsize=1)
def _shipped() -> Evidence:
    return Evidence(load_shipped())
