"""A question rewritten by a language model, and the check that it still asks the same."""

import re
from collections.abc import Sequence

from crpd_qa.answer.names import alike, sound
from crpd_qa.language import Language, detect

MAX_CHARACTERS = 500

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?] )(?<![¿¡«])(?<!^)\b[A-ZА-ЯЁӘҒҚҢӨҰҮІҺ][\w'’-]*\w")
# "I", and what opens a question, are no names wherever they stand.
_NO_NAME = frozenset(("I", "And", "What", "Which", "Who", "When", "Where", "Why", "How", "Is", "Are", "Do", "Does"))


def accepted(written: str, question: str, history: Sequence[str], language: Language = "en") -> str:
    """The rewritten question, or "" if it is none, asks something else, or is in another language than asked for.

    It has every number and name of the question; it has those of the question before it too, unless the question
    brings numbers (or names) of its own; and it has none that neither of them has. Names are compared only where
    all is written in one script, and by their sound outside English: there they are inflected.
    """
    lines = [line.strip().strip("\"'“”*`") for line in written.strip().splitlines() if line.strip()]
    if len(lines) != 1 or not 0 < len(lines[0]) <= MAX_CHARACTERS:
        return ""
    if in_other_script(lines[0]) if language == "en" else detect(lines[0]) != language:
        return ""
    scripts = {in_other_script(text) for text in (lines[0], question, *history)}
    kinds = [_NUMBER, _NAME] if len(scripts) == 1 else [_NUMBER]
    earlier = list(history[-1:])
    for kind in kinds:
        here = _found(kind, lines[0])
        own, before = _found(kind, question), _found(kind, *earlier)
        known = _words(question, *history) if kind is _NAME else own | _found(kind, *history)
        by_sound = kind is _NAME and language != "en"
        if not _within(own if own else before, here, by_sound) or not _within(here, known, by_sound):
            return ""
    return lines[0]


def _within(some: set[str], others: set[str], by_sound: bool) -> bool:
    if not by_sound:
        return some <= others
    return all(any(alike(sound(one), sound(other)) for other in others) for one in some)


def in_other_script(text: str) -> bool:
    """Whether most letters are not Latin."""
    letters = [c for c in text if c.isalpha()]
    return sum(c.isascii() or c < "\u0250" for c in letters) * 2 < len(letters)


def _found(kind: re.Pattern[str], *texts: str) -> set[str]:
    found = {item for text in texts for item in kind.findall(text)} - _NO_NAME
    return {item.replace(",", "") if kind is _NUMBER else item.lower() for item in found}


def _words(*texts: str) -> set[str]:
    """Every word, in lower case: a name may have been typed without a capital."""
    return {word.lower() for text in texts for word in re.findall(r"\w[\w'’-]*\w|\w", text)}
