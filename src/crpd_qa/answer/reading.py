"""Judging by reading: the reader says of the best paragraphs whether they answer and which sentences are needed."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict

from crpd_qa.answer.judge import Judged
from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.quick import QuickJudge
from crpd_qa.answer.selection import limits, select_sentences
from crpd_qa.answer.sentences import Sentence, rate
from crpd_qa.encode import Floats
from crpd_qa.read.reader import Reader, Reading, Words
from crpd_qa.retrieve import Query, Ranking

FIRST, READ = 3, 6
"""So many of the best paragraphs are read, and so many if none of the first is CLEAR."""
CLEAR = 2.0
"""A logit of the reader's that a paragraph answers."""
SAME_PARAGRAPH = 0.15
OTHER_PARAGRAPH = (0.3, 0.2)
"""See `answer/selection.py`. Both were chosen on documents that the reader was not trained on."""

ASKED_FOR = 0.5
"""From this probability on the words that were asked for are marked in a quotation."""
MOST_OF_A_SENTENCE = 0.6
"""Of a sentence that is nearly all asked for nothing is marked."""

LEAST = 1e-6
"""So much is added to probabilities before they are logits."""


class ReadingModels(BaseModel):
    """`data/reading-models.json` and `reading-models-multilingual.json`, written by `train/confidence.py`."""

    model_config = ConfigDict(frozen=True)

    retrieved: float
    """What the ranking's score counts beside the reader's logit."""
    sentence: LogisticModel
    confidence: LogisticModel
    wrong_answer_cost: float


@cache
def reading_models(*, multilingual: bool = False) -> ReadingModels:
    """Of the reader that reads English, or of the other."""
    name = f"reading-models{'-multilingual' if multilingual else ''}.json"
    return ReadingModels.model_validate_json((files("crpd_qa") / "data" / name).read_text("utf-8"))


class ReadingJudge:
    """What the quick judge is sure of counts too."""

    def __init__(self, reader: Reader, models: ReadingModels, quick: QuickJudge) -> None:
        self._reader = reader
        self._quick = quick
        self._models = models
        self.wrong_answer_cost = models.wrong_answer_cost

    def judge(self, query: Query, ranking: Ranking) -> Judged:
        quick = self._quick.confidence(self._quick.judge(query, ranking))
        ordered, readings = read(query, ranking, self._reader, self._models.retrieved)
        rated = rate(list(sentences(ordered, readings)), self._models.sentence)
        return Judged(query, ordered, rated, features(ordered, readings, quick, bool(query.context)))

    def confidence(self, judged: Judged) -> float:
        return self._models.confidence.probability(judged.features)

    def select(self, judged: Judged, max_words: int) -> list[Sentence]:
        rated = [part.rated for part in judged.asked]
        limit = limits(len(rated), max_words, same_paragraph=SAME_PARAGRAPH, other_paragraph=OTHER_PARAGRAPH)
        return select_sentences(rated, limit)


def read(query: Query, ranking: Ranking, reader: Reader, retrieved: float) -> tuple[Ranking, tuple[Reading, ...]]:
    """The ranking with its first paragraphs in the order of what was read, and the readings in that order.

    `retrieved` is what the ranking's score counts beside the reader's logit.
    """
    # A question's adjective counts beside a name that was said before.
    named = dict(
        own for said in (query.context, query.question) for own in ranking.library.states_in(said, query.language)
    )
    readings: tuple[Reading, ...] = ()
    for end in (FIRST, READ):
        if not readings or max(reading.answers for reading in readings) < CLEAR:
            ranks = range(len(readings), min(end, len(ranking)))
            likely = [ranking.sentence_matches(rank) @ ranking.weights for rank in ranks]
            states = [named.get(ranking.document(rank).state, "") for rank in ranks]
            readings += reader.read(query.read, [ranking.paragraph(rank) for rank in ranks], likely, states)
    liked = np.array([reading.answers for reading in readings]) + retrieved * ranking.score[: len(readings)]
    order = np.argsort(-liked, kind="stable")
    return ranking.with_first(order), tuple(readings[i] for i in order)


def sentences(ranking: Ranking, readings: Sequence[Reading]) -> Iterator[Sentence]:
    """Those of the paragraphs that were read, each with what the sentence model looks at."""
    for rank, reading in enumerate(readings):
        late: Floats = ranking.sentence_matches(rank) @ ranking.weights
        for number in np.flatnonzero(np.isfinite(reading.sentences)).tolist():
            needed = reading.sentences[number]
            yield Sentence.of(
                ranking,
                rank,
                number,
                {
                    "needed": float(needed),
                    "needed_below_best": float(reading.sentences.max() - needed),
                    "answers": reading.answers,
                    "first_paragraph": float(rank == 0),
                    "second_paragraph": float(rank == 1),
                    "late": float(late[number]),
                    "late_below_best": float(late.max() - late[number]),
                    "share_of_paragraph": 1 / len(late),
                },
                _telling(reading.asked_for[number], *ranking.paragraph(rank).sentences[number]),
            )


def _telling(words: Words | None, start: int, end: int) -> tuple[int, int] | None:
    """The words of the sentence at [start, end) that were asked for, where they are sure and not most of it."""
    if words is None or words.probability < ASKED_FOR or words.end - words.start > MOST_OF_A_SENTENCE * (end - start):
        return None
    return words.start, words.end


def features(ranking: Ranking, readings: Sequence[Reading], quick: float, follow_up: bool) -> dict[str, float]:
    """What the confidence looks at. `quick` is the quick judge's own, from 0 to 1: it says nothing where a document in
    another language was found multilingually, since it looks for a question's words in English."""
    first, *others = readings
    foreign = ranking.multilingual and ranking.document(0).language != "en"
    return {
        "answers": first.answers,
        "needed": float(first.sentences.max()),
        "second": max((reading.answers for reading in others), default=first.answers),
        "off_topic": ranking.space.off_topic(ranking.vector),
        "quick": 0.0 if foreign else float(np.log((quick + LEAST) / (1 - quick + LEAST))),
        "foreign": float(foreign),
        "follow_up": float(follow_up),
    }
