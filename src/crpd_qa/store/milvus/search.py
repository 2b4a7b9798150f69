"""Answering from Milvus: it finds candidates; whatever orders them is computed here, from their rows.

How often words stand in all documents Milvus does not tell; that is counted here when the library is opened.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats
from crpd_qa.errors import StoreAwayError
from crpd_qa.scope import Scope
from crpd_qa.store.documents import Described, Documents
from crpd_qa.store.lexical import WordCounts, word_hash
from crpd_qa.store.milvus.connection import MAX_FOUND, Connection
from crpd_qa.store.milvus.filter import among, both, expression
from crpd_qa.store.milvus.rows import row_id, unpacked, word_id
from crpd_qa.store.milvus.schema import PARAGRAPH, QUESTION, UNANSWERED, Collections
from crpd_qa.store.milvus.write import held
from crpd_qa.store.protocol import TokenVectors
from crpd_qa.store.segment import Segment
from crpd_qa.store.tokens import Codes, dequantize
from crpd_qa.store.vectors import Examples, Positions

MAX_FETCHED = 200
"""Paragraphs whose rows are fetched at once."""
MAX_KEPT = 1_000
"""Paragraphs whose rows are kept in memory, some 20 KB each."""
MORE_WORDS = 3
"""So many times as many paragraphs as wanted are taken from Milvus's BM25: it counts words by its own segments."""
LEAST_EF = 256
"""Nodes of the HNSW graph that are looked at, at least."""
MOST_EF = 2 * MAX_FOUND
"""So many are where a scope narrows: of fewer, Milvus Lite finds a quarter of what 30 among 19,847 paragraphs hold."""
VOTERS = 1_000
"""The nearest questions of a kind that vote on the odds: those beyond would change nothing in the fourth decimal."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Paragraph:
    words: Counter[str]
    codes: Codes
    sentences: npt.NDArray[np.int16]


@dataclass(frozen=True)
class _Vectors:
    own: Floats
    """(dim,)"""
    questions: Floats
    """(n_questions, dim)"""


class MilvusStore(Documents):
    """A library's documents in Milvus, as they were when it was opened: what else lies there is never found."""

    def __init__(
        self,
        connection: Connection,
        collections: Collections,
        segments: Sequence[Segment],
        entries: Sequence[Described],
        examples: Examples,
        vocabulary: int,
    ) -> None:
        """Connects at the first search."""
        super().__init__(segments, entries, vocabulary)
        self._connection = connection
        self._collections = collections
        self._examples = examples
        self._numbers = {entry.segment: number for number, entry in enumerate(entries)}
        self._rows = _Kept(self._fetched)

    @cached_property
    def space(self) -> "MilvusSpace":
        """The English encoder's vectors."""
        return MilvusSpace(self, self._collections.english, self._examples)

    def multilingual(self, examples: Examples) -> "MilvusSpace":
        """The multilingual encoder's vectors; a document that has none is found by its words alone."""
        return MilvusSpace(self, self._collections.multilingual, examples)

    @cached_property
    def lexical(self) -> "MilvusWords":
        counts = WordCounts.of(segment.postings for segment in self.segments)
        return MilvusWords(self, self._collections.paragraphs, counts)

    def select(self, scope: Scope) -> str:
        """The expression that narrows a search to a scope."""
        return expression(scope, self.articles)

    def tokens(self, positions: Positions) -> TokenVectors:
        """Token vectors of these paragraphs."""
        rows = self.paragraphs(positions)
        nothing = np.zeros((0, self._examples.off_topic.shape[1] // 2), np.uint8)
        codes = np.concatenate([nothing, *(row.codes for row in rows)])
        offsets = np.cumsum([0, *(len(row.codes) for row in rows)])
        return TokenVectors(dequantize(codes), offsets, [row.sentences for row in rows])

    def check(self) -> None:
        """Raises StoreAwayError if nothing could be searched now."""
        known = among("segment", [entry.segment for entry in self.entries[:1]])
        if self.entries and not self.call("query", self._collections.documents, filter=known):
            raise self._lacking("documents of the library")  # one is: how many are, nobody has looked

    def call(self, method: str, *given: Any, **named: Any) -> Any:
        """See `Connection.call`."""
        return self._connection.call(method, *given, **named)

    @cached_property
    def _strangers(self) -> set[str]:
        """Segments that lie in Milvus and are not this library's: an earlier version, or one that is just coming.

        Raises StoreAwayError where one of its own is not there whole.
        """
        there = held(self._connection, self._collections)
        if lacking := self._numbers.keys() - there:
            raise self._lacking(f"{len(lacking)} of the library's {len(self.entries)} documents")
        return there - self._numbers.keys()

    def _lacking(self, what: str) -> StoreAwayError:
        return StoreAwayError(f"the store at {self._connection.name} lacks {what}; write them to it: crpd-qa index")

    def search(
        self, collection: str, field: str, data: Any, count: int, narrowed: str, parameters: dict[str, Any], *also: str
    ) -> list[Any]:
        """The nearest rows of this library's documents, nearest first, with segment, place and the fields `also`."""
        while True:
            # Most often there are no strangers, or the few of the last hour.
            others = among("segment", sorted(self._strangers))
            hits = list(
                self.call(
                    "search",
                    collection,
                    data=[data],
                    anns_field=field,
                    limit=min(count, MAX_FOUND),
                    filter=both(narrowed, f"not ({others})" if others else ""),
                    output_fields=["segment", "place", *also],
                    search_params=parameters,
                )[0]
            )
            new = {hit["entity"]["segment"] for hit in hits} - self._numbers.keys()
            if not new:
                return hits
            self._strangers.update(new)

    def position(self, hit: Any) -> int:
        """Of the paragraph of a row that was found."""
        return int(self.first[self._numbers[hit["entity"]["segment"]]]) + int(hit["entity"]["place"])

    def ids(self, positions: Positions) -> list[str]:
        """Of the rows of some paragraphs."""
        places = (self.segment_of(position) for position in positions.tolist())
        return [row_id(self.entries[number].segment, place) for number, place in places]

    def paragraphs(self, positions: Positions) -> list[_Paragraph]:
        """Words and token vectors."""
        return self._rows.of(self.ids(positions))

    def _fetched(self, ids: Sequence[str]) -> dict[str, _Paragraph]:
        rows = self.call(
            "query", self._collections.paragraphs, filter=among("id", ids), output_fields=["id", "words", "tokens"]
        )
        width = self._examples.off_topic.shape[1] // 2
        return {row["id"]: _Paragraph(Counter(row["words"].split()), *unpacked(row["tokens"], width)) for row in rows}


class MilvusSpace:
    """Nearest paragraphs and questions by cosine."""

    def __init__(self, store: MilvusStore, collection: str, examples: Examples) -> None:
        self._store = store
        self._collection = collection
        self._examples = examples
        self._rows = _Kept(self._fetched)
        # A question is compared with these several times.
        self._nearest_unanswered = lru_cache(64)(self._unanswered)

    def search(self, vector: Floats, rows: int, selection: str | None = None, *, asked: bool = True) -> Positions:
        """Positions of the paragraphs that own the nearest `rows` rows. `vector` (dim,). Some occur twice.

        `asked` False looks at the paragraphs' own vectors only.
        """
        role = f"role <= {QUESTION}" if asked else f"role == {PARAGRAPH}"
        hits = self._nearest(vector, rows, both(selection, role), MOST_EF if selection else LEAST_EF)
        return np.array([self._store.position(hit) for hit in hits], dtype=np.intp)

    def similarity(self, vector: Floats, positions: Positions) -> tuple[Floats, Floats]:
        """Cosine of a question with each paragraph, and with the nearest question that it answers (0 if none)."""
        rows = self._rows.of(self._store.ids(positions))
        own = np.array([row.own for row in rows], dtype=np.float32).reshape(len(rows), -1)
        asked = [float((row.questions @ vector).max(initial=0.0)) for row in rows]
        return (own @ vector if len(own) else np.zeros(0, np.float32)), np.array(asked, dtype=np.float32)

    def alike(self, positions: Positions) -> Floats:
        """(n, n) cosines of some paragraphs with each other."""
        own = np.array([row.own for row in self._rows.of(self._store.ids(positions))], dtype=np.float32)
        found: Floats = own @ own.T
        return found

    def nearest_questions(self, vector: Floats, top: int) -> list[tuple[int, int]]:
        """(position of the paragraph, which of its questions) of the nearest questions, nearest first."""
        hits = self._nearest(vector, top, f"role == {QUESTION}")
        return [(self._store.position(hit), int(hit["entity"]["which"])) for hit in hits]

    def answered_odds(self, vector: Floats, width: float) -> float:
        """Logarithm of the odds that a question is answered, as those near it are: kernel votes of both kinds.

        Each of the nearest known questions votes with exp(cosine / width) (Parzen 1962).
        """
        answered, unanswered = (
            np.array([hit["distance"] for hit in self._nearest(vector, VOTERS, f"role == {role}")])
            for role in (QUESTION, UNANSWERED)
        )
        if not len(answered) or not len(unanswered):
            return 0.0
        return float(np.log(np.exp((answered - 1) / width).sum()) - np.log(np.exp((unanswered - 1) / width).sum()))

    def unanswered(self, vector: Floats) -> float:
        """Cosine of a question with the nearest one that is known not to be answered (0 if none is known)."""
        return self._nearest_unanswered(vector.astype(np.float32).tobytes())

    def _unanswered(self, vector: bytes) -> float:
        hits = self._nearest(np.frombuffer(vector, np.float32), 1, f"role == {UNANSWERED}")
        return max([0.0, *(float(hit["distance"]) for hit in hits)])

    def off_topic(self, vector: Floats) -> float:
        """Cosine of a question with the nearest example of what no document answers."""
        return float((self._examples.off_topic @ vector).max(initial=0.0))

    def help(self, vector: Floats) -> float:
        """Cosine of a message with the nearest example of what is answered by saying what can be asked."""
        return float((self._examples.help @ vector).max(initial=0.0))

    def _nearest(self, vector: Floats, count: int, narrowed: str, ef: int = LEAST_EF) -> list[Any]:
        parameters = {"metric_type": "IP", "params": {"ef": min(max(ef, 2 * count), MOST_EF)}}
        return self._store.search(
            self._collection, "vector", vector.tolist(), count, narrowed, parameters, "role", "which"
        )

    def _fetched(self, ids: Sequence[str]) -> dict[str, _Vectors]:
        rows = self._store.call(
            "query",
            self._collection,
            filter=among("paragraph", ids),
            output_fields=["paragraph", "role", "which", "vector"],
        )
        by_paragraph: dict[str, list[Any]] = {}
        for row in sorted(rows, key=lambda row: (row["role"], row["which"])):
            by_paragraph.setdefault(row["paragraph"], []).append(np.array(row["vector"], dtype=np.float32))
        return {
            name: _Vectors(own[0], np.array(own[1:]).reshape(-1, len(own[0]))) for name, own in by_paragraph.items()
        }


class MilvusWords:
    """Milvus's BM25 finds; the scores are those that FAISS's companion gives, of the words in the rows found."""

    def __init__(self, store: MilvusStore, collection: str, counts: WordCounts) -> None:
        self._store = store
        self._collection = collection
        self._counts = counts

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def knows(self, words: Iterable[str]) -> bool:
        """Whether every one of some stemmed words stands in the library."""
        return self._counts.knows(words)

    def idf(self, word: str) -> float:
        """Inverse document frequency of a stemmed word, log((n + 1) / (df + 0.5)); unknown words have the highest."""
        return self._counts.idf(word)

    def search(self, words: Sequence[str], count: int, selection: str | None = None) -> Positions:
        """Positions of the selected paragraphs that hold most of some words: at most `count`, in no order."""
        known = " ".join(word_id(word_hash(word)) for word in words if word in self._counts)
        if not known:
            return np.zeros(0, dtype=np.intp)
        hits = self._store.search(
            self._collection, "bm25", known, MORE_WORDS * count, selection or "", {"metric_type": "BM25"}
        )
        found = np.array(sorted({self._store.position(hit) for hit in hits}), dtype=np.intp)
        scores = self.coverage(words, found)
        best: Positions = found[np.argsort(-scores, kind="stable")[:count]]
        return best

    def coverage(self, words: Sequence[str], positions: Positions) -> Floats:
        """(n,) of each paragraph, BM25 of stemmed words over the sum of their rarity; zeros if none is known."""
        scores = np.zeros(len(positions), dtype=np.float32)
        rarity = sum(self.idf(word) for word in set(words))
        if not any(word in self._counts for word in words):
            return scores
        rows = self._store.paragraphs(positions)
        norms = self._counts.norms(np.array([row.words.total() for row in rows], dtype=np.int32))
        for word, times in Counter(words).items():
            counts = np.array([row.words[word_id(word_hash(word))] for row in rows], dtype=np.float32)
            scores += times * self._counts.bm25_idf(word) * counts / (counts + norms)
        return scores / max(rarity, 1.0)


class _Kept(Generic[T]):
    """Rows by their paragraph's id, the latest of them in memory: what stands under a name never changes."""

    def __init__(self, fetch: Callable[[Sequence[str]], dict[str, T]]) -> None:
        self._fetch = fetch
        self._rows: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def of(self, ids: Sequence[str]) -> list[T]:
        """In the order of the ids. Raises StoreAwayError: its documents were taken out while they were asked."""
        with self._lock:
            found = {name: self._rows[name] for name in ids if name in self._rows}
        lacking = [name for name in dict.fromkeys(ids) if name not in found]
        for first in range(0, len(lacking), MAX_FETCHED):
            found |= self._fetch(lacking[first : first + MAX_FETCHED])
        if any(name not in found for name in lacking):
            raise StoreAwayError("the store was changed while it was asked; ask again")
        with self._lock:
            for name in ids:
                self._rows[name] = found[name]
                self._rows.move_to_end(name)
            while len(self._rows) > MAX_KEPT:
                self._rows.popitem(last=False)
        return [found[name] for name in ids]
