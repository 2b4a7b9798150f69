"""Answers of several States, or of several voices, as one answer: each under its own name, none as another's."""

from collections.abc import Sequence
from dataclasses import replace

from crpd_qa.answer.compose import MAX_PASSAGES, Composed
from crpd_qa.answer.record import Group
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


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""
