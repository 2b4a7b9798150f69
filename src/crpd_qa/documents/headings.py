"""Headings: what looks like one, how deep it stands, which articles it names."""

import re
from dataclasses import dataclass, field

from crpd_qa.documents.blocks import Block, Page
from crpd_qa.documents.model import Section
from crpd_qa.documents.words import ANNEX, ARTICLES, CLOSING, OPENING, PART, REPLY, articles_in

_LONGEST = 300  # characters; longer ones are questions
_NUMBERING = (
    re.compile(r"[IVXLC]{1,6}\.?\s"),
    re.compile(r"[A-ZА-Я]\.\s"),
    re.compile(r"\d{1,2}\.(?:\s|$)|(?<![\d.])\d{1,2}(?:\.\d{1,2})+\.?\s"),
    re.compile(r"\(?[a-zа-я]\)\s"),
)
"""Depths of printed numbering: "II.", "B.", "3.", "(a)"."""
_LETTER = re.compile(r"([IVXLCDM])\.\s")
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
class _Open:
    rank: tuple[float, ...]
    text: str
    holds: bool = False
    """Whether a heading in the same print stands below it: "Health (art. 25)", then "Reply to paragraph 29"."""


@dataclass
class Outline:
    """The headings that hold at a place, the outermost first."""

    _open: list[_Open] = field(default_factory=list)
    _fresh: bool = False
    """Whether nothing was printed since the last heading."""

    def open(self, block: Block, text: str) -> None:
        """A heading ends those of its own rank and of lower ones."""
        new = _Open(_rank(block, text, [other.text for other in self._open]), text)
        last = self._open[-1] if self._open else None
        if self._fresh and last is not None and last.rank == new.rank and _names(last.text) and not _names(text):
            last.holds = True
        siblings = [index for index, other in enumerate(self._open) if _is_sibling(other, new)]
        if siblings:
            del self._open[siblings[0] :]
        while self._open and not _is_above(self._open[-1], new):
            self._open.pop()
        if is_article(text) or REPLY.match(text):
            self._open = [other for other in self._open if not OPENING.fullmatch(other.text)]
        self._open.append(new)
        self._fresh = True

    def fill(self) -> Section:
        """The section of a paragraph that stands here."""
        self._fresh = False
        return self.section

    def clear(self) -> None:
        self._open.clear()

    @property
    def section(self) -> Section:
        headings = tuple(heading.text for heading in self._open)
        for level in range(len(headings) - 1, -1, -1):
            if _names(headings[level]):
                articles = articles_in(headings[level])
                if len(articles) > 2 and any(CLOSING.fullmatch(below) for below in headings[level + 1 :]):
                    break  # "Follow-up" is printed below "Specific obligations (arts. 31-33)", and is of no article
                return Section(headings, articles, level)
        return Section(headings)


def _rank(block: Block, text: str, above: list[str]) -> tuple[float, ...]:
    """Form's own level, size, weight, printed numbering: the smaller, the further out."""
    numbering = next((float(depth) for depth, form in enumerate(_NUMBERING, 1) if form.match(text)), 0.0)
    if (letter := _LETTER.match(text)) and _is_letter(letter[1], above):
        numbering = 2.0
    if is_annex(text):
        return (0.0, -100.0, 0.0, 0.0)
    if block.line.heading:
        return (float(block.line.heading), 0.0, 0.0, numbering)
    weight = 0.0 if block.bold and not block.italic else 1.0 if block.bold else 2.0 if block.italic else 3.0
    return (0.0, -round(block.line.size * 2) / 2, weight, numbering)


def _is_letter(letter: str, above: list[str]) -> bool:
    """Whether "C." or "I." is a letter and no Roman number: after "H." it is, and so are those that few lists reach."""
    return letter not in "IVX" or any(text.startswith(f"{chr(ord(letter) - 1)}.") for text in above)


def _names(text: str) -> bool:
    """Whether a heading names articles; one as long as a question only mentions them."""
    return len(text) <= _LONGEST and bool(articles_in(text))


def _is_sibling(one: _Open, other: _Open) -> bool:
    """Whether two headings belong to one series: "A." and "B." in one print; "Health (art. 25)" and "Article 26"."""
    if one.rank == other.rank and one.rank[3]:
        return True
    own, others = _only_article(one.text), _only_article(other.text)
    return own != others and own is not None and others is not None


def _only_article(text: str) -> int | None:
    """The one article that a heading is about; None for one that names several, or only mentions one."""
    articles = articles_in(text)
    return articles[0] if len(articles) == 1 and (is_article(text) or text.endswith(")")) else None


def _is_above(outer: _Open, inner: _Open) -> bool:
    if outer.rank[:3] != inner.rank[:3] or inner.rank[0]:
        return outer.rank[:3] < inner.rank[:3]
    # one print for both: "II." holds "B.", "B." holds "3."; a number holds articles, an article holds numbers
    outer_depth, inner_depth = outer.rank[3], inner.rank[3]
    if outer_depth and inner_depth:
        return outer_depth < inner_depth
    if outer_depth:
        single = len(articles_in(outer.text)) == 1
        return _names(inner.text) and (is_article(inner.text) or not single)
    if inner_depth:
        return _names(outer.text) and not _names(inner.text)
    return outer.holds and not _names(inner.text)
