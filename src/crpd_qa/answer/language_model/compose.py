"""Prompt -> reply -> sentences -> each one checked -> what is left as the answer."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from crpd_qa.answer.compose import NO_ANSWER, Composed, in_other_script
from crpd_qa.answer.language_model.client import LanguageModel
from crpd_qa.answer.language_model.parse import Written, parse, visible
from crpd_qa.answer.language_model.prompt import answer_messages, answer_schema, rewrite_messages
from crpd_qa.answer.language_model.rewrite import accepted
from crpd_qa.answer.record import Citation
from crpd_qa.answer.support import SupportChecker, Verdict
from crpd_qa.errors import LanguageModelError
from crpd_qa.index import Index
from crpd_qa.retrieve import Query
from crpd_qa.retrieve.context import count_tokens
from crpd_qa.settings import Settings

_INSTEAD = "; these are the report's own sentences."
_NOTHING_LEFT = "Nothing that the language model wrote could be found in the report" + _INSTEAD
_NO_ROOM = "The question leaves the language model no room for a paragraph" + _INSTEAD


@dataclass(frozen=True, slots=True)
class _Checked:
    written: Written
    verdict: Verdict


class LanguageModelComposer:
    """Composes answers with a language model; none of its sentences is kept unless the report supports it."""

    def __init__(self, index: Index, config: Settings) -> None:
        """Raises SettingsError for an encoding that cannot be had."""
        count_tokens("", config.llm_encoding)
        self.model = LanguageModel(config)
        self._index = index
        self._support = SupportChecker(index)
        self._context_tokens = config.llm_context_tokens
        self._encoding = config.llm_encoding

    def resolve(self, query: Query, history: Sequence[str]) -> Generator[str, None, tuple[Query, str]]:
        """A follow-up, or a question in another script, as an English question that stands alone.

        Returns it with a failure's clause; the query as it was where the model failed or asks something else. Yields
        signs of life.
        """
        if not query.context and not in_other_script(query.question):
            return query, ""
        written = ""
        try:
            for piece in self.model.stream(rewrite_messages(query.question, history if query.context else ())):
                written += piece
                yield ""
        except LanguageModelError as error:
            return query, f"{error}{_INSTEAD}"
        question = accepted(visible(written), query.question, history if query.context else ())
        return (Query(question) if question else query), ""

    def compose(self, question: str, asked: str, extracted: Composed) -> Generator[str, None, Composed]:
        """Yields the model's text as it comes, unchecked; returns the checked answer.

        `question` stands alone, `asked` are the person's words. Where the model fails, or nothing of what it wrote
        holds, that is `extracted` with a notice.
        """
        messages, given = self._messages(question, asked, extracted)
        if not given:
            return replace(extracted, notice=_NO_ROOM)
        raw = shown = ""
        try:
            for piece in self.model.stream(messages, answer_schema(given)):
                raw += piece
                text = visible(raw)
                yield text.removeprefix(shown) if text.startswith(shown) else ""
                shown = max(shown, text, key=len)
        except LanguageModelError as error:
            return replace(extracted, notice=f"{error}{_INSTEAD}")
        written = parse(raw, given)
        if not written:
            return Composed("declined", NO_ANSWER, extracted.confidence, passages=extracted.passages)
        checked = self._check(written, given)
        failed = [c for c in checked if not c.verdict.supported]
        repaired = yield from self._repair(question, asked, extracted, failed) if failed else _nothing()
        return _composed(checked, repaired, extracted)

    def _messages(
        self, question: str, asked: str, extracted: Composed, failed: Sequence[_Checked] = ()
    ):
        failures = [(c.written, c.verdict.reason) for c in failed]
        return answer_messages(
            question,
            asked,
            extracted.passages,
            self._index.document,
            self._context_tokens,
            self._encoding,
            failures,
        )

    def _check(self, written: Sequence[Written], given: Sequence[int]) -> list[_Checked]:
        return [_Checked(w, self._support.check(w.text, w.numbers, given)) for w in written]
