"""Which other sentences of its paragraph one needs to be understood.

One that leans on the one before it needs that; a list's item the line that introduces the list.
"""

import re
from functools import cache

from crpd_qa.documents.model import Paragraph
from crpd_qa.languages.tables import table

FIRST_WORDS = 6
"""A word that leans stands among so many of a sentence's first; further on it may lean on these."""

CHAIN_WORDS = 60
"""Where one leans on another that leans, so many words are followed back beyond the nearest: past that more is lost in
reading than won."""

_WORD = re.compile(r"\w[\w’'-]*")


def leans(text: str, language: str = "en") -> bool:
    """Whether a sentence is not understood without the one before it."""
    words = [match[0].lower() for match in _WORD.finditer(text[:200])]
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
    first, words = number, 0
    while first and not is_bullet(paragraph, first) and leans(sentence(paragraph, first), language):
        words += len(sentence(paragraph, first - 1).split())
        if first < number and words > CHAIN_WORDS:
            break
        first -= 1
        found.add(first)
    if is_bullet(paragraph, first):
        lines = [n for n in range(first) if introduces_list(paragraph, n)]
        if lines:
            found |= needed(paragraph, lines[-1], language)
    if introduces_list(paragraph, number):
        found.add(number + 1)
    return frozenset(found)


def sentence(paragraph: Paragraph, number: int) -> str:
    """The text of a sentence, by its number from 0."""
    return paragraph.text[slice(*paragraph.sentences[number])]
