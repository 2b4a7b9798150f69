"""Rows of questions -> a file of answers, in order, resumable."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout

from crpd_qa.assistant import Assistant
from crpd_qa.batch.question import BadRow, BatchQuestion
from crpd_qa.batch.record import ANSWER, ERROR, Record, answer_record, bad_record
from crpd_qa.batch.replace import put_in_place, replacing
from crpd_qa.batch.rows import Questions
from crpd_qa.batch.to_csv import write_csv
from crpd_qa.batch.to_xlsx import write_xlsx
from crpd_qa.errors import DocumentNotFoundError, QuestionFileError
from crpd_qa.library import Library
from crpd_qa.scope import EVERYWHERE, Scope

OUTPUTS = (".jsonl", ".csv", ".xlsx")
LINE = orjson.OPT_APPEND_NEWLINE


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
    questions: Questions,
    target: Path,
    *,
    scope: Scope = EVERYWHERE,
    resume: bool = False,
    advance: Callable[[], None] = lambda: None,
    bad_row: Callable[[int, str], None] = lambda number, reason: None,
) -> BatchReport:
    """Answer every row, in its own scope or in `scope`.

    A bad row is reported and stands in the answers with its `error`; the rest goes on.

    Answers are written to `TARGET.partial.jsonl` as they come; when all are there they take the place of `target`,
    which until then is untouched. With `resume` the answers of a killed run are kept, or, where there is none, those
    in `target` itself if it is JSONL. Raises QuestionFileError if a file cannot be written, is being written by another
    run, or holds other answers.
    """
    questions = replace(questions, rows=tuple((n, _to_be_asked(row, assistant.library)) for n, row in questions.rows))
    target = Path(os.path.realpath(target))  # behind a link, the file itself is replaced
    partial = target.with_name(f"{target.name}.partial.jsonl")
    _check_target(questions.source, target, partial)
    with _alone(target):
        return _run(assistant, questions, target, partial, scope, advance, bad_row, resume=resume)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Raises QuestionFileError while another run writes the same file."""
    lock = target.with_name(f".{target.name}.lock")
    try:
        with FileLock(lock, timeout=0):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout:
        raise QuestionFileError(f"another run is writing {target}; wait for it, or name another file") from None
    except OSError as error:
        raise QuestionFileError(f"cannot write {target}: {error.strerror or error}") from error


def _run(
    assistant: Assistant,
    questions: Questions,
    target: Path,
    partial: Path,
    scope: Scope,
    advance: Callable[[], None],
    bad_row: Callable[[int, str], None],
    *,
    resume: bool,
) -> BatchReport:
    kept = (partial if partial.exists() else target if _is_jsonl(target) else None) if resume else None
    done, whole = _finished(kept) if kept else ([], 0)
    if kept and not _same(done, questions, scope):
        raise QuestionFileError(f"{kept} does not hold the answers to {questions.source}; start anew without --resume")
    report = BatchReport()
    try:
        if done and kept == target:
            with replacing(partial) as file, target.open("rb") as old:
                shutil.copyfileobj(old, file)
        if done:
            os.truncate(partial, whole)  # a last line that a killed run wrote by half is written again
        with partial.open("ab" if done else "wb") as out:
            for position, (number, row) in enumerate(questions.rows):
                if isinstance(row, BadRow):
                    report.bad_rows.append((number, row.reason))
                    bad_row(number, row.reason)
                if position >= len(done):
                    out.write(orjson.dumps(_record(assistant, questions, number, row, scope, report), option=LINE))
                    out.flush()
                elif not isinstance(row, BadRow):
                    report.resumed += 1
                advance()
            os.fsync(out.fileno())
        _publish(partial, target)
    except OSError as error:
        reached = f"; the answers so far are in {partial}: go on with --resume" if _finished(partial)[0] else ""
        raise QuestionFileError(f"cannot write {target}: {error.strerror or error}{reached}") from error
    return report


def _to_be_asked(row: BatchQuestion | BadRow, library: Library) -> BatchQuestion | BadRow:
    """A row that names a document which the library does not have is a bad one."""
    if isinstance(row, BadRow):
        return row
    try:
        library.require(row.narrowed)
    except DocumentNotFoundError as error:
        return BadRow(str(error), row.model_dump(by_alias=True, exclude_unset=True))
    return row


def _record(
    assistant: Assistant,
    questions: Questions,
    number: int,
    row: BatchQuestion | BadRow,
    scope: Scope,
    report: BatchReport,
) -> Record:
    if isinstance(row, BadRow):
        return bad_record(row, questions.place(number))
    answer = assistant.ask(row.question, row.history, language=row.language, scope=row.narrowed or scope, id=row.id)
    if answer.answered:
        report.answered += 1
    else:
        report.declined += 1
    return answer_record(answer, row)


def _check_target(source: Path, target: Path, partial: Path) -> None:
    """Before the first question is asked. Raises QuestionFileError."""
    if target.suffix.lower() not in OUTPUTS:
        raise QuestionFileError(f"{target}: only {', '.join(OUTPUTS)} files can be written")
    for written in (target, partial):
        if written.exists() and written.samefile(source):
            raise QuestionFileError(f"{source} holds the questions; name another file for the answers")
    if not target.parent.is_dir():
        raise QuestionFileError(f"cannot write {target}: {target.parent} is no folder")
    if target.is_dir():
        raise QuestionFileError(f"cannot write {target}: it is a folder")
    if target.exists() and not os.access(target, os.W_OK):
        raise QuestionFileError(f"cannot write {target}: it is read-only")


def _is_jsonl(path: Path) -> bool:
    return path.suffix.lower() == ".jsonl"


def _finished(lines: Path) -> tuple[list[Record], int]:
    """The whole records of an earlier run, and where they end; a line that was cut off is left out."""
    records: list[Record] = []
    end = 0
    if lines.exists():
        for line in lines.read_bytes().splitlines(keepends=True):
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                break
            if not line.endswith(b"\n") or not isinstance(record, dict):
                break
            records.append(record)
            end += len(line)
    return records, end


def _same(done: list[Record], questions: Questions, scope: Scope) -> bool:
    """Whether records are those of the first rows, looked for where they are to be: a question narrows that only."""
    if len(done) > len(questions.rows):
        return False
    for record, (number, row) in zip(done, questions.rows, strict=False):
        if isinstance(row, BadRow):
            if record != orjson.loads(orjson.dumps(bad_record(row, questions.place(number)))):
                return False
        elif (
            not record.keys() >= ANSWER
            or [record["id"], record["question"], ERROR in record] != [row.id, row.question, False]
            or not _within(record["scope"], row.narrowed or scope)
        ):
            return False
    return True


def _within(told: dict[str, list[Any]], scope: Scope) -> bool:
    return all(told.get(name) and set(told[name]) <= set(values) for name, values in scope.to_dict().items())


def _publish(partial: Path, target: Path) -> None:
    if _is_jsonl(target):
        put_in_place(partial, target)
        return
    records, _ = _finished(partial)
    with replacing(target) as file:
        (write_csv if target.suffix.lower() == ".csv" else write_xlsx)(records, file)
    partial.unlink()
