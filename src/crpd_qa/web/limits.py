"""What one client, and all of them together, may ask of this server."""

import asyncio
import ipaddress
import math
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from limits import RateLimitItemPerDay, RateLimitItemPerSecond
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crpd_qa.errors import StoreAwayError
from crpd_qa.settings import Settings
from crpd_qa.web.address import own_path
from crpd_qa.web.counts import Counts
from crpd_qa.web.problems import TOO_SLOW, problem_response, store_away

T = TypeVar("T")
MAX_HISTORY = 40
"""So many earlier questions are read with one."""
MAX_KEPT = 100
"""So many answers a page keeps, and so many are read."""
MAX_KEPT_BYTES = 2**21
"""Of a form with these: an answer takes some 4,000, in Cyrillic letters some 10,000."""
RETRY_SECONDS = 2
"""What a client is told to wait when the queue is full: it empties in less."""


class RateLimit:
    """A dependency of routes: so many requests in any 60 seconds for each client, 429 beyond.

    A client is forgotten when its last request is so old. Limits of the same `name` and length are one.
    """

    def __init__(self, counts: Counts, name: str, amount: int, seconds: int = 60) -> None:
        self._item = RateLimitItemPerSecond(amount, seconds)
        self._counts = counts
        self._name = name

    async def __call__(self, request: Request) -> None:
        client = client_network(request)
        if wait := math.ceil(await run_in_threadpool(self._counts.hit, self._item, self._name, client)):
            raise HTTPException(
                429,
                f"You have asked {self._item.amount} times in a minute. Please wait {wait} seconds.",
                {"Retry-After": str(wait)},
            )
        forget = partial(self._counts.forget_unused, self._item, self._name, client)
        asyncio.get_running_loop().call_later(self._item.get_expiry() + 1, forget)


class DailyLimit:
    """So many answers a day (UTC) by a language model, for each client and for all of them; None: any number.

    It is counted when the model is asked: an answer that is cancelled has cost as much. A client is forgotten a day
    after its first answer.
    """

    def __init__(self, counts: Counts, for_each: int | None, for_all: int | None) -> None:
        self._counts = counts
        self._for_each = for_each
        self._for_all = for_all

    def take(self, client: str) -> bool:
        """Whether the model may answer this client once more; if so, that is counted."""
        day = datetime.now(UTC).date().isoformat()
        # A client's comes first: who has none left takes nothing from the others'.
        return self._take(self._for_each, day, "each", client) and self._take(self._for_all, day, "all")

    def _take(self, amount: int | None, *names: str) -> bool:
        if amount is None:
            return True
        return amount > 0 and self._counts.take(RateLimitItemPerDay(amount), "answers", *names)


def client_network(request: HTTPConnection) -> str:
    """The client's address; for IPv6 its /64, since one visitor commands a whole one."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed[:8] + bytes(8), 64)))
    return str(address)


class AnswerQueue:
    """Computes in a few threads, with a short queue before them.

    A computation that took too long keeps its thread until it ends, so no more than `workers` ever run.
    """

    def __init__(self, workers: int, queued: int, timeout: float) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._places = threading.BoundedSemaphore(workers + queued)
        self._timeout = timeout

    def submit(self, compute: Callable[..., T], *arguments: object) -> Awaitable[T]:
        """Queue it now, await it later. Raises a 503 now if the queue is full, later if it takes too long."""
        return self._result(self._queued(compute, *arguments))

    def stream(self, compute: Callable[..., Generator[T, None, None]], *arguments: object) -> AsyncGenerator[T, None]:
        """The same for what comes in pieces. When its reader leaves, `compute` is closed at its next piece."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[T | Future[None]] = asyncio.Queue()
        left = threading.Event()

        def run() -> None:
            generator = compute(*arguments)
            try:
                while not left.is_set():
                    loop.call_soon_threadsafe(pieces.put_nowait, next(generator))
            except StopIteration:
                return
            finally:
                generator.close()

        future = self._queued(run)
        future.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(pieces.put_nowait, future))
        return self._pieces(pieces, left)

    def _queued(self, compute: Callable[..., T], *arguments: object) -> Future[T]:
        if not self._places.acquire(blocking=False):
            raise _busy("Too many people are asking at this moment. Please try again in a few seconds.")
        future = self._executor.submit(compute, *arguments)
        future.add_done_callback(lambda _: self._places.release())
        return future

    async def _result(self, future: Future[T]) -> T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout)
        except TimeoutError:
            raise _slow() from None
        except StoreAwayError as error:
            raise store_away(error) from error

    async def _pieces(
        self, pieces: "asyncio.Queue[T | Future[None]]", left: threading.Event
    ) -> AsyncGenerator[T, None]:
        end = time.monotonic() + self._timeout
        try:
            while True:
                piece = await asyncio.wait_for(pieces.get(), end - time.monotonic())
                if isinstance(piece, Future):
                    piece.result()  # raises what the computation raised
                    return
                yield piece
        except TimeoutError:
            raise _slow() from None
        except StoreAwayError as error:
            raise store_away(error) from error
        finally:
            left.set()


@dataclass(frozen=True)
class Limits:
    """The limits of one server. Chat, page without script and API share them: a client has one allowance.

    `counts`: of this server, or of all that share them.
    """

    counts: Counts
    rate: RateLimit
    queue: AnswerQueue
    model: DailyLimit

    @classmethod
    def of(cls, config: Settings) -> "Limits":
        """As they are set."""
        queue = AnswerQueue(config.max_concurrent_answers, config.max_queued_answers, answer_seconds(config))
        counts = Counts.of(config)
        model = DailyLimit(counts, config.llm_answers_for_each, config.llm_answers_for_all)
        return cls(counts, RateLimit(counts, "questions", config.requests_per_minute), queue, model)

    def model_for(self, request: HTTPConnection) -> Callable[[], bool]:
        """What says whether a language model may answer that client once more."""
        return partial(self.model.take, client_network(request))


def answer_seconds(config: Settings) -> float:
    """No answer is waited for longer."""
    # A language model that is slow is answered for by the report's own sentences: there must be time for these.
    return config.answer_timeout_seconds + (config.llm_timeout_seconds if config.language_model else 0)


def _slow() -> HTTPException:
    return _busy(TOO_SLOW)


def _busy(detail: str) -> HTTPException:
    return HTTPException(503, detail, {"Retry-After": str(RETRY_SECONDS)})


class BodyLimit:
    """Refuses a body of more than `max_bytes`, on paths in `larger` of so many: by its declared length, or as soon as
    more has come.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = HTTPConnection(scope)
        most = self._larger.get(own_path(scope), self._max_bytes)
        too_large = f"What was sent is larger than {most:,} bytes. Please send less."
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > most:
            return await problem_response(request, 413, too_large)(scope, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, too_large)
            return message

        return await self._app(scope, counted, send)
