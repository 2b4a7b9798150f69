"""A PDF -> its printed lines with position, font and footnote marks. pdfium reads the characters.

layout.py then says what each line is on its page. Where Word tagged the file (what is a table's cell, what a note),
the tags are used; nothing depends on them.
"""

import ctypes
import re
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from crpd_qa.documents.layout import Layout, PageRows, Row, Segment
from crpd_qa.documents.lines import Line
from crpd_qa.documents.tags import NO_TAG, Tag, page_tags
from crpd_qa.errors import DocumentError

MAX_PAGES = 3000
PDFIUM = threading.Lock()
"""pdfium may be used by one thread at a time."""
_LEAST_TEXT = 60  # characters: a page with a picture and less than that is a picture
_SPACE, _WIDE_SPACE = 0.11, 0.9
"""Of the font's size: a gap that is a space, and one that is more than that. Spaces in justified lines start at .15."""
_BOLD_FROM = 600  # font weight, of 100 to 900
_FORCE_BOLD, _ITALIC = 1 << 18, 1 << 6  # font descriptor flags, PDF 32000-1, table 123
_HYPHENS = {"\x02": "-", "\xad": "-", "\ufffe": "-", "\u2010": "-", "\u2011": "-"}
"""pdfium's marks for a hyphen at a line's end; hyphens that only look differently; a soft one that is printed."""
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf02d\uf0d8\uf0fc\uf076●■▪▫◦‣∙·○", "•")
"""Symbol and Wingdings print their bullets from the private use area."""
_CHARACTERS = {**_HYPHENS, **_LIGATURES, "\xa0": " ", "\u202f": " ", "\u2009": " ", "\t": " "}
_BETWEEN_MARKS = re.compile(r"[\s,;]*")
_UNPRINTED = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u200b-\u200f\u2060\ufeff]")


@dataclass(slots=True)
class _Run:
    """Characters of one text object: one font, one baseline."""

    text: list[str]
    left: list[float]
    right: list[float]
    baseline: float
    size: float
    bold: bool
    italic: bool
    tag: Tag
    order: int


def read_pdf(path: Path, *, tagged: bool = True) -> tuple[list[Line], tuple[str, ...]]:
    """All lines of the file in reading order, each with its role; and warnings of pages that were not read.

    `tagged=False` reads a tagged file as if it had no tags. Raises DocumentError with what would help.
    """
    with PDFIUM:
        return _read_pdf(path, tagged)


def _read_pdf(path: Path, tagged: bool) -> tuple[list[Line], tuple[str, ...]]:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise DocumentError(_why_not_opened(path, error)) from error
    try:
        if len(document) > MAX_PAGES:
            raise DocumentError(
                f"{path} has {len(document):,} pages; {MAX_PAGES:,} at most can be read: split the file"
            )
        layout = Layout()
        pictures: list[int] = []
        damaged: list[int] = []
        for number in range(len(document)):
            page_rows, has_picture = _read_page(document, number, tagged)
            if page_rows.damaged:
                damaged.append(number + 1)
            elif has_picture and sum(len(row.text) for row in page_rows.rows) < _LEAST_TEXT:
                pictures.append(number + 1)
            layout.add(page_rows)
    finally:
        document.close()
    if not layout.letters:
        what = "pictures of pages (a scan)" if pictures else "nothing that could be read"
        raise DocumentError(
            f"{path} holds no text, only {what}; recognise its text first (OCR, for example with ocrmypdf), "
            "or look for the Word file of the same document"
        )
    warnings = []
    if pictures:
        warnings.append(f"Pages that are pictures and were not read: {', '.join(map(str, pictures))}.")
    if damaged:
        warnings.append(f"Pages that are damaged and were not read: {', '.join(map(str, damaged))}.")
    return layout.lines(), tuple(warnings)


def _why_not_opened(path: Path, error: pdfium.PdfiumError) -> str:
    if error.err_code == raw.FPDF_ERR_PASSWORD:
        return f"{path} is protected by a password; save a copy without it and add that"
    if error.err_code == raw.FPDF_ERR_SECURITY:
        return f"{path} is encrypted in a way that cannot be read; save a copy without protection and add that"
    return f"{path} is not a PDF file that can be opened: damaged, or cut short; download it again"


def _read_page(document: pdfium.PdfDocument, number: int, tagged: bool) -> tuple[PageRows, bool]:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return PageRows(number + 1, 0.0, 0.0, [], [], damaged=True), False
    try:
        width, height = page.get_size()
        tags = page_tags(page) if tagged else {}
        runs = _runs(page, tags)
        rules, has_picture = _rules(page, height)
        rows = [_row(runs_of_row, height) for runs_of_row in _rows(runs)]
    finally:
        page.close()
    rows = [row for row in rows if row.segments]
    return PageRows(number + 1, width, height, rows, rules, tagged=bool(tags)), has_picture


def _runs(page: pdfium.PdfPage, tags: dict[int, Tag]) -> list[_Run]:
    text_page = page.get_textpage()
    try:
        return list(_read_runs(text_page.raw, tags))
    finally:
        text_page.close()


def _read_runs(text_page: raw.FPDF_TEXTPAGE, tags: dict[int, Tag]) -> Iterator[_Run]:
    box = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    fonts: dict[int, tuple[bool, bool]] = {}
    run: _Run | None = None
    last_address = 0
    for index in range(raw.FPDFText_CountChars(text_page)):
        text_object = raw.FPDFText_GetTextObject(text_page, index)
        address = ctypes.addressof(text_object.contents) if text_object else 0
        if not address:  # a space or line end that pdfium sees between two pieces of text
            if run is not None and run.text and raw.FPDFText_GetUnicode(text_page, index) == ord(" "):
                run.text.append(" ")
                run.left.append(run.right[-1])
                run.right.append(run.right[-1])
            continue
        if address != last_address or run is None:
            if run is not None and run.text:
                yield run
            raw.FPDFText_GetCharOrigin(text_page, index, x, y)
            raw.FPDFText_GetLooseCharBox(text_page, index, box)
            size = _size(text_page, index, text_object)
            bold, italic = _font(text_page, index, text_object, fonts)
            mcid = raw.FPDFPageObj_GetMarkedContentID(text_object)
            run = _Run([], [], [], y.value, size, bold, italic, tags.get(mcid, NO_TAG), index)
            last_address = address
        code = raw.FPDFText_GetUnicode(text_page, index)
        character = chr(code) if code < 0x110000 else "\ufffd"
        if 0xD800 <= code < 0xE000:
            character = "\ufffd"
        character = _CHARACTERS.get(character, character)
        if _UNPRINTED.match(character):
            continue
        raw.FPDFText_GetLooseCharBox(text_page, index, box)
        run.text.append(character)
        run.left.append(box.left)
        run.right.append(box.right)
    if run is not None and run.text:
        yield run


def _size(text_page: raw.FPDF_TEXTPAGE, index: int, text_object: raw.FPDF_PAGEOBJECT) -> float:
    """In points on the page: the font's size may be 1 and the matrix do the rest."""
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFPageObj_GetMatrix(text_object, matrix):
        scale = (matrix.c**2 + matrix.d**2) ** 0.5
    return round(float(raw.FPDFText_GetFontSize(text_page, index)) * scale, 1)


def _font(
    text_page: raw.FPDF_TEXTPAGE, index: int, text_object: raw.FPDF_PAGEOBJECT, known: dict[int, tuple[bool, bool]]
) -> tuple[bool, bool]:
    font = raw.FPDFTextObj_GetFont(text_object)
    address = ctypes.addressof(font.contents) if font else 0
    if address not in known:
        name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
        raw.FPDFText_GetFontInfo(text_page, index, name, 200, flags)
        lower = name.value.decode("latin-1").lower()
        bold = "bold" in lower or "black" in lower or "heavy" in lower or bool(flags.value & _FORCE_BOLD)
        bold = bold or raw.FPDFText_GetFontWeight(text_page, index) >= _BOLD_FROM
        known[address] = bold, "italic" in lower or "oblique" in lower or bool(flags.value & _ITALIC)
    return known[address]


@dataclass(slots=True)
class _RowRuns:
    baseline: float
    size: float
    runs: list[_Run] = field(default_factory=list)


def _rows(runs: list[_Run]) -> list[list[_Run]]:
    """Runs of one printed line together, from the top of the page. Raised and lowered small ones join their line."""
    if not runs:
        return []
    typical = median(run.size for run in runs for _ in run.text)
    rows: list[_RowRuns] = []
    small = []
    for run in sorted(runs, key=lambda run: (-run.baseline, run.left[0])):
        if run.size < 0.77 * typical or _BETWEEN_MARKS.fullmatch("".join(run.text)):
            small.append(run)
        elif rows and rows[-1].baseline - run.baseline <= 0.3 * min(run.size, rows[-1].size):
            rows[-1].runs.append(run)
        else:
            rows.append(_RowRuns(run.baseline, run.size, [run]))
    baselines = [-row.baseline for row in rows]
    own: list[_RowRuns] = []
    for run in small:
        home = _line_of(run, rows, baselines)
        if home is not None:
            home.runs.append(run)
        elif own and abs(own[-1].baseline - run.baseline) <= 0.3 * run.size:
            own[-1].runs.append(run)
        else:
            own.append(_RowRuns(run.baseline, run.size, [run]))
    return [row.runs for row in sorted(rows + own, key=lambda row: -row.baseline)]


def _line_of(run: _Run, rows: list[_RowRuns], baselines: list[float]) -> _RowRuns | None:
    """The line beside which a small run stands raised or lowered, within half a line's height."""
    at = bisect_left(baselines, -run.baseline)
    best, best_distance = None, 1e9
    for row in rows[max(0, at - 2) : at + 2]:
        rise = run.baseline - row.baseline
        if not -0.3 * row.size <= rise <= 0.65 * row.size:
            continue
        beside = any(r.left[0] - row.size <= run.left[0] <= r.right[-1] + row.size for r in row.runs)
        # a footnote's mark stands before its text, with a gap; a line's mark touches what it marks
        before = min(r.left[0] for r in row.runs) - run.right[-1]
        if (beside or 0 <= before <= 4 * row.size) and abs(rise) < best_distance:
            best, best_distance = row, abs(rise)
    return best


def _row(runs: list[_Run], page_height: float) -> Row:
    """One printed line: pieces of text, raised ones apart, with "\\t" for a wide gap and " " for a narrow one."""
    runs = sorted(runs, key=lambda run: (run.left[0], run.order))
    sizes: Counter[float] = Counter()
    baselines: Counter[float] = Counter()
    letters = bold = italic = 0
    for run in runs:
        count = sum(character.isalnum() for character in run.text)
        sizes[run.size] += count + 1
        baselines[run.baseline] += count + 1
        letters += count
        bold += count * run.bold
        italic += count * run.italic
    size = sizes.most_common(1)[0][0]
    base = baselines.most_common(1)[0][0]
    segments: list[Segment] = []
    space = _least_space(runs, size)
    right: float | None = None
    for run in runs:
        raised = run.baseline > base + (0.1 if run.size < 0.8 * size else 0.2) * size
        for character, start, end in zip(run.text, run.left, run.right, strict=True):
            if character == " ":
                if segments:
                    segments[-1].space()
                continue
            if right is None or start - right > _WIDE_SPACE * size:
                segments.append(Segment(start, end))
                character = _BULLETS.get(character, character) if right is None else character
            elif start - right > space:
                segments[-1].space()
            segments[-1].add(character, raised, end)
            right = end if right is None else max(end, right)
    return Row(
        segments=segments,
        top=page_height - base - 0.8 * size,
        bottom=page_height - base + 0.2 * size,
        size=size,
        bold=bool(letters) and bold >= 0.8 * letters,
        italic=bool(letters) and italic >= 0.8 * letters,
        tags=[(run.tag, run.left[0], len(run.text)) for run in runs],
    )


def _least_space(runs: list[_Run], size: float) -> float:
    """The narrowest gap that is a space: wider where a line's letters are set apart."""
    gaps = [
        start - end
        for run in runs
        for end, start, one, other in zip(run.right, run.left[1:], run.text, run.text[1:], strict=False)
        if one.isalpha() and other.isalpha()
    ]
    return _SPACE * size + (max(0.0, median(gaps)) if gaps else 0.0)


def _rules(page: pdfium.PdfPage, height: float) -> tuple[list[tuple[float, float, float]], bool]:
    """(left, right, top) of the thin horizontal lines on the page; and whether it holds a picture."""
    rules = []
    has_picture = False
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(raw.FPDFPage_CountObjects(page)):
        page_object = raw.FPDFPage_GetObject(page, index)
        kind = raw.FPDFPageObj_GetType(page_object)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            has_picture = True
        elif (
            kind == raw.FPDF_PAGEOBJ_PATH
            and raw.FPDFPageObj_GetBounds(page_object, left, bottom, right, top)
            and abs(top.value - bottom.value) < 3
            and right.value - left.value > 20
        ):
            rules.append((left.value, right.value, height - top.value))
    return rules, has_picture
