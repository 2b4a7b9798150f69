"""BM25 over stemmed words (bm25s, Lù 2024; Snowball's English stemmer)."""

import math
import re
from pathlib import Path
from typing import cast

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

from crpd_qa.encoder import Floats

_STEMMER = Stemmer.Stemmer("english")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")  # a figure such as 2,724,900 stays one word


def terms(text: str) -> list[str]:
    """Stemmed words of a text, in order, without stop words."""
    return cast(list[str], _STEMMER.stemWords([w for w in _WORD.findall(text.lower()) if w not in STOPWORDS_EN_PLUS]))


class LexicalIndex:
    """Scores every paragraph for a question; also knows how rare a word is in the report."""

    def __init__(self, scorer: bm25s.BM25) -> None:
        self._scorer = scorer
        indptr = np.asarray(scorer.scores["indptr"])
        self._document_frequency = np.diff(indptr)
        self.vocabulary: frozenset[str] = frozenset(scorer.vocab_dict)
        """Every stemmed word of the report."""
        self._paragraphs = int(scorer.scores["num_docs"])

    @classmethod
    def build(cls, texts: list[str]) -> "LexicalIndex":
        scorer = bm25s.BM25()
        scorer.index([terms(text) for text in texts], show_progress=False)
        return cls(scorer)

    def save(self, folder: Path) -> None:
        self._scorer.save(str(folder / "lexical"), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        return cls(bm25s.BM25.load(str(folder / "lexical"), mmap=True))

    def __contains__(self, word: str) -> bool:
        return word in self.vocabulary

    def coverage(self, words: list[str]) -> Floats:
        """(n_paragraphs,) BM25 of stemmed words over the sum of their rarity; zeros if none is known.

        Divided so, it tells how much of a question a paragraph holds, however long the question is.
        """
        if self.vocabulary.isdisjoint(words):
            return np.zeros(self._paragraphs, dtype=np.float32)
        scores: Floats = np.asarray(self._scorer.get_scores(words), dtype=np.float32)
        return scores / max(sum(self.idf(word) for word in set(words)), 1.0)

    def idf(self, word: str) -> float:
        """Inverse document frequency of a stemmed word, log((n + 1) / (df + 0.5)); unknown words have the highest."""
        word_id = self._scorer.vocab_dict.get(word)
        frequency = 0 if word_id is None else int(self._document_frequency[word_id])
        return math.log((self._paragraphs + 1) / (frequency + 0.5))
