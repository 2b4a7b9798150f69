"""Question sets: one JSON object a line, in the format of eval/SPEC.md."""

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from crpd_qa.errors import QuestionFileError

QuestionKind = Literal["fact", "describe", "multi", "lay", "none", "followup", "locate", "attack"]


ParagraphId = tuple[str, str]
"""(symbol, label)"""


class EvalQuestion(BaseModel):
    """A question with what is known of its answer."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: QuestionKind
    lang: str
    history: tuple[str, ...] = ()
    question: str
    answerable: bool
    support: tuple[tuple[int | tuple[str, int | str], ...], ...] = ()
    """Alternatives, best first; each a minimal list of paragraphs that together suffice: numbers of the one document
    that is asked, or [symbol, number]."""
    scope: dict[str, Any] = {}
    """Where it is asked, see `crpd_qa.scope.Scope`."""
    facts: tuple[str, ...] = ()
    """Regular expressions, case-insensitive; a right answer matches all."""
    answer: str = ""

    @field_validator("facts")
    @classmethod
    def _facts(cls, facts: tuple[str, ...]) -> tuple[str, ...]:
        for fact in facts:
            try:
                re.compile(fact)
            except re.error as error:
                raise ValueError(f"{fact!r} is no regular expression ({error})") from None
        return facts

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if not all(self.support) or (self.answerable and not self.support):
            raise ValueError("an answerable question needs supporting paragraphs, and no alternative may be empty")
        return self

    def alternatives(self, document: str) -> list[frozenset[ParagraphId]]:
        """`support` with every paragraph's symbol: that of `document` where it names none."""
        return [
            frozenset((p[0], str(p[1])) if isinstance(p, tuple) else (document, str(p)) for p in alternative)
            for alternative in self.support
        ]

    def right_paragraphs(self, document: str) -> frozenset[ParagraphId]:
        """Every paragraph of any alternative."""
        return frozenset().union(*self.alternatives(document))


def read_question_set(path: Path) -> list[EvalQuestion]:
    """Raises QuestionFileError with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"cannot read {path}: {error}") from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            questions.append(EvalQuestion.model_validate_json(line))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise QuestionFileError(
                f"{path}, line {number}: {where + ': ' if where else ''}{problem['msg']} (format: eval/SPEC.md)"
            ) from error
    if not questions:
        raise QuestionFileError(f"{path} holds no question (format: eval/SPEC.md)")
    return questions
