"""What a connection may cost: a client that stops sending its request, or stops reading the response, is cut off."""

import asyncio
from typing import ClassVar

import h11
from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

LEAST_BYTES_A_SECOND = 2000
"""What goes on more slowly than that has stopped."""
_TAKES_TIME = "crpd_qa.takes_time"


def take_time(request: Request) -> None:
    """Let this request's body come slowly."""
    request.scope[_TAKES_TIME] = True


def timed_protocol(seconds: float) -> type[H11Protocol]:
    """uvicorn's protocol, which by itself waits for ever, with a time limit.

    A request must have come whole, head and body, `seconds` after the connection or its first byte; how long it is
    answered is not limited. A body that the application has agreed to take (`take_time`) may take longer, as long as it
    goes on. Of a response something must be read in any `seconds`. When there are as many connections
    as uvicorn's `limit_concurrency` allows, a new one takes the place of the one that has been sending for longest.
    """

    class TimedProtocol(H11Protocol):
        _sending: ClassVar[dict["TimedProtocol", None]] = {}  # oldest first
        _deadline: asyncio.TimerHandle | None = None
        _reading: asyncio.TimerHandle | None = None
        _received = _received_before = 0

        def data_received(self, data: bytes) -> None:
            self._received += len(data)
            super().data_received(data)

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._expect_more()
            oldest = next(iter(self._sending))
            if oldest is not self and self.limit_concurrency and len(self.connections) >= self.limit_concurrency:
                oldest._expect_no_more()
                oldest.transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            self._expect_no_more()
            if self._reading:
                self._reading.cancel()
            super().connection_lost(exc)

        def handle_events(self) -> None:
            super().handle_events()
            state = self.conn.their_state
            if state is h11.SEND_BODY or (state is h11.IDLE and self.conn.trailing_data[0]):
                self._expect_more()
            else:
                self._expect_no_more()

        def _expect_more(self) -> None:
            if self._deadline is None:
                self._received_before = self._received
                self._deadline = self.loop.call_later(seconds, self._late)
                self._sending[self] = None

        def _late(self) -> None:
            more = self._received - self._received_before
            going_on = self.conn.their_state is h11.SEND_BODY and self.scope.get(_TAKES_TIME)
            if going_on and more >= LEAST_BYTES_A_SECOND * seconds:
                self._received_before = self._received
                self._deadline = self.loop.call_later(seconds, self._late)
            else:
                self.transport.abort()

        def _expect_no_more(self) -> None:
            if self._deadline:
                self._deadline.cancel()
                self._deadline = None
                del self._sending[self]

        def pause_writing(self) -> None:
            super().pause_writing()
            self._watch_reading()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch_reading()

        def _watch_reading(self) -> None:
            if self._reading is None and (unread := self.transport.get_write_buffer_size()):
                self._reading = self.loop.call_later(seconds, self._expect_less, unread)

        def _expect_less(self, unread: int) -> None:
            self._reading = None
            if self.transport.get_write_buffer_size() >= unread:
                self.transport.abort()
            else:
                self._watch_reading()

    return TimedProtocol
