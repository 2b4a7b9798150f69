"""The report as one page: its headings, and each paragraph's text as HTML."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby, takewhile

from markupsafe import Markup, escape

from crpd_qa.documents import Document, Paragraph, Section
from crpd_qa.documents.references import reference_spans
from crpd_qa.web.addresses import anchor
from crpd_qa.web.rendering import joined, render

Spans = list[tuple[int, int]]

_QUOTE = re.compile(r"(\d{1,7})-(\d{1,7})", re.ASCII)


@dataclass(frozen=True)
class Stretch:
    """Paragraphs under one section: (paragraph, anchor, HTML), with the headings that open it."""

    headings: tuple["Heading", ...]
    paragraphs: list[tuple[Paragraph, str, Markup]]


@dataclass(frozen=True)
class Heading:
    """A heading of the report, `level` 2 to 6, with the anchor that the contents lead to."""

    level: int
    text: str
    id: str


def render_report(
    document: Document,
    language: str,
    marked: Paragraph | None = None,
    spans: Spans | None = None,
    *,
    base: str = "",
    here: str = "/report",
) -> str:
    """The whole document; the spans of the paragraph `marked` are marked. `base`: see `render`."""
    labels = {paragraph.label for paragraph in document}
    sections = []
    above = Section()
    seen: set[str] = set()
    for section, paragraphs in groupby(document, key=lambda paragraph: paragraph.section):
        group = list(paragraphs)
        texts = [
            (p, anchor(p.label), paragraph_html(p, document, labels, spans or [] if p is marked else [])) for p in group
        ]
        sections.append(Stretch(tuple(_headings(section, above, group[0], seen)), texts))
        above = section
    return render(
        "report.html",
        language,
        here=here,
        base=base,
        document=document,
        sections=sections,
        headings=[heading for section in sections for heading in section.headings],
        marked=marked if spans else None,
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


def paragraph_html(paragraph: Paragraph, document: Document, labels: Collection[str], spans: Spans) -> Markup:
    """Lines as <p>, bullets as a list, spans in <mark>, numbers of other paragraphs (of `labels`) as links."""
    links = reference_spans(paragraph.text, labels, paragraph.label, document.language, document.symbol)
    lines = []
    for match in re.finditer(r"(• )?([^\n]+)", paragraph.text):
        lines.append((bool(match[1]), _inline(paragraph.text, match.start(2), match.end(2), spans, links)))
    blocks = []
    for bullets, group in groupby(lines, key=lambda line: line[0]):
        element = Markup("<li>{}</li>") if bullets else Markup("<p>{}</p>")
        block = Markup("").join(element.format(html) for _, html in group)
        blocks.append(Markup("<ul>{}</ul>").format(block) if bullets else block)
    return Markup("").join(blocks)


def _inline(text: str, start: int, end: int, spans: Spans, links: list[tuple[int, int, str]]) -> Markup:
    pieces = Markup("")
    for a, b in spans:
        a, b = max(a, start), min(b, end)
        if a < b:
            pieces += _linked(text, start, a, links) + Markup("<mark>{}</mark>").format(_linked(text, a, b, links))
            start = b
    return pieces + _linked(text, start, end, links)


def _linked(text: str, start: int, end: int, links: list[tuple[int, int, str]]) -> Markup:
    pieces = Markup("")
    for a, b, label in links:
        if start <= a and b <= end:
            pieces += escape(text[start:a]) + Markup('<a href="#{}">{}</a>').format(anchor(label), text[a:b])
            start = b
    return pieces + escape(text[start:end])


def _headings(section: Section, above: Section, first: Paragraph, seen: set[str]) -> Iterable[Heading]:
    """The headings that open here, between the section above and paragraph `first`; `seen` are the ids given before."""
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(section.headings, above.headings, strict=False))
    )
    for depth, text in enumerate(section.headings[same:], start=same):
        names = [f"article-{section.articles[0]}"] if section.articles and depth == section.article_level else []
        names += [f"section-{anchor(first.label)}-{depth}"]
        name = next(n for n in names if n not in seen)
        seen.add(name)
        yield Heading(min(2 + depth, 6), text, name)
