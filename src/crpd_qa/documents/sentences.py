"""Sentences as spans. nupunkt (Bommarito et al. 2025, made for legal text) decides where one ends."""

import re
from functools import cache

from nupunkt import PunktSentenceTokenizer, load_default_model

from crpd_qa.documents.model import DocumentLanguage
from crpd_qa.languages.tables import table

_MARKS = 40
_ROW_OF_MARKS = re.compile(rf"(?<=[.?!…]{{{_MARKS}}})[.?!…]++")
"""What a row of marks has beyond its first: the tokenizer reads a row of n marks n times."""


@cache
def _tokenizer(language: DocumentLanguage) -> PunktSentenceTokenizer:
    """nupunkt's model, told of the abbreviations of United Nations documents in that language."""
    tokenizer = load_default_model()
    known = table(language, "documents")
    for abbreviation in known.get("abbreviations", ()):
        tokenizer.add_abbreviation(abbreviation)
    for word in known.get("not_abbreviations", ()):  # "99.6 per cent. Adult literacy ..."
        tokenizer.remove_abbreviation(word)
    return tokenizer


def sentence_spans(text: str, language: DocumentLanguage = "en") -> tuple[tuple[int, int], ...]:
    """[start, end) of each sentence, in order, without white space at either end.

    A line never runs into the next: every bullet of a list is at least one sentence,
    and so is the line that introduces the list. The mark of a bullet is left out.
    """
    spans = []
    line_start = 0
    for line in text.split("\n"):
        offset = line_start + (2 if line.startswith("• ") else 0)
        body = text[offset : line_start + len(line)]
        read = _ROW_OF_MARKS.sub(lambda marks: " " * len(marks[0]), body)
        for start, end in _tokenizer(language).span_tokenize(read):
            sentence = body[start:end]
            if sentence.strip():
                left = len(sentence) - len(sentence.lstrip())
                spans.append((offset + start + left, offset + start + len(sentence.rstrip())))
        line_start += len(line) + 1
    return tuple(spans)
