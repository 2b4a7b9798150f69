"""A question a line; or what Excel saves as "Unicode text", a table with tabs."""

from collections.abc import Iterator

from crpd_qa.batch.from_delimited import read_delimited, separator
from crpd_qa.batch.question import BadRow, Cells


def read_txt(text: str, name: str) -> Iterator[tuple[int, Cells | BadRow]]:
    """(line, cells)."""
    found = separator(text, ["\t"])
    if found:
        yield from read_delimited(text, name, found)
        return
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.strip():
            yield number, {"question": line.strip()}
