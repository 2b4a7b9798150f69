"""What a row of questions may hold."""

import json
from dataclasses import dataclass, fields
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crpd_qa.errors import ScopeError
from crpd_qa.language import Language
from crpd_qa.scope import Scope

Cells = dict[str, Any]
"""A row as it was read: its cells by the names of their columns."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked: what is wrong with it, and what of it could be read."""

    reason: str
    cells: Cells


class BatchQuestion(BaseModel):
    """One row. A field is a column, known by its name or alias in any case; other columns are carried through.

    A row's scope is in `scope`, an object as in the API, or in columns `scope.state` and so on.
    """

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)

    question: str
    id: str | None = None
    history: list[str] = []
    language: Language | None = None
    scope: dict[str, Any] = {}
    state: Any = Field(default=None, alias="scope.state")
    kind: Any = Field(default=None, alias="scope.kind")
    article: Any = Field(default=None, alias="scope.article")
    document: Any = Field(default=None, alias="scope.document")
    document_language: Any = Field(default=None, alias="scope.document_language")
    year: Any = Field(default=None, alias="scope.year")

    @property
    def narrowed(self) -> Scope:
        """Where this row is asked. Raises ScopeError."""
        columns = {field.name: getattr(self, field.name) for field in fields(Scope)}
        return Scope.of(self.scope | {name: value for name, value in columns.items() if value not in (None, "")})

    @property
    def scope_columns(self) -> Cells:
        """Those that were there, as they were."""
        given = self.model_dump(by_alias=True, exclude_none=True, include={field.name for field in fields(Scope)})
        return {"scope": self.scope, **given} if self.scope else given

    @model_validator(mode="after")
    def _scope(self) -> Self:
        try:
            _ = self.narrowed
        except ScopeError as error:
            raise ValueError(str(error)) from error
        return self

    @field_validator("language", mode="before")
    @classmethod
    def _language(cls, value: Any) -> Any:
        """An empty cell leaves it to be detected."""
        return (value.strip().lower() if isinstance(value, str) else value) or None

    @field_validator("history", mode="before")
    @classmethod
    def _history(cls, value: Any) -> Any:
        """A cell of a table holds a JSON list, or earlier questions one a line, or nothing."""
        if value is None:
            return []
        if isinstance(value, str):
            if not value.lstrip().startswith("["):
                return [line for line in value.splitlines() if line.strip()]
            try:
                return json.loads(value)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except json.JSONDecodeError as error:
                raise ValueError(f"no JSON list ({error.msg})") from None
        return value

    @field_validator("question")
    @classmethod
    def _question(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the question is empty")
        return value


def _folded(name: str) -> str:
    return name.replace("\ufeff", "").strip().casefold()


_COLUMNS = {_folded(name): name for key, field in BatchQuestion.model_fields.items() for name in (field.alias or key,)}


def column_names(headings: list[str]) -> list[str]:
    """A name for each column of a table: that of a field for "Question" and " ID ", else its own, none given twice."""
    taken: dict[str, int] = {}
    exact = set(headings)
    for position, heading in enumerate(headings, start=1):
        wanted = heading if heading.strip() else f"column {position}"
        name = _COLUMNS.get(_folded(heading), wanted)
        if name != wanted and (name in exact or name in taken):
            name = wanted
        while name in taken:
            taken[wanted] = taken.get(wanted, 1) + 1
            name = f"{wanted} ({taken[wanted]})"
        taken[name] = 1
    return list(taken)
