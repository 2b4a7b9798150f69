"""Records -> header and rows of a table."""

from collections.abc import Iterator
from typing import Any

import orjson

from crpd_qa.batch.record import ANSWER, ERROR, Record, free_name

HEADINGS = (
    "id",
    "question",
    "answered",
    "text",
    "confidence",
    "mode",
    "paragraphs",
    "quotes",
    "not_answered",
    "closest_paragraphs",
    "notice",
    ERROR,
)
"""What a table holds of an answer, before the input's other columns."""


def table(records: list[Record]) -> Iterator[list[Any]]:
    """Header and rows."""
    other = [name for name in dict.fromkeys(n for record in records for n in record) if name not in {*ANSWER, ERROR}]
    headings = dict.fromkeys(HEADINGS)
    for name in other:
        headings[free_name(name, headings)] = None
    yield list(headings)
    for record in records:
        answer = _answer(record) if ERROR not in record else [""] * (len(HEADINGS) - 4)
        yield [
            _cell(record["id"]),
            _cell(record["question"]),
            "yes" if record["answered"] else "no",
            *answer,
            record.get(ERROR, ""),
            *(_cell(record.get(name)) for name in other),
        ]


def _answer(record: Record) -> list[Any]:
    numbers = dict.fromkeys(citation["number"] for citation in record["citations"])
    closest = [] if record["answered"] else [passage["number"] for passage in record["passages"][:3]]
    return [
        record["text"],
        record["confidence"],
        record["mode"],
        ", ".join(str(number) for number in numbers),
        "\n".join(citation["quote"] for citation in record["citations"]),
        "\n".join(record["not_answered"]),
        ", ".join(str(number) for number in closest),
        record["notice"],
    ]


def _cell(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else orjson.dumps(value).decode()
