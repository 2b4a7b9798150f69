"""Questions by structure: "what does paragraph 107 say", "paras 419 to 421", "article 22", "section on air transport".

They are answered by looking the place up, never by similarity.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache

from crpd_qa.documents import Document
from crpd_qa.documents.references import numbers_in
from crpd_qa.language import LANGUAGES, words_of
from crpd_qa.languages.tables import table
from crpd_qa.store.lexical import terms

NUMBERS = r"\d{1,6}(?:\s*(?:,|and|to|–|-|&)\s*(?:and\s+)?\d{1,6})*"
MAX_FOREIGN_WORDS = 2
"""Words beside a paragraph's number that are neither its own nor of asking: more make it another kind of question."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a question asks for by its place in the report. Both may be filled: "paragraphs 507 to 510"."""

    found: tuple[str, ...]
    """Labels of paragraphs that the document has."""
    missing: tuple[str, ...] = ()
    """Numbers that it does not have."""
    lacking: str = ""
    """The article or annex that it has no section on, as the question names it."""
    part: bool = False
    """Whether an article, an annex or a section is asked for, not paragraphs by their numbers."""


_PARAGRAPHS = re.compile(
    rf"(?:\b(?:paragraphs?|paras?|pars?)\b\.?|(?<![§¶])[§¶]+)\s*(?:(?:nos?\b\.?|numbers?|#)\s*)?({NUMBERS})",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(
    rf"(?<!order )(?<!decision )(?<!decree )(?<!resolution )(?<!list )\b(?:nos?|points?)\.?\s+({NUMBERS})\b",
    re.IGNORECASE,
)
_FIRST_OR_LAST = re.compile(
    r"\b(?P<which>first|opening|last|final)\s+(?:numbered\s+)?(?:paragraph|para)\b", re.IGNORECASE
)
_ARTICLE = re.compile(
    r"\b(?:articles?|art\.?|arts\.?)\s*(?P<number>\d{1,2})\b(?!\s*\()"
    r"(?!\s+of\s+(?:the|its|that)\s+(?!convention|report|crpd))",
    re.IGNORECASE,
)
_OF_ARTICLE = re.compile(
    r"(\b(?:articles?|art\.?)\s*\d{1,2}),?\s+(?:paragraphs?|paras?|pars?)\b\.?\s*(?:\d|1[0-3])\b"
    r"|\b(?:paragraphs?|paras?|pars?)\b\.?\s*(?:\d|1[0-3])\s+of\s+((?:articles?|art\.?)\s*\d{1,2})\b",
    re.IGNORECASE,
)
"""An article's own paragraph: none of the Convention's articles has more than 13."""
_ANNEX = re.compile(r"\bannex(?:es)?\s+(?P<number>[ivx]{1,5}|\d{1,2})\b", re.IGNORECASE)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_BEFORE_NUMBER = re.compile(r"\b[^\W\d_]{6,11}(?=\.?\s*\d)")
_PLACES = ("paragraph", "paragraphs", "article", "articles")
MOST_OF_A_HEADING = 0.66
NEARLY = 0.84
"""difflib's ratio from which on a word before a number is taken for one of these, mistyped."""
_PART_WORD = re.compile(
    r"\b(?:sub)?(?:sections?|chapters?|headings?)\b|\bintroduction\b|\barticle\b"
    r"|\b(?:the|a|that|this|its)\s+part\b|\bpart\s+(?:on|about|under|of the report)\b",
    re.IGNORECASE,
)
_TALK = frozenset(
    terms(
        "what which say said tell told show give list read quote cite sum summary summarise summarize gist overview "
        "short brief please section subsection chapter part heading article report paragraph para text point make made "
        "contain contents cover include mention written write talk deal discuss describe explain know want see need "
        "get look find like whole full entire complete main key convention crpd country document under "
        "about there here thing put word go can could would let"
    )
)
"""Stemmed words of asking for a part of a report: they do not say which part."""


_AND_OTHER = re.compile(r"\b(?:и|ж[әа]не|et|y)\b")
_TO_OTHER = re.compile(r"\b(?:до|по|à|a|al)\b")
_NUMBERS_OTHER = rf"\d{{1,6}}(?:\s*(?:,|–|-|{_AND_OTHER.pattern}|{_TO_OTHER.pattern})\s*\d{{1,6}})*+"
_PLACE_OTHER = re.compile(
    rf"\b(?:пункт\w*|п\.|paragraphes?|p[áa]rrafos?)\s*(?:№\s*)?(?:с\s+|del?\s+)?(?P<after>{_NUMBERS_OTHER})"
    r"|\b(?:стать\w+|ст\.|art[íi]culos?|l['’ ]article|article)\s*(?P<article>\d{1,2})\b"
    rf"|\b(?P<before>{_NUMBERS_OTHER})(?:\s*+(?:[-–]\s*+)?(?:(?P<paragraph>тарма[қкғг]\w*)|(?P<bap>ба[пб]\w*)))?+",
    re.IGNORECASE,
)
"""A row of numbers is read whole whatever follows it, so that none is read twice."""


@cache
def _beside() -> tuple[frozenset[str], tuple[str, ...]]:
    """Words that ask for nothing beside a place, and beginnings of such words, in all languages."""
    words = [
        word
        for language in LANGUAGES
        for phrase in (
            *table(language, "places")["beside"],
            *table(language, "talk")["thanks"],
            *table(language, "talk")["greetings"],
        )
        for word in phrase.split()
    ]
    return (
        frozenset(word for word in words if not word.endswith("*")),
        tuple(word[:-1] for word in words if word.endswith("*")),
    )


def _asks_nothing(word: str) -> bool:
    whole, beginnings = _beside()
    return word in whole or word.startswith(beginnings)


def in_english(question: str, aside: Iterable[str] = ()) -> str:
    """ "Что сказано в пункте 107?", "107-тармақта не айтылған?" -> "paragraph 107"; "" if it asks for anything else.

    `aside` are words of the question that say whose document it is.
    """
    question = _without(aside, question)
    match = next((m for m in _PLACE_OTHER.finditer(question) if m.lastgroup != "before"), None)
    rest = words_of(question[: match.start()] + " " + question[match.end() :]) if match else []
    if match is None or not all(map(_asks_nothing, rest)):
        return ""
    if article := match["article"] or (match["bap"] and re.findall(r"\d+", match["before"])[-1]):
        return f"article {article}" if len(article) <= 2 else ""
    numbers = _AND_OTHER.sub("and", match["after"] or match["before"])
    return f"paragraphs {_TO_OTHER.sub('to', numbers)}"


def names_place(question: str) -> bool:
    """Whether a question names a paragraph, an article or an annex by its number, in any language."""
    return any(pattern.search(question) for pattern in (_PARAGRAPHS, _ARTICLE, _ANNEX, _PLACE_OTHER))


def locate(question: str, document: Document, aside: Iterable[str] = ()) -> Place | None:
    """The place a question names, or None if it does not ask by structure.

    `aside` are words of the question that say whose document it is, and not what is asked of it.
    """
    question = _BEFORE_NUMBER.sub(_spelled, _without(aside, question))
    question = _OF_ARTICLE.sub(lambda place: place[1] or place[2], question)
    numbers = _paragraph_numbers(question)
    if numbers:
        found = tuple(str(n) for n in numbers if document.paragraph(n))
        if not _asks_about(question, found, document):
            return None
        return Place(found, tuple(str(n) for n in numbers if str(n) not in found))
    if (part := _article(question, document) or _annex(question, document)) and not part.found:
        return part
    section = part.found if part else _section(question, document)
    end = _FIRST_OR_LAST.search(question)
    if end:
        section = section or tuple(p.label for p in document)
        return Place((section[0] if end["which"].lower() in ("first", "opening") else section[-1],))
    return Place(section, part=True) if section else None


def _without(aside: Iterable[str], question: str) -> str:
    for word in filter(None, aside):
        question = re.sub(rf"\b{re.escape(word)}\b", " ", question)
    return question


def _spelled(word: re.Match[str]) -> str:
    """ "paragaph" as "paragraph", but "particle" as it is: a first letter is rarely mistyped."""
    places = [place for place in _PLACES if place[0] == word[0][0].lower()]
    return (get_close_matches(word[0].lower(), places, 1, NEARLY) or [word[0]])[0]


def _paragraph_numbers(question: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for match in _PARAGRAPHS.finditer(question):
        numbers.extend(numbers_in(match[1]))
    bare = _BARE_NUMBER.search(question)
    if bare and not numbers and not _ARTICLE.search(question):
        numbers.extend(numbers_in(bare[1]))
    return tuple(dict.fromkeys(numbers))


def _asks_about(question: str, labels: tuple[str, ...], document: Document) -> bool:
    """Whether the rest of a question is about the paragraphs it names, not an order to do something with them."""
    known = {word for label in labels if (p := document.paragraph(label)) for word in terms(p.text)}
    return len(_topic_words(question) - known) <= MAX_FOREIGN_WORDS


def _topic_words(question: str) -> set[str]:
    return {word for word in terms(question) if word not in _TALK and not word.isdigit()}


def articles_named(question: str) -> tuple[int, ...]:
    """Numbers of the Convention's articles that a question names, in any language."""
    numbers = [m["number"] for m in _ARTICLE.finditer(question)] or [
        m["article"] for m in _PLACE_OTHER.finditer(question)
    ]
    return tuple(dict.fromkeys(int(number) for number in numbers if number))


def _article(question: str, document: Document) -> Place | None:
    """Paragraphs under an article, if its number, and at most words of its title, are all that is asked."""
    match = _ARTICLE.search(question)
    if not match or not any(p.section.articles for p in document):
        return None
    paragraphs = document.article(int(match["number"]))
    titles = {word for p in paragraphs for word in terms(p.section.headings[p.section.article_level])}
    if not _rest(question, match, document) <= titles and not _FIRST_OR_LAST.search(question):
        return None
    return Place(tuple(p.label for p in paragraphs), lacking="" if paragraphs else match[0])


def _annex(question: str, document: Document) -> Place | None:
    """The paragraphs of an annex, if nothing else is asked."""
    match = _ANNEX.search(question)
    if not match or _rest(question, match, document):
        return None
    number = match["number"].lower()
    value = int(number) if number.isdigit() else _ROMAN.index(number) + 1 if number in _ROMAN else 0
    names = {f"annex {value}", f"annex {_ROMAN[value - 1]}" if 0 < value <= len(_ROMAN) else "", "annex" * (value == 1)}
    labels = tuple(p.label for p in document if p.label.lower().partition(",")[0] in names)
    return Place(labels, lacking="" if labels else match[0])


def _rest(question: str, place: re.Match[str], document: Document) -> set[str]:
    """What a question asks besides a place, in words that the document has too: "thx" asks nothing of it."""
    return _topic_words(question[: place.start()] + question[place.end() :]) & _vocabulary(document)


@lru_cache(64)
def _vocabulary(document: Document) -> frozenset[str]:
    return frozenset(word for paragraph in document for word in terms(paragraph.text))


def _section(question: str, document: Document) -> tuple[str, ...]:
    """Paragraphs below the heading whose words the question names, if it asks for a section and for nothing else.

    Or if it consists of a heading's words, or of most of them, and of nothing else.
    """
    asked = _PART_WORD.search(question)
    wanted = _topic_words(question) | ({"introduct"} & set(terms(question)))
    if not wanted or (not asked and question.rstrip().endswith("?")):
        return ()
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for own, above, labels in _headings(document):
        named = len(wanted & own) / len(own)
        nearly = wanted <= own and len(wanted) >= 2 and named >= MOST_OF_A_HEADING
        within = asked and wanted <= own | above and wanted & own
        if (nearly or within or wanted == own) and named > best[0]:
            best = (named, labels)
    return best[1]


@lru_cache(64)
def _headings(document: Document) -> list[tuple[frozenset[str], frozenset[str], tuple[str, ...]]]:
    """(stemmed words of a heading, those of the headings above it, the labels below it), outer headings first."""
    below: dict[tuple[str, ...], list[str]] = {}
    for paragraph in document:
        headings = paragraph.section.headings
        for level in range(len(headings)):
            below.setdefault(headings[: level + 1], []).append(paragraph.label)
    found = []
    for headings in sorted(below, key=len):
        own = frozenset(word for word in terms(headings[-1]) if not word.isdigit() and word not in _TALK)
        if own:
            found.append((own, frozenset(terms(" ".join(headings[:-1]))), tuple(below[headings])))
    return found
