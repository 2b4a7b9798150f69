"""What an answer is. The same record everywhere: Python, JSON output, batch files, evaluation."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from crpd_qa.documents import Document, Paragraph
from crpd_qa.retrieve.passage import Passage
from crpd_qa.texts import texts

PROBABLE = 0.6
"""From this confidence on an answer probably is one, in the words that people are told."""
VERY_LIKELY = 0.85

Mode = Literal["extract", "language-model", "locate", "help", "declined"]


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is `paragraph.text[start:end]` of paragraph `number`: verbatim, and checked before it is returned."""

    number: int | None
    document: str
    section: str
    quote: str
    start: int
    end: int
    label: str
    """The number as the document prints it."""
    kind: str
    """The document's, as in `documents.model.Kind`: whose voice it is."""
    state: str
    language: str
    """Of the document, and so of the quotation."""
    page: int | None
    """Of the original file, from 1, where the paragraph begins."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is read at one go, and what it rests on: a sentence; one that leans on another, together with that.

    A quoted statement's `text` is its citations' quotations, one after the other.
    """

    text: str
    citations: tuple[Citation, ...]
    highlights: tuple[tuple[int, int], ...] = ()
    """[start, end) in `text` of the words that answer."""
    group: int = 0
    """Which of the answer's groups it belongs to, from 0."""
    meets: tuple[tuple[tuple[int, int], ...], ...] = ()
    """For each citation of a composed statement, the [start, end) in its quotation that the statement takes up."""


@dataclass(frozen=True, slots=True)
class Group:
    """A State, or a voice, that is answered apart: a statement's `group` is its place among these."""

    state: str
    """ISO 3166 alpha-3, or "" where it is not of one State alone."""
    kind: str
    """As in `documents.model.Kind`, or "" where it is not of one voice alone."""
    found: bool


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds."""

    encode: float
    retrieve: float
    answer: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """`statements` say the answer, `message` what the program itself has to say where there are none.

    `text` and `citations` are made from these: each statement followed by its paragraphs' numbers in brackets.
    `resolved` is the question as it was looked for: cleaned, and for a follow-up with what it leans on before it.
    `confidence` is a calibrated probability that the answer rests on a right paragraph.
    `passages` are the best ten paragraphs, also when the question is declined.
    `not_answered` are the parts of the question that the report does not answer, as far as can be told.
    `related` are near questions that the report answers; `language` is the one the question was asked in.
    In the mode "language-model" the statements are sentences that the model wrote; each was checked against its
    paragraphs, and its citations are what it was found to rest on. `notice` is one plain line on what went otherwise
    than wanted, and in the mode "locate" where a part is not quoted whole; `dropped` and `repaired` count the model's
    sentences that failed the check and that passed at the second try; `extract` are the report's own sentences, which
    are kept beside those of the model, and where it finds no answer. `scope` is where it was looked for, as far as that
    was chosen or the question names it, `narrowed` whether the question did; `groups` are the States or voices that
    were answered apart. Where `several_documents` were asked, the text names them.
    """

    id: str | None
    question: str
    resolved: str
    answered: bool
    text: str = field(init=False)
    confidence: float
    citations: tuple[Citation, ...] = field(init=False)
    passages: tuple[Passage, ...]
    not_answered: tuple[str, ...]
    related: tuple[str, ...]
    language: str
    mode: Mode
    timings_ms: Timings
    notice: str = ""
    dropped: int = 0
    repaired: int = 0
    statements: tuple[Statement, ...] = ()
    message: str = ""
    scope: dict[str, list[Any]] = field(default_factory=dict)
    narrowed: bool = False
    groups: tuple[Group, ...] = ()
    several_documents: bool = False
    extract: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "text", self.message or " ".join(f"{s.text} {self.marker(s)}" for s in self.statements)
        )
        citations = dict.fromkeys(citation for statement in self.statements for citation in statement.citations)
        object.__setattr__(self, "citations", tuple(citations))

    def marker(self, statement: Statement) -> str:
        """What follows a statement: "[94]", and with several documents "[CRPD/C/KEN/1, 94]"."""
        if not self.several_documents:
            return f"[{', '.join(labels(statement.citations))}]"
        own = dict.fromkeys((citation.document, citation.label) for citation in statement.citations)
        return " ".join(f"[{symbol}, {label}]" for symbol, label in own)

    def confidence_in_words(self, language: str) -> str:
        """For people; empty when nothing was answered."""
        if not self.statements:
            return ""
        if self.mode == "locate":
            key = "answer_telling" if self.notice else "answer_located"
        elif self.confidence >= VERY_LIKELY:
            key = "answer_very_likely"
        elif self.confidence >= PROBABLE:
            key = "answer_probably"
        else:
            key = "answer_unsure"
        return texts(language)[key]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in a JSON answer file."""
        return asdict(self)


def cite(document: Document, paragraph: Paragraph, start: int, end: int) -> Citation:
    """The words at [start, end) of a paragraph."""
    return Citation(
        number=paragraph.number,
        document=document.symbol,
        section=paragraph.section.title,
        quote=paragraph.text[start:end],
        start=start,
        end=end,
        label=paragraph.label,
        kind=document.kind,
        state=document.state,
        language=document.language,
        page=paragraph.page,
    )


def quoted(citations: Sequence[Citation]) -> str:
    """The text of a statement that quotes, and says nothing of its own."""
    return " ".join(citation.quote for citation in citations)


def labels(citations: Iterable[Citation]) -> tuple[str, ...]:
    """Of the cited paragraphs, each once."""
    return tuple(dict.fromkeys(citation.label for citation in citations))
