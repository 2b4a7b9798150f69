"""The segments of one machine's library, searched together: FAISS for vectors, BM25 for words, mapped token vectors."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from threading import Lock

import numpy as np

from crpd_qa.scope import Scope
from crpd_qa.store.documents import Described, Documents
from crpd_qa.store.lexical import LexicalIndex, Postings
from crpd_qa.store.protocol import TokenVectors
from crpd_qa.store.segment import Segment
from crpd_qa.store.tokens import TokenRows, dequantize
from crpd_qa.store.vectors import Examples, Positions, Selection, VectorRows, VectorSpace

MAX_OPEN = 256
"""So many documents' token vectors are mapped at a time: each is an open file, and a process may have 1,024. What tells
paragraphs and sentences apart in them is kept of every document that was needed: 150 bytes a paragraph."""


class FaissStore(Documents):
    """Everything in memory but the token vectors, which are read where they are needed."""

    def __init__(
        self, segments: Sequence[Segment], entries: Sequence[Described], examples: Examples, vocabulary: int
    ) -> None:
        super().__init__(segments, entries, vocabulary)
        self._examples = examples
        self._lock = Lock()
        self._opened = lru_cache(MAX_OPEN)(lambda number: self.segments[number].tokens())

    @cached_property
    def space(self) -> VectorSpace:
        """The English encoder's vectors."""
        return VectorSpace(VectorRows.concatenate([s.vectors for s in self.segments], self._dimension), self._examples)

    @property
    def _dimension(self) -> int:
        return int(self._examples.off_topic.shape[1])

    def multilingual(self, examples: Examples) -> VectorSpace:
        """The multilingual encoder's vectors; a document that has none is found by its words alone."""
        dimension = examples.off_topic.shape[1]
        rows = [
            segment.multilingual or _without_vectors(count, dimension)
            for segment, count in zip(self.segments, np.diff(self.first), strict=True)
        ]
        return VectorSpace(VectorRows.concatenate(rows, dimension), examples)

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex(Postings.concatenate([segment.postings for segment in self.segments]))

    def select(self, scope: Scope) -> Selection | None:
        """(n_paragraphs,) which paragraphs a scope allows, or None for all."""
        if not scope:
            return None
        selection = np.zeros(len(self), dtype=bool)
        for number in self.matching(scope):
            selection[self.first[number] : self.first[number + 1]] = True
        if scope.article:
            selection &= self.under(scope.article)
        return selection

    def check(self) -> None:
        """Nothing can be away: all is on this machine."""

    def tokens(self, positions: Positions) -> TokenVectors:
        """Token vectors of these paragraphs."""
        codes, counts, sentences = [], [0], []
        for position in positions.tolist():
            number, place = self.segment_of(position)
            rows = self._tokens(number)
            start, end = rows.offsets[place : place + 2]
            codes.append(rows.codes[start:end])
            sentences.append(rows.sentences[start:end])
            counts.append(end - start)
        joined = np.concatenate(codes) if codes else np.zeros((0, self._dimension // 2), np.uint8)
        return TokenVectors(dequantize(joined), np.cumsum(counts), sentences)

    def _tokens(self, number: int) -> TokenRows:
        with self._lock:  # the first use verifies
            return self._opened(number)


def _without_vectors(paragraphs: int, dimension: int) -> VectorRows:
    nothing = np.zeros((0, dimension), dtype=np.float32)
    return VectorRows(
        np.zeros((paragraphs, dimension), np.float32), nothing, np.zeros(paragraphs + 1, np.int64), nothing
    )
