"""A paragraph's text as HTML: its lines as paragraphs and lists, the words that are quoted marked or alone."""

import re
from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

Spans = list[tuple[int, int]]
Lines = list[tuple[bool, Markup]]
"""Each line of a text, and whether it is an item of a list."""

_LINE = re.compile(r"(• )?([^\n]+)")
_LEFT_OUT = Markup(' <span class="left-out">…</span> ')


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same characters as spans in order, none of which touches another: what is quoted twice is marked once."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def mark(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """The text with what the spans hold in <mark>, its lines kept."""
    pieces: list[Markup] = []
    position = 0
    for start, end in joined(spans):
        pieces += [escape(text[position:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        position = end
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def marked_lines(text: str, spans: Spans) -> Lines:
    """All of a paragraph."""
    return [(bool(line[1]), mark(line[2], _within(spans, line.start(2), line.end(2)))) for line in _LINE.finditer(text)]


def quoted_lines(text: str, spans: Spans, strong: Spans) -> Lines:
    """What the spans hold, without the rest; "…" where something between two of them in a line is left out.

    What `strong` holds is marked.
    """
    found: Lines = []
    for line in _LINE.finditer(text):
        start, end, html = line.start(2), 0, Markup("")
        for a, b in _within(joined(spans), start, line.end(2)):
            if html:
                html += _LEFT_OUT if line[2][end:a].strip() else line[2][end:a]
            html += mark(line[2][a:b], _within(strong, start + a, start + b))
            end = b
        if html:
            found.append((bool(line[1]), html))
    return found


def blocks(lines: Iterable[tuple[bool, Markup]]) -> list[tuple[bool, list[Markup]]]:
    """Items of a list together, lines that are none together."""
    return [(listed, [html for _, html in own]) for listed, own in groupby(lines, key=lambda line: line[0])]


def _within(spans: Spans, start: int, end: int) -> Spans:
    """The parts of spans within [start, end), counted from `start`."""
    return [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
