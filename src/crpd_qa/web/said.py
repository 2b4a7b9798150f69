"""An answer's statements, each under the voice that it is: what the State reported is never read as the Committee's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup, escape

from crpd_qa.answer import Answer
from crpd_qa.answer.record import Group, Statement
from crpd_qa.answer.verify import QUOTING
from crpd_qa.answer.words import group_title
from crpd_qa.documents import Document
from crpd_qa.library import Library
from crpd_qa.texts import texts
from crpd_qa.web.addresses import anchor
from crpd_qa.web.quotation import Spans, blocks, mark, quoted_lines
from crpd_qa.web.words import numbered_by_us


@dataclass(frozen=True)
class Place:
    """A paragraph that is cited: as it stands after what it says, as it is said aloud, what it is about, its anchor."""

    text: str
    spoken: str
    section: str
    anchor: str


@dataclass(frozen=True)
class Passage:
    """What is said on the same paragraphs, `parts` as in `quotation.blocks`."""

    parts: list[tuple[bool, list[Markup]]]
    places: tuple[Place, ...]
    language: str
    bears: tuple[tuple[Markup, str], ...] = ()
    """Under a language model's sentence the quotations that bear it out, the words that both have marked, and their
    languages."""


@dataclass(frozen=True)
class Said:
    """Statements under one heading, "" where all of an answer is one voice of one State; none: nothing was found."""

    heading: str
    statements: tuple[Statement, ...] = ()
    passages: tuple[Passage, ...] = ()
    """The same as they are shown."""


def said_by(answer: Answer, library: Library, language: str) -> list[Said]:
    """The statements in their order: by the answer's groups, and those of one State and kind of document together.

    A group without statements stays, to say that nothing was found.
    """
    spoken = {each for statement in answer.statements for each in _voices(statement)}
    by_state, by_kind = len({state for state, _ in spoken}) > 1, len({kind for _, kind in spoken}) > 1

    def title(group: Group, voices: Iterable[tuple[str, str]]) -> str:
        """A group names its State or voice whatever is quoted; what else it quotes is told apart where it differs."""
        heard = [
            replace(
                group, state=group.state or (state if by_state else ""), kind=group.kind or (kind if by_kind else "")
            )
            for state, kind in voices
        ]
        return " / ".join(dict.fromkeys(filter(None, (group_title(each, language) for each in heard))))

    found = []
    for number, group in enumerate(answer.groups or (Group("", "", bool(answer.statements)),)):
        own = [statement for statement in answer.statements if statement.group == number]
        if answer.groups and not own:
            found.append(Said(group_title(group, language)))
        for voices, alike in groupby(own, _voices):
            statements = tuple(alike)
            passages = tuple(_passages(statements, answer, library, language))
            found.append(Said(title(group, voices), statements, passages))
    return found


def place_anchor(document: Document, label: str, library: Library) -> str:
    """A paragraph's place within its turn: "para-45"; where there are several documents, with symbol and language."""
    if len(library.entries) == 1:
        return anchor(label)
    return f"{anchor(document.symbol)}-{document.language}-{anchor(label)}"


def _voices(statement: Statement) -> tuple[tuple[str, str], ...]:
    """(State, kind) of what a statement rests on."""
    return tuple(dict.fromkeys((citation.state, citation.kind) for citation in statement.citations))


def _rests_on(statement: Statement) -> tuple[tuple[str, str, str], ...]:
    return tuple(dict.fromkeys((c.document, c.language, c.label) for c in statement.citations))


def _passages(statements: Iterable[Statement], answer: Answer, library: Library, language: str) -> Iterator[Passage]:
    """Quotations from the same paragraphs stand together, with one citation of each."""
    if answer.mode not in QUOTING:
        for written in statements:
            bears = tuple(
                (mark(c.quote, own), c.language) for c, own in zip(written.citations, written.meets, strict=True)
            )
            yield Passage(
                [(False, [escape(written.text)])], _places(written, library, language), answer.language, bears
            )
        return
    for cited, together in groupby(statements, _rests_on):
        group = list(together)
        if len(cited) > 1:
            parts = [(False, [Markup(" ").join(mark(s.text, s.highlights) for s in group)])]
        else:
            document = library.document(*cited[0][:2])
            paragraph = document.paragraph(cited[0][2])
            assert paragraph is not None  # verified before the answer was returned
            spans = [(c.start, c.end) for s in group for c in s.citations]
            parts = blocks(quoted_lines(paragraph.text, spans, [each for s in group for each in _strong(s)]))
        yield Passage(parts, _places(group[0], library, language), cited[0][1])


def _places(statement: Statement, library: Library, language: str) -> tuple[Place, ...]:
    return tuple(_place(*each, library, language) for each in _rests_on(statement))


def _strong(statement: Statement) -> Spans:
    """A statement's highlights as places in its paragraph."""
    found: Spans = []
    offset = 0
    for c in statement.citations:
        moved = [(start - offset + c.start, end - offset + c.start) for start, end in statement.highlights]
        found += [(max(a, c.start), min(b, c.end)) for a, b in moved if a < c.end and b > c.start]
        offset += len(c.quote) + 1
    return found


def _place(symbol: str, spoken: str, label: str, library: Library, language: str) -> Place:
    t = texts(language)
    document = library.document(symbol, spoken)
    paragraph = document.paragraph(label)
    assert paragraph is not None  # verified before the answer was returned
    ours = numbered_by_us(document, paragraph)
    text = f"{label}, {t['numbered_by_us']}" if ours else t["cite"].format(number=label)
    if library.has_several:
        text = f"{symbol.removeprefix('CRPD/C/')}, {text}"
    return Place(
        text,
        t["chat_open_source"].format(place=text),
        paragraph.section.title,
        place_anchor(document, label, library),
    )
