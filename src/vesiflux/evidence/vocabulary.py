"""Names: which printed ones mean the same measurable thing, and which are only related."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vesiflux.evidence.rows import Claim, Edge, NameRow

__all__ = ["Name", "Names", "vocabulary_of"]


@dataclass(frozen=True)
class Name:
    """A canonical name used as one kind of thing.

    Attributes
    ----------
    synonyms
        Other printed names of the same measurable thing.
    curie
        Identifier in a public table, only where it was looked up there.
    parent
        A more general or underlying name it is related to but not merged with ("" for none).
    count
        How often claims and edges use it: ends of edges, and outcomes that are no end of an edge.
    cluster
        The topmost of its parents; "" where it has none.
    """

    name: str
    kind: str
    synonyms: tuple[str, ...]
    curie: str
    parent: str
    count: int
    cluster: str
    note: str


class Names:
    """Look-up from printed (name, kind) to canonical (name, kind).

    A name that no row knows stands for itself. Where the kind is unknown or not given, the name alone
    decides: itself when it is canonical as any kind, else the first row that has it as a synonym.
    """

    def __init__(
        self, rows: Mapping[tuple[str, str], NameRow], contexts: Mapping[str, str] | None = None
    ) -> None:
        self.rows = rows
        self._contexts = contexts or {}
        self._exact: dict[tuple[str, str], tuple[str, str]] = {}
        self._loose: dict[str, str] = {}
        for key, row in rows.items():
            self._exact[key] = key
            self._loose[row.name] = row.name
        for key, row in rows.items():
            for synonym in row.synonyms:
                self._exact.setdefault(synonym, key)
                self._loose.setdefault(synonym[0], row.name)

    def resolve(self, name: str, kind: str) -> tuple[str, str]:
        """Canonical name and kind of a printed name used as ``kind``."""
        return self._exact.get((name, kind)) or (self._loose.get(name, name), kind)

    def canonical(self, name: str, kind: str | None = None) -> str:
        """Canonical name of a printed one; itself when it is unknown or canonical."""
        if kind is not None and (name, kind) in self._exact:
            return self._exact[name, kind][0]
        return self._loose.get(name, name)

    def cells(self, text: str) -> str:
        """Canonical names of cells joined with ``;``, each once, in order."""
        parts = (
            self.canonical(part.strip(), "cell")
            for part in text.split(";")
            if part.strip() not in ("", "none")
        )
        return ";".join(dict.fromkeys(parts))

    def general(self, name: str, kinds: Collection[str]) -> tuple[str, ...]:
        """More general names of one of ``kinds`` (``tumour_exosome``, ``exosome``), the nearest first."""
        return tuple(above for above in _above(name, self._parents) if self._kinds[above] & set(kinds))

    def is_kind(self, name: str, kind: str) -> bool:
        """Whether a canonical name is listed as a ``kind``."""
        return (name, kind) in self.rows

    @cached_property
    def roots(self) -> frozenset[str]:
        """Names that others are related to and that have no parent (``any_cell``, ``exosome``)."""
        return frozenset(self._parents.values()) - self._parents.keys()

    def general_contexts(self, context: str) -> tuple[str, ...]:
        """More general contexts of a context (``sepsis`` of ``septic_shock``), the nearest first."""
        return _above(context, self._contexts)

    def ancestor(self, name: str) -> str:
        """The topmost parent of a canonical name; "" where it has none."""
        return next(reversed(_above(name, self._parents)), "")

    @cached_property
    def synonyms(self) -> Mapping[str, tuple[str, ...]]:
        """Other printed names of canonical ones, of whatever kind."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for row in self.rows.values():
            found[row.name].update(dict.fromkeys(name for name, _ in row.synonyms if name != row.name))
        return {name: tuple(others) for name, others in found.items() if others}

    @cached_property
    def _parents(self) -> dict[str, str]:
        return {row.name: row.parent for row in self.rows.values() if row.parent}

    @cached_property
    def _kinds(self) -> dict[str, set[str]]:
        kinds: dict[str, set[str]] = defaultdict(set)
        for name, kind in self.rows:
            kinds[name].add(kind)
        return kinds


def _above(name: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while (name := parents.get(name, "")) and name not in found:
        found[name] = None
    return tuple(found)


def vocabulary_of(
    names: Names, claims: Iterable[Claim], edges: Iterable[Edge]
) -> dict[tuple[str, str], Name]:
    """All canonical names by (name, kind), those of the table first, then what nobody listed."""
    counts: Counter[tuple[str, str]] = Counter()
    for edge in edges:
        counts[edge.start, edge.from_kind] += 1
        counts[edge.end, edge.to_kind] += 1
    nodes = {name for name, _ in counts}
    for claim in claims:
        if claim.outcome not in nodes:
            counts[claim.outcome, "phenotype"] += 1
    found = {}
    for key, row in names.rows.items():
        others = tuple(dict.fromkeys(name for name, _ in row.synonyms if name != row.name))
        found[key] = Name(
            *key, others, row.curie, row.parent, counts[key], names.ancestor(row.name), row.note
        )
    for key, count in counts.items():
        if key not in found:
            found[key] = Name(*key, (), "", "", count, "", "")
    return found
