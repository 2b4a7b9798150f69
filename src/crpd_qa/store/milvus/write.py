"""Documents into Milvus and out of it. Rows are written before `library.json` names them, and deleted after."""

from collections.abc import Iterable, Iterator
from itertools import islice

from crpd_qa.store.documents import Described
from crpd_qa.store.milvus.connection import Connection
from crpd_qa.store.milvus.filter import among
from crpd_qa.store.milvus.rows import Row, paragraph_rows, vector_rows
from crpd_qa.store.milvus.schema import Collections, create
from crpd_qa.store.segment import Segment

BATCH = 200
"""Rows that are sent at once: some megabytes."""
WRITE_SECONDS = 60.0


def held(connection: Connection, collections: Collections) -> set[str]:
    """Names of the segments whose rows are all there. Raises StoreAwayError."""
    if not connection.call("has_collection", collections.documents):
        return set()
    return connection.every(collections.documents, "segment")


class MilvusWriter:
    """Writes the rows of whole documents. What is written twice is there once: a row's name tells its content."""

    def __init__(
        self, connection: Connection, collections: Collections, dimension: int, multilingual: int | None
    ) -> None:
        """`dimension` of both encoders' vectors."""
        self._connection = connection
        self._collections = collections
        self._dimension = dimension
        self._multilingual = multilingual or 0

    def held(self) -> set[str]:
        """Names of the segments whose rows are all there. Raises StoreAwayError."""
        return held(self._connection, self._collections)

    def put(self, segment: Segment, entry: Described) -> None:
        """All rows of a document; then what says that it is whole. Raises StoreAwayError."""
        names = self._collections
        create(self._connection, names, self._dimension, self._multilingual)
        self._write(names.paragraphs, paragraph_rows(segment, entry))
        self._write(names.english, vector_rows(segment.vectors, self._dimension, segment, entry))
        if names.multilingual:
            self._write(names.multilingual, vector_rows(segment.multilingual, self._multilingual, segment, entry))
        self._write(names.documents, [{"segment": entry.segment, "nothing": [0.0, 0.0]}])

    def forget(self, segment: str) -> None:
        """First what says that it is whole, then its rows. Raises StoreAwayError."""
        names = self._collections
        for name in (names.documents, names.paragraphs, names.english, names.multilingual):
            if name and self._connection.call("has_collection", name):
                self._connection.call("delete", name, filter=among("segment", [segment]))

    def _write(self, collection: str, rows: Iterable[Row]) -> None:
        for batch in _batches(iter(rows)):
            self._connection.call("upsert", collection, batch, timeout=WRITE_SECONDS)
        if self._connection.lite:  # a server seals by itself what grows; Lite looks at every row until it is told to
            self._connection.call("flush", collection, timeout=WRITE_SECONDS)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
