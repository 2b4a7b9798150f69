"""Ranked paragraphs, or a place in the report -> Answer."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from crpd_qa.answer.confidence import confidence
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.question_type import QuestionType, question_type
from crpd_qa.answer.record import Mode, Statement
from crpd_qa.answer.selection import Rated, limits, rate, select_sentences
from crpd_qa.answer.sentences import Sentence, candidate_sentences
from crpd_qa.answer.statements import needed, statements
from crpd_qa.answer.states import asks_of_another_state
from crpd_qa.document import Document
from crpd_qa.encoder import Floats
from crpd_qa.index import Index
from crpd_qa.index.lexical import terms
from crpd_qa.languages.respect import respectful
from crpd_qa.retrieve import Passage, Place, Query, Ranking, merged_passages, rank
from crpd_qa.retrieve.late_interaction import TokenMatches
from crpd_qa.texts import texts

FULL_TEXT_WORDS = 400
"""Paragraphs asked for by number or section are quoted whole up to so many words; beyond, by their first sentences."""
MAX_PASSAGES = 10
PART_THRESHOLD = 0.35
"""A part of a question is not answered below this share of the threshold: most parts are asked in few words."""
SAID = 0.6
"""A quoted sentence that matches so much of a part of the question answers it, whatever the confidence in the part."""
ANOTHER_STATE = 0.1
"""What is left of the confidence where a question names another State than its best paragraph."""
MAX_UNKNOWN_WORDS = 3
MAX_RELATED = 3
EVERYDAY = 2
"""A word in so many of the example messages, which are about anything under the sun, is one of every day."""
_QUESTION_WORD = re.compile(
    r"(?:қанша|неше|кім|не|қашан|қайда|қалай|сколько|кто|что|где|когда|как|почему|combien|qui|quoi|quand|où"
    r"|comment|cuánt[oa]s?|quién|qué|cuándo|dónde|cómo)",
    re.IGNORECASE,
)
NEAR_QUESTIONS = 30


@dataclass(frozen=True, slots=True)
class Composed:
    """What the answer record holds besides the question and the times."""

    mode: Mode
    confidence: float
    statements: tuple[Statement, ...] = ()
    message: str = ""
    passages: tuple[Passage, ...] = ()
    not_answered: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    notice: str = ""
    dropped: int = 0
    repaired: int = 0


def extract(
    query: Query,
    ranking: Ranking,
    index: Index,
    models: AnswerModels,
    *,
    max_words: int,
    threshold: float,
    language: str = "en",
) -> Composed:
    """The sentences that answer best, or "declined" where the confidence is below the threshold."""
    if _QUESTION_WORD.fullmatch(query.text.strip(" \t\n?!.,;:…¿¡")) or (
        query.language == "en" and (not ranking.words or not len(ranking.weights))
    ):
        return declined(texts(language)["answer_too_vague"])
    rankings = part_rankings(query, ranking, index)
    passages = merged_passages([r for _, r in rankings] + [ranking], MAX_PASSAGES)
    kind = question_type(query)
    parts = rated_parts(rankings, models)
    sure = confidence(ranking, index, kind, parts, models)
    # The model for English knows names that the paragraph lacks; those for other languages do not.
    if query.language != "en" and asks_of_another_state(
        query.text, query.language, index.document, ranking.paragraph(0).text
    ):
        sure *= ANOTHER_STATE
    unanswered = [
        part != query and _part_confidence(part, own, index, models) < threshold * PART_THRESHOLD
        for part, own in rankings
    ]
    if sure < threshold or all(unanswered):
        return Composed(
            "declined",
            min(sure, threshold),
            message=" ".join(_decline(query, index, language)),
            passages=passages,
            related=_related(query, ranking, index),
        )
    answered = [part for part, missing in zip(parts, unanswered, strict=True) if not missing]
    chosen = select_sentences(answered, sentence_matches(ranking, index, kind, parts), limits(len(answered), max_words))
    return Composed(
        "extract",
        sure,
        statements([(s.paragraph, s.number) for s in chosen], index.document),
        passages=passages,
        not_answered=tuple(
            part.question
            for (part, own), missing in zip(rankings, unanswered, strict=True)
            if missing and not any(_says(sentence, part, own, index) for sentence in chosen)
        ),
        related=_related(query, ranking, index, {s.paragraph.number for s in chosen}),
    )


def _says(sentence: Sentence, part: Query, own: Ranking, index: Index) -> bool:
    """Whether a quoted sentence holds what a part of the question names, and the kind of thing that it asks for."""
    kind, paragraph = question_type(part), sentence.paragraph
    if any(lacks for name, lacks in kind.met_by(sentence.text).items() if name.endswith("_missing")):
        return False
    matches = TokenMatches.of(own.encoding, index.tokens, np.array([paragraph.number - 1]))
    held = matches.sentences(0, len(paragraph.sentences))[sentence.number]
    return float(held @ kind.content_weights(own.encoding, own.weights)) >= SAID


def _part_confidence(part: Query, ranking: Ranking, index: Index, models: AnswerModels) -> float:
    kind = question_type(part)
    return confidence(ranking, index, kind, [rate(candidate_sentences(ranking, kind), models.sentence)], models)


def _decline(query: Query, index: Index, language: str) -> Iterator[str]:
    """That the report does not answer, and which words of the question it does not use at all."""
    yield texts(language)["answer_declined"]
    unknown = [
        word
        for word in ([] if query.language != "en" else re.findall(r"\w+", query.question))
        if (stems := terms(word)) and not (index.lexical.vocabulary | everyday_words()).issuperset(stems)
    ]
    if unknown:
        words = ", ".join(f"“{word}”" for word in list(dict.fromkeys(unknown))[:MAX_UNKNOWN_WORDS])
        yield texts(language)["answer_unknown_words"].format(words=words)


@cache
def everyday_words() -> frozenset[str]:
    """Stems of what people say about anything: they do not tell what a question is about."""
    data = files("crpd_qa") / "data"
    lines = [
        line for name in ("off-topic", "help") for line in (data / f"{name}.en.txt").read_text("utf-8").split("\n")
    ]
    counts = Counter(stem for line in lines for stem in set(terms(line)))
    return frozenset(stem for stem, count in counts.items() if count >= EVERYDAY)


def _related(query: Query, ranking: Ranking, index: Index, cited: Container[int] = ()) -> tuple[str, ...]:
    """Near questions that other paragraphs than the cited ones answer, one a paragraph.

    In the language of the question, if the report's questions are there in it, else in English.
    """
    asked = None if ranking.space is index.dense or index.multilingual is None else index.multilingual.questions
    found: dict[str, dict[int, str]] = {query.language: {}, "en": {}}
    for position, which in ranking.space.nearest_questions(ranking.vector, NEAR_QUESTIONS):
        paragraph = index.document.paragraphs[position]
        language, question = asked[position][which] if asked else ("en", paragraph.questions[which])
        if paragraph.number not in cited and language in found and respectful(question, language):
            found[language].setdefault(position, question)
    return tuple((found[query.language] or found["en"]).values())[:MAX_RELATED]


def part_rankings(query: Query, ranking: Ranking, index: Index) -> list[tuple[Query, Ranking]]:
    """Each part of a question with its own ranking, which leans on the whole question's."""
    parts = [Query(part, query.context) for part in question_parts(query.question)]
    if query.language != "en" or len(parts) == 1:
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


def quote_place(place: Place, document: Document, language: str = "en") -> Composed:
    """The paragraphs that were asked for by number, article or section."""
    if not place.found:
        numbers = ", ".join(str(number) for number in place.missing)
        key = "answer_no_paragraph" if len(place.missing) == 1 else "answer_no_paragraphs"
        return declined(texts(language)[key].format(numbers=numbers, last=len(document)))
    paragraphs = [document.paragraphs[number - 1] for number in place.found]
    whole = sum(len(p.text.split()) for p in paragraphs) <= FULL_TEXT_WORDS or len(paragraphs) == 1
    said = statements(
        [(p, n) for p in paragraphs for n in (range(len(p.sentences)) if whole else sorted(needed(p, 0)))], document
    )
    passages = tuple(Passage(number, 1.0) for number in place.found[:MAX_PASSAGES])
    return Composed("locate", 1.0, said, passages=passages)


def offer_help(language: str) -> Composed:
    """What can be asked: for who greets, thanks, or asks about the program or the report as a thing."""
    return Composed("help", 0.0, message=texts(language)["answer_help"])


def declined(reason: str) -> Composed:
    """Nothing was looked for: the question is empty, too long, or asks for what is not there."""
    return Composed("declined", 0.0, message=reason)
