import json
import re
import socket

import pytest
from typer.testing import CliRunner

from crpd_qa.cli import app
from crpd_qa.settings import settings


@pytest.fixture
def run(index_folder, monkeypatch):
    """Runs a command on the real index; without terminal colours."""
    monkeypatch.setenv("CRPD_QA_INDEX", str(index_folder))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, list(arguments))
    settings.cache_clear()


def test_ask_prints_quotations_with_their_numbers(run):
    result = run("ask", "What does paragraph 8 say?")
    assert result.exit_code == 0
    assert "The territory of Kazakhstan covers 2,724,900 km2. [8]" in result.stdout
    assert "CRPD/C/KAZ/1, para. 8" in result.stdout


def test_ask_that_is_declined_shows_closest_paragraphs_and_exits_with_1(run):
    result = run("ask", "how much is a ticket for the underground in Almaty?")
    assert result.exit_code == 1
    assert "does not answer" in result.stdout
    assert len(re.findall(r"^\d+ · ", result.stdout, re.MULTILINE)) == 3


def test_ask_json_is_the_answer_record(run):
    result = run("ask", "and the next one?", "--history", "paragraph 8", "--json")
    record = json.loads(result.stdout)
    assert list(record) == [
        "id", "question", "answered", "text", "confidence", "citations", "passages", "mode", "timings_ms",
    ]  # fmt: skip
    assert record["citations"][0]["number"] == 9


def test_search_lists_paragraphs_best_first(run):
    found = json.loads(run("search", "sign language interpreter in court", "--top", "3", "--json").stdout)
    assert len(found) == 3
    assert found[0]["number"] == 219
    assert [f["score"] for f in found] == sorted((f["score"] for f in found), reverse=True)
    assert "219" in run("search", "sign language interpreter in court").stdout


def test_search_gives_whole_paragraphs_for_a_prompt(run):
    result = run("search", "sign language interpreter in court", "--max-tokens", "200")
    assert result.stdout.startswith("[219] The Code of Civil Procedure")


def test_show_prints_paragraphs_by_number_range_and_article(run):
    assert "651,900" in run("show", "107").stdout
    assert [p["number"] for p in json.loads(run("show", "105-110", "--json").stdout)] == list(range(105, 111))
    assert [p["number"] for p in json.loads(run("show", "--article", "22", "--json").stdout)] == [308, 309, 310]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["show", "600"], "numbered 1 to 508"),
        (["show", "0"], "numbered 1 to 508"),
        (["show", "110-105"], "empty"),
        (["show", "abc"], "no paragraph number"),
        (["show", "1-999999999999"], "numbered 1 to 508"),
        (["show", "--article", "77"], "no article 77"),
        (["show"], "give a paragraph's number"),
        (["show", "5", "--article", "5"], "give a paragraph's number"),
        (["ask"], "Missing argument"),
        (["search", "x", "--top", "0"], "--top"),
        (["ask", "x", "--index", "/nonexistent"], "crpd-qa index"),
        (["batch", "none.jsonl", "-o", "a.jsonl"], "cannot read"),
        (["eval", "none.jsonl"], "cannot read"),
        (["index", "--document", "none.txt"], "cannot read"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_with_exit_code_2(run, arguments, reason):
    result = run(*arguments)
    assert result.exit_code == 2
    assert reason in re.sub(r"[│\s]+", " ", result.stderr)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "question",
    [
        "", "   ", "x" * 10_000, "\x07\x1b[31m", "\u202egnirts", "🐈", "<script>alert(1)</script>",
        "[bold]x[/bold] [/]", "Қанша?", "paragraph 99999999999999999999", "§ 0", "--", "%s %d {0}",
    ],
)  # fmt: skip
def test_nonsense_gets_a_message_never_a_traceback(run, question):
    result = run("ask", "--", question)
    assert result.exit_code == 1
    assert result.stdout.strip()
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("command", ["ask", "search", "show", "index", "serve", "batch", "eval"])
def test_help_teaches_with_an_example(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"crpd-qa {command}" in result.stdout
    assert "Example" in result.stdout


def test_batch_reports_bad_rows_and_exits_with_1(run, tmp_path):
    (tmp_path / "q.jsonl").write_text('{"question": "paragraph 8"}\nnope\n')
    result = run("batch", str(tmp_path / "q.jsonl"), "-o", str(tmp_path / "a.jsonl"))
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 1


def test_eval_prints_tables_writes_json_and_report_and_compares(run, tmp_path):
    line = {"id": "x", "type": "locate", "lang": "en", "question": "paragraph 8", "answerable": True, "support": [[8]]}
    (tmp_path / "s.jsonl").write_text(json.dumps(line) + "\n")
    arguments = ["eval", str(tmp_path / "s.jsonl"), "--json", str(tmp_path / "r.json")]
    assert run(*arguments).exit_code == 0
    result = run(*arguments, "--baseline", str(tmp_path / "r.json"), "--report", str(tmp_path / "report"))
    assert result.exit_code == 0
    assert "recall@1" in result.stdout
    assert "0 better, 0 worse" in result.stdout
    assert (tmp_path / "report" / "index.html").exists()


def test_an_index_that_is_up_to_date_is_not_built_again(run, index_folder):
    before = (index_folder / "manifest.json").stat().st_mtime_ns
    assert run("index", "--if-stale").exit_code == 0
    assert (index_folder / "manifest.json").stat().st_mtime_ns == before


def test_serving_on_a_taken_port_names_another(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2
    assert f"crpd-qa serve --port {port + 1}" in re.sub(r"\s+", " ", result.stderr)
