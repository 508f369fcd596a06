"""What a row of each evidence table is; `data/README.md` says what the columns mean."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "ATTRIBUTES",
    "DIRECTIONS",
    "EDGE_KINDS",
    "KINDS",
    "LOGICS",
    "MARKS",
    "RELATIONS",
    "STATUSES",
    "Claim",
    "Dropped",
    "Edge",
    "EdgeCell",
    "EdgeKey",
    "EdgeStatus",
    "NameRow",
    "ParameterRow",
    "Quantity",
    "Readout",
    "Reference",
    "Review",
    "SelfLoop",
    "Transfer",
]

STATUSES = ("accepted", "doubtful", "corrected")
LOGICS = ("or", "and")
MARKS = ("read", "derived", "assumed", "calibrated")
ATTRIBUTES = ("level", "rate", "count", "per_vesicle", "composition", "correlation", "none")
KINDS = (
    "property", "biogenesis", "loading", "secretion", "isolation", "transport", "targeting", "uptake",
    "response", "phenotype", "differentiation", "intervention", "biomarker", "clinical", "manufacturing",
    "open_question",
)  # fmt: skip
DIRECTIONS = ("+", "-", "0", "biphasic", "marker_up", "marker_down", "descriptive")
EDGE_KINDS = (
    "cell", "vesicle", "cargo", "gene", "protein", "pathway", "metabolite", "process", "phenotype", "state",
    "drug", "stimulus", "organ",
)  # fmt: skip
RELATIONS = (
    "secretes", "carries", "taken_up_by", "represses", "activates", "binds", "differentiates_to", "recruits",
    "secretes_cytokine", "degrades", "kills", "transports", "inhibits", "induces",
)  # fmt: skip


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


#: Claim, step and printed names of an edge.
EdgeKey = tuple[str, int, str, str]


@dataclass(frozen=True)
class Claim:
    """One factual statement of a review. ``review``, ``file`` and ``line`` say where the row stands.

    ``agent``, ``outcome``, ``source`` and ``recipient`` are canonical names once cleaned; the same with
    ``printed_`` before them are the words of the table.

    Attributes
    ----------
    status
        accepted, or corrected: ``direction`` was turned because the claim's own words and chain say so.
    """

    id: str
    section: str
    ref: str
    cited: str
    doi: str
    kind: str
    source: str
    vesicle: str
    cargo: str
    cargo_kind: str
    recipient: str
    context: str
    system: str
    effect: str
    agent: str
    outcome: str
    direction: str
    checkable: str
    note: str
    review: str = ""
    printed_agent: str = ""
    printed_outcome: str = ""
    printed_source: str = ""
    printed_recipient: str = ""
    printed_direction: str = ""
    status: str = "accepted"
    reason: str = ""
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)

    @property
    def refs(self) -> tuple[str, ...]:
        """Reference numbers in the review."""
        return _parts(self.ref)

    @property
    def cargoes(self) -> tuple[str, ...]:
        """Names of the cargo."""
        return _parts(self.cargo)

    @property
    def contexts(self) -> tuple[str, ...]:
        """Diseases or settings; none when the claim is general."""
        return tuple(part for part in _parts(self.context) if part != "none")

    @property
    def sources(self) -> tuple[str, ...]:
        """Producing cells."""
        return _parts(self.source)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Receiving cells, tissues or organs."""
        return _parts(self.recipient)

    @property
    def cell(self) -> str:
        """The cell the outcome is about: the recipient, else the source."""
        return self.recipient or self.source

    @property
    def votes(self) -> tuple[tuple[str, str], ...]:
        """Publications behind the claim: (review, reference number); uncited: the review itself."""
        return tuple((self.review, ref) for ref in self.refs) or ((self.review, ""),)


@dataclass(frozen=True)
class Edge:
    """One signed arrow of a claim; ``start`` and ``end`` are the columns ``from`` and ``to``.

    Once cleaned, ``start``, ``end`` and the kinds are canonical, ``sign`` is the corrected one, and ``cell``
    is where the arrow is placed ("" where nobody can say); the words of the table have ``printed_`` before
    them.

    Attributes
    ----------
    status
        accepted, doubtful (kept, but nothing should rest on it alone) or corrected (the sign was turned).
    reason
        Why it is doubtful or corrected.
    logic
        How it joins other arrows of its claim to the same end: "or", or "and" where the claim says so.
    """

    claim_id: str
    step: int
    start: str
    sign: str
    end: str
    from_kind: str
    to_kind: str
    cell: str
    relation: str
    status: str = "accepted"
    reason: str = ""
    logic: str = "or"
    printed_start: str = ""
    printed_end: str = ""
    printed_sign: str = ""
    printed_cell: str = ""
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)

    @property
    def key(self) -> EdgeKey:
        """Claim, step and printed names: what tables about edges name it by."""
        return (self.claim_id, self.step, self.printed_start or self.start, self.printed_end or self.end)


@dataclass(frozen=True)
class EdgeStatus:
    """Judgement of one edge; ``sign`` only where it was turned."""

    status: str
    sign: str
    logic: str
    reason: str


@dataclass(frozen=True)
class EdgeCell:
    """Where one edge acts, and how that is known."""

    cell: str
    how: str


@dataclass(frozen=True)
class SelfLoop:
    """An edge left out because both its printed names mean ``name``."""

    claim_id: str
    step: int
    printed_start: str
    sign: str
    printed_end: str
    relation: str
    name: str


@dataclass(frozen=True)
class NameRow:
    """One canonical name of `vocabulary.tsv`; ``synonyms`` are (name, kind), ``parent`` relates only."""

    name: str
    kind: str
    synonyms: tuple[tuple[str, str], ...]
    parent: str
    curie: str
    note: str
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Readout:
    """How an outcome is read: ``attribute`` of ``node``; ``sign`` "-" where they move against each other."""

    outcome: str
    node: str
    attribute: str
    sign: str
    mark: str
    note: str


@dataclass(frozen=True)
class Quantity:
    """One number of a claim; ``low`` and ``high`` are None when not stated.

    Once cleaned, ``unit`` is one that `vesiflux.units` reads and the numbers are in it; ``printed_unit`` is
    the word of the table.
    """

    claim_id: str
    quantity: str
    low: float | None
    high: float | None
    unit: str
    comparator: str
    condition: str
    note: str
    printed_unit: str = ""


@dataclass(frozen=True)
class ParameterRow:
    """One parameter as tabulated, in the unit as printed; `Evidence.prior` reads it."""

    name: str
    symbol: str
    low: float | None
    typical: float | None
    high: float | None
    unit: str
    condition: str
    source: str
    doi_or_pmid: str
    confidence: str
    note: str
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Reference:
    """One entry of a review's reference list with a verdict on its use."""

    review: str
    ref: str
    first_author: str
    year: str
    title: str
    printed: str
    identity: str
    fit_to_use: str
    comment: str


@dataclass(frozen=True)
class Review:
    """A review the claims come from."""

    review: str
    authors: str
    year: str
    title: str
    doi: str
    about: str


@dataclass(frozen=True)
class Transfer:
    """A name, or a statement about it, taken from one context to another: an assumption with its reason."""

    from_context: str
    to_context: str
    name_from: str
    name_to: str
    mark: str
    source: str
    note: str


@dataclass(frozen=True)
class Dropped:
    """A claim, edge or number that was left out and why; ``id`` is the claim's or the place of the row."""

    id: str
    reason: str
