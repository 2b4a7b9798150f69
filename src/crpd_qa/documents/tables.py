"""Tables among a page's lines: by the file's tags, or by columns that stand below one another."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crpd_qa.documents.lines import Line
from crpd_qa.documents.words import SOURCE, TABLE_CAPTION

if TYPE_CHECKING:
    from crpd_qa.documents.layout import Row

_LISTED = re.compile(r"(?:\(?[\dA-Za-zА-я]{1,5}[.)]|[•–—-]|[*†]+|[IVXLC]+\.?)")
"""What stands before the gap in a numbered or bulleted line: two columns, and no table."""
_NUMBERED = re.compile(r"(?:\d{1,4}|[IVXLC]{1,6}|[A-Z])\.\s")
_FEWEST_ROWS = 3
_LEAST_WHITE = 7.0  # points; gaps in justified lines are seldom below one another
_LONG_CELL = 1200  # characters; what holds more is text set in boxes


def place_tables(rows: list[Row], lines: list[Line], body_size: float) -> list[Line]:
    """The page's lines, those of a table as one line for each of its rows, its caption before and its notes after."""
    tagged = _tagged(rows)
    inside = {index for first, last, _ in tagged for index in range(first, last + 1)}
    tables = sorted(tagged + _columns(rows, inside), key=lambda table: table[0])
    found: list[Line] = []
    at = 0
    for first, last, cells in tables:
        found.extend(lines[at:first])
        _caption(found)
        for row_cells, line in cells:
            found.append(
                replace(lines[line], role="table", text="\t".join(row_cells), cells=row_cells, marks=(), block=0)
            )
        at = last + 1
        while (
            at < len(rows)
            and rows[at].role == "body"
            and (rows[at].size < body_size - 0.4 or SOURCE.match(rows[at].text))
        ):
            found.append(replace(lines[at], role="table", cells=(lines[at].text,), block=0))
            at += 1
    return found + lines[at:]


_Found = tuple[int, int, list[tuple[tuple[str, ...], int]]]
"""Index of a table's first and last line, and its rows: cells and the line where each row begins."""


def _tagged(rows: list[Row]) -> list[_Found]:
    tables: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        if row.role == "body" and row.tag.table and row.tag.row:
            tables.setdefault(row.tag.table, []).append(index)
    found: list[_Found] = []
    for indices in tables.values():
        first, last = indices[0], indices[-1]
        if rows[first].top < 150 and _is_masthead(rows[first : last + 1]):
            continue
        cells = _cells([rows[index] for index in indices], indices)
        longest = max((len(cell) for row_cells, _ in cells for cell in row_cells), default=0)
        if max(len(row_cells) for row_cells, _ in cells) < 2 or longest > _LONG_CELL:
            continue
        if found and first <= found[-1][1]:
            continue
        found.append((first, last, cells))
    return found


def _is_masthead(rows: list[Row]) -> bool:
    """The table at the head of a first page: organization, symbol, distribution."""
    text = " ".join(row.text for row in rows)
    return re.search(r"[A-Z]{1,6}/[A-Z0-9]{1,6}/", text) is not None and rows[0].top < 80


def _cells(rows: list[Row], indices: list[int]) -> list[tuple[tuple[str, ...], int]]:
    by_row: dict[int, tuple[dict[int, list[str]], int]] = {}
    left: dict[int, float] = {}
    for row, index in zip(rows, indices, strict=True):
        for segment in row.segments:
            tags = [tag for tag, left, _ in row.tags if segment.left - 1 <= left <= segment.right and tag.cell]
            tag = tags[0] if tags else row.tag
            cells, _ = by_row.setdefault(tag.row, ({}, index))
            cells.setdefault(tag.cell, []).append(segment.text)
            left[tag.cell] = min(left.get(tag.cell, segment.left), segment.left)
    return [
        (tuple(" ".join(cells[cell]).strip() for cell in sorted(cells, key=left.__getitem__)), index)
        for cells, index in sorted(by_row.values(), key=lambda row: row[1])
    ]


def _columns(rows: list[Row], tagged: set[int]) -> list[_Found]:
    """Three or more lines with a gap at the same place, where the file does not tag its tables."""
    found: list[_Found] = []
    at = 0
    while at < len(rows):
        gaps = _gaps(rows[at]) if at not in tagged else []
        last, count = at, 1
        for index in range(at + 1, len(rows)):
            if not gaps or rows[index].role != "body" or index - last > 3 or index in tagged:
                break
            if len(rows[index].segments) == 2 and _LISTED.fullmatch(rows[index].segments[0].text):
                break
            if rows[index].tag.block and rows[index].tag.block == rows[last].tag.block:
                break  # lines of one paragraph
            if common := _common(gaps, _gaps(rows[index])):
                gaps, last, count = common, index, count + 1
        while gaps and last + 1 < len(rows) and _is_rest_of_cell(rows[last + 1], rows[last], gaps):
            last += 1
        if gaps and count >= _FEWEST_ROWS and count >= 0.4 * (last - at + 1):
            inside = rows[at : last + 1]
            cells = [(tuple(segment.text for segment in row.segments), at + n) for n, row in enumerate(inside)]
            found.append((at, last, cells))
            at = last
        at += 1
    return found


def _is_rest_of_cell(row: Row, above: Row, gaps: list[tuple[float, float]]) -> bool:
    """The second line of a cell that is not the row's first."""
    return (
        row.role == "body"
        and row.left >= max(right for _, right in gaps) - 3
        and 0 < row.top - above.top < 2 * row.size
    )


def _gaps(row: Row) -> list[tuple[float, float]]:
    """(left, right) of the white between its columns; none for a numbered or bulleted line."""
    if row.role != "body" or len(row.segments) < 2:
        return []
    if len(row.segments) == 2 and _LISTED.fullmatch(row.segments[0].text):
        return []
    return [(left.right, right.left) for left, right in pairwise(row.segments)]


def _common(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The white that both have."""
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return [(left, right) for left, right in both if right - left >= _LEAST_WHITE]


def _caption(lines: list[Line]) -> None:
    """Makes the lines just before a table its caption: those from "Table 3" on, else those in bold or italics."""
    for back in range(1, min(4, len(lines)) + 1):
        line = lines[-back]
        if line.role != "body":
            break
        if TABLE_CAPTION.fullmatch(line.text):
            for index in range(len(lines) - back, len(lines)):
                lines[index] = replace(lines[index], role="table", caption=True, block=0)
            return
    for index in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
        line = lines[index]
        if line.role != "body" or not (line.bold or line.italic) or _NUMBERED.match(line.text):
            return
        if index + 1 < len(lines) and line.top > lines[-1].top:
            return
        lines[index] = replace(line, role="table", caption=True, block=0)
