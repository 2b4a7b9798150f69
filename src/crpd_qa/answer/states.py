"""Which States a question names, in its own language: by the Unicode CLDR's names (Babel)."""

import re
from functools import cache

from babel import Locale

from crpd_qa.language import Language

_ENDING = re.compile(r"(?:ия|ья|[аяйьеыі])$")
_SHORT = {"США": "US", "АҚШ": "US", "АКШ": "US", "USA": "US", "UK": "GB", "РФ": "RU"}
MIN_LETTERS = 4
"""A shorter name, but for those above, is too easily part of another word."""


def asks_of_another_state(question: str, language: Language, title: str, paragraph: str) -> bool:
    """Whether a question names a State of which neither the report's title nor the best paragraph speaks."""
    return any(name not in title and name not in paragraph for name in states_named(question, language))


def states_named(text: str, language: Language) -> frozenset[str]:
    """English names of the States and territories that a text names with a capital letter."""
    pattern, codes = _names(language)
    english = Locale("en").territories
    return frozenset(english[codes[match[1]]] for match in pattern.finditer(text))


@cache
def _names(language: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all names, and the territory of each. Russian and Kazakh ones are cut so that endings may follow."""
    inflected = language in ("ru", "kk")
    codes = dict(_SHORT)
    for code, name in Locale(language).territories.items():
        stem = _ENDING.sub("", name) if inflected else name
        if code.isalpha() and len(stem) >= MIN_LETTERS:
            codes[stem] = code
    longest_first = "|".join(re.escape(stem) for stem in sorted(codes, key=len, reverse=True))
    return re.compile(rf"\b({longest_first}){r'[а-яәғқңөұүһі]{0,6}' if inflected else ''}\b"), codes
