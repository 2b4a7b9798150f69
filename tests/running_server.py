"""The real server, as people start it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from free_port import free_port

APP = Path(__file__).parents[1] / "app.py"


@contextmanager
def running(index_folder: Path, log: Path, **settings: str) -> Iterator[str]:
    """Address, with the base path, of a server on that library with these settings (CRPD_QA_...).

    What it prints goes to the log.
    """
    with started(index_folder, log, **settings) as (address, _):
        yield address


@contextmanager
def started(index_folder: Path, log: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same with its process, which may have ended when the test is over."""
    port = free_port()
    # A test asks more in a minute than a person does, all from one address.
    own = {"PORT": str(port), "INDEX": str(index_folder), "REQUESTS_PER_MINUTE": "1000"} | settings
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(APP)],
            env=os.environ | {f"CRPD_QA_{name}": value for name, value in own.items()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}{settings.get('BASE_PATH', '')}"
    try:
        for _ in range(3000):  # five minutes, on a busy machine
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=10).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=60)
