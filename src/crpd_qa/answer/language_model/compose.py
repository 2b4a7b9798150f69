"""Prompt -> reply -> sentences in English -> each one checked -> translated -> each one checked -> the answer."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from crpd_qa.answer.compose import Composed
from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.language_model.client import LanguageModel, Schema
from crpd_qa.answer.language_model.parse import Written, objections, parse, parse_translations, visible
from crpd_qa.answer.language_model.prompt import (
    Messages,
    answer_messages,
    answer_schema,
    opinion_messages,
    opinion_schema,
    rewrite_messages,
    translate_messages,
    translation_schema,
)
from crpd_qa.answer.language_model.rewrite import accepted
from crpd_qa.answer.record import Citation
from crpd_qa.answer.support import SupportChecker, Verdict
from crpd_qa.answer.translation import TranslationChecker
from crpd_qa.errors import LanguageModelError
from crpd_qa.index import Index
from crpd_qa.language import Language, detect
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
    language: Language
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sentence that holds. `mended`: not as it was first written."""

    text: str
    citations: tuple[Citation, ...]
    mended: bool


class LanguageModelComposer:
    """Composes answers with a language model; none of its sentences is kept unless the report supports it."""

    def __init__(self, index: Index, config: Settings) -> None:
        """Raises SettingsError for an encoding or an entailment model that cannot be had."""
        count_tokens("", config.llm_encoding)
        self.model = LanguageModel(config)
        self._index = index
        self._support = SupportChecker(index, EntailmentModel(config.support_model) if config.support_model else None)
        self._second_opinion = config.llm_second_opinion
        self._translations = TranslationChecker(index)
        self._context_tokens = config.llm_context_tokens
        self._encoding = config.llm_encoding

    def resolve(
        self, query: Query, history: Sequence[str]
    ) -> Generator[str, None, tuple[Query, LanguageModelError | None]]:
        """A follow-up as a question that stands alone, in the asker's language where the index can be searched in it.

        Else in English, and so is then any question in another language. Returns the query as it was where the model
        asks something else, or fails, and then the failure too. Yields signs of life.
        """
        language: Language = query.language if self._index.multilingual else "en"
        if not query.context and query.language == language:
            return query, None
        earlier = history if query.context else ()
        try:
            written = yield from self._reply(rewrite_messages(query.question, earlier, language), show=False)
        except LanguageModelError as error:
            return query, error
        question = accepted(visible(written), query.question, earlier, language)
        return (Query(question, language=language) if question else query), None

    def compose(
        self,
        question: str,
        asked: str,
        extracted: Composed,
        language: Language,
        failure: LanguageModelError | None = None,
    ) -> Generator[str, None, Composed]:
        """Yields the model's text in the asker's language as it comes, unchecked; returns the checked answer.

        `question` stands alone, `asked` are the person's words in `language`, in which the answer is. The model writes
        English, which is checked against the report, and then translates what holds, which is checked against that.
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
            written = parse((yield from self._reply(messages, answer_schema(given), show=language == "en")), given)
        except LanguageModelError as error:
            return replace(extracted, notice=error.clause(language) + words["model_instead"])
        if not written:
            declined = words["answer_declined"]
            return Composed(
                "declined", declined, extracted.confidence, passages=extracted.passages, related=extracted.related
            )
        checked = yield from self._check(written, given, language)
        failed = [c for c in checked if not c.verdict.supported]
        repaired = (yield from self._repair(request, failed)) if failed else []
        kept, dropped = _kept(checked, repaired)
        if kept and language != "en":
            try:
                translated = yield from self._translate(kept, language)
            except LanguageModelError as error:
                return replace(extracted, notice=error.clause(language) + words["model_instead"], dropped=dropped)
            dropped += len(kept) - len(translated)
            kept = translated
        return _composed(kept, dropped, extracted, words)

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
            mended = yield from self._check(parse(raw, given), given, request.language)
        except LanguageModelError:  # what holds already is an answer
            return []
        return [c for c in mended if c.verdict.supported][: len(failed)]

    def _translate(self, kept: Sequence[_Kept], language: Language) -> Generator[str, None, list[_Kept]]:
        """The sentences in the asker's language, without those that it cannot be had in: failed ones are asked for
        once more.

        Yields the translations as they come, unchecked. Raises LanguageModelError if there are none.
        """
        english = [k.text for k in kept]
        translations = yield from self._translations_of(english, language, show=True)
        faults = self._translations.check(english, translations, language)
        again = [n for n, fault in enumerate(faults) if fault]
        if again:
            failures = [(translations[n], faults[n]) for n in again]
            try:
                mended = yield from self._translations_of([english[n] for n in again], language, failures)
            except LanguageModelError:  # what holds already is an answer
                mended = []
            for n, text in zip(again, mended, strict=False):
                translations[n] = text
            faults = self._translations.check(english, translations, language)
        return [
            replace(k, text=text, mended=k.mended or n in again)
            for n, (k, text, fault) in enumerate(zip(kept, translations, faults, strict=True))
            if not fault
        ]

    def _translations_of(
        self,
        english: Sequence[str],
        language: Language,
        failures: Sequence[tuple[str, str]] = (),
        *,
        show: bool = False,
    ) -> Generator[str, None, list[str]]:
        messages = translate_messages(english, language, failures)
        raw = yield from self._reply(messages, translation_schema(len(english)), show=show)
        return parse_translations(raw, len(english))

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
            encoding=self._encoding,
            failures=failures,
        )

    def _check(
        self, written: Sequence[Written], given: Sequence[int], asked_in: Language
    ) -> Generator[str, None, list[_Checked]]:
        """Local checks; then, if it is to be asked, the model's own objections to what has passed them."""
        checked = [_Checked(w, self._verdict(w, given, asked_in)) for w in written]
        held = [c.written for c in checked if c.verdict.supported]
        refused = (yield from self._objections(held)) if self._second_opinion and held else frozenset()
        return [_refused(c) if c.verdict.supported and c.written in refused else c for c in checked]

    def _verdict(self, written: Written, given: Sequence[int], asked_in: Language) -> Verdict:
        if asked_in != "en" and detect(written.text) == asked_in:
            return Verdict(False, "it is not in English", ())
        return self._support.check(written.text, written.numbers, given)

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


def _kept(checked: Sequence[_Checked], repaired: Sequence[_Checked]) -> tuple[list[_Kept], int]:
    """The sentences that hold, each repaired one in the place of a failed one; and how many were dropped."""
    held = {c.written.text for c in checked if c.verdict.supported}
    mended = iter(c for c in repaired if c.written.text not in held)
    placed = [(c, False) if c.verdict.supported else (next(mended, None), True) for c in checked]
    kept = {c.written.text: _Kept(c.written.text, c.verdict.citations, again) for c, again in placed if c}
    return list(kept.values()), sum(c is None for c, _ in placed)


def _composed(kept: Sequence[_Kept], dropped: int, extracted: Composed, words: dict[str, str]) -> Composed:
    if not kept:
        return replace(extracted, notice=words["model_nothing_left"] + words["model_instead"], dropped=dropped)
    return Composed(
        "language-model",
        " ".join(f"{k.text} {_marker(k.citations)}" for k in kept),
        extracted.confidence,
        tuple(dict.fromkeys(citation for k in kept for citation in k.citations)),
        extracted.passages,
        notice=words["model_left_out"].format(count=dropped) if dropped else "",
        related=extracted.related,
        dropped=dropped,
        repaired=sum(k.mended for k in kept),
    )


def _marker(citations: Sequence[Citation]) -> str:
    return f"[{', '.join(str(number) for number in dict.fromkeys(c.number for c in citations))}]"
