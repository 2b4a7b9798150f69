"""A language's own file: `<code>.toml`, one table for each thing that the program must know of a language."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FOLDER = files("crpd_qa") / "languages"


def table(language: str, name: str) -> dict[str, Any]:
    """That table of the language's file; empty where the language needs none."""
    found: dict[str, Any] = _file(language).get(name, {})
    return found


def is_word(word: str, wanted: str) -> bool:
    """Whether a word, lower case, is one of a table's, where "*" stands for any ending."""
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@cache
def _file(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
