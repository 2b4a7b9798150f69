"""Lines of any form -> numbered paragraphs under their headings, with their footnotes, and tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from crpd_qa.documents.blocks import Block, Page, usual
from crpd_qa.documents.headings import Outline, is_large, looks_like_heading
from crpd_qa.documents.items import Item, items_of
from crpd_qa.documents.lines import Line
from crpd_qa.documents.model import Footnote, Section, Table
from crpd_qa.documents.numbering import annexes_of, front_matter, numbers_of, share_numbered
from crpd_qa.documents.numbers import NUMBER, Numbered
from crpd_qa.documents.words import ANNEX, TABLE_CAPTION

_LEAST_NUMBERED = 0.55  # of a document's text must stand in numbered paragraphs, else the numbers are lists'
_LONGEST_QUESTION = 1500  # characters


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


def structure(lines: Sequence[Line]) -> Structure:
    """Paragraphs under sections, in the document's order."""
    body = [line for line in lines if line.role == "body"]
    page = usual(body)
    items = items_of(lines, page)
    blocks = [item.block for item in items if item.block is not None]
    front = front_matter(blocks, page)
    annexes = annexes_of(blocks, front, page)
    numbered = numbers_of(blocks, front, annexes, page)
    notes = _Notes(lines)
    whole = sum(len(block.text) for block in blocks[front:])
    if numbered and share_numbered(blocks, front, numbered, page) * whole >= _LEAST_NUMBERED * whole:
        result = _Numbered(items, front, annexes, numbered, page, notes).read()
    else:
        result = _Unnumbered(items, front, page, notes).read()
    result.front = [block.text for block in blocks[:front]]
    result.notes = notes.all
    return result


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

    def __init__(self, items: list[Item], front: int, page: Page, notes: _Notes) -> None:
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
        if text := text.strip().replace("\t", " "):
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
        items: list[Item],
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
        and (NUMBER.match(block.text) is not None or block.text.endswith("?"))
        and index + 1 < len(blocks)
        and ((index + 1 in numbers and not blocks[index + 1].bold) or _is_question(blocks, index + 1, numbers))
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
