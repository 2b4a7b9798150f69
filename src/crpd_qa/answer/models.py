"""The small logistic models: which sentence answers, and whether the answer is right.

Their coefficients are in `data/answer-models.json` (and `answer-models-multilingual.json`), readable, written by
`eval/train.py`.
"""

import math
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class LogisticModel(BaseModel):
    """p = 1 / (1 + exp(-(intercept + sum of coefficient x feature)))."""

    model_config = ConfigDict(frozen=True)

    intercept: float
    coefficients: dict[str, float]

    def probability(self, features: dict[str, float]) -> float:
        """Raises KeyError if a feature is missing."""
        logit = self.intercept + sum(weight * features[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))


class AnswerModels(BaseModel):
    model_config = ConfigDict(frozen=True)

    sentence: LogisticModel
    topic: LogisticModel
    paragraph: LogisticModel
    wrong_answer_cost: float
    """Of an answer to a question without one, in units of an answerable question declined."""


@cache
def answer_models(*, multilingual: bool, asked: bool) -> AnswerModels:
    """The models of this version, for questions that the English or the multilingual encoder looks for.

    `asked`: whether every document that is asked has written questions; else these say nothing.
    """
    name = f"answer-models{'-multilingual' if multilingual else ''}{'' if asked else '-general'}.json"
    return AnswerModels.model_validate_json((files("crpd_qa") / "data" / name).read_text("utf-8"))
