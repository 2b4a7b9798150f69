"""A whole document as JSON: what `crpd-qa show SYMBOL --json` prints, and what the library keeps."""

import gzip
import zlib
from dataclasses import asdict
from typing import Any

from crpd_qa.documents.model import Document, Footnote, Paragraph, Section, Table
from crpd_qa.errors import DocumentError

MAX_BYTES = 512 * 2**20
"""Of a record: a hostile library that is imported may hold one that unpacks to a thousand times its size."""


def packed(record: bytes) -> bytes:
    """A quarter of it; the same bytes for the same record, whenever it is written. Raises DocumentError."""
    if len(record) > MAX_BYTES:
        raise DocumentError(f"a document of more than {MAX_BYTES >> 20} MB of text; split it into several files")
    return gzip.compress(record, mtime=0)


def unpacked(content: bytes) -> bytes:
    """The record. Raises ValueError for what `packed` did not write."""
    stream = zlib.decompressobj(wbits=31)
    try:
        record = stream.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not stream.eof:
        raise ValueError(f"it is cut off, or unpacks to more than {MAX_BYTES >> 20} MB")
    return record


def to_record(document: Document) -> dict[str, Any]:
    """Plain data. `heading` is the innermost; `article` an integer, a list where there are several, or None."""
    return {
        "symbol": document.symbol,
        "state": document.state,
        "kind": document.kind,
        "language": document.language,
        "title": document.title,
        "date": document.date,
        "numbering": document.numbering,
        "warnings": list(document.warnings),
        "paragraphs": [_paragraph(paragraph) for paragraph in document],
        "tables": [asdict(table) for table in document.tables],
    }


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    section = paragraph.section
    return {
        "number": paragraph.number,
        "label": paragraph.label,
        "text": paragraph.text,
        "heading": section.heading,
        "headings": list(section.headings),
        "article": section.articles[0] if len(section.articles) == 1 else list(section.articles) or None,
        "article_level": section.article_level,
        "page": paragraph.page,
        "footnotes": [asdict(footnote) for footnote in paragraph.footnotes],
        "sentences": [list(span) for span in paragraph.sentences],
        "references": list(paragraph.references),
    }


def from_record(record: dict[str, Any]) -> Document:
    """The document that `to_record` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    sections: dict[tuple[Any, ...], Section] = {}
    paragraphs = []
    for fields in record["paragraphs"]:
        article = fields["article"]
        articles = tuple(article) if isinstance(article, list) else (article,) if article else ()
        place = (tuple(fields["headings"]), articles, fields["article_level"])
        paragraphs.append(
            Paragraph(
                label=fields["label"],
                number=fields["number"],
                text=fields["text"],
                section=sections.setdefault(place, Section(*place)),
                sentences=tuple((start, end) for start, end in fields["sentences"]),
                references=tuple(fields["references"]),
                page=fields["page"],
                footnotes=tuple(Footnote(**footnote) for footnote in fields["footnotes"]),
            )
        )
    return Document(
        symbol=record["symbol"],
        title=record["title"],
        paragraphs=tuple(paragraphs),
        state=record["state"],
        kind=record["kind"],
        language=record["language"],
        date=record["date"],
        numbering=record["numbering"],
        tables=tuple(
            Table(t["caption"], tuple(tuple(row) for row in t["rows"]), t["after"], t["page"]) for t in record["tables"]
        ),
        warnings=tuple(record["warnings"]),
    )
