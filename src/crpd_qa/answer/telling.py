"""The sentences of a long part of a document that tell most, in its own words and order: an extractive summary.

A sentence tells much that is near the centroid of the part's sentences, that opens its paragraph (both as in MEAD,
Radev et al. 2004), that states quantities, and that takes few words for it (Lin & Bilmes 2010); less, the more it is
like what was chosen before (maximal marginal relevance, Carbonell & Goldstein 1998). Sentences are compared by their
words, weighted by rarity: that is to be had in every language of documents. Vectors of the English encoder are hardly
better: of twenty articles, judged blind, eleven were summed up best by them and nine by words; none by first sentences,
nor by words without position and quantities (LexRank, Erkan & Radev 2004).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from crpd_qa.answer.figures import figures
from crpd_qa.documents import Document, Paragraph, Section
from crpd_qa.documents.leaning import leans, needed, sentence
from crpd_qa.encode import Floats
from crpd_qa.language import Language
from crpd_qa.store.lexical import terms

OPENS = 0.3
"""What it counts that a sentence opens its paragraph; the most central sentence has 1."""
QUANTITY = 0.25
"""Each of the first two quantities."""
SHORT = 15
"""A sentence of so many words is not better for being shorter still."""
LENGTH = 0.3
"""The power of a sentence's words that what it tells is divided by."""
RELEVANCE = 0.7
"""Against being like what was chosen: the lambda of maximal marginal relevance."""
DUPLICATE = 0.6
"""The cosine from which on one of two sentences is enough."""
FEWEST_TERMS = 5
"""A sentence of fewer different words that mean something tells nothing by itself ("See also article 16.")."""
LARGE = 10_000

_ITEM = re.compile(r"\(?(?:[a-z]|[ivx]{2,4})\) ")
_COUNTED = re.compile(r"[ \u00a0]([^\W\d_]\w*)")


@dataclass(frozen=True)
class _Unit:
    """A sentence with those that it needs: what is quoted together, or not at all."""

    paragraph: Paragraph
    number: int
    """Of the sentence, from 0."""
    places: frozenset[tuple[str, int]]
    """Label and number of it and of those that it needs."""
    terms: tuple[str, ...]
    """Stemmed words of all of them."""
    tells: bool
    """Whether it says something by itself."""

    @classmethod
    def of(cls, paragraph: Paragraph, number: int, language: str) -> "_Unit":
        own = needed(paragraph, number, language)
        first = min(own)
        lines = [n for n in range(first) if _introduces(paragraph, n)]
        if lines and _ITEM.match(sentence(paragraph, first)):  # of a list that has letters for bullets
            own |= needed(paragraph, lines[-1], language)
        words = {n: terms(sentence(paragraph, n), language) for n in own}
        first, last = min(own), max(own)
        alone = not leans(sentence(paragraph, first), language)
        return cls(
            paragraph,
            number,
            frozenset((paragraph.label, n) for n in own),
            tuple(chain.from_iterable(words.values())),
            alone and len(set(words[number])) >= FEWEST_TERMS and not _introduces(paragraph, last),
        )

    @property
    def section(self) -> Section:
        return self.paragraph.section


def telling(
    document: Document, paragraphs: Sequence[Paragraph], rarity: Callable[[str], float], max_words: int
) -> list[tuple[Paragraph, int]]:
    """Paragraphs with numbers of their sentences, in order: at most `max_words`, but for a first one that is longer.

    One of each section, as far as there is room; then of as many paragraphs as there is room for. `rarity` of a
    stemmed word.
    """
    language = document.language
    every = [_Unit.of(p, number, language) for p in paragraphs for number in range(len(p.sentences))]
    units = [unit for unit in every if unit.tells] or every
    words = {(p.label, n): len(sentence(p, n).split()) for p in paragraphs for n in range(len(p.sentences))}
    alike, value = _compared(units, [sum(words[each] for each in unit.places) for unit in units], language, rarity)
    free = _least_words(units, words)
    if sum(free.values()) > max_words:
        free = {}
    quoted: set[tuple[str, int]] = set()
    chosen: list[int] = []
    while True:
        like_before = alike[:, chosen].max(axis=1, initial=0.0)
        rank = RELEVANCE * value - (1 - RELEVANCE) * like_before
        left = max_words - sum(words[each] for each in quoted)
        seen = {units[i].paragraph.label for i in chosen}
        sections = {units[i].section for i in chosen}
        fitting = [
            i
            for i, unit in enumerate(units)
            if not unit.places <= quoted
            and like_before[i] < DUPLICATE
            and sum(words[each] for each in unit.places - quoted)
            <= left - sum(least for section, least in free.items() if section != unit.section)
        ]
        if chosen and not fitting:
            break
        best = max(
            fitting or range(len(units)),
            key=lambda i: (units[i].section not in sections, units[i].paragraph.label not in seen, rank[i]),
        )
        chosen.append(best)
        quoted |= units[best].places
        free.pop(units[best].section, None)
    return [(p, n) for p in paragraphs for n in range(len(p.sentences)) if (p.label, n) in quoted]


def _least_words(units: Sequence[_Unit], words: dict[tuple[str, int], int]) -> dict[Section, int]:
    """Words of each section's shortest unit."""
    found: dict[Section, int] = {}
    for unit in units:
        own = sum(words[each] for each in unit.places)
        found[unit.section] = min(own, found.get(unit.section, own))
    return found


def _compared(
    units: Sequence[_Unit], words: Sequence[int], language: Language, rarity: Callable[[str], float]
) -> tuple[Floats, Floats]:
    """(n, n) cosines of what the units say, and (n,) how much each tells; `words` of each."""
    columns = {word: column for column, word in enumerate(dict.fromkeys(word for unit in units for word in unit.terms))}
    vectors = np.zeros((len(units), len(columns)), dtype=np.float32)
    for row, unit in enumerate(units):
        for word in unit.terms:
            vectors[row, columns[word]] += 1
    vectors *= np.array([rarity(word) for word in columns], dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))
    central = vectors @ vectors.mean(axis=0)
    opens = np.array([(unit.paragraph.label, 0) in unit.places for unit in units])
    stated = np.array([min(quantities(sentence(unit.paragraph, unit.number), language), 2) for unit in units])
    told = central / max(central.max(), 1e-6) + OPENS * opens + QUANTITY * stated
    value: Floats = told / (np.maximum(words, SHORT) / SHORT) ** LENGTH
    return vectors @ vectors.T, value


def _introduces(paragraph: Paragraph, number: int) -> bool:
    return sentence(paragraph, number).endswith(":")


def quantities(text: str, language: Language) -> int:
    """How many percentages, large numbers and numbers of something; no dates, nor numbers of laws and articles."""
    if not any(c.isdigit() for c in text):
        return 0
    found = figures(text, language)
    months = {figure.start for figure in found if figure.kind == "month"}

    def counts(end: int) -> bool:
        word = _COUNTED.match(text, end)
        return word is not None and word.start(1) not in months and bool(terms(word[1], language))

    return sum(
        figure.kind == "percentage" or (figure.kind == "number" and (figure.values[0] >= LARGE or counts(figure.end)))
        for figure in found
    )
