"""The questions that a report's paragraphs answer, and close ones that it does not: a file beside the report.

One JSON object a line: {"number": 107, "answers": ["..."], "unanswered": ["..."]}. Those in another language are in a
file of their own, and are searched by questions in other languages.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crpd_qa.errors import DocumentError

Questions = dict[int, tuple[tuple[str, ...], tuple[str, ...]]]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    answers: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


def questions_path(document_path: Path, language: str = "en") -> Path:
    """Where the questions of a report's file are: "REPORT.questions.jsonl", "REPORT.questions.ru.jsonl"."""
    infix = "" if language == "en" else f".{language}"
    return document_path.with_name(f"{document_path.stem}.questions{infix}.jsonl")


def read_questions(path: Path) -> Questions:
    """Paragraph number -> (questions it answers, close questions the report does not answer).

    No file, no questions. Raises DocumentError with the line that is wrong.
    """
    if not path.exists():
        return {}
    found: Questions = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot read {path}: {error}") from error
    for line_number, line in enumerate(lines, start=1):
        try:
            entry = _Line.model_validate_json(line)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise DocumentError(
                f'{path}: {{"number", "answers", "unanswered"}} expected; {reason}', line_number
            ) from error
        found[entry.number] = (entry.answers, entry.unanswered)
    return found
