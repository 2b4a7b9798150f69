"""Vectors of very many paragraphs: they stay on the disk, memory-mapped, behind an index that looks at a part."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from crpd_qa.encode import Floats
from crpd_qa.store.places import Places
from crpd_qa.store.vectors import STORED, Positions, Selection, VectorSpace

INDEX = "IVF1,PQ{parts}x4fs"
"""FAISS's name of a scan of every row in 4 bits for two numbers (André et al. 2015): docs/scale.md has the recall. One
inverted list, since FAISS narrows a search by a filter only there."""
TRAINED_ON = 20_000
CANDIDATES = 200
"""So many of the rows that the scan finds are compared by their whole vectors, at least."""
EXACT_UP_TO = 2_000
"""So few allowed rows are all compared by their whole vectors."""
BLOCK = 50_000

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done, and how much there is."""


class MappedVectors:
    """(n, dim) vectors of unit length on the disk, and a product quantizer's codes of them in memory, dim / 4 bytes."""

    def __init__(self, folder: Path, name: str) -> None:
        self.rows = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
        self._index = faiss.read_index(str(folder / f"{name}.faiss"))

    @staticmethod
    def write(folder: Path, name: str, parts: Iterable[Floats], shape: tuple[int, int], progress: Progress) -> None:
        """The vectors, part by part, `shape` altogether; then their index."""
        rows = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", STORED, shape)
        end = 0
        for part in parts:
            rows[end : (end := end + len(part))] = part
        # FAISS adds up the parts in 16 bits, which holds those of 512 numbers.
        parts_of_a_row = shape[1] // (2 if shape[1] <= 512 else 4)
        index: Any = faiss.index_factory(shape[1], INDEX.format(parts=parts_of_a_row), faiss.METRIC_INNER_PRODUCT)
        index.by_residual = False
        sample = np.random.default_rng(0).choice(len(rows), min(TRAINED_ON, len(rows)), replace=False)
        progress(f"Indexing {name} vectors", 0, len(rows))
        index.train(rows[np.sort(sample)].astype(np.float32))
        for start in range(0, len(rows), BLOCK):
            progress(f"Indexing {name} vectors", start, len(rows))
            index.add(rows[start : start + BLOCK].astype(np.float32))
        progress(f"Indexing {name} vectors", len(rows), len(rows))
        faiss.write_index(index, str(folder / f"{name}.faiss"))
        rows.flush()

    def nearest(self, vector: Floats, count: int, allowed: Selection | None) -> tuple[Positions, Floats]:
        """The nearest of the allowed rows, nearest first, at most `count`, with their cosines. `vector` (dim,)."""
        if allowed is not None and np.count_nonzero(allowed) <= EXACT_UP_TO:
            candidates = np.flatnonzero(allowed)
        else:
            # faiss' stubs know its C++ names only, not what Python makes of them.
            selector = allowed if allowed is None else faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
            # Threads that wait for one another double the time where others use the cores; each that asks sets its own.
            faiss.omp_set_num_threads(1)
            parameters = faiss.SearchParametersIVF(nprobe=1, sel=selector)  # type: ignore[call-arg]
            found = self._index.search(vector[np.newaxis], max(count, CANDIDATES), params=parameters)[1][0]
            candidates = found[found >= 0]
        scores = self.own(candidates) @ vector
        best = np.argsort(-scores, kind="stable")[:count]
        return candidates[best], scores[best]

    def own(self, rows: Positions) -> Floats:
        """(n, dim) vectors of some rows."""
        found: Floats = self.rows[rows].astype(np.float32)
        return found


class MappedSpace:
    """Many documents' mapped vectors, and those of the others beside them."""

    def __init__(self, mapped: MappedVectors, places: Places, others: VectorSpace, beside: Places) -> None:
        """`places` of the mapped rows, `beside` of the other documents' paragraphs."""
        self._mapped = mapped
        self._places = places
        self._others = others
        self._beside = beside
        self.answered_odds = others.answered_odds
        self.unanswered = others.unanswered
        self.off_topic = others.off_topic
        self.help = others.help

    def search(self, vector: Floats, rows: int, selection: Selection | None = None, *, asked: bool = True) -> Positions:
        """Positions of the paragraphs that own the nearest `rows` rows. `vector` (dim,). Some occur twice.

        `asked` False looks at the paragraphs' own vectors only.
        """
        mapped, cosines = self._mapped.nearest(vector, rows, self._places.within(selection))
        other, others = self._others.nearest(vector, rows, self._beside.within(selection), asked=asked)
        found = np.concatenate([self._places.positions[mapped], self._beside.positions[other]])
        best: Positions = found[np.argsort(-np.concatenate([cosines, others]), kind="stable")[:rows]]
        return best

    def similarity(self, vector: Floats, positions: Positions) -> tuple[Floats, Floats]:
        """Cosine of a question with each paragraph, and with the nearest question that it answers (0 if none)."""
        beside = self._beside.rows[positions] >= 0
        asked = np.zeros(len(positions), dtype=np.float32)
        asked[beside] = self._others.similarity(vector, self._beside.rows[positions[beside]])[1]
        return self.own(positions) @ vector, asked

    def alike(self, positions: Positions) -> Floats:
        """(n, n) cosines of some paragraphs with each other."""
        own = self.own(positions)
        return own @ own.T

    def own(self, positions: Positions) -> Floats:
        """(n, dim) vectors of some paragraphs."""
        beside = self._beside.rows[positions] >= 0
        found = np.empty((len(positions), self._mapped.rows.shape[1]), dtype=np.float32)
        found[beside] = self._others.own(self._beside.rows[positions[beside]])
        found[~beside] = self._mapped.own(self._places.rows[positions[~beside]])
        return found

    def nearest_questions(self, vector: Floats, top: int) -> list[tuple[int, int]]:
        """(position of the paragraph, which of its questions) of the nearest questions, nearest first."""
        nearest = self._others.nearest_questions(vector, top)
        return [(int(self._beside.positions[own]), which) for own, which in nearest]
