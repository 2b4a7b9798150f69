"""A file -> Document. Knows nothing of search."""

from crpd_qa.documents.model import Document, Footnote, Kind, Paragraph, Section, Table
from crpd_qa.documents.read import read_document

__all__ = ["Document", "Footnote", "Kind", "Paragraph", "Section", "Table", "read_document"]
