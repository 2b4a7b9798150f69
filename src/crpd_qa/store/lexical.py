"""BM25 (Robertson & Zaragoza 2009, as Lucene has it) over stemmed words (Snowball's stemmers).

Words are kept as 64-bit digests, so that the words of many documents are put together without a dictionary.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import Stemmer

from crpd_qa.encode import Floats, Ints
from crpd_qa.store import stop_words

K1, B = 1.5, 0.75
"""Saturation of a word's frequency, and how much a paragraph's length counts: bm25s' own defaults."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")  # a figure such as 2,724,900 stays one word
_STEMMERS = {"en": "english", "ru": "russian", "fr": "french", "es": "spanish"}
_STOP_WORDS = {
    "en": stop_words.ENGLISH,
    "ru": stop_words.RUSSIAN,
    "fr": stop_words.FRENCH,
    "es": stop_words.SPANISH,
}

Hashes = npt.NDArray[np.uint64]


@cache
def _language(language: str) -> tuple[Stemmer.Stemmer, frozenset[str]]:
    return Stemmer.Stemmer(_STEMMERS[language]), _STOP_WORDS[language]


def terms(text: str, language: str = "en") -> list[str]:
    """Stemmed words of a text, in order, without stop words."""
    stemmer, left_out = _language(language)
    return cast(list[str], stemmer.stemWords([w for w in _WORD.findall(text.lower()) if w not in left_out]))


def word_hash(word: str) -> int:
    """64 bits: among a million words two coincide with a probability of 3 in 100 million."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Postings:
    """Which words stand in which paragraphs: those of word i are rows `offsets[i]` to `offsets[i + 1]`."""

    words: Hashes
    """(n_words,) ascending."""
    offsets: Ints
    """(n_words + 1,)"""
    paragraphs: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]
    """(n_paragraphs,) words of each paragraph."""

    @classmethod
    def build(cls, texts: Sequence[str], language: str) -> "Postings":
        words, paragraphs, counts, lengths = [], [], [], []
        for position, text in enumerate(texts):
            own = terms(text, language)
            lengths.append(len(own))
            for word, count in Counter(own).items():
                words.append(word_hash(word))
                paragraphs.append(position)
                counts.append(min(count, 65535))
        return _sorted(
            np.array(words, dtype=np.uint64),
            np.array(paragraphs, dtype=np.int32),
            np.array(counts, dtype=np.uint16),
            np.array(lengths, dtype=np.int32),
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Postings"]) -> "Postings":
        """Paragraphs of each part come after those of the parts before."""
        first = np.cumsum([0, *(len(part.lengths) for part in parts)])
        return _sorted(
            np.concatenate([np.repeat(p.words, np.diff(p.offsets)) for p in parts] or [np.zeros(0, np.uint64)]),
            np.concatenate(
                [p.paragraphs + np.int32(start) for p, start in zip(parts, first, strict=False)]
                or [np.zeros(0, np.int32)]
            ),
            np.concatenate([p.counts for p in parts] or [np.zeros(0, np.uint16)]),
            np.concatenate([p.lengths for p in parts] or [np.zeros(0, np.int32)]),
        )

    def save(self, path: Path) -> None:
        np.savez(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> "Postings":
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


def _sorted(
    words: Hashes, paragraphs: npt.NDArray[np.int32], counts: npt.NDArray[np.uint16], lengths: npt.NDArray[np.int32]
) -> Postings:
    order = np.argsort(words, kind="stable")
    unique, starts = np.unique(words[order], return_index=True)
    return Postings(unique, np.append(starts, len(words)).astype(np.int64), paragraphs[order], counts[order], lengths)


class LexicalIndex:
    """Scores every paragraph for a question; also knows how rare a word is in the library."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._paragraphs = len(postings.lengths)
        mean = max(float(postings.lengths.mean()) if self._paragraphs else 1.0, 1.0)
        self._norms = (K1 * (1 - B + B * postings.lengths / mean)).astype(np.float32)

    def __contains__(self, word: str) -> bool:
        return self._frequency(word) > 0

    def knows(self, words: Iterable[str]) -> bool:
        """Whether every one of some stemmed words stands in the library."""
        return all(word in self for word in words)

    def _rows(self, word: str) -> slice:
        digest = np.uint64(word_hash(word))
        found = int(np.searchsorted(self._postings.words, digest))
        if found == len(self._postings.words) or self._postings.words[found] != digest:
            return slice(0, 0)
        return slice(int(self._postings.offsets[found]), int(self._postings.offsets[found + 1]))

    def _frequency(self, word: str) -> int:
        rows = self._rows(word)
        return int(rows.stop - rows.start)

    def coverage(self, words: list[str]) -> Floats:
        """(n_paragraphs,) BM25 of stemmed words over the sum of their rarity; zeros if none is known.

        Divided so, it tells how much of a question a paragraph holds, however long the question is.
        """
        scores = np.zeros(self._paragraphs, dtype=np.float32)
        rarity = 0.0
        for word, times in Counter(words).items():
            rows = self._rows(word)
            rarity += self.idf(word)
            if rows.start == rows.stop:
                continue
            paragraphs, counts = self._postings.paragraphs[rows], self._postings.counts[rows].astype(np.float32)
            frequency = rows.stop - rows.start
            idf = math.log(1 + (self._paragraphs - frequency + 0.5) / (frequency + 0.5))
            scores[paragraphs] += times * idf * counts / (counts + self._norms[paragraphs])
        return scores / max(rarity, 1.0)

    def idf(self, word: str) -> float:
        """Inverse document frequency of a stemmed word, log((n + 1) / (df + 0.5)); unknown words have the highest."""
        return math.log((self._paragraphs + 1) / (self._frequency(word) + 0.5))
