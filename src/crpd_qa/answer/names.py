"""Proper names and acronyms of a sentence, and whether a text has them.

A name of several words must stand together: a paragraph that holds the Ministry of Health and the Labour Code does
not hold the Ministry of Labour. Across languages names are compared by their sound (anyascii), without case endings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from crpd_qa.documents import Document

_WORD = re.compile(r"\w[\w’'.-]*\w|\w")
_NAME = re.compile(r"(?<![\w-])[A-Z][\w’'-]*(?:(?: (?:of|and|for|on|the|to|in|with|against|de)){0,3} [A-Z][\w’'-]*)*")
_ACRONYM = re.compile(r"[A-Z]{2,}s?")
_SMALL = frozenset(
    [
        "of",
        "and",
        "for",
        "on",
        "the",
        "to",
        "in",
        "with",
        "against",
        "de",
        "a",
        "an",
        "by",
        "from",
        "at",
        "its",
        "their",
        "his",
        "her",
        "s",
    ]
)
_ENDING = re.compile(r"(?:ami|yami|ogo|ego|omu|emu|oj|ej|om|em|am|ah|yh|ov|ev|ij|yj|aya|oe|a|e|i|o|u|y|j)$")
_KAZAKH_ENDING = re.compile(r"(?:nin|din|tin|da|de|ta|te|dan|den|tan|ten|ga|ge|qa|ke|ny|ni|dy|di|ty|ti|dagy|degi|men)$")

PreparedText = tuple[list[str], list[str]]
"""Words of a text as it is, and with its acronyms spelled out."""


@dataclass(frozen=True)
class Names:
    """What one report tells about names: which words are names, which acronyms stand for what."""

    subject: frozenset[str]
    """Words of names that every paragraph may be said to speak of: the State, the Convention."""
    capitalized: frozenset[str]
    """Words that the report never writes in small letters."""
    acronyms: dict[str, str]
    """Spelled-out names by acronym, in small letters."""

    @classmethod
    @lru_cache(64)
    def of(cls, document: Document) -> "Names":
        small: set[str] = set()
        capital: set[str] = set()
        acronyms: dict[str, str] = {}
        for paragraph in document:
            for match in _WORD.finditer(paragraph.text):
                if match[0][0].islower():
                    small.add(_plain(match[0]))
                elif not _opens_sentence(paragraph.text, match.start()):
                    capital.add(_plain(match[0]))
            for match in re.finditer(r"(?<![\w’-])((?:[\w’-]+ ){2,9})\(([A-Z]{2,})\)", paragraph.text):
                words = match[1].split()
                for length in range(2, len(words) + 1):
                    tail = words[-length:]
                    if _initials(tail) == match[2].lower():
                        acronyms[match[2].lower()] = " ".join(tail).lower()
        title = {_plain(word) for word in re.findall(r"\b[A-Z]\w+", document.title)}
        general = "republic state government report article art chapter section paragraph act law code kazakh"
        return cls(
            subject=frozenset(title | set(general.split())),
            capitalized=frozenset(capital - small),
            acronyms=acronyms,
        )

    def prepare(self, text: str) -> "PreparedText":
        """A text to look names up in."""
        return _words(text), _words(self._spelled_out(text))

    def missing(self, sentence: str, texts: Iterable["PreparedText"]) -> str:
        """The first name of the sentence that none of the texts holds, or ""."""
        forms = [words for text in texts for words in text]
        return next((n for n in self.names(sentence) if not any(self._holds(words, n) for words in forms)), "")

    def names(self, sentence: str) -> list[str]:
        """Names and acronyms in Latin letters; the first word of a sentence only if the report knows it as a name."""
        found = []
        for match in _NAME.finditer(sentence):
            words = match[0].split()
            known = _plain(words[0]) in self.capitalized or _ACRONYM.fullmatch(words[0])
            if not known and _opens_sentence(sentence, match.start()):
                words = words[1:]
                while words and words[0].lower() in _SMALL:
                    words = words[1:]
            for part in re.split(r" and (?:the )?", " ".join(words)):
                if any(_plain(word) not in self.subject | _SMALL and len(word) > 1 for word in part.split()):
                    found.append(part)
        return found

    def subjects(self, sentence: str) -> list[str]:
        """The sentence's names of what the whole report is about: the State."""
        return [w for w in re.findall(r"\b[A-Z]\w+", sentence) if _plain(w) in self.subject & self.capitalized]

    def is_ordinary(self, word: str) -> bool:
        """Whether the report writes the word in small letters too, or it names what the whole report is about."""
        return _plain(word) not in self.capitalized or _plain(word) in self.subject

    def _spelled_out(self, text: str) -> str:
        return re.sub(r"[A-Z]{2,}", lambda match: self.acronyms.get(match[0].lower(), match[0]), text)

    def _holds(self, words: list[str], name: str) -> bool:
        """Whether the words of a name stand together in a text, in any order."""
        own = {_plain(word) for word in re.split(r"[ -]", name)} - _SMALL
        wanted = own - self.subject
        if _ACRONYM.fullmatch(name) and _holds_initials(words, name.removesuffix("s").lower()):
            return True
        if len(own) > 1 and _initials(name.split()) in words:
            return True
        return any(wanted <= set(words[i : i + len(own)]) for i, word in enumerate(words) if word in own)


def alike(one: str, other: str) -> bool:
    """Whether two sounds begin alike: endings differ between languages."""
    length = min(len(one), len(other), 4)
    return length >= min(len(one), 3) and one[:length] == other[:length]


@lru_cache(10_000)
def sound(word: str) -> str:
    """What spellings of a name in several languages agree on: "Алматы", "Almaty" -> "almt"."""
    latin = anyascii(word).lower()
    for ending in (_ENDING, _KAZAKH_ENDING):
        shorter = ending.sub("", latin)
        latin = shorter if len(shorter) >= 4 else latin
    for old, new in (
        ("kh", "h"),
        ("gh", "g"),
        ("sh", "s"),
        ("ch", "c"),
        ("zh", "j"),
        ("ts", "c"),
        ("q", "k"),
        ("w", "v"),
        ("x", "ks"),
    ):
        latin = latin.replace(old, new)
    return latin[:1] + re.sub(r"[aeiouyj'’-]", "", latin[1:])


def _plain(word: str) -> str:
    """Small letters, without a possessive or plural ending."""
    word = re.sub(r"[’']s?$", "", word.lower()).strip(".")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _words(text: str) -> list[str]:
    pieces = (piece for match in _WORD.finditer(text) for piece in re.split("-", match[0]))
    return [word for word in map(_plain, pieces) if word and word not in _SMALL]


def _initials(words: list[str]) -> str:
    return "".join(piece[0] for word in words if word.lower() not in _SMALL for piece in word.split("-")).lower()


def _holds_initials(words: list[str], acronym: str) -> bool:
    """Whether words in a row begin with the letters of an acronym; small words may stand between."""
    letters = "".join(word[0] for word in words if word not in _SMALL)
    return len(acronym) > 2 and acronym in letters


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip('«"“‘( ')
    return not before or before[-1] in ".!?:•"
