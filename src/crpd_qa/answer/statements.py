"""Sentences of paragraphs -> statements: what leans on something else is read together with it, or not at all.

A sentence that leans on the one before it goes with that; a list's item with the line that introduces the list.
"""

import re
from collections.abc import Iterable
from functools import cache

from crpd_qa.answer.record import Citation, Statement, cite, quoted
from crpd_qa.documents import Document, Paragraph
from crpd_qa.languages.tables import table

FIRST_WORDS = 6
"""A word that leans stands among so many of a sentence's first; further on it may lean on these."""

_WORD = re.compile(r"\w[\w’'-]*")


def leans(sentence: str, language: str = "en") -> bool:
    """Whether a sentence is not understood without the one before it."""
    words = [match[0].lower() for match in _WORD.finditer(sentence[:200])]
    phrases = _phrases(language)
    if any(words[: len(opening)] == opening for opening in phrases["openings"]):
        return True
    free = {
        n
        for start in range(FIRST_WORDS)
        for phrase in phrases["set_phrases"]
        if words[start : start + len(phrase)] == phrase
        for n in range(start, start + len(phrase))
    }
    return any(n not in free and [word] in phrases["words"] for n, word in enumerate(words[:FIRST_WORDS]))


@cache
def _phrases(language: str) -> dict[str, list[list[str]]]:
    """Empty for a language that the program does not know in documents."""
    found = table(language, "leaning")
    return {kind: [phrase.split() for phrase in found.get(kind, ())] for kind in ("words", "openings", "set_phrases")}


def is_bullet(paragraph: Paragraph, number: int) -> bool:
    """Whether a sentence, by its number from 0, is the first of a list's item."""
    return paragraph.text[: paragraph.sentences[number][0]].endswith("• ")


def introduces_list(paragraph: Paragraph, number: int) -> bool:
    """Whether it is the line before a list."""
    return paragraph.text.startswith("\n• ", paragraph.sentences[number][1]) and not is_bullet(paragraph, number)


def needed(paragraph: Paragraph, number: int, language: str = "en") -> frozenset[int]:
    """The sentences of a paragraph without which one of them is not understood, and itself."""
    found = {number}
    first = number
    while first and not is_bullet(paragraph, first) and leans(_text(paragraph, first), language):
        first -= 1
        found.add(first)
    if is_bullet(paragraph, first):
        lines = [n for n in range(first) if introduces_list(paragraph, n)]
        if lines:
            found |= needed(paragraph, lines[-1], language)
    if introduces_list(paragraph, number):
        found.add(number + 1)
    return frozenset(found)


def statements(sentences: Iterable[tuple[Document, Paragraph, int]]) -> tuple[Statement, ...]:
    """Sentences (document, paragraph, number of the sentence), in reading order, as they are read at one go.

    Each must come with those that it needs.
    """
    found: list[list[Citation]] = []
    last: tuple[Document, Paragraph, int] | None = None
    for document, paragraph, number in sentences:
        start, end = paragraph.sentences[number]
        together = last is not None and last[:2] == (document, paragraph)
        bullet = is_bullet(paragraph, number)
        follows = together and last is not None and last[2] == number - 1
        if follows and not bullet and leans(_text(paragraph, number), document.language):
            found[-1][-1] = cite(document, paragraph, found[-1][-1].start, end)
        elif together and bullet and _same_list(paragraph, found[-1], start):
            found[-1].append(cite(document, paragraph, start, end))
        else:
            found.append([cite(document, paragraph, start, end)])
        last = (document, paragraph, number)
    return tuple(Statement(quoted(citations), tuple(citations)) for citations in found)


def _same_list(paragraph: Paragraph, citations: list[Citation], start: int) -> bool:
    """Whether the sentence at `start` is an item of a list whose introduction was cited last, with or without items."""
    return all(line.startswith("• ") for line in paragraph.text[citations[0].end : start].split("\n")[1:]) and (
        paragraph.text.startswith("\n• ", citations[0].end)
    )


def _text(paragraph: Paragraph, number: int) -> str:
    return paragraph.text[slice(*paragraph.sentences[number])]
