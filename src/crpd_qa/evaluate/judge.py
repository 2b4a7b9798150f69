"""One answer against what is known of its question."""

import re
from dataclasses import dataclass
from typing import Literal

from crpd_qa.answer import Answer
from crpd_qa.answer.support import SupportChecker
from crpd_qa.answer.verify import is_exact
from crpd_qa.evaluate.grounding import Grounding, grounding
from crpd_qa.evaluate.question_set import EvalQuestion, ParagraphId
from crpd_qa.library import Library

MAX_WORDS = {"multi": 200, "locate": 100_000}
"""An answer of more words is not right; 120 where a type is not named."""

Outcome = Literal["right", "wrong", "declined"]
"""What is declined rightly is right."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was right about one answer. For a question without an answer, only `right` (it was declined) counts."""

    question: EvalQuestion
    answer: Answer
    right: bool
    """Declined where there is no answer; else every fact stated, a right paragraph cited, not too long."""
    facts: bool
    """Every fact's pattern matches the answer's text."""
    cited: bool
    """Some alternative's paragraphs are all cited."""
    citation_precision: float | None
    """Share of the cited paragraphs that are right ones; None when nothing is cited."""
    verbatim: bool
    """Every quotation is its paragraph's text."""
    words: int
    grounding: Grounding | None = None
    """Of what a language model wrote for this answer."""

    alternatives: tuple[frozenset[ParagraphId], ...] = ()
    """What the question's `support` names, best first."""

    @property
    def outcome(self) -> Outcome:
        """What came of the question."""
        return "right" if self.right else "wrong" if self.answer.statements else "declined"

    @property
    def right_paragraphs(self) -> frozenset[ParagraphId]:
        """Every paragraph of any alternative."""
        return frozenset().union(*self.alternatives)

    @property
    def ranked(self) -> list[ParagraphId]:
        """The paragraphs as they were found, best first."""
        return [(passage.document, passage.label) for passage in self.answer.passages]

    def complete_at(self, k: int) -> bool:
        """All paragraphs of some alternative are among the first k."""
        first = set(self.ranked[:k])
        return any(alternative <= first for alternative in self.alternatives)


def most_words(question: EvalQuestion) -> int:
    """A longer answer is not right."""
    return MAX_WORDS.get(question.type, 120)


def judge(question: EvalQuestion, answer: Answer, library: Library, checker: SupportChecker | None = None) -> Judgement:
    """Compare an answer with the question's facts and paragraphs; with a checker also a language model's sentences."""
    text = " ".join(statement.text for statement in answer.statements)
    words = len(text.split())
    alternatives = question.alternatives(library.document_at(0).symbol)
    right = frozenset().union(*alternatives)
    paragraphs = {(citation.document, citation.label) for citation in answer.citations}
    facts = bool(answer.statements) and all(re.search(fact, text, re.IGNORECASE) for fact in question.facts)
    cited = any(alternative <= paragraphs for alternative in alternatives)
    return Judgement(
        question=question,
        answer=answer,
        right=(facts and cited and words <= most_words(question)) if question.answerable else not answer.statements,
        facts=facts,
        cited=cited,
        citation_precision=len(paragraphs & right) / len(paragraphs) if paragraphs else None,
        verbatim=all(is_exact(citation, library) for citation in answer.citations),
        words=words,
        grounding=grounding(answer, question.lang, checker, library)
        if checker and (answer.mode == "language-model" or answer.dropped)
        else None,
        alternatives=tuple(alternatives),
    )
