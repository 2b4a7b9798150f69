"""Headings: what looks like one, how deep it stands, which articles it names."""

import re
from dataclasses import dataclass, field

from crpd_qa.documents.blocks import Block, Page
from crpd_qa.documents.model import Section
from crpd_qa.documents.words import ANNEX, ARTICLES, PART, articles_in

_LONGEST = 300  # characters; longer ones are questions
_NUMBERING = (
    re.compile(r"[IVXLC]{1,6}\.?\s"),
    re.compile(r"[A-ZА-Я]\.\s"),
    re.compile(r"\d{1,2}\.(?:\s|$)|\d{1,2}(?:\.\d{1,2})+\.?\s"),
    re.compile(r"\(?[a-zа-я]\)\s"),
)
"""Depths of printed numbering: "II.", "B.", "3.", "(a)"."""
_ENDS_LIKE_TEXT = re.compile(r"[.;,][\"”»’]?$")
_SHORT_FORM = re.compile(r"\b(?:arts?|etc|No|ст|párr|par)\.$", re.IGNORECASE)


def is_emphasized(block: Block, page: Page) -> bool:
    """In bold, in italics, or larger than the text."""
    return block.bold or block.italic or is_large(block, page)


def is_large(block: Block, page: Page) -> bool:
    return block.line.size > page.size + 0.8


def looks_like_heading(block: Block, page: Page) -> bool:
    """A heading by its looks alone; what follows it decides (structure.py)."""
    text = block.text
    if block.line.heading:
        return True
    if len(text) > _LONGEST or block.lines > 5 or not any(c.isalpha() for c in text) or "\n" in text:
        return False
    if _ENDS_LIKE_TEXT.search(text) and not _SHORT_FORM.search(text):
        return False
    if text.startswith(("•", "–", "—", "[")) or (text[:1].islower() and not is_large(block, page)):
        return False
    if is_emphasized(block, page) or (block.line.centred and block.lines == 1 and not text.endswith(":")):
        return True
    if (
        not page.styled
        and len(text) <= 150
        and block.lines <= 2
        and text[:1].isupper()
        and not text.endswith((":", "?"))
    ):
        return True
    if len(text) <= 150 and (is_article(text) or is_annex(text) or PART.fullmatch(text)):
        return True
    return text.isupper() and len(text) > 3


def is_article(text: str) -> bool:
    """ "Article 9 - Accessibility", "Articles 1 to 4", "Статья 9": begins with the word."""
    match = ARTICLES.match(text)
    return match is not None and not text[match.end() :].lstrip().startswith(("(", ",")) and len(text) < 150


def is_annex(text: str) -> bool:
    match = ANNEX.fullmatch(text)
    return match is not None and text[:1].isupper() and len(text) < 150


@dataclass
class Outline:
    """The headings that hold at a place, the outermost first."""

    _open: list[tuple[tuple[float, ...], str]] = field(default_factory=list)

    def open(self, block: Block, text: str) -> None:
        """A heading ends those of its own rank and of lower ones."""
        rank = _rank(block, text)
        while self._open and not _is_above(self._open[-1], (rank, text)):
            self._open.pop()
        self._open.append((rank, text))

    def clear(self) -> None:
        self._open.clear()

    @property
    def section(self) -> Section:
        headings = tuple(text for _, text in self._open)
        for level in range(len(headings) - 1, -1, -1):
            if len(headings[level]) <= _LONGEST and (articles := articles_in(headings[level])):
                return Section(headings, articles, level)
        return Section(headings)


def _rank(block: Block, text: str) -> tuple[float, ...]:
    """Form's own level, size, weight, printed numbering: the smaller, the further out."""
    numbering = next((float(depth) for depth, form in enumerate(_NUMBERING, 1) if form.match(text)), 0.0)
    if is_annex(text):
        return (0.0, -100.0, 0.0, 0.0)
    if block.line.heading:
        return (float(block.line.heading), 0.0, 0.0, numbering)
    weight = 0.0 if block.bold and not block.italic else 1.0 if block.bold else 2.0 if block.italic else 3.0
    return (0.0, -round(block.line.size * 2) / 2, weight, numbering)


def _is_above(outer: tuple[tuple[float, ...], str], inner: tuple[tuple[float, ...], str]) -> bool:
    (outer_rank, outer_text), (inner_rank, inner_text) = outer, inner
    if outer_rank[:3] != inner_rank[:3] or inner_rank[0]:
        return outer_rank[:3] < inner_rank[:3]
    # one print for both: "II." holds "B.", "B." holds "3."; a number holds articles, an article holds numbers
    outer_depth, inner_depth = outer_rank[3], inner_rank[3]
    if outer_depth and inner_depth:
        return outer_depth < inner_depth
    outer_names, inner_names = bool(articles_in(outer_text)), bool(articles_in(inner_text))
    if outer_depth:
        return inner_names and (is_article(inner_text) or not outer_names or len(articles_in(outer_text)) > 1)
    return bool(inner_depth) and outer_names and not inner_names
