"""Vectors of every paragraph's content words, memory-mapped, for late interaction."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bm25s.stopwords import STOPWORDS_EN_PLUS

from crpd_qa.encoder import Encoding, Floats, Ints


@dataclass(frozen=True)
class TokenIndex:
    """Tokens of paragraph i are rows `offsets[i]` to `offsets[i + 1]`; those of its heading come first.

    Stop words and punctuation are left out: half of all tokens, and not one question in a hundred fares worse.
    """

    vectors: Floats
    """(n_tokens, dim) unit length."""
    offsets: Ints
    """(n_paragraphs + 1,)"""
    sentences: npt.NDArray[np.int16]
    """(n_tokens,) which sentence of its paragraph a token stands in; -1 for the heading."""
    idf: Floats
    """(vocabulary,) inverse document frequency of word pieces; the weight of a question's token."""

    def save(self, folder: Path) -> None:
        np.save(folder / "tokens.npy", self.vectors)
        np.save(folder / "token_offsets.npy", self.offsets)
        np.save(folder / "token_sentences.npy", self.sentences)
        np.save(folder / "token_idf.npy", self.idf)

    @classmethod
    def load(cls, folder: Path) -> "TokenIndex":
        return cls(
            vectors=np.asarray(np.load(folder / "tokens.npy", mmap_mode="r")),
            offsets=np.load(folder / "token_offsets.npy"),
            sentences=np.load(folder / "token_sentences.npy"),
            idf=np.load(folder / "token_idf.npy"),
        )


def content_mask(text: str, encoding: Encoding) -> npt.NDArray[np.bool_]:
    """(n_tokens,) whether a token is, or is a piece of, a word that is not a stop word."""

    def is_content(start: int, end: int) -> bool:
        piece = text[start:end].lower()
        inside_word = text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum()
        return any(c.isalnum() for c in piece) and (inside_word or piece not in STOPWORDS_EN_PLUS)

    return np.array([is_content(start, end) for start, end in encoding.spans.tolist()], dtype=bool)


def inverse_document_frequency(paragraph_ids: list[Ints], vocabulary: int) -> Floats:
    """(vocabulary,) log((n + 1) / (df + 0.5)) of each word piece over the paragraphs."""
    frequency = np.zeros(vocabulary)
    for ids in paragraph_ids:
        frequency[np.unique(ids)] += 1
    return np.log((len(paragraph_ids) + 1) / (frequency + 0.5)).astype(np.float32)
