"""Late interaction (Khattab & Zaharia 2020, ColBERT): each question token finds its best match among a text's tokens.

The matches are averaged with the tokens' inverse document frequencies as weights, so that "person" does not count
as much as "sterilization". Token vectors are the encoder's last hidden states; nothing is trained for this.
"""

from dataclasses import dataclass

import numpy as np

from crpd_qa.encoder import Encoding, Floats, Ints
from crpd_qa.index.dense import Positions
from crpd_qa.index.tokens import TokenIndex


def token_weights(encoding: Encoding, idf: Floats, importance: Floats) -> Floats:
    """(n_question_tokens,) the share of each token in the question's meaning; they sum to 1."""
    weights: Floats = (idf[encoding.ids] * importance).astype(np.float32)
    return weights / weights.sum() if len(weights) else weights


@dataclass(frozen=True)
class TokenMatches:
    """Similarity of the question's tokens with those of some paragraphs."""

    tokens: TokenIndex
    positions: Positions
    similarity: Floats
    """(n_tokens of all the paragraphs, n_question_tokens) cosines."""
    offsets: Ints
    """(n_paragraphs + 1,) rows of each paragraph in `similarity`."""

    @classmethod
    def of(cls, encoding: Encoding, tokens: TokenIndex, positions: Positions) -> "TokenMatches":
        starts, ends = tokens.offsets[positions], tokens.offsets[positions + 1]
        offsets = np.concatenate([[0], np.cumsum(ends - starts)])
        asked = np.ascontiguousarray(encoding.tokens.T)
        similarity = np.empty((offsets[-1], asked.shape[1]), dtype=np.float32)
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):  # no copy of the memory-mapped vectors
            np.matmul(tokens.vectors[start:end], asked, out=similarity[offsets[i] : offsets[i + 1]])
        return cls(tokens=tokens, positions=positions, similarity=similarity, offsets=offsets)

    def paragraphs(self, weights: Floats) -> Floats:
        """(n_paragraphs,) the weighted mean of each question token's best match."""
        best: Floats = np.maximum.reduceat(self.similarity, self.offsets[:-1], axis=0)
        return best @ weights

    def sentences(self, paragraph: int, count: int) -> Floats:
        """(count, n_question_tokens) best match of each question token in each of a paragraph's `count` sentences.

        `paragraph` counts within `positions`. The heading's tokens belong to no sentence; a sentence beyond the
        encoder's length has no tokens, and matches nothing.
        """
        position = self.positions[paragraph]
        owner = self.tokens.sentences[self.tokens.offsets[position] : self.tokens.offsets[position + 1]]
        first = int(np.searchsorted(owner, 0))
        rows = self.similarity[self.offsets[paragraph] + first : self.offsets[paragraph + 1]]
        best = np.zeros((count, rows.shape[1]), dtype=np.float32)
        if len(rows):
            owner = owner[first:]
            starts = np.concatenate([[0], np.flatnonzero(owner[1:] != owner[:-1]) + 1])
            best[owner[starts]] = np.maximum.reduceat(rows, starts, axis=0)
        return best
