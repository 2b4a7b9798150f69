"""How well a document was read: refusals of what cannot be read, and warnings in words for people."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from statistics import median
from typing import Literal

from crpd_qa.documents.lines import Line
from crpd_qa.documents.model import DOCUMENT_LANGUAGES, DocumentLanguage
from crpd_qa.documents.structure import Structure
from crpd_qa.errors import DocumentError
from crpd_qa.languages.tables import table

LONGEST_PARAGRAPH = 200_000
"""Characters; nobody wrote a paragraph of a hundred pages."""
_SUSPICIOUS_LENGTH = 9000
_FEWEST_WORDS = 150  # to tell a language by
_LEAST_FUNCTION_WORDS = 0.12  # of the words of a text in a language that we read; real text has .3 to .5
_MOST_GARBAGE = 0.2
_NOTICEABLE_GARBAGE = 0.01
_NOTICEABLE_LOSS = 0.01
_FURNITURE = re.compile(r"\b(?:GE|NY)\.\d\d-\d{4,6}\b")
_SCRIPTS = {"ARABIC": "Arabic", "CJK": "Chinese", "HIRAGANA": "Japanese", "HANGUL": "Korean", "HEBREW": "Hebrew"}
_SAMPLE = 40_000  # letters


def refuse_unreadable(lines: Sequence[Line], path: object) -> None:
    """Raises DocumentError for a script that is not read yet, and for fonts that do not say what they print."""
    scripts: Counter[str] = Counter()
    garbage = letters = 0
    for line in lines:
        for character in line.text:
            if _is_garbage(character):
                garbage += 1
            elif character.isalpha():
                letters += 1
                if character > "\u0590" and letters < _SAMPLE:
                    scripts[unicodedata.name(character, "?").split(" ")[0]] += 1
        if letters > _SAMPLE:
            break
    for script, name in _SCRIPTS.items():
        if scripts[script] > 0.4 * letters:
            languages = "English, French, Spanish and Russian"
            raise DocumentError(
                f"{path} is in {name}, which cannot be read yet; add the same document in one of {languages}"
            )
    if garbage > _MOST_GARBAGE * (letters + garbage):
        raise DocumentError(
            f"{path}: its fonts do not say which letters they print, so that the text would be garbled; "
            "add the Word file of the same document, or a copy with recognised text (OCR)"
        )


def _is_garbage(character: str) -> bool:
    if character in "\t\n":
        return False
    return character == "\ufffd" or unicodedata.category(character) in ("Co", "Cc", "Cn")


def language_of(texts: Sequence[str], path: object, detected: DocumentLanguage | Literal[""]) -> DocumentLanguage:
    """The language of most of its little words; `detected` is what a detector of all languages says, "" for none of
    ours. Raises DocumentError if they are none that can be read.
    """
    words = re.findall(r"[^\W\d_]+", " ".join(texts)[:400_000].lower())
    counts = Counter(words)
    shares = {
        language: sum(counts[word] for word in _function_words(language)) / max(1, len(words))
        for language in DOCUMENT_LANGUAGES
    }
    best = max(shares, key=lambda language: shares[language])
    if len(words) >= _FEWEST_WORDS and (not detected or shares[best] < _LEAST_FUNCTION_WORDS):
        raise DocumentError(
            f"{path} does not read like English, French, Spanish or Russian: another language, or garbled letters; "
            "open the file and copy a sentence out of it to see which"
        )
    return best


@cache
def _function_words(language: DocumentLanguage) -> frozenset[str]:
    return frozenset(table(language, "documents")["function_words"])


def warnings_of(found: Structure, lines: Sequence[Line]) -> tuple[str, ...]:
    """What a reader should compare with the original."""
    return tuple(
        warning
        for warning in (
            _ours(found),
            _skipped(found.skipped),
            _repeated(found.repeated),
            _unnumbered(found),
            _long(found),
            _lost(found, lines),
            _garbled(found),
            _furniture(found),
        )
        if warning
    )


def _ours(found: Structure) -> str:
    if found.numbering == "document":
        return ""
    return "The document does not number its paragraphs; the numbers are ours. Cite heading and page."


def _skipped(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    what = "a paragraph" if len(numbers) == 1 else "paragraphs"
    return f"No paragraph {_listed(numbers)}: either the document leaves the number out, or {what} was not recognized."


def _repeated(labels: Sequence[str]) -> str:
    return f"Numbers that stand twice in the document: {_listed(labels)}." if labels else ""


def _unnumbered(found: Structure) -> str:
    if found.numbering == "ours":
        return ""
    labels = [paragraph.label for paragraph in found.paragraphs if paragraph.number is None]
    return f"Text without a number of its own, cited by its place: {_listed(labels)}." if labels else ""


def _long(found: Structure) -> str:
    lengths = [len(paragraph.text) for paragraph in found.paragraphs]
    usual = median(lengths) if lengths else 0
    long = [p for p in found.paragraphs if len(p.text) > max(_SUSPICIOUS_LENGTH, 10 * usual)]
    if not long:
        return ""
    labels = _listed([paragraph.label for paragraph in long])
    return f"Very long: {labels}. Text after it may belong to a paragraph that was not recognized."


def _lost(found: Structure, lines: Sequence[Line]) -> str:
    read = sum(_letters(line.text) for line in lines if line.role in ("body", "table", "footnote"))
    kept = sum(_letters(paragraph.text) for paragraph in found.paragraphs)
    kept += sum(_letters(text) for text in (*found.headings, *found.front))
    kept += sum(_letters(note.text) for note in found.notes)
    kept += sum(_letters(own.caption) + sum(_letters(c) for row in own.rows for c in row) for own in found.tables)
    lost = 1 - kept / read if read else 0.0
    return f"{lost:.0%} of its letters are in no paragraph, heading, table or note." if lost > _NOTICEABLE_LOSS else ""


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _garbled(found: Structure) -> str:
    bad = []
    total = garbage = 0
    for paragraph in found.paragraphs:
        own = sum(_is_garbage(character) for character in paragraph.text)
        total += len(paragraph.text)
        garbage += own
        if own > 2:
            bad.append(paragraph.label)
    if not bad and garbage <= _NOTICEABLE_GARBAGE * total:
        return ""
    return f"Signs that could not be read: {_listed(bad)}."


def _furniture(found: Structure) -> str:
    labels = [paragraph.label for paragraph in found.paragraphs if _FURNITURE.search(paragraph.text)]
    return f"A page's footer may stand in the text: {_listed(labels)}." if labels else ""


def _listed(labels: Sequence[object]) -> str:
    shown = ", ".join(str(label) for label in labels[:8])
    return shown if len(labels) <= 8 else f"{shown} and {len(labels) - 8} more"
