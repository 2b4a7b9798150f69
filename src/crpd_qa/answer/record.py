"""What an answer is. The same record everywhere: Python, JSON output, batch files, evaluation."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from crpd_qa.retrieve.passage import Passage
from crpd_qa.texts import texts

Mode = Literal["extract", "language-model", "locate", "declined"]


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is `paragraph.text[start:end]` of paragraph `number`: verbatim, and checked before it is returned."""

    number: int
    document: str
    section: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds."""

    encode: float
    retrieve: float
    answer: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` holds quotations, each followed by its paragraph's number in brackets; or says why there is no answer.

    `resolved` is the question as it was looked for: cleaned, and for a follow-up with what it leans on before it.
    `confidence` is a calibrated probability that the answer rests on a right paragraph.
    `passages` are the best ten paragraphs, also when the question is declined.
    `not_answered` are the parts of the question that the report does not answer, as far as can be told.
    `related` are near questions that the report answers; `language` is the one the question was asked in.
    In the mode "language-model" `text` holds sentences that the model wrote; each was checked against its paragraphs,
    and `citations` are what it was found to rest on. `notice` is one plain line on what went otherwise than wanted;
    `dropped` and `repaired` count the model's sentences that failed the check and that passed at the second try.
    """

    id: str | None
    question: str
    resolved: str
    answered: bool
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    not_answered: tuple[str, ...]
    related: tuple[str, ...]
    language: str
    mode: Mode
    timings_ms: Timings
    notice: str = ""
    dropped: int = 0
    repaired: int = 0

    def confidence_in_words(self, language: str) -> str:
        """For people; empty when nothing was answered."""
        if not self.answered:
            return ""
        if self.mode == "locate":
            key = "answer_located"
        elif self.confidence >= 0.85:
            key = "answer_very_likely"
        elif self.confidence >= 0.6:
            key = "answer_probably"
        else:
            key = "answer_unsure"
        return texts(language)[key]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in a JSON answer file."""
        return asdict(self)
