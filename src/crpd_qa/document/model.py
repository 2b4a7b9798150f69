"""What a report is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Section:
    """A heading's place: part, article, subheading; any of them may be missing."""

    part: str = ""
    article: int | None = None
    article_title: str = ""
    subheading: str = ""

    @property
    def heading(self) -> str:
        """As a reader cites it: "Article 9 - Accessibility: Transport infrastructure, Road transport"."""
        article = f"Article {self.article} - {self.article_title}" if self.article else self.part
        if article and self.subheading:
            return f"{article}: {self.subheading}"
        return article or self.subheading

    @property
    def topic(self) -> str:
        """The nearest heading in words, without numbers: what the paragraphs below it are about."""
        return self.subheading or self.article_title or self.part


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A numbered paragraph. `sentences` are [start, end) character spans into `text`, in order."""

    number: int
    text: str
    section: Section
    sentences: tuple[tuple[int, int], ...]
    references: tuple[int, ...] = ()
    questions: tuple[str, ...] = ()
    """Questions that this paragraph answers: written beside the report, searched, never shown as its text."""
    unanswered: tuple[str, ...] = ()
    """Close questions that the whole report does not answer: they teach declining."""


@dataclass(frozen=True)
class Document:
    """A State's report: its UN symbol, title, and paragraphs numbered 1 to n without a gap."""

    symbol: str
    title: str
    paragraphs: tuple[Paragraph, ...]

    def paragraph(self, number: int) -> Paragraph | None:
        """The paragraph of that number, or None."""
        if 1 <= number <= len(self.paragraphs):
            return self.paragraphs[number - 1]
        return None

    @cached_property
    def sections(self) -> tuple[tuple[Section, tuple[int, ...]], ...]:
        """Every section that holds paragraphs, in order, with their numbers."""
        found: dict[Section, list[int]] = {}
        for paragraph in self.paragraphs:
            found.setdefault(paragraph.section, []).append(paragraph.number)
        return tuple((section, tuple(numbers)) for section, numbers in found.items())

    def article(self, article: int) -> tuple[int, ...]:
        """Numbers of the paragraphs under that article of the Convention."""
        return tuple(p.number for p in self.paragraphs if p.section.article == article)

    def __iter__(self) -> Iterator[Paragraph]:
        return iter(self.paragraphs)

    def __len__(self) -> int:
        return len(self.paragraphs)
