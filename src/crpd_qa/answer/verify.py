"""The last check before an answer leaves the program: every quotation is exact, every statement has its paragraph."""

from crpd_qa.answer.record import Answer, Citation, Statement, quoted
from crpd_qa.library import Library

QUOTING = ("extract", "locate")
"""Modes whose statements are quotations and nothing else."""


def verify(answer: Answer, library: Library) -> Answer:
    """Hand the answer on. Raises AssertionError for what only a defect of this program can bring about."""
    if bool(answer.statements) == bool(answer.message):
        raise AssertionError(f"an answer has statements or a message: {answer.text!r}")
    for statement in answer.extract:
        if statement.text != quoted(statement.citations):
            raise AssertionError(f"not what its citations quote: {statement.text!r}")
    for statement in (*answer.statements, *answer.extract):
        if not statement.citations:
            raise AssertionError(f"a statement without a paragraph: {statement.text!r}")
        for citation in statement.citations:
            if not is_exact(citation, library):
                raise AssertionError(f"not a quotation of paragraph {citation.label}: {citation.quote!r}")
        if answer.mode in QUOTING and statement.text != quoted(statement.citations):
            raise AssertionError(f"not what its citations quote: {statement.text!r}")
        if not all(_within(span, statement) for span in statement.highlights):
            raise AssertionError(f"no words of {statement.text!r}: {statement.highlights}")
        for citation, spans in zip(statement.citations, statement.meets, strict=bool(statement.meets)):
            if not all(0 <= start < end <= len(citation.quote) for start, end in spans):
                raise AssertionError(f"no words of {citation.quote!r}: {spans}")
    return answer


def is_exact(citation: Citation, library: Library) -> bool:
    """Whether a citation quotes its paragraph word for word."""
    document = library.document(citation.document, citation.language)
    paragraph = document.paragraph(citation.label)
    return (
        paragraph is not None
        and citation.language == document.language
        and 0 <= citation.start < citation.end <= len(paragraph.text)
        and paragraph.text[citation.start : citation.end] == citation.quote
    )


def _within(span: tuple[int, int], statement: Statement) -> bool:
    return 0 <= span[0] < span[1] <= len(statement.text)
