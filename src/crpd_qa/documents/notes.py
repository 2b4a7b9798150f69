"""Footnotes at a page's foot, and the marks in the text that lead to them."""

import re

from crpd_qa.documents.lines import Mark
from crpd_qa.documents.rows import PageRows, Row

_NOTE_MARK = re.compile(r"(\d{1,3}|[*†‡]{1,4}|[a-z])(?:[\s/).]|$)")
_LAST_STARS_BACKWARDS = re.compile(r"(\*++(?:(?:\s+,?|,)\*++)*+)\s?(?=[^\s*])")  # of a text read from its end
_STARRED = re.compile(r"[*†‡]{1,4}\s")
_RAISED_MARKS = re.compile(r"(?:\d{1,3}|[*†‡]{1,4}|[a-z])(?:[\s,;]+(?:\d{1,3}|[*†‡]{1,4}|[a-z]))*[,;]?")
_UNIT = re.compile(r"(?:\b|\d)(?:[kcm]?m)$")


def find_footnotes(page: PageRows, body_size: float) -> None:
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


def note_marks(page: PageRows) -> set[str]:
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


def text_and_marks(row: Row, notes: set[str]) -> tuple[str, tuple[Mark, ...]]:
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
    body = text.rstrip()
    if row.role == "body" and (match := _LAST_STARS_BACKWARDS.match(body[::-1])):
        own = re.findall(r"\*+", match[1])[::-1]
        if all(mark in notes for mark in own):
            text = body[: len(body) - match.end()]
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
