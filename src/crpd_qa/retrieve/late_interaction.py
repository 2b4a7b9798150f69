"""Late interaction (Khattab & Zaharia 2020, ColBERT): each question token finds its best match among a text's tokens.

The matches are averaged with the tokens' inverse document frequencies as weights, so that "person" does not count
as much as "sterilization". Token vectors are the encoder's last hidden states; nothing is trained for this.
"""

from dataclasses import dataclass

import numpy as np

from crpd_qa.encode import Encoding, Floats
from crpd_qa.store.protocol import Store, TokenVectors
from crpd_qa.store.vectors import Positions


def token_weights(encoding: Encoding, idf: Floats, importance: Floats) -> Floats:
    """(n_question_tokens,) the share of each token in the question's meaning; they sum to 1."""
    weights: Floats = (idf[encoding.ids] * importance).astype(np.float32)
    return weights / weights.sum() if len(weights) else weights


@dataclass(frozen=True)
class TokenMatches:
    """Similarity of the question's tokens with those of some paragraphs."""

    tokens: TokenVectors
    similarity: Floats
    """(n_tokens of all the paragraphs, n_question_tokens) cosines."""

    @classmethod
    def of(cls, encoding: Encoding, store: Store, positions: Positions) -> "TokenMatches":
        tokens = store.tokens(positions)
        return cls(tokens, tokens.vectors @ encoding.tokens.T)

    def paragraphs(self, weights: Floats) -> Floats:
        """(n_paragraphs,) the weighted mean of each question token's best match; 0 for one without token vectors."""
        starts, counts = self.tokens.offsets[:-1], np.diff(self.tokens.offsets)
        found = np.zeros(len(counts), dtype=np.float32)
        if len(self.similarity):
            found[counts > 0] = np.maximum.reduceat(self.similarity, starts[counts > 0], axis=0) @ weights
        return found

    def sentences(self, paragraph: int, count: int) -> Floats:
        """(count, n_question_tokens) best match of each question token in each of a paragraph's `count` sentences.

        `paragraph` counts within those that were matched. The heading's tokens belong to no sentence; a sentence
        beyond the encoder's length has no tokens, and matches nothing.
        """
        owner = self.tokens.sentences[paragraph]
        first = int(np.searchsorted(owner, 0))
        rows = self.similarity[self.tokens.offsets[paragraph] + first : self.tokens.offsets[paragraph + 1]]
        best = np.zeros((count, rows.shape[1]), dtype=np.float32)
        if len(rows):
            owner = owner[first:]
            starts = np.concatenate([[0], np.flatnonzero(owner[1:] != owner[:-1]) + 1])
            best[owner[starts]] = np.maximum.reduceat(rows, starts, axis=0)
        return best
