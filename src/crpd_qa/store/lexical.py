"""BM25 (Robertson & Zaragoza 2009, as Lucene has it) over stemmed words (Snowball's stemmers).

Words are kept as 64-bit digests, so that the words of many documents are put together without a dictionary.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import Stemmer

from crpd_qa.encode import Floats, Ints
from crpd_qa.store import stop_words
from crpd_qa.store.vectors import Positions, Selection

K1, B = 1.5, 0.75
"""Saturation of a word's frequency, and how much a paragraph's length counts: bm25s' own defaults."""

MAX_SCORED = 4
"""Of so many lists of words every paragraph's score is kept: a question looks twice at each of its own."""

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


class WordCounts:
    """How many paragraphs hold each word, and how long paragraphs are."""

    def __init__(self, words: Hashes, counts: Ints, paragraphs: int, mean: float) -> None:
        """`words` (n_words,) ascending; `counts` (n_words,) of paragraphs; `mean` words of a paragraph."""
        self._words = words
        self._counts = counts
        self.paragraphs = paragraphs
        self.mean = max(mean, 1.0)

    @classmethod
    def of(cls, parts: Iterable[Postings]) -> "WordCounts":
        """Of several documents together; one after the other is looked at."""
        found: Counter[int] = Counter()
        paragraphs = words = 0
        for part in parts:
            found.update(dict(zip(part.words.tolist(), np.diff(part.offsets).tolist(), strict=True)))
            paragraphs += len(part.lengths)
            words += int(part.lengths.sum())
        known = np.array(sorted(found), dtype=np.uint64)
        counts = np.array([found[word] for word in known.tolist()], dtype=np.int64)
        return cls(known, counts, paragraphs, words / paragraphs if paragraphs else 0.0)

    def __contains__(self, word: str) -> bool:
        return self.frequency(word) > 0

    def knows(self, words: Iterable[str]) -> bool:
        """Whether every one of some stemmed words stands in the library."""
        return all(word in self for word in words)

    def _row(self, word: str) -> int | None:
        digest = np.uint64(word_hash(word))
        found = int(np.searchsorted(self._words, digest))
        return found if found < len(self._words) and self._words[found] == digest else None

    def frequency(self, word: str) -> int:
        """Number of paragraphs that hold it."""
        row = self._row(word)
        return 0 if row is None else int(self._counts[row])

    def idf(self, word: str) -> float:
        """Inverse document frequency of a stemmed word, log((n + 1) / (df + 0.5)); unknown words have the highest."""
        return math.log((self.paragraphs + 1) / (self.frequency(word) + 0.5))

    def bm25_idf(self, word: str) -> float:
        """The same as BM25 has it, never negative."""
        frequency = self.frequency(word)
        return math.log(1 + (self.paragraphs - frequency + 0.5) / (frequency + 0.5))

    def norms(self, lengths: npt.NDArray[np.int32]) -> Floats:
        """(n,) what BM25 adds to a word's frequency in paragraphs of so many words."""
        return (K1 * (1 - B + B * lengths / self.mean)).astype(np.float32)


class LexicalIndex(WordCounts):
    """Scores every paragraph for a question; also knows how rare a word is in the library."""

    def __init__(self, postings: Postings) -> None:
        mean = float(postings.lengths.mean()) if len(postings.lengths) else 0.0
        super().__init__(postings.words, np.diff(postings.offsets), len(postings.lengths), mean)
        self._postings = postings
        self._norms = self.norms(postings.lengths)
        self._latest = lru_cache(MAX_SCORED)(self._scores)

    def scores(self, words: Sequence[str]) -> Floats:
        """(n_paragraphs,) BM25 of stemmed words over the sum of their rarity; zeros if none is known."""
        return self._latest(tuple(words))

    def _scores(self, words: tuple[str, ...]) -> Floats:
        scores = np.zeros(self.paragraphs, dtype=np.float32)
        rarity = 0.0
        for word, times in Counter(words).items():
            rarity += self.idf(word)
            row = self._row(word)
            if row is None:
                continue
            rows = slice(int(self._postings.offsets[row]), int(self._postings.offsets[row + 1]))
            paragraphs, counts = self._postings.paragraphs[rows], self._postings.counts[rows].astype(np.float32)
            scores[paragraphs] += times * self.bm25_idf(word) * counts / (counts + self._norms[paragraphs])
        return scores / max(rarity, 1.0)

    def search(self, words: Sequence[str], count: int, selection: Selection | None = None) -> Positions:
        """Positions of the selected paragraphs that hold most of some words: at most `count`, in no order."""
        scores = self.scores(words)
        allowed = scores if selection is None else np.where(selection, scores, 0)
        best = np.argpartition(-allowed, min(count, len(allowed) - 1))[:count]
        found: Positions = best[allowed[best] > 0]
        return found

    def coverage(self, words: Sequence[str], positions: Positions) -> Floats:
        """(n,) of some paragraphs, see `scores`: how much of a question each holds, however long the question is."""
        found: Floats = self.scores(words)[positions]
        return found
