"""A CSV file in which nothing is a formula, whatever separator the spreadsheet that opens it takes."""

import csv
import io
import re
from typing import Any, BinaryIO

from crpd_qa.batch.record import Record
from crpd_qa.batch.table import table

_SIGN = r"[+\-＋－] (?! [0-9.,]+ [ ]*"
# Where a spreadsheet can begin a cell: at a cell's own start; and, where its separator is not a comma, so that our
# quotation marks do not hold, at a line's start and behind that separator. A number that ends where the spreadsheet
# ends the cell is none: behind a semicolon, at the next one. The wide signs are formulas in Japan.
_FORMULA = re.compile(rf"""
    (?: \A (?= [\t\r] | ["\s]* (?: [=@＝＠] | {_SIGN} \Z) ) )
      | (?<=([\r\n\t;|])) (?= (?:"|[^\S\r\n\t])* (?: [=@＝＠] | {_SIGN} (?: \1 | [\r\n] | \Z) ) ) ) )
    """, re.VERBOSE)  # fmt: skip


def write_csv(records: list[Record], file: BinaryIO) -> None:
    """Every cell in quotation marks; an apostrophe before what would be a formula. Plain numbers stay as they are."""
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        file.write("\ufeff".encode())  # the mark lets spreadsheets read the letters
        for row in table(records):
            writer.writerow([harmless(cell) for cell in row])
            file.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()


def harmless(cell: Any) -> Any:
    """The cell with an apostrophe at each place where a formula would begin."""
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell
