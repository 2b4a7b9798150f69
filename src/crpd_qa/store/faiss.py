"""The segments of one machine's library, searched together: FAISS for vectors, BM25 for words, mapped token vectors."""

from collections.abc import Sequence
from functools import cache, cached_property
from itertools import groupby

import numpy as np
import numpy.typing as npt

from crpd_qa.scope import Scope
from crpd_qa.store.documents import Described, Documents
from crpd_qa.store.lexical import LexicalIndex, Postings
from crpd_qa.store.mapped import MappedSpace, MappedVectors
from crpd_qa.store.merged import Merged
from crpd_qa.store.places import Places
from crpd_qa.store.protocol import Space, TokenVectors
from crpd_qa.store.segment import Articles, Segment
from crpd_qa.store.tokens import TokenFile, dequantize
from crpd_qa.store.vectors import Examples, Positions, Selection, VectorRows, VectorSpace


class FaissStore(Documents):
    """Token vectors are read where they are needed; what is merged is mapped; everything else is in memory."""

    def __init__(
        self,
        segments: Sequence[Segment],
        entries: Sequence[Described],
        examples: Examples,
        vocabulary: int,
        merged: Merged | None = None,
    ) -> None:
        super().__init__(segments, entries, vocabulary)
        self._examples = examples
        self._merged = merged
        self._there = merged.there(entries) if merged else {}
        self._others = [number for number in range(len(entries)) if number not in self._there]
        self._token_file = cache(self._opened_token_file)

    @cached_property
    def _places(self) -> Places:
        """Of the merged documents' rows."""
        first = self._merged.first if self._merged else np.zeros(1, dtype=np.int64)
        return Places.of(self.first, list(self._there), first[list(self._there.values())].tolist(), int(first[-1]))

    @cached_property
    def _beside(self) -> Places:
        """Of the other documents' rows."""
        starts = np.cumsum([0, *np.diff(self.first)[self._others]])
        return Places.of(self.first, self._others, starts[:-1].tolist(), int(starts[-1]))

    @cached_property
    def space(self) -> Space:
        """The English encoder's vectors."""
        rows = [self.segments[number].vectors for number in self._others]
        return self._space(rows, self._examples, self._merged.english if self._merged else None)

    def multilingual(self, examples: Examples) -> Space:
        """The multilingual encoder's vectors; a document that has none is found by its words alone."""
        mapped = self._merged.multilingual if self._merged else None
        dimension = examples.off_topic.shape[1]
        rows = [
            self.segments[number].multilingual or _without_vectors(self.entries[number].paragraphs, dimension)
            for number in (self._others if mapped else range(len(self.entries)))
        ]
        return self._space(rows, examples, mapped)

    def _space(self, rows: Sequence[VectorRows], examples: Examples, mapped: MappedVectors | None) -> Space:
        others = VectorSpace(VectorRows.concatenate(rows, examples.off_topic.shape[1]), examples)
        return MappedSpace(mapped, self._places, others, self._beside) if mapped else others

    @cached_property
    def lexical(self) -> LexicalIndex:
        parts = [(Postings.concatenate([self.segments[number].postings for number in self._others]), self._beside)]
        if self._merged:
            parts.append((self._merged.postings, self._places))
        return LexicalIndex(parts)

    @cached_property
    def articles(self) -> Articles:
        """(n_paragraphs,) bits, see `article_bits`."""
        found = np.zeros(len(self), np.uint64)
        for number in self._others:
            found[self.first[number] : self.first[number + 1]] = self.segments[number].articles
        if self._merged:
            there = self._places.rows >= 0
            found[there] = self._merged.articles[self._places.rows[there]]
        return found

    def _pieces(self) -> Sequence[npt.NDArray[np.int32]]:
        found = [self.segments[number].pieces for number in self._others]
        return found + ([self._merged.pieces_of(number) for number in self._there.values()] if self._merged else [])

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
        numbers = np.searchsorted(self.first, positions, side="right") - 1
        places = positions - self.first[numbers]
        found = []
        for number, own in groupby(range(len(positions)), numbers.tolist().__getitem__):
            found += self._token_file(number).read(places[list(own)].tolist())
        nothing = np.zeros((0, self._examples.off_topic.shape[1] // 2), np.uint8)
        codes = [nothing, *(own for own, _ in found)]
        sentences = [own for _, own in found]
        return TokenVectors(dequantize(np.concatenate(codes)), np.cumsum([len(own) for own in codes]), sentences)

    def _opened_token_file(self, number: int) -> TokenFile:
        if self._merged and number in self._there:
            return self._merged.token_file(self._there[number], self.segments[number])
        return self.segments[number].token_file


def _without_vectors(paragraphs: int, dimension: int) -> VectorRows:
    nothing = np.zeros((0, dimension), dtype=np.float32)
    return VectorRows(
        np.zeros((paragraphs, dimension), np.float32), nothing, np.zeros(paragraphs + 1, np.int64), nothing
    )
