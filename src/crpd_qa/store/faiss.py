"""The segments of one machine's library, searched together: FAISS for vectors, BM25 for words, mapped token vectors."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats, Ints
from crpd_qa.store.lexical import LexicalIndex, Postings
from crpd_qa.store.segment import Articles, Segment
from crpd_qa.store.tokens import TokenRows, dequantize, inverse_document_frequency
from crpd_qa.store.vectors import Examples, Positions, VectorRows, VectorSpace

MAX_OPEN = 256
"""So many documents' token vectors are mapped at a time: each is an open file, and a process may have 1,024. What tells
paragraphs and sentences apart in them is kept of every document that was needed: 150 bytes a paragraph."""


class TokenVectors(NamedTuple):
    """Token vectors of some paragraphs, one after the other."""

    vectors: Floats
    """(n_tokens, dim)"""
    offsets: Ints
    """(n_paragraphs + 1,) rows of each."""
    sentences: list[npt.NDArray[np.int16]]
    """Of each paragraph, the sentence of each of its tokens; -1 for the heading's."""


class FaissStore:
    """Everything in memory but the token vectors, which are read where they are needed."""

    def __init__(self, segments: Sequence[Segment], counts: Sequence[int], examples: Examples, vocabulary: int) -> None:
        """`counts`: paragraphs of each segment; `vocabulary`: word pieces of the encoder."""
        self.segments = tuple(segments)
        self.first: Ints = np.cumsum([0, *counts])
        """(n_segments + 1,) position of each segment's first paragraph."""
        self._examples = examples
        self._vocabulary = vocabulary
        self._lock = Lock()
        self._opened = lru_cache(MAX_OPEN)(lambda number: self.segments[number].tokens())

    def __len__(self) -> int:
        """Number of paragraphs."""
        return int(self.first[-1])

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

    @cached_property
    def articles(self) -> Articles:
        """(n_paragraphs,) bits, see `article_bits`."""
        return np.concatenate([np.zeros(0, np.uint64), *(segment.articles for segment in self.segments)])

    @cached_property
    def idf(self) -> Floats:
        """(vocabulary,) inverse document frequency of word pieces; the weight of a question's token."""
        return inverse_document_frequency([segment.pieces for segment in self.segments], len(self), self._vocabulary)

    def segment_of(self, position: int) -> tuple[int, int]:
        """(number of the segment, place within it) of a paragraph."""
        number = int(np.searchsorted(self.first, position, side="right")) - 1
        return number, position - int(self.first[number])

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
