"""Ranked paragraphs -> the sentences that may answer, each with what the sentence model looks at."""

import math
from dataclasses import dataclass, field

from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.question_type import QuestionType
from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.leaning import sentence
from crpd_qa.encode import Floats
from crpd_qa.retrieve.ranking import Ranking

PARAGRAPHS = 10
"""Sentences are taken from so many of the best paragraphs."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a ranked paragraph."""

    document: Document
    paragraph: Paragraph
    position: int
    """Of the paragraph in the store."""
    number: int
    features: dict[str, float] = field(default_factory=dict)
    """What the sentence model looks at."""
    asked_for: tuple[int, int] | None = None
    """[start, end) in the paragraph of the words that were asked for."""

    @classmethod
    def of(
        cls,
        ranking: Ranking,
        rank: int,
        number: int,
        features: dict[str, float],
        asked_for: tuple[int, int] | None = None,
    ) -> "Sentence":
        """The sentence of that number of the paragraph of that rank, both from 0."""
        position = int(ranking.positions[rank])
        document, paragraph = ranking.library.at(position)
        return cls(document, paragraph, position, number, features, asked_for)

    @property
    def place(self) -> tuple[int, int]:
        """(position of the paragraph, sentence number)"""
        return self.position, self.number

    @property
    def text(self) -> str:
        return sentence(self.paragraph, self.number)

    @property
    def words(self) -> int:
        return len(self.text.split())


Rated = list[tuple[float, Sentence]]
"""Sentences with the probability that each answers, likeliest first."""


def rate(sentences: list[Sentence], model: LogisticModel) -> Rated:
    """The sentences by their probability to answer."""
    return sorted(((model.probability(s.features), s) for s in sentences), key=lambda pair: -pair[0])


def candidate_sentences(ranking: Ranking, kind: QuestionType) -> list[Sentence]:
    """All sentences of the best paragraphs."""
    found: list[Sentence] = []
    margin = float(ranking.score[0] - ranking.score[1]) if len(ranking) > 1 else 0.0
    for rank in range(min(PARAGRAPHS, len(ranking))):
        paragraph = ranking.paragraph(rank)
        late: Floats = ranking.sentence_matches(rank) @ ranking.weights
        best = float(late.max())
        for number, (start, end) in enumerate(paragraph.sentences):
            text = paragraph.text[start:end]
            score = float(late[number])
            found.append(
                Sentence.of(
                    ranking,
                    rank,
                    number,
                    {
                        "late": score,
                        "late_below_best_of_paragraph": best - score,
                        "paragraph_below_first": float(ranking.score[0] - ranking.score[rank]),
                        "first_paragraph": float(rank == 0),
                        "second_paragraph": float(rank == 1),
                        "margin_of_first_paragraph": margin if rank == 0 else 0.0,
                        **({} if ranking.asked is None else {"asked": float(ranking.asked[rank])}),
                        "share_of_paragraph": 1 / len(paragraph.sentences),
                        "opens_paragraph": float(number == 0),
                        "log_words": math.log(max(len(text.split()), 1)),
                        **kind.met_by(text),
                    },
                )
            )
    return found
