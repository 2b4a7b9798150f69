"""How documents lie in Milvus: a row a paragraph for its words and token vectors, a row a vector, a row a document.

What narrows a search stands in each row as a field of its own, so that Milvus narrows before it searches.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from crpd_qa.store.lexical import K1, B
from crpd_qa.store.milvus.connection import Connection

PARAGRAPH, QUESTION, UNANSWERED = 0, 1, 2
"""Roles of a row with a vector: a paragraph's own, a question that it answers, one that its document does not."""
MAX_TEXT = 65_535
"""Bytes of one text in Milvus."""
HNSW = {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 32, "efConstruction": 200}}
BM25 = {
    "index_type": "SPARSE_INVERTED_INDEX",
    "metric_type": "BM25",
    "params": {"bm25_k1": K1, "bm25_b": B, "inverted_index_algo": "DAAT_MAXSCORE"},
}


@dataclass(frozen=True)
class Collections:
    """Their names. Vectors of other models lie in others: they could not be searched together."""

    paragraphs: str
    english: str
    multilingual: str
    documents: str

    @classmethod
    def of(cls, encoder: str, multilingual: str) -> "Collections":
        """Of the digests of two models; the second is "" where there is none."""
        own = hashlib.sha256(encoder.encode()).hexdigest()[:12]
        other = hashlib.sha256(multilingual.encode()).hexdigest()[:12]
        return cls(
            f"crpd_qa_paragraphs_{own}",
            f"crpd_qa_english_{own}",
            f"crpd_qa_multilingual_{other}" if multilingual else "",
            f"crpd_qa_documents_{own}",
        )


def create(connection: Connection, collections: Collections, dimension: int, multilingual: int) -> None:
    """Make what is not there yet. `dimension` of both encoders' vectors. Raises StoreAwayError."""
    _create(connection, collections.paragraphs, _paragraphs)
    _create(connection, collections.english, lambda schema, index: _vectors(schema, index, dimension))
    if collections.multilingual:
        _create(connection, collections.multilingual, lambda schema, index: _vectors(schema, index, multilingual))
    _create(connection, collections.documents, _documents)


def _create(connection: Connection, name: str, describe: Any) -> None:
    if connection.call("has_collection", name):
        return
    from pymilvus import MilvusClient

    schema, index = MilvusClient.create_schema(auto_id=False), MilvusClient.prepare_index_params()
    describe(schema, index)
    # Strong: what a writer was told is written is found by every reader from then on.
    connection.call("create_collection", name, schema=schema, index_params=index, consistency_level="Strong")


def _described(schema: Any, index: Any) -> None:
    """What every row says of its paragraph and document."""
    from pymilvus import DataType

    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=300)
    for name, length in {"segment": 200, "document": 600, "state": 200, "kind": 50, "language": 10}.items():
        schema.add_field(name, DataType.VARCHAR, max_length=length)
    schema.add_field("place", DataType.INT64)
    schema.add_field("year", DataType.INT64)
    schema.add_field("articles", DataType.INT64)
    for name in ("segment", "document", "state", "kind", "language", "year", "articles"):
        index.add_index(name, index_type="INVERTED")


def _paragraphs(schema: Any, index: Any) -> None:
    from pymilvus import DataType, Function, FunctionType

    _described(schema, index)
    schema.add_field(
        "words",
        DataType.VARCHAR,
        max_length=MAX_TEXT,
        enable_analyzer=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names=["words"], output_field_names=["bm25"]))
    schema.add_field("tokens", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=64, max_length=MAX_TEXT)
    index.add_index("bm25", **BM25)


def _vectors(schema: Any, index: Any, dimension: int) -> None:
    from pymilvus import DataType

    _described(schema, index)
    schema.add_field("paragraph", DataType.VARCHAR, max_length=300)
    schema.add_field("role", DataType.INT64)
    schema.add_field("which", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    index.add_index("vector", **HNSW)
    index.add_index("paragraph", index_type="INVERTED")


def _documents(schema: Any, index: Any) -> None:
    """Written when all rows of a document are there: Milvus has no collection without vectors."""
    from pymilvus import DataType

    schema.add_field("segment", DataType.VARCHAR, is_primary=True, max_length=200)
    schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
    index.add_index("nothing", index_type="FLAT", metric_type="IP")
