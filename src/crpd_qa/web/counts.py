"""What clients have used up, counted by `limits`: in this process, or in a Redis that several processes share.

While Redis is away each process counts by itself, as it would without one: nobody is turned away for it, and N
processes allow N times as much at most. It is tried again every `RETRY_SECONDS`, and counts go on there by themselves.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from crpd_qa.extras import needs_extra
from crpd_qa.settings import Settings

RETRY_SECONDS = 5.0
ANSWER_SECONDS = 0.25
"""A Redis that takes longer is away: every question waits for it."""
PREFIX = "crpd-qa"
"""Of every key in Redis, which may be others' too."""

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class Counts:
    """Of one server. Safe in several threads."""

    def __init__(self, shared: Storage | None = None) -> None:
        self._shared = shared
        self._own = MemoryStorage()
        self._away_until = 0.0
        self._lock = threading.Lock()

    @classmethod
    def of(cls, config: Settings) -> "Counts":
        """Where CRPD_QA_SHARED_STATE says; it need not be there yet. Raises ExtraNotInstalledError."""
        address = config.shared_state.get_secret_value()
        if not address:
            return cls()
        with needs_extra("redis", "CRPD_QA_SHARED_STATE"):
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        return cls(
            storage_from_string(
                address,
                wrap_exceptions=True,
                key_prefix=PREFIX,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type] # what redis takes goes on to it
            )
        )

    def hit(self, item: RateLimitItem, *names: str) -> float:
        """Counts one in any window of the item's length. Returns 0, or the seconds to wait if that is too many."""

        def hit(limiter: RateLimiter) -> float:
            if limiter.hit(item, *names):
                return 0.0
            return max(1.0, limiter.get_window_stats(item, *names).reset_time - time.time())

        return self._counted(MovingWindowRateLimiter, hit)

    def take(self, item: RateLimitItem, *names: str) -> bool:
        """Counts one from the first on, for the item's length. Whether it was not too many."""
        return self._counted(FixedWindowRateLimiter, lambda limiter: limiter.hit(item, *names))

    def forget_unused(self, item: RateLimitItem, *names: str) -> None:
        """What this process counted in a window that has gone by: Redis forgets by itself, its memory does not."""
        limiter = MovingWindowRateLimiter(self._own)
        if limiter.get_window_stats(item, *names).remaining == item.amount:
            limiter.clear(item, *names)

    def _counted(self, strategy: type[RateLimiter], count: Callable[[RateLimiter], T]) -> T:
        if self._shared and time.monotonic() >= self._away_until:
            try:
                return count(strategy(self._shared))
            except StorageError as error:
                with self._lock:
                    if time.monotonic() >= self._away_until:
                        self._away_until = time.monotonic() + RETRY_SECONDS
                        _LOG.warning("CRPD_QA_SHARED_STATE does not answer (%s): each process counts by itself", error)
        return count(strategy(self._own))
