"""Whether a translation says what its English sentence says: no more, no less, not the opposite.

The English sentence has been checked against the report (support.py), so what says the same is borne out too. Figures,
names, negations and quantifiers are compared by rule; the rest by vectors of a multilingual model, where the index
has one. `eval/translation_faults.py` counts on faults put into true translations how much of it is caught.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from pydantic import BaseModel, ConfigDict

from crpd_qa.answer.figures import Figure, figures
from crpd_qa.answer.names import Names, alike, sound
from crpd_qa.answer.support import SupportCheck
from crpd_qa.answer.translation_words import (
    BOUNDS,
    GENERAL_CYRILLIC,
    NEGATION,
    ORDINARY,
    QUANTIFIERS,
    TRANSLATED_NAMES,
)
from crpd_qa.documents import Document
from crpd_qa.encode import Floats
from crpd_qa.encode.multilingual import TextEncoder
from crpd_qa.language import Language, detect
from crpd_qa.languages.states import state_name, states_named

REASONS = {
    "another": "it does not say what the English sentence says",
    "added": "it says more than the English sentence",
}
WINDOW, STRIDE = 5, 2
"""Words in a row that are left out, and how far apart such parts begin."""
MAX_PARTS = 100
"""No sentence has more to leave out; each makes a text of its own, which is encoded."""

_ROMAN = {"II": "2", "III": "3", "IV": "4"}
_ROMAN_NUMERAL = re.compile(r"\b(?:II|III|IV)\b")
_IMPLIED: dict[float, re.Pattern[str]] = {
    1: re.compile(r"\b(?:one|first|an?|single)\b", re.IGNORECASE),
    2: re.compile(r"\b(?:both|half|halved|twice|double\w*|pair|couple|second|twofold)\b", re.IGNORECASE),
    3: re.compile(r"\b(?:third|tripl\w+)\b", re.IGNORECASE),
    4: re.compile(r"\bquarter", re.IGNORECASE),
}
"""English words that a translation may say with a number."""
_NO_PROSE = re.compile(r"https?://|www\.|[@<>{}\[\]|\\]")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_CYRILLIC_NAME = re.compile(r"(?<![\w«\".-])(?<!^)(?<![.!?:] )[А-ЯЁӘҒҚҢӨҰҮҺІ][\w-]+")
_ACRONYM = re.compile(r"(?<![\w-])[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]{2,6}(?![\w])")
_CUT = re.compile(
    r"(?:(?<!\s)\s+)?[,;:()–—]+\s*"
    r"|(?<!\s)\s+(?=(?:and|but|which|who|because|и|а|но|котор\w+|және|ал|бірақ|et|mais|qui|y|pero|que)\s)"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """`fault` says which rule is broken, in words for the model, or is ""; then `features` are what is judged."""

    fault: str
    features: dict[str, float]


class TranslationModels(BaseModel):
    """For each of `REASONS` a model of the probability that it is so."""

    model_config = ConfigDict(frozen=True)

    usual: dict[str, dict[str, float]]
    """By language, the medians of true translations: features are compared as differences from them."""
    by_vectors: dict[str, SupportCheck]
    by_length: dict[str, SupportCheck]
    """Where the index has no multilingual part."""


@cache
def translation_models() -> TranslationModels:
    """The models of this version."""
    path = files("crpd_qa") / "data" / "translation-models.json"
    return TranslationModels.model_validate_json(path.read_text("utf-8"))


class TranslationChecker:
    """Compares translations with their English sentences."""

    def __init__(self, document: Document, encoder: TextEncoder | None) -> None:
        """`encoder`: the library's multilingual one, if it has one."""
        self._names = Names.of(document)
        self._document = document
        self._encoder = encoder
        self._vector: Callable[[str], Floats] = lru_cache(1024)(self._encode)

    def check(self, english: Sequence[str], translations: Sequence[str], language: Language) -> list[str]:
        """What is wrong with each translation, in words for a repair prompt; "" for those that hold.

        `english` and `translations` are the sentences of one answer, in the same order, as many of one as of the other.
        """
        faults = []
        for number, (sentence, translation) in enumerate(zip(english, translations, strict=True)):
            compared = self.compare(sentence, translation, language)
            nearer = "" if compared.fault else self._nearer(number, english, translation)
            faults.append(compared.fault or nearer or refusal(compared.features, language))
        return faults

    def compare(self, english: str, translation: str, language: Language) -> Compared:
        """A rule broken by one translation, or how near it is to its English sentence."""
        fault = (
            _broken_form(english, translation, language)
            or _broken_figures(english, translation, language)
            or self._broken_names(english, translation, language)
            or _broken_negation(english, translation, language)
            or _broken_quantifiers(english, translation, language)
        )
        return Compared(fault, {} if fault else self._features(english, translation))

    def _broken_names(self, english: str, translation: str, language: Language) -> str:
        names = " | ".join([*self._names.names(english), *self._names.subjects(english)])
        found = {sound(part) for word in _WORD.findall(translation) for part in re.split("[’'-]", word) if part}
        known = ""
        for name in TRANSLATED_NAMES:
            match = name.english.search(names)
            if match and not name.elsewhere[language].search(translation):
                return f'the name "{match[0]}" is missing'
            known += f"{match[0]} " if match else ""
        for word in _WORD.findall(re.sub(r"[’']s\b", "", " ".join(self._names.names(english)))):
            checked = (
                word in known
                or self._names.is_ordinary(word)
                or ORDINARY & {word.lower(), word.lower().removesuffix("s")}
            )
            if not checked and not any(alike(sound(word.split("-")[0]), other) for other in found):
                return f'the name "{word}" is missing'
        said = {state.code for state in states_named(english, "en")} | {self._document.state}
        for state in states_named(translation, language):
            if state.code not in said and state_name(state.code, "en")[:4] not in english:
                return f'the name "{state_name(state.code, "en")}" is not in the English sentence'
        return _added_name(english, translation, language)

    def _nearer(self, number: int, english: Sequence[str], translation: str) -> str:
        if self._encoder is None or len(english) < 2:
            return ""
        cosines = [float(self._vector(sentence) @ self._vector(translation)) for sentence in english]
        return "" if int(np.argmax(cosines)) == number else "it is the translation of another sentence"

    def _features(self, english: str, translation: str) -> dict[str, float]:
        features = {"length": math.log(max(len(translation), 1) / max(len(english), 1))}
        if self._encoder is None:
            return features
        vector = self._vector(english)
        cosine = float(vector @ self._vector(translation))
        without = [float(vector @ self._vector(rest)) for rest in _without_parts(translation)]
        return features | {"cosine": cosine, "nearer_without_a_part": max(without, default=cosine - 0.05) - cosine}

    def _encode(self, text: str) -> Floats:
        assert self._encoder is not None
        vector: Floats = self._encoder.passages([text])[0]
        return vector


def refusal(features: dict[str, float], language: Language) -> str:
    """What the models say against a translation, in words for a repair prompt, or ""."""
    models = translation_models()
    compared = {name: value - models.usual[language].get(name, 0.0) for name, value in features.items()}
    for check, reason in REASONS.items():
        model = (models.by_vectors if "cosine" in features else models.by_length).get(check)
        if model and model.model.probability(compared) > model.threshold:
            return reason
    return ""


def _without_parts(text: str) -> list[str]:
    """The text without each of its clauses, and without each few words in a row; MAX_PARTS of them at most."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    cuts = [0, *(match.start() for match in _CUT.finditer(text)), len(text)]
    parts = {(a, b) for a, b in pairwise(cuts) if len(_WORD.findall(text[a:b])) >= 2}
    last = len(words) - WINDOW
    parts |= {(words[i][0], words[i + WINDOW - 1][1]) for i in {*range(0, last, STRIDE), max(last, 0)} if last > 0}
    left = (text[:a] + text[b:] for a, b in sorted(parts)[:MAX_PARTS])
    return [rest for rest in left if len(_WORD.findall(rest)) >= 2]


def _broken_form(english: str, translation: str, language: Language) -> str:
    words = _WORD.findall(translation)
    strange = _NO_PROSE.search(translation)
    if strange and strange[0] not in english:
        return f'"{strange[0]}" is not in the English sentence'
    if not words:
        return "there is no translation"
    if len(words) > 2 and detect(translation) != language:
        return "it is not in the language asked for"
    return ""


def _broken_figures(english: str, translation: str, language: Language) -> str:
    """Figures are the same on both sides, each as often."""
    english, translation = _with_digits(english), _with_digits(translation)
    said, told = figures(english), figures(translation, language)
    percentages = any(figure.kind == "percentage" for figure in told)
    left = list(told)
    for figure in said:
        same = [other for other in left if _same(figure, other, percentages)]
        if not same:
            return f'the figure "{english[figure.start : figure.end].strip()}" is missing'
        left.remove(next((other for other in same if other.kind == figure.kind), same[0]))
    for figure in left:
        text = translation[figure.start : figure.end].strip()
        spelled = not re.search(r"\d", text)
        again = spelled and any(figure.values[0] in other.values for other in said)
        implied = _IMPLIED.get(figure.values[0])
        if not again and not (implied and implied.search(english)):
            return f'the figure "{text}" is not in the English sentence'
    return ""


def _with_digits(text: str) -> str:
    return _ROMAN_NUMERAL.sub(lambda match: _ROMAN[match[0]], text.replace("І", "I"))


def _same(figure: Figure, other: Figure, percentages: bool) -> bool:
    if not any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in figure.values for b in other.values):
        return False
    if "month" in (figure.kind, other.kind) or (figure.kind == "percentage" and not percentages):
        return figure.kind == other.kind
    return figure.kind == "percentage" or other.kind != "percentage"


def _added_name(english: str, translation: str, language: Language) -> str:
    """A name of the translation that its English sentence lacks. French and Spanish names: acronyms only."""
    lower = english.lower()
    words = {sound(part) for word in _WORD.findall(english) for part in word.split("-")}
    known = [name for name in TRANSLATED_NAMES if name.english.search(english)]
    for name in known:
        translation = name.elsewhere[language].sub(" ", translation)
    # An acronym that is in no list may be spelled in any letters.
    free = sum(not any(name.english.search(acronym) for name in known) for acronym in _ACRONYM.findall(english))
    pattern = _CYRILLIC_NAME if language in ("ru", "kk") else _ACRONYM
    for match in pattern.finditer(translation):
        kinds = [name for name in TRANSLATED_NAMES if name.elsewhere[language].match(translation, match.start())]
        if kinds:
            borne_out = any(re.search(kind.english.pattern, lower, re.IGNORECASE) for kind in kinds)
        else:
            borne_out = (
                bool(GENERAL_CYRILLIC.match(match[0].lower()) and not match[0].isupper())
                or match[0] in _ROMAN
                or any(alike(sound(match[0].split("-")[0]), word) for word in words)
            )
            if not borne_out and free and match[0].isupper():
                borne_out, free = True, free - 1
        if not borne_out:
            return f'the name "{match[0]}" is not in the English sentence'
    return ""


def _broken_negation(english: str, translation: str, language: Language) -> str:
    """As many negations on both sides; a weak one that the other side lacks may stand for one."""
    said, said_weakly = NEGATION["en"].count(english)
    told, told_weakly = NEGATION[language].count(translation)
    if told + max(told_weakly - said_weakly, 0) < said:
        return "the English sentence has a negation that is missing"
    if said + max(said_weakly - told_weakly, 0) < told:
        return "it has a negation that the English sentence has not"
    return ""


def _broken_quantifiers(english: str, translation: str, language: Language) -> str:
    for kind, words in QUANTIFIERS.items():
        (plain, possible), (plain_there, possible_there) = words["en"], words[language]
        said, told = plain.search(english), plain_there.search(translation)
        if said and not told and not possible_there.search(translation):
            return f'"{said[0]}" is missing'
        if told and not said and not possible.search(english):
            return f'"{told[0]}" says "{kind}", which the English sentence does not'
    (up, down), (up_there, down_there) = BOUNDS["en"], BOUNDS[language]
    said_both = bool(up.search(english)), bool(down.search(english))
    told_both = bool(up_there.search(translation)), bool(down_there.search(translation))
    opposite = said_both == told_both[::-1] and any(said_both) and not all(said_both)
    if opposite and NEGATION["en"].count(english)[0] == NEGATION[language].count(translation)[0]:
        return "it bounds a figure the other way (at least, at most, more than, less than)"
    return ""
