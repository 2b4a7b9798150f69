"""What kind of thing a question asks for, and whether a sentence holds such a thing."""

import re
from dataclasses import dataclass

import numpy as np

from crpd_qa.encode import Encoding, Floats
from crpd_qa.retrieve.query import Query

_QUANTITY = re.compile(
    r"\bhow (many|much|often|long|far|big|large|old|high|tall)\b"
    r"|\bwhat (percentage|per cent|share|proportion|number|amount|part|fraction|age)\b"
    r"|\b(percentage|per ?cent|number of|which share|at what age|from what age)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(when|(which|what) (year|date|month|day)|since when)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(who|whose|whom|which (body|ministry|organi[sz]ation|agency|ngo|company))\b", re.IGNORECASE)
_QUANTITY_OTHER = re.compile(
    r"\b(?:скольк\w*|скок\w*|(?:как\w+|во что|на) (?:\w+ )?(?:процент\w*|дол\w+|сумм\w+|размер\w*|числ\w+|количеств\w+)"
    r"|[қк]анша\w*|неше\w*|combien|quel(?:le)?s? (?:pourcentage|part|proportion|nombre|montant|taux|effectif)"
    r"|nombre d|cu[áa]nt[oa]s?|qu[ée] (?:porcentaje|proporci[óo]n|n[úu]mero|cantidad|tasa))",
    re.IGNORECASE,
)
_DATE_OTHER = re.compile(
    r"\b(?:когда|(?:в|с) как\w+ (?:год\w*|месяц\w*)|[қк]ашан\w*|[қк]ай жыл\w*|quand|(?:quelle|en quelle) (?:année|date)"
    r"|cu[áa]ndo|qu[ée] (?:año|fecha|mes))",
    re.IGNORECASE,
)
_PERSON_OTHER = re.compile(r"\b(?:кто|кого|кому|кем|к[іи]м\w*|qui|qu[ée] organismo|qui[ée]n(?:es)?)\b", re.IGNORECASE)
"""Russian, Kazakh (also in Russian letters), French, Spanish."""
_FIGURE = re.compile(r"\d")
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
_NAME = re.compile(r"(?<=\s)[A-Z][\w’]+")


@dataclass(frozen=True, slots=True)
class QuestionType:
    """Several may hold at once."""

    quantity: bool
    date: bool
    person: bool
    asking: tuple[tuple[int, int], ...]
    """[start, end) of the words that say what kind of thing is asked for: "what share", "how many", "which year"."""

    def met_by(self, sentence: str) -> dict[str, float]:
        """1.0 where the sentence holds what is asked for, or lacks it."""
        figure, year = bool(_FIGURE.search(sentence)), bool(_YEAR.search(sentence))
        return {
            "figure_asked_and_there": float(self.quantity and figure),
            "figure_asked_and_missing": float(self.quantity and not figure),
            "date_asked_and_there": float(self.date and year),
            "date_asked_and_missing": float(self.date and not year),
            "name_asked_and_there": float(self.person and bool(_NAME.search(sentence))),
        }

    def content_weights(self, encoding: Encoding, weights: Floats) -> Floats:
        """(n_question_tokens,) the weights without the words of asking, which no paragraph need hold; sum 1.

        "share" in "what share of the population" need not be found: "3.7 per cent" answers.
        """
        spans = encoding.spans
        inside = [(spans[:, 0] >= start) & (spans[:, 1] <= end) for start, end in self.asking]
        kept: Floats = np.where(np.any(inside, axis=0), 0, weights) if inside else weights
        return kept / (kept.sum() or 1.0)


def question_type(query: Query) -> QuestionType:
    """By its words; those of earlier questions count only where the question itself asks for nothing of these."""
    if query.language != "en":
        text = query.question
        return QuestionType(
            quantity=bool(_QUANTITY_OTHER.search(text)),
            date=bool(_DATE_OTHER.search(text)),
            person=bool(_PERSON_OTHER.search(text)),
            asking=(),
        )
    asking = tuple(match.span() for asks in (_QUANTITY, _DATE, _PERSON) for match in asks.finditer(query.text))
    asks = query.question if any(start >= query.start for start, _ in asking) else query.text
    return QuestionType(
        quantity=bool(_QUANTITY.search(asks)),
        date=bool(_DATE.search(asks)),
        person=bool(_PERSON.search(asks)),
        asking=asking,
    )
