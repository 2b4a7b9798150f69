"""A document as one page, alone or beside another version: its headings, and each paragraph's text as HTML."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile, zip_longest
from urllib.parse import urlencode

from markupsafe import Markup, escape

from crpd_qa.documents import Document, Paragraph, Section
from crpd_qa.documents.model import Table
from crpd_qa.documents.references import reference_spans
from crpd_qa.library import Library
from crpd_qa.texts import texts
from crpd_qa.web.addresses import anchor, original_address
from crpd_qa.web.finding import MAX_FOUND_CHARS, asked_for, places
from crpd_qa.web.library_page import versions_of
from crpd_qa.web.quotation import Spans, blocks, joined, mark
from crpd_qa.web.rendering import render
from crpd_qa.web.words import described, numbered_by_us, paragraph_in_words

_QUOTE = re.compile(r"(\d{1,7})-(\d{1,7})", re.ASCII)


@dataclass(frozen=True)
class Heading:
    """A heading of the document, `level` 2 to 6, with the anchor that the contents lead to."""

    level: int
    text: str
    id: str
    beside: str = ""
    """The same heading in the other version."""
    article: int | None = None
    """Of the Convention, where the heading is that of an article's section."""


@dataclass(frozen=True)
class Note:
    """A footnote with its own anchor, and that of the paragraph which it belongs to."""

    mark: str
    text: str
    id: str
    paragraph: str
    label: str


@dataclass(frozen=True)
class Column:
    """A paragraph in one version; `html` is None where that version lacks it."""

    language: str
    html: Markup | None = None
    page: int | None = None
    page_address: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Cell:
    """Of a table; `columns` is how many it spans."""

    text: str
    columns: int
    heads: bool


@dataclass(frozen=True)
class Grid:
    """A table, `name` that of the region in which it can be scrolled: no two on a page have the same."""

    name: str
    caption: str
    language: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Row:
    """A paragraph, in one version or in two side by side, with the headings before it and the tables after it."""

    label: str
    name: str
    ours: bool
    """Whether the label is no number of the document's own."""
    id: str
    articles: tuple[int, ...]
    headings: tuple[Heading, ...]
    columns: tuple[Column, ...]
    tables: tuple[Grid, ...]
    found: int = 0
    """Places with the words that are looked for, in all of it."""


@dataclass(frozen=True)
class Part:
    """What stands under the same headings; `shown` unless another article is asked for alone."""

    articles: tuple[int, ...]
    rows: tuple[Row, ...]
    shown: bool


def render_report(
    document: Document,
    language: str,
    marked: Paragraph | None = None,
    spans: Spans | None = None,
    *,
    base: str = "",
    here: str = "/report",
    library: Library | None = None,
    beside: Document | None = None,
    find: str = "",
    article: str = "",
) -> str:
    """The whole document; the spans of the paragraph `marked` are marked. `base`: see `render`.

    The words of `find` are marked wherever they stand. Of an `article` of the Convention only its parts are shown; of
    one that the document does not have, that is said.

    `beside` is another version of it, shown side by side. With the `library` the page leads to the other versions and
    to the original file.
    """
    shown = [document] if beside is None else [document, beside]
    wanted = asked_for(find)
    columns = [_columns(d, base, marked if d is document else None, spans or [], wanted) for d in shown]
    headings = [_opened(d) for d in shown]
    tables = _grids(shown, language)
    entries = library.versions(document.symbol) if library else ()
    rows = []
    for label in _aligned([[paragraph.label for paragraph in d] for d in shown]):
        versions = [p for d in shown if (p := d.paragraph(label))]
        row = Row(
            label,
            paragraph_in_words(document, versions[0], language),
            numbered_by_us(document, versions[0]),
            anchor(label),
            versions[0].section.articles,
            tuple(_beside(headings[0].get(label, ()), headings[-1].get(label, ()) if beside else ())),
            tuple(own.get(label, Column(d.language)) for d, own in zip(shown, columns, strict=True)),
            tuple(tables.get(label, ())),
        )
        rows.append(replace(row, found=_found(wanted, row, versions)) if wanted else row)
    articles = sorted({each for row in rows for each in row.articles})
    only = next((each for each in articles if str(each) == article), None)
    parts = _parts(rows, only)
    visible = [row for part in parts if part.shown for row in part.rows]
    in_language = {"in_language": document.language} if len(entries) > 1 and here != "/report" else {}
    keep = in_language | ({"with": beside.language} if beside else {})
    several = library.has_several if library else False
    return render(
        "report.html",
        language,
        here=here,
        base=base,
        several=several,
        keep=keep | ({"article": only} if only else {}),
        whole={"lang": language, **keep},
        document=document,
        beside=beside,
        description=described(document, language),
        parts=parts,
        visible=visible,
        first_tables=tables.get("", []),
        headings=[heading for row in rows for heading in row.headings],
        notes=[(d.language, own) for d, c in zip(shown, columns, strict=True) if (own := _notes(c))],
        only_one=[row.label for row in rows if any(column.html is None for column in row.columns)],
        versions=versions_of(entries, language, base),
        citation=_citation(document, "para.", "{number}"),
        citations=_citation(document, "paras.", "{first}–{last}"),
        marked=marked if spans else None,
        articles=articles,
        only=only,
        no_article=article[:MAX_FOUND_CHARS] if only is None else "",
        find=find[:MAX_FOUND_CHARS],
        wanted=wanted,
        with_hits=lambda text: mark(text, places(wanted, text)),
        asking=lambda number: _asking(document, number, language, base, scoped=several),
    )


def _parts(rows: Iterable[Row], only: int | None) -> list[Part]:
    """A part begins where headings open."""
    parts: list[list[Row]] = []
    for row in rows:
        if row.headings or not parts:
            parts.append([])
        parts[-1].append(row)
    return [Part(own[0].articles, tuple(own), only is None or only in own[0].articles) for own in parts]


def _found(wanted: str, row: Row, paragraphs: Iterable[Paragraph]) -> int:
    texts_of = [text for heading in row.headings for text in (heading.text, heading.beside)]
    texts_of += [paragraph.text for paragraph in paragraphs]
    texts_of += [cell.text for table in row.tables for cells in table.rows for cell in cells]
    return sum(len(places(wanted, text)) for text in texts_of)


def _asking(document: Document, article: int, language: str, base: str, *, scoped: bool) -> str:
    """Where the chat is asked about an article: what is asked stands behind the "#", which no server is told."""
    asked = {"q": texts(language)["report_article_question"].format(number=article)}
    scope = {"article": article, "document": document.symbol} if scoped else {}
    return f"{base}/chat/{language}#{urlencode(asked | scope)}"


def _aligned(versions: list[list[str]]) -> list[str]:
    """The labels of one or two versions: what only the second has stands before the next label that both have."""
    known = set(versions[0])
    waiting: dict[str, list[str]] = {}
    pending: list[str] = []
    for label in versions[-1]:
        if label in known:
            waiting[label], pending = pending, []
        else:
            pending.append(label)
    return [*(each for label in versions[0] for each in (*waiting.get(label, ()), label)), *pending]


def _grids(versions: Sequence[Document], language: str) -> dict[str, list[Grid]]:
    """Label of the paragraph before -> tables."""
    t = texts(language)
    found: dict[str, list[Grid]] = {}
    for document in versions:
        for table in document.tables:
            own = found.setdefault(table.after, [])
            name = t["report_table"].format(number=table.after) if table.after else t["report_table_first"]
            name += f" ({len(own) + 1})" if own else ""
            own.append(Grid(name, table.caption, document.language, _cells(table)))
    return found


def _cells(table: Table) -> tuple[tuple[Cell, ...], ...]:
    """The first row heads its columns, if it names each; a short row's last cell spans the rest."""
    width = max(map(len, table.rows), default=0)
    headed = len(table.rows) > 1 and len(table.rows[0]) == width > 1
    return tuple(
        tuple(
            Cell(
                text,
                width - len(row) + 1 if place == len(row) - 1 else 1,
                heads=headed and row is table.rows[0] and bool(text.strip()),
            )
            for place, text in enumerate(row)
        )
        for row in table.rows
    )


def _columns(document: Document, base: str, marked: Paragraph | None, spans: Spans, wanted: str) -> dict[str, Column]:
    labels = {paragraph.label for paragraph in document}
    original = original_address(document.symbol, document.language, base)
    found = {}
    for paragraph in document:
        own = anchor(paragraph.label)
        notes = tuple(
            Note(note.mark, note.text, f"note-{document.language}-{own}-{number}", own, paragraph.label)
            for number, note in enumerate(paragraph.footnotes, 1)
        )
        found[paragraph.label] = Column(
            document.language,
            paragraph_html(
                paragraph, document, labels, spans if paragraph is marked else places(wanted, paragraph.text)
            ),
            paragraph.page,
            f"{original}#page={paragraph.page}",
            notes,
        )
    return found


def _notes(columns: dict[str, Column]) -> list[Note]:
    return [note for column in columns.values() for note in column.notes]


def _citation(document: Document, abbreviation: str, labels: str) -> str:
    """As a browser completes it, `labels` standing for what is cited."""
    if document.numbering == "ours":
        return f"{document.symbol}, {labels}, numbered by us"
    return f"{document.symbol}, {abbreviation} {labels}"


def _opened(document: Document) -> dict[str, tuple[Heading, ...]]:
    """Label -> the headings that open right before that paragraph."""
    found = {}
    above = Section()
    seen: set[str] = set()
    for section, paragraphs in groupby(document, key=lambda paragraph: paragraph.section):
        first = next(paragraphs)
        found[first.label] = tuple(_headings(section, above, first, seen))
        above = section
    return found


def _beside(own: Sequence[Heading], others: Sequence[Heading]) -> Iterable[Heading]:
    """The headings of one version with those of the other at the same place; none of either is lost."""
    for heading, other in zip_longest(own, others):
        if heading and other:
            yield replace(heading, beside=other.text)
        elif heading:
            yield heading
        elif other:
            yield Heading(other.level, "", f"beside-{other.id}", other.text)


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
    html = Markup("")
    for listed, own in blocks(lines):
        block = Markup("").join((Markup("<li>{}</li>") if listed else Markup("<p>{}</p>")).format(line) for line in own)
        html += Markup("<ul>{}</ul>").format(block) if listed else block
    return html


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
        article = section.articles[0] if section.articles and depth == section.article_level else None
        names = [f"article-{article}"] if article else []
        names += [f"section-{anchor(first.label)}-{depth}"]
        name = next(n for n in names if n not in seen)
        seen.add(name)
        yield Heading(min(2 + depth, 6), text, name, article=article)
