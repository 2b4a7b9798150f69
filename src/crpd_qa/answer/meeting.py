"""Where a composed sentence meets the quotation that bears it out, for a person to compare them."""

import re

from crpd_qa.answer.figures import figures
from crpd_qa.store.lexical import terms

Spans = tuple[tuple[int, int], ...]
_WORD = re.compile(r"\w[\w’'-]*")


def said(sentence: str) -> frozenset[str]:
    """What a sentence says, whatever its order and its small words: stems."""
    return frozenset(terms(sentence))


def meeting(sentence: str, quotation: str) -> Spans:
    """[start, end) in the quotation of the words, by their stems, and the figures, by their values, that the sentence
    has too. Small words between two of them belong to them.
    """
    stems, named = said(sentence), figures(sentence)
    held = figures(quotation)
    parts = [(f.start, f.end, any(own.stands_for(f) for own in named)) for f in held]
    for match in _WORD.finditer(quotation):
        own = terms(match[0])
        if own and not any(f.start <= match.start() < f.end for f in held):
            parts.append((*match.span(), stems.issuperset(own)))
    found: list[tuple[int, int]] = []
    goes_on = False
    for start, end, meets in sorted(parts):
        if meets and goes_on:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif meets:
            found.append((start, end))
        goes_on = meets
    return tuple(found)
