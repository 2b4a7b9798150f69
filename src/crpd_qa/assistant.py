"""The front: open a library, ask it, search it, read its paragraphs."""

import copy
import logging
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Literal, Self

from threadpoolctl import threadpool_limits

from crpd_qa.answer.compose import Composed, declined, extract, offer_help, quote_place
from crpd_qa.answer.confidence import asks_for_help
from crpd_qa.answer.groups import of_several, together
from crpd_qa.answer.judge import Judge, threshold
from crpd_qa.answer.models import answer_models
from crpd_qa.answer.quick import QuickJudge
from crpd_qa.answer.reading import ReadingJudge, reading_models
from crpd_qa.answer.record import Answer, Timings
from crpd_qa.answer.verify import verify
from crpd_qa.ask.apart import asked_of
from crpd_qa.ask.narrow import MAX_GROUPS, Narrowed, narrow, to_articles
from crpd_qa.conversation import Listener, Understood, courtesy, place_of, understand
from crpd_qa.documents import Document, Paragraph
from crpd_qa.errors import CrpdQaError, IndexNotFoundError
from crpd_qa.language import LANGUAGES, KnownWords, Language, detect, in_other_script
from crpd_qa.library import Library
from crpd_qa.read.reader import MULTILINGUAL, Reader
from crpd_qa.retrieve import Passage, Query, Ranking, rank
from crpd_qa.retrieve.glossary import everyday_words
from crpd_qa.retrieve.late_interaction import TokenMatches
from crpd_qa.retrieve.reranker import CrossEncoderReranker, reranked
from crpd_qa.retrieve.structure import articles_named
from crpd_qa.scope import EVERYWHERE, Scope
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import texts

# Control and format characters (right-to-left overrides, zero-width marks, the BOM) carry no question.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")

MAX_CONTEXT_PARAGRAPHS = 100
MAX_HISTORY = 10
"""Of the earlier questions, the latest are read."""


def _always() -> bool:
    return True


Event = tuple[Literal["text"], str] | tuple[Literal["answer"], Answer]
"""What `ask_stream` yields."""


class Assistant:
    """Answers questions about a library of documents. Safe to use from several threads.

    >>> assistant = Assistant.open()
    >>> assistant.ask("How many persons have a disability?").citations[0].number
    107
    """

    _observers: tuple[Callable[[Answer], None], ...] = ()

    def __init__(self, library: Library, config: Settings | None = None) -> None:
        self.library = library
        self._settings = config or settings()
        self._refreshing = Lock()
        self._reranker = CrossEncoderReranker(self._settings.reranker) if self._settings.reranker else None
        self.reader = Reader.named(self._settings.reader, threads=self._settings.threads)
        self.multilingual_reader = self.reader and Reader(MULTILINGUAL, threads=self._settings.threads)
        self._composer = None
        if self._settings.language_model:
            # Loads the openai client, which quoting does not need.
            from crpd_qa.answer.language_model import LanguageModelComposer

            self._composer = LanguageModelComposer(library, self._settings)

    @classmethod
    def open(cls, folder: str | Path | None = None, *, extract_only: bool = False) -> "Assistant":
        """Open a library; without `folder`, the one that the settings name. `extract_only` leaves the model out.

        Raises IndexNotFoundError or IndexDamagedError, whose message says the command that mends it; SettingsError.
        """
        # NumPy's BLAS and ONNX Runtime each keep threads spinning; on two cores they hold each other up.
        threadpool_limits(1, user_api="blas")
        config = settings()
        if extract_only:
            config = config.model_copy(update={"llm_base_url": ""})
        library = Library.open(folder or config.index, threads=config.threads)
        if not library.entries:
            raise IndexNotFoundError(f"the library in {library.folder} is empty; read a document: crpd-qa add FILE")
        return cls(library, config)

    def observed_by(self, *observers: Callable[[Answer], None]) -> Self:
        """The same assistant, with nothing loaded anew, that shows each finished answer once to each of these too.

        They are called in the thread that answers, before the answer is returned: they must be quick and not raise.
        """
        observed = copy.copy(self)
        observed._observers = (*self._observers, *observers)
        return observed

    @property
    def document(self) -> Document:
        """The first document of the library: the bundled report, unless others were added alone."""
        return self.library.document_at(0)

    @property
    def language_model(self) -> tuple[str, str] | None:
        """Name and host of the language model that composes answers, or None: the host is where questions go."""
        return (self._composer.model.model, self._composer.model.host) if self._composer else None

    @property
    def languages(self) -> tuple[Language, ...]:
        """Languages in which questions can be asked."""
        return LANGUAGES if self.library.multilingual or self._composer else ("en",)

    @property
    def max_question_chars(self) -> int:
        """A longer question is not read."""
        return self._settings.max_question_chars

    @property
    def threshold(self) -> float:
        """Below this confidence a question in English is declined."""
        return self._threshold(self._judge("en", EVERYWHERE))

    def _judge(self, language: Language, scope: Scope) -> Judge:
        multilingual = self.library.needs_multilingual(language, scope)
        asked = self.library.have_questions(scope)
        quick = QuickJudge(answer_models(multilingual=multilingual, asked=asked))
        reader = self.multilingual_reader if multilingual else self.reader
        return ReadingJudge(reader, reading_models(multilingual=multilingual), quick) if reader else quick

    def _threshold(self, judge: Judge) -> float:
        return threshold(self._settings.wrong_answer_cost or judge.wrong_answer_cost)

    def refresh(self) -> bool:
        """Open the library anew if it was changed on the disk; if that fails, what was opened goes on answering.

        Asking and searching do this by themselves. Returns whether the library is another one now.
        """
        with self._refreshing:
            if not self.library.changed():
                return False
            try:
                library = self.library.reopened()
            except CrpdQaError as error:
                logging.getLogger(__name__).warning("the changed library cannot be opened: %s", error)
                return False
            if not library.entries:
                return False
            self.library = library
            self.__dict__.pop("_known_words", None)
            if self._composer:
                self._composer = type(self._composer)(library, self._settings)
            return True

    def _current(self) -> Self:
        """The same with the library as it is now, which for it never changes: an answer is of one library."""
        self.refresh()
        return copy.copy(self)

    def resolve(
        self,
        question: str,
        history: Sequence[str] = (),
        language: Language | None = None,
        scope: Scope = EVERYWHERE,
    ) -> Query:
        """The question as it is looked for, given the earlier questions, oldest first; `language` None: detected."""
        return self._understand(_clean(question), self._recent(history), language, scope).query

    def _recent(self, history: Sequence[str]) -> list[str]:
        """The latest of the earlier questions, none longer than a question may be."""
        cleaned = (_clean(earlier[: self._settings.max_question_chars]) for earlier in history[-MAX_HISTORY:])
        return [earlier for earlier in cleaned if earlier]

    def _understand(
        self,
        question: str,
        history: Sequence[str],
        language: Language | None,
        scope: Scope,
        *,
        narrowing: bool = True,
    ) -> Understood:
        def narrowed(query: Query) -> Narrowed:
            if not narrowing:
                return Narrowed(scope, (scope,), by_question=False)
            own = narrow(query.question, query.language, scope, self.library)
            # What a follow-up names takes the place of what was named before.
            return (
                own
                if own.names or own.strangers or not query.context
                else narrow(query.text, query.language, scope, self.library)
            )

        listener = Listener(
            narrow=narrowed,
            articles=lambda query, found: to_articles(found, query.question, self.library) if narrowing else found,
            document=lambda query: self.library.only_document(query.scope),
            documents=lambda query: self.library.documents(query.scope, most=MAX_GROUPS),
            rank=lambda query: rank(query, self.library),
            detect=lambda text: language or self._detect(text, history),
            is_help=asks_for_help,
            answers=self._answers,
            holds=self._holds,
        )
        return understand(question, history, listener)

    def _detect(self, text: str, before: Sequence[str] = ()) -> Language:
        return detect(text, (lambda: self._known_words) if self.library.multilingual else None, before)

    @cached_property
    def _known_words(self) -> KnownWords:
        """Of the documents, the questions written for them and the glossary; read at the first short message."""
        words = self.library.words
        return KnownWords({language: words[language] + everyday_words(language) for language in LANGUAGES})

    def _answers(self, understood: Understood) -> bool:
        if understood.help:
            return False
        if understood.place or understood.places:
            return not understood.place or bool(understood.place.found)
        return self._quote(understood, understood.query.language).mode == "extract"

    def _holds(self, asked: Ranking, other: Ranking) -> float:
        """The share of a question's words, by weight, that the best paragraph of another ranking matches."""
        if not len(asked.weights) or not len(other):
            return 0.0
        matches = TokenMatches.of(asked.encoding, self.library.store, other.positions[:1])
        return float(matches.paragraphs(asked.weights)[0])

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        language: Language | None = None,
        scope: Scope = EVERYWHERE,
        narrowing: bool = True,
        id: str | None = None,
        allowed: Callable[[], bool] = _always,
    ) -> Answer:
        """Answer a question with the documents' own sentences, or say that they do not answer it.

        With a language model the sentences are the model's, each checked against the documents'. `history` holds the
        earlier questions, oldest first. `language` ("en", "ru", "kk", "fr", "es") is the question's, detected if
        None; the program's own words are in it. `scope` is where to look; States and voices that the question names
        narrow it, unless `narrowing` is False. `allowed` is asked once, before the language model is sent anything,
        whether it may be; else the documents' own sentences answer. Never raises for what a person may type, nor for
        what the model does.
        """
        events = self._current()._answer(question, history, language, scope, narrowing, id, allowed)
        try:
            while True:
                next(events)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    def ask_stream(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        language: Language | None = None,
        scope: Scope = EVERYWHERE,
        narrowing: bool = True,
        id: str | None = None,
        allowed: Callable[[], bool] = _always,
    ) -> Iterator[Event]:
        """("text", piece) of what a language model writes, unchecked, as it comes; ("answer", Answer) last.

        A piece may be empty, several a second: between them the caller can close the iterator, which cancels the
        request to the model. Without a language model there is only the answer.
        """
        pieces = self._current()._answer(question, history, language, scope, narrowing, id, allowed)
        try:
            while True:
                yield "text", next(pieces)
        except StopIteration as end:
            yield "answer", end.value
        finally:
            pieces.close()

    def _answer(
        self,
        question: str,
        history: Sequence[str],
        language: Language | None,
        scope: Scope,
        narrowing: bool,
        id: str | None,
        allowed: Callable[[], bool],
    ) -> Generator[str, None, Answer]:
        """Yields what a language model writes; returns the answer."""
        begun = time.perf_counter()
        question = _readable(question)
        limit = self._settings.max_question_chars
        resolved = wanted = _clean(question)
        encode = retrieve = 0.0
        narrowed = Narrowed(scope, (scope,), by_question=False)
        composed: Composed
        if not wanted or len(wanted) > limit:
            language = language or detect(wanted[:limit])
            key = "answer_too_long" if wanted else "answer_empty"
            composed = declined(texts(language)[key].format(count=len(wanted), limit=limit))
        elif in_other_script(wanted):
            language = language or "en"
            key = "answer_english_only" if self.languages == ("en",) else "answer_other_script"
            composed = declined(texts(language)[key])
        elif not self.library.selects(scope):
            language = language or self._detect(wanted)
            composed = declined(texts(language)["answer_no_documents"])
        else:
            earlier = self._recent(history)
            understood = self._understand(wanted, earlier, language, scope, narrowing=narrowing)
            language = understood.query.language
            composition = (
                self._composer.begin(wanted, language, allowed) if self._composer and not understood.help else None
            )
            if composition:
                query = yield from composition.resolve(understood.query, earlier)
                if query != understood.query:
                    understood = self._understand(query.text, (), query.language, scope, narrowing=narrowing)
            resolved, narrowed = understood.query.text, understood.narrowed
            if ranking := understood.ranking:
                encode, retrieve = ranking.encode_ms, ranking.retrieve_ms
                understood = replace(understood, ranking=self._reranked(understood.query, ranking))
            composed = self._quote(understood, language)
            if composition and understood.ranking and len(narrowed.groups) == 1:
                composed = yield from composition.compose(resolved, composed)
        total = (time.perf_counter() - begun) * 1000
        answer = Answer(
            id=id,
            question=question,
            resolved=resolved,
            answered=composed.mode != "declined",
            confidence=round(composed.confidence, 4),
            passages=composed.passages,
            not_answered=composed.not_answered,
            related=composed.related,
            language=language,
            mode=composed.mode,
            timings_ms=Timings(
                encode=round(encode, 2),
                retrieve=round(retrieve, 2),
                answer=round(total - encode - retrieve, 2),
                total=round(total, 2),
            ),
            notice=composed.notice,
            dropped=composed.dropped,
            repaired=composed.repaired,
            statements=composed.statements,
            message=composed.message,
            scope=narrowed.told.to_dict(),
            narrowed=narrowed.by_question,
            groups=composed.groups,
            several_documents=self.library.only_document(narrowed.scope) is None,
            extract=composed.extract,
        )
        answer = verify(answer, self.library)
        for observe in self._observers:
            observe(answer)
        return answer

    def _quote(self, understood: Understood, language: Language) -> Composed:
        """The documents' own sentences; the program's own words in `language`."""
        query, place, ranking, narrowed = understood.query, understood.place, understood.ranking, understood.narrowed
        if understood.help:
            return offer_help(courtesy(query.text), language, several=self.library.has_several)
        if place and understood.document:
            max_words = self._settings.max_answer_words
            return quote_place(place, understood.document, self.library, max_words=max_words, language=language)
        if understood.places:
            return of_several(
                understood.places,
                self.library,
                apart=bool(articles_named(query.text)),
                max_words=self._settings.max_answer_words,
                language=language,
            )
        assert ranking is not None
        if not self.library.multilingual:
            if detect(query.question) in ("ru", "kk"):
                return declined(texts(language)["answer_english_only"])
            query = replace(query, language="en")
        if len(narrowed.groups) == 1:
            return self._extract(query, ranking, narrowed, language)
        named = self.library.states_in(query.question, query.language)
        apart = [asked_of(group, query, narrowed, named) for group in narrowed.groups]
        found = [
            max((self._apart(own, narrowed, language) for own in asked), key=lambda composed: composed.confidence)
            for asked in apart
        ]
        return together(narrowed.groups, found, language)

    def _apart(self, query: Query, narrowed: Narrowed, language: Language) -> Composed:
        """What one of several groups answers, one way of asking it."""
        ranking = self._reranked(query, rank(query, self.library))
        return self._extract(query, ranking, narrowed, language, whole=True)

    def _extract(
        self, query: Query, ranking: Ranking, narrowed: Narrowed, language: Language, *, whole: bool = False
    ) -> Composed:
        judge = self._judge(query.language, query.scope)
        return extract(
            query,
            ranking,
            judge,
            max_words=self._settings.max_answer_words,
            threshold=self._threshold(judge),
            language=language,
            strangers=narrowed.strangers,
            whole=whole,
        )

    def search(self, question: str, top: int = 10, scope: Scope = EVERYWHERE) -> tuple[Passage, ...]:
        """The `top` best paragraphs of a scope with their scores, best first."""
        self.refresh()
        wanted = _clean(question)[: self._settings.max_question_chars]
        if not wanted or top < 1 or not self.library.selects(scope):
            return ()
        query = Query(wanted, language=self._detect(wanted), scope=scope)
        narrowed = narrow(wanted, query.language, scope, self.library)
        if narrowed.by_question:
            query = replace(query, scope=narrowed.scope, names=narrowed.names)
        document = self.library.only_document(query.scope)
        place = place_of(query, document) if document else None
        if place and document:
            found = [p for label in place.found[:top] if (p := document.paragraph(label))]
            return tuple(Passage(document.symbol, p.label, p.number, 1.0) for p in found)
        return self._reranked(query, rank(query, self.library, minimum=top)).passages(top)

    def _reranked(self, query: Query, ranking: Ranking) -> Ranking:
        return reranked(query.text, ranking, self._reranker) if self._reranker else ranking

    def context(
        self,
        question: str,
        max_tokens: int = 3000,
        scope: Scope = EVERYWHERE,
    ) -> str:
        """The best paragraphs as text, numbered, for pasting into a language model: whole ones, as many as fit."""
        from crpd_qa.retrieve.context import SEPARATOR, fitting  # loads tiktoken's ranks, which answering does not need

        several = len({entry.symbol for entry in self.library.entries}) > 1
        blocks = []
        for passage in self.search(question, MAX_CONTEXT_PARAGRAPHS, scope):
            marker = f"{passage.document}, {passage.label}" if several else passage.label
            blocks.append(f"[{marker}] {self.paragraph(passage.label, passage.document).text}")
        return SEPARATOR.join(fitting(blocks, max_tokens))

    def paragraph(self, label: str | int, document: str = "") -> Paragraph:
        """The paragraph of that number or label, of the library's first document or of the one of that symbol.

        Raises ParagraphNotFoundError or DocumentNotFoundError.
        """
        symbol = document or self.document.symbol
        return self.library.at(self.library.position(symbol, str(label)))[1]


def _clean(text: str) -> str:
    """Without invisible characters; white space folded."""
    return " ".join(_INVISIBLE.sub(" ", _readable(text)).split())


def _readable(text: str) -> str:
    """Bytes of a terminal that were no UTF-8 (they arrive as lone surrogates) become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
