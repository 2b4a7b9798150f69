import json
import sqlite3
import stat

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from crpd_qa.cli import app as cli
from crpd_qa.errors import SettingsError
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.settings import Settings, settings
from crpd_qa.web.server import create_app

COURT = "Will the court get me a sign language interpreter?"
UNANSWERED = "how much is a ticket for the underground in Almaty?"


def rows(path, table):
    with sqlite3.connect(path) as database:
        return database.execute(f"SELECT * FROM {table}").fetchall()


def test_nothing_is_kept_unless_it_is_wanted(assistant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = TestClient(create_app(assistant, Settings()))
    client.post("/api/v1/ask", json={"question": COURT})
    assert client.post("/api/v1/feedback", json={"question": COURT, "numbers": [], "helpful": True}).status_code == 404
    assert list(tmp_path.iterdir()) == []


def test_the_question_log_keeps_question_outcome_and_citations_but_no_address(assistant, tmp_path):
    path = tmp_path / "questions.sqlite"
    client = TestClient(create_app(assistant, Settings(question_log=path)), client=("203.0.113.77", 1))
    client.post("/api/v1/ask", json={"question": "paragraph 8"})
    client.post("/api/v1/ask", json={"question": UNANSWERED})
    kept = rows(path, "questions")
    assert [row[1:] for row in kept] == [("paragraph 8", 1, "[8]"), (UNANSWERED, 0, "[]")]
    assert all(row[0].endswith("+00:00") for row in kept)
    assert b"203.0.113" not in path.read_bytes()


def test_the_log_is_for_its_owner_only(assistant, tmp_path):
    path = tmp_path / "questions.sqlite"
    create_app(assistant, Settings(question_log=path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_and_feedback_may_share_a_file(assistant, tmp_path):
    path = tmp_path / "kept.sqlite"
    client = TestClient(create_app(assistant, Settings(question_log=path, feedback=path)))
    client.post("/api/v1/ask", json={"question": COURT})
    client.post("/api/v1/feedback", json={"question": COURT, "numbers": [219], "helpful": True, "remark": "<b>!</b>"})
    assert len(rows(path, "questions")) == 1
    assert [row[1:] for row in rows(path, "feedback")] == [(COURT, "[]", "[219]", 1, "<b>!</b>")]


@pytest.mark.parametrize(
    "change",
    [{"numbers": [0]}, {"numbers": [509]}, {"remark": "x" * 1001}, {"helpful": "perhaps"}, {"question": ""}],
)
def test_feedback_that_cannot_be_is_refused(assistant, tmp_path, change):
    client = TestClient(create_app(assistant, Settings(feedback=tmp_path / "f.sqlite")))
    given = {"question": COURT, "numbers": [219], "helpful": True} | change
    assert client.post("/api/v1/feedback", json=given).status_code == 422


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
        {"question": "and who pays?", "history": [COURT], "numbers": [219, 220], "helpful": True},
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
        ("describe", COURT, (), True, ((219,),)),
        ("followup", "and who pays?", (COURT,), True, ((219, 220),)),
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
