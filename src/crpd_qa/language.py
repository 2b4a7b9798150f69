"""Which language a question is in. English unless it plainly is another."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from lingua import IsoCode639_1, LanguageDetector

Language = Literal["en", "ru", "kk", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_ENGLISH = re.compile(
    r"\b(?:the|of|is|was|were|what|which|who|how|when|where|why|and|to|with|that|this|do|does|did|have|has|can|are"
    r"|for|any|there|it|by|paras?|articles?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_KAZAKH_QUESTION = re.compile(r"\b(?:ма|ме|ба|бе|па|пе)\W*$", re.IGNORECASE)
"""The particle that ends a question: short ones typed in Russian letters are hardly told apart otherwise."""
_ROMANCE = re.compile(
    r"[^\x00-\x7f]|\b(?:le|la|les|des|du|que|qui|est|sont|dans|pour|el|los|las|del|por|con|una|es|hay)\b", re.IGNORECASE
)
_PLACE = re.compile(r"\b(?:para(?:graph)?s?|pars?|art(?:icle)?s?)\b\.?\s*\d[\d\s,–-]*", re.IGNORECASE)
"""A place as English writes it. "para" is what Spanish says most often, and "art" is French: they tell nothing here."""
FEW_WORDS = 2
SURE = 0.8
"""How likely another language must be without an accent or a common word of it: names and nonsense look like any."""
SURE_OF_NEW = 0.7
"""The same of one or two words that no document uses: most that English has are in one. Of 600 English words, 1.5 %
would be taken for French or Spanish; of words that only those have, 62 % and 73 % are told."""


@cache
def _detector() -> "LanguageDetector":
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_iso_codes_639_1(*_codes()).build()


def _codes() -> "list[IsoCode639_1]":
    from lingua import IsoCode639_1

    return [getattr(IsoCode639_1, name.upper()) for name in LANGUAGES]


def in_other_script(text: str) -> bool:
    """Whether a third of the letters or more are neither Latin nor Cyrillic: none of LANGUAGES is written so."""
    letters = [character for character in unicodedata.normalize("NFKC", text) if character.isalpha()]
    other = sum(not unicodedata.name(character, "").startswith(("LATIN", "CYRILLIC")) for character in letters)
    return 0 < len(letters) <= 3 * other


def is_place_alone(text: str) -> bool:
    """Whether it is a number, "para. 107" or "art 27" and no more: people of all languages write that."""
    return not words_of(_PLACE.sub(" ", text))


def words_of(text: str) -> list[str]:
    """In small letters, in order, without figures."""
    return _WORD.findall(text.lower())


class KnownWords:
    """Which words are written in which language, and how often: of one or two words a detector cannot tell much."""

    def __init__(self, counts: Mapping[Language, Counter[str]]) -> None:
        """By language, how often each word is used; those of the example messages of the program are added."""
        self._counts: dict[Language, Counter[str]] = {}
        for language, own in counts.items():
            examples = files("crpd_qa") / "data" / f"help.{language}.txt"
            self._counts[language] = own + Counter(words_of(examples.read_text("utf-8")))
        self._totals = {language: counts.total() or 1 for language, counts in self._counts.items()}

    def language(self, words: list[str]) -> Language | None:
        """English if it uses all these words, else the one that does so most often; None if none does.

        English is the report's: what stands in it is found as it is.
        """
        if all(self._counts["en"][word.lower()] for word in words):
            return "en"
        shares = {
            language: min(counts[word.lower()] / self._totals[language] for word in words)
            for language, counts in self._counts.items()
        }
        best = max(shares, key=lambda language: shares[language])
        return best if shares[best] else None

    def possible(self, words: list[str]) -> set[Language]:
        """The languages that use every one of these words that any language uses; none if they are all new."""
        users = [{name for name, counts in self._counts.items() if counts[word.lower()]} for word in words]
        return set.intersection(*(known for known in users if known)) if any(users) else set()


def detect(question: str, known: Callable[[], KnownWords] | None = None, before: Sequence[str] = ()) -> Language:
    """The language of a question (lingua, restricted to those that can be answered).

    Of one or two words, the language that they are `known` in; where only one of two is, the likeliest language, if
    the word is known in that. What names a place and says no more ("para 107") is in the language of the messages
    `before` it, oldest first. The detector's models (160 MB in memory) are only loaded for what is not plain English.
    """
    if is_place_alone(question):
        return detect(before[-1], known, before[:-1]) if before else "en"
    words = _WORD.findall(question)
    beside, places = _PLACE.subn(" ", question)
    said = words_of(beside)
    if places and known and len(said) <= FEW_WORDS:
        if language := known().language(said):
            return language
        if not _CYRILLIC.search(beside) and not _ROMANCE.search(beside):
            return "en"
    possible: set[Language] = set()
    sure = SURE
    if known and 0 < len(words) <= FEW_WORDS:
        if language := known().language(words):
            return language
        possible = known().possible(words)
        sure = SURE if possible else SURE_OF_NEW
    cyrillic = 2 * sum(bool(_CYRILLIC.search(word)) for word in words) > len(words)
    if not cyrillic and (not words or (question.isascii() and len(_ENGLISH.findall(question)) * 4 >= len(words))):
        return "en"
    likely = _detector().compute_language_confidence_values(" ".join(words))[0]
    name = likely.language.iso_code_639_1.name.lower()
    if name in possible:
        return name
    if cyrillic:
        return "kk" if name == "kk" or _KAZAKH_QUESTION.search(question) else "ru"
    wanted = 0.5 if _ROMANCE.search(" ".join(words)) else sure
    return next((x for x in LANGUAGES if x == name and x in ("fr", "es") and likely.value >= wanted), "en")
