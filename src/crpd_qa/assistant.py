"""The front: open an index, ask it, search it, read its paragraphs."""

import copy
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from threadpoolctl import threadpool_limits

from crpd_qa.answer.compose import Composed, extract, quote_place, refuse
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import answer_models
from crpd_qa.answer.record import Answer, Timings
from crpd_qa.answer.verify import verify
from crpd_qa.conversation import resolve
from crpd_qa.document import Document, Paragraph
from crpd_qa.errors import ParagraphNotFoundError
from crpd_qa.index import Index
from crpd_qa.language import LANGUAGES, Language, detect
from crpd_qa.retrieve import Passage, Place, Query, Ranking, locate, rank
from crpd_qa.retrieve.reranker import CrossEncoderReranker
from crpd_qa.retrieve.structure import in_english
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import texts

# Control and format characters (right-to-left overrides, zero-width marks, the BOM) carry no question.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")

MAX_CONTEXT_PARAGRAPHS = 100

Event = tuple[Literal["text"], str] | tuple[Literal["answer"], Answer]
"""What `ask_stream` yields."""


class Assistant:
    """Answers questions about one report. Safe to use from several threads.

    >>> assistant = Assistant.open()
    >>> assistant.ask("How many persons have a disability?").citations[0].number
    107
    """

    _observers: tuple[Callable[[Answer], None], ...] = ()

    def __init__(self, index: Index, config: Settings | None = None) -> None:
        self.index = index
        self._settings = config or settings()
        self._reranker = CrossEncoderReranker(self._settings.reranker) if self._settings.reranker else None
        self._composer = None
        if self._settings.language_model:
            # Loads the openai client, which quoting does not need.
            from crpd_qa.answer.language_model import LanguageModelComposer

            self._composer = LanguageModelComposer(index, self._settings)

    @classmethod
    def open(cls, folder: str | Path | None = None, *, extract_only: bool = False) -> "Assistant":
        """Open an index; without `folder`, the one that the settings name. `extract_only` leaves the model out.

        Raises IndexNotFoundError or IndexDamagedError, whose message says the command that mends it; SettingsError.
        """
        # NumPy's BLAS and ONNX Runtime each keep threads spinning; on two cores they hold each other up.
        threadpool_limits(1, user_api="blas")
        config = settings()
        if extract_only:
            config = config.model_copy(update={"llm_base_url": ""})
        return cls(Index.open(folder or config.index, threads=config.threads), config)

    def observed_by(self, *observers: Callable[[Answer], None]) -> Self:
        """The same assistant, with nothing loaded anew, that shows each finished answer once to each of these too.

        They are called in the thread that answers, before the answer is returned: they must be quick and not raise.
        """
        observed = copy.copy(self)
        observed._observers = (*self._observers, *observers)
        return observed

    @property
    def document(self) -> Document:
        """The report."""
        return self.index.document

    @property
    def language_model(self) -> tuple[str, str] | None:
        """Name and host of the language model that composes answers, or None: the host is where questions go."""
        return (self._composer.model.model, self._composer.model.host) if self._composer else None

    @property
    def languages(self) -> tuple[Language, ...]:
        """Languages in which questions can be asked."""
        return LANGUAGES if self.index.multilingual or self._composer else ("en",)

    @property
    def threshold(self) -> float:
        """Below this confidence a question in English is declined."""
        return self._threshold("en")

    def _threshold(self, language: str) -> float:
        cost = self._settings.wrong_answer_cost or answer_models(language).wrong_answer_cost
        return cost / (1 + cost)

    def resolve(self, question: str, history: Sequence[str] = (), language: Language | None = None) -> Query:
        """The question as it is looked for, given the earlier questions, oldest first; `language` None: detected."""
        query = resolve(_clean(question), [_clean(earlier) for earlier in history], self.document)
        return replace(query, language=language or detect(query.text))

    def ask(
        self, question: str, history: Sequence[str] = (), *, language: Language | None = None, id: str | None = None
    ) -> Answer:
        """Answer a question with the report's own sentences, or say that the report does not answer it.

        With a language model the sentences are the model's, each checked against the report's. `history` holds the
        earlier questions, oldest first. `language` ("en", "ru", "kk", "fr", "es") is the question's, detected if
        None; the program's own words are in it. Never raises for what a person may type, nor for what the model does.
        """
        events = self._answer(question, history, language, id)
        try:
            while True:
                next(events)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    def ask_stream(
        self, question: str, history: Sequence[str] = (), *, language: Language | None = None, id: str | None = None
    ) -> Iterator[Event]:
        """("text", piece) of what a language model writes, unchecked, as it comes; ("answer", Answer) last.

        A piece may be empty, several a second: between them the caller can close the iterator, which cancels the
        request to the model. Without a language model there is only the answer.
        """
        pieces = self._answer(question, history, language, id)
        try:
            while True:
                yield "text", next(pieces)
        except StopIteration as end:
            yield "answer", end.value
        finally:
            pieces.close()

    def _answer(
        self, question: str, history: Sequence[str], language: Language | None, id: str | None
    ) -> Generator[str, None, Answer]:
        """Yields what a language model writes; returns the answer."""
        begun = time.perf_counter()
        question = _readable(question)
        limit = self._settings.max_question_chars
        resolved = wanted = _clean(question)
        encode = retrieve = 0.0
        composed: Composed
        if not wanted or len(wanted) > limit:
            language = language or detect(wanted[:limit])
            key = "answer_too_long" if wanted else "answer_empty"
            composed = refuse(texts(language)[key].format(count=len(wanted), limit=limit))
        else:
            query = self.resolve(wanted, history, language)
            language = query.language
            composition = self._composer.begin(wanted, language) if self._composer else None
            if composition and not is_hostile(wanted):
                query = yield from composition.resolve(query, [_clean(text) for text in history])
            resolved = query.text
            place = self._locate(query)
            if place and not is_hostile(wanted):
                composed = quote_place(place, self.document, language)
            elif self.index.multilingual is None and detect(query.question) in ("ru", "kk"):
                composed = refuse(texts(language)["answer_english_only"])
            else:
                if self.index.multilingual is None:
                    query = replace(query, language="en")
                ranking = self._rank(query)
                encode, retrieve = ranking.encode_ms, ranking.retrieve_ms
                composed = extract(
                    query,
                    ranking,
                    self.index,
                    answer_models(query.language),
                    max_words=self._settings.max_answer_words,
                    threshold=self._threshold(query.language),
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
            text=composed.text,
            confidence=round(composed.confidence, 4),
            citations=composed.citations,
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
        )
        answer = verify(answer, self.document)
        for observe in self._observers:
            observe(answer)
        return answer

    def search(self, question: str, top: int = 10) -> tuple[Passage, ...]:
        """The `top` best paragraphs with their scores, best first."""
        wanted = _clean(question)[: self._settings.max_question_chars]
        if not wanted or top < 1:
            return ()
        query = self.resolve(wanted)
        place = self._locate(query)
        if place:
            return tuple(Passage(number, 1.0) for number in place.found[:top])
        return self._rank(query, minimum=top).passages(top)

    def _locate(self, query: Query) -> Place | None:
        text = query.text if query.language == "en" else in_english(query.question) or query.text
        return locate(text, self.document)

    def _rank(self, query: Query, *, minimum: int = 10) -> Ranking:
        ranking = rank(query, self.index, minimum=minimum)
        return self._reranker.rerank(ranking) if self._reranker else ranking

    def context(self, question: str, max_tokens: int = 3000) -> str:
        """The best paragraphs as text, numbered, for pasting into a language model: whole ones, as many as fit."""
        from crpd_qa.retrieve.context import fit_context  # loads tiktoken's ranks, which answering does not need

        return fit_context(self.search(question, MAX_CONTEXT_PARAGRAPHS), self.document, max_tokens)

    def paragraph(self, number: int) -> Paragraph:
        """The paragraph of that number. Raises ParagraphNotFoundError."""
        paragraph = self.document.paragraph(number)
        if paragraph is None:
            raise ParagraphNotFoundError(
                f"there is no paragraph {number}: the report's paragraphs are numbered 1 to {len(self.document)}"
            )
        return paragraph


def _clean(text: str) -> str:
    """Without invisible characters; white space folded."""
    return " ".join(_INVISIBLE.sub(" ", _readable(text)).split())


def _readable(text: str) -> str:
    """Bytes of a terminal that were no UTF-8 (they arrive as lone surrogates) become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
