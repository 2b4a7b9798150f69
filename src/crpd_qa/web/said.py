"""An answer's statements, each under the voice that it is: what the State reported is never read as the Committee's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from crpd_qa.answer import Answer
from crpd_qa.answer.record import Citation, Group, Statement
from crpd_qa.answer.words import group_title
from crpd_qa.documents import Document
from crpd_qa.library import Library
from crpd_qa.texts import texts
from crpd_qa.web.addresses import anchor
from crpd_qa.web.words import paragraph_in_words


@dataclass(frozen=True)
class Place:
    """A paragraph that a statement rests on: as it stands after the statement, as it is said aloud, and its anchor."""

    text: str
    spoken: str
    anchor: str


@dataclass(frozen=True)
class Said:
    """Statements under one heading, "" where all of an answer is one voice of one State; none: nothing was found."""

    heading: str
    statements: tuple[tuple[Statement, tuple[Place, ...]], ...]


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
            found.append(Said(group_title(group, language), ()))
        found += [
            Said(title(group, voices), _with_places(alike, library, language))
            for voices, alike in groupby(own, _voices)
        ]
    return found


def _with_places(
    statements: Iterable[Statement], library: Library, language: str
) -> tuple[tuple[Statement, tuple[Place, ...]], ...]:
    return tuple((statement, _places(statement.citations, library, language)) for statement in statements)


def place_anchor(document: Document, label: str, library: Library) -> str:
    """A paragraph's place within its turn: "para-45"; where there are several documents, with symbol and language."""
    if len(library.entries) == 1:
        return anchor(label)
    return f"{anchor(document.symbol)}-{document.language}-{anchor(label)}"


def _voices(statement: Statement) -> tuple[tuple[str, str], ...]:
    """(State, kind) of what a statement rests on."""
    return tuple(dict.fromkeys((citation.state, citation.kind) for citation in statement.citations))


def _places(citations: Iterable[Citation], library: Library, language: str) -> tuple[Place, ...]:
    t = texts(language)
    found = []
    for symbol, spoken, label in dict.fromkeys((c.document, c.language, c.label) for c in citations):
        document = library.document(symbol, spoken)
        paragraph = document.paragraph(label)
        assert paragraph is not None  # verified before the answer was returned
        where = place_anchor(document, label, library)
        if library.has_several:
            name = paragraph_in_words(document, paragraph, language, with_symbol=True)
            found.append(Place(f"({name})", t["chat_open_cited"].format(place=name), where))
        else:
            found.append(Place(f"[{label}]", t["chat_open_paragraph"].format(number=label), where))
    return tuple(found)
