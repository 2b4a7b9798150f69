"""An OpenAI-compatible endpoint: messages in, text as it comes, and an end to it whatever the endpoint does."""

import asyncio
import logging
import queue
import threading
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletionMessageParam

from crpd_qa.answer.language_model.event import pieces
from crpd_qa.errors import LanguageModelError
from crpd_qa.settings import Settings

Schema = dict[str, Any]
"""A JSON schema of what is to be written."""

MAX_CHARACTERS = 16_000
"""What is longer is no answer."""
_HEARTBEAT_SECONDS = 0.2

_STATUS = {401: "model_key", 403: "model_key", 404: "model_unknown", 429: "model_busy"}


class LanguageModel:
    """A chat model behind an OpenAI-compatible endpoint. Safe to use from several threads.

    Requests run in one event loop of their own: there a timeout or a cancel closes the connection at once, which a
    thread that waits for a socket cannot.
    """

    def __init__(self, config: Settings) -> None:
        self.model = config.llm_model
        self.host = urlsplit(config.llm_base_url).netloc
        self.max_tokens = config.llm_context_tokens // 4
        """A reply has at most so many tokens."""
        self._timeout = config.llm_timeout_seconds
        self._client = openai.AsyncOpenAI(
            base_url=config.llm_base_url,
            # Never None: the client would send the key for another service that may be in the environment.
            api_key=config.llm_api_key.get_secret_value() or "none",
            timeout=config.llm_timeout_seconds,
            max_retries=config.llm_retries,
        )
        self._not_offered: set[str] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="language-model", daemon=True).start()

    def stream(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        schema: Schema | None = None,
        seconds: float | None = None,
    ) -> Generator[str, None, None]:
        """The reply as it comes. Empty strings are signs of life: between them a caller can close the iterator.

        Closing it cancels the request. With `schema` the reply is JSON where the endpoint offers that. It may take so
        many seconds, with its retries; by default those of the settings.
        Raises LanguageModelError: not reached, refused, not in time, cut off, empty, endless.
        """
        pieces: queue.SimpleQueue[str | LanguageModelError | None] = queue.SimpleQueue()
        limit = self._timeout if seconds is None else seconds
        request = asyncio.run_coroutine_threadsafe(self._request(messages, schema, limit, pieces.put), self._loop)
        try:
            while True:
                try:
                    piece = pieces.get(timeout=_HEARTBEAT_SECONDS)
                except queue.Empty:
                    yield ""
                    continue
                if piece is None:
                    return
                if isinstance(piece, LanguageModelError):
                    raise piece
                yield piece
        finally:
            request.cancel()

    def complete(self, messages: Sequence[ChatCompletionMessageParam], schema: Schema | None = None) -> str:
        """The whole reply. Raises LanguageModelError."""
        return "".join(self.stream(messages, schema))

    async def _request(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        schema: Schema | None,
        seconds: float,
        put: Callable[[str | LanguageModelError | None], None],
    ) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._receive(messages, schema, put)
            put(None)
        except Exception as error:  # whatever the libraries below raise must not cost a person the answer
            # Only our own words: an endpoint's may repeat what was sent, the key too.
            put(reason(error))

    async def _receive(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        schema: Schema | None,
        put: Callable[[str | LanguageModelError | None], None],
    ) -> None:
        length, finished = 0, False
        async with self._open(messages, schema) as body, aclosing(pieces(body)) as received:
            async for piece in received:
                if piece.text:
                    length += len(piece.text)
                    put(piece.text)
                if length > MAX_CHARACTERS:
                    raise LanguageModelError("model_endless")
                if finished := piece.finished:
                    break
        if not length:
            raise LanguageModelError("model_empty")
        if not finished:
            raise LanguageModelError("model_cut")

    @asynccontextmanager
    async def _open(
        self, messages: Sequence[ChatCompletionMessageParam], schema: Schema | None
    ) -> AsyncIterator[AsyncGenerator[bytes, None]]:
        """The body as it comes; what an endpoint says it does not know is left out, and is not sent again."""
        while True:
            wanted: dict[str, Any] = {"max_tokens": self.max_tokens, "temperature": 0}
            if schema:
                format = {"name": "reply", "strict": True, "schema": schema}
                wanted["response_format"] = {"type": "json_schema", "json_schema": format}
            offered = {name: value for name, value in wanted.items() if name not in self._not_offered}
            asked = self._client.chat.completions.with_streaming_response.create(
                model=self.model, messages=list(messages), stream=True, **offered
            )
            try:
                response = await asked.__aenter__()
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                named = [name for name in offered if name in error.message]
                refused = named[0] if named else "response_format"
                if refused not in offered:
                    raise
                self._not_offered.add(refused)
                continue
            try:
                async with aclosing(_body(response)) as body:
                    yield body
            finally:
                await response.close()
            return


async def _body(response: Any) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(response.iter_bytes()) as chunks:
            async for chunk in chunks:
                yield chunk
    except Exception as error:  # of whichever HTTP library is below
        raise LanguageModelError("model_cut") from error


def reason(error: Exception) -> LanguageModelError:
    """What to tell a person of whatever was raised on the way to an answer.

    What nobody foresaw is logged: where it was raised, and not its message, which may hold the question.
    """
    if isinstance(error, LanguageModelError):
        return error
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return LanguageModelError("model_timeout")
    if isinstance(error, openai.APIConnectionError):
        return LanguageModelError("model_unreachable")
    if isinstance(error, openai.APIStatusError):
        return LanguageModelError(_STATUS.get(error.status_code, "model_failed"), error.status_code)
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    logging.getLogger(__name__).error("unforeseen %s at %s", type(error).__name__, where)
    return LanguageModelError("model_ours")
