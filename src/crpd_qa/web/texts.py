"""The interface's texts: one catalogue file a language, the same keys and placeholders in each."""

import json
import re
from functools import cache
from importlib.resources import files

from starlette.requests import Request

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""Code and own name of each language."""

_RANGE = re.compile(r"\s*([a-z]{1,8})(?:-[a-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\\{(\w+)\\}")


@cache
def texts(language: str) -> dict[str, str]:
    """The catalogue of a language: key -> text. Raises KeyError for a language that is not among LANGUAGES."""
    if language not in LANGUAGES:
        raise KeyError(language)
    catalogue = files("crpd_qa.web") / "locales" / f"{language}.json"
    found: dict[str, str] = json.loads(catalogue.read_text("utf-8"))
    return found


def preferred(accept_language: str) -> str:
    """The best of LANGUAGES for an Accept-Language header (RFC 9110, section 12.5.4); English if none is wanted."""
    wanted: dict[str, float] = {}
    for item in accept_language[:500].split(","):
        if (match := _RANGE.fullmatch(item)) and (code := match[1].lower()) in LANGUAGES:
            wanted.setdefault(code, float(match[2] or 1))
    best = max(wanted, key=lambda code: wanted[code], default="en")
    return best if wanted.get(best) else "en"


def page_language(request: Request) -> str:
    """The language to answer a page's request in: `?lang=`, else the browser's, else English."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def translated(answer_text: str, language: str) -> tuple[str, str]:
    """What the assistant says in English, in `language`, with the language it is now in.

    A text that is none of the catalogue's `answer_...` stays English.
    """
    english_only = texts("en")["answer_english_only"]
    if answer_text.startswith(english_only):  # followed by the same in other languages
        answer_text = english_only
    for key, pattern in _answer_patterns():
        if match := pattern.fullmatch(answer_text):
            # A comma between thousands is a decimal comma in Russian and Kazakh.
            values = {name: re.sub(r"(?<=\d),(?=\d{3})", "\u00a0", value) for name, value in match.groupdict().items()}
            return (answer_text, "en") if language == "en" else (texts(language)[key].format(**values), language)
    return answer_text, "en"


@cache
def _answer_patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (key, re.compile(_PLACEHOLDER.sub(r"(?P<\1>[\\d, ]+)", re.escape(text))))
        for key, text in texts("en").items()
        if key.startswith("answer_")
    ]
