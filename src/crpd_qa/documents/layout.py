"""What each printed line is on its page: header, footer, footnote, table, contents, body. Footnotes and marks."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from crpd_qa.documents.lines import Line, Mark, Role
from crpd_qa.documents.tables import place_tables
from crpd_qa.documents.tags import Tag
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
_NOTE_MARK = re.compile(r"(\d{1,3}|[*†‡]{1,4}|[a-z])(?:[\s/).]|$)")
_STARRED = re.compile(r"[*†‡]{1,4}\s")
_RULE_OF_SIGNS = re.compile(r"[_—–-]{5,}")
_RAISED_MARKS = re.compile(r"(?:\d{1,3}|[*†‡]{1,4}|[a-z])(?:[\s,;]+(?:\d{1,3}|[*†‡]{1,4}|[a-z]))*[,;]?")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{6,}")
_UNIT = re.compile(r"(?:\b|\d)(?:[kcm]?m)$")


def is_symbol(text: str) -> bool:
    """ "CRPD/C/KEN/1" alone."""
    return _SYMBOL.fullmatch(text) is not None


def is_imprint(text: str) -> bool:
    """What only the printers need."""
    return _IMPRINT.fullmatch(text) is not None


@dataclass(slots=True)
class Segment:
    """Part of a printed line without a wide gap in it: [characters, whether they are raised], in order."""

    left: float
    right: float
    pieces: list[tuple[list[str], bool]] = field(default_factory=list)

    def add(self, character: str, raised: bool, right: float) -> None:
        if not self.pieces or self.pieces[-1][1] != raised:
            self.pieces.append(([], raised))
        self.pieces[-1][0].append(character)
        self.right = max(self.right, right)

    def space(self) -> None:
        if self.pieces and self.pieces[-1][0][-1] != " ":
            self.pieces[-1][0].append(" ")

    @property
    def text(self) -> str:
        return "".join(character for piece, _ in self.pieces for character in piece).strip()


@dataclass(slots=True)
class Row:
    """One printed line. Distances are points from the page's upper left corner."""

    segments: list[Segment]
    top: float
    bottom: float
    size: float
    bold: bool
    italic: bool
    tags: list[tuple[Tag, float, int]] = field(default_factory=list)
    """What the file's own tags say of each of its runs, where each begins and how many characters it has."""
    role: Role = "body"
    marks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\t".join(segment.text for segment in self.segments)

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return max(segment.right for segment in self.segments)

    @property
    def tag(self) -> Tag:
        """That of most of its characters."""
        counted: Counter[Tag] = Counter()
        for tag, _, count in self.tags:
            counted[tag] += count
        return counted.most_common(1)[0][0] if counted else Tag()


@dataclass(slots=True)
class PageRows:
    """A page's printed lines from the top, and its thin horizontal rules as (left, right, top)."""

    number: int
    width: float
    height: float
    rows: list[Row]
    rules: list[tuple[float, float, float]]
    tagged: bool = False
    damaged: bool = False


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
            _footnotes(page, body_size)
        self._contents()
        notes = [_note_marks(page) for page in self._pages]
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


def _footnotes(page: PageRows, body_size: float) -> None:
    """The small lines at the page's foot, below a short rule or beginning with a mark; or those tagged as notes."""
    for row in page.rows:
        if row.role == "body" and row.tag.note and not row.tag.cell and row.size < body_size:
            row.role = "footnote"
    candidates: list[Row] = []
    for row in reversed(page.rows):
        if row.role in ("header", "footer"):
            continue
        if row.role != "footnote" and row.size > body_size - 0.4:
            break
        candidates.append(row)
    candidates.reverse()
    starts = [index for index, row in enumerate(candidates) if row.role == "footnote" or _begins_note(row)]
    ruled = [index for index, row in enumerate(candidates) if _below_short_rule(row, page)]
    if not starts and not ruled:
        return
    first = min([*ruled, *(starts if not ruled else starts[:1] if starts and starts[0] < ruled[0] else [])])
    if candidates[first].tag.table and page.tagged:
        first = starts[0] if starts else len(candidates)
    for row in candidates[first:]:
        if not (page.tagged and row.tag.table):
            row.role = "footnote"


def _begins_note(row: Row) -> bool:
    pieces = row.segments[0].pieces
    first = "".join(pieces[0][0]).strip()
    if pieces[0][1]:
        return _RAISED_MARKS.fullmatch(first) is not None
    if _STARRED.match(row.text):
        return True
    return len(row.segments) > 1 and _NOTE_MARK.fullmatch(row.segments[0].text) is not None


def _below_short_rule(row: Row, page: PageRows) -> bool:
    return any(
        right - left < 0.4 * page.width and left < 0.35 * page.width and -2 <= row.top - top <= 2.2 * row.size
        for left, right, top in page.rules
    )


def _note_marks(page: PageRows) -> set[str]:
    """The marks with which the page's footnotes begin; each row keeps its own."""
    found: set[str] = set()
    for row in page.rows:
        if row.role != "footnote":
            continue
        pieces = row.segments[0].pieces
        first = "".join(pieces[0][0]).strip()
        if pieces[0][1] and _RAISED_MARKS.fullmatch(first):
            mark = first.rstrip(",;/). ")
        elif (match := _NOTE_MARK.match(row.text)) and (len(row.segments) > 1 or not match[1].isalpha()):
            mark = match[1]
        else:
            continue
        row.marks = [mark]
        found.add(mark)
    return found


def _edges(page: PageRows) -> tuple[float, float]:
    """Where most lines begin, and where the longest end."""
    rows = [row for row in page.rows if row.role == "body"]
    if not rows:
        return 0.0, page.width
    (left, _), *_ = Counter(round(row.left) for row in rows).most_common(1)
    return float(left), max(row.right for row in rows)


def _line(row: Row, page: PageRows, notes: set[str], edges: tuple[float, float]) -> Line:
    text, marks = _text_and_marks(row, notes)
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


def _text_and_marks(row: Row, notes: set[str]) -> tuple[str, tuple[Mark, ...]]:
    """The line without the marks that lead to a footnote of this page or the next. "km2" keeps its figure."""
    if row.role == "footnote":
        text = row.text
        if row.marks:
            text = re.sub(rf"^{re.escape(row.marks[0])}[\s/).]*", "", text)
        return " ".join(text.split()), tuple(Mark(0, mark) for mark in row.marks)
    text = ""
    marks: list[Mark] = []
    for number, segment in enumerate(row.segments):
        if number:
            text = text.rstrip() + "\t"
        for piece, raised in segment.pieces:
            part = "".join(piece)
            own = _marks_of(part, raised, text, notes)
            if own is None:
                text += part
                continue
            marks.extend(Mark(len(text), mark) for mark in own)
            if part.endswith(" "):
                text += " "
    if row.role == "body" and (match := re.search(r"(?<=[^\s*])\s?((?:\*{1,4})(?:,?\s*\*{1,4})*)$", text.rstrip())):
        own = re.findall(r"\*+", match[1])
        if all(mark in notes for mark in own):
            text = text[: match.start()]
            marks.extend(Mark(len(text), mark) for mark in own)
    return _folded(text, marks)


def _folded(text: str, marks: list[Mark]) -> tuple[str, tuple[Mark, ...]]:
    """Single spaces; the marks move with the text."""
    pieces: list[str] = []
    place: list[int] = []
    for character in text:
        place.append(len(pieces))
        if character == " " and (not pieces or pieces[-1] in " \t"):
            continue
        if character == "\t" and pieces and pieces[-1] == " ":
            pieces[-1] = "\t"
            continue
        pieces.append(character)
    place.append(len(pieces))
    folded = "".join(pieces).rstrip()
    return folded, tuple(Mark(min(place[mark.offset], len(folded)), mark.mark) for mark in marks)


def _marks_of(part: str, raised: bool, before: str, notes: set[str]) -> list[str] | None:
    if not raised or not (stripped := part.strip()) or not _RAISED_MARKS.fullmatch(stripped):
        return None
    if _UNIT.search(before[-4:]) and stripped in ("2", "3"):
        return None
    marks = re.findall(r"\d+|[*†‡]+|[a-z]", stripped)
    return marks if all(mark in notes for mark in marks) else None
