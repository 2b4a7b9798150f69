import json
import logging
import sqlite3
import stat
import threading
import time
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from crpd_qa.cli import app as cli
from crpd_qa.errors import SettingsError
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.settings import Settings, settings
from crpd_qa.web.feedback import BUSY_SECONDS, CLOSING_SECONDS, MAX_WAITING, QuestionLog
from crpd_qa.web.server import create_app
from several_documents import HANDBOOK, PRINTED

HOME = "CRPD/C/KAZ/1"
COURT = "Will the court get me a sign language interpreter?"
UNANSWERED = "how much is a ticket for the underground in Almaty?"


def rows(path, table):
    with sqlite3.connect(path) as database:
        return database.execute(f"SELECT * FROM {table}").fetchall()


@contextmanager
def locked(path):
    """While another program writes the file."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


def asked(client, question="paragraph 8"):
    assert client.post("/api/v1/ask", json={"question": question}).status_code == 200


def test_nothing_is_kept_unless_it_is_wanted(assistant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = TestClient(create_app(assistant, Settings()))
    client.post("/api/v1/ask", json={"question": COURT})
    assert client.post("/api/v1/feedback", json={"question": COURT, "numbers": [], "helpful": True}).status_code == 404
    assert list(tmp_path.iterdir()) == []


def test_the_question_log_keeps_question_outcome_and_citations_but_no_address(assistant, tmp_path):
    path = tmp_path / "questions.sqlite"
    with TestClient(create_app(assistant, Settings(question_log=path)), client=("203.0.113.77", 1)) as client:
        asked(client, "paragraph 8")
        asked(client, UNANSWERED)
    kept = rows(path, "questions")
    assert [row[1:] for row in kept] == [("paragraph 8", 1, f'[["{HOME}", "8"]]'), (UNANSWERED, 0, "[]")]
    assert all(row[0].endswith("+00:00") for row in kept)
    assert b"203.0.113" not in path.read_bytes()


def test_the_question_log_says_of_which_document_a_paragraph_is_and_knows_those_that_we_numbered(several, tmp_path):
    path = tmp_path / "questions.sqlite"
    with TestClient(create_app(several, Settings(question_log=path))) as client:
        asked(client, "How far does a ramp rise for each metre?")
        asked(client, "What does paragraph 4 of CRPD/C/AND/1 say?")
    cited = [json.loads(row[3]) for row in rows(path, "questions")]
    assert [HANDBOOK, "1.1"] in cited[0]
    assert cited[1] == [[PRINTED, "4"]]


def test_the_log_is_for_its_owner_only(assistant, tmp_path):
    path = tmp_path / "questions.sqlite"
    create_app(assistant, Settings(question_log=path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_and_feedback_may_share_a_file(assistant, tmp_path):
    path = tmp_path / "kept.sqlite"
    with TestClient(create_app(assistant, Settings(question_log=path, feedback=path))) as client:
        asked(client, COURT)
        given = {"question": COURT, "numbers": [219], "helpful": True, "remark": "<b>!</b>"}
        assert client.post("/api/v1/feedback", json=given).status_code == 204
    assert len(rows(path, "questions")) == 1
    assert [row[1:] for row in rows(path, "feedback")] == [(COURT, "[]", '[["CRPD/C/KAZ/1", "219"]]', 1, "<b>!</b>")]


def test_a_locked_question_log_delays_no_answer_and_loses_none(assistant, tmp_path):
    path = tmp_path / "questions.sqlite"
    with TestClient(create_app(assistant, Settings(question_log=path, requests_per_minute=100))) as client:
        begun = time.perf_counter()
        for _ in range(20):
            asked(client)
        free = time.perf_counter() - begun
        with locked(path):
            begun = time.perf_counter()
            for _ in range(20):
                asked(client)
            assert (
                time.perf_counter() - begun < 5 * free + BUSY_SECONDS
            )  # waiting at every answer would be 20 times that
    assert len(rows(path, "questions")) == 40


def test_more_answers_than_the_log_can_hold_while_it_is_locked_are_counted_and_said_once(assistant, tmp_path, caplog):
    path = tmp_path / "questions.sqlite"
    log = QuestionLog(path)
    answer = assistant.ask("paragraph 8")
    with locked(path):
        for _ in range(MAX_WAITING + 300):
            log.add(answer)
    log.close()
    kept = len(rows(path, "questions"))
    assert MAX_WAITING <= kept < MAX_WAITING + 300
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert [line for line in said if "are not in the question log" in line] == [
        f"{MAX_WAITING + 300 - kept} answers are not in the question log {path}: it could not be written"
    ]


def test_a_question_log_that_stays_unwritable_does_not_keep_the_server_from_stopping(assistant, tmp_path, caplog):
    path = tmp_path / "questions.sqlite"
    app = create_app(assistant, Settings(question_log=path))
    with locked(path):
        begun = time.monotonic()
        with TestClient(app) as client:
            asked(client)
        assert time.monotonic() - begun < 10 * CLOSING_SECONDS
    assert rows(path, "questions") == []
    assert f"1 answers are not in the question log {path}: it could not be written" in caplog.messages


def test_a_question_log_that_cannot_be_written_for_a_while_keeps_every_row(assistant, tmp_path, caplog):
    path = tmp_path / "questions.sqlite"
    log = QuestionLog(path)
    answer = assistant.ask("paragraph 8")
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE questions RENAME TO away")
    for _ in range(1000):
        log.add(answer)
    time.sleep(3 * BUSY_SECONDS)
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE away RENAME TO questions")
    log.close()
    assert len(rows(path, "questions")) == 1000
    assert sum("cannot be written" in message for message in caplog.messages) == 1  # not once a try


def test_feedback_to_a_locked_file_is_refused_soon_however_many_give_it(assistant, tmp_path):
    path = tmp_path / "feedback.sqlite"
    config = Settings(feedback=path, requests_per_minute=100)
    given = {"question": COURT, "numbers": [219], "helpful": True}
    with TestClient(create_app(assistant, config)) as client, locked(path):
        begun = time.monotonic()
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(client.post("/api/v1/feedback", json=given)))
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - begun < 8 * BUSY_SECONDS  # one after another would be 20 times
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["detail"] == "This could not be kept. Please try later."
    assert rows(path, "feedback") == []


@pytest.mark.parametrize(
    "change",
    [
        {"numbers": [0]},
        {"numbers": [509]},
        {"paragraphs": [[HOME, "509"]]},
        {"paragraphs": [["CRPD/C/VLD/1", "1"]]},
        {"paragraphs": [[HOME]]},
        {"remark": "x" * 1001},
        {"helpful": "perhaps"},
        {"question": ""},
    ],
)
def test_feedback_that_cannot_be_is_refused(assistant, tmp_path, change):
    client = TestClient(create_app(assistant, Settings(feedback=tmp_path / "f.sqlite")))
    given = {"question": COURT, "numbers": [219], "helpful": True} | change
    assert client.post("/api/v1/feedback", json=given).status_code in (404, 422)


@pytest.mark.parametrize("setting", ["question_log", "feedback"])
@pytest.mark.parametrize("kind", ["no folder", "a folder", "another file"])
def test_a_file_that_cannot_be_written_is_named_in_one_line_before_the_server_starts(
    assistant, tmp_path, setting, kind
):
    path = tmp_path / "missing" / "log.sqlite" if kind == "no folder" else tmp_path / "log.sqlite"
    if kind == "a folder":
        path.mkdir()
    elif kind == "another file":
        path.write_text("this is a letter, and no database at all" * 10)
    with pytest.raises(SettingsError, match=f"^CRPD_QA_{setting.upper()}=.*log.sqlite.*cannot be written") as error:
        create_app(assistant, Settings(**{setting: path}))
    assert "\n" not in str(error.value)


def test_helpful_answers_become_a_question_set_with_what_they_cited(assistant, tmp_path, monkeypatch):
    path, output = tmp_path / "feedback.sqlite", tmp_path / "set.jsonl"
    client = TestClient(create_app(assistant, Settings(feedback=path)))
    for given in (
        {"question": COURT, "numbers": [219], "helpful": True},
        {"question": COURT, "numbers": [219], "helpful": True, "remark": "again"},
        {
            "question": "and who pays?",
            "history": [COURT],
            "paragraphs": [[HOME, "219"], [HOME, "220"]],
            "helpful": True,
        },
        {"question": UNANSWERED, "numbers": [], "helpful": True},
        {"question": "What about trains?", "numbers": [3], "helpful": False},
    ):
        assert client.post("/api/v1/feedback", json=given).status_code == 204
    monkeypatch.setenv("CRPD_QA_FEEDBACK", str(path))
    settings.cache_clear()
    result = CliRunner().invoke(cli, ["feedback", "--output", str(output)])
    settings.cache_clear()
    assert (result.exit_code, json.loads(output.read_text().splitlines()[0])["facts"]) == (0, [])
    said = " ".join(result.stderr.split())
    assert "3 helpful" in said
    assert "1 unhelpful" in said
    exported = [(q.type, q.question, q.history, q.answerable, q.support) for q in read_question_set(output)]
    assert exported == [
        ("describe", COURT, (), True, (((HOME, "219"),),)),
        ("followup", "and who pays?", (COURT,), True, (((HOME, "219"), (HOME, "220")),)),
        ("none", UNANSWERED, (), False, ()),
    ]


@pytest.mark.parametrize("value", ["", "missing.sqlite"])
def test_an_export_without_feedback_says_what_to_set(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRPD_QA_FEEDBACK", value)
    settings.cache_clear()
    result = CliRunner().invoke(cli, ["feedback", "--output", "set.jsonl"])
    settings.cache_clear()
    assert result.exit_code == 2
    assert "CRPD_QA_FEEDBACK" in result.stderr
    assert not list(tmp_path.iterdir())
