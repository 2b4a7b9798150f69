"""What a judge makes of a question's ranking: the sentences that may be quoted, and how sure it is that they answer."""

from dataclasses import dataclass
from typing import Protocol

from crpd_qa.answer.sentences import Rated, Sentence
from crpd_qa.retrieve import Query, Ranking


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, or a part of one, with its ranking in the judge's order."""

    query: Query
    ranking: Ranking
    rated: Rated
    features: dict[str, float]
    """What the judge's confidence looks at."""
    parts: "tuple[Judged, ...]" = ()
    """Of a question that asks several things."""

    @property
    def asked(self) -> "tuple[Judged, ...]":
        """Its parts, or itself."""
        return self.parts or (self,)


def threshold(cost: float) -> float:
    """The confidence below which a question is declined, for what a wrong answer costs."""
    return cost / (1 + cost)


class Judge(Protocol):
    """`answer/quick.py` compares words and vectors; `answer/reading.py` reads."""

    wrong_answer_cost: float
    """Of an answer to a question without one, in units of an answerable question declined."""

    def judge(self, query: Query, ranking: Ranking) -> Judged:
        """The ranking must hold a paragraph."""

    def confidence(self, judged: Judged) -> float:
        """Probability that the best sentence stands in a right paragraph."""

    def select(self, judged: Judged, max_words: int) -> list[Sentence]:
        """What to quote, in reading order; of a question that asks several things, of the parts that it has here."""
