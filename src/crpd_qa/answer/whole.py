"""Whether a text is a whole sentence, in any language: by its punctuation, and by words that end no sentence.

Such words ("the", "of", "and") are not listed: they are the frequent ones that the documents hardly ever put before a
comma, a stop or a bracket.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from crpd_qa.library import Library

MAX_WORDS = 100_000
"""So many words of the documents are counted at most."""
LEAST = 100
FREQUENT = 1 / 120
"""A word is counted on from so many times, and from this share of all words."""
SELDOM = 0.01
"""Of its occurrences, the share at most before punctuation."""

MAX_WORD = 60
"""Characters at the end of a sentence in which its last word stands."""

_STOPS = ".!?…\"”»')"
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_BROKEN = re.compile(r"[,;:(\[–—-] ?[.!?…]|[,;:] ?[,;:]|\( ?\)|\[ ?\]")
_BRACKETS = ("()", "[]", "“”", "«»")


class WholeSentences:
    """What the documents of a library tell about how sentences end."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._open: dict[str, frozenset[str]] = {}

    def holds(self, sentence: str, language: str) -> bool:
        """Whether nothing shows that the text is broken. White space must be single blanks."""
        if _BROKEN.search(sentence) or any(sentence.count(b[0]) > sentence.count(b[1]) for b in _BRACKETS):
            return False
        ends = _WORD.findall(sentence[-MAX_WORD:])
        return not ends or ends[-1] not in self._never_last(language) or sentence.rstrip(_STOPS)[-1:].isdigit()

    def _never_last(self, language: str) -> frozenset[str]:
        """Counted when first asked for."""
        if language not in self._open:
            seen: Counter[str] = Counter()
            last: Counter[str] = Counter()
            for word, ends in islice(self._words(language), MAX_WORDS):
                seen[word] += 1
                last[word] += ends
            least = max(LEAST, FREQUENT * seen.total())
            self._open[language] = frozenset(w for w, n in seen.items() if n >= least and last[w] <= SELDOM * n)
        return self._open[language]

    def _words(self, language: str) -> Iterator[tuple[str, bool]]:
        """Each word with whether punctuation follows it."""
        for number, entry in enumerate(self._library.entries):
            if entry.language == language:
                for paragraph in self._library.document_at(number):
                    for match in _WORD.finditer(paragraph.text):
                        yield match[0].lower(), not paragraph.text[match.end() : match.end() + 1].isspace()
