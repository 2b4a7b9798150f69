"""What answering needs of a store, whichever it is: files of one machine in memory, or a server that others keep."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats, Ints
from crpd_qa.scope import Scope
from crpd_qa.store.segment import Articles, Segment
from crpd_qa.store.vectors import Examples, Positions

Selected = Any
"""What a store makes of a scope for its own searches, a mask or an expression; None is everything."""


class TokenVectors(NamedTuple):
    """Token vectors of some paragraphs, one after the other."""

    vectors: Floats
    """(n_tokens, dim)"""
    offsets: Ints
    """(n_paragraphs + 1,) rows of each."""
    sentences: list[npt.NDArray[np.int16]]
    """Of each paragraph, the sentence of each of its tokens; -1 for the heading's."""


class Space(Protocol):
    """One encoder's pooled vectors: each paragraph's own, and those of the questions that are written for it."""

    def search(self, vector: Floats, rows: int, selection: Selected = None, *, asked: bool = True) -> Positions:
        """Positions of the paragraphs that own the nearest `rows` rows. `vector` (dim,). Some occur twice.

        `asked` False looks at the paragraphs' own vectors only.
        """

    def similarity(self, vector: Floats, positions: Positions) -> tuple[Floats, Floats]:
        """Cosine of a question with each paragraph, and with the nearest question that it answers (0 if none)."""

    def alike(self, positions: Positions) -> Floats:
        """(n, n) cosines of some paragraphs with each other."""

    def nearest_questions(self, vector: Floats, top: int) -> list[tuple[int, int]]:
        """(position of the paragraph, which of its questions) of the nearest questions, nearest first."""

    def answered_odds(self, vector: Floats, width: float) -> float:
        """Logarithm of the odds that a question is answered, as those near it are: kernel votes of both kinds.

        Each known question votes with exp(cosine / width) (Parzen 1962).
        """

    def unanswered(self, vector: Floats) -> float:
        """Cosine of a question with the nearest one that is known not to be answered (0 if none is known)."""

    def off_topic(self, vector: Floats) -> float:
        """Cosine of a question with the nearest example of what no document answers."""

    def help(self, vector: Floats) -> float:
        """Cosine of a message with the nearest example of what is answered by saying what can be asked."""


class Words(Protocol):
    """Stemmed words of all paragraphs: see `lexical.terms`."""

    def __contains__(self, word: str) -> bool: ...

    def knows(self, words: Iterable[str]) -> bool:
        """Whether every one of some stemmed words stands in the library."""

    def idf(self, word: str) -> float:
        """Inverse document frequency of a stemmed word, log((n + 1) / (df + 0.5)); unknown words have the highest."""

    def search(self, words: Sequence[str], count: int, selection: Selected = None) -> Positions:
        """Positions of the selected paragraphs that hold most of some words: at most `count`, in no order."""

    def coverage(self, words: Sequence[str], positions: Positions) -> Floats:
        """(n,) of each paragraph, BM25 of stemmed words over the sum of their rarity; zeros if none is known.

        Divided so, it tells how much of a question a paragraph holds, however long the question is.
        """


class Store(Protocol):
    """The documents of a library as it was opened. A paragraph's position counts from 0 through all of them."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """A document's files, in the library's order."""

    @property
    def first(self) -> Ints:
        """(n_documents + 1,) position of each document's first paragraph."""

    def __len__(self) -> int:
        """Number of paragraphs."""

    @property
    def space(self) -> Space:
        """The English encoder's vectors."""

    def multilingual(self, examples: Examples) -> Space:
        """The multilingual encoder's vectors; a document that has none is found by its words alone."""

    @property
    def lexical(self) -> Words: ...

    @property
    def idf(self) -> Floats:
        """(vocabulary,) inverse document frequency of word pieces; the weight of a question's token."""

    @property
    def articles(self) -> Articles:
        """(n_paragraphs,) bits, see `article_bits`."""

    def matching(self, scope: Scope) -> tuple[int, ...]:
        """Numbers of the documents that a scope allows, but for its articles."""

    def select(self, scope: Scope) -> Selected:
        """What narrows this store's searches to a scope."""

    def holds(self, scope: Scope) -> bool:
        """Whether a scope allows any paragraph."""

    def segment_of(self, position: int) -> tuple[int, int]:
        """(number of the document, place within it) of a paragraph."""

    def tokens(self, positions: Positions) -> TokenVectors:
        """Token vectors of these paragraphs."""

    def check(self) -> None:
        """Raises StoreAwayError if nothing could be searched now."""
