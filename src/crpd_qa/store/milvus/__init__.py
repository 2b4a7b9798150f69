"""The same store in Milvus, for more than one machine: see `protocol.Store`, docs/scale.md."""

from crpd_qa.store.milvus.connection import connected
from crpd_qa.store.milvus.schema import Collections
from crpd_qa.store.milvus.search import MilvusStore
from crpd_qa.store.milvus.write import MilvusWriter

__all__ = ["Collections", "MilvusStore", "MilvusWriter", "connected"]
