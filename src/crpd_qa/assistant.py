"""The front: open an index, ask it, search it, read its paragraphs."""

import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from threadpoolctl import threadpool_limits

from crpd_qa.answer.compose import Composed, declined, extract, offer_help, quote_place
from crpd_qa.answer.confidence import asks_for_help
from crpd_qa.answer.models import answer_models
from crpd_qa.answer.record import Answer, Timings
from crpd_qa.answer.verify import verify
from crpd_qa.conversation import Listener, Understood, place_of, understand
from crpd_qa.document import Document, Paragraph
from crpd_qa.errors import ParagraphNotFoundError
from crpd_qa.index import Index
from crpd_qa.language import LANGUAGES, KnownWords, Language, detect
from crpd_qa.retrieve import Passage, Query, Ranking, rank
from crpd_qa.retrieve.late_interaction import TokenMatches
from crpd_qa.retrieve.reranker import CrossEncoderReranker, reranked
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import texts

# Control and format characters (right-to-left overrides, zero-width marks, the BOM) carry no question.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")

MAX_CONTEXT_PARAGRAPHS = 100
MAX_HISTORY = 10
"""Of the earlier questions, the latest are read."""

Event = tuple[Literal["text"], str] | tuple[Literal["answer"], Answer]
"""What `ask_stream` yields."""


class Assistant:
    """Answers questions about one report. Safe to use from several threads.

    >>> assistant = Assistant.open()
    >>> assistant.ask("How many persons have a disability?").citations[0].number
    107
    """

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
        return self._understand(_clean(question), self._recent(history), language).query

    def _recent(self, history: Sequence[str]) -> list[str]:
        """The latest of the earlier questions, none longer than a question may be."""
        cleaned = (_clean(earlier[: self._settings.max_question_chars]) for earlier in history[-MAX_HISTORY:])
        return [earlier for earlier in cleaned if earlier]

    def _understand(self, question: str, history: Sequence[str], language: Language | None) -> Understood:
        listener = Listener(
            document=self.document,
            rank=lambda query: rank(query, self.index),
            detect=lambda text: language or self._detect(text),
            is_help=asks_for_help,
            answers=self._answers,
            holds=self._holds,
        )
        return understand(question, history, listener)

    def _detect(self, text: str) -> Language:
        return detect(text, self._known_words if self.index.multilingual else None)

    @cached_property
    def _known_words(self) -> KnownWords:
        """Of the report, in English, and of the questions in each language; read at the first short message."""
        texts: dict[Language, list[str]] = {language: [] for language in LANGUAGES}
        for paragraph in self.document:
            texts["en"] += [paragraph.text, *paragraph.questions]
        for asked in self.index.multilingual.questions if self.index.multilingual else ():
            for question in asked:
                texts.setdefault(cast(Language, question.language), []).append(question.question)
        return KnownWords(texts)

    def _answers(self, understood: Understood) -> bool:
        if understood.help:
            return False
        if understood.place:
            return bool(understood.place.found)
        return self._quote(understood, understood.query.language).mode == "extract"

    def _holds(self, asked: Ranking, other: Ranking) -> float:
        """The share of a question's words, by weight, that the best paragraph of another ranking matches."""
        if not len(asked.weights) or not len(other):
            return 0.0
        matches = TokenMatches.of(asked.encoding, self.index.tokens, other.positions[:1])
        return float(matches.paragraphs(asked.weights)[0])

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
            composed = declined(texts(language)[key].format(count=len(wanted), limit=limit))
        else:
            earlier = self._recent(history)
            understood = self._understand(wanted, earlier, language)
            language = understood.query.language
            composition = self._composer.begin(wanted, language) if self._composer and not understood.help else None
            if composition:
                query = yield from composition.resolve(understood.query, earlier)
                if query != understood.query:
                    understood = self._understand(query.text, (), query.language)
            resolved, place = understood.query.text, understood.place
            if ranking := understood.ranking:
                encode, retrieve = ranking.encode_ms, ranking.retrieve_ms
                understood = replace(understood, ranking=self._reranked(understood.query, ranking))
            composed = self._quote(understood, language)
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
        return verify(answer, self.document)

    def _quote(self, understood: Understood, language: Language) -> Composed:
        """The report's own sentences; the program's own words in `language`."""
        query, place, ranking = understood.query, understood.place, understood.ranking
        if understood.help:
            return offer_help(language)
        if place:
            return quote_place(place, self.document, language)
        assert ranking is not None
        if self.index.multilingual is None:
            if detect(query.question) in ("ru", "kk"):
                return declined(texts(language)["answer_english_only"])
            query = replace(query, language="en")
        return extract(
            query,
            ranking,
            self.index,
            answer_models(query.language),
            max_words=self._settings.max_answer_words,
            threshold=self._threshold(query.language),
            language=language,
        )

    def search(self, question: str, top: int = 10) -> tuple[Passage, ...]:
        """The `top` best paragraphs with their scores, best first."""
        wanted = _clean(question)[: self._settings.max_question_chars]
        if not wanted or top < 1:
            return ()
        query = Query(wanted, language=self._detect(wanted))
        place = place_of(query, self.document)
        if place:
            return tuple(Passage(number, 1.0) for number in place.found[:top])
        return self._reranked(query, rank(query, self.index, minimum=top)).passages(top)

    def _reranked(self, query: Query, ranking: Ranking) -> Ranking:
        return reranked(query.text, ranking, self._reranker) if self._reranker else ranking

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
