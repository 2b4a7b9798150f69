"""A file -> Document. Knows nothing of search."""

from crpd_qa.documents.model import Document, Footnote, Kind, Paragraph, Section, Table

__all__ = ["Document", "Footnote", "Kind", "Paragraph", "Section", "Table"]
