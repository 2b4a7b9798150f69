"""Words about people that are fine to find something by, and are never shown in the program's own voice."""

import re
from functools import cache

from crpd_qa.languages.tables import table

_WORD = re.compile(r"\w[\w’'-]*")


def respectful(text: str, language: str) -> bool:
    """Whether a text holds none of its language's words that hurt."""
    words = [word.lower() for word in _WORD.findall(text)]
    return not any(_begins_with_one(words[n : n + 4], language) for n in range(len(words)))


def _begins_with_one(words: list[str], language: str) -> bool:
    phrases = _phrases(language).get(words[0][:2], ())
    return any(len(words) >= len(phrase) and all(map(_is, words, phrase)) for phrase in phrases)


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@cache
def _phrases(language: str) -> dict[str, list[list[str]]]:
    """By the first two letters."""
    found: dict[str, list[list[str]]] = {}
    for phrase in table(language, "respect").get("never_shown", ()):
        found.setdefault(phrase[:2], []).append(phrase.split())
    return found
