"""A file of questions -> a file of answers, in order, resumable."""

import csv
import json
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crpd_qa.answer import Answer
from crpd_qa.assistant import Assistant
from crpd_qa.errors import QuestionFileError
from crpd_qa.language import Language

INPUTS = (".jsonl", ".csv")
OUTPUTS = (".jsonl", ".csv", ".xlsx")
_COLUMNS = (
    "answered",
    "text",
    "confidence",
    "mode",
    "paragraphs",
    "quotes",
    "not_answered",
    "closest_paragraphs",
    "notice",
)
"""What a table holds of an answer, beside the input's columns."""
_RECORD = frozenset(field.name for field in fields(Answer))
_FORMULA = re.compile(r"\s*(?:[=@\t\r]|[+-](?![\d.,]+$))")  # "-5" is a number, not a formula


class BatchQuestion(BaseModel):
    """One row of the input. Other columns are carried through."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)

    question: str = Field(min_length=1)
    id: str | None = None
    history: list[str] = []
    language: Language | None = None

    @field_validator("language", mode="before")
    @classmethod
    def _language(cls, value: Any) -> Any:
        """An empty cell of a CSV leaves it to be detected."""
        return value or None

    @field_validator("history", mode="before")
    @classmethod
    def _history(cls, value: Any) -> Any:
        """A CSV cell holds a JSON list, one earlier question, or nothing."""
        if value is None or value == "":
            return []
        if isinstance(value, str):
            try:
                return json.loads(value) if value.lstrip().startswith("[") else [value]
            except RecursionError:
                raise ValueError("nested too deep") from None
        return value

    @field_validator("question")
    @classmethod
    def _question(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the question is empty")
        return value


@dataclass
class BatchReport:
    """What a run did."""

    answered: int = 0
    declined: int = 0
    resumed: int = 0
    bad_rows: list[tuple[int, str]] = field(default_factory=list)
    """(line in the input, what is wrong with it)"""


def run_batch(
    assistant: Assistant,
    source: Path,
    target: Path,
    *,
    resume: bool = False,
    advance: Callable[[], None] = lambda: None,
    bad_row: Callable[[int, str], None] = lambda line, reason: None,
) -> BatchReport:
    """Answer every row. Finished answers are on disk at once; with `resume` those of a killed run are kept.

    Raises QuestionFileError if a file cannot be read or written; a bad row is reported and the rest goes on.
    No file is touched before the questions were read to their end, nor before answers to be kept were compared.
    """
    _check_ending(source, INPUTS, "read")
    _check_ending(target, OUTPUTS, "written")
    report = BatchReport()
    # A table is written at the end; until then its answers wait, safe from a killed run, in a file of lines.
    lines = target if target.suffix.lower() == ".jsonl" else target.with_name(f"{target.name}.partial.jsonl")
    if source.resolve() in (target.resolve(), lines.resolve()):
        raise QuestionFileError(f"{source} holds the questions; name another file for the answers")
    asked = [(row.id, row.question) for _, row in read_rows(source) if isinstance(row, BatchQuestion)]
    try:
        done = _finished(lines) if resume else []
        if not all(record.keys() >= _RECORD for record in done) or asked[: len(done)] != [
            (record["id"], record["question"]) for record in done
        ]:
            raise QuestionFileError(f"{lines} does not hold the answers to {source}; start anew without --resume")
        # A last line that a killed run wrote by half is written again.
        with lines.open("wb") as out:
            out.writelines(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in done)
        with lines.open("ab", buffering=0) as out:
            for number, row in read_rows(source):
                if isinstance(row, str):
                    report.bad_rows.append((number, row))
                    bad_row(number, row)
                elif report.resumed < len(done):
                    report.resumed += 1
                else:
                    record = _answer(assistant, row)
                    out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                    if record["answered"]:
                        report.answered += 1
                    else:
                        report.declined += 1
                advance()
        if lines != target:
            write_table = _write_csv if target.suffix.lower() == ".csv" else _write_xlsx
            write_table(_finished(lines), target)
            lines.unlink()
    except OSError as error:
        raise QuestionFileError(f"cannot write {target}: {error.strerror or error}") from error
    return report


def count_rows(source: Path) -> int:
    """For a progress bar."""
    _check_ending(source, INPUTS, "read")
    return sum(1 for _ in read_rows(source))


def read_rows(source: Path) -> Iterator[tuple[int, BatchQuestion | str]]:
    """(line number, the row or what is wrong with it). Raises QuestionFileError if the file cannot be read."""
    rows = _read_csv(source) if source.suffix.lower() == ".csv" else _read_jsonl(source)
    for number, cells in rows:
        if isinstance(cells, str):
            yield number, cells
            continue
        try:
            row = BatchQuestion.model_validate(cells)
            orjson.dumps(row.model_extra)  # what is nested too deep cannot be carried through
            yield number, row
        except TypeError as error:
            yield number, str(error)
        except (ValidationError, json.JSONDecodeError) as error:
            if isinstance(error, ValidationError):
                problem = error.errors()[0]
                where = ".".join(str(part) for part in problem["loc"])
                yield number, f"{where}: {problem['msg']}" if where else str(problem["msg"])
            else:
                yield number, f"history: {error.msg}"


def _check_ending(path: Path, endings: tuple[str, ...], what: str) -> None:
    if path.suffix.lower() not in endings:
        raise QuestionFileError(f"{path}: only {', '.join(endings)} files can be {what}")


def _read_jsonl(source: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    try:
        with source.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    cells = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
                except orjson.JSONDecodeError as error:
                    yield number, f"not JSON ({error.msg})"
                    continue
                yield number, cells if isinstance(cells, dict) else 'not an object; {"question": "..."} was expected'
    except OSError as error:
        raise QuestionFileError(f"cannot read {source}: {error.strerror}") from error


def _read_csv(source: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="_more")
            if "question" not in (reader.fieldnames or ()):
                raise QuestionFileError(
                    f'{source} has no column "question" (its columns: {", ".join(reader.fieldnames or ["none"])})'
                )
            for cells in reader:
                if "_more" in cells:
                    yield reader.line_num, "more cells than the header has columns"
                else:
                    yield reader.line_num, {key: value for key, value in cells.items() if value is not None}
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{source} is not UTF-8 text; save it as CSV UTF-8") from error
    except csv.Error as error:
        raise QuestionFileError(f"{source} is not a CSV file: {error}") from error
    except OSError as error:
        raise QuestionFileError(f"cannot read {source}: {error.strerror}") from error


def _answer(assistant: Assistant, row: BatchQuestion) -> dict[str, Any]:
    """The answer record, and the input's other columns behind it."""
    record = assistant.ask(row.question, row.history, language=row.language, id=row.id).to_dict()
    for name, value in (row.model_extra or {}).items():
        record[_free_name(name, record)] = value
    return record


def _free_name(name: str, taken: Container[str]) -> str:
    while name in taken:
        name = f"input_{name}"
    return name


def _finished(lines: Path) -> list[dict[str, Any]]:
    """The whole records of an earlier run; a line that was cut off is left out."""
    records: list[dict[str, Any]] = []
    if lines.exists():
        for line in lines.read_bytes().splitlines(keepends=True):
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                break
            if not line.endswith(b"\n") or not isinstance(record, dict):
                break
            records.append(record)
    return records


def _table(records: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """Header and rows."""
    extra = list(dict.fromkeys(name for record in records for name in record if name not in _RECORD))
    headings = ["id", "question", *_COLUMNS]
    for name in extra:
        headings.append(_free_name(name, headings))
    yield headings
    for record in records:
        numbers = dict.fromkeys(citation["number"] for citation in record["citations"])
        closest = [] if record["answered"] else [passage["number"] for passage in record["passages"][:3]]
        yield [
            record["id"],
            record["question"],
            "yes" if record["answered"] else "no",
            record["text"],
            record["confidence"],
            record["mode"],
            ", ".join(str(number) for number in numbers),
            "\n".join(citation["quote"] for citation in record["citations"]),
            "\n".join(record["not_answered"]),
            ", ".join(str(number) for number in closest),
            record["notice"],
            *(_cell(record.get(name)) for name in extra),
        ]


def _cell(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else orjson.dumps(value).decode()


def _write_csv(records: list[dict[str, Any]], target: Path) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets read the letters
        for row in _table(records):
            # A spreadsheet would run a cell that begins like a formula.
            csv.writer(file).writerow(
                [f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell for cell in row]
            )


def _write_xlsx(records: list[dict[str, Any]], target: Path) -> None:
    book = Workbook(write_only=False)
    sheet = book.active
    sheet.title = "Answers"
    for row in _table(records):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
        for cell in sheet[sheet.max_row]:
            if cell.data_type in ("f", "e"):  # text such as "=1" or "#N/A" is text
                cell.data_type = "s"
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJK", (12, 50, 10, 80, 11, 10, 14, 80, 40, 18, 40), strict=True):
        sheet.column_dimensions[column].width = width
    book.save(target)
