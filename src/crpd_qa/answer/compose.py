"""Ranked paragraphs, or a place in the report -> Answer."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from crpd_qa.answer.judge import Judge
from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.record import Group, Mode, Statement
from crpd_qa.answer.selection import most_words
from crpd_qa.answer.statements import statements
from crpd_qa.answer.telling import telling
from crpd_qa.documents import Document
from crpd_qa.documents.leaning import needed
from crpd_qa.languages.adjectives import states_described
from crpd_qa.languages.respect import respectful
from crpd_qa.languages.states import states_named
from crpd_qa.languages.tables import table
from crpd_qa.library import Library
from crpd_qa.retrieve import Passage, Place, Query, Ranking, merged_passages, rank
from crpd_qa.store.lexical import terms
from crpd_qa.texts import texts

FULL_TEXT_WORDS = 400
"""A part of a document is quoted whole up to so many words, beyond by the sentences that tell most.

Beyond, paragraphs that are asked for by their numbers are quoted by their first sentences.
"""
MAX_PASSAGES = 10
PART_THRESHOLD = 0.35
"""A part of a question is not answered below this share of the threshold: most parts are asked in few words."""
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
    groups: tuple[Group, ...] = ()
    extract: tuple[Statement, ...] = ()


def extract(
    query: Query,
    ranking: Ranking,
    judge: Judge,
    *,
    max_words: int,
    threshold: float,
    language: str = "en",
    strangers: Sequence[str] = (),
    whole: bool = False,
) -> Composed:
    """The sentences that answer best, or "declined" where the confidence is below the threshold.

    `strangers` are codes of States that the question names and of which nothing is asked; `whole` leaves a question of
    several parts as it is.
    """
    if _QUESTION_WORD.fullmatch(query.text.strip(" \t\n?!.,;:…¿¡")) or (
        query.language == "en" and (not ranking.words or not len(ranking.weights))
    ):
        return declined(_words(query, ranking.library, language)["answer_too_vague"])
    asked = judge.judge(query, ranking)
    if not whole:
        asked = replace(asked, parts=tuple(judge.judge(part, own) for part, own in part_rankings(query, ranking)))
    ranking, parts = asked.ranking, asked.asked
    passages = merged_passages([*(part.ranking for part in parts), ranking], MAX_PASSAGES)
    sure = judge.confidence(asked)
    if _asks_of_another_state(strangers, ranking):
        sure *= ANOTHER_STATE
    unanswered = [part.query != query and judge.confidence(part) < threshold * PART_THRESHOLD for part in parts]
    if sure < threshold or all(unanswered):
        return Composed(
            "declined",
            min(sure, threshold),
            message=" ".join(_decline(query, ranking.library, language)),
            passages=passages,
            related=_related(query, ranking),
        )
    answered = tuple(part for part, missing in zip(parts, unanswered, strict=True) if not missing)
    chosen = judge.select(replace(asked, parts=answered), max_words)
    return Composed(
        "extract",
        sure,
        statements(
            [(s.document, s.paragraph, s.number) for s in chosen],
            [(s.document, s.paragraph, *s.asked_for) for s in chosen if s.asked_for],
        ),
        passages=passages,
        not_answered=tuple(part.query.question for part, missing in zip(parts, unanswered, strict=True) if missing),
        related=_related(query, ranking, {s.position for s in chosen}),
    )


def _asks_of_another_state(strangers: Sequence[str], ranking: Ranking) -> bool:
    """Whether the best paragraph does not speak of a State that the question names and that the scope does not hold."""
    if not strangers:
        return False
    document, text = ranking.document(0), ranking.paragraph(0).text
    spoken_of = {state.code for find in (states_named, states_described) for state in find(text, document.language)}
    return any(code not in spoken_of for code in strangers)


def _words(query: Query, library: Library, language: str) -> dict[str, str]:
    """What is said of the documents that are asked, or of the one."""
    return texts(language, several=library.only_document(query.scope) is None)


def _decline(query: Query, library: Library, language: str) -> Iterator[str]:
    """That the report does not answer, and which words of the question it does not use at all."""
    yield _words(query, library, language)["answer_declined"]
    known = library.store.lexical
    unknown = [
        word
        for word in ([] if query.language != "en" else re.findall(r"\w+", query.question))
        if (stems := terms(word))
        and not all(s in known or s in everyday_words() for s in stems)
        and not all(s in known for s in terms(_BRITISH.sub("iz", word)))
    ]
    if unknown:
        words = ", ".join(f"“{word}”" for word in list(dict.fromkeys(unknown))[:MAX_UNKNOWN_WORDS])
        yield _words(query, library, language)["answer_unknown_words"].format(words=words)


_BRITISH = re.compile(r"is(?=e[ds]?$|ing$|ations?$)")
"""Where others write a "z": "sterilised". It has another stem."""


@cache
def everyday_words() -> frozenset[str]:
    """Stems of function words and of what people say about anything: they do not tell what a question is about."""
    data = files("crpd_qa") / "data"
    lines = [
        line for name in ("off-topic", "help") for line in (data / f"{name}.en.txt").read_text("utf-8").split("\n")
    ]
    counts = Counter(stem for line in lines for stem in set(terms(line)))
    function_words = terms(" ".join(table("en", "talk")["function_words"]))
    return frozenset([*function_words, *(stem for stem, count in counts.items() if count >= EVERYDAY)])


def _related(query: Query, ranking: Ranking, cited: Container[int] = ()) -> tuple[str, ...]:
    """Near questions that other paragraphs than those at the cited positions answer, one a paragraph.

    In the language of the question, if the document's questions are there in it, else in English.
    """
    if ranking.asked is None:
        return ()
    library = ranking.library
    found: dict[str, dict[int, str]] = {query.language: {}, "en": {}}
    for position, which in ranking.space.nearest_questions(ranking.vector, NEAR_QUESTIONS):
        language, question = library.question_at(position, which, english=not ranking.multilingual)
        if position not in cited and language in found and respectful(question, language):
            found[language].setdefault(position, question[0].upper() + question[1:])
    return tuple((found[query.language] or found["en"]).values())[:MAX_RELATED]


def part_rankings(query: Query, ranking: Ranking) -> list[tuple[Query, Ranking]]:
    """Each part of a question of several with its own ranking, which leans on the whole question's."""
    parts = [replace(query, question=part) for part in question_parts(query.question, query.language)]
    if len(parts) == 1:
        return []
    return [(part, rank(part, ranking.library).leaning_on(ranking)) for part in parts]


def quote_place(
    place: Place, document: Document, library: Library, *, max_words: int, language: str = "en"
) -> Composed:
    """The paragraphs that were asked for by number, article or section."""
    if place.lacking:
        return declined(texts(language)["answer_no_section"].format(name=place.lacking))
    if not place.found:
        numbers = ", ".join(place.missing)
        key = "answer_no_paragraph" if len(place.missing) == 1 else "answer_no_paragraphs"
        return declined(texts(language)[key].format(numbers=numbers, last=document.paragraphs[-1].label))
    paragraphs = [p for label in place.found if (p := document.paragraph(label))]
    whole = sum(len(p.text.split()) for p in paragraphs) <= FULL_TEXT_WORDS or len(paragraphs) == 1
    notice = ""
    if whole:
        quoted = [(p, n) for p in paragraphs for n in range(len(p.sentences))]
    elif place.part:
        quoted = telling(document, paragraphs, library.store.lexical.idf, most_words(max_words))
        notice = texts(language)["answer_whole_part"].format(
            first=place.found[0], last=place.found[-1], count=len(paragraphs)
        )
    else:
        quoted = [(p, n) for p in paragraphs for n in sorted(needed(p, 0, document.language))]
    said = statements([(document, p, n) for p, n in quoted])
    passages = tuple(Passage(document.symbol, p.label, p.number, 1.0) for p in paragraphs[:MAX_PASSAGES])
    return Composed("locate", 1.0, said, passages=passages, notice=notice)


def offer_help(courtesy: str, language: str, *, several: bool) -> Composed:
    """What can be asked: for who greets, thanks, or asks about the program or the report as a thing.

    `courtesy` is answered first: "thanks", "greetings", or "".
    """
    own = texts(language, several=several)
    said = [own[f"answer_{courtesy}"]] if courtesy else []
    return Composed("help", 0.0, message=" ".join([*said, own["answer_help"]]))


def declined(reason: str) -> Composed:
    """Nothing was looked for: the question is empty, too long, or asks for what is not there."""
    return Composed("declined", 0.0, message=reason)
