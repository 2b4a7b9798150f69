import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crpd_qa.cli import app
from crpd_qa.settings import settings
from crpd_qa.texts import texts


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


def test_ask_can_be_told_the_language(run):
    found = json.loads(run("ask", "МСЭ", "--language", "kk", "--json").stdout)
    assert found["language"] == "kk"
    refused = run("ask", "МСЭ", "--language", "tlh")
    assert refused.exit_code == 2
    said = re.sub(r"[│\s]+", " ", refused.stderr)
    assert "'tlh' is no language of questions; they can be in en, ru, kk, fr, es" in said
    assert "Value error" not in said


def test_a_question_in_another_script_is_no_english_one(run):
    result = run("ask", "残疾人有多少？")
    assert result.exit_code == 1
    assert texts("en")["answer_other_script"] in result.stdout


def test_ask_that_is_declined_shows_closest_paragraphs_and_exits_with_1(run):
    result = run("ask", "how much is a ticket for the underground in Almaty?")
    assert result.exit_code == 1
    assert "does not answer" in result.stdout
    assert len(re.findall(r"^CRPD/C/KAZ/1, para\. \d+ · ", result.stdout, re.MULTILINE)) == 3


def test_ask_json_is_the_answer_record(run):
    result = run("ask", "And then the following one?", "--history", "paragraph 8", "--json")
    record = json.loads(result.stdout)
    assert list(record) == [
        "id", "question", "resolved", "answered", "text", "confidence", "citations", "passages", "not_answered",
        "related", "language", "mode", "timings_ms", "notice", "dropped", "repaired", "statements", "message", "scope",
        "narrowed", "groups", "several_documents", "extract",
    ]  # fmt: skip
    assert record["citations"][0]["number"] == 9


def test_search_lists_paragraphs_best_first(run):
    found = json.loads(run("search", "sign language interpreter in court", "--top", "3", "--json").stdout)
    assert len(found) == 3
    assert found[0]["number"] == 219
    assert [f["score"] for f in found] == sorted((f["score"] for f in found), reverse=True)
    listed = run("search", "sign language interpreter in court", "--top", "3")
    assert listed.exit_code == 0
    assert [int(n) for n in re.findall(r"^│ CRPD/C/KAZ/1 │ (\d+) ", listed.stdout, re.MULTILINE)] == [
        f["number"] for f in found
    ]


def test_search_gives_whole_paragraphs_for_a_prompt(run):
    result = run("search", "sign language interpreter in court", "--max-tokens", "200")
    assert result.stdout.startswith("[219] The Code of Civil Procedure")


def test_show_prints_paragraphs_by_number_range_and_article(run):
    shown = run("show", "107")
    assert shown.exit_code == 0
    assert "651,900" in shown.stdout
    assert [p["number"] for p in json.loads(run("show", "105-110", "--json").stdout)] == list(range(105, 111))
    assert [p["number"] for p in json.loads(run("show", "--article", "22", "--json").stdout)] == [308, 309, 310]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["show", "600"], "paragraphs are 1 to 508"),
        (["show", "0"], "paragraphs are 1 to 508"),
        (["show", "110-105"], "empty"),
        (["show", "abc"], "no document"),
        (["show", "1-999999999999"], "paragraphs are 1 to 508"),
        (["show", "[/]"], "no document"),
        (["show", "5-6-7"], "no paragraph 6-7"),
        (["show", "--article", "77"], "no section on article 77"),
        (["show"], "give a paragraph's number"),
        (["show", "5", "--article", "5"], "give a paragraph's number"),
        (["ask"], "Missing argument"),
        (["search", "x", "--top", "0"], "--top"),
        (["batch", "none.jsonl", "-o", "a.jsonl"], "cannot read"),
        (["eval", "none.jsonl"], "cannot read"),
        (["index", "--document", "none.txt"], "cannot read"),
        (["ask", "caf\udce9"], r"'caf\udce9' is not in UTF-8"),
        (["add", "none.txt", "--title", "\udcff"], r"'\udcff' is not in UTF-8"),
        (["mend", "CRPD/C/KAZ/1", "107", "--text", "\udcff"], r"'\udcff' is not in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_with_exit_code_2(run, arguments, reason):
    result = run(*arguments)
    assert result.exit_code == 2
    assert reason in re.sub(r"[│\s]+", " ", result.stderr)
    assert "Traceback" not in result.stderr


def test_a_number_of_thousands_of_digits_is_no_paragraph(run):
    result = run("show", "9" * 5000)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("arguments", [["ask", "x"], ["search", "x"], ["show", "5"], ["list"], ["batch"], ["eval"]])
def test_without_an_index_the_command_that_builds_it_is_named(run, tmp_path, monkeypatch, arguments):
    line = {"id": "x", "type": "locate", "lang": "en", "question": "paragraph 8", "answerable": True, "support": [[8]]}
    (tmp_path / "q.jsonl").write_text(json.dumps(line))
    files = {"batch": [str(tmp_path / "q.jsonl"), "-o", str(tmp_path / "a.jsonl")], "eval": [str(tmp_path / "q.jsonl")]}
    monkeypatch.setenv("CRPD_QA_INDEX", str(tmp_path / "none"))
    result = run(*arguments, *files.get(arguments[0], []))
    assert result.exit_code == 2
    assert (
        f"there is no library in {tmp_path / 'none'}; make one: crpd-qa index --output {tmp_path / 'none'}"
        in result.stderr
    )


@pytest.mark.parametrize("file", ["document.json*", "encoder.onnx", "token_codes.npy", "vectors.npz"])
@pytest.mark.parametrize("damage", ["short", "zeros"])
def test_a_damaged_index_is_refused_with_the_command_that_mends_it(run, index_folder, tmp_path, file, damage):
    broken = tmp_path / "index"
    shutil.copytree(index_folder, broken, copy_function=os.symlink)
    (path,) = broken.rglob(file)
    size = path.stat().st_size
    path.unlink()
    path.write_bytes(b"{")
    if damage == "zeros":
        os.truncate(path, size)
    result = run("ask", "How long is a school year?", "--index", str(broken))
    assert result.exit_code == 2
    assert "make it again: crpd-qa index" in result.stderr
    assert str(path) in result.stderr


def test_a_library_without_a_document_says_how_to_add_one(run, empty_library, tmp_path):
    empty = empty_library(tmp_path / "library")
    result = run("show", "5", "--index", str(empty))
    assert result.exit_code == 2
    assert f"the library in {empty} is empty; read a document: crpd-qa add FILE" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("WRONG_ANSWER_COST", "-2"),
        ("MAX_QUESTION_CHARS", "1"),
        ("ANSWER_TIMEOUT_SECONDS", "inf"),
        ("REQUEST_TIMEOUT_SECONDS", "1e999"),
        ("LLM_TIMEOUT_SECONDS", "nan"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_a_line_with_exit_code_2(run, monkeypatch, name, value):
    monkeypatch.setenv(f"CRPD_QA_{name}", value)
    result = run("ask", "paragraph 8")
    assert result.exit_code == 2
    assert f"CRPD_QA_{name}" in result.stderr


NONSENSE = pytest.mark.parametrize(
    "question",
    [
        "", "   ", "x" * 10_000, "\x07\x1b[31m", "\u202egnirts", "🐈", "<script>alert(1)</script>",
        "[bold]x[/]", "[/]", "Қанша?", "paragraph 99999999999999999999", "§ 0", "--", "%s %d {0}",
    ],
)  # fmt: skip


@NONSENSE
def test_nonsense_gets_a_message_never_a_traceback(run, question):
    result = run("ask", "--", question)
    assert result.exit_code == 1
    assert result.stdout.strip()
    assert result.exception is None or isinstance(result.exception, SystemExit)


@NONSENSE
def test_nonsense_can_be_searched_for_and_stand_in_the_history(run, question):
    searched = run("search", "--", question)
    assert searched.exit_code in (0, 1)
    assert searched.stdout.strip()
    after = run("ask", "paragraph 8", "--history", question, "--json")
    assert after.exit_code == 0
    assert json.loads(after.stdout)["citations"][0]["number"] == 8


@pytest.mark.parametrize("question", ["", "\x07\x1b[31m", "\u202egnirts", "🐈", "[/]", "Қанша?"])
def test_the_record_holds_a_nonsense_question_as_it_was_typed(run, question):
    result = run("ask", "--json", "--", question)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["question"] == question


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
    first, second = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert "error" not in first
    assert second["error"].startswith("line 2: not JSON")


def test_batch_says_how_it_read_a_file_that_is_not_utf_8(run, tmp_path):
    (tmp_path / "q.csv").write_bytes("Question;Nr\nпункт 8;1\n".encode("cp1251"))
    result = run("batch", str(tmp_path / "q.csv"), "-o", str(tmp_path / "a.xlsx"))
    assert result.exit_code == 0
    assert "is not UTF-8; it is read as kz1048" in " ".join(result.stderr.split())


def test_batch_counts_what_it_kept_and_what_it_answered(run, tmp_path):
    arguments = ["batch", str(tmp_path / "q.jsonl"), "-o", str(tmp_path / "a.jsonl")]
    (tmp_path / "q.jsonl").write_text('{"question": "paragraph 8"}\n')
    assert run(*arguments).exit_code == 0
    (tmp_path / "q.jsonl").write_text(
        '{"question": "paragraph 8"}\n{"question": "paragraph 9"}\n{"question": "zxcv"}\n'
    )
    result = run(*arguments, "--resume")
    assert result.exit_code == 0
    assert "1 answered, 1 declined, 1 kept from the earlier run, 0 bad rows" in result.stderr


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
    before = (index_folder / "library.json").stat().st_mtime_ns
    assert run("index", "--if-stale").exit_code == 0
    assert (index_folder / "library.json").stat().st_mtime_ns == before


def test_serving_on_a_taken_port_names_another(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2
    assert f"crpd-qa serve --port {port + 1}" in re.sub(r"\s+", " ", result.stderr)


def test_the_port_named_instead_of_the_last_one_is_a_port(run):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        result = run("serve", "--port", "65535")
    assert result.exit_code == 2
    assert int(re.search(r"crpd-qa serve --port (\d+)", re.sub(r"\s+", " ", result.stderr))[1]) < 65535


def program(index_folder, *arguments, **options):
    """The real program, for what depends on what its standard streams are."""
    return subprocess.run(
        [sys.executable, "-m", "crpd_qa", *arguments, "--index", str(index_folder)],
        text=True,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
@pytest.mark.parametrize("arguments", [["ask", "paragraph 8"], ["show", "8"]])
def test_an_answer_that_cannot_be_written_is_an_error_and_not_unanswered(index_folder, arguments):
    with Path("/dev/full").open("w") as full:
        done = program(index_folder, *arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr == "Error: cannot write to standard output: No space left on device\n"


def test_who_reads_no_further_is_told_nothing_and_not_that_it_is_unanswered(index_folder):
    reading, writing = os.pipe()
    os.close(reading)
    done = program(index_folder, "ask", "paragraph 8", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("latin-1", "le rapport ne répond pas"), ("ascii", r"le rapport ne r\xe9pond pas")],
)
def test_a_terminal_that_lacks_letters_shows_the_others(index_folder, encoding, said):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = program(
        index_folder, "ask", "Combien coûte un billet – “Сколько”?", "--language", "fr",
        stdout=subprocess.PIPE, env=environment, encoding=encoding,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
