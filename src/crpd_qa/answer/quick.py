"""Judging without reading: by the ranking's signals and by question types, in a few milliseconds and any language."""

import numpy as np

from crpd_qa.answer.confidence import confidence
from crpd_qa.answer.judge import Judged
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.selection import limits, select_sentences
from crpd_qa.answer.sentences import Rated, Sentence, candidate_sentences, rate
from crpd_qa.encode import Floats
from crpd_qa.retrieve import Query, Ranking
from crpd_qa.retrieve.late_interaction import TokenMatches


class QuickJudge:
    def __init__(self, models: AnswerModels) -> None:
        self._models = models
        self.wrong_answer_cost = models.wrong_answer_cost

    def judge(self, query: Query, ranking: Ranking) -> Judged:
        rated = rate(candidate_sentences(ranking, question_type(query)), self._models.sentence)
        return Judged(query, ranking, rated, {})

    def confidence(self, judged: Judged) -> float:
        rated = [part.rated for part in judged.asked]
        return confidence(judged.ranking, question_type(judged.query), rated, self._models)

    def select(self, judged: Judged, max_words: int) -> list[Sentence]:
        rated = [part.rated for part in judged.asked]
        limit = limits(len(rated), max_words, same_paragraph=0.05, other_paragraph=(0.5, 0.3), covering=0.1)
        return select_sentences(rated, limit, _matches(judged, rated))


def _matches(whole: Judged, parts: list[Rated]) -> dict[tuple[int, int], Floats]:
    """Of each rated sentence, by its place, (n_question_tokens,) weighted matches of the whole question's tokens."""
    ranking = whole.ranking
    paragraphs = {s.position: s.paragraph for part in parts for _, s in part}
    matches = TokenMatches.of(ranking.encoding, ranking.library.store, np.array(list(paragraphs)))
    weights = question_type(whole.query).content_weights(ranking.encoding, ranking.weights)
    return {
        (position, i): match * weights
        for row, (position, paragraph) in enumerate(paragraphs.items())
        for i, match in enumerate(matches.sentences(row, len(paragraph.sentences)))
    }
