"""Question sets: one JSON object a line, in the format of eval/SPEC.md."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from crpd_qa.errors import QuestionFileError

QuestionKind = Literal["fact", "describe", "multi", "lay", "none", "followup", "locate", "attack"]


class EvalQuestion(BaseModel):
    """A question with what is known of its answer."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: QuestionKind
    lang: str
    history: tuple[str, ...] = ()
    question: str
    answerable: bool
    support: tuple[tuple[int, ...], ...] = ()
    """Alternatives, best first; each a minimal list of paragraphs that together suffice."""
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

    @property
    def right_paragraphs(self) -> frozenset[int]:
        """Every paragraph of any alternative."""
        return frozenset(number for alternative in self.support for number in alternative)


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
