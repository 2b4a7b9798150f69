"""Questions with windows -> what the reader's graph takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from crpd_qa.read.windows import Window

MAX_TOKENS = 224
MAX_QUESTION_WORDS = 60
"""Of a longer one the last: what was said before it stands first."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """For n pairs of up to L tokens and S sentences."""

    ids: NDArray[np.int64]
    """(n, L)"""
    attention: NDArray[np.int64]
    """(n, L) 1 for a token, 0 for padding."""
    question: NDArray[np.float32]
    """(n, L) shares of the question's tokens; each row sums to 1."""
    sentences: NDArray[np.float32]
    """(n, S, L) shares of each sentence's tokens; a row sums to 1, or to 0 where it is cut off or not there."""
    offsets: NDArray[np.int64]
    """(n, L, 2) of each token [start, end) in the window's text; 0, 0 for all that is not in a sentence."""


def reader_tokenizer(path: str) -> Tokenizer:
    """The model's tokenizer, which cuts windows and pads to the longest pair."""
    tokenizer = Tokenizer.from_file(path)
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("<pad>"), pad_token="<pad>")
    return tokenizer


def inputs(tokenizer: Tokenizer, pairs: Sequence[tuple[str, Window]]) -> Inputs:
    """Each pair is a question and a window."""
    encodings = tokenizer.encode_batch(
        [(" ".join(question.split()[-MAX_QUESTION_WORDS:]), window.text) for question, window in pairs]
    )
    ids = np.array([e.ids for e in encodings], dtype=np.int64)
    attention = np.array([e.attention_mask for e in encodings], dtype=np.int64)
    part = np.array([[-1 if s is None else s for s in e.sequence_ids] for e in encodings])
    offsets = np.array([e.offsets for e in encodings], dtype=np.int64)
    most = max(len(window.sentences) for _, window in pairs)
    sentences = np.zeros((len(pairs), most, ids.shape[1]), dtype=np.float32)
    for row, (_, window) in enumerate(pairs):
        for column, (_, start, end) in enumerate(window.sentences):
            sentences[row, column] = (part[row] == 1) & (offsets[row, :, 0] < end) & (offsets[row, :, 1] > start)
    offsets[sentences.sum(1) == 0] = 0
    return Inputs(ids, attention, _shares((part == 0).astype(np.float32)), _shares(sentences), offsets)


def _shares(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = mask / np.maximum(mask.sum(-1, keepdims=True), 1)
    return shares
