"""Answers of several States, or of several voices, as one answer: each under its own name, none as another's."""

from collections.abc import Sequence
from dataclasses import replace

from crpd_qa.answer.compose import MAX_PASSAGES, Composed, declined, quote_place
from crpd_qa.answer.record import Group
from crpd_qa.documents import Document
from crpd_qa.documents.model import KINDS
from crpd_qa.library import Library
from crpd_qa.retrieve import Place
from crpd_qa.scope import Scope
from crpd_qa.texts import texts


def together(scopes: Sequence[Scope], found: Sequence[Composed], language: str) -> Composed:
    """In the order of the scopes; "declined" where none is answered. Its confidence is the least of those answered."""
    groups = tuple(
        Group(_only(scope.state), _only(scope.kind), bool(own.statements))
        for scope, own in zip(scopes, found, strict=True)
    )
    best = [passage for own in found for passage in own.passages[: max(MAX_PASSAGES // len(found), 1)]]
    passages = tuple({(p.document, p.label): p for p in best}.values())
    answered = [own for own in found if own.statements]
    if not answered:
        declined = texts(language, several=True)["answer_declined"]
        return Composed(
            "declined", max(own.confidence for own in found), message=declined, passages=passages, groups=groups
        )
    return Composed(
        "extract",
        min(own.confidence for own in answered),
        tuple(replace(statement, group=n) for n, own in enumerate(found) for statement in own.statements),
        passages=passages,
        groups=groups,
    )


def of_several(
    places: Sequence[tuple[Document, Place]], library: Library, *, apart: bool, max_words: int, language: str
) -> Composed:
    """A place that several documents have: `apart`, of each of one State; else the question which of them is meant."""
    if len(places) > 1 and not (apart and len({document.state for document, _ in places}) == 1):
        named = texts(language, several=True)["answer_which_document"]
        return declined(named.format(documents=", ".join(document.symbol for document, _ in places)))
    places = sorted(places, key=lambda own: KINDS.index(own[0].kind))
    scopes = [Scope(state=(document.state,), kind=(document.kind,)) for document, _ in places]
    found = [
        quote_place(place, document, library, max_words=max_words, language=language) for document, place in places
    ]
    return replace(together(scopes, found, language), mode="locate") if len(found) > 1 else found[0]


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""
