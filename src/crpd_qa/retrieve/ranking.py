"""Question -> ranked paragraphs: candidates from FAISS and BM25, ordered by late interaction fused with both scores."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crpd_qa.document import Document, Paragraph
from crpd_qa.encoder import Encoding, Floats
from crpd_qa.index import Index
from crpd_qa.index.dense import DenseIndex, Positions
from crpd_qa.index.lexical import terms
from crpd_qa.index.tokens import content_mask
from crpd_qa.language import Language
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights
from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.query import Query

NEAREST_ROWS = 50
"""Rows taken from FAISS: paragraphs and questions that paragraphs answer."""
BEST_LEXICAL = 10
"""Paragraphs taken from BM25."""

DENSE_WEIGHT = 0.5
ASKED_WEIGHT = 1.0
LEXICAL_WEIGHT = 0.1
GLOSSARY_WEIGHT = 0.2
"""What is added to late interaction's score; chosen on eval/dev.jsonl (eval/README.md has the table)."""

RARE = 3.0
"""The glossary's words count from this inverse document frequency on: in fewer than one paragraph of twenty."""
WHOLE_QUESTION_WEIGHT = 0.5
"""How much the whole question counts where one of its parts is looked for."""
CONTEXT_WEIGHT = 0.5
"""How much the words of earlier questions count beside those of a follow-up."""


@dataclass(frozen=True)
class Ranking:
    """Candidate paragraphs, best first, with the signals that ordered them. All arrays are (n_candidates,)."""

    question: str
    language: Language
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
    vector: Floats
    """The question's, as it was compared with those in `space`."""
    space: DenseIndex
    highest: float
    """What all signals add up to at most."""

    encode_ms: float
    retrieve_ms: float

    def __len__(self) -> int:
        return len(self.positions)

    def reordered(self, score: Floats) -> "Ranking":
        """The same candidates by another score. `score` (n_candidates,) in this ranking's order."""
        order = np.argsort(-score, kind="stable")
        return replace(
            self,
            score=score[order],
            **{name: getattr(self, name)[order] for name in ("positions", "late", "dense", "asked", "lexical", "rows")},
        )

    def leaning_on(self, whole: "Ranking") -> "Ranking":
        """A part's ranking that prefers paragraphs which answer the whole question."""
        scores = dict(zip(whole.positions.tolist(), whole.score.tolist(), strict=True))
        lowest = float(whole.score[-1])
        others = np.array([scores.get(position, lowest) for position in self.positions.tolist()], dtype=np.float32)
        mixed = (self.score + WHOLE_QUESTION_WEIGHT * others) / (1 + WHOLE_QUESTION_WEIGHT)
        return self.reordered(mixed.astype(np.float32))

    def passages(self, top: int) -> tuple[Passage, ...]:
        """Paragraph numbers and scores between 0 and 1, best first."""
        return tuple(
            Passage(int(position) + 1, round(min(max(float(score) / self.highest, 0.0), 1.0), 4))
            for position, score in zip(self.positions[:top], self.score[:top], strict=True)
        )

    def sentence_matches(self, rank: int) -> Floats:
        """(n_sentences, n_question_tokens) best match of each token in each sentence of the paragraph of that rank."""
        return self.matches.sentences(int(self.rows[rank]), len(self.paragraph(rank).sentences))

    def paragraph(self, rank: int) -> Paragraph:
        """The paragraph of that rank, from 0."""
        return self.document.paragraphs[int(self.positions[rank])]


def rank_english(query: Query, index: Index, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` paragraphs (all, if the report has fewer)."""
    question = query.text
    begun = time.perf_counter()
    encoding = index.encoder.encode(question)
    encoding = encoding.keep(content_mask(question, encoding))
    encoded = time.perf_counter()
    words = terms(question)
    named = [word for word in terms(" ".join(report_words(question, "en"))) if index.lexical.idf(word) > RARE]
    bm25, glossary = index.lexical.coverage(words), index.lexical.coverage(named)
    nearest = index.dense.search(encoding.vector, max(NEAREST_ROWS, 8 * minimum))
    positions = np.unique(np.concatenate([nearest, best_lexical(bm25), best_lexical(glossary)]))

    weights = token_weights(
        encoding, index.tokens.idf, np.where(encoding.spans[:, 0] < query.start, CONTEXT_WEIGHT, 1.0)
    )
    matches = TokenMatches.of(encoding, index.tokens, positions)
    late = matches.paragraphs(weights)
    dense, asked = index.dense.similarity(encoding.vector, positions)
    lexical = bm25[positions]
    score = (
        late
        + DENSE_WEIGHT * dense
        + ASKED_WEIGHT * asked
        + LEXICAL_WEIGHT * lexical
        + GLOSSARY_WEIGHT * glossary[positions]
    )

    return Ranking(
        question=question,
        language="en",
        document=index.document,
        words=words,
        encoding=encoding,
        positions=positions,
        score=score,
        late=late,
        dense=dense,
        asked=asked,
        lexical=lexical,
        weights=weights,
        matches=matches,
        rows=np.arange(len(positions)),
        vector=encoding.vector,
        space=index.dense,
        highest=1 + DENSE_WEIGHT + ASKED_WEIGHT + LEXICAL_WEIGHT,
        encode_ms=(encoded - begun) * 1000,
        retrieve_ms=(time.perf_counter() - encoded) * 1000,
    ).reordered(score)


def best_lexical(scores: Floats) -> Positions:
    """Positions of the paragraphs that hold most of some words."""
    best = np.argsort(-scores, kind="stable")[:BEST_LEXICAL]
    found: Positions = best[scores[best] > 0]
    return found


def merged_passages(rankings: Sequence[Ranking], top: int) -> tuple[Passage, ...]:
    """The best paragraphs of several rankings (of a question and its parts), each by its best score."""
    best: dict[int, Passage] = {}
    for passage in sorted((p for r in rankings for p in r.passages(top)), key=lambda p: -p.score):
        best.setdefault(passage.number, passage)
    return tuple(best.values())[:top]
