"""Question sets -> judgements; results on disk and their comparison."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from crpd_qa.answer.support import SupportChecker
from crpd_qa.assistant import Assistant
from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.judge import Judgement, judge
from crpd_qa.evaluate.metrics import Group, reliability, summarize
from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.scope import Scope


def evaluate(
    assistant: Assistant, questions: Sequence[EvalQuestion], advance: Callable[[], None] = lambda: None
) -> list[Judgement]:
    """Ask every question and judge the answers."""
    if questions:
        assistant.ask(questions[0].question)  # the first question warms caches up; its time would mislead
    checker = SupportChecker(assistant.library) if assistant.language_model else None
    judgements = []
    for question in questions:
        answer = assistant.ask(question.question, question.history, scope=Scope.of(question.scope), id=question.id)
        judgements.append(judge(question, answer, assistant.library, checker))
        advance()
    return judgements


class QuestionResult(BaseModel):
    id: str
    type: str
    lang: str
    question: str
    right: bool
    cited: bool
    first_right: int | None
    """Rank of the first right paragraph, from 1."""
    answer: dict[str, Any]


class Results(BaseModel):
    """What `crpd-qa eval --json` writes and `--baseline` reads."""

    files: list[str]
    model: str
    threshold: float
    expected_calibration_error: float
    summary: dict[str, Group]
    questions: list[QuestionResult]


def results(assistant: Assistant, files: Sequence[Path], judgements: Sequence[Judgement]) -> Results:
    """Figures and every answer."""
    return Results(
        files=[path.name for path in files],
        model=assistant.library.manifest.encoder.name,
        threshold=assistant.threshold,
        expected_calibration_error=reliability(judgements)[1],
        summary=summarize(judgements),
        questions=[
            QuestionResult(
                id=j.question.id,
                type=j.question.type,
                lang=j.question.lang,
                question=j.question.question,
                right=j.right,
                cited=j.cited,
                first_right=next((r for r, n in enumerate(j.ranked, 1) if n in j.right_paragraphs), None),
                answer=j.answer.to_dict(),
            )
            for j in judgements
        ],
    )


def write_results(found: Results, path: Path) -> None:
    """Raises QuestionFileError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(found.model_dump(), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise QuestionFileError(f"cannot write {path}: {error.strerror}") from error


def read_results(path: Path) -> Results:
    """Raises QuestionFileError."""
    try:
        return Results.model_validate_json(path.read_bytes())
    except OSError as error:
        raise QuestionFileError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise QuestionFileError(
            f"{path} was not written by crpd-qa eval --json ({error.error_count()} errors)"
        ) from error


def compare(now: Results, before: Results) -> tuple[list[QuestionResult], list[QuestionResult]]:
    """(questions that were wrong and are right now, questions that were right and are wrong now)."""
    # Ids of different files may be the same.
    was = {(result.id, result.question): result.right for result in before.questions}
    better = [r for r in now.questions if r.right and was.get((r.id, r.question)) is False]
    worse = [r for r in now.questions if not r.right and was.get((r.id, r.question)) is True]
    return better, worse
