"""The last check before an answer leaves the program: every quotation is exact, every sentence has its number."""

import re

from crpd_qa.answer.record import Answer
from crpd_qa.document import Document

_MARKER = re.compile(r" \[(\d+(?:, \d+)*)\](?:\s+|$)")


def verify(answer: Answer, document: Document) -> Answer:
    """Hand the answer on. Raises AssertionError if a quotation is not verbatim: a defect of this program."""
    if not answer.answered:
        return answer
    for citation in answer.citations:
        paragraph = document.paragraph(citation.number)
        if paragraph is None or paragraph.text[citation.start : citation.end] != citation.quote or not citation.quote:
            raise AssertionError(f"not a quotation of paragraph {citation.number}: {citation.quote!r}")
    pieces = _MARKER.split(answer.text)
    if pieces[-1] or {int(n) for marker in pieces[1::2] for n in marker.split(", ")} != {
        citation.number for citation in answer.citations
    }:
        raise AssertionError(f"the numbers in the text are not those of the citations: {answer.text!r}")
    return answer
