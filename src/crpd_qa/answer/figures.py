"""Figures in a text, as values: 651,900 = 651 900 = 651.9 thousand; "3.7 per cent" = "3,7 %"; dates in any order.

English, Russian, Kazakh, French and Spanish.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crpd_qa.language import Language

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
    (r"billion|bn|млрд\.?|миллиард\w*|milliards?|mil millones", 1_000_000_000),
    (r"millions?|mn|млн\.?|миллион\w*|millón|millones", 1_000_000),
    (r"thousand|тыс(?:яч\w*|\.)?|мың\w*|mille|milliers|mil(?:es)?", 1_000),
    (r"hundred", 100),
)
_SCALE = "|".join(pattern for pattern, _ in _SCALES)
_PERCENT = r"\s*(?:%|per\s?cents?\b|percentage points?\b|процент\w*|пайыз\w*|pour cents?\b|por ciento\b)"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<digits>\d+(?:[ \u00a0\u202f]\d{{3}}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?P<ordinal>(?:st|nd|rd|th)\b|-(?:й|я|е|го|му|м|ом|ая|ое|ый|ой|ші|шы|інші|ыншы|нші|ншы)\b)?"
    rf"(?:[ \u00a0-](?P<scale>{_SCALE})(?!\w))?(?P<percent>{_PERCENT})?",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"(?P<from>(?:18|19|20)\d\d)[/\u2013-]\d{1,2}")
_WORD_NUMBER = "|".join(sorted({*_WORDS, *_ORDINALS}, key=len, reverse=True))
_SPELLED = re.compile(
    rf"\b(?P<words>(?:{_WORD_NUMBER}|(?<=\ba )(?:hundred|thousand))"
    rf"(?:[ -](?:hundred(?: and)?|thousand(?: and)?|{_WORD_NUMBER})\b)*)"
    rf"(?P<fold>fold)?\b(?:[ \u00a0-](?P<scale>{_SCALE})(?!\w))?(?P<percent>{_PERCENT})?",
    re.IGNORECASE,
)
_SPELLED_ELSEWHERE: dict[str, dict[int, str]] = {
    "ru": {
        2: r"дв(?:а|е|ух|ум|умя|ое|оих)|втор(?:ой|ая|ое|ого|ому|ую|ым|ом|ые|ых)",
        3: r"тр(?:и|ёх|ех|ём|ем|емя|ое|оих)|трет(?:ий|ья|ье|ьего|ьему|ью|ьим|ьем|ьей|ьи|ьих)",
        4: r"четыр(?:е|ёх|ех|ём|ем|ьмя)|четв[её]рт(?:ый|ая|ое|ого|ому|ую|ым|ом|ой)",
        5: r"пят(?:ь|и|ью|ый|ая|ое|ого|ому|ую|ым|ом|ой)|пятилетн\w+",
        6: r"шест(?:ь|и|ью|ой|ая|ое|ого|ому|ую|ым|ом)|шестилетн\w+",
        7: r"сем(?:ь|и)|седьм(?:ой|ая|ое|ого|ому|ую|ым|ом)",
        8: r"вос(?:емь|ьми|емью|ьмой|ьмая|ьмое|ьмого|ьмую)",
        9: r"девят(?:ь|и|ью|ый|ая|ое|ого|ому|ую|ым|ом|ой)",
        10: r"десят(?:ь|и|ью|ый|ая|ое|ого|ому|ую|ым|ом|ой)",
        **{n: rf"{stem}надцат\w+" for n, stem in enumerate(
            ("один", "две", "три", "четыр", "пят", "шест", "сем", "восем", "девят"), start=11)},
        20: r"двадцат\w+", 30: r"тридцат\w+", 40: r"сорока?", 50: r"пятьдесят|пятидесят\w*",
        60: r"шестьдесят|шестидесят\w*", 70: r"семьдесят|семидесят\w*", 80: r"восемьдесят|восьмидесят\w*",
        90: r"девяност\w+",
    },
    "kk": {
        n: rf"{stem}(?:{ending}\w*|еу\w*|жылдық\w*)?"
        for n, stem, ending in (
            (2, "екі", "нші"), (3, "үш", "інші"), (4, "төрт", "інші"), (5, "бес", "інші"), (6, "алты", "ншы"),
            (7, "жеті", "нші"), (8, "сегіз", "інші"), (9, "тоғыз", "ыншы"), (10, "он", "ыншы"), (20, "жиырма", "сыншы"),
            (30, "отыз", "ыншы"), (40, "қырық", "ыншы"), (50, "елу", "інші"), (60, "алпыс", "ыншы"),
            (70, "жетпіс", "інші"), (80, "сексен", "інші"),
        )
    },
    "fr": {
        2: r"deux(?:ième)?s?|seconde?s?", 3: r"trois(?:ième)?s?", 4: r"quatre|quatrièmes?", 5: r"cinq(?:uième)?s?",
        6: r"six(?:ième)?s?", 7: r"sept(?:ième)?s?", 8: r"huit(?:ième)?s?", 9: r"neuf|neuvièmes?",
        10: r"dix(?:ième)?s?",
        11: r"onze|onzième", 12: r"douze|douzième", 13: r"treize|treizième", 14: r"quatorze|quatorzième",
        15: r"quinze|quinzième", 16: r"seize|seizième", 20: r"vingt(?:ième)?", 30: r"trente|trentième",
        40: r"quarante|quarantième", 50: r"cinquante|cinquantième", 60: r"soixante|soixantième",
        80: r"quatre-vingts?",
    },
    "es": {
        2: r"dos|segund[oa]s?", 3: r"tres|tercer(?:[oa]s?)?", 4: r"cuatro|cuart[oa]s?", 5: r"cinco|quint[oa]s?",
        6: r"seis|sext[oa]s?", 7: r"siete|s[ée]ptim[oa]s?", 8: r"ocho|octav[oa]s?", 9: r"nueve|noven[oa]s?",
        10: r"diez|décim[oa]s?", 11: r"once", 12: r"doce", 13: r"trece", 14: r"catorce", 15: r"quince",
        16: r"dieciséis", 17: r"diecisiete", 18: r"dieciocho", 19: r"diecinueve", 20: r"veinte", 30: r"treinta",
        40: r"cuarenta", 50: r"cincuenta|quincuagésim[oa]", 60: r"sesenta", 70: r"setenta", 80: r"ochenta",
        90: r"noventa",
    },
}  # fmt: skip
"""Number words and ordinals with their endings. "One" and "first" seldom count anything."""
_SPELLED_NUMBER = {
    language: [(re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE), n) for n, forms in table.items()]
    for language, table in _SPELLED_ELSEWHERE.items()
}
_COMPOUND = re.compile(r"[ -]|[ -](?:et|y)[ -]")
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
_ROMANCE_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "sep?tiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}


def _month_patterns(names: Sequence[str]) -> list[tuple[re.Pattern[str], int]]:
    return [(re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE), n) for n, forms in enumerate(names, start=1)]


_MONTH = {
    **dict.fromkeys(("en", "ru", "kk"), _month_patterns(_MONTHS)),
    **{language: _month_patterns(names) for language, names in _ROMANCE_MONTHS.items()},
}
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
ROUGHLY_WITHIN = 20
"""Characters before a figure in which the word stands."""
_RANGE = re.compile(r"\s*(?:–|-|to|and|or|,|и|до|және|мен)\s*(?:between\s+|nearly\s+|almost\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end) of its text. Outside English, a comma or stop before three digits is read both ways."""

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


def figures(text: str, language: Language = "en") -> list[Figure]:
    """All figures of a text, in order. "One" and "first" are not: they seldom count anything."""
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
    inside = {position for match in (*dates, *shares, *thirds) for position in range(*match.span())}
    for match in _NUMBER.finditer(text):
        if match.start() not in inside:
            found.append(_from_digits(match, text, language))
    if language == "en":
        for match in _SPELLED.finditer(text):
            figure = _from_words(match)
            if figure and match.start() not in inside:
                found.append(figure)
    else:
        found += _spelled_elsewhere(text, language)
    for pattern, n in _MONTH[language]:
        found += [
            Figure((float(n),), "month", *m.span())
            for m in pattern.finditer(text)
            if language != "en" or text[m.start()].isupper()
        ]
    found.sort(key=lambda figure: figure.start)
    return _sharing_units(found, text)


def _spelled_elsewhere(text: str, language: Language) -> list[Figure]:
    """Number words of another language; "двадцать девять" is one figure."""
    words = [(m.span(), n) for pattern, n in _SPELLED_NUMBER[language] for m in pattern.finditer(text)]
    found: list[Figure] = []
    for (start, end), n in sorted(words, key=lambda word: (word[0][0], -word[0][1])):
        last = found[-1] if found else None
        if last and start < last.end:  # "quatre" in "quatre-vingts"
            continue
        tens = last and last.values[0] >= 20 and last.values[0] % 10 == 0 and n < 20
        if last and tens and _COMPOUND.fullmatch(text, last.end, start):
            found[-1] = Figure((last.values[0] + n,), "number", last.start, end)
        else:
            found.append(Figure((float(n),), "number", start, end))
    return found


def _from_digits(match: re.Match[str], text: str, language: Language) -> Figure:
    digits = re.sub(r"\s", "", match["digits"])
    if span := _UNTIL.fullmatch(text, max(0, match.start() - 5), match.end()):  # 2018/19
        return Figure((float(span["from"][: -len(digits)] + digits),), "year", *match.span())
    scale = _scale(match["scale"])
    if language != "en" and re.fullmatch(r"\d{1,3}[.,]\d{3}", digits):
        readings = [re.sub(r"\D", "", digits), digits.replace(",", ".")]
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        readings = [digits.replace(",", "")]
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", digits):
        readings = [digits.replace(".", "").replace(",", ".")]
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
    if (
        kind == "number"
        and scale == 1
        and not decimals
        and _ROUGHLY.search(text, max(0, match.start() - ROUGHLY_WITHIN), match.start())
    ):
        zeros = min(len(readings[0]) - len(readings[0].rstrip("0")), len(readings[0]) - 2)
        rounding = 0.5 * 10**zeros if zeros > 0 else 0.0
    return Figure(values, kind, *match.span(), rounding)


def _from_words(match: re.Match[str]) -> Figure | None:
    total, kind = 0.0, "number"  # an integer would grow with each "hundred" of a thousand in a row
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
    return Figure((total * scale,), kind, *match.span())  # type: ignore[arg-type]


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
