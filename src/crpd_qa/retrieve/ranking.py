"""Question -> ranked paragraphs: candidates from FAISS and BM25, ordered by late interaction fused with both scores."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from crpd_qa.documents import Document, Paragraph
from crpd_qa.encode import Encoding, Floats
from crpd_qa.language import Language
from crpd_qa.library import DocumentEntry, Library
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights
from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.query import Query
from crpd_qa.store.lexical import terms
from crpd_qa.store.protocol import Selected, Space
from crpd_qa.store.tokens import content_mask
from crpd_qa.store.vectors import Positions

NEAREST_ROWS = 50
"""Rows taken from FAISS: paragraphs and questions that paragraphs answer."""
BEST_LEXICAL = 10
"""Paragraphs taken from BM25, for each of two kinds of words."""

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


SAME_TEXT = 0.8
"""Paragraphs in English whose vectors are so near say nearly the same. Of Canada's first report and its next, one pair
in a hundred is: word for word but for a tense, or the same laws told anew."""
HARDLY_BETTER = 0.1
"""A score that is higher by no more tells nothing of them; a year that is asked for makes more than that."""
COMPARED = 10
"""So many of the best paragraphs are compared with each other."""


@dataclass(frozen=True)
class Ranking:
    """Candidate paragraphs, best first, with the signals that ordered them. All arrays are (n_candidates,)."""

    question: str
    language: Language
    library: Library
    words: list[str]
    """Stemmed words of the question."""
    encoding: Encoding
    positions: Positions
    score: Floats
    late: Floats
    dense: Floats
    asked: Floats | None
    """Similarity with the nearest question that is known to be answered; None where documents without written
    questions are asked too, which would be wronged."""
    lexical: Floats
    weights: Floats
    """(n_question_tokens,) of each of the question's tokens; they sum to 1."""
    matches: TokenMatches
    rows: Positions
    """The place of each candidate in `matches`."""
    vector: Floats
    """The question's, as it was compared with those in `space`."""
    space: Space
    highest: float
    """What all signals add up to at most."""

    encode_ms: float
    retrieve_ms: float

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def multilingual(self) -> bool:
        """Whether it is by the multilingual encoder's vectors."""
        return self.space is not self.library.store.space

    def reordered(self, score: Floats) -> "Ranking":
        """The same candidates by another score. `score` (n_candidates,) in this ranking's order."""
        order = np.argsort(-score, kind="stable")
        return self._in_order(order, score[order])

    def with_first(self, order: Positions) -> "Ranking":
        """The first paragraphs in another order, (n,) ranks; scores stay with the ranks."""
        return self._in_order(np.concatenate([order, np.arange(len(order), len(self))]), self.score)

    def _in_order(self, order: Positions, score: Floats) -> "Ranking":
        """All candidates, (n_candidates,) ranks, with what is then the score of each."""
        return replace(
            self,
            score=score,
            asked=None if self.asked is None else self.asked[order],
            **{name: getattr(self, name)[order] for name in ("positions", "late", "dense", "lexical", "rows")},
        )

    def newest_first(self) -> "Ranking":
        """The same, but where documents of one State and kind say nearly the same, the newer one's stands first."""
        count = min(COMPARED, len(self))
        entries = [self.entry(rank) for rank in range(count)]
        if len({entry.symbol for entry in entries}) < 2:
            return self
        same = self.library.store.space.alike(self.positions[:count]) >= SAME_TEXT
        order = np.arange(count)
        for before, after in combinations(range(count), 2):
            older, newer = entries[order[before]], entries[order[after]]
            if (
                same[order[before], order[after]]
                and (older.state, older.kind, older.language) == (newer.state, newer.kind, newer.language)
                and older.language == "en"
                and older.date
                and older.date < newer.date
                and self.score[before] - self.score[after] <= HARDLY_BETTER
            ):
                order[[before, after]] = order[[after, before]]
        return self.with_first(order)

    def leaning_on(self, whole: "Ranking") -> "Ranking":
        """A part's ranking that prefers paragraphs which answer the whole question."""
        scores = dict(zip(whole.positions.tolist(), whole.score.tolist(), strict=True))
        lowest = float(whole.score[-1])
        others = np.array([scores.get(position, lowest) for position in self.positions.tolist()], dtype=np.float32)
        mixed = (self.score + WHOLE_QUESTION_WEIGHT * others) / (1 + WHOLE_QUESTION_WEIGHT)
        return self.reordered(mixed.astype(np.float32))

    def passages(self, top: int) -> tuple[Passage, ...]:
        """The best paragraphs, each once whatever languages it is there in; scores between 0 and 1."""
        found: dict[tuple[str, str], Passage] = {}
        for rank in range(len(self)):
            if len(found) == top:
                break
            symbol, paragraph = self.entry(rank).symbol, self.paragraph(rank)
            score = round(min(max(float(self.score[rank]) / self.highest, 0.0), 1.0), 4)
            found.setdefault((symbol, paragraph.label), Passage(symbol, paragraph.label, paragraph.number, score))
        return tuple(found.values())

    def sentence_matches(self, rank: int) -> Floats:
        """(n_sentences, n_question_tokens) best match of each token in each sentence of the paragraph of that rank."""
        return self.matches.sentences(int(self.rows[rank]), len(self.paragraph(rank).sentences))

    def paragraph(self, rank: int) -> Paragraph:
        """The paragraph of that rank, from 0."""
        return self.library.at(int(self.positions[rank]))[1]

    def document(self, rank: int) -> Document:
        """The document that holds the paragraph of that rank."""
        return self.library.at(int(self.positions[rank]))[0]

    def entry(self, rank: int) -> DocumentEntry:
        """What the library says of that document."""
        return self.library.entry_at(int(self.positions[rank]))


def rank_english(query: Query, library: Library, selection: Selected, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` of the selected paragraphs (all, if there are fewer)."""
    question, store, space = query.searched, library.store, library.store.space
    begun = time.perf_counter()
    encoding = library.encoder.encode(question)
    encoding = encoding.keep(content_mask(question, encoding))
    encoded = time.perf_counter()
    words = terms(question)
    named = [word for word in terms(" ".join(report_words(question, "en"))) if store.lexical.idf(word) > RARE]
    questions = library.have_questions(query.scope)
    nearest = space.search(encoding.vector, max(NEAREST_ROWS, 8 * minimum), selection, asked=questions)
    lexically = [store.lexical.search(own, BEST_LEXICAL, selection) for own in (words, named)]
    positions = np.unique(np.concatenate([nearest, *lexically]))

    weights = token_weights(encoding, store.idf, np.where(encoding.spans[:, 0] < query.start, CONTEXT_WEIGHT, 1.0))
    matches = TokenMatches.of(encoding, store, positions)
    late = matches.paragraphs(weights)
    dense, asked = space.similarity(encoding.vector, positions)
    lexical, glossary = (store.lexical.coverage(own, positions) for own in (words, named))
    score = late + DENSE_WEIGHT * dense + LEXICAL_WEIGHT * lexical + GLOSSARY_WEIGHT * glossary
    if questions:
        score += ASKED_WEIGHT * asked

    return Ranking(
        question=question,
        language="en",
        library=library,
        words=words,
        encoding=encoding,
        positions=positions,
        score=score,
        late=late,
        dense=dense,
        asked=asked if questions else None,
        lexical=lexical,
        weights=weights,
        matches=matches,
        rows=np.arange(len(positions)),
        vector=encoding.vector,
        space=space,
        highest=1 + DENSE_WEIGHT + LEXICAL_WEIGHT + ASKED_WEIGHT * questions,
        encode_ms=(encoded - begun) * 1000,
        retrieve_ms=(time.perf_counter() - encoded) * 1000,
    ).reordered(score)


def merged_passages(rankings: Sequence[Ranking], top: int) -> tuple[Passage, ...]:
    """The best paragraphs of several rankings (of a question and its parts), each by its best score."""
    best: dict[tuple[str, str], Passage] = {}
    for passage in sorted((p for r in rankings for p in r.passages(top)), key=lambda p: -p.score):
        best.setdefault((passage.document, passage.label), passage)
    return tuple(best.values())[:top]
