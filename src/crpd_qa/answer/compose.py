"""Ranked paragraphs, or a place in the report -> Answer."""

from dataclasses import dataclass

from crpd_qa.answer.confidence import confidence
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.record import Citation, Mode
from crpd_qa.answer.selection import Rated, rate, select_sentences
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.document import Document, Paragraph
from crpd_qa.index import Index
from crpd_qa.retrieve import Passage, Place, Ranking, rank

FULL_TEXT_WORDS = 400
"""Paragraphs asked for by number or section are quoted whole up to so many words; beyond, by their first sentences."""
MAX_PASSAGES = 10
_NO_ANSWER = (
    "The report does not answer this question, as far as this tool can tell. "
    "The closest paragraphs are listed, but they may be about something else."
)

_ENGLISH_ONLY = (
    "So far this tool can read questions in English only. "
    "Пока этот инструмент понимает вопросы только на английском языке. "
    "Әзірге бұл құрал тек ағылшын тіліндегі сұрақтарды түсінеді."
)


@dataclass(frozen=True, slots=True)
class Composed:
    """What the answer record holds besides the question and the times."""

    mode: Mode
    text: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()


def extract(
    question: str, ranking: Ranking, index: Index, models: AnswerModels, *, max_words: int, threshold: float
) -> Composed:
    """The sentences that answer best, or "declined" where the confidence is below the threshold."""
    passages = ranking.passages(MAX_PASSAGES)
    if _in_other_script(question):
        return Composed("declined", _ENGLISH_ONLY, 0.0)
    if not ranking.words or not len(ranking.weights) or is_hostile(question):
        return Composed("declined", _NO_ANSWER, 0.0, passages=passages)
    parts = rated_parts(question, ranking, index, models)
    sure = confidence(ranking, index, question_type(question), parts, models)
    if sure < threshold:
        return Composed("declined", _NO_ANSWER, sure, passages=passages)
    chosen = select_sentences(parts, max_words)
    citations = tuple(_citation(s.paragraph, s.start, s.end, index.document) for s in chosen)
    return Composed("extract", _text(citations), sure, citations, passages)


def rated_parts(question: str, ranking: Ranking, index: Index, models: AnswerModels) -> list[Rated]:
    """Rated sentences for each part of a question; `ranking` is the whole question's."""
    parts = question_parts(question)
    if len(parts) == 1:
        return [rate(candidate_sentences(ranking, question_type(question)), models.sentence)]
    return [
        rate(candidate_sentences(rank(part, index).leaning_on(ranking), question_type(part)), models.sentence)
        for part in parts
    ]


def _in_other_script(question: str) -> bool:
    """Whether most letters are not Latin: what is found for them is chance."""
    letters = [c for c in question if c.isalpha()]
    return sum(c.isascii() or c < "\u0250" for c in letters) * 2 < len(letters)


def quote_place(place: Place, document: Document) -> Composed:
    """The paragraphs that were asked for by number, article or section."""
    if not place.found:
        last = len(document)
        names = ", ".join(str(number) for number in place.missing)
        text = (
            f"The report has no paragraph {names}: its paragraphs are numbered 1 to {last}."
            if len(place.missing) == 1
            else f"The report has no paragraphs {names}: its paragraphs are numbered 1 to {last}."
        )
        return Composed("declined", text, 0.0)
    paragraphs = [document.paragraphs[number - 1] for number in place.found]
    whole = sum(len(p.text.split()) for p in paragraphs) <= FULL_TEXT_WORDS or len(paragraphs) == 1
    citations = tuple(
        _citation(p, start, end, document)
        for p in paragraphs
        for start, end in (p.sentences if whole else p.sentences[:1])
    )
    passages = tuple(Passage(number, 1.0) for number in place.found[:MAX_PASSAGES])
    return Composed("locate", _text(citations), 1.0, citations, passages)


def refuse(reason: str) -> Composed:
    """A question that cannot be read: empty, or too long."""
    return Composed("declined", reason, 0.0)


def _citation(paragraph: Paragraph, start: int, end: int, document: Document) -> Citation:
    return Citation(
        number=paragraph.number,
        document=document.symbol,
        section=paragraph.section.heading,
        quote=paragraph.text[start:end],
        start=start,
        end=end,
    )


def _text(citations: tuple[Citation, ...]) -> str:
    return " ".join(f"{citation.quote} [{citation.number}]" for citation in citations)
