"""Whether the figures of a sentence stand for the same in the paragraphs that it cites: each is asked for.

"Forums exist in 34 provinces." becomes "Forums exist in how many provinces?", and the reader looks for the answer, as
questions check summaries (QAGS, Wang et al. 2020). Where it would rather have another figure, the checker weighs the
sentence with either. Each by itself is often mistaken; both together, about the same figure, seldom are.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

from crpd_qa.answer.figures import Figure, Kind, figures
from crpd_qa.check.checker import Checker, Part
from crpd_qa.documents import Paragraph
from crpd_qa.read.reader import Reader

ASKED: Mapping[Kind, str] = {"number": "how many", "percentage": "what percentage", "year": "which year"}
CHECKER = 2.0
"""What a logit of the checker's counts beside one of the reader's."""
MISPLACED = 3.0
"""Both together, above which the paragraphs have another figure in the place of the sentence's."""
MOST = 4
"""Other figures that the checker weighs: those that the reader would rather have."""


class _Place(NamedTuple):
    """A figure of the paragraphs."""

    figure: Figure
    words: str
    """As it is written."""
    logit: float
    """That it is what the question asks for, as the reader sees it."""


def misplaced(sentence: str, paragraphs: Sequence[Paragraph], reader: Reader, checker: Checker, state: str = "") -> str:
    """The figure of the sentence in whose place the paragraphs have another one, as it is written; or "".

    Those in digits that the paragraphs have as well are looked at. `state` is the name of the State whose the
    paragraphs are. Raises ModelError.
    """
    said = figures(sentence)
    asked = [f for f in said if f.kind in ASKED and any(map(str.isdigit, _words(sentence, f)))]
    held = [(paragraph, figures(paragraph.text)) for paragraph in paragraphs] if asked else []
    places = {figure: _places(sentence, figure, held, reader) for figure in asked}
    for figure in asked:
        gains: dict[Part, float] = {}
        for place in places[figure]:
            there = next((f for f in said if f != figure and _same(f, place.figure)), None)
            gain = _gain(places[figure], figure, place.figure)
            if there:  # it stands where it belongs, unless the two were exchanged
                gain = (gain + _gain(places.get(there, []), there, figure)) / 2
            if gain > 0:
                gains[_with(sentence, figure, place.words, there)] = gain
        likeliest = sorted(gains, key=lambda part: -gains[part])[:MOST]
        if not likeliest:
            continue
        own, *others = checker.weigh([Part(sentence, figure.start, figure.end), *likeliest], paragraphs, state)
        if any(
            gains[part] + CHECKER * (own - other) > MISPLACED for part, other in zip(likeliest, others, strict=True)
        ):
            return _words(sentence, figure)
    return ""


def _places(
    sentence: str, figure: Figure, held: Sequence[tuple[Paragraph, list[Figure]]], reader: Reader
) -> list[_Place]:
    """The paragraphs' figures of its kind, if there are others than it; `held` are all of each paragraph."""
    alike = [(paragraph, [f for f in found if f.kind == figure.kind]) for paragraph, found in held]
    own = [_same(figure, f) for _, found in alike for f in found]
    if all(own) or not any(own):
        return []
    question = f"{_with(sentence, figure, ASKED[figure.kind]).text.rstrip('. ')}?"
    return [
        _Place(f, _words(p.text, f), float(logits[f.start : f.end].max()))
        for p, found in alike
        if found
        for logits in [reader.where(question, p)]
        for f in found
    ]


def _gain(places: Sequence[_Place], own: Figure, other: Figure) -> float:
    """How much rather the reader would have the other figure: logits. -inf if it has not seen both."""
    seen = [max((p.logit for p in places if _same(f, p.figure)), default=-inf) for f in (own, other)]
    return seen[1] - seen[0] if min(seen) > -inf else -inf


def _same(one: Figure, other: Figure) -> bool:
    return one.stands_for(other) or other.stands_for(one)


def _words(text: str, figure: Figure) -> str:
    return text[figure.start : figure.end].strip()


def _with(sentence: str, figure: Figure, words: str, there: Figure | None = None) -> Part:
    """The sentence with other words in a figure's place, and the figure `there`, where these words stand."""
    changes = [(figure, words), *([(there, _words(sentence, figure))] if there else [])]
    text, start = sentence, figure.start
    for own, new in sorted(changes, key=lambda change: -change[0].start):
        text = text[: own.start] + new + text[own.end :]
        start += (len(new) - (own.end - own.start)) * (own.start < figure.start)
    return Part(text, start, start + len(words))
