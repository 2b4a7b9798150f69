"""The questions that a document's paragraphs answer, and close ones that it does not: a file beside the document.

One JSON object a line: {"number": 107, "answers": ["..."], "unanswered": ["..."]}. Those in another language are in a
file of their own, and are searched by questions in other languages.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crpd_qa.documents import Document
from crpd_qa.errors import DocumentError
from crpd_qa.language import LANGUAGES


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int | str
    answers: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


class WrittenQuestions(BaseModel):
    """Of each paragraph, in the document's order."""

    answers: list[list[tuple[str, str]]]
    """(language, question) of those that it answers, English ones first."""
    unanswered: list[tuple[str, str]]
    """Close ones that the whole document does not answer: they teach declining."""

    def english(self) -> list[list[str]]:
        """Of each paragraph those in English."""
        return [[text for language, text in own if language == "en"] for own in self.answers]

    def of(self, before: Document, after: Document) -> "WrittenQuestions":
        """The same questions for another reading of the document that they were written for: each goes by its label."""
        own = {paragraph.label: answers for paragraph, answers in zip(before, self.answers, strict=True)}
        return WrittenQuestions(answers=[own.get(p.label, []) for p in after], unanswered=self.unanswered)

    @property
    def count(self) -> int:
        return sum(len(own) for own in self.answers)


def questions_path(source: Path, language: str = "en") -> Path:
    """Where the questions of a document's file are: "REPORT.questions.jsonl", "REPORT.questions.ru.jsonl"."""
    infix = "" if language == "en" else f".{language}"
    return source.with_name(f"{source.stem}.questions{infix}.jsonl")


def question_files(source: Path) -> list[Path]:
    """Those that are there."""
    return [path for language in LANGUAGES if _is_there(path := questions_path(source, language))]


def _is_there(path: Path) -> bool:
    """A document's own name may be so long that no file can have the one for its questions: asking is an error then."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_questions(source: Path, document: Document) -> WrittenQuestions:
    """The questions beside a document's file, in all languages. No file, no questions.

    Raises DocumentError with the line that is wrong.
    """
    places = {paragraph.label: place for place, paragraph in enumerate(document)}
    found = WrittenQuestions(answers=[[] for _ in document], unanswered=[])
    for language in LANGUAGES:
        path = questions_path(source, language)
        for line_number, line in _lines(path):
            try:
                entry = _Line.model_validate_json(line)
                own = found.answers[places[str(entry.number)]]
            except (ValidationError, KeyError) as error:
                reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else f"no paragraph {error}"
                raise DocumentError(
                    f'{path}: {{"number", "answers", "unanswered"}} expected; {reason}', line_number
                ) from error
            own += [(language, text) for text in entry.answers]
            found.unanswered += [(language, text) for text in entry.unanswered]
    return found


def _lines(path: Path) -> Sequence[tuple[int, str]]:
    if not _is_there(path):
        return []
    try:
        text = path.read_text(encoding="utf-8-sig").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot read {path}: {error}") from error
    return list(enumerate(text.split("\n"), start=1))
