"""Question -> ranked paragraphs: candidates from FAISS and BM25, ordered by late interaction fused with both scores."""

import time
from dataclasses import dataclass

import numpy as np

from crpd_qa.document import Document, Paragraph
from crpd_qa.encoder import Encoding, Floats
from crpd_qa.index import Index
from crpd_qa.index.dense import Positions
from crpd_qa.index.lexical import terms
from crpd_qa.index.tokens import content_mask
from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights

NEAREST_ROWS = 60
"""Rows taken from FAISS: paragraphs and questions that paragraphs answer."""
BEST_LEXICAL = 14
"""Paragraphs taken from BM25."""

DENSE_WEIGHT = 0.5
ASKED_WEIGHT = 1.0
LEXICAL_WEIGHT = 0.1
"""What is added to late interaction's score; chosen on eval/dev.jsonl (eval/README.md has the table)."""


@dataclass(frozen=True)
class Ranking:
    """Candidate paragraphs, best first, with the signals that ordered them. All arrays are (n_candidates,)."""

    question: str
    document: Document
    words: list[str]
    """Stemmed words of the question."""
    encoding: Encoding
    positions: Positions
    score: Floats
    late: Floats
    dense: Floats
    asked: Floats
    lexical: Floats
    weights: Floats
    """(n_question_tokens,) of each of the question's tokens; they sum to 1."""
    matches: TokenMatches
    rows: Positions
    """The place of each candidate in `matches`."""

    encode_ms: float
    retrieve_ms: float

    def __len__(self) -> int:
        return len(self.positions)

    def passages(self, top: int) -> tuple[Passage, ...]:
        """Paragraph numbers and scores between 0 and 1, best first."""
        highest = 1 + DENSE_WEIGHT + ASKED_WEIGHT + LEXICAL_WEIGHT
        return tuple(
            Passage(int(position) + 1, round(min(max(float(score) / highest, 0.0), 1.0), 4))
            for position, score in zip(self.positions[:top], self.score[:top], strict=True)
        )

    def sentence_matches(self, rank: int) -> Floats:
        """(n_sentences, n_question_tokens) best match of each token in each sentence of the paragraph of that rank."""
        return self.matches.sentences(int(self.rows[rank]), len(self.paragraph(rank).sentences))

    def paragraph(self, rank: int) -> Paragraph:
        """The paragraph of that rank, from 0."""
        return self.document.paragraphs[self.positions[rank]]


def rank(question: str, index: Index, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` paragraphs for a question (all, if the report has fewer)."""
    begun = time.perf_counter()
    encoding = index.encoder.encode(question)
    encoding = encoding.keep(content_mask(question, encoding))
    encoded = time.perf_counter()
    words = terms(question)
    bm25 = index.lexical.scores(words)
    nearest = index.dense.search(encoding.vector, max(NEAREST_ROWS, 8 * minimum))
    best_lexical = np.argsort(-bm25, kind="stable")[:BEST_LEXICAL]
    positions = np.unique(np.concatenate([nearest, best_lexical[bm25[best_lexical] > 0]]))

    weights = token_weights(encoding, index.tokens.idf)
    matches = TokenMatches.of(encoding, index.tokens, positions)
    late = matches.paragraphs(weights)
    dense, asked = index.dense.similarity(encoding.vector, positions)
    # Divided by the words' rarity, BM25 tells how much of the question a paragraph holds, whatever the question's length.
    lexical = bm25[positions] / max(sum(index.lexical.idf(word) for word in set(words)), 1.0)
    score = late + DENSE_WEIGHT * dense + ASKED_WEIGHT * asked + LEXICAL_WEIGHT * lexical

    order = np.argsort(-score, kind="stable")
    return Ranking(
        question=question,
        document=index.document,
        words=words,
        encoding=encoding,
        positions=positions[order],
        score=score[order],
        late=late[order],
        dense=dense[order],
        asked=asked[order],
        lexical=lexical[order],
        weights=weights,
        matches=matches,
        rows=order,
        encode_ms=(encoded - begun) * 1000,
        retrieve_ms=(time.perf_counter() - encoded) * 1000,
    )
