"""Where a document's text begins, where its annexes do, and which of its blocks are numbered paragraphs."""

import re
from itertools import pairwise

from crpd_qa.documents.blocks import Block, Page
from crpd_qa.documents.headings import is_annex, is_article, is_emphasized, is_large, looks_like_heading
from crpd_qa.documents.numbers import NUMBER, Candidate, Numbered, chain

_TITLE_PAGES = 1
_ORDINAL = re.compile(r"(?:[IVX]{1,4}|[A-ZА-Я])\.\s")


def front_matter(blocks: list[Block], page: Page) -> int:
    """How many blocks stand before the text: masthead, title, date."""
    first = blocks[0].line.page if blocks else None
    if first is None:  # a form without pages: nothing tells title from heading but how each begins
        return next((i for i, block in enumerate(blocks) if _begins_text(block)), 0)
    opening = [
        index
        for index, block in enumerate(blocks)
        if block.line.page is not None and block.line.page < first + _TITLE_PAGES
    ]
    number = next((i for i in opening if NUMBER.match(blocks[i].text) and not is_emphasized(blocks[i], page)), None)
    before = [i for i in opening if number is None or i < number]
    if not before:
        return 0
    largest = max((blocks[i].line.size for i in before if blocks[i].bold and not _is_masthead(blocks[i])), default=0.0)
    end = 0
    for i in before:
        text = blocks[i].text
        if _ORDINAL.match(text) and is_large(blocks[i], page) and end:
            break
        if (
            text.startswith("[")
            or (blocks[i].marks and is_large(blocks[i], page))
            or _is_masthead(blocks[i])
            or (blocks[i].bold and blocks[i].line.size >= largest > page.size + 2)
        ):
            end = i + 1
    return end


def _begins_text(block: Block) -> bool:
    text = block.text
    return bool(NUMBER.match(text) or block.line.heading or is_article(text) or _ORDINAL.match(text))


def _is_masthead(block: Block) -> bool:
    height = block.line.height
    return bool(height) and block.line.top < 0.2 * height


def annexes_of(blocks: list[Block], front: int, page: Page) -> list[int]:
    """Indices of the headings that begin an annex, after the first half of the text."""
    found = []
    for index in range(front, len(blocks)):
        block = blocks[index]
        if is_annex(block.text) and looks_like_heading(block, page) and block.lines <= 3 and index > len(blocks) * 0.3:
            found.append(index)
    return found


def numbers_of(blocks: list[Block], front: int, annexes: list[int], page: Page) -> dict[int, Numbered]:
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


def share_numbered(blocks: list[Block], front: int, numbered: dict[int, Numbered], page: Page) -> float:
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
