"""Sentences of paragraphs -> statements: what leans on something else is read together with it, or not at all.

A sentence that leans on the one before it goes with that; a list's item with the line that introduces the list.
"""

from collections.abc import Iterable, Iterator

from crpd_qa.answer.record import Citation, Statement, cite, quoted
from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.leaning import is_bullet, leans, sentence


def statements(
    sentences: Iterable[tuple[Document, Paragraph, int]], asked_for: Iterable[tuple[Document, Paragraph, int, int]] = ()
) -> tuple[Statement, ...]:
    """Sentences (document, paragraph, number of the sentence), in reading order, as they are read at one go.

    Each must come with those that it needs. `asked_for` are [start, end) in paragraphs of words to be highlighted.
    """
    words: set[tuple[str, str, str, int, int]] = {
        (document.symbol, document.language, p.label, start, end) for document, p, start, end in asked_for
    }
    found: list[list[Citation]] = []
    last: tuple[Document, Paragraph, int] | None = None
    for document, paragraph, number in sentences:
        start, end = paragraph.sentences[number]
        together = last is not None and last[:2] == (document, paragraph)
        bullet = is_bullet(paragraph, number)
        follows = together and last is not None and last[2] == number - 1
        if follows and not bullet and leans(sentence(paragraph, number), document.language):
            found[-1][-1] = cite(document, paragraph, found[-1][-1].start, end)
        elif together and bullet and _same_list(paragraph, found[-1], start):
            found[-1].append(cite(document, paragraph, start, end))
        else:
            found.append([cite(document, paragraph, start, end)])
        last = (document, paragraph, number)
    return tuple(Statement(quoted(own), tuple(own), tuple(_inside(own, words))) for own in found)


def _inside(citations: list[Citation], words: set[tuple[str, str, str, int, int]]) -> Iterator[tuple[int, int]]:
    """Places in the text of a statement of these citations."""
    offset = 0
    for citation in citations:
        for *of, start, end in sorted(words):
            here = of == [citation.document, citation.language, citation.label]
            if here and citation.start <= start and end <= citation.end:
                yield start - citation.start + offset, end - citation.start + offset
        offset += len(citation.quote) + 1


def _same_list(paragraph: Paragraph, citations: list[Citation], start: int) -> bool:
    """Whether the sentence at `start` is an item of a list whose introduction was cited last, with or without items."""
    return all(line.startswith("• ") for line in paragraph.text[citations[0].end : start].split("\n")[1:]) and (
        paragraph.text.startswith("\n• ", citations[0].end)
    )
