"""What an operator may choose to keep: a log of questions, and what people say of answers. SQLite, off by default."""

import json
import logging
import math
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crpd_qa.answer import Answer
from crpd_qa.errors import QuestionFileError, SettingsError
from crpd_qa.evaluate.question_set import EvalQuestion, QuestionKind

_QUESTIONS = "CREATE TABLE IF NOT EXISTS questions (time TEXT, question TEXT, answered INTEGER, cited TEXT)"
_FEEDBACK = (
    "CREATE TABLE IF NOT EXISTS feedback "
    "(time TEXT, question TEXT, history TEXT, numbers TEXT, helpful INTEGER, remark TEXT)"
)

BUSY_SECONDS = 0.5
"""So long a writer waits for a file that another program has locked."""
MAX_WAITING = 1000
"""Answers that may wait for the question log: some minutes of a busy server, a few megabytes at most."""
CLOSING_SECONDS = 2.0
_LOG = logging.getLogger(__name__)
_Row = tuple[str, str, bool, str]


class QuestionLog:
    """Time, question, whether it was answered, symbols and labels of the cited paragraphs; no address.

    Safe in several threads.

    A thread of its own writes them: a locked file or a full disk delays nobody's answer. What cannot be written waits,
    `MAX_WAITING` answers at most; what comes beyond is counted and left out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = _open(path, "CRPD_QA_QUESTION_LOG", _QUESTIONS)
        self._waiting: deque[_Row] = deque()
        self._lost = 0
        self._closing = False
        self._deadline = math.inf
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write, name="question-log", daemon=True)
        self._writer.start()

    def add(self, answer: Answer) -> None:
        """One row, soon. Never waits for the file and never raises."""
        cited = dict.fromkeys((citation.document, citation.label) for citation in answer.citations)
        row = (_now(), answer.question, answer.answered, json.dumps(list(cited)))
        with self._changed:
            if self._closing or len(self._waiting) >= MAX_WAITING:
                self._lost += 1
            else:
                self._waiting.append(row)
                self._changed.notify()

    def close(self) -> None:
        """Write what waits, and give up after `CLOSING_SECONDS`; what is added later is not kept."""
        with self._changed:
            self._closing = True
            self._deadline = time.monotonic() + CLOSING_SECONDS
            self._changed.notify()
        self._writer.join()

    def _write(self) -> None:
        failing = False
        while rows := self._next():
            try:
                self._keep(rows)
            except sqlite3.Error as error:
                if not failing:
                    _LOG.warning("the question log %s cannot be written, trying on: %s", self._path, error)
                failing = True
                if self._given_up():
                    break
            else:
                failing = False
                self._done(len(rows))
        self._done(0, lost=len(self._waiting))
        self._database.close()

    def _next(self) -> list[_Row]:
        """What waits; it stays there until it is written. None when the log is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return list(self._waiting)

    def _given_up(self) -> bool:
        """After a moment; True when the log has been closing for too long."""
        with self._changed:
            closing = self._changed.wait_for(lambda: self._closing, BUSY_SECONDS)
        if closing:
            time.sleep(BUSY_SECONDS / 5)
        return time.monotonic() > self._deadline

    def _done(self, written: int, *, lost: int = 0) -> None:
        with self._changed:
            for _ in range(written):
                self._waiting.popleft()
            lost += self._lost
            self._lost = 0
        if lost:
            _LOG.warning("%d answers are not in the question log %s: it could not be written", lost, self._path)

    def _keep(self, rows: list[_Row]) -> None:
        """All or none."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany("INSERT INTO questions VALUES (?, ?, ?, ?)", rows)
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise


class FeedbackStore:
    """Thumbs up or down on answers, with a remark if there is one. Safe in several threads."""

    def __init__(self, path: Path) -> None:
        self._database = _open(path, "CRPD_QA_FEEDBACK", _FEEDBACK)
        self._turn = threading.Lock()

    def add(
        self,
        question: str,
        history: Sequence[str],
        cited: Sequence[tuple[str, str]],
        *,
        helpful: bool,
        remark: str = "",
    ) -> None:
        """`cited` are symbol and label of the paragraphs that the answer cited; none where it was declined.

        Raises sqlite3.Error within two `BUSY_SECONDS`, also if the file stays locked and many wait.
        """
        row = (_now(), question, json.dumps(list(history)), json.dumps(list(cited)), helpful, remark)
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError("others wait for the file")
        try:
            self._database.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?)", row)
        finally:
            self._turn.release()


def export_feedback(path: Path, output: Path) -> tuple[int, int]:
    """Write the helpful answers as a question set (eval/SPEC.md): what they cited is the support.

    An unhelpful answer says nothing of what a right one is: it is not written. Returns (written, unhelpful).
    Raises QuestionFileError.
    """
    try:
        with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT DISTINCT question, history, numbers FROM feedback WHERE helpful ORDER BY time"
            ).fetchall()
            unhelpful = database.execute("SELECT count(*) FROM feedback WHERE NOT helpful").fetchone()[0]
    except sqlite3.Error as error:
        raise QuestionFileError(f"{path} holds no feedback ({error}); name it in CRPD_QA_FEEDBACK") from error
    lines = []
    for count, (question, history, numbers) in enumerate(rows, start=1):
        earlier, cited = json.loads(history), json.loads(numbers)
        kind: QuestionKind = (
            "followup" if earlier else "none" if not cited else "multi" if len(cited) > 1 else "describe"
        )
        entry = EvalQuestion(
            id=f"feedback-{count:04}",
            type=kind,
            lang="en",
            history=earlier,
            question=question,
            answerable=bool(cited),
            support=(cited,) if cited else (),
        )
        lines.append(orjson.dumps(entry.model_dump()).decode() + "\n")
    try:
        output.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise QuestionFileError(f"cannot write {output}: {error}") from error
    return len(lines), unhelpful


def _open(path: Path, variable: str, table: str) -> sqlite3.Connection:
    """A database that can be written, readable by its owner only. Raises SettingsError."""
    try:
        path.touch(mode=0o600)
        # sqlite3 is compiled to serialize calls from several threads; every statement commits by itself.
        database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS)
        database.executescript(f"BEGIN IMMEDIATE; {table}; COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"{variable}={str(path)!r} cannot be written: {error}; name a file in an existing folder, or leave it unset"
        ) from error
    return database


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
