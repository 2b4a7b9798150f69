"""The front: open an index, ask it, search it, read its paragraphs."""

import copy
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from threadpoolctl import threadpool_limits

from crpd_qa.answer.compose import Composed, declined, extract, quote_place
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import AnswerModels, answer_models
from crpd_qa.answer.record import Answer, Timings
from crpd_qa.answer.verify import verify
from crpd_qa.conversation import resolve
from crpd_qa.documents import Document, Paragraph
from crpd_qa.errors import IndexNotFoundError
from crpd_qa.language import LANGUAGES, Language, detect
from crpd_qa.library import Library
from crpd_qa.retrieve import Passage, Place, Query, Ranking, locate, rank
from crpd_qa.retrieve.reranker import CrossEncoderReranker
from crpd_qa.retrieve.structure import in_english
from crpd_qa.scope import EVERYWHERE, Scope
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import texts

# Control and format characters (right-to-left overrides, zero-width marks, the BOM) carry no question.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")

MAX_CONTEXT_PARAGRAPHS = 100

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
        self._reranker = CrossEncoderReranker(self._settings.reranker) if self._settings.reranker else None
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
    def threshold(self) -> float:
        """Below this confidence a question in English is declined."""
        return self._threshold(self._models("en", EVERYWHERE))

    def _models(self, language: str, scope: Scope) -> AnswerModels:
        return answer_models(language, asked=self.library.have_questions(scope))

    def _threshold(self, models: AnswerModels) -> float:
        cost = self._settings.wrong_answer_cost or models.wrong_answer_cost
        return cost / (1 + cost)

    def resolve(
        self,
        question: str,
        history: Sequence[str] = (),
        language: Language | None = None,
        scope: Scope = EVERYWHERE,
    ) -> Query:
        """The question as it is looked for, given the earlier questions, oldest first; `language` None: detected."""
        query = resolve(_clean(question), [_clean(earlier) for earlier in history], self._only_document(scope))
        return replace(query, language=language or detect(query.text), scope=scope)

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        language: Language | None = None,
        scope: Scope | None = None,
        id: str | None = None,
    ) -> Answer:
        """Answer a question with the report's own sentences, or say that the report does not answer it.

        With a language model the sentences are the model's, each checked against the report's. `history` holds the
        earlier questions, oldest first. `language` ("en", "ru", "kk", "fr", "es") is the question's, detected if
        None; the program's own words are in it. Never raises for what a person may type, nor for what the model does.
        """
        events = self._answer(question, history, language, scope, id)
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
        scope: Scope | None = None,
        id: str | None = None,
    ) -> Iterator[Event]:
        """("text", piece) of what a language model writes, unchecked, as it comes; ("answer", Answer) last.

        A piece may be empty, several a second: between them the caller can close the iterator, which cancels the
        request to the model. Without a language model there is only the answer.
        """
        pieces = self._answer(question, history, language, scope, id)
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
        scope: Scope | None,
        id: str | None,
    ) -> Generator[str, None, Answer]:
        """Yields what a language model writes; returns the answer."""
        begun = time.perf_counter()
        question = _readable(question)
        limit = self._settings.max_question_chars
        resolved = wanted = _clean(question)
        encode = retrieve = 0.0
        scope = scope or EVERYWHERE
        composed: Composed
        if not wanted or len(wanted) > limit:
            language = language or detect(wanted[:limit])
            key = "answer_too_long" if wanted else "answer_empty"
            composed = declined(texts(language)[key].format(count=len(wanted), limit=limit))
        else:
            query = self.resolve(wanted, history, language, scope)
            language = query.language
            composition = self._composer.begin(wanted, language) if self._composer else None
            if composition and not is_hostile(wanted):
                query = yield from composition.resolve(query, [_clean(text) for text in history])
            resolved = query.text
            place = self._locate(query)
            if place and not is_hostile(wanted):
                composed = quote_place(*place, language)
            elif not self.library.matching(scope):
                composed = declined(texts(language)["answer_no_documents"])
            elif not self.library.multilingual and detect(query.question) in ("ru", "kk"):
                composed = declined(texts(language)["answer_english_only"])
            else:
                if not self.library.multilingual:
                    query = replace(query, language="en")
                ranking = self._rank(query)
                encode, retrieve = ranking.encode_ms, ranking.retrieve_ms
                models = self._models(query.language, scope)
                composed = extract(
                    query,
                    ranking,
                    models,
                    max_words=self._settings.max_answer_words,
                    threshold=self._threshold(models),
                    language=language,
                )
            if composition and not place:
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
        )
        answer = verify(answer, self.library)
        for observe in self._observers:
            observe(answer)
        return answer

    def search(
        self,
        question: str,
        top: int = 10,
        scope: Scope = EVERYWHERE,
    ) -> tuple[Passage, ...]:
        """The `top` best paragraphs of a scope with their scores, best first."""
        wanted = _clean(question)[: self._settings.max_question_chars]
        if not wanted or top < 1 or not self.library.matching(scope):
            return ()
        query = self.resolve(wanted, scope=scope)
        located = self._locate(query)
        if located:
            place, document = located
            found = [p for label in place.found[:top] if (p := document.paragraph(label))]
            return tuple(Passage(document.symbol, p.label, p.number, 1.0) for p in found)
        return self._rank(query, minimum=top).passages(top)

    def _locate(self, query: Query) -> tuple[Place, Document] | None:
        """The place that a question names, in the only document that is asked."""
        document = self._only_document(query.scope)
        if document is None:
            return None
        text = query.text if query.language == "en" else in_english(query.question) or query.text
        place = locate(text, document)
        return (place, document) if place else None

    def _only_document(self, scope: Scope) -> Document | None:
        """The document that is asked, if it is one."""
        numbers = self.library.matching(scope)
        symbols = {self.library.entries[number].symbol for number in numbers}
        return self.library.document_at(numbers[0]) if len(symbols) == 1 else None

    def _rank(self, query: Query, *, minimum: int = 10) -> Ranking:
        ranking = rank(query, self.library, minimum=minimum)
        return self._reranker.rerank(ranking) if self._reranker else ranking

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
