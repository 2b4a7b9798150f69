"""Which printed numbers number a document's paragraphs: those that follow one another in the column of numbers."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

NUMBER = re.compile(r"(\d{1,4})(?:\.(?!\d)\s*|\t)(?=\S)")
"""At the start of a paragraph; a few documents forget a full stop, and have the gap behind it."""
_FARTHEST_SKIP = 12
_COLUMN = 7.0  # points by which numbers of one column may differ


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block that begins with a number. One without a full stop is not `clear`: only its turn makes it a number."""

    block: int
    number: int
    left: float
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Numbered:
    """A block that is a numbered paragraph. `repeat` counts how often the number was there before."""

    block: int
    number: int
    repeat: int = 0


def chain(candidates: Sequence[Candidate]) -> list[Numbered]:
    """The candidates that number paragraphs, in order.

    A number that comes in turn is one. One that jumps ahead is one only if the number in turn never comes (the
    document skips it); one that goes back is one only if the document does not go on afterwards from where it was
    (else it numbers a list inside a paragraph).
    """
    first = _follow(candidates)
    columns = Counter(round(candidates[index].left / _COLUMN) for index in first)
    usual = {column + near for column, count in columns.items() if count >= 0.05 * len(first) for near in (-1, 0, 1)}
    inside = [c for c in candidates if round(c.left / _COLUMN) in usual]
    seen: Counter[int] = Counter()
    found = []
    for index in _follow(inside):
        candidate = inside[index]
        found.append(Numbered(candidate.block, candidate.number, seen[candidate.number]))
        seen[candidate.number] += 1
    return found


def _follow(candidates: Sequence[Candidate]) -> list[int]:
    where: dict[int, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        where[candidate.number].append(index)

    def comes_later(number: int, after: int) -> bool:
        places = where.get(number, [])
        return bisect_right(places, after) < len(places)

    found: list[int] = []
    expected = 1
    for index, candidate in enumerate(candidates):
        number = candidate.number
        if number == expected:
            accepted = candidate.clear or bool(found)
        elif not candidate.clear:
            accepted = False
        elif number > expected:
            skipped = range(expected, min(number, expected + _FARTHEST_SKIP + 1))
            accepted = number - expected <= _FARTHEST_SKIP and not any(comes_later(n, index) for n in skipped)
            if not found:  # a document, or an extract of one, may begin with any number
                accepted = accepted or (not comes_later(1, index) and comes_later(number + 1, index) and number < 1000)
        elif number == expected - 1:
            accepted = comes_later(expected, index)
        else:
            accepted = not comes_later(expected, index) and comes_later(number + 1, index)
        if accepted:
            found.append(index)
            expected = number + 1
    return found
