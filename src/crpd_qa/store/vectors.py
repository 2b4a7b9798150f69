"""Pooled vectors in FAISS: each paragraph's own (under its heading), and those of the questions it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats, Ints

Positions = npt.NDArray[np.intp]
"""Positions of paragraphs in the opened store, from 0: documents in the library's order, paragraphs as they stand."""
Selection = npt.NDArray[np.bool_]
"""(n_paragraphs,) which may be found."""

STORED = np.float16
"""How numbers of vectors stand on the disk; earlier versions wrote 32 bits. A cosine differs by some 1e-5."""


@dataclass(frozen=True)
class VectorRows:
    """One document's vectors, all of unit length."""

    paragraphs: Floats
    """(n, dim)"""
    questions: Floats
    """(n_questions, dim), in the order of their paragraphs."""
    offsets: Ints
    """(n + 1,) rows of each paragraph in `questions`."""
    unanswered: Floats
    """(m, dim) close questions that the document does not answer."""

    def save(self, path: Path) -> None:
        np.savez(path, **{name: own if name == "offsets" else own.astype(STORED) for name, own in vars(self).items()})

    @classmethod
    def load(cls, path: Path) -> "VectorRows":
        with np.load(path) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        return cls(**{name: own if name == "offsets" else own.astype(np.float32) for name, own in found.items()})

    @classmethod
    def concatenate(cls, parts: Sequence["VectorRows"], dimension: int) -> "VectorRows":
        """Paragraphs of each part come after those of the parts before."""
        nothing = np.zeros((0, dimension), dtype=np.float32)
        counts = [np.diff(part.offsets) for part in parts]
        return cls(
            np.concatenate([nothing, *(part.paragraphs for part in parts)]),
            np.concatenate([nothing, *(part.questions for part in parts)]),
            np.concatenate([[0], np.cumsum(np.concatenate([[], *counts]))]).astype(np.int64),
            np.concatenate([nothing, *(part.unanswered for part in parts)]),
        )


class Examples(NamedTuple):
    """Messages that ask nothing of any document: vectors (n, dim)."""

    off_topic: Floats
    help: Floats
    """Greetings, thanks, questions about the program: answered by saying what can be asked."""

    @classmethod
    def load(cls, folder: Path, encoder: str) -> "Examples":
        return cls(*(np.load(folder / f"{name}.{encoder}.npy") for name in ("off-topic", "help")))


class VectorSpace:
    """Nearest paragraphs and questions by cosine."""

    def __init__(self, rows: VectorRows, examples: Examples) -> None:
        self._paragraphs = len(rows.paragraphs)
        self._index = faiss.IndexFlatIP(examples.off_topic.shape[1])
        self._index.add(rows.paragraphs)
        self._index.add(rows.questions)
        # A view of FAISS's own memory, not a second copy.
        self._vectors: Floats = faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self._index.d).reshape(
            -1, self._index.d
        )
        self._offsets = rows.offsets
        owners = np.repeat(np.arange(self._paragraphs), np.diff(rows.offsets))
        self._owners: Positions = np.concatenate([np.arange(self._paragraphs), owners])
        self._unanswered = rows.unanswered
        self._examples = examples

    def search(self, vector: Floats, rows: int, selection: Selection | None = None, *, asked: bool = True) -> Positions:
        """Positions of the paragraphs that own the nearest `rows` rows. `vector` (dim,). Some occur twice.

        `asked` False looks at the paragraphs' own vectors only.
        """
        return self.nearest(vector, rows, selection, asked=asked)[0]

    def nearest(
        self, vector: Floats, rows: int, selection: Selection | None = None, *, asked: bool = True
    ) -> tuple[Positions, Floats]:
        """The same with the cosine of each row."""
        allowed = selection if selection is None else selection[self._owners]
        if not asked:
            allowed = np.arange(len(self._owners)) < self._paragraphs if allowed is None else allowed.copy()
            allowed[self._paragraphs :] = False
        if not len(self._owners) or (allowed is not None and not allowed.any()):
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        if allowed is None:
            scores, found = self._index.search(vector[np.newaxis], min(rows, self._index.ntotal))
        else:
            # faiss' stubs know its C++ names only, not what Python makes of them.
            bitmap = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
            parameters = faiss.SearchParameters(sel=bitmap)  # type: ignore[call-arg]
            scores, found = self._index.search(vector[np.newaxis], min(rows, int(allowed.sum())), params=parameters)
        there = found[0] >= 0
        return self._owners[found[0][there]], scores[0][there]

    def similarity(self, vector: Floats, positions: Positions) -> tuple[Floats, Floats]:
        """Cosine of a question with each paragraph, and with the nearest question that it answers (0 if none)."""
        own = self._vectors[positions] @ vector
        starts, ends = self._offsets[positions], self._offsets[positions + 1]
        asked = np.zeros(len(positions), dtype=np.float32)
        rows = np.concatenate([np.arange(0), *(np.arange(start, end) for start, end in zip(starts, ends, strict=True))])
        np.maximum.at(
            asked, np.repeat(np.arange(len(positions)), ends - starts), self._vectors[self._paragraphs + rows] @ vector
        )
        return own, asked

    def alike(self, positions: Positions) -> Floats:
        """(n, n) cosines of some paragraphs with each other."""
        own = self.own(positions)
        return own @ own.T

    def own(self, positions: Positions) -> Floats:
        """(n, dim) vectors of some paragraphs."""
        return self._vectors[positions]

    def nearest_questions(self, vector: Floats, top: int) -> list[tuple[int, int]]:
        """(position of the paragraph, which of its questions) of the nearest questions, nearest first."""
        rows = np.argsort(-(self._vectors[self._paragraphs :] @ vector), kind="stable")[:top]
        owners = self._owners[self._paragraphs + rows]
        return list(zip(owners.tolist(), (rows - self._offsets[owners]).tolist(), strict=True))

    def answered_odds(self, vector: Floats, width: float) -> float:
        """Logarithm of the odds that a question is answered, as those near it are: kernel votes of both kinds.

        Each known question votes with exp(cosine / width) (Parzen 1962).
        """
        answered, unanswered = self._vectors[self._paragraphs :] @ vector, self._unanswered @ vector
        if not len(answered) or not len(unanswered):
            return 0.0
        return float(np.log(np.exp((answered - 1) / width).sum()) - np.log(np.exp((unanswered - 1) / width).sum()))

    def unanswered(self, vector: Floats) -> float:
        """Cosine of a question with the nearest one that is known not to be answered (0 if none is known)."""
        return float((self._unanswered @ vector).max(initial=0.0))

    def off_topic(self, vector: Floats) -> float:
        """Cosine of a question with the nearest example of what no document answers."""
        return float((self._examples.off_topic @ vector).max(initial=0.0))

    def help(self, vector: Floats) -> float:
        """Cosine of a message with the nearest example of what is answered by saying what can be asked."""
        return float((self._examples.help @ vector).max(initial=0.0))
