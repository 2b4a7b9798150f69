"""A row of answers: the answer's record with the input's other columns behind it, or what was wrong with a row."""

from collections.abc import Container
from dataclasses import fields
from typing import Any

import orjson

from crpd_qa.answer import Answer
from crpd_qa.batch.question import BadRow, BatchQuestion, Cells

Record = dict[str, Any]

ANSWER = frozenset(field.name for field in fields(Answer))
ERROR = "error"


def answer_record(answer: Answer, row: BatchQuestion) -> Record:
    """An answer, as `Answer.to_dict` has it."""
    return _with_columns(answer.to_dict(), {**row.scope_columns, **(row.model_extra or {})})


def bad_record(bad: BadRow, place: str) -> Record:
    """A row that was not asked: not answered, with `error`, and with all of it that could be read."""
    known = {name: value for name in ("id", "question") if (value := bad.cells.get(name)) is not None}
    record = {"id": None, "question": "", **known, "answered": False, ERROR: f"{place}: {bad.reason}"}
    record = _with_columns(record, {name: value for name, value in bad.cells.items() if name not in known})
    try:
        orjson.dumps(record)
    except TypeError:  # nested too deep
        return {"id": None, "question": "", "answered": False, ERROR: record[ERROR]}
    return record


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or `input_name` where an answer has that name itself."""
    while name in taken:
        name = f"input_{name}"
    return name


def _with_columns(record: Record, columns: Cells) -> Record:
    taken = {*record, *ANSWER, ERROR}
    for name, value in columns.items():
        own = free_name(name, taken)
        taken.add(own)
        record[own] = value
    return record
