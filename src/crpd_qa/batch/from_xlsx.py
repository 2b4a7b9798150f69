"""An Excel workbook: the first sheet that has a column "question"."""

import datetime
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from crpd_qa.batch.question import BadRow, Cells, column_names
from crpd_qa.errors import QuestionFileError

MAX_UNPACKED = 200_000_000
"""Bytes. A workbook is a ZIP file: a small one can hold more than any memory."""

Row = tuple[int, list[Any]]


def read_xlsx(content: bytes, name: str) -> Iterator[tuple[int, Cells | BadRow]]:
    """(row as Excel counts it, its cells). Of formulas the value that Excel saved. Raises QuestionFileError."""
    headers = []
    for header, rows in _sheets(content, name):
        columns = column_names([_text(value) for value in header])
        if "question" in columns:
            yield from ((number, _by_name(columns, cells)) for number, cells in rows)
            return
        headers.append(", ".join(filter(None, map(_text, header))) or "nothing")
    raise QuestionFileError(
        f'{name}: no sheet has a column "question" (their first rows: {"; ".join(headers)[:200] or "none"}); '
        "name the columns in the first row"
    )


def _sheets(content: bytes, name: str) -> Iterator[tuple[list[Any], list[Row]]]:
    """(header, rows that hold anything) of each sheet that is seen."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MAX_UNPACKED:
            raise QuestionFileError(f"{name} would take {unpacked:,} bytes unpacked; {MAX_UNPACKED:,} are read")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # what a sheet says of its own size may be wrong
            rows = [
                (number, list(cells))
                for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
                if any(_text(value) for value in cells)
            ]
            if rows:
                yield rows[0][1], rows[1:]
    except QuestionFileError:
        raise
    except Exception as error:  # openpyxl raises what its parts raise: ZIP, XML, key and value errors
        raise QuestionFileError(
            f"{name} cannot be read as an Excel workbook ({error}); save it anew as .xlsx"
        ) from error


def _by_name(columns: list[str], cells: list[Any]) -> Cells | BadRow:
    values = [_value(value) for value in cells]
    row = dict(zip(columns, values, strict=False))
    more = {f"column {n}": x for n, x in enumerate(values[len(columns) :], start=len(columns) + 1) if _text(x)}
    return BadRow("more cells than the header has columns", row | more) if more else row


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _value(value: Any) -> Any:
    """As JSON can hold it."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else str(value)
