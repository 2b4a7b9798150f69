"""A file -> Document. Knows nothing of search.

The readers of all forms are loaded when the first file is read: answering needs none of them.
"""

from typing import TYPE_CHECKING, Any

from crpd_qa.documents.model import Document, Footnote, Kind, Paragraph, Section, Table

if TYPE_CHECKING:
    from crpd_qa.documents.read import read_document

__all__ = ["Document", "Footnote", "Kind", "Paragraph", "Section", "Table", "read_document"]


def __getattr__(name: str) -> Any:
    if name == "read_document":
        from crpd_qa.documents.read import read_document

        return read_document
    raise AttributeError(f"module 'crpd_qa.documents' has no attribute {name!r}")
