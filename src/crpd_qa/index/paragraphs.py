"""paragraphs.jsonl: the document in the index, one paragraph a line."""

from dataclasses import asdict
from pathlib import Path

import orjson

from crpd_qa.document import Document, Paragraph, Section

FILE_NAME = "paragraphs.jsonl"


def write_paragraphs(document: Document, folder: Path) -> None:
    with (folder / FILE_NAME).open("wb") as file:
        for paragraph in document:
            file.write(orjson.dumps(asdict(paragraph), option=orjson.OPT_APPEND_NEWLINE))


def read_paragraphs(folder: Path, symbol: str, title: str) -> Document:
    """The document as it was when the index was built."""
    paragraphs = []
    sections: dict[tuple[object, ...], Section] = {}
    with (folder / FILE_NAME).open("rb") as file:
        for line in file:
            fields = orjson.loads(line)
            place = fields.pop("section")
            section = sections.setdefault(tuple(place.values()), Section(**place))
            paragraphs.append(
                Paragraph(
                    number=fields["number"],
                    text=fields["text"],
                    section=section,
                    sentences=tuple((start, end) for start, end in fields["sentences"]),
                    references=tuple(fields["references"]),
                    questions=tuple(fields["questions"]),
                    unanswered=tuple(fields["unanswered"]),
                )
            )
    return Document(symbol=symbol, title=title, paragraphs=tuple(paragraphs))
