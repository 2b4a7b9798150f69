"""The interface's texts: one catalogue file a language, the same keys and placeholders in each."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""Code and own name of each language of the interface."""
ANSWERED_IN = ("fr", "es")
"""Further languages in which questions are answered."""


_CATALOGUES = files("crpd_qa") / "locales"


@cache
def texts(language: str) -> dict[str, str]:
    """The catalogue of a language: key -> text. What it lacks is in English: French and Spanish have answers only."""
    names = [name for name in ("en", language) if name in (*LANGUAGES, *ANSWERED_IN)]
    return {key: text for name in names for key, text in _read(name).items()}


def _read(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((_CATALOGUES / f"{name}.json").read_text("utf-8"))
    return found
