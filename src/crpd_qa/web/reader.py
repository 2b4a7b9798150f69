"""The report as one page: its headings, and each paragraph's text as HTML."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from crpd_qa.document import Document, Paragraph, Section
from crpd_qa.document.references import reference_spans
from crpd_qa.web.rendering import joined, render

Spans = list[tuple[int, int]]

_QUOTE = re.compile(r"(\d{1,7})-(\d{1,7})", re.ASCII)


@dataclass(frozen=True)
class Stretch:
    """Paragraphs under one section: (number, HTML), with the headings that open it."""

    headings: tuple["Heading", ...]
    paragraphs: list[tuple[int, Markup]]


@dataclass(frozen=True)
class Heading:
    """A heading of the report, `level` 2 to 4, with the anchor that the contents lead to."""

    level: int
    text: str
    id: str


def render_report(document: Document, language: str, number: int = 0, spans: Spans | None = None) -> str:
    """The whole report; the spans of paragraph `number` are marked."""
    sections = []
    above = Section()
    for section, paragraphs in groupby(document, key=lambda paragraph: paragraph.section):
        group = list(paragraphs)
        texts = [(p.number, paragraph_html(p, spans or [] if p.number == number else [], len(document))) for p in group]
        sections.append(Stretch(tuple(_headings(section, above, group[0].number)), texts))
        above = section
    return render(
        "report.html",
        language,
        here="/report",
        document=document,
        sections=sections,
        headings=[heading for section in sections for heading in section.headings],
        marked=number if spans else 0,
    )


def quoted_spans(quotes: Iterable[str], paragraph: Paragraph) -> Spans:
    """ "0-86" -> [(0, 86)]: in order, those that run into one another joined.

    A span that lies outside the text, or cuts a word of it in two, was made for another text and is left out.
    """
    places = [(int(match[1]), int(match[2])) for quote in quotes if (match := _QUOTE.fullmatch(quote))]
    return joined(
        (start, end)
        for start, end in places
        if start < end <= len(paragraph.text) and not any(_within_word(paragraph.text, at) for at in (start, end))
    )


def _within_word(text: str, position: int) -> bool:
    return text[position - 1 : position].isalnum() and text[position : position + 1].isalnum()


def paragraph_html(paragraph: Paragraph, spans: Spans, last: int) -> Markup:
    """Lines as <p>, bullets as a list, spans in <mark>, numbers of other paragraphs (1 to `last`) as links."""
    links = reference_spans(paragraph.text, last, paragraph.number)
    lines = []
    for match in re.finditer(r"(• )?([^\n]+)", paragraph.text):
        lines.append((bool(match[1]), _inline(paragraph.text, match.start(2), match.end(2), spans, links)))
    blocks = []
    for bullets, group in groupby(lines, key=lambda line: line[0]):
        element = Markup("<li>{}</li>") if bullets else Markup("<p>{}</p>")
        block = Markup("").join(element.format(html) for _, html in group)
        blocks.append(Markup("<ul>{}</ul>").format(block) if bullets else block)
    return Markup("").join(blocks)


def _inline(text: str, start: int, end: int, spans: Spans, links: list[tuple[int, int, int]]) -> Markup:
    pieces = Markup("")
    for a, b in spans:
        a, b = max(a, start), min(b, end)
        if a < b:
            pieces += _linked(text, start, a, links) + Markup("<mark>{}</mark>").format(_linked(text, a, b, links))
            start = b
    return pieces + _linked(text, start, end, links)


def _linked(text: str, start: int, end: int, links: list[tuple[int, int, int]]) -> Markup:
    pieces = Markup("")
    for a, b, number in links:
        if start <= a and b <= end:
            pieces += escape(text[start:a]) + Markup('<a href="#para-{}">{}</a>').format(number, text[a:b])
            start = b
    return pieces + escape(text[start:end])


def _headings(section: Section, above: Section, first: int) -> Iterable[Heading]:
    """The headings that open here, between the section above and paragraph `first`."""
    new = section.part != above.part
    if new and section.part:
        yield Heading(2, section.part, f"part-{first}")
    level = 3 if section.part else 2
    new = new or section.article != above.article
    if section.article is not None:
        if new:
            yield Heading(level, f"Article {section.article} – {section.article_title}", f"article-{section.article}")
        level += 1
    if section.subheading and (new or section.subheading != above.subheading):
        yield Heading(level, section.subheading, f"section-{first}")
