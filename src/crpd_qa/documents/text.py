"""A plain text file -> lines. Two forms: as printed (what `pdftotext` writes), and one line a paragraph with tabs:

<tab><tab>Article 24            a heading, which may go on in the next line ("Education")
324.<tab>Kazakhstan ...         a numbered paragraph
•<tab>42 specialized ...        a bullet of the paragraph above
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from charset_normalizer import from_bytes

from crpd_qa.documents.layout import PAGE_NUMBER, Layout, is_imprint, is_symbol
from crpd_qa.documents.lines import Line
from crpd_qa.documents.rows import PageRows, Row, Segment
from crpd_qa.errors import DocumentError

MAX_BYTES = 20_000_000
"""A report of 20 MB would hold about 50,000 paragraphs, a hundred times the longest yet."""

_BOOKMARK = re.compile(r"\[bookmark:[^\]\n]{0,200}\]")
_PARAGRAPH = re.compile(r"\s*(\d{1,6})\.[\t ]\s*(\S.*)")
_TABBED = re.compile(r"\s*\d{1,6}\.\t\s*\S")
_BULLET = re.compile(r"\s*[•▪◦‣]\s*(\S.*)")
_PART = re.compile(r"\s*[IVXLC]+\.\t\s*(\S.*)")
_HEADING = re.compile(r"[ \t]*\t\s*(\S.*)")
_ARTICLE = re.compile(r"Articles?\s+(\d{1,2})\b", re.IGNORECASE)
_PART_LEVEL, _ARTICLE_LEVEL, _SUBHEADING_LEVEL = 1, 2, 3
_COLUMN, _LINE = 5.0, 12.0  # points that a column and a line of plain text are taken for
_BODY, _NOTE = 10.0, 9.0  # sizes that a text and a footnote are taken for
_GAP = re.compile(r" {3,}|\t+")
_NOTE_LINE = re.compile(r"\s*(?:\d{1,3}|\*{1,4})(?:\s{2,}|\t)\S")
_UNWRAPPED = 160  # characters in a usual line: it is a paragraph


def read_text(path: Path) -> list[Line]:
    """All lines of the file. Raises DocumentError with the reason, and the line where there is one."""
    return lines_of(decode(path.read_bytes(), path))


def decode(raw: bytes, path: object) -> str:
    """UTF-8, or what else the bytes are; line ends as "\\n", soft hyphens gone."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(raw[:200_000]).best()
        try:
            text = raw.decode(best.encoding if best else "utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise DocumentError(
                f"{path} is not text in any known encoding (byte 0x{raw[error.start]:02x}); save it as UTF-8", line
            ) from error
    if not text.strip():
        raise DocumentError(f"{path} is empty; a document's text was expected")
    control = re.search(r"[\x00-\x08\x0e-\x1f]", text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise DocumentError(f"{path} holds a control character: this is a binary file, not a document's text", line)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\xad", "")


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text in either form."""
    rows = [_BOOKMARK.sub("", line).rstrip(" \t\v") for line in text.split("\n")]
    filled = [row for row in rows if row.strip()]
    tabbed = sum(_TABBED.match(row) is not None for row in filled)
    of_the_form = sum(
        1 for row in filled if _PARAGRAPH.match(row) or _BULLET.match(row) or row.startswith((" \t", "\t"))
    )
    if tabbed and of_the_form >= 0.6 * len(filled):
        return list(_tabbed(filled))
    return _printed(rows)


# --- one line a paragraph --------------------------------------------------------------------------------------------


def _tabbed(rows: list[str]) -> Iterator[Line]:
    heading: list[str] = []  # the lines of the heading being read
    begun = False
    for row in rows:
        if match := _PARAGRAPH.fullmatch(row):
            yield from _headings(heading)
            heading, begun = [], True
            yield Line(f"{match[1]}.\t{match[2]}", whole=True)
        elif match := _BULLET.fullmatch(row):
            yield from _headings(heading)
            heading = []
            yield Line(f"• {match[1]}", whole=True)
        elif match := _PART.fullmatch(row):
            yield from _headings(heading)
            heading = []
            yield Line(match[1].strip(), whole=True, heading=_PART_LEVEL)
        elif match := _HEADING.fullmatch(row):
            yield from _headings(heading)  # a heading directly below another: an article's first subheading
            heading = [match[1].strip()]
        elif heading:
            heading.append(row.strip())
        elif begun:
            yield Line(row.strip(), whole=True)
        else:
            yield Line(row.strip(), whole=True)  # a title page
    yield from _headings(heading)


def _headings(lines: list[str]) -> Iterator[Line]:
    """A heading; its lines after the first are its title, or its second half."""
    if not lines:
        return
    first, rest = lines[0], " ".join(lines[1:])
    article = _ARTICLE.fullmatch(first)
    if article:
        yield Line(f"{first} - {rest}" if rest else first, whole=True, heading=_ARTICLE_LEVEL)
    else:
        yield Line(f"{first}: {rest}" if rest else first, whole=True, heading=_SUBHEADING_LEVEL)


# --- as printed ------------------------------------------------------------------------------------------------------


def _printed(rows: list[str]) -> list[Line]:
    pages = "\n".join(rows).split("\f")
    if not pages[-1].strip():
        pages.pop()
    lengths = [len(row) for row in rows if row.strip()]
    if median(lengths) > _UNWRAPPED:
        return [Line(row.strip(), whole=True) for page in pages for row in page.split("\n") if row.strip()]
    if len(pages) < 2:
        return _without_pages(pages[0].split("\n"))
    layout = Layout()
    for number, page in enumerate(pages, start=1):
        own = page.split("\n")
        height = max(len(own), 60) * _LINE
        layout.add(PageRows(number, 100 * _COLUMN, height, _rows(own), []))
    return layout.lines()


def _without_pages(rows: list[str]) -> list[Line]:
    """Text whose page breaks are lost: page numbers and symbols stand between its lines."""
    repeated = Counter(re.sub(r"\d+", "#", row.strip()) for row in rows if row.strip())
    found = []
    top = 0.0
    for row in rows:
        # A blank row is as much as two, so that the distance of lines is never taken for that of paragraphs.
        top += _LINE if row.strip() else 2 * _LINE
        text = " ".join(row.split())
        if not text:
            continue
        parts = [part for part in _GAP.split(row.strip()) if part]
        furniture = is_imprint(text) or (
            repeated[re.sub(r"\d+", "#", row.strip())] > 2
            and all(is_symbol(part) or is_imprint(part) or PAGE_NUMBER.fullmatch(part) for part in parts)
        )
        left = (len(row) - len(row.lstrip())) * _COLUMN
        found.append(
            Line(
                "\t".join(" ".join(part.split()) for part in parts),
                role="footer" if furniture else "body",
                left=left,
                right=len(row) * _COLUMN,
                top=top,
                bottom=top + _LINE,
                size=_BODY,
            )
        )
    return found


def _rows(lines: list[str]) -> list[Row]:
    found = []
    notes = _note_lines(lines)
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        segments = []
        at = len(line) - len(line.lstrip())
        for part in re.split(r"( {3,}|\t+)", line.strip()):
            if part.strip():
                segment = Segment(at * _COLUMN, (at + len(part)) * _COLUMN)
                segment.pieces.append((list(" ".join(part.split())), False))
                segments.append(segment)
            at += len(part)
        size = _NOTE if index in notes else _BODY
        found.append(Row(segments, index * _LINE, (index + 1) * _LINE, size, bold=False, italic=False))
    return found


def _note_lines(lines: list[str]) -> set[int]:
    """The last lines of a page from the first that begins like a footnote after an empty one."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for position, index in enumerate(filled):
        if len(filled) - position > 0.6 * len(filled):
            continue
        after_gap = index > 0 and not lines[index - 1].strip()
        if after_gap and _NOTE_LINE.match(lines[index]) and not re.match(r"\s*\d+\.", lines[index]):
            return set(filled[position:])
    return set()
