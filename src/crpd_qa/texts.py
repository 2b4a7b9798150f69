"""The interface's texts: one catalogue file a language, the same keys and placeholders in each."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""Code and own name of each language."""


@cache
def texts(language: str) -> dict[str, str]:
    """The catalogue of a language: key -> text. A language without one has English."""
    catalogue = files("crpd_qa") / "locales" / f"{language if language in LANGUAGES else 'en'}.json"
    found: dict[str, str] = json.loads(catalogue.read_text("utf-8"))
    return found
