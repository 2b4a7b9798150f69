"""Prompt -> reply -> sentences in English -> each one checked -> translated -> each one checked -> the answer."""

import re
import time
from collections.abc import Callable, Container, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from crpd_qa.answer.compose import Composed
from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.language_model.client import LanguageModel, Schema, reason
from crpd_qa.answer.language_model.parse import Written, finished, objections, parse, parse_translations, visible
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
from crpd_qa.answer.meeting import Spans, meeting, said
from crpd_qa.answer.record import PROBABLE, Citation, Statement
from crpd_qa.answer.support import SupportChecker, Verdict
from crpd_qa.answer.translation import TranslationChecker
from crpd_qa.answer.whole import WholeSentences
from crpd_qa.documents import Document
from crpd_qa.errors import LanguageModelError
from crpd_qa.language import Language, detect
from crpd_qa.library import Library
from crpd_qa.retrieve import Passage, Query
from crpd_qa.retrieve.context import count_tokens
from crpd_qa.settings import Settings
from crpd_qa.texts import texts

_ENDS = re.compile(r"[.!?…\]}]")
"""A sentence, or one of the list in JSON, may have come to an end."""


@dataclass(frozen=True, slots=True)
class _Checked:
    written: Written
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sentence that holds. `mended`: not as it was first written."""

    text: str
    citations: tuple[Citation, ...]
    mended: bool
    meets: tuple[Spans, ...]


class LanguageModelComposer:
    """A language model, and what its sentences are checked with."""

    def __init__(self, library: Library, config: Settings) -> None:
        """Raises SettingsError for an encoding or an entailment model that cannot be had."""
        count_tokens("", config.llm_encoding)
        self.model = LanguageModel(config)
        self.library = library
        self.config = config
        self.whole = WholeSentences(library)
        entailment = EntailmentModel(config.support_model, config.threads) if config.support_model else None
        self.support = SupportChecker(library, entailment)

    def translations(self, document: Document) -> TranslationChecker:
        """For sentences that rest on that document."""
        return TranslationChecker(document, self.library.multilingual_encoder if self.library.multilingual else None)

    def begin(self, asked: str, language: Language, allowed: Callable[[], bool]) -> "Composition":
        """The answer to a person's words in `language`; its time runs from now on.

        `allowed` is called once, before the model is sent anything: whether it may be.
        """
        return Composition(self, asked, language, allowed)


class Composition:
    """One answer composed by a language model; none of its sentences is kept unless the report supports it.

    All its requests together may take CRPD_QA_LLM_TIMEOUT_SECONDS; after a failure no more are made. Its generators
    yield what can be shown meanwhile, unchecked, or "" as a sign of life.
    """

    def __init__(
        self, composer: LanguageModelComposer, asked: str, language: Language, allowed: Callable[[], bool]
    ) -> None:
        self._composer = composer
        self._library = composer.library
        self._asked = asked
        self._language = language
        self._allowed: Callable[[], bool] | None = allowed
        self._verdicts: dict[tuple[Written, tuple[int, ...], bool], Verdict] = {}
        self._deadline = time.monotonic() + composer.config.llm_timeout_seconds
        self._failure: LanguageModelError | None = None

    def resolve(self, query: Query, history: Sequence[str]) -> Generator[str, None, Query]:
        """A follow-up as a question that stands alone, in the asker's language where the index can be searched in it.

        Else in English, and so is then any question in another language. Returns the query as it was where the model
        asks something else, or fails.
        """
        language: Language = query.language if self._library.multilingual else "en"
        if not query.context and query.language == language:
            return query
        earlier = history if query.context else ()
        try:
            written = yield from self._reply(rewrite_messages(query.question, earlier, language), show=False)
        except Exception as error:  # it must not cost a person the answer
            self._failure = reason(error)
            return query
        question = accepted(visible(written), query.question, earlier, language)
        return replace(query, question=question, context="", language=language) if question else query

    def compose(self, question: str, extracted: Composed) -> Generator[str, None, Composed]:
        """The checked answer to a question that stands alone.

        The model writes English, which is checked against the report, and then translates what holds, which is checked
        against that. Returns `extracted`, with a notice, where the model fails or nothing of what it wrote holds, and
        where it finds no answer although the report's own sentences probably are one; and where it is declined.
        """
        words = texts(self._language)
        if extracted.mode == "declined":
            return replace(extracted, notice=f"{self._failure.clause(self._language)}.") if self._failure else extracted
        dropped = 0
        try:
            if self._failure:
                raise self._failure
            messages, given = self._messages(question, extracted.passages)
            if not given:
                raise LanguageModelError("model_no_room")
            raw = yield from self._reply(messages, answer_schema(given), show=self._language == "en", given=given)
            written = parse(raw, given)
            if not written and extracted.confidence >= PROBABLE:
                raise LanguageModelError("model_found_nothing")
            if not written:
                own = extracted.statements
                declined = texts(self._language, several=self._library.has_several)["answer_declined"]
                return replace(
                    extracted, mode="declined", message=declined, statements=(), not_answered=(), extract=own
                )
            checked = yield from self._check(written, given)
            failed = [c for c in checked if not c.verdict.supported]
            repaired = (yield from self._repair(question, extracted.passages, failed)) if failed else []
            kept, dropped = _kept(checked, repaired)
            if kept and self._language != "en":
                translated = yield from self._translate(kept)
                dropped += len(kept) - len(translated)
                kept = translated
        except Exception as error:  # whatever it is must not cost a person the answer
            notice = reason(error).clause(self._language) + words["model_instead"]
            return replace(extracted, notice=notice, dropped=dropped)
        return _composed(kept, dropped, extracted, words)

    def _reply(
        self, messages: Messages, schema: Schema | None = None, *, show: bool = True, given: Sequence[int] = ()
    ) -> Generator[str, None, str]:
        """Yields what can be shown of the reply (or signs of life only), returns the whole. Closing it cancels.

        Where its paragraphs are `given`, each sentence is checked as soon as the next one begins: the model writes on
        meanwhile.
        """
        if self._allowed and not self._allowed():
            raise LanguageModelError("model_used_up")
        self._allowed = None
        raw = shown = ""
        with closing(self._composer.model.stream(messages, schema, self._deadline - time.monotonic())) as pieces:
            for piece in pieces:
                raw += piece
                text = visible(raw) if show else ""
                yield text[len(shown) :] if text.startswith(shown) else ""
                shown = max(shown, text, key=len)
                if given and _ENDS.search(piece):
                    for written in finished(raw, given):
                        self._verdict(written, given)
        return raw

    def _repair(
        self, question: str, passages: tuple[Passage, ...], failed: Sequence[_Checked]
    ) -> Generator[str, None, list[_Checked]]:
        """The sentences that hold of those that the model writes instead of the failed ones: asked for once."""
        messages, given = self._messages(question, passages, [(c.written, c.verdict.reason) for c in failed])
        refused = {said(c.written.text) for c in failed}
        try:
            raw = yield from self._reply(messages, answer_schema(given), show=False)
            mended = yield from self._check(parse(raw, given), given, refused)
        except LanguageModelError:  # what holds already is an answer
            return []
        return [c for c in mended if c.verdict.supported][: len(failed)]

    def _translate(self, kept: Sequence[_Kept]) -> Generator[str, None, list[_Kept]]:
        """The sentences in the asker's language, without those that it cannot be had in: failed ones are asked for
        once more.

        Yields the translations as they come, unchecked. Raises LanguageModelError if there are none.
        """
        english = [k.text for k in kept]
        translations = yield from self._translations_of(english, show=True)
        checker = self._composer.translations(self._library.document(kept[0].citations[0].document))
        faults = self._faults(checker, english, translations)
        again = [n for n, fault in enumerate(faults) if fault]
        if again:
            failures = [(translations[n], faults[n]) for n in again]
            try:
                mended = yield from self._translations_of([english[n] for n in again], failures)
            except LanguageModelError:  # what holds already is an answer
                mended = []
            for n, text in zip(again, mended, strict=False):
                translations[n] = text
            faults = self._faults(checker, english, translations)
        return [
            replace(k, text=text, mended=k.mended or n in again)
            for n, (k, text, fault) in enumerate(zip(kept, translations, faults, strict=True))
            if not fault
        ]

    def _faults(self, checker: TranslationChecker, english: Sequence[str], translations: Sequence[str]) -> list[str]:
        faults = checker.check(english, translations, self._language)
        whole = [self._composer.whole.holds(text, self._language) for text in translations]
        return [fault or ("" if held else "it is no whole sentence") for fault, held in zip(faults, whole, strict=True)]

    def _translations_of(
        self, english: Sequence[str], failures: Sequence[tuple[str, str]] = (), *, show: bool = False
    ) -> Generator[str, None, list[str]]:
        messages = translate_messages(english, self._language, failures)
        raw = yield from self._reply(messages, translation_schema(len(english)), show=show)
        return parse_translations(raw, len(english))

    def _messages(
        self, question: str, passages: tuple[Passage, ...], failures: Sequence[tuple[Written, str]] = ()
    ) -> tuple[Messages, tuple[int, ...]]:
        config = self._composer.config
        return answer_messages(
            question,
            [self._library.position(p.document, p.label) + 1 for p in passages],
            self._text,
            config.llm_context_tokens,
            asked=self._asked,
            encoding=config.llm_encoding,
            failures=failures,
        )

    def _text(self, number: int) -> str:
        """Of the paragraph that the model knows by that number: its place in the library, from 1."""
        return self._library.at(number - 1)[1].text

    def _check(
        self, written: Sequence[Written], given: Sequence[int], refused_before: Container[frozenset[str]] = ()
    ) -> Generator[str, None, list[_Checked]]:
        """Local checks; then, if it is to be asked, the model's own objections to what has passed them.

        What says no other than a sentence that was refused, with other numbers behind it, must be surer than the rest:
        with every paragraph that is tried, one is likelier to fit by chance.
        """
        checked = [_Checked(w, self._verdict(w, given, again=said(w.text) in refused_before)) for w in written]
        held = [c.written for c in checked if c.verdict.supported]
        wanted = self._composer.config.llm_second_opinion and held
        refused = (yield from self._objections(held)) if wanted else frozenset()
        return [_refused(c) if c.verdict.supported and c.written in refused else c for c in checked]

    def _verdict(self, written: Written, given: Sequence[int], *, again: bool = False) -> Verdict:
        key = (written, tuple(given), again)
        if key not in self._verdicts:
            self._verdicts[key] = self._judged(written, given, again)
        return self._verdicts[key]

    def _judged(self, written: Written, given: Sequence[int], again: bool) -> Verdict:
        if self._language != "en" and detect(written.text) == self._language:
            return Verdict(False, "it is not in English", ())
        if not self._composer.whole.holds(written.text, "en"):
            return Verdict(False, "it is no whole sentence", ())
        return self._composer.support.check(written.text, written.numbers, given, again=again)

    def _objections(self, held: Sequence[Written]) -> Generator[str, None, frozenset[Written]]:
        """The sentences that the model, asked once for all, says its paragraphs do not bear out; none if it fails."""
        config = self._composer.config
        messages, count = opinion_messages(held, self._text, config.llm_context_tokens, config.llm_encoding)
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
    kept = {c.written.text: _of(c, again) for c, again in placed if c}
    return list(kept.values()), sum(c is None for c, _ in placed)


def _of(checked: _Checked, mended: bool) -> _Kept:
    text, citations = checked.written.text, checked.verdict.citations
    return _Kept(text, citations, mended, tuple(meeting(text, citation.quote) for citation in citations))


def _composed(kept: Sequence[_Kept], dropped: int, extracted: Composed, words: dict[str, str]) -> Composed:
    if not kept:
        return replace(extracted, notice=words["model_nothing_left"] + words["model_instead"], dropped=dropped)
    return Composed(
        "language-model",
        extracted.confidence,
        tuple(Statement(k.text, k.citations, meets=k.meets) for k in kept),
        passages=extracted.passages,
        notice=words["model_left_out"].format(count=dropped) if dropped else "",
        related=extracted.related,
        dropped=dropped,
        repaired=sum(k.mended for k in kept),
        extract=extracted.statements,
    )
