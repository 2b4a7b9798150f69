"""States by their names, as people write them and as documents print them, in every language of questions.

Names are the Unicode CLDR's (Babel); `states.tsv` adds the United Nations' and everyday ones: in each cell first the
name to show (empty: CLDR's), then others. Endings and names that are ordinary words too are in each language's file.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.core import get_global

from crpd_qa.language import LANGUAGES, Language
from crpd_qa.languages.tables import FOLDER, table

EUROPEAN_UNION = "EU"
"""A party to the Convention without an ISO 3166 alpha-3 code: the United Nations' symbols call it so."""
_NO_TERRITORY = re.compile(r"QU|X[^K]|ZZ|EZ|UN")
"""Codes of CLDR's own, for tests and groups."""
_GAP = r"[\s\-()]{1,3}"
_SEPARATORS = re.compile(r"[\s\-()]+")
_SENTENCE_ENDS = frozenset(".!?…:\n")
_BEFORE_A_WORD = frozenset(" \t\xa0\"'«“¿¡(-")
_WORD_START = re.compile(r"(?<![\w@.])\w")
_FIRST_LETTERS = 2
"""By which names are sorted: most words of a text begin no State's name."""
MIN_DECLINED = 3
"""Letters of the shortest word that takes case endings."""


class StateNamed(NamedTuple):
    """A State that a text names: `text[start:end]` is its name as written, ending included."""

    code: str
    start: int
    end: int


def state_code(name: str) -> str | None:
    """ISO 3166 alpha-3 of a State by its code or its whole name in any language and any case; None if there is none."""
    given = name.strip()
    if len(given) == 2 and given.isupper() and given in _alpha_3():
        return _alpha_3()[given]
    key = key_of(given)
    return _codes().get(key) or _by_name().get(key)


def state_name(code: str, language: str) -> str:
    """The name to show people; the code itself if it is none of a State."""
    known = language if language in LANGUAGES else "en"
    return _shown(known).get(code, code)


def states_named(text: str, language: Language) -> list[StateNamed]:
    """The States that a text names, in order, in all their cases, typed with capital letters or without.

    A name that is an ordinary word too («того», "us") counts only with its own capital letters.
    """
    names = _names(language)
    shouted = text.upper() == text
    folded = fold(text)
    found: list[StateNamed] = []
    end = 0
    for word in _WORD_START.finditer(folded):
        start = word.start()
        beginning = folded[start : start + _FIRST_LETTERS]
        candidates = _candidates(language, beginning) if beginning in names else None
        match = candidates.pattern.match(folded, start) if candidates is not None and start >= end else None
        if match is None or candidates is None:
            continue
        end = match.end()
        name = candidates.by_group[str(match.lastgroup)]
        if not name.code:
            continue
        if name.ordinary:
            if shouted or not same_capitals(name.written, text[start:end]):
                continue
            if name.begins_sentences and _begins_sentence(text, start):
                continue
        found.append(StateNamed(name.code, start, end))
    return found


class _Name(NamedTuple):
    written: str
    code: str
    """Empty for what is no State: "Latin America"."""
    ordinary: bool
    begins_sentences: bool


class _Names(NamedTuple):
    """Names with the same first letters."""

    pattern: re.Pattern[str]
    by_group: dict[str, _Name]


@cache
def _names(language: Language) -> dict[str, tuple[_Name, ...]]:
    """First letters -> the names that begin so, the longest first."""
    words = table(language, "states")
    ordinary, first = ({key_of(word) for word in words[name]} for name in ("ordinary_words", "first_words"))
    named = {key_of(name): (name, "") for name in words["not_states"]}
    for code, names in _all_names(language).items():
        for name in names:
            named.setdefault(key_of(name), (name, code))
    found: dict[str, tuple[_Name, ...]] = {}
    for key in sorted(named, key=lambda key: (-key.count(" "), -len(key))):
        known = _Name(*named[key], key in ordinary, key in first)
        beginning = fold(known.written)[:_FIRST_LETTERS]
        found[beginning] = (*found.get(beginning, ()), known)
    return found


@cache
def _candidates(language: Language, beginning: str) -> _Names:
    by_group = {f"n{position}": name for position, name in enumerate(_names(language)[beginning])}
    patterns = (f"(?P<{group}>{_inflected(name.written, language)})" for group, name in by_group.items())
    return _Names(re.compile(rf"(?:{'|'.join(patterns)})(?!\w)"), by_group)


def _begins_sentence(text: str, start: int) -> bool:
    while start and text[start - 1] in _BEFORE_A_WORD:
        start -= 1
    return not start or text[start - 1] in _SENTENCE_ENDS


def _inflected(name: str, language: Language) -> str:
    """A pattern of the name, folded, in all its cases."""
    words = table(language, "states")
    parts = [fold(part) for part in _SEPARATORS.split(name) if part]
    if _is_abbreviation(name):
        return _GAP.join(re.escape(part) for part in parts)
    if cases := words.get("cases"):
        return _GAP.join(_any_form(part, cases) for part in parts)
    joined = _GAP.join(re.escape(part).replace("'", r"['\s]?") for part in parts)
    endings = sorted(map(fold, words.get("endings", ())), key=len, reverse=True)
    return joined + (f"(?:-?(?:{'|'.join(endings)}))?" if endings else "")


def _any_form(word: str, cases: dict[str, list[str]]) -> str:
    if len(word) < MIN_DECLINED:
        return re.escape(word)
    forms = sorted(map(re.escape, declined(word, cases)), key=len, reverse=True)
    return f"(?:{'|'.join(forms)})"


def declined(word: str, cases: dict[str, list[str]]) -> set[str]:
    """A word's forms, all folded, by a language's table of endings."""
    ending = next(word[cut:] for cut in range(len(word) + 1) if word[cut:] in cases)
    return {word[: len(word) - len(ending)] + fold(form) for form in cases[ending]}


def _is_abbreviation(name: str) -> bool:
    return name.upper() == name


def same_capitals(name: str, written: str) -> bool:
    """Whether all that is a capital letter in the name is one here; endings are not compared."""
    return all(b.isupper() for a, b in zip(name, written, strict=False) if a.isupper())


@cache
def _alpha_3() -> dict[str, str]:
    """CLDR's alpha-2 -> ISO 3166 alpha-3; of two, today's: the other is a State that is no more."""
    today = set(_table())
    found = {"EU": EUROPEAN_UNION}
    for alpha_3, territories in sorted(get_global("territory_aliases").items()):
        if len(alpha_3) != 3 or not alpha_3.isalpha() or len(territories) != 1:
            continue
        (territory,) = territories
        if not _NO_TERRITORY.match(territory) and (territory not in found or alpha_3 in today):
            found[territory] = alpha_3
    return found


@cache
def _codes() -> dict[str, str]:
    """Alpha-3 in lower case -> alpha-3: also what a State was before it changed its name."""
    found = {code.lower(): code for code in _alpha_3().values()}
    for alpha_3, territories in get_global("territory_aliases").items():
        if len(alpha_3) == 3 and alpha_3.isalpha() and len(territories) == 1 and territories[0] in _alpha_3():
            found.setdefault(alpha_3.lower(), _alpha_3()[territories[0]])
    return found


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    """Code -> language -> the cell's names, the one to show first ("" where CLDR's serves)."""
    lines = (FOLDER / "states.tsv").read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["code"]: {language: row[language].split("|") for language in LANGUAGES} for row in rows}


def _all_names(language: Language) -> dict[str, list[str]]:
    """Code -> names, CLDR's among them where it is one that people write."""
    territories = Locale(language).territories
    found: dict[str, list[str]] = {}
    for territory, code in _alpha_3().items():
        cldr = territories.get(territory, "")
        own = _table().get(code, {}).get(language, [""])
        names = [own[0] or cldr, *own[1:], *([] if "(" in cldr or " - " in cldr else [cldr])]
        found[code] = list(dict.fromkeys(variant for name in names if name for variant in _variants(name)))
    return found


def _variants(name: str) -> Iterator[str]:
    yield name
    if "&" in name:
        yield name.replace("&", "and")
    if name.startswith("St. "):
        yield "Saint " + name.removeprefix("St. ")
    if "о-ва" in name:
        yield name.replace("о-ва", "острова")


@cache
def _shown(language: Language) -> dict[str, str]:
    return {code: names[0] for code, names in _all_names(language).items() if names}


@cache
def _by_name() -> dict[str, str]:
    """Every name in every language, English first where two States share one."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, names in _all_names(language).items():
            for name in names:
                found.setdefault(key_of(name), code)
    return found


def key_of(name: str) -> str:
    """What is the same in all ways to write a name."""
    return " ".join(_words(fold(name)))


def _words(folded: str) -> Iterable[str]:
    return (word for word in _SEPARATORS.split(folded.replace("'", " ")) if word)


def fold(text: str) -> str:
    """Lower case, without accents of Latin letters, one kind of apostrophe and dash; as long as the text."""
    return "".join(map(_folded, text))


@cache
def _folded(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    if character in "’‘ʼ`´":
        return "'"
    lower = character.lower()[0]
    base = unicodedata.normalize("NFD", lower)[0]
    return base if base.isascii() or lower == "ё" else lower
