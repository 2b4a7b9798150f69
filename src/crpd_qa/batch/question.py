"""What a row of questions may hold."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crpd_qa.language import Language

Cells = dict[str, Any]
"""A row as it was read: its cells by the names of their columns."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked: what is wrong with it, and what of it could be read."""

    reason: str
    cells: Cells


class BatchQuestion(BaseModel):
    """One row. A field is a column, known by its name or alias in any case; other columns are carried through.

    A row's scope belongs here: a field with the alias `scope.state`, and so on, is read from every form of file.
    """

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)

    question: str = Field(min_length=1)
    id: str | None = None
    history: list[str] = []
    language: Language | None = None

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
