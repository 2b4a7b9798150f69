"""Everyday words -> the words that reports use. The data is `data/glossary.jsonl`, one concept a line."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

_WORD = re.compile(r"\w+")
_TYPED_ALIKE = str.maketrans("қғгүұөәіңһбё", "кккууоаинхпе")
"""Kazakh is often typed with Russian letters; and a stem's last к, қ, п turns г, ғ, б before a vowel."""
_GLOSSARIES = {"kk": ("kk", "ru")}
"""Kazakh questions hold Russian words."""


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[tuple[str, bool], ...]
    """(word or stem, whether any ending may follow)"""
    report: str


MAX_GAP = 2
"""Words that may stand between those of an entry."""


def everyday_words(language: str) -> Counter[str]:
    """How often each whole word, in small letters, stands in the glossary's entries of a language."""
    phrases = (phrase for concept in _concepts() for phrase in concept[language])
    return Counter(word for phrase in phrases for word in phrase.lower().split() if word.isalpha())


@cache
def _concepts() -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (files("crpd_qa") / "data" / "glossary.jsonl").read_bytes().splitlines()]


@cache
def _entries(language: str) -> dict[str, list[_Entry]]:
    """By the first three letters of the first word."""
    found: dict[str, list[_Entry]] = defaultdict(list)
    for concept in _concepts():
        for phrase in (p for name in _GLOSSARIES.get(language, (language,)) for p in concept[name]):
            words = tuple((word.removesuffix("*"), word.endswith("*")) for word in _folded(phrase, language).split())
            found[words[0][0][:3]].append(_Entry(words, concept["report"].split(", ")[0]))
    return found


def report_words(text: str, language: str) -> list[str]:
    """What reports most often call the things that a text names in everyday words or in another language, in order."""
    entries = _entries(language)
    words = _WORD.findall(_folded(text, language))
    found: list[str] = []
    for i, word in enumerate(words):
        found += [entry.report for entry in entries.get(word[:3], ()) if _matches(entry, words, i)]
    return list(dict.fromkeys(found))


def _folded(text: str, language: str) -> str:
    return text.lower().translate(_TYPED_ALIKE) if language in ("ru", "kk") else text.lower()


def _matches(entry: _Entry, words: list[str], position: int) -> bool:
    """Whether the entry's words begin at that position of a text's."""
    for n, (wanted, open_ended) in enumerate(entry.words):
        window = words[position : position + (MAX_GAP + 1 if n else 1)]
        for step, word in enumerate(window):
            if word == wanted or (open_ended and word.startswith(wanted)):
                position += step + 1
                break
        else:
            return False
    return True
