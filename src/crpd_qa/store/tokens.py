"""Vectors of every paragraph's content words, four bits a number, read where they are needed, for late interaction."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Encoding, Floats, Ints
from crpd_qa.errors import IndexDamagedError
from crpd_qa.store.manifest import REMEDY
from crpd_qa.store.stop_words import ENGLISH

Codes = npt.NDArray[np.uint8]
_POSITIVE = np.array([0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6180, 2.0690, 2.7326], dtype=np.float32)
LEVELS = np.concatenate([-_POSITIVE[::-1], _POSITIVE])
"""(16,) the best places for four bits of normally distributed numbers, in standard deviations (Max 1960)."""
_PAIRS = LEVELS[np.arange(256)[:, np.newaxis] >> np.array([0, 4]) & 15].view(np.complex64).ravel()
"""(256,) the two numbers of each byte, as one of NumPy's own: looked up in half the time."""


def quantize(vectors: Floats) -> Codes:
    """(n, dim) numbers of unit vectors -> (n, dim / 2) bytes, two numbers each, the lower bits first.

    Measured on 325 questions over the bundled report: the first paragraph is right as often as with 32 bits.
    """
    deviation = 1 / np.sqrt(vectors.shape[1])  # of a unit vector's numbers
    codes = np.searchsorted((LEVELS[1:] + LEVELS[:-1]) / 2 * deviation, vectors).astype(np.uint8)
    packed: Codes = (codes[:, ::2] | codes[:, 1::2] << 4).astype(np.uint8)
    return packed


def dequantize(codes: Codes) -> Floats:
    """(n, dim / 2) bytes -> (n, dim) numbers of unit vectors."""
    vectors: Floats = _PAIRS[codes].view(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, np.newaxis]  # no level is 0, so no length is
    return vectors


@dataclass(frozen=True)
class TokenRows:
    """Tokens of paragraph i are rows `offsets[i]` to `offsets[i + 1]`; those of its heading come first.

    Stop words and punctuation are left out: half of all tokens, and not one question in a hundred fares worse.
    """

    codes: Codes
    """(n_tokens, dim / 2)"""
    offsets: Ints
    """(n_paragraphs + 1,)"""
    sentences: npt.NDArray[np.int16]
    """(n_tokens,) which sentence of its paragraph a token stands in; -1 for the heading."""

    @classmethod
    def build(cls, encodings: Sequence[Encoding], sentences: Sequence[npt.NDArray[np.int16]]) -> "TokenRows":
        """One encoding a paragraph, and the sentence of each of its tokens."""
        return cls(
            codes=quantize(np.concatenate([encoding.tokens for encoding in encodings])),
            offsets=np.cumsum([0, *(len(encoding.ids) for encoding in encodings)]),
            sentences=np.concatenate(sentences),
        )

    @classmethod
    def without_vectors(cls, paragraphs: int, dimension: int) -> "TokenRows":
        """Of a document in a language that the encoder does not read."""
        codes = np.zeros((0, dimension // 2), dtype=np.uint8)
        return cls(codes, np.zeros(paragraphs + 1, dtype=np.int64), np.zeros(0, dtype=np.int16))

    def save(self, folder: Path) -> None:
        for name, array in vars(self).items():
            np.save(folder / f"token_{name}.npy", array)


def digests(rows: TokenRows) -> npt.NDArray[np.uint64]:
    """(n_paragraphs,) 64 bits of the SHA-256 of each paragraph's codes."""
    own = (rows.codes[start:end].tobytes() for start, end in pairwise(rows.offsets.tolist()))
    return np.array([_digest(content) for content in own], np.uint64)


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "little")


@dataclass(frozen=True)
class TokenFile:
    """One document's token rows; the codes stay on the disk. Reading takes half the time of mapping them."""

    path: Path
    """Of the codes."""
    width: int
    """Bytes of a token."""
    offsets: Ints
    """(n_paragraphs + 1,)"""
    sentences: npt.NDArray[np.int16]
    """(n_tokens,)"""
    digests: npt.NDArray[np.uint64] | None
    """(n_paragraphs,) by which what is read is verified; None where the whole file was."""

    def read(self, places: Iterable[int]) -> list[tuple[Codes, npt.NDArray[np.int16]]]:
        """(n_tokens, width) codes and (n_tokens,) sentences of some paragraphs. Raises IndexDamagedError."""
        found = []
        try:
            with self.path.open("rb", buffering=0) as file:
                # The codes stand at the end, behind NumPy's header.
                begin = os.fstat(file.fileno()).st_size - int(self.offsets[-1]) * self.width
                for place in places:
                    start, end = self.offsets[place : place + 2].tolist()
                    file.seek(begin + start * self.width)
                    content = file.read((end - start) * self.width)
                    if self.digests is not None and _digest(content) != self.digests[place]:
                        raise IndexDamagedError(f"{self.path} was changed since it was written; {REMEDY}")
                    codes = np.frombuffer(content, np.uint8).reshape(end - start, self.width)
                    found.append((codes, self.sentences[start:end]))
        except (OSError, ValueError) as error:  # ValueError: cut off since it was verified
            raise IndexDamagedError(f"{self.path} cannot be read ({error}); {REMEDY}") from error
        return found


def content_mask(text: str, encoding: Encoding) -> npt.NDArray[np.bool_]:
    """(n_tokens,) whether a token is, or is a piece of, a word that is not a stop word."""

    def is_content(start: int, end: int) -> bool:
        piece = text[start:end].lower()
        inside_word = text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum()
        return any(c.isalnum() for c in piece) and (inside_word or piece not in ENGLISH)

    return np.array([is_content(start, end) for start, end in encoding.spans.tolist()], dtype=bool)


def piece_frequencies(encodings: Sequence[Encoding]) -> npt.NDArray[np.int32]:
    """(2, n_pieces) word-piece ids, and how many paragraphs hold each. One encoding a paragraph."""
    held = Counter(int(piece) for encoding in encodings for piece in np.unique(encoding.ids))
    return np.array([list(held), list(held.values())], dtype=np.int32).reshape(2, -1)


def inverse_document_frequency(pieces: Sequence[npt.NDArray[np.int32]], paragraphs: int, vocabulary: int) -> Floats:
    """(vocabulary,) log((n + 1) / (df + 0.5)) of each word piece over all paragraphs. `pieces`: of each segment."""
    ids, counts = np.concatenate([np.zeros((2, 0), np.int32), *pieces], axis=1)
    frequency = np.bincount(ids, counts, minlength=vocabulary)
    return np.log((paragraphs + 1) / (frequency + 0.5)).astype(np.float32)
