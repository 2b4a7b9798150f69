"""One JSON object a line."""

import codecs
from collections.abc import Iterator

import orjson

from crpd_qa.batch.encoding import decode
from crpd_qa.batch.question import BadRow, Cells, column_names


def read_jsonl(content: bytes, name: str) -> Iterator[tuple[int, Cells | BadRow]]:
    """(line, cells). A line that is not UTF-8 is a bad row; the rest of the file is read."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # PowerShell's ">"
        content = decode(content, name)[0].encode()
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            cells = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield number, BadRow(f"not JSON ({error.msg})", {"line": line.decode("utf-8", "replace").strip()})
            continue
        if isinstance(cells, dict):
            yield number, dict(zip(column_names(list(cells)), cells.values(), strict=True))
        else:
            reason = 'not an object; {"question": "..."} was expected'
            yield number, BadRow(reason, {"line": line.decode("utf-8", "replace").strip()})
