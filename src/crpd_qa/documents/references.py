"""Cross-references: "paragraphs 80, 81, 86 and 87 of this report", "párrs. 12 a 15", "пункты 3 и 4"."""

import re
from collections.abc import Collection
from functools import cache

from crpd_qa.documents.model import DocumentLanguage
from crpd_qa.languages.tables import table

_LONGEST_RANGE = 1000
_OTHER_DOCUMENT = re.compile(r"(?:[A-Z][A-Z0-9.]{0,20}/[^\s,;]{2,60}|\(\d{4}\)),?\s*$")
"""A symbol or the year of a general comment before the reference: the paragraph is in that text."""


@cache
def _patterns(language: DocumentLanguage) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The reference with its numbers; what follows one to another text; one piece of its numbers."""
    known = table(language, "documents")

    def alternatives(name: str) -> str:
        return "|".join(re.escape(word) for word in sorted(known[name], key=len, reverse=True))

    both, ranges = alternatives("and"), alternatives("range")
    numbers = rf"\d{{1,6}}(?:\s*(?:,|{both}|{ranges}|–|-|&)\s*(?:(?:{both})\s+)?\d{{1,6}})*"
    reference = rf"\b(?<!sub)(?:{alternatives('paragraph')})\.?\s+({numbers})(?!\s*\(|\s?[a-zа-я]\))"
    other = rf"(?<!\s)\s*(?:{alternatives('of_other_text')})\b"
    piece = rf"(?:({ranges}|–|-)\s*)?(\d{{1,6}})"
    return re.compile(reference, re.IGNORECASE), re.compile(other, re.IGNORECASE), re.compile(piece, re.IGNORECASE)


def numbers_in(text: str, language: DocumentLanguage = "en") -> tuple[int, ...]:
    """ "80, 81 and 86" -> (80, 81, 86); "93 to 97" -> (93, 94, 95, 96, 97). Ranges hold at most 1,000 numbers."""
    found: list[int] = []
    for range_mark, digits in _patterns(language)[2].findall(text):
        number = int(digits)
        if range_mark and found and 0 < number - found[-1] <= _LONGEST_RANGE:
            found.extend(range(found[-1] + 1, number + 1))
        else:
            found.append(number)
    return tuple(dict.fromkeys(found))


def references(
    text: str, labels: Collection[str], own: str, language: DocumentLanguage = "en", symbol: str = ""
) -> tuple[str, ...]:
    """Labels of the same document's paragraphs, without `own`, that a paragraph's text names."""
    found: list[str] = []
    for match in _same_document(text, language, symbol):
        found.extend(str(number) for number in numbers_in(match[1], language))
    return tuple(dict.fromkeys(label for label in found if label in labels and label != own))


def reference_spans(
    text: str, labels: Collection[str], own: str, language: DocumentLanguage = "en", symbol: str = ""
) -> list[tuple[int, int, str]]:
    """(start, end, label) of each number in the text that names another of the document's paragraphs, in order."""
    return [
        (match.start(1) + digits.start(), match.start(1) + digits.end(), label)
        for match in _same_document(text, language, symbol)
        for digits in re.finditer(r"\d{1,6}", match[1])
        if (label := str(int(digits[0]))) in labels and label != own
    ]


def _same_document(text: str, language: DocumentLanguage, symbol: str) -> list[re.Match[str]]:
    reference, other, _ = _patterns(language)
    found = []
    for match in reference.finditer(text):
        before = _OTHER_DOCUMENT.search(text[max(0, match.start() - 80) : match.start()])
        if other.match(text, match.end()) or (before and not (symbol and before[0].startswith(symbol))):
            continue
        found.append(match)
    return found
