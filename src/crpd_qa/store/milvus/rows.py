"""A document's files -> its rows in Milvus, and what of them is read back."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crpd_qa.store.documents import Described
from crpd_qa.store.lexical import Postings
from crpd_qa.store.milvus.schema import MAX_TEXT, PARAGRAPH, QUESTION, UNANSWERED
from crpd_qa.store.segment import Segment
from crpd_qa.store.tokens import Codes, TokenRows
from crpd_qa.store.vectors import VectorRows

Row = dict[str, Any]
MAX_WORDS = MAX_TEXT // 17
"""Of a paragraph's words so many are searched: each takes 16 characters and a space."""
_PIECE = MAX_TEXT // 4 * 4
"""Characters of Base64 in one text."""


def row_id(segment: str, place: int) -> str:
    """Of a paragraph."""
    return f"{segment}#{place}"


def word_id(digest: int) -> str:
    """A word's digest as a word that every analyzer leaves as it is."""
    return f"{digest:016x}"


def paragraph_rows(segment: Segment, entry: Described) -> Iterator[Row]:
    """Words and token vectors of each paragraph."""
    tokens, words = segment.tokens(), _words(segment.postings)
    for place, described in enumerate(_described(segment, entry)):
        yield described | {
            "id": row_id(entry.segment, place),
            "words": " ".join(words[place][:MAX_WORDS]),
            "tokens": packed(tokens, place),
        }


def vector_rows(vectors: VectorRows | None, dimension: int, segment: Segment, entry: Described) -> Iterator[Row]:
    """The vectors of each paragraph, of its questions, and of those that the document does not answer.

    Paragraphs without vectors get zeros, which are like nothing.
    """
    described = list(_described(segment, entry))
    own = vectors.paragraphs if vectors else np.zeros((entry.paragraphs, dimension), dtype=np.float32)

    def row(place: int, role: int, which: int, vector: npt.NDArray[np.float32]) -> Row:
        paragraph = row_id(entry.segment, place)
        own_id = f"{paragraph}.{role}.{which}"
        said = described[place] if place >= 0 else described[0] | {"place": place, "articles": 0}
        return said | {"id": own_id, "paragraph": paragraph, "role": role, "which": which, "vector": vector.tolist()}

    for place, vector in enumerate(own):
        yield row(place, PARAGRAPH, 0, vector)
    if vectors:
        for place in range(entry.paragraphs):
            start, end = vectors.offsets[place : place + 2]
            for which, vector in enumerate(vectors.questions[start:end]):
                yield row(place, QUESTION, which, vector)
        for which, vector in enumerate(vectors.unanswered):
            yield row(-1, UNANSWERED, which, vector)


def packed(tokens: TokenRows, place: int) -> list[str]:
    """The sentences of a paragraph's tokens, then their vectors' codes, in Base64; most need one text."""
    start, end = tokens.offsets[place : place + 2]
    content = b64encode(
        tokens.sentences[start:end].astype("<i2").tobytes() + tokens.codes[start:end].tobytes()
    ).decode()
    return [content[first : first + _PIECE] for first in range(0, len(content), _PIECE)]


def unpacked(pieces: Sequence[str], width: int) -> tuple[Codes, npt.NDArray[np.int16]]:
    """(n, width) codes of `packed`, and (n,) the sentence of each."""
    content = b64decode("".join(pieces))
    count = len(content) // (2 + width)
    codes = np.frombuffer(content, np.uint8, offset=2 * count).reshape(count, width)
    return codes, np.frombuffer(content, "<i2", count=count).astype(np.int16)


def _described(segment: Segment, entry: Described) -> Iterator[Row]:
    for place, bits in enumerate(segment.articles.tolist()):
        yield {
            "segment": entry.segment,
            "document": entry.symbol.upper(),
            "state": entry.state,
            "kind": entry.kind,
            "language": entry.language,
            "year": entry.year or 0,
            "place": place,
            "articles": bits,
        }


def _words(postings: Postings) -> list[list[str]]:
    """Of each paragraph its words, each as often as it stands there."""
    found: list[list[str]] = [[] for _ in postings.lengths]
    digests = np.repeat(postings.words, np.diff(postings.offsets)).tolist()
    for digest, paragraph, count in zip(digests, postings.paragraphs.tolist(), postings.counts.tolist(), strict=True):
        found[paragraph] += [word_id(digest)] * count
    return found
