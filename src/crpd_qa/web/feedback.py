"""What an operator may choose to keep: a log of questions, and what people say of answers. SQLite, off by default."""

import json
import logging
import sqlite3
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


class QuestionLog:
    """Time, question, whether it was answered and the cited paragraphs; no address. Safe in several threads."""

    def __init__(self, path: Path) -> None:
        self._database = _open(path, "CRPD_QA_QUESTION_LOG", _QUESTIONS)

    def add(self, answer: Answer) -> None:
        """One row. A full disk is reported and does not keep anybody from their answer."""
        row = (_now(), answer.question, answer.answered, json.dumps(sorted({c.number for c in answer.citations})))
        try:
            self._database.execute("INSERT INTO questions VALUES (?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            logging.getLogger(__name__).warning("the question log cannot be written: %s", error)


class FeedbackStore:
    """Thumbs up or down on answers, with a remark if there is one. Safe in several threads."""

    def __init__(self, path: Path) -> None:
        self._database = _open(path, "CRPD_QA_FEEDBACK", _FEEDBACK)

    def add(
        self, question: str, history: Sequence[str], numbers: Sequence[int], *, helpful: bool, remark: str = ""
    ) -> None:
        """`numbers` are the paragraphs that the answer cited; none where it was declined."""
        row = (_now(), question, json.dumps(list(history)), json.dumps(list(numbers)), helpful, remark)
        self._database.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?)", row)


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
        database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        database.executescript(f"BEGIN IMMEDIATE; {table}; COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"{variable}={str(path)!r} cannot be written: {error}; name a file in an existing folder, or leave it unset"
        ) from error
    return database


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
