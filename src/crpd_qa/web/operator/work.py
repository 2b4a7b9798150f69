"""Changes of the library, one after another in a thread of their own: answering goes on beside them."""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crpd_qa.errors import CrpdQaError
from crpd_qa.library.manifest import DocumentEntry
from crpd_qa.library.write import LibraryWriter
from crpd_qa.web.problems import FAILURE

MAX_WAITING = 500
"""So many changes wait at most."""
MAX_SHOWN = 50
"""So many that have ended are still shown."""
CLOSING_SECONDS = 2.0
_NICE = 10

Change = Callable[[LibraryWriter], DocumentEntry | None]


@dataclass
class Task:
    """One change, and how far it is. `what` is a file's name or a symbol."""

    what: str
    change: Change
    clean: Callable[[], None]
    state: Literal["waiting", "reading", "embedding", "done", "refused"] = "waiting"
    done: int = 0
    total: int = 0
    said: str = ""
    """Why it was refused, in English."""
    entry: DocumentEntry | None = None


class FullError(Exception):
    """Too many changes wait."""


class _StoppedError(Exception):
    pass


class Work:
    """The changes of one server. `changed` is called in the worker's thread after each."""

    def __init__(self, folder: Path, changed: Callable[[], object]) -> None:
        self._folder = folder
        self._changed = changed
        self._waiting: deque[Task] = deque()
        self._tasks: deque[Task] = deque()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._stopping = threading.Event()

    def submit(self, what: str, change: Change, clean: Callable[[], None] = lambda: None) -> None:
        """Do it when its turn comes, then `clean`. Raises FullError."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING or self._stopping.is_set():
                raise FullError
            task = Task(what, change, clean)
            self._waiting.append(task)
            self._tasks.append(task)
            for old in [t for t in self._tasks if t.state in ("done", "refused")][:-MAX_SHOWN]:
                self._tasks.remove(old)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="operator", daemon=True)
                self._worker.start()

    @property
    def tasks(self) -> list[Task]:
        """What ended lately, is under way and waits; the newest first."""
        with self._lock:
            return list(reversed(self._tasks))

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return self._worker is not None

    def close(self) -> None:
        """Stop soon: what is under way is not done, and the library is as it was before it."""
        self._stopping.set()
        worker = self._worker
        if worker:
            worker.join(CLOSING_SECONDS)

    def _work(self) -> None:
        """Ends when nothing waits: the models of embedding take memory that answering has use for."""
        _be_nice()
        current: Task | None = None

        def advance(_: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise _StoppedError
            if current:
                current.state, current.done, current.total = "embedding", done, total

        writer = LibraryWriter(self._folder, advance, threads=1)
        while (current := self._next()) is not None:
            self._do(current, writer)

    def _next(self) -> Task | None:
        with self._lock:
            if not self._waiting or self._stopping.is_set():
                self._worker = None
                return None
            return self._waiting.popleft()

    def _do(self, task: Task, writer: LibraryWriter) -> None:
        task.state = "reading"
        try:
            task.entry = task.change(writer)
            self._changed()
            task.state = "done"
        except CrpdQaError as error:
            task.state, task.said = "refused", str(error)
        except _StoppedError:
            task.state = "refused"
        except Exception:  # what a file sets off must not end the work on the others
            logging.getLogger(__name__).exception("A change of the library failed")
            task.state, task.said = "refused", FAILURE
        finally:
            task.clean()


def _be_nice() -> None:
    """Where the system lets single threads be nice, this one is: questions go first."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
