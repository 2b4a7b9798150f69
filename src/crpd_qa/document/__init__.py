"""A report's text -> Document. Knows nothing of search."""

from crpd_qa.document.model import Document, Paragraph, Section
from crpd_qa.document.parse import parse, read_document
from crpd_qa.document.questions import questions_path

__all__ = ["Document", "Paragraph", "Section", "parse", "questions_path", "read_document"]
