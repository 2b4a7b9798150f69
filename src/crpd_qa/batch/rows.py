"""A file of questions -> its rows, each ready to be asked or named with what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import ValidationError

from crpd_qa.batch.encoding import decode
from crpd_qa.batch.from_delimited import read_delimited
from crpd_qa.batch.from_jsonl import read_jsonl
from crpd_qa.batch.from_txt import read_txt
from crpd_qa.batch.from_xlsx import read_xlsx
from crpd_qa.batch.question import BadRow, BatchQuestion, Cells
from crpd_qa.errors import QuestionFileError

INPUTS = (".csv", ".tsv", ".xlsx", ".jsonl", ".txt")


@dataclass(frozen=True, slots=True)
class Questions:
    """The rows of a file, in order: (line, or row of a sheet, on which it begins; the row)."""

    source: Path
    rows: tuple[tuple[int, BatchQuestion | BadRow], ...]
    encoding: str = ""
    """How a text was read, where that had to be found out."""

    def place(self, number: int) -> str:
        """For people: "line 7"."""
        return f"{'row' if self.source.suffix.lower() == '.xlsx' else 'line'} {number}"


def read_questions(source: Path) -> Questions:
    """Read a file by its ending. Raises QuestionFileError if it cannot be read; a bad row is a row."""
    ending = source.suffix.lower()
    if ending not in INPUTS:
        raise QuestionFileError(f"{source}: only {', '.join(INPUTS)} files can be read")
    try:
        content = source.read_bytes()
    except OSError as error:
        raise QuestionFileError(f"cannot read {source}: {error.strerror}") from error
    encoding = ""
    if ending == ".jsonl":
        rows = read_jsonl(content, str(source))
    elif ending == ".xlsx":
        rows = read_xlsx(content, str(source))
    else:
        text, encoding = decode(content, str(source))
        rows = read_txt(text, str(source)) if ending == ".txt" else read_delimited(text, str(source))
    return Questions(source, tuple(_checked(rows)), "" if encoding.startswith("utf-8") else encoding)


def _checked(rows: Iterator[tuple[int, Cells | BadRow]]) -> Iterator[tuple[int, BatchQuestion | BadRow]]:
    for number, cells in rows:
        if isinstance(cells, BadRow):
            yield number, cells
            continue
        try:
            row = BatchQuestion.model_validate(cells)
            orjson.dumps(row.model_extra)  # what is nested too deep cannot be carried through
            yield number, row
        except TypeError as error:
            yield number, BadRow(str(error), {name: cells[name] for name in ("id", "question") if name in cells})
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            said = problem["msg"].removeprefix("Value error, ")
            yield number, BadRow(f"{where}: {said}" if where else said, cells)
