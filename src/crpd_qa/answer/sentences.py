"""Ranked paragraphs -> the sentences that may answer, each with what the sentence model looks at."""

import math
from dataclasses import dataclass

from crpd_qa.answer.question_type import QuestionType
from crpd_qa.documents import Document, Paragraph
from crpd_qa.encode import Floats
from crpd_qa.retrieve.ranking import Ranking

PARAGRAPHS = 10
"""Sentences are taken from so many of the best paragraphs."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a ranked paragraph. `rank` is the paragraph's, from 0."""

    document: Document
    paragraph: Paragraph
    position: int
    """Of the paragraph in the store."""
    rank: int
    number: int
    start: int
    end: int
    features: dict[str, float]

    @property
    def place(self) -> tuple[int, int]:
        """(position of the paragraph, sentence number)"""
        return self.position, self.number

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start : self.end]

    @property
    def words(self) -> int:
        return len(self.text.split())


def candidate_sentences(ranking: Ranking, kind: QuestionType) -> list[Sentence]:
    """All sentences of the best paragraphs."""
    found: list[Sentence] = []
    margin = float(ranking.score[0] - ranking.score[1]) if len(ranking) > 1 else 0.0
    for rank in range(min(PARAGRAPHS, len(ranking))):
        position = int(ranking.positions[rank])
        document, paragraph = ranking.library.at(position)
        late: Floats = ranking.sentence_matches(rank) @ ranking.weights
        best = float(late.max())
        for number, (start, end) in enumerate(paragraph.sentences):
            text = paragraph.text[start:end]
            score = float(late[number])
            found.append(
                Sentence(
                    document=document,
                    paragraph=paragraph,
                    position=position,
                    rank=rank,
                    number=number,
                    start=start,
                    end=end,
                    features={
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
