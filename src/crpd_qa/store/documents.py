"""Documents one after the other: where each paragraph stands, what a scope allows, what is counted over all of them."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats, Ints
from crpd_qa.scope import Scope
from crpd_qa.store.segment import Articles, Segment, article_bits
from crpd_qa.store.tokens import inverse_document_frequency
from crpd_qa.store.vectors import Selection

MAX_SCOPES = 64
"""Of so many scopes it is kept which documents they allow: a question asks for its own several times."""


class Described(Protocol):
    """What a store has to know of a document."""

    @property
    def symbol(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def year(self) -> int | None: ...

    @property
    def paragraphs(self) -> int: ...

    @property
    def segment(self) -> str: ...

    def is_called(self, symbol: str) -> bool: ...


class Documents:
    """Of a library as it was opened. Positions of paragraphs count from 0 through all documents."""

    def __init__(self, segments: Sequence[Segment], entries: Sequence[Described], vocabulary: int) -> None:
        """`entries` describe the segments, one each; `vocabulary`: word pieces of the encoder."""
        self.segments = tuple(segments)
        self.entries = tuple(entries)
        self.first: Ints = np.cumsum([0, *(entry.paragraphs for entry in entries)])
        """(n_documents + 1,) position of each document's first paragraph."""
        self._vocabulary = vocabulary
        self._matching = lru_cache(MAX_SCOPES)(
            lambda scope: tuple(number for number, entry in enumerate(self.entries) if _allows(scope, entry))
        )

    def __len__(self) -> int:
        """Number of paragraphs."""
        return int(self.first[-1])

    def segment_of(self, position: int) -> tuple[int, int]:
        """(number of the document, place within it) of a paragraph."""
        number = int(np.searchsorted(self.first, position, side="right")) - 1
        return number, position - int(self.first[number])

    def matching(self, scope: Scope) -> tuple[int, ...]:
        """Numbers of the documents that a scope allows, but for its articles."""
        return self._matching(scope)

    def holds(self, scope: Scope) -> bool:
        """Whether a scope allows any paragraph."""
        numbers = self.matching(scope)
        if not scope.article:
            return bool(numbers)
        under = self.under(scope.article)
        return any(under[self.first[number] : self.first[number + 1]].any() for number in numbers)

    def under(self, articles: tuple[int, ...]) -> Selection:
        """(n_paragraphs,) which paragraphs stand under any of some articles of the Convention."""
        return self.articles & np.uint64(article_bits(articles)) > 0

    @cached_property
    def articles(self) -> Articles:
        """(n_paragraphs,) bits, see `article_bits`."""
        return np.concatenate([np.zeros(0, np.uint64), *(segment.articles for segment in self.segments)])

    @cached_property
    def idf(self) -> Floats:
        """(vocabulary,) inverse document frequency of word pieces; the weight of a question's token."""
        return inverse_document_frequency(self._pieces(), len(self), self._vocabulary)

    def _pieces(self) -> Sequence[npt.NDArray[np.int32]]:
        """Of documents, see `piece_frequencies`."""
        return [segment.pieces for segment in self.segments]


def _allows(scope: Scope, entry: Described) -> bool:
    return (
        (not scope.state or entry.state in scope.state)
        and (not scope.kind or entry.kind in scope.kind)
        and (not scope.document or any(entry.is_called(symbol) for symbol in scope.document))
        and (not scope.document_language or entry.language in scope.document_language)
        and (not scope.year or (entry.year is not None and scope.year[0] <= entry.year <= scope.year[1]))
    )
