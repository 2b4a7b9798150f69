"""Figures in a text, as values: 651,900 = 651 900 = 651.9 thousand; "3.7 per cent" = "3,7 %"; dates in any order.

English, Russian and Kazakh.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["number", "percentage", "year", "month", "ordinal"]

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_ORDINALS = {
    **{word + "th": n for word, n in _WORDS.items()},
    **{word[:-1] + "ieth": n for word, n in _WORDS.items() if word.endswith("y")},
    **{"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12},
}
_SCALES = (
    (r"hundred", 100),
    (r"thousand|тыс(?:яч\w*|\.)?|мың\w*", 1_000),
    (r"million|mn|млн\.?|миллион\w*", 1_000_000),
    (r"billion|bn|млрд\.?|миллиард\w*", 1_000_000_000),
)
_SCALE = "|".join(pattern for pattern, _ in _SCALES)
_PERCENT = r"\s*(?:%|per\s?cents?\b|percentage points?\b|процент\w*|пайыз\w*)"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<digits>\d+(?:[ \u00a0\u202f]\d{{3}}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?P<ordinal>(?:st|nd|rd|th)\b|-(?:й|я|е|го|му|м|ом|ая|ое|ый|ой|ші|шы|інші|ыншы|нші|ншы)\b)?"
    rf"(?:[ \u00a0-](?P<scale>{_SCALE})(?!\w))?(?P<percent>{_PERCENT})?",
    re.IGNORECASE,
)
_WORD_NUMBER = "|".join(sorted({*_WORDS, *_ORDINALS}, key=len, reverse=True))
_SPELLED = re.compile(
    rf"\b(?P<words>(?:{_WORD_NUMBER}|(?<=\ba )(?:hundred|thousand))"
    rf"(?:[ -](?:hundred(?: and)?|thousand(?: and)?|{_WORD_NUMBER})\b)*)"
    rf"(?P<fold>fold)?\b(?:[ \u00a0-](?P<scale>{_SCALE})(?!\w))?(?P<percent>{_PERCENT})?",
    re.IGNORECASE,
)
_RUSSIAN = {
    2: r"дв(?:а|е|ух|ум|умя)|оба|обе",
    3: r"тр(?:и|ёх|ех|ём|ем|емя)",
    4: r"четыр(?:е|ёх|ех|ём|ем|ьмя)",
    5: r"пят(?:ь|и|ью)",
    6: r"шест(?:ь|и|ью)",
    7: r"сем(?:ь|и|ью)",
    8: r"вос(?:емь|ьми|емью)",
    9: r"девят(?:ь|и|ью)",
    10: r"десят(?:ь|и|ью)",
}
_KAZAKH = {2: "екі", 3: "үш", 4: "төрт", 5: "бес", 6: "алты", 7: "жеті", 8: "сегіз", 9: "тоғыз"}
_CYRILLIC = [
    (re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE), n)
    for table in (_RUSSIAN, _KAZAKH)
    for n, forms in table.items()
]
_MONTHS = (
    r"january|jan\.?|январ\w*|қаңтар\w*",
    r"february|feb\.?|феврал\w*|ақпан\w*",
    r"march|mar\.|март\w*|наурыз\w*",
    r"april|apr\.?|апрел\w*|сәуір\w*",
    r"may(?=\s+\d)|(?:(?<=\d )|(?<=in )|(?<=since )|(?<=by ))may|мая|май|мае|мамыр\w*",
    r"june|jun\.|июн\w*|маусым\w*",
    r"july|jul\.|июл\w*|шілде\w*",
    r"august|aug\.|август\w*|тамыз\w*",
    r"september|sept?\.|сентябр\w*|қыркүйе\w*",
    r"october|oct\.|октябр\w*|қазан(?:да|дағы|ы)?",
    r"november|nov\.|ноябр\w*|қараша\w*",
    r"december|dec\.|декабр\w*|желтоқсан\w*",
)
_MONTH = [(re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE), n) for n, names in enumerate(_MONTHS, start=1)]
_ISO_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b|\b(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d{4})\b")
_IN_TEN = re.compile(
    r"\b(?P<n>one|two|three|four|five|six|seven|eight|nine) (?:in|out of)(?: every)? (?:ten|10)\b", re.IGNORECASE
)
_THIRD = re.compile(r"\b(?P<n>a|one|two)[ -]thirds?\b(?= of| are| were| ha[ds]| have|[,.;)])", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|some|close to|over|more than|около|почти|примерно|более|"
    r"шамамен|жуық)\s+$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:–|-|to|and|or|,|и|до|және|мен)\s*(?:between\s+|nearly\s+|almost\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end) of its text. A comma before three digits is read both ways outside English."""

    values: tuple[float, ...]
    kind: Kind
    start: int
    end: int
    rounding: float = 0.0
    """How far a value that this one is rounded from may be: 0.65 million may be 651,900."""

    def stands_for(self, other: "Figure") -> bool:
        """Whether a text that says `other` supports this figure."""
        alike = self.kind == other.kind or {self.kind, other.kind} in ({"number", "ordinal"}, {"number", "year"})
        off = (self.rounding if self.kind == other.kind else 0.0) + 1e-6
        return alike and any(abs(a - b) <= off for a in self.values for b in other.values)


def figures(text: str) -> list[Figure]:
    """All figures of a text, in order. "One" and "first" are not: they seldom count anything."""
    cyrillic = bool(re.search(r"[а-яё]", text, re.IGNORECASE))
    found: list[Figure] = []
    dates = list(_ISO_DATE.finditer(text))
    for match in dates:
        day, month, year = (match["day"] or match["d"], match["month"] or match["m"], match["year"] or match["y"])
        parts: tuple[tuple[str, Kind], ...] = ((day, "number"), (month, "month"), (year, "year"))
        found += [Figure((float(value),), kind, *match.span()) for value, kind in parts]
    shares = list(_IN_TEN.finditer(text))
    found += [Figure((10.0 * _WORDS[m["n"].lower()],), "percentage", *m.span(), rounding=5.0) for m in shares]
    thirds = list(_THIRD.finditer(text))
    found += [Figure((200 / 3 if m["n"].lower() == "two" else 100 / 3,), "percentage", *m.span(), 3.0) for m in thirds]
    inside = [match.span() for match in (*dates, *shares, *thirds)]
    for match in _NUMBER.finditer(text):
        if not any(start <= match.start() < end for start, end in inside):
            found.append(_from_digits(match, text, cyrillic))
    for match in _SPELLED.finditer(text):
        figure = _from_words(match)
        if figure and not any(start <= match.start() < end for start, end in inside):
            found.append(figure)
    for pattern, n in _MONTH:
        found += [
            Figure((float(n),), "month", *m.span())
            for m in pattern.finditer(text)
            if cyrillic or text[m.start()].isupper()
        ]
    if cyrillic:
        found += [Figure((float(n),), "number", *m.span()) for p, n in _CYRILLIC for m in p.finditer(text)]
    found.sort(key=lambda figure: figure.start)
    return _sharing_units(found, text)


def _from_digits(match: re.Match[str], text: str, cyrillic: bool) -> Figure:
    digits = re.sub(r"\s", "", match["digits"])
    scale = _scale(match["scale"])
    grouped = bool(re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits))
    if grouped:
        readings = [digits.replace(",", "")]
        if cyrillic and digits.count(",") == 1 and "." not in digits:
            readings.append(digits.replace(",", "."))
    elif re.fullmatch(r"\d+[.,]\d+", digits):
        readings = [digits.replace(",", ".")]
    else:
        readings = [re.sub(r"\D", "", digits)]
    values = tuple(float(reading) * scale for reading in readings)
    kind: Kind = "number"
    if match["percent"]:
        kind = "percentage"
    elif scale == 1 and re.fullmatch(r"(?:18|19|20)\d\d", match["digits"]):
        kind = "year"
    elif match["ordinal"]:
        kind = "ordinal"
    decimals = len(readings[0].partition(".")[2])
    rounding = 0.5 * scale / 10**decimals if scale > 1 else 0.0
    if kind == "number" and scale == 1 and not decimals and _ROUGHLY.search(text, 0, match.start()):
        zeros = min(len(readings[0]) - len(readings[0].rstrip("0")), len(readings[0]) - 2)
        rounding = 0.5 * 10**zeros if zeros > 0 else 0.0
    return Figure(values, kind, *match.span(), rounding)


def _from_words(match: re.Match[str]) -> Figure | None:
    total, kind = 0, "number"
    for word in re.split(r"[ -]", match["words"].lower()):
        if word in _ORDINALS:
            total, kind = total + _ORDINALS[word], "ordinal"
        elif word in ("hundred", "thousand"):
            total = max(total, 1) * (100 if word == "hundred" else 1000)
        elif word in _WORDS:
            total += _WORDS[word]
    scale = _scale(match["scale"])
    if total * scale < 2 and not match["percent"]:
        return None
    kind = "percentage" if match["percent"] else kind
    return Figure((float(total * scale),), kind, *match.span())  # type: ignore[arg-type]


def _scale(word: str | None) -> int:
    if not word:
        return 1
    return next(scale for pattern, scale in _SCALES if re.fullmatch(pattern, word, re.IGNORECASE))


def _sharing_units(found: list[Figure], text: str) -> list[Figure]:
    """In "3.5 to 4 per cent" both are percentages."""
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        if one.kind == "number" and other.kind == "percentage" and _RANGE.fullmatch(text, one.end, other.start):
            found[i] = replace(one, kind="percentage")
    return found
