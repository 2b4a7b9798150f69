"""Which States a question names, in its own language: by the Unicode CLDR's names (Babel)."""

import re
from functools import cache

from babel import Locale

from crpd_qa.documents import Document
from crpd_qa.language import Language

_ENDINGS: dict[Language, str] = {
    "ru": r"(?:[аеиуыюяйь]|ой|ом|ем|ей|ам|ям|ами|ями|ах|ях)?",
    "kk": r"(?:[дт][аеы]|[дт]і|[ғг][ае]|[қк][ае]|н[ыі]|[дтн](?:ың|ің|[ае]н)|[мбп]ен|[дт][ае][ғг][ыі]|л[ыі][қк]\w*)?",
}
"""Case endings."""
_CUT = re.compile(r"[аяйьы]$")
_SHORT = {"США": "US", "АҚШ": "US", "АКШ": "US", "USA": "US", "UK": "GB", "РФ": "RU"}
MIN_LETTERS = 5
"""A shorter name, but for those above, is too easily another word: «Того»."""
OWN_SHARE = 0.05
"""The State that at least so many of a report's paragraphs name is the report's own."""


def asks_of_another_state(question: str, language: Language, document: Document, paragraph: str) -> bool:
    """Whether a question names a State that is not the report's, and of which the best paragraph does not speak."""
    named = states_named(question, language)
    return any(name not in paragraph and not is_own(name, document) for name in named)


def is_own(state: str, document: Document) -> bool:
    """Whether a report is that State's, by its English name."""
    return sum(state in paragraph.text for paragraph in document) >= OWN_SHARE * len(document)


def states_named(text: str, language: Language) -> frozenset[str]:
    """English names of the States and territories that a text names with a capital letter."""
    pattern, codes = _names(language)
    english = Locale("en").territories
    return frozenset(english[codes[match[1]]] for match in pattern.finditer(text))


@cache
def _names(language: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all names, and the territory of each; a Russian ending takes the place of the last letter."""
    codes = dict(_SHORT)
    for code, name in Locale(language).territories.items():
        if code.isalpha() and len(name) >= MIN_LETTERS:
            codes[_CUT.sub("", name) if language == "ru" else name] = code
    longest_first = "|".join(re.escape(stem) for stem in sorted(codes, key=len, reverse=True))
    return re.compile(rf"\b({longest_first}){_ENDINGS.get(language, '')}\b"), codes
