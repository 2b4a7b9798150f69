"""A report's text -> Document. Knows nothing of search."""

from crpd_qa.document.model import Document, Paragraph, Section
from crpd_qa.document.parse import parse, read_document

__all__ = ["Document", "Paragraph", "Section", "parse", "read_document"]
