"""Pooled vectors in FAISS: each paragraph's own (under its heading), and those of the questions it answers."""

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from crpd_qa.encoder import Floats, Ints

Positions = npt.NDArray[np.intp]
"""Positions of paragraphs in the document, from 0."""


class DenseIndex:
    """Rows 0 to n-1 are the n paragraphs'; then come the questions', in the order of their paragraphs."""

    def __init__(
        self, index: "faiss.Index", question_offsets: Ints, unanswered: Floats, off_topic: Floats, help: Floats
    ) -> None:
        self._index = index
        self._unanswered = unanswered
        self._off_topic = off_topic
        self._help = help
        self._offsets = question_offsets
        self._paragraphs = len(question_offsets) - 1
        self._vectors: Floats = index.reconstruct_n(0, index.ntotal)
        owners = np.repeat(np.arange(self._paragraphs), np.diff(question_offsets))
        self._owners: Positions = np.concatenate([np.arange(self._paragraphs), owners])

    @classmethod
    def build(
        cls, paragraphs: Floats, questions: list[Floats], unanswered: Floats, off_topic: Floats, help: Floats
    ) -> "DenseIndex":
        """`paragraphs` (n, dim) unit length; `questions` holds n arrays (m_i, dim); the others are (m, dim)."""
        index = faiss.IndexFlatIP(paragraphs.shape[1])
        index.add(np.concatenate([paragraphs, *questions]).astype(np.float32))
        return cls(index, np.cumsum([0, *(len(rows) for rows in questions)]), unanswered, off_topic, help)

    def save(self, folder: Path) -> None:
        faiss.write_index(self._index, str(folder / "dense.faiss"))
        np.save(folder / "dense_questions.npy", self._offsets)
        np.save(folder / "dense_unanswered.npy", self._unanswered)
        np.save(folder / "dense_off_topic.npy", self._off_topic)
        np.save(folder / "dense_help.npy", self._help)

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        return cls(
            faiss.read_index(str(folder / "dense.faiss")),
            np.load(folder / "dense_questions.npy"),
            np.load(folder / "dense_unanswered.npy"),
            np.load(folder / "dense_off_topic.npy"),
            np.load(folder / "dense_help.npy"),
        )

    def search(self, vector: Floats, rows: int) -> Positions:
        """Positions of the paragraphs that own the nearest `rows` rows. `vector` (dim,). Some occur twice."""
        _, found = self._index.search(vector[np.newaxis], min(rows, self._index.ntotal))
        owners: Positions = self._owners[found[0]]
        return owners

    def similarity(self, vector: Floats, positions: Positions) -> tuple[Floats, Floats]:
        """Cosine of a question with each paragraph, and with the nearest question that it answers (0 if none)."""
        own = self._vectors[positions] @ vector
        starts, ends = self._offsets[positions], self._offsets[positions + 1]
        rows = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
        asked = np.zeros(len(positions), dtype=np.float32)
        np.maximum.at(
            asked, np.repeat(np.arange(len(positions)), ends - starts), self._vectors[self._paragraphs + rows] @ vector
        )
        return own, asked

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
        """Cosine of a question with the nearest example of what no report answers."""
        return float((self._off_topic @ vector).max(initial=0.0))

    def help(self, vector: Floats) -> float:
        """Cosine of a message with the nearest example of what is answered by saying what can be asked."""
        return float((self._help @ vector).max(initial=0.0))
