"""Lines -> blocks: what is printed as one piece, a paragraph, an item of a list, or a heading, over page breaks."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from crpd_qa.documents.lines import Line, Mark
from crpd_qa.documents.words import ARTICLES, articles_in

_ITEM = re.compile(
    r"(?:[•–—-]\s|\(?[a-zа-яё]{1,2}\)\s|\((?:[ivxlIVXL]{1,6}|\d{1,2}|[A-Z])\)\s|[ivxl]{1,6}[.)]\s|[a-z]\.\s|\d{1,2}\)\s)"
)
"""The beginning of a bullet or sub-item: "(a)", "a)", "(ii)", "ii.", "1)"."""
_NUMBERED = re.compile(r"(\d{1,4})\.(?!\d)\s*\S")
_ENDED = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_HEADED = re.compile(r"(?:[IVXLC]{1,6}|[A-ZА-Я]|\d{1,2})\.\s+\S")
_GAP_AFTER_NUMBER = re.compile(r"\d{1,4}\t")
_WIDE = 1.35  # times the usual distance between lines: a new paragraph


@dataclass(slots=True)
class Block:
    """`text` is one line, or several where the form itself breaks it."""

    text: str
    line: Line
    """Its first."""
    last: Line
    lines: int = 1
    marks: list[tuple[int | None, Mark]] = field(default_factory=list)
    """Footnote marks with the page on which each stands."""
    bold: bool = False
    italic: bool = False

    @property
    def is_item(self) -> bool:
        return _ITEM.match(self.text) is not None


@dataclass(frozen=True)
class Page:
    """What is usual in a document: the size of its letters, the distance of its lines, where they end."""

    size: float
    leading: float
    right: float
    styled: bool = True
    """Whether the form shows headings by print or by name; plain text shows them by nothing."""


def usual(lines: Sequence[Line]) -> Page:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 0.0
    distances = [
        b.top - a.top
        for a, b in pairwise(lines)
        if a.page == b.page and a.size == b.size == size and 0 < b.top - a.top < 3 * (size or 1)
    ]
    rights: Counter[int] = Counter(round(line.right / 4) for line in lines if line.size == size)
    right = rights.most_common(1)[0][0] * 4.0 if rights else 0.0
    styled = any(line.bold or line.italic or line.heading or line.whole for line in lines)
    return Page(size, sorted(distances)[len(distances) // 4] if distances else 1.2 * size, right, styled)


def blocks_of(lines: Sequence[Line], page: Page, vocabulary: Counter[str]) -> list[Block]:
    """`lines` are of role body; a line of another role between two of them is told by `None` in `after`."""
    found: list[Block] = []
    pieces: list[Line] = []
    number = 0  # of the last block that has one
    for index, line in enumerate(lines):
        after = lines[index + 1] if index + 1 < len(lines) else None
        if pieces and (
            _begins(pieces, line, page)
            or _heads_a_page(pieces[-1], line, after, page)
            or _below_heading(pieces, line, number + 1, page)
        ):
            found.append(_block(pieces, vocabulary))
            pieces = []
        if not pieces and (match := _NUMBERED.match(line.text)):
            number = int(match[1])
        pieces.append(line)
    if pieces:
        found.append(_block(pieces, vocabulary))
    return found


def _begins(before: list[Line], line: Line, page: Page) -> bool:
    """Whether a line begins a new block. `before` are the lines of the block so far."""
    last = before[-1]
    if line.whole or last.whole:
        return True
    text, first = line.text, before[0]
    ended = _ENDED.search(last.text) is not None
    short = last.right < page.right - 0.12 * (page.right - last.left) if last.right else False
    marked = _ITEM.match(text) is not None or _NUMBERED.match(text) is not None
    emphasis = (line.bold, line.italic, line.size) != (last.bold, last.italic, last.size)
    large = last.size > page.size + 0.8
    if large and _ends_with_articles(last.text) and text[:1].isupper():
        return True
    if last.page != line.page:
        if abs(line.size - last.size) > 0.6 or text.startswith("•") or (large and short):
            return True
        if marked and (ended or short or "\t" in text[:8]):
            return True
        if text[:1].islower():
            return False
        return (ended and (short or (emphasis and _same_style(before)))) or (short and emphasis)
    if line.block and line.block == last.block:
        return _NUMBERED.match(text) is not None and "\t" in text[:8] and line.left <= first.left + 2 and short
    gap = line.top - last.top
    if line.block and last.block:
        if _heading_goes_on(before, line, page) and gap < _WIDE * max(page.leading, 1.15 * line.size):
            return False
        # a file may tag one paragraph as two, where a page or a picture stood between
        return not (text[:1].islower() and not ended and gap < _WIDE * page.leading and not marked)
    if abs(line.size - last.size) > 0.6 or gap > _WIDE * max(page.leading, 1.15 * line.size) or gap < 0:
        return True
    if marked and (ended or short or line.left < last.left - 3 or "\t" in text[:8]):
        return True
    if emphasis and (short or ended) and (line.bold, line.italic) != (last.bold, last.italic) and _same_style(before):
        return True
    return ended and short and not text[:1].islower()


def _heads_a_page(last: Line, line: Line, after: Line | None, page: Page) -> bool:
    """A short line at the top of a page, between the end of a sentence and a numbered paragraph: a heading."""
    return (
        last.page != line.page
        and after is not None
        and after.page == line.page
        and _NUMBERED.match(after.text) is not None
        and _ENDED.search(last.text) is not None
        and _ENDED.search(line.text) is None
        and line.right < page.right - 0.25 * (page.right - line.left)
        and line.text[:1].isupper()
    )


def _below_heading(before: list[Line], line: Line, in_turn: int, page: Page) -> bool:
    """The number in turn right below a line of plain text that ends no sentence, with no empty line between them."""
    match = _NUMBERED.match(line.text)
    return (
        not page.styled
        and match is not None
        and int(match[1]) == in_turn
        and len(before) == 1
        and before[0].text[:1].isupper()
        and _ENDED.search(before[0].text) is None
    )


def _heading_goes_on(before: list[Line], line: Line, page: Page) -> bool:
    """Large lines of one print directly below one another: a heading in two lines."""
    first, last = before[0], before[-1]
    wraps = last.right > page.right - 0.2 * (page.right - last.left)
    alone = ARTICLES.fullmatch(last.text.strip()) or ARTICLES.fullmatch(line.text.strip())
    return (
        (wraps or alone is not None)
        and line.size == first.size > page.size + 0.8
        and (line.bold, line.italic) == (first.bold, first.italic)
        and abs(line.left - last.left) < 40
        and _HEADED.match(line.text) is None
    )


def _ends_with_articles(text: str) -> bool:
    """ "II. Specific rights (arts. 5-30)": a heading ends here, and what follows is another."""
    return text.endswith(")") and bool(articles_in(text[text.rfind("(") :]))


def _same_style(lines: list[Line]) -> bool:
    return len({(line.bold, line.italic) for line in lines}) == 1


def _block(lines: list[Line], vocabulary: Counter[str]) -> Block:
    text = ""
    marks: list[tuple[int | None, Mark]] = []
    for line in lines:
        own = line.text.strip() if line.whole else " ".join(line.text.split())
        if not text and not line.whole and _GAP_AFTER_NUMBER.match(line.text):
            own = own.replace(" ", "\t", 1)  # the gap tells a number without a full stop (numbers.py)
        joint = "" if not text else _joint(text, own, vocabulary)
        if joint == "-":
            text, joint = text[:-1], ""
        offset = len(text) + len(joint)
        marks.extend((line.page, Mark(min(offset + mark.offset, offset + len(own)), mark.mark)) for mark in line.marks)
        text += joint + own
    letters = sum(len(line.text) for line in lines) or 1
    bold = sum(len(line.text) for line in lines if line.bold)
    return Block(
        text=text,
        line=lines[0],
        last=lines[-1],
        lines=len(lines),
        marks=marks,
        bold=bold > 0.8 * letters or (lines[0].bold and bold > 0.5 * letters and text.endswith(")")),
        italic=sum(len(line.text) for line in lines if line.italic) > 0.8 * letters,
    )


def _joint(before: str, after: str, vocabulary: Counter[str]) -> str:
    """What stands between two lines of one paragraph; "-" takes the first one's hyphen away."""
    last = before[-1]
    if last == "\xad":
        return "-"
    if last == "-" and before[-2:-1].isalpha() and after[:1].isalpha():
        if after[:1].islower() and before[-2].islower():
            head = re.search(r"(?<![^\W\d_])[^\W\d_]+$", before[-60:-1])
            tail = re.match(r"[^\W\d_]+", after)
            if head and tail:
                whole = (head[0] + tail[0]).lower()
                if vocabulary[whole] > vocabulary[f"{head[0]}-{tail[0]}".lower()]:
                    return "-"
        return ""
    if last in "-–—/" and before[-2:-1] not in ("", " ") and (last != "—" or after[:1].islower()):
        return ""
    return " "


def vocabulary_of(lines: Iterable[Line]) -> Counter[str]:
    """How often each word and each hyphened word stands inside a line."""
    found: Counter[str] = Counter()
    for line in lines:
        found.update(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower()))
    return found
