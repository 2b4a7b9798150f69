"""Where the rows of some paragraphs lie, together in an order of their own, while documents come and go."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crpd_qa.encode import Ints
from crpd_qa.store.vectors import Positions, Selection


@dataclass(frozen=True)
class Places:
    """Rows, and the positions of the paragraphs that they are of; both in ascending order."""

    positions: Positions
    """(n_rows,) -1 for a row of a document that was taken out since."""
    rows: Positions
    """(n_paragraphs,) row of each paragraph of the store, -1 for one that has none here."""

    @classmethod
    def of(cls, first: Ints, numbers: Sequence[int], starts: Sequence[int], size: int) -> "Places":
        """Some documents' among `size` rows: their numbers in the store, and the row of each one's first paragraph.

        `first` (n_documents + 1,) position of each document's first paragraph.
        """
        positions, rows = np.full(size, -1, dtype=np.intp), np.full(int(first[-1]), -1, dtype=np.intp)
        for number, start in zip(numbers, starts, strict=True):
            own = slice(int(first[number]), int(first[number + 1]))
            rows[own] = np.arange(start, start + own.stop - own.start)
            positions[start : start + own.stop - own.start] = np.arange(own.start, own.stop)
        return cls(positions, rows)

    @classmethod
    def in_order(cls, paragraphs: int) -> "Places":
        """Of a store each of whose paragraphs has the row of its position."""
        return cls(np.arange(paragraphs), np.arange(paragraphs))

    def within(self, selection: Selection | None) -> Selection | None:
        """(n_rows,) which rows may be found, None for all."""
        if selection is None:
            return None if self._all_there else self.positions >= 0
        return selection[self.positions] if self._all_there else selection[self.positions] & (self.positions >= 0)

    @cached_property
    def _all_there(self) -> bool:
        return len(self.positions) == np.count_nonzero(self.rows >= 0)
