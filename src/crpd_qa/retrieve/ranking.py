"""Question -> ranked paragraphs: candidates from FAISS and BM25, ordered by late interaction fused with both scores."""

from dataclasses import dataclass

import numpy as np

from crpd_qa.encoder import Encoding, Floats
from crpd_qa.index import Index
from crpd_qa.index.dense import Positions
from crpd_qa.index.lexical import terms
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights

NEAREST_ROWS = 160
"""Rows taken from FAISS: paragraphs and questions that paragraphs answer."""
BEST_LEXICAL = 24
"""Paragraphs taken from BM25."""

DENSE_WEIGHT = 0.5
ASKED_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.1
"""What is added to late interaction's score; chosen on eval/dev.jsonl (eval/README.md has the table)."""


@dataclass(frozen=True)
class Ranking:
    """Candidate paragraphs, best first, with the signals that ordered them. All arrays are (n_candidates,)."""

    question: str
    words: list[str]
    """Stemmed words of the question."""
    encoding: Encoding
    positions: Positions
    score: Floats
    late: Floats
    dense: Floats
    asked: Floats
    lexical: Floats
    matches: TokenMatches

    def __len__(self) -> int:
        return len(self.positions)


def rank(question: str, index: Index) -> Ranking:
    """Rank the paragraphs for a question."""
    encoding = index.encoder.encode(question)
    words = terms(question)
    bm25 = index.lexical.scores(words)
    nearest = index.dense.search(encoding.vector, NEAREST_ROWS)
    best_lexical = np.argsort(-bm25, kind="stable")[:BEST_LEXICAL]
    positions = np.unique(np.concatenate([nearest, best_lexical[bm25[best_lexical] > 0]]))

    weights = token_weights(question, encoding, index.tokens.idf)
    matches = TokenMatches.of(weights, encoding, index.tokens, positions)
    late = matches.paragraphs()
    dense, asked = index.dense.similarity(encoding.vector, positions)
    # Divided by the words' rarity, BM25 tells how much of the question a paragraph holds, whatever the question's length.
    lexical = bm25[positions] / max(sum(index.lexical.idf(word) for word in set(words)), 1.0)
    score = late + DENSE_WEIGHT * dense + ASKED_WEIGHT * asked + LEXICAL_WEIGHT * lexical

    order = np.argsort(-score, kind="stable")
    return Ranking(
        question=question,
        words=words,
        encoding=encoding,
        positions=positions[order],
        score=score[order],
        late=late[order],
        dense=dense[order],
        asked=asked[order],
        lexical=lexical[order],
        matches=TokenMatches(
            matches.tokens, weights, positions, matches.similarity, matches.offsets
        ),
    )
