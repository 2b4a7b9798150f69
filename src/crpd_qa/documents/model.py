"""What a document is made of. A paragraph is known by (symbol, label) everywhere: "CRPD/C/KEN/1#94"."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

Kind = Literal[
    "state-report", "list-of-issues", "replies", "concluding-observations", "follow-up", "general-comment", "other"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

DocumentLanguage = Literal["en", "ru", "fr", "es"]
"""Languages in which documents can be read."""
DOCUMENT_LANGUAGES: tuple[DocumentLanguage, ...] = get_args(DocumentLanguage)


def typed_symbol(text: str) -> str:
    """A symbol as people type it: all in small letters it stands for capitals; "Q/1/Add.1" is printed so."""
    symbol = text.strip()
    return symbol.upper() if symbol.islower() else symbol


@dataclass(frozen=True, slots=True)
class Section:
    """A place under headings: as printed, the outermost first."""

    headings: tuple[str, ...] = ()
    articles: tuple[int, ...] = ()
    """Articles of the Convention that the section is about: of one heading, that at `article_level`."""
    article_level: int = 0

    @property
    def heading(self) -> str:
        """The innermost."""
        return self.headings[-1] if self.headings else ""

    @property
    def title(self) -> str:
        """As a reader cites it: "Article 9 - Accessibility: Transport infrastructure", "Economy: Prices"."""
        return ": ".join(self.headings[self.article_level if self.articles else 0 :])


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note at the foot of a page, with the mark that leads to it."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, row by row; `after` is the label of the paragraph that it follows, `page` counts from 1."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    after: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`label` is the number as printed ("94", "annex II, 3"), unique in its document; `number` is it as an integer.

    `text` keeps sub-items and bullets on lines of their own. `sentences` are [start, end) spans into it, in order.
    """

    label: str
    number: int | None
    text: str
    section: Section
    sentences: tuple[tuple[int, int], ...]
    references: tuple[str, ...] = ()
    """Labels of other paragraphs of the same document that this one names."""
    page: int | None = None
    """Of the original file, from 1, where the paragraph begins."""
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """A document of the Convention's reporting cycle, or any other text that an operator adds."""

    symbol: str
    """The United Nations' symbol, or a name that the operator gives."""
    title: str
    paragraphs: tuple[Paragraph, ...]
    state: str = ""
    """ISO 3166 alpha-3; "" where it speaks of none."""
    kind: Kind = "other"
    language: DocumentLanguage = "en"
    date: str = ""
    """ISO 8601, as much as is known: "2017-06-05", "2017"."""
    numbering: Literal["document", "ours"] = "document"
    """Whose the labels are: ours (heading and page) are never shown as the document's."""
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    """What a reader should compare with the original, in English, for people."""

    @cached_property
    def _by_label(self) -> dict[str, Paragraph]:
        return {paragraph.label: paragraph for paragraph in self.paragraphs}

    def paragraph(self, label: str | int) -> Paragraph | None:
        """The paragraph of that label or number, or None."""
        return self._by_label.get(str(label))

    @cached_property
    def sections(self) -> tuple[tuple[Section, tuple[Paragraph, ...]], ...]:
        """Every section that holds paragraphs, in order, with them."""
        found: dict[Section, list[Paragraph]] = {}
        for paragraph in self.paragraphs:
            found.setdefault(paragraph.section, []).append(paragraph)
        return tuple((section, tuple(own)) for section, own in found.items())

    def article(self, article: int) -> tuple[Paragraph, ...]:
        """The paragraphs under that article of the Convention."""
        return tuple(p for p in self.paragraphs if article in p.section.articles)

    def __iter__(self) -> Iterator[Paragraph]:
        return iter(self.paragraphs)

    def __len__(self) -> int:
        return len(self.paragraphs)
