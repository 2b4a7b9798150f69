"""Lines -> what stands in a document one below another: blocks of text, tables, charts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crpd_qa.documents.blocks import Block, Page, blocks_of, vocabulary_of
from crpd_qa.documents.headings import is_annex, is_emphasized, is_large
from crpd_qa.documents.lines import Line
from crpd_qa.documents.numbers import NUMBER
from crpd_qa.documents.words import articles_in

_LONGEST_CAPTION = 300
_SMALLEST_CHART, _LONGEST_LABEL = 2, 80  # figures, and characters of a piece of text


@dataclass(slots=True)
class Item:
    """A block, or a table that stands between two."""

    block: Block | None = None
    table: list[Line] = field(default_factory=list)


def items_of(lines: Sequence[Line], page: Page) -> list[Item]:
    """Blocks and tables in order. A paragraph may go on below a table or over a page's end."""
    vocabulary = vocabulary_of(line for line in lines if line.role == "body")
    items: list[Item] = []
    body: list[Line] = []
    table: list[Line] = []

    def close_body() -> None:
        for block in blocks_of(body, page, vocabulary):
            if _is_figures(block, page):
                items.append(Item(table=[block.line]))
            else:
                items.append(Item(block=block))
        body.clear()

    def close_table() -> None:
        if table:
            last = items[-1].block if items else None
            if last is not None and not table[0].caption and _is_caption(last, page):
                items.pop()
                table.insert(0, replace(last.line, text=last.text, role="table", caption=True))
            items.append(Item(table=list(table)))
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
    return _charts_together(items, page)


def _charts_together(items: list[Item], page: Page) -> list[Item]:
    """The words of a chart with its figures: short pieces between figures are no text, the heading above no section."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and _is_in_chart(items[end], page):
            end += 1
        run = items[at:end]
        figures = sum(len(item.table) for item in run)
        if figures < _SMALLEST_CHART or all(item.block is None for item in run):
            found.extend(items[at : max(end, at + 1)])
            at = max(end, at + 1)
            continue
        lines = [
            line
            for item in run
            for line in (item.table or ([replace(item.block.line, text=item.block.text)] if item.block else []))
        ]
        above = found[-1].block if found else None
        if above is not None and _is_caption(above, page, large=True):
            found.pop()
            lines.insert(0, replace(above.line, text=above.text, role="table", caption=True))
        found.append(Item(table=lines))
        at = end
    return found


def _is_in_chart(item: Item, page: Page) -> bool:
    """A label or a figure: short, in plain print, not the end of a sentence."""
    block = item.block
    if block is None:
        return all(len(line.text) <= _LONGEST_LABEL and not line.caption for line in item.table)
    return (
        len(block.text) <= _LONGEST_LABEL
        and not is_emphasized(block, page)
        and not block.is_item
        and not block.line.heading
        and not block.line.whole
        and not NUMBER.match(block.text)
        and block.text[-1:] not in ".;:,?!"
    )


def _is_caption(block: Block, page: Page, *, large: bool = False) -> bool:
    """In bold or italics, just before a table, and no heading of a section."""
    return (
        (block.bold or block.italic)
        and (large or not is_large(block, page))
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
    few_letters = letters < 0.25 * digits if digits >= 3 else not letters and digits > 0
    return few_letters and not NUMBER.match(block.text)
