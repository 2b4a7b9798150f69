"""An answer's statements, each under the voice that it is: what the State reported is never read as the Committee's."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from crpd_qa.answer import Answer
from crpd_qa.answer.record import Citation, Statement
from crpd_qa.documents import Document
from crpd_qa.languages.states import state_name
from crpd_qa.library import Library
from crpd_qa.texts import texts
from crpd_qa.web.addresses import anchor
from crpd_qa.web.words import paragraph_in_words, voice


@dataclass(frozen=True)
class Place:
    """A paragraph that a statement rests on: as it stands after the statement, as it is said aloud, and its anchor."""

    text: str
    spoken: str
    anchor: str


@dataclass(frozen=True)
class Said:
    """Statements under one heading, "" where all of an answer is one voice of one State."""

    heading: str
    statements: tuple[tuple[Statement, tuple[Place, ...]], ...]


def said_by(answer: Answer, library: Library, language: str) -> list[Said]:
    """The statements in their order, those of one State and one kind of document together."""
    voices = [_voices(statement) for statement in answer.statements]
    spoken = {each for own in voices for each in own}
    states, kinds = {state for state, _ in spoken}, {kind for _, kind in spoken}

    def heading(own: Iterable[tuple[str, str]]) -> str:
        of_state = [state_name(state, language) for state in dict.fromkeys(s for s, _ in own) if state]
        of_kind = [voice(kind, language) for kind in dict.fromkeys(k for _, k in own)]
        parts = [" / ".join(of_state) if len(states) > 1 else "", " / ".join(of_kind) if len(kinds) > 1 else ""]
        return ": ".join(filter(None, parts))

    found = []
    for own, group in groupby(zip(voices, answer.statements, strict=True), key=lambda pair: pair[0]):
        statements = tuple((said, _places(said.citations, library, language)) for _, said in group)
        found.append(Said(heading(own), statements))
    return found


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
