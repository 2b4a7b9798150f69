"""Which documents and articles are asked: "" or nothing is all; or within a field, and between fields."""

import reprlib  # shortens what is long
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from crpd_qa.errors import ScopeError

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Every document's year lies between them: where a range begins or ends there, it is open."""


@dataclass(frozen=True, slots=True)
class Scope:
    """States by ISO 3166 alpha-3, kinds as in `documents.model.Kind`, documents by symbol, years as [first, last]."""

    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    article: tuple[int, ...] = ()
    document: tuple[str, ...] = ()
    document_language: tuple[str, ...] = ()
    year: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def to_dict(self) -> dict[str, list[Any]]:
        """As in JSON: only the fields that narrow."""
        return {name: list(value) for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Scope":
        """From JSON, a form or a table's cells: single values or lists, States by any usual name.

        Raises ScopeError, which names what cannot be and what could.
        """
        known = {field.name for field in fields(cls)}
        if unknown := set(given) - known:
            raise ScopeError(f"unknown in a scope: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
        found = {name: _listed(value) for name, value in given.items() if value not in (None, "", [], ())}
        return cls(
            state=tuple(dict.fromkeys(_state(value) for value in found.get("state", ()))),
            kind=tuple(_kind(value) for value in found.get("kind", ())),
            article=tuple(_whole(value, "an article", 1, 50) for value in found.get("article", ())),
            document=tuple(_symbol(value) for value in found.get("document", ())),
            document_language=tuple(_document_language(value) for value in found.get("document_language", ())),
            year=_years(found.get("year", ())),
        )


EVERYWHERE = Scope()
"""No narrowing."""


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return [piece.strip() for piece in value.split(";") if piece.strip()]
    return value if isinstance(value, list | tuple) else [value]


def _state(value: Any) -> str:
    from crpd_qa.languages.states import state_code  # loads the names of all States in five languages

    given = str(value).strip()
    # A code that is nobody's here may be a document's all the same.
    code = state_code(given) or (given if given.isascii() and given.isupper() and len(given) == 3 else "")
    if not code:
        raise ScopeError(
            f"{reprlib.repr(value)} is no State that is known here: give its usual name or its code, such as KEN"
        )
    return code


def _symbol(value: Any) -> str:
    from crpd_qa.documents.model import typed_symbol

    return typed_symbol(str(value))


def _kind(value: Any) -> str:
    from crpd_qa.documents.model import KINDS

    kind = str(value).strip().lower().replace(" ", "-")
    if kind not in KINDS:
        raise ScopeError(f"{reprlib.repr(value)} is no kind of document; there are {', '.join(KINDS)}")
    return kind


def _document_language(value: Any) -> str:
    from crpd_qa.documents.model import DOCUMENT_LANGUAGES

    language = str(value).strip().lower()
    if language not in DOCUMENT_LANGUAGES:
        raise ScopeError(
            f"{reprlib.repr(value)} is no language of documents; there are {', '.join(DOCUMENT_LANGUAGES)}"
        )
    return language


def _whole(value: Any, what: str, least: int, most: int) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
        raise ScopeError(f"{reprlib.repr(value)} is not {what}: a number from {least} to {most}")
    return int(text)


def _years(values: Sequence[Any]) -> tuple[int, ...]:
    pieces = [piece for value in values for piece in str(value).replace("–", "-").split("-") if piece.strip()]
    years = [_whole(piece, "a year", FIRST_YEAR, LAST_YEAR) for piece in pieces]
    if len(years) > 2:
        raise ScopeError("give one year, or the first and the last: 2010-2020")
    return (min(years), max(years)) if years else ()
