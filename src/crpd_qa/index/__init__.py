"""Document -> an index on disk, and back. `build` needs sentence-transformers; `Index` does not."""

from crpd_qa.index.store import Index

__all__ = ["Index"]
