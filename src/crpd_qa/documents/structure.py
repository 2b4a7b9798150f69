"""Lines of any form -> numbered paragraphs under their headings, with their footnotes, and tables."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from crpd_qa.documents.blocks import Block, Page, blocks_of, usual, vocabulary_of
from crpd_qa.documents.headings import Outline, is_annex, is_emphasized, is_large, looks_like_heading
from crpd_qa.documents.lines import Line
from crpd_qa.documents.model import Footnote, Section, Table
from crpd_qa.documents.numbers import NUMBER, Candidate, Numbered, chain
from crpd_qa.documents.words import ANNEX, TABLE_CAPTION, articles_in

_LEAST_NUMBERED = 0.55  # of a document's text must stand in numbered paragraphs, else the numbers are lists'
_TITLE_PAGES = 1
_LONGEST_QUESTION = 1500  # characters
_LONGEST_CAPTION = 300


@dataclass
class Draft:
    """A paragraph in the making: its pieces become lines of its text."""

    label: str
    number: int | None
    section: Section
    page: int | None
    pieces: list[str] = field(default_factory=list)
    footnotes: list[Footnote] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.pieces)


@dataclass
class Structure:
    """What stands in a document. `headings` are all that were found, with or without paragraphs below."""

    numbering: Literal["document", "ours"]
    paragraphs: list[Draft] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    front: list[str] = field(default_factory=list)
    notes: list[Footnote] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    """Numbers that the document leaves out."""
    repeated: list[str] = field(default_factory=list)
    """Labels of the paragraphs whose number was there before."""


@dataclass(slots=True)
class _Item:
    """A block, or a table that stands between two."""

    block: Block | None = None
    table: list[Line] = field(default_factory=list)


def structure(lines: Sequence[Line]) -> Structure:
    """Paragraphs under sections, in the document's order."""
    body = [line for line in lines if line.role == "body"]
    page = usual(body)
    items = _items(lines, page)
    blocks = [item.block for item in items if item.block is not None]
    front = _front_matter(blocks, page)
    annexes = _annexes(blocks, front, page)
    numbered = _numbers(blocks, front, annexes, page)
    notes = _Notes(lines)
    whole = sum(len(block.text) for block in blocks[front:])
    if numbered and _share_numbered(blocks, front, numbered, page) * whole >= _LEAST_NUMBERED * whole:
        result = _Numbered(items, front, annexes, numbered, page, notes).read()
    else:
        result = _Unnumbered(items, front, page, notes).read()
    result.front = [block.text for block in blocks[:front]]
    result.notes = notes.all
    return result


def _items(lines: Sequence[Line], page: Page) -> list[_Item]:
    """Blocks and tables in order. A paragraph may go on below a table or over a page's end."""
    vocabulary = vocabulary_of(line for line in lines if line.role == "body")
    items: list[_Item] = []
    body: list[Line] = []
    table: list[Line] = []

    def close_body() -> None:
        for block in blocks_of(body, page, vocabulary):
            if _is_figures(block, page):
                items.append(_Item(table=[block.line]))
            else:
                items.append(_Item(block=block))
        body.clear()

    def close_table() -> None:
        if table:
            last = items[-1].block if items else None
            if last is not None and not table[0].caption and _is_caption(last, page):
                items.pop()
                table.insert(0, replace(last.line, text=last.text, role="table", caption=True))
            items.append(_Item(table=list(table)))
            table.clear()

    for line in lines:
        if line.role == "table":
            if line.caption and table and not table[-1].caption:
                close_table()
            close_body()
            table.append(line)
        elif line.role == "body":
            close_table()
            body.append(line)
    close_body()
    close_table()
    return items


def _is_caption(block: Block, page: Page) -> bool:
    """In bold or italics, just before a table, and no heading of a section."""
    return (
        (block.bold or block.italic)
        and not is_large(block, page)
        and not block.line.heading
        and len(block.text) < _LONGEST_CAPTION
        and not NUMBER.match(block.text)
        and not articles_in(block.text)
        and not is_annex(block.text)
    )


def _is_figures(block: Block, page: Page) -> bool:
    """Words and numbers of a chart, or of a table that nothing else shows."""
    if 0 < block.line.size < 0.82 * page.size:
        return True
    letters = sum(character.isalpha() for character in block.text)
    digits = sum(character.isdigit() for character in block.text)
    return digits >= 3 and letters < 0.25 * digits and not NUMBER.match(block.text)


# --- the first page --------------------------------------------------------------------------------------------------


def _front_matter(blocks: list[Block], page: Page) -> int:
    """How many blocks stand before the text: masthead, title, date."""
    first = blocks[0].line.page if blocks else None
    if first is None:  # a form without pages: nothing tells title from heading but what stands first
        return next((i for i, block in enumerate(blocks) if NUMBER.match(block.text) or block.line.heading), 0)
    opening = [
        index
        for index, block in enumerate(blocks)
        if block.line.page is not None and block.line.page < first + _TITLE_PAGES
    ]
    number = next((i for i in opening if NUMBER.match(blocks[i].text) and not is_emphasized(blocks[i], page)), None)
    before = [i for i in opening if number is None or i < number]
    if not before:
        return 0
    headed = re.compile(r"(?:[IVX]{1,4}|[A-ZА-Я])\.\s")
    largest = max((blocks[i].line.size for i in before if blocks[i].bold and not _is_masthead(blocks[i])), default=0.0)
    end = 0
    for i in before:
        text = blocks[i].text
        if headed.match(text) and is_large(blocks[i], page) and end:
            break
        if (
            text.startswith("[")
            or (blocks[i].marks and is_large(blocks[i], page))
            or _is_masthead(blocks[i])
            or (blocks[i].bold and blocks[i].line.size >= largest > page.size + 2)
        ):
            end = i + 1
    return end


def _is_masthead(block: Block) -> bool:
    height = block.line.height
    return bool(height) and block.line.top < 0.2 * height


# --- numbers ---------------------------------------------------------------------------------------------------------


def _annexes(blocks: list[Block], front: int, page: Page) -> list[int]:
    """Indices of the headings that begin an annex, after the first half of the text."""
    found = []
    for index in range(front, len(blocks)):
        block = blocks[index]
        if is_annex(block.text) and looks_like_heading(block, page) and block.lines <= 3 and index > len(blocks) * 0.3:
            found.append(index)
    return found


def _numbers(blocks: list[Block], front: int, annexes: list[int], page: Page) -> dict[int, Numbered]:
    """Block index -> its number, for the main text and for each annex."""
    found: dict[int, Numbered] = {}
    borders = [front, *annexes, len(blocks)]
    for start, end in pairwise(borders):
        candidates = []
        for index in range(start, end):
            match = NUMBER.match(blocks[index].text)
            if match and not _is_numbered_heading(blocks, index, page):
                clear = "." in match[0]
                headed = index > start and looks_like_heading(blocks[index - 1], page)
                left = blocks[index].line.left
                candidates.append(Candidate(index, int(match[1]), left, clear, headed=headed))
        own = chain(candidates)
        if start != front and len(own) < 2 and (not own or own[0].number != 1):
            continue
        found.update({numbered.block: numbered for numbered in own})
    return found


def _is_numbered_heading(blocks: list[Block], index: int, page: Page) -> bool:
    """ "1. Constitutional mechanisms" in bold above a paragraph."""
    block = blocks[index]
    if not looks_like_heading(block, page) or not is_emphasized(block, page) or block.text.endswith(":"):
        return False
    following = blocks[index + 1] if index + 1 < len(blocks) else None
    return following is not None and (
        NUMBER.match(following.text) is not None or looks_like_heading(following, page) or not following.is_item
    )


def _share_numbered(blocks: list[Block], front: int, numbered: dict[int, Numbered], page: Page) -> float:
    """Share of the text that stands in paragraphs of the chain, counting what follows one below no other heading."""
    inside = total = 0
    counting = False
    for index in range(front, len(blocks)):
        block = blocks[index]
        if index in numbered:
            counting = True
        elif looks_like_heading(block, page) and is_emphasized(block, page) and not NUMBER.match(block.text):
            counting = False
            continue
        total += len(block.text)
        inside += len(block.text) * counting
    return inside / total if total and len(numbered) >= 2 else 0.0


# --- assembly --------------------------------------------------------------------------------------------------------


class _Notes:
    """Footnotes by page and mark."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._found: dict[tuple[int | None, str], list[str]] = {}
        last: list[str] | None = None
        for line in lines:
            if line.role != "footnote":
                continue
            if line.marks:
                last = self._found.setdefault((line.page, line.marks[0].mark), [])
            if last is None:
                last = self._found.setdefault((line.page, ""), [])
            last.append(line.text)

    def of(self, block: Block) -> list[Footnote]:
        found = []
        for page, mark in block.marks:
            for near in (page, None if page is None else page + 1):
                if (text := self._found.get((near, mark.mark))) is not None:
                    found.append(Footnote(mark.mark, " ".join(text)))
                    break
        return found

    @property
    def all(self) -> list[Footnote]:
        return [Footnote(mark, " ".join(text)) for (_, mark), text in self._found.items()]


class _Reading:
    """What both kinds of document share: headings that open sections, tables, labels used once."""

    def __init__(self, items: list[_Item], front: int, page: Page, notes: _Notes) -> None:
        self._items = items
        self._front = front
        self._page = page
        self._notes = notes
        self._outline = Outline()
        self._used: Counter[str] = Counter()
        self._result = Structure("document")

    def _unique(self, label: str) -> str:
        self._used[label] += 1
        count = self._used[label]
        return label if count == 1 else f"{label} ({_ordinal(count)})"

    def _heading(self, block: Block) -> None:
        text = " ".join(block.text.split())
        self._outline.open(block, text)
        self._result.headings.append(text)

    def _add(self, draft: Draft, block: Block, text: str) -> None:
        if text := text.strip():
            draft.pieces.append(text)
        draft.footnotes.extend(self._notes.of(block))

    def _table(self, lines: list[Line]) -> None:
        caption = " ".join(line.text for line in lines if line.caption)
        rows = tuple(line.cells or (line.text,) for line in lines if not line.caption)
        after = self._result.paragraphs[-1].label if self._result.paragraphs else ""
        self._result.tables.append(Table(" ".join(caption.split()), rows, after, lines[0].page))


class _Numbered(_Reading):
    """A document that numbers its paragraphs."""

    def __init__(
        self,
        items: list[_Item],
        front: int,
        annexes: list[int],
        numbered: dict[int, Numbered],
        page: Page,
        notes: _Notes,
    ) -> None:
        super().__init__(items, front, page, notes)
        self._annexes = set(annexes)
        self._numbers = numbered
        self._annex = ""
        self._last = 0

    def read(self) -> Structure:
        blocks = [item.block for item in self._items if item.block is not None]
        opens = _opens_section(blocks, self._numbers, self._page)
        draft: Draft | None = None
        index = -1
        for item in self._items:
            if item.block is None:
                self._table(item.table)
                continue
            index += 1
            block = item.block
            if index < self._front:
                continue
            if index in self._numbers:
                draft = self._paragraph(block, self._numbers[index])
            elif index in self._annexes:
                self._annex = _annex_name(block.text, len([i for i in self._annexes if i <= index]), len(self._annexes))
                self._outline.clear()
                self._heading(block)
                self._last = 0
                draft = None
            elif index in opens:
                self._heading(block)
                draft = None
            else:
                if draft is None:
                    draft = self._unnumbered(block)
                self._add(draft, block, block.text)
        return self._result

    def _paragraph(self, block: Block, numbered: Numbered) -> Draft:
        if numbered.number > self._last + 1 and self._last and not numbered.repeat:
            self._result.skipped.extend(range(self._last + 1, numbered.number))
        self._last = numbered.number
        label = self._unique(f"{self._annex}, {numbered.number}" if self._annex else str(numbered.number))
        if self._used[f"{self._annex}, {numbered.number}" if self._annex else str(numbered.number)] > 1:
            self._result.repeated.append(label)
        draft = Draft(label, numbered.number, self._outline.fill(), block.line.page)
        self._result.paragraphs.append(draft)
        self._add(draft, block, NUMBER.sub("", block.text, count=1))
        return draft

    def _unnumbered(self, block: Block) -> Draft:
        """Text under a heading that the document gives no number."""
        place = f"p. {block.line.page}" if block.line.page else (f"after {self._last}" if self._last else "before 1")
        label = self._unique(f"{self._annex}, {place}" if self._annex else place)
        draft = Draft(label, None, self._outline.fill(), block.line.page)
        self._result.paragraphs.append(draft)
        return draft


def _opens_section(blocks: list[Block], numbers: dict[int, Numbered], page: Page) -> set[int]:
    """Blocks that are headings: they look like one and a numbered paragraph follows, at once or after others like them.

    A line in bold or italics in the midst of a paragraph opens nothing. A large one does, whatever follows.
    """
    found: set[int] = set()
    pending: list[int] = []
    for index, block in enumerate(blocks):
        if index in numbers:
            found.update(pending)
            pending = []
        elif looks_like_heading(block, page) or _is_question(blocks, index, numbers):
            pending.append(index)
        else:
            strong = [i for i in pending if is_large(blocks[i], page) or blocks[i].line.heading]
            if strong:  # those below a large one are its subheadings
                found.update(i for i in pending if i in strong or i > strong[0])
            pending = []
    return found


def _is_question(blocks: list[Block], index: int, numbers: dict[int, Numbered]) -> bool:
    """A question of the list of issues, in bold above the State's reply."""
    block = blocks[index]
    return (
        block.bold
        and len(block.text) <= _LONGEST_QUESTION
        and index + 1 in numbers
        and not blocks[index + 1].bold
        and (NUMBER.match(block.text) is not None or block.text.endswith("?"))
    )


def _annex_name(heading: str, order: int, count: int) -> str:
    match = ANNEX.fullmatch(heading)
    own = match[1] if match and match[1] else (str(order) if count > 1 else "")
    return f"annex {own}".strip()


class _Unnumbered(_Reading):
    """A document without numbers: numbered by us, "3.2, p. 14" the second paragraph under the third heading."""

    def read(self) -> Structure:
        self._result.numbering = "ours"
        draft: Draft | None = None
        index, section, paragraph = -1, 0, 0
        before: Block | None = None
        for item in self._items:
            if item.block is None:
                self._table(item.table)
                continue
            index += 1
            block = item.block
            if index < self._front:
                continue
            if looks_like_heading(block, self._page) and not TABLE_CAPTION.fullmatch(block.text) and not block.is_item:
                self._heading(block)
                if paragraph or not section:
                    section += 1
                paragraph, draft = 0, None
            elif draft is not None and before is not None and _belongs(block, before):
                self._add(draft, block, block.text)
            else:
                paragraph += 1
                page = f", p. {block.line.page}" if block.line.page else ""
                draft = Draft(
                    self._unique(f"{max(section, 1)}.{paragraph}{page}"), None, self._outline.fill(), block.line.page
                )
                self._result.paragraphs.append(draft)
                self._add(draft, block, block.text)
            before = block
        return self._result


def _belongs(block: Block, before: Block) -> bool:
    """Whether a block goes on with the paragraph of the one before: an item, or what a colon announces."""
    if block.is_item or before.text.endswith(":"):
        return True
    own, other = NUMBER.match(block.text), NUMBER.match(before.text)
    return own is not None and other is not None and int(own[1]) == int(other[1]) + 1


def _ordinal(count: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(count, f"{count}th")
