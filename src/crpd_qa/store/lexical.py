"""BM25 (Robertson & Zaragoza 2009, as Lucene has it) over stemmed words (Snowball's stemmers).

Words are kept as 64-bit digests, so that the words of many documents are put together without a dictionary.
"""

import math
import re
from abc import ABC, abstractmethod
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
from crpd_qa.store.places import Places
from crpd_qa.store.vectors import Positions, Selection

K1, B = 1.5, 0.75
"""Saturation of a word's frequency, and how much a paragraph's length counts: bm25s' own defaults."""

ROUNDING = 1e-4
"""Sums of the same floats in another order differ by less."""
MAX_COUNTED = 1_000
"""Of so many words it is kept how many paragraphs hold them: a question asks for its own several times."""

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
        np.savez_compressed(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> "Postings":
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})

    def of(self, word: str) -> slice:
        """The rows of a stemmed word; none if no paragraph holds it."""
        row = _row(self.words, word)
        return slice(0, 0) if row is None else slice(int(self.offsets[row]), int(self.offsets[row + 1]))


def _sorted(
    words: Hashes, paragraphs: npt.NDArray[np.int32], counts: npt.NDArray[np.uint16], lengths: npt.NDArray[np.int32]
) -> Postings:
    order = np.argsort(words, kind="stable")
    unique, starts = np.unique(words[order], return_index=True)
    return Postings(unique, np.append(starts, len(words)).astype(np.int64), paragraphs[order], counts[order], lengths)


def _row(words: Hashes, word: str) -> int | None:
    digest = np.uint64(word_hash(word))
    found = int(np.searchsorted(words, digest))
    return found if found < len(words) and words[found] == digest else None


class Rarity(ABC):
    """How many paragraphs hold each word, and how long paragraphs are: what BM25 makes of it."""

    def __init__(self, paragraphs: int, mean: float) -> None:
        """`mean` words of a paragraph."""
        self.paragraphs = paragraphs
        self.mean = max(mean, 1.0)

    @abstractmethod
    def frequency(self, word: str) -> int:
        """Number of paragraphs that hold it."""

    def __contains__(self, word: str) -> bool:
        return self.frequency(word) > 0

    def knows(self, words: Iterable[str]) -> bool:
        """Whether every one of some stemmed words stands in the library."""
        return all(word in self for word in words)

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


class WordCounts(Rarity):
    """Without the words of single paragraphs, which lie elsewhere."""

    def __init__(self, words: Hashes, counts: Ints, paragraphs: int, mean: float) -> None:
        """`words` (n_words,) ascending; `counts` (n_words,) of paragraphs; `mean` words of a paragraph."""
        super().__init__(paragraphs, mean)
        self._words = words
        self._counts = counts

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

    def frequency(self, word: str) -> int:
        """Number of paragraphs that hold it."""
        row = _row(self._words, word)
        return 0 if row is None else int(self._counts[row])


class LexicalIndex(Rarity):
    """The paragraphs that hold most of a question's words, among several postings that count as one."""

    def __init__(self, parts: Sequence[tuple[Postings, Places]]) -> None:
        lengths = [postings.lengths[places.positions >= 0] for postings, places in parts]
        paragraphs = sum(map(len, lengths))
        super().__init__(paragraphs, sum(int(own.sum()) for own in lengths) / max(paragraphs, 1))
        self._parts = [_Part(postings, places, self.norms(postings.lengths)) for postings, places in parts]
        self._frequency = lru_cache(MAX_COUNTED)(lambda word: sum(part.frequency(word) for part in self._parts))

    def frequency(self, word: str) -> int:
        """Number of paragraphs that hold it."""
        return self._frequency(word)

    def search(self, words: Sequence[str], count: int, selection: Selection | None = None) -> Positions:
        """Positions of the selected paragraphs that hold most of some words: at most `count`, in no order."""
        weights = self._weights(words)
        found = [part.best(weights, count, selection) for part in self._parts]
        positions, scores = (np.concatenate(column) for column in zip(*found, strict=True))
        best: Positions = positions[np.argsort(-scores, kind="stable")[:count]]
        return best

    def coverage(self, words: Sequence[str], positions: Positions) -> Floats:
        """(n,) of each paragraph, BM25 of stemmed words over the sum of their rarity; zeros if none is known.

        Divided so, it tells how much of a question a paragraph holds, however long the question is.
        """
        scores = np.zeros(len(positions), dtype=np.float32)
        weights = self._weights(words)
        for part in self._parts:
            rows = part.places.rows[positions]
            for word, weight in weights.items():
                scores[rows >= 0] += weight * part.saturation(word, rows[rows >= 0])
        return scores / np.float32(max(sum(self.idf(word) for word in dict.fromkeys(words)), 1.0))

    def _weights(self, words: Sequence[str]) -> dict[str, float]:
        """What a paragraph's score can gain by each of the words at most, the rarest first."""
        weights = {word: times * self.bm25_idf(word) for word, times in Counter(words).items() if word in self}
        return dict(sorted(weights.items(), key=lambda item: -item[1]))


@dataclass(frozen=True)
class _Part:
    postings: Postings
    places: Places
    norms: Floats
    """(n_rows,)"""

    def frequency(self, word: str) -> int:
        """Number of the store's paragraphs that hold it."""
        rows = self.postings.of(word)
        if (there := self.places.within(None)) is None:
            return int(rows.stop - rows.start)
        return int(np.count_nonzero(there[self.postings.paragraphs[rows]]))

    def saturation(self, word: str, rows: Positions) -> Floats:
        """(n,) how much of a word's weight some rows have, from 0 to below 1."""
        own = self.postings.of(word)
        holders, counts = self.postings.paragraphs[own], self.postings.counts[own]
        if not len(holders):
            return np.zeros(len(rows), dtype=np.float32)
        wanted = rows.astype(np.int32)  # of another type, all holders would be copied
        found = np.minimum(np.searchsorted(holders, wanted), len(holders) - 1)
        times = np.where(holders[found] == wanted, counts[found], 0).astype(np.float32)
        saturated: Floats = times / (times + self.norms[rows])
        return saturated

    def best(self, weights: dict[str, float], count: int, selection: Selection | None) -> tuple[Positions, Floats]:
        """Positions and scores of the rows that score highest, at most `count`.

        Rare words first: once `count` rows score more than all the words left can give, rows that hold none of the
        words so far need not be looked at (MaxScore, Turtle & Flood 1995). Half of a million paragraphs hold "person".
        """
        allowed = self.places.within(selection)
        scores = np.zeros(len(self.norms), dtype=np.float32)
        least, left, words = 0.0, sum(weights.values()), list(weights)
        while words and least < left:
            own = self.postings.of(words[0])
            rows, times = self.postings.paragraphs[own], self.postings.counts[own]
            if allowed is not None:
                inside = allowed[rows]
                rows, times = rows[inside], times[inside]
            saturated = times.astype(np.float32)
            saturated /= saturated + self.norms[rows]
            scores[rows] += weights[words[0]] * saturated
            left -= weights[words.pop(0)]
            if len(rows) >= count:
                least = max(least, float(np.partition(scores[rows], -count)[-count]))
        candidates = np.flatnonzero(scores > max(least - left - ROUNDING, 0))
        found = scores[candidates]
        for word in words:
            found += weights[word] * self.saturation(word, candidates)
        best = np.argpartition(-found, count)[:count] if len(found) > count else slice(None)
        return self.places.positions[candidates[best]], found[best]
