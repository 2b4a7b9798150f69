"""What each printed line is on its page: header, footer, footnote, table, contents, body. Footnotes and marks."""

import re
from collections import Counter
from dataclasses import replace

from crpd_qa.documents.lines import Line
from crpd_qa.documents.notes import find_footnotes, note_marks, text_and_marks
from crpd_qa.documents.rows import PageRows, Row
from crpd_qa.documents.tables import place_tables
from crpd_qa.documents.words import CONTENTS, CONTENTS_COLUMNS

_MARGIN = 0.09  # of the page's height: where nothing but headers and footers stands
_OUTER, _OUTER_LINES = 0.18, 3  # of the height, and lines: where they may stand
_SYMBOL = re.compile(r"[A-Z]{1,6}(?:\.\d+)?/[A-Z0-9.()/\-]{2,60}")
PAGE_NUMBER = re.compile(r"(?:[-–—]\s?)?(?:\d{1,4}|[ivxl]{1,6})(?:\s?[-–—])?")
_PRINTERS_NUMBER = r"(?:GE|NY|V|HR)[.-]\d\d-\d{4,6}"
_IMPRINT = re.compile(
    rf"{_PRINTERS_NUMBER}\b.*|\d\d-\d{{5}}\s.*|\*\s?[\d\s]{{5,20}}\*|[\d\s]{{5,30}}|[\ue000-\uf8ff\s]+|"
    r"(?:Please recycle|Merci de recycler|Se ruega reciclar|Просьба отправить на вторичную переработку).*"
)
"""The printers' number "GE.17-09170 (E) 121017", their bar code."""
_NUMBER_AND_IMPRINT = re.compile(rf"\d{{1,4}}\s+{_PRINTERS_NUMBER}|{_PRINTERS_NUMBER}\s+\d{{1,4}}")
_RULE_OF_SIGNS = re.compile(r"[_—–-]{5,}")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{6,}")


def is_symbol(text: str) -> bool:
    """ "CRPD/C/KEN/1" alone."""
    return _SYMBOL.fullmatch(text) is not None


def is_imprint(text: str) -> bool:
    """What only the printers need."""
    return _IMPRINT.fullmatch(text) is not None


def _is_furniture(row: Row) -> bool:
    parts = [segment.text for segment in row.segments]
    text = " ".join(parts)
    return (
        is_imprint(text)
        or _NUMBER_AND_IMPRINT.fullmatch(text) is not None
        or all(PAGE_NUMBER.fullmatch(part) or is_symbol(part) or is_imprint(part) for part in parts)
    )


class Layout:
    """Takes pages in order; then tells the role of every line of the document."""

    def __init__(self) -> None:
        self._pages: list[PageRows] = []

    @property
    def letters(self) -> int:
        """How many letters were read on all pages."""
        return sum(character.isalpha() for page in self._pages for row in page.rows for character in row.text)

    def add(self, page: PageRows) -> None:
        ruled = [row for row in page.rows if _RULE_OF_SIGNS.fullmatch(row.text)]
        page.rules.extend((row.left, row.right, row.bottom) for row in ruled)
        page.rows = [row for row in page.rows if row not in ruled]
        self._pages.append(page)

    def lines(self) -> list[Line]:
        for page in self._pages:
            page.rows = _in_columns(page)
        self._headers_and_footers()
        body_size = self._body_size()
        for page in self._pages:
            find_footnotes(page, body_size)
        self._contents()
        notes = [note_marks(page) for page in self._pages]
        found: list[Line] = []
        for index, page in enumerate(self._pages):
            here = notes[index] | (notes[index + 1] if index + 1 < len(notes) else set())
            edges = _edges(page)
            lines = [_line(row, page, here, edges) for row in page.rows]
            found.extend(place_tables(page.rows, lines, body_size))
        return found

    def _body_size(self) -> float:
        """The size of most characters."""
        sizes: Counter[float] = Counter()
        for page in self._pages:
            for row in page.rows:
                if row.role == "body":
                    sizes[row.size] += len(row.text)
        return sizes.most_common(1)[0][0] if sizes else 10.0

    def _headers_and_footers(self) -> None:
        """Lines in the upper and lower margin that say the same on several pages, or only what margins say."""
        counts: Counter[tuple[bool, str]] = Counter()
        outer: list[tuple[Row, tuple[bool, str], PageRows]] = []
        for page in self._pages:
            rows = sorted(page.rows, key=lambda row: row.top)
            for own in rows if len(rows) <= 2 * _OUTER_LINES else rows[:_OUTER_LINES] + rows[-_OUTER_LINES:]:
                upper = own.bottom < _OUTER * page.height
                if upper or own.top > (1 - _OUTER) * page.height:
                    outer.append((own, (upper, re.sub(r"\d+", "#", own.text)), page))
                    counts[outer[-1][1]] += 1
        often, nearly_always = max(2, min(4, len(self._pages) // 4)), max(3, 0.4 * len(self._pages))
        for row, key, page in outer:
            in_margin = row.bottom < _MARGIN * page.height or row.top > (1 - _MARGIN) * page.height
            if row.tag.note or row.segments[0].pieces[0][1]:
                continue
            untagged = page.tagged and page.number > 1 and not any(tag.block for tag, _, _ in row.tags)
            if _is_furniture(row) or counts[key] >= (often if in_margin else nearly_always) or (in_margin and untagged):
                row.role = "header" if key[0] else "footer"

    def _contents(self) -> None:
        """Tables of contents: lines with leaders, what stands between them, and their heading."""
        rows = [(page, row) for page in self._pages for row in page.rows if row.role == "body"]
        leader = [bool(_LEADERS.search(row.text)) or _is_entry(row) for _, row in rows]
        at = 0
        while at < len(rows):
            begins = CONTENTS.fullmatch(rows[at][1].text.strip()) is not None
            if not begins and not (leader[at] and any(leader[at + 1 : at + 4])):
                at += 1
                continue
            last = at if leader[at] else -1
            following = at + 1
            while following < len(rows) and following - max(last, at) <= 5:
                row = rows[following][1]
                if leader[following] or (begins and re.search(r"\t\d{1,4}$", row.text)):
                    last = following
                following += 1
            if last < 0:
                at += 1
                continue
            page = rows[last][0]
            rest = [row for own, row in rows[last + 1 :] if own is page] if last + 60 > len(rows) or begins else []
            if begins and len(rest) < 12 and not any(re.match(r"\d{1,3}\.\s", row.text) for row in rest):
                last += len(rest)
            first = at
            while first > 0 and (
                CONTENTS.fullmatch(rows[first - 1][1].text.strip())
                or CONTENTS_COLUMNS.fullmatch(rows[first - 1][1].text.strip())
            ):
                first -= 1
            for _, row in rows[first : last + 1]:
                row.role = "contents"
            at = last + 1


def _is_entry(row: Row) -> bool:
    return row.tag.contents and re.search(r"\s\d{1,4}$", row.text) is not None


def _in_columns(page: PageRows) -> list[Row]:
    """The page's lines in reading order: as they are, or the left column before the right one."""
    if page.tagged or len(page.rows) < 12:
        return page.rows
    middle = [x / 100 * page.width for x in range(42, 59)]
    inside = [row for row in page.rows if _MARGIN * page.height < row.top < (1 - _MARGIN) * page.height]

    def crosses(row: Row, x: float) -> bool:
        return any(segment.left < x < segment.right for segment in row.segments)

    gutter = min(middle, key=lambda x: sum(crosses(row, x) for row in inside), default=0.0)
    sides = [0, 0]
    for row in inside:
        for segment in row.segments:
            if not segment.left < gutter < segment.right:
                sides[segment.left > gutter] += len(segment.text)
    crossing = sum(crosses(row, gutter) for row in inside)
    total = sum(len(row.text) for row in inside) or 1
    long_lines = sum(len(s.text) > 25 for row in inside for s in row.segments)
    if crossing > 0.15 * len(inside) or min(sides) < 0.3 * total or long_lines < 0.6 * len(inside):
        return page.rows
    ordered: list[Row] = []
    right_column: list[Row] = []
    for row in page.rows:
        if crosses(row, gutter) or row not in inside:
            ordered += right_column
            right_column = []
            ordered.append(row)
            continue
        left = [segment for segment in row.segments if segment.left < gutter]
        right = [segment for segment in row.segments if segment.left >= gutter]
        if left:
            ordered.append(replace(row, segments=left))
        if right:
            right_column.append(replace(row, segments=right))
    return ordered + right_column


def _edges(page: PageRows) -> tuple[float, float]:
    """Where most lines begin, and where the longest end."""
    rows = [row for row in page.rows if row.role == "body"]
    if not rows:
        return 0.0, page.width
    (left, _), *_ = Counter(round(row.left) for row in rows).most_common(1)
    return float(left), max(row.right for row in rows)


def _line(row: Row, page: PageRows, notes: set[str], edges: tuple[float, float]) -> Line:
    text, marks = text_and_marks(row, notes)
    left, right = edges
    centred = abs(row.left + row.right - left - right) < 12 and row.left > left + 20
    return Line(
        text=text,
        role=row.role,
        page=page.number,
        left=round(row.left, 1),
        right=round(row.right, 1),
        top=round(row.top, 1),
        bottom=round(row.bottom, 1),
        size=row.size,
        bold=row.bold,
        italic=row.italic,
        centred=centred,
        marks=marks,
        width=page.width,
        height=page.height,
        block=row.tag.block,
    )
