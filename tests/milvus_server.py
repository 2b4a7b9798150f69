"""A real Milvus on a real port: Milvus Lite's own server, in a process of its own that can be killed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crpd_qa.errors import StoreAwayError
from crpd_qa.store.milvus.connection import Connection


@contextmanager
def serving(data: Path, port: int) -> Iterator[str]:
    """Its address, until it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(data), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                Connection(address).call("list_collections")
                break
            except StoreAwayError:
                assert process.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait(timeout=60)
