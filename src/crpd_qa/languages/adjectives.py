"""States by their adjectives: "South African children", «чилийские школы», "les écoles arméniennes".

`adjectives.tsv` has them as they stand in a dictionary, and where people are called otherwise ("Spaniard") these too.
Forms, and where an adjective speaks of a language rather than of a State, are in each language's file.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from babel import Locale

from crpd_qa.language import Language
from crpd_qa.languages.states import StateNamed, declined, fold, key_of, same_capitals, states_named
from crpd_qa.languages.tables import FOLDER, table
from crpd_qa.store import stop_words

_WORD = re.compile(r"\w+(?:-\w+)*")
"""Its parts belong together: "Russian-speaking", "afro-américain"."""
_STOP_WORDS = {"en": stop_words.ENGLISH, "ru": stop_words.RUSSIAN}
MOST_WORDS = 3
"""Of an adjective: "Papua New Guinean"."""
_WITHIN = " \t\xa0'\"«»“”„"
"""What may stand between words of a clause."""
MOST_LINKED = 8
"""Words of a list of adjectives: "in Armenian, Russian and Kurdish"."""


class _Adjective(NamedTuple):
    written: str
    """As it stands in a dictionary."""
    codes: tuple[str, ...]
    """Several where States share it ("Congolese"), none of what is no State ("Latin American")."""
    ordinary: bool
    """Whether it is one only with its own capital letters: "polish"."""
    elsewhere: bool
    """Whether it is the name of a language too, or of a people that lives in other States too."""


def states_described(text: str, language: Language) -> list[StateNamed]:
    """The States whose adjectives a text has, in order, but for adjectives that speak of a language."""
    known = _adjectives(language)
    folded = fold(text)
    words = [word.span() for word in _WORD.finditer(folded)]
    shouted = text.upper() == text
    found: list[StateNamed] = []
    first = 0
    while first < len(words):
        for last in range(min(first + MOST_WORDS, len(words)) - 1, first - 1, -1):
            start, end = words[first][0], words[last][1]
            key = _folded_key(folded[start:end])
            if adjective := known.get(key):
                shown = not adjective.ordinary or (not shouted and same_capitals(adjective.written, text[start:end]))
                if shown and not _speaks_of_language(key, folded, words, (first, last), language):
                    found += [StateNamed(code, start, end) for code in adjective.codes]
                first = last
                break
        first += 1
    return found


def describes_elsewhere(adjective: str, language: Language) -> bool:
    """Whether it may stand for no State: Russian is spoken in many, and Indians are peoples of America too.

    What is a State's name as well, as «Noruega», does stand for it.
    """
    known = _adjectives(language).get(key_of(adjective))
    return known is not None and known.elsewhere and not states_named(adjective, language)


def _speaks_of_language(
    key: str, folded: str, words: Sequence[tuple[int, int]], place: tuple[int, int], language: Language
) -> bool:
    adjective = _adjectives(language)[key]
    if not adjective.elsewhere:
        return False
    rules = table(language, "states")["languages"]
    before, after = (_beside(folded, words, place[side], step, language) for side, step in ((0, -1), (1, 1)))
    if any(fnmatchcase(word, own) for word in (before, after) for own in rules["beside"]):
        return True
    if not rules["declined"] and key != key_of(adjective.written):
        return False
    if rules["noun_follows"]:
        return not after or after in _STOP_WORDS.get(language, ())
    return before in rules["before"]


def _beside(folded: str, words: Sequence[tuple[int, int]], place: int, step: int, language: Language) -> str:
    """The next word that way that is not in a list with it; "" where none stands in the same clause."""
    linking = table(language, "states")["languages"]["linking"]
    for other in range(place + step, place + step * MOST_LINKED, step):
        if not 0 <= other < len(words):
            return ""
        left, right = sorted((other, other - step))
        between = folded[words[left][1] : words[right][0]].strip(_WITHIN)
        word = folded[slice(*words[other])]
        own = _folded_key(word)
        in_list = word in linking or own in _adjectives(language) or own in _languages(language)
        if between and not (between == "," and in_list):
            return ""
        if not in_list:
            return word
    return ""


def _folded_key(words: str) -> str:
    """`key_of` them, where they are folded: quicker, as all words of a text are tried."""
    return " ".join(words.replace("-", " ").split())


@cache
def _adjectives(language: Language) -> dict[str, _Adjective]:
    """By every form."""
    words = table(language, "states")
    ordinary = {key_of(word) for word in words["ordinary_words"]}
    found: dict[str, _Adjective] = {}
    for code, written in (*dictionary(language), *(("", name) for name in words["not_states"])):
        key = key_of(written)
        for form in declined(key, words["adjectives"]):
            codes = (*(found[form].codes if form in found else ()), code) if code else ()
            found[form] = _Adjective(written, codes, key in ordinary, key in _languages(language))
    return found


def dictionary(language: Language) -> Iterator[tuple[str, str]]:
    """Codes and adjectives as they stand in the file."""
    lines = (FOLDER / "adjectives.tsv").read_text("utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        yield from ((row["code"], written) for written in row[language].split("|") if written)


@cache
def _languages(language: Language) -> frozenset[str]:
    """Names of languages, the Unicode CLDR's and others."""
    rules = table(language, "states")["languages"]
    names = [name.removesuffix(rules.get("word", "")) for name in Locale(language).languages.values()]
    return frozenset(map(key_of, (*names, *rules["others"])))
