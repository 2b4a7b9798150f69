"""Ranked paragraphs, or a place in the report -> Answer."""

from dataclasses import dataclass

import numpy as np

from crpd_qa.answer.confidence import confidence
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.question_type import QuestionType, question_type
from crpd_qa.answer.record import Citation, Mode
from crpd_qa.answer.selection import Rated, limits, rate, select_sentences
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.document import Document, Paragraph
from crpd_qa.encoder import Floats
from crpd_qa.index import Index
from crpd_qa.retrieve import Passage, Place, Query, Ranking, merged_passages, rank
from crpd_qa.retrieve.late_interaction import TokenMatches

FULL_TEXT_WORDS = 400
"""Paragraphs asked for by number or section are quoted whole up to so many words; beyond, by their first sentences."""
MAX_PASSAGES = 10
NO_ANSWER = (
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
    notice: str = ""
    dropped: int = 0
    repaired: int = 0


def extract(
    query: Query, ranking: Ranking, index: Index, models: AnswerModels, *, max_words: int, threshold: float
) -> Composed:
    """The sentences that answer best, or "declined" where the confidence is below the threshold."""
    if in_other_script(query.question):
        return Composed("declined", _ENGLISH_ONLY, 0.0)
    if not ranking.words or not len(ranking.weights) or is_hostile(query.question):
        return Composed("declined", NO_ANSWER, 0.0, passages=ranking.passages(MAX_PASSAGES))
    rankings = part_rankings(query, ranking, index)
    passages = merged_passages([r for _, r in rankings] + [ranking], MAX_PASSAGES)
    kind = question_type(query)
    parts = rated_parts(rankings, models)
    sure = confidence(ranking, index, kind, parts, models)
    if sure < threshold:
        return Composed("declined", NO_ANSWER, sure, passages=passages)
    chosen = select_sentences(parts, sentence_matches(ranking, index, kind, parts), limits(len(parts), max_words))
    citations = tuple(_citation(s.paragraph, s.start, s.end, index.document) for s in chosen)
    return Composed("extract", _text(citations), sure, citations, passages)


def part_rankings(query: Query, ranking: Ranking, index: Index) -> list[tuple[Query, Ranking]]:
    """Each part of a question with its own ranking, which leans on the whole question's."""
    parts = [Query(part, query.context) for part in question_parts(query.question)]
    if len(parts) == 1:
        return [(query, ranking)]
    return [(part, rank(part, index).leaning_on(ranking)) for part in parts]


def rated_parts(parts: list[tuple[Query, Ranking]], models: AnswerModels) -> list[Rated]:
    """Rated sentences for each part of a question."""
    return [rate(candidate_sentences(ranking, question_type(part)), models.sentence) for part, ranking in parts]


def sentence_matches(
    ranking: Ranking, index: Index, kind: QuestionType, parts: list[Rated]
) -> dict[tuple[int, int], Floats]:
    """Of each rated sentence, by its place, (n_question_tokens,) weighted matches of the whole question's tokens."""
    paragraphs = sorted({s.paragraph.number for part in parts for _, s in part})
    matches = TokenMatches.of(ranking.encoding, index.tokens, np.array(paragraphs) - 1)
    weights = kind.content_weights(ranking.encoding, ranking.weights)
    return {
        (number, i): match * weights
        for row, number in enumerate(paragraphs)
        for i, match in enumerate(matches.sentences(row, len(index.document.paragraphs[number - 1].sentences)))
    }


def in_other_script(question: str) -> bool:
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
