"""An Excel workbook: every text is a text, wrapped in its column, below a header that stays in view."""

from io import BytesIO
from tempfile import gettempdir
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from crpd_qa.batch.record import Record
from crpd_qa.batch.table import table

MAX_CHARACTERS = 32_767
"""Of a cell, in Excel."""
NARROWEST, WIDEST = 8, 70


def write_xlsx(records: list[Record], file: BinaryIO) -> None:
    """One sheet. Raises OSError."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Answers"
    sheet.freeze_panes = "A2"
    widths: dict[int, int] = {}
    wrapped = Alignment(wrap_text=True, vertical="top")
    for line, row in enumerate(table(records), start=1):
        for column, value in enumerate(row, start=1):
            if value is None or value == "":
                continue
            cell = sheet.cell(line, column)
            _set(cell, value)
            cell.alignment = wrapped
            if line == 1:
                cell.font = Font(bold=True)
            widths[column] = max(widths.get(column, 0), *(len(part) for part in str(cell.value).split("\n")))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, NARROWEST), WIDEST)
    whole = BytesIO()
    try:
        book.save(whole)
    except Exception as error:  # it writes temporary files, and where there is no room its parts raise their own kinds
        raise OSError(f"the workbook cannot be put together in {gettempdir()} ({error})") from error
    file.write(whole.getvalue())


def _set(cell: Cell, value: Any) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.value = text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
    if cell.data_type in ("f", "e"):  # "=1" and "#N/A" are text, and stay text when somebody edits the cell
        cell.data_type = "s"
        cell.quotePrefix = True
