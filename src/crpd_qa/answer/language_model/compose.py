"""Prompt -> reply -> sentences -> each one checked -> what is left as the answer."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from crpd_qa.answer.compose import Composed
from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.language_model.client import LanguageModel, Schema
from crpd_qa.answer.language_model.parse import Written, objections, parse, visible
from crpd_qa.answer.language_model.prompt import (
    Messages,
    answer_messages,
    answer_schema,
    opinion_messages,
    opinion_schema,
    rewrite_messages,
)
from crpd_qa.answer.language_model.rewrite import accepted
from crpd_qa.answer.record import Citation
from crpd_qa.answer.support import SupportChecker, Verdict
from crpd_qa.errors import LanguageModelError
from crpd_qa.index import Index
from crpd_qa.retrieve import Passage, Query
from crpd_qa.retrieve.context import count_tokens
from crpd_qa.settings import Settings
from crpd_qa.texts import texts


@dataclass(frozen=True, slots=True)
class _Checked:
    written: Written
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Request:
    question: str
    asked: str
    language: str
    passages: tuple[Passage, ...]


class LanguageModelComposer:
    """Composes answers with a language model; none of its sentences is kept unless the report supports it."""

    def __init__(self, index: Index, config: Settings) -> None:
        """Raises SettingsError for an encoding or an entailment model that cannot be had."""
        count_tokens("", config.llm_encoding)
        self.model = LanguageModel(config)
        self._index = index
        self._support = SupportChecker(index, EntailmentModel(config.support_model) if config.support_model else None)
        self._second_opinion = config.llm_second_opinion
        self._context_tokens = config.llm_context_tokens
        self._encoding = config.llm_encoding

    def resolve(
        self, query: Query, history: Sequence[str]
    ) -> Generator[str, None, tuple[Query, LanguageModelError | None]]:
        """A follow-up, or a question in another language, as one in English that stands alone: the report is.

        Returns the query as it was where the model asks something else, or fails, and then the failure too. Yields
        signs of life.
        """
        if not query.context and query.language == "en":
            return query, None
        earlier = history if query.context else ()
        try:
            written = yield from self._reply(rewrite_messages(query.question, earlier), show=False)
        except LanguageModelError as error:
            return query, error
        question = accepted(visible(written), query.question, earlier)
        return (Query(question, language="en") if question else query), None

    def compose(
        self, question: str, asked: str, extracted: Composed, language: str, failure: LanguageModelError | None = None
    ) -> Generator[str, None, Composed]:
        """Yields the model's text as it comes, unchecked; returns the checked answer.

        `question` stands alone, `asked` are the person's words in `language`, in which the answer is.
        `extracted` is returned, with a notice, where the model fails (it is not asked again after a `failure`) or
        nothing of what it wrote holds; and where it is declined.
        """
        words = texts(language)
        if failure and extracted.mode == "declined":
            return replace(extracted, notice=f"{failure.clause(language)}.")
        if extracted.mode == "declined":
            return extracted
        request = _Request(question, asked, language, extracted.passages)
        try:
            if failure:
                raise failure
            messages, given = self._messages(request)
            if not given:
                raise LanguageModelError("model_no_room")
            written = parse((yield from self._reply(messages, answer_schema(given))), given)
        except LanguageModelError as error:
            return replace(extracted, notice=error.clause(language) + words["model_instead"])
        if not written:
            declined = words["answer_declined"]
            return Composed(
                "declined", declined, extracted.confidence, passages=extracted.passages, related=extracted.related
            )
        checked = yield from self._check(written, given)
        failed = [c for c in checked if not c.verdict.supported]
        repaired = (yield from self._repair(request, failed)) if failed else []
        return _composed(checked, repaired, extracted, words)

    def _reply(
        self, messages: Messages, schema: Schema | None = None, *, show: bool = True
    ) -> Generator[str, None, str]:
        """Yields what can be shown of the reply (or signs of life only), returns the whole. Closing it cancels."""
        raw = shown = ""
        with closing(self.model.stream(messages, schema)) as pieces:
            for piece in pieces:
                raw += piece
                text = visible(raw) if show else ""
                yield text[len(shown) :] if text.startswith(shown) else ""
                shown = max(shown, text, key=len)
        return raw

    def _repair(self, request: _Request, failed: Sequence[_Checked]) -> Generator[str, None, list[_Checked]]:
        """The sentences that hold of those that the model writes instead of the failed ones: asked for once."""
        messages, given = self._messages(request, [(c.written, c.verdict.reason) for c in failed])
        try:
            raw = yield from self._reply(messages, answer_schema(given), show=False)
            mended = yield from self._check(parse(raw, given), given)
        except LanguageModelError:  # what holds already is an answer
            return []
        return [c for c in mended if c.verdict.supported][: len(failed)]

    def _messages(
        self, request: _Request, failures: Sequence[tuple[Written, str]] = ()
    ) -> tuple[Messages, tuple[int, ...]]:
        document, room = self._index.document, self._context_tokens
        return answer_messages(
            request.question,
            request.passages,
            document,
            room,
            asked=request.asked,
            language=request.language,
            encoding=self._encoding,
            failures=failures,
        )

    def _check(self, written: Sequence[Written], given: Sequence[int]) -> Generator[str, None, list[_Checked]]:
        """Local checks; then, if it is to be asked, the model's own objections to what has passed them."""
        checked = [_Checked(w, self._support.check(w.text, w.numbers, given)) for w in written]
        held = [c.written for c in checked if c.verdict.supported]
        refused = (yield from self._objections(held)) if self._second_opinion and held else frozenset()
        return [_refused(c) if c.verdict.supported and c.written in refused else c for c in checked]

    def _objections(self, held: Sequence[Written]) -> Generator[str, None, frozenset[Written]]:
        """The sentences that the model, asked once for all, says its paragraphs do not bear out; none if it fails."""
        messages, count = opinion_messages(held, self._index.document, self._context_tokens, self._encoding)
        if not count:
            return frozenset()
        try:
            raw = yield from self._reply(messages, opinion_schema(count), show=False)
        except LanguageModelError:  # the local checks stand
            return frozenset()
        return frozenset(held[number - 1] for number in objections(raw, count))


def _refused(checked: _Checked) -> _Checked:
    numbers = " or ".join(map(str, checked.written.numbers))
    reason = f"read again, paragraph {numbers} does not say all of this"
    return replace(checked, verdict=replace(checked.verdict, supported=False, reason=reason))


def _composed(
    checked: Sequence[_Checked], repaired: Sequence[_Checked], extracted: Composed, words: dict[str, str]
) -> Composed:
    """The sentences that hold, each repaired one in the place of a failed one."""
    held = {c.written.text for c in checked if c.verdict.supported}
    repaired = [c for c in repaired if c.written.text not in held]
    mended = iter(repaired)
    placed = [c if c.verdict.supported else next(mended, None) for c in checked]
    kept = list({c.written.text: c for c in placed if c}.values())
    dropped = sum(c is None for c in placed)
    if not kept:
        return replace(extracted, notice=words["model_nothing_left"] + words["model_instead"], dropped=dropped)
    citations = tuple(dict.fromkeys(citation for c in kept for citation in c.verdict.citations))
    return Composed(
        "language-model",
        " ".join(f"{c.written.text} {_marker(c.verdict.citations)}" for c in kept),
        extracted.confidence,
        citations,
        extracted.passages,
        notice=words["model_left_out"].format(count=dropped) if dropped else "",
        related=extracted.related,
        dropped=dropped,
        repaired=len(repaired),
    )


def _marker(citations: Sequence[Citation]) -> str:
    return f"[{', '.join(str(number) for number in dict.fromkeys(c.number for c in citations))}]"
