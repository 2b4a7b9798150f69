"""A question with its answer, and as its page keeps it: the server keeps none.

What a page sends back is read as if a stranger had written it: it is shown or saved only where its quotations still
stand in the library word for word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from crpd_qa.answer import Answer
from crpd_qa.answer.record import Citation, cite
from crpd_qa.answer.verify import verify
from crpd_qa.documents.model import KINDS
from crpd_qa.errors import DocumentNotFoundError, ScopeError
from crpd_qa.library import Library
from crpd_qa.retrieve.passage import Passage
from crpd_qa.scope import Scope
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.where import fields_of_form

EARLIER, EVERYWHERE, LANGUAGE, QUESTION, VERSION = "earlier", "everywhere", "language", "q", "v"
"""What a link says besides the fields of the filter."""


@dataclass(frozen=True)
class Turn:
    """A question and its answer."""

    question: str
    answer: Answer
    link: str = ""
    """What stands behind "#" in the address of the chat that asks the same again; browsers send no server that."""

    @property
    def follows_on(self) -> bool:
        """Whether it was looked for in other words than it was asked, not only with other spaces."""
        return " ".join(self.question.split()) != self.answer.resolved


_TURN = TypeAdapter(Turn)
_MADE: Any = {"answer": {"text", "citations"}}
"""Made of the rest."""
_NOTHING: dict[str, Any] = {
    "answered": False,
    "mode": "declined",
    "statements": (),
    "passages": (),
    "not_answered": (),
    "notice": "",
    "groups": (),
}
"""Of an answer that does not stand any more."""


def link_to(answer: Answer, earlier: Iterable[str], scope: Scope, library: Library, *, everywhere: bool) -> str:
    """Of the earlier questions it holds those that the answer itself shows, which are part of what was looked for."""
    resolved = answer.resolved
    leaned_on = [before for before in earlier if " ".join(before.split()) in resolved != answer.question]
    fields = [(QUESTION, answer.question if leaned_on else resolved), *((EARLIER, before) for before in leaned_on)]
    fields += fields_of_form(scope)
    if everywhere:
        fields.append((EVERYWHERE, "1"))
    return urlencode([*fields, (LANGUAGE, answer.language), (VERSION, library.version)])


def record_of(turn: Turn) -> str:
    """As JSON: what it takes to show the turn again."""
    shown = turn.answer.passages[:3] if not turn.answer.answered else ()
    kept = replace(turn, answer=replace(turn.answer, passages=shown))
    return _TURN.dump_json(kept, exclude=_MADE).decode()


def turn_of(record: str, library: Library) -> Turn:
    """Raises ValueError for what `record_of` did not write.

    Where the documents are others since, so that a quotation is none any more, there is a plain line instead.
    """
    try:
        turn = _TURN.validate_json(record)
        scope = Scope.of(turn.answer.scope)
    except (ValidationError, ScopeError) as error:
        raise ValueError("this is no record of an answer") from error
    answer = replace(turn.answer, scope=scope.to_dict(), passages=_found(turn.answer.passages, library))
    if (
        answer.language not in LANGUAGES
        or answer.answered != (answer.mode != "declined")
        or any(group.kind not in ("", *KINDS) for group in answer.groups)
    ):
        raise ValueError("this is no record of an answer")
    try:
        if not all(_stands(citation, library) for citation in answer.citations):
            raise AssertionError("the documents have changed")
        return replace(turn, answer=verify(answer, library))
    except (AssertionError, DocumentNotFoundError):
        message = texts(answer.language)["kept_changed"]
        return replace(turn, answer=replace(answer, **_NOTHING, message=message))


def _stands(citation: Citation, library: Library) -> bool:
    """Whether it is what would be made of its words today, with all that is said of them."""
    document = library.document(citation.document, citation.language)
    paragraph = document.paragraph(citation.label)
    return paragraph is not None and citation == cite(document, paragraph, citation.start, citation.end)


def _found(passages: Iterable[Passage], library: Library) -> tuple[Passage, ...]:
    return tuple(passage for passage in passages if library.versions(passage.document))
