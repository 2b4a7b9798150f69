"""The connection to Milvus: made at the first call, kept by the process; whatever fails there is a StoreAwayError."""

import logging
from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crpd_qa.errors import StoreAwayError
from crpd_qa.extras import needs_extra

if TYPE_CHECKING:
    from pymilvus.exceptions import MilvusException

SECONDS = 8.0
"""A call that takes longer has failed: less than an answer may take."""
LITE = ".db"
MAX_FOUND = 16_384
"""Rows that one search of Milvus returns at most."""
_NOT_LOADED = 101
"""Milvus's code for a collection that is on the disk only."""


class Connection:
    """One Milvus: a server's address, or the file of Milvus Lite, which one process at a time can open."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = Lock()

    @property
    def name(self) -> str:
        """For people, without a password."""
        return self._address if self.lite else urlsplit(self._address).netloc.rpartition("@")[2]

    @property
    def lite(self) -> bool:
        """Whether Milvus runs within this process."""
        return self._address.endswith(LITE)

    @cached_property
    def _client(self) -> Any:
        with needs_extra("milvus", "CRPD_QA_STORE"):
            from pymilvus import MilvusClient
            from pymilvus.exceptions import MilvusException

        # They tell each failure with its stack, twice, beside raising it.
        for talking in ("pymilvus", "milvus_lite"):
            logging.getLogger(talking).setLevel(logging.CRITICAL + 1)
        try:
            return MilvusClient(self._address, timeout=SECONDS)
        except MilvusException as error:
            raise self._away(error.message) from error

    def call(self, method: str, *given: Any, **named: Any) -> Any:
        """A method of MilvusClient. Raises StoreAwayError, ExtraNotInstalledError."""
        with self._lock:  # the first call connects
            client = self._client
        from pymilvus.exceptions import MilvusException

        named = {"timeout": SECONDS} | named
        try:
            try:
                return getattr(client, method)(*given, **named)
            except MilvusException as error:
                if not _unloaded(error):
                    raise
                # Milvus Lite forgets what was loaded when its process ends.
                client.load_collection(given[0], timeout=SECONDS)
                return getattr(client, method)(*given, **named)
        except MilvusException as error:
            raise self._away(error.message) from error

    def every(self, collection: str, field: str) -> set[str]:
        """A field of all rows of a collection. Raises StoreAwayError."""
        from pymilvus.exceptions import MilvusException

        first = self.call("query", collection, output_fields=[field], limit=MAX_FOUND)
        found = {row[field] for row in first}
        if len(first) < MAX_FOUND:
            return found
        rows = self.call("query_iterator", collection, output_fields=[field], batch_size=1000)
        try:
            while batch := rows.next():
                found |= {row[field] for row in batch}
            rows.close()
        except MilvusException as error:
            raise self._away(error.message) from error
        return found

    def close(self) -> None:
        """Milvus Lite lets go of its file, for another process."""
        if client := self.__dict__.pop("_client", None):
            client.close()
        if self.lite:
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self._address)

    def _away(self, reason: str) -> StoreAwayError:
        if self.lite and "Open local milvus failed" in reason:
            return StoreAwayError(
                f"{self.name} cannot be opened: another process may have it, and Milvus Lite serves one at a time. End "
                f"the other; or let one server have it, milvus-lite server --data-dir {self.name}, and set "
                "CRPD_QA_STORE=http://127.0.0.1:19530"
            )
        return StoreAwayError(f"the store at {self.name} does not answer as it should: {reason}")


def _unloaded(error: "MilvusException") -> bool:
    return error.code == _NOT_LOADED or "call load()" in error.message


@cache
def connected(address: str) -> Connection:
    """This process's connection to a store."""
    return Connection(address)
