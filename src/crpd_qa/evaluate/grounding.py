"""How well a language model's answer rests on what it cites: ALCE's measures (Gao et al. 2023, section 3).

Their judge of entailment is an NLI model; here it is the checker that answers are composed with, so that recall of an
answer that left the program is 1 unless checking changes. What the model does by itself shows in `supported`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crpd_qa.answer import Answer
from crpd_qa.answer.support import SupportChecker
from crpd_qa.language import detect
from crpd_qa.library import Library


@dataclass(frozen=True, slots=True)
class Grounding:
    """One answer's measures. All but the counts lie between 0 and 1."""

    supported: float
    """Share of the sentences that the model wrote which held at once."""
    citation_recall: float | None
    """Share of the answer's sentences that all their citations together support."""
    citation_precision: float | None
    """Share of citations that are not irrelevant: one is if it does not support its sentence, and the others do."""
    dropped: int
    repaired: int
    asked_language: bool | None
    """None, like the measures of citations, where nothing of what the model wrote held."""


def grounding(answer: Answer, asked_language: str, checker: SupportChecker, library: Library) -> Grounding:
    """Measures of what a language model wrote, also where nothing of it was left and the report's sentences answer."""
    if answer.mode != "language-model":
        return Grounding(0.0, None, None, answer.dropped, 0, None)
    given = [library.position(passage.document, passage.label) + 1 for passage in answer.passages]

    def supports(sentence: str, cited: Sequence[int]) -> bool:
        return bool(cited) and checker.check(sentence, cited, given).supported

    recalled: list[bool] = []
    relevant: list[bool] = []
    for statement in answer.statements:
        sentence = statement.text
        cited = list(dict.fromkeys(library.position(c.document, c.label) + 1 for c in statement.citations))
        recalled.append(supports(sentence, cited))
        for number in cited:
            others = [other for other in cited if other != number]
            relevant.append(recalled[-1] and (supports(sentence, [number]) or not supports(sentence, others)))
    written = len(recalled) + answer.dropped
    return Grounding(
        supported=(len(recalled) - answer.repaired) / written if written else 0.0,
        citation_recall=sum(recalled) / len(recalled) if recalled else None,
        citation_precision=sum(relevant) / len(relevant) if relevant else None,
        dropped=answer.dropped,
        repaired=answer.repaired,
        asked_language=detect(" ".join(statement.text for statement in answer.statements)) == asked_language,
    )
