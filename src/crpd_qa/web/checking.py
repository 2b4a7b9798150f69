"""What was read of a document, page by page, to lay beside the original."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.model import Table
from crpd_qa.texts import texts
from crpd_qa.web.rendering import render

STRETCH = 40
"""Paragraphs that are shown together of a document without pages."""


@dataclass(frozen=True)
class ReadPage:
    """What begins on a page; `before` is the paragraph that may go on from the page before it.

    `page` is the original's, from 1; 0 where the original has none.
    """

    page: int
    paragraphs: Sequence[Paragraph]
    tables: Sequence[Table]
    before: Paragraph | None = None


def read_pages(document: Document) -> list[ReadPage]:
    """The pages on which something begins, in order; a document without pages in stretches."""
    own = [paragraph.page for paragraph in document]
    if not any(own):
        stretches = [document.paragraphs[i : i + STRETCH] for i in range(0, len(document), STRETCH)]
        return [ReadPage(0, stretch, _tables_after(document, stretch)) for stretch in stretches]
    numbers = sorted({page or 0 for page in own} | {table.page or 0 for table in document.tables})
    return [read_page(document, number) for number in numbers]


def read_page(document: Document, page: int) -> ReadPage:
    """What was read of one page of the original."""
    paragraphs = [p for p in document if (p.page or 0) == page]
    earlier = [p for p in document if (p.page or 0) < page]
    return ReadPage(
        page, paragraphs, [t for t in document.tables if (t.page or 0) == page], earlier[-1] if earlier else None
    )


def _tables_after(document: Document, stretch: Sequence[Paragraph]) -> list[Table]:
    labels = {paragraph.label for paragraph in stretch}
    first = stretch[0] is document.paragraphs[0]
    return [table for table in document.tables if table.after in labels or (first and not table.after)]


def check_page(document: Document, name: str, language: str = "en") -> str:
    """One HTML page that holds all it needs; `name` is the original file's."""
    return render(
        "check.html",
        language,
        document=document,
        name=name,
        pages=read_pages(document),
        about=texts(language)["check_about"].format(name=name, count=len(document)),
        style=Markup(_style()),
    )


@cache
def _style() -> str:
    return "".join((Path(__file__).parent / "static" / name).read_text("utf-8") for name in ("design.css", "page.css"))
