"""Which printed numbers number a document's paragraphs: those that follow one another in the column of numbers."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median

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
    main: bool = True
    """Whether it stands in the column in which most numbers stand."""
    headed: bool = False
    """Whether a heading stands right before it."""


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
    column = _main_column(candidates)
    inside = [replace(c, main=abs(c.left - column) <= _COLUMN) for c in candidates]
    seen: Counter[int] = Counter()
    found = []
    for index in _follow(inside):
        candidate = inside[index]
        found.append(Numbered(candidate.block, candidate.number, seen[candidate.number]))
        seen[candidate.number] += 1
    return found


def _runs_to(last: int, candidates: Sequence[Candidate], index: int) -> bool:
    """Whether the numbers from here on follow one another, without another between them, to `last`."""
    number = candidates[index].number
    for candidate in islice(candidates, index + 1, None):
        if not candidate.main:
            continue
        if candidate.number != number + 1:
            return False
        number += 1
        if number >= last:
            return True
    return False


def _main_column(candidates: Sequence[Candidate]) -> float:
    """Where the longest chain stands; lists inside paragraphs are set further in."""
    columns: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        columns[round(candidate.left / _COLUMN)].append(candidate)
    if not columns:
        return 0.0
    longest = max(columns, key=lambda column: (len(_follow(columns[column])), -column))
    return median(candidate.left for candidate in columns[longest])


def _follow(candidates: Sequence[Candidate]) -> list[int]:
    where: dict[int, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        if candidate.main:
            where[candidate.number].append(index)

    def comes_later(number: int, after: int) -> bool:
        places = where.get(number, [])
        return bisect_right(places, after) < len(places)

    found: list[int] = []
    expected = 1
    for index, candidate in enumerate(candidates):
        number = candidate.number
        if number == expected:
            accepted = (candidate.clear or bool(found)) and (candidate.main or not comes_later(number, index))
        elif not candidate.clear or not candidate.main:
            accepted = False
        elif number > expected:
            skipped = range(expected, min(number, expected + _FARTHEST_SKIP + 1))
            accepted = number - expected <= _FARTHEST_SKIP and not any(comes_later(n, index) for n in skipped)
            if not found:  # a document, or an extract of one, may begin with any number
                accepted = accepted or (not comes_later(1, index) and comes_later(number + 1, index) and number < 1000)
        elif candidate.headed and _runs_to(expected, candidates, index):
            accepted = True  # a part of the document begins anew, or a number is printed twice
        elif number == expected - 1:
            accepted = comes_later(expected, index)
        else:
            accepted = not comes_later(expected, index) and comes_later(number + 1, index)
        if accepted:
            found.append(index)
            expected = number + 1
    return found
