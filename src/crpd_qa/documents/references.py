"""Cross-references: "paragraphs 80, 81, 86 and 87 of this report", "paras. 279 and 280"."""

import re

NUMBERS = r"\d{1,6}(?:\s*(?:,|and|to|–|-|&)\s*(?:and\s+)?\d{1,6})*"
_REFERENCE = re.compile(rf"\b(?<!sub)(?:paragraphs?|paras?\.?)\s+({NUMBERS})(?!\s*\()", re.IGNORECASE)
_OTHER_TEXT = re.compile(r"\s*of (?:the|article|its|that)\b", re.IGNORECASE)


def numbers_in(text: str) -> tuple[int, ...]:
    """ "80, 81 and 86" -> (80, 81, 86); "93 to 97" -> (93, 94, 95, 96, 97). Ranges hold at most 1,000 numbers."""
    found: list[int] = []
    pieces = re.findall(r"\D*?(to|–|-)?\s*(\d{1,6})", text)
    for range_mark, digits in pieces:
        number = int(digits)
        if range_mark and found and 0 < number - found[-1] <= 1000:
            found.extend(range(found[-1] + 1, number + 1))
        else:
            found.append(number)
    return tuple(dict.fromkeys(found))


def references(text: str, last: int, own: int) -> tuple[int, ...]:
    """Numbers of this report's paragraphs (1 to `last`, without `own`) that a paragraph's text names."""
    found: list[int] = []
    for match in _REFERENCE.finditer(text):
        if not _OTHER_TEXT.match(text, match.end()):
            found.extend(numbers_in(match[1]))
    return tuple(dict.fromkeys(n for n in found if 1 <= n <= last and n != own))


def reference_spans(text: str, last: int, own: int) -> list[tuple[int, int, int]]:
    """(start, end, number) of each number in the text that names another of this report's paragraphs, in order."""
    return [
        (match.start(1) + digits.start(), match.start(1) + digits.end(), number)
        for match in _REFERENCE.finditer(text)
        if not _OTHER_TEXT.match(text, match.end())
        for digits in re.finditer(r"\d{1,6}", match[1])
        if 1 <= (number := int(digits[0])) <= last and number != own
    ]
