"""The interface's texts: one catalogue file a language, the same keys and placeholders in each."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша", "fr": "Français", "es": "Español"}
"""Code and own name of each language of the interface: those in which questions can be asked."""

_CATALOGUES = files("crpd_qa") / "locales"


_SEVERAL = "_several"


@cache
def texts(language: str, *, several: bool = False) -> dict[str, str]:
    """The catalogue of a language: key -> text. English for a language without one.

    Where `several` documents are meant, what is said of "the report" is said of the documents.
    """
    name = language if language in LANGUAGES else "en"
    found: dict[str, str] = json.loads((_CATALOGUES / f"{name}.json").read_text("utf-8"))
    if several:
        found |= {key.removesuffix(_SEVERAL): text for key, text in found.items() if key.endswith(_SEVERAL)}
    return found
