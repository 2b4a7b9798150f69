import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from openpyxl import load_workbook

from batch_files import ROWS, read_jsonl, without_times, write_jsonl
from crpd_qa.errors import QuestionFileError
from crpd_qa.scope import Scope


def test_answers_come_in_order_with_the_record_and_the_other_columns(run, assistant, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    report = run(source, target)
    first, second, third = read_jsonl(target)
    assert (report.answered, report.declined, report.bad_rows) == (2, 1, [])
    assert [first["id"], second["id"], third["id"]] == ["a", "b", None]
    assert first["office"] == "north"
    assert third["n"] == 3
    assert second["citations"][0]["number"] == 9  # the history was used
    assert second["input_text"] == "mine"
    assert second["text"].endswith("[9]")
    record = assistant.ask(ROWS[0]["question"], id="a").to_dict()
    assert list(first) == [*record, "office"]
    assert without_times([first]) == without_times([json.loads(json.dumps(record)) | {"office": "north"}])


@pytest.mark.parametrize("names", [["text", "input_text"], ["input_text", "text"]])
def test_no_column_of_the_input_is_lost_to_another(run, tmp_path, names):
    row = {"question": "paragraph 8"} | {name: f"my {name}" for name in names}
    run(write_jsonl(tmp_path / "q.jsonl", [row]), tmp_path / "a.jsonl")
    (record,) = read_jsonl(tmp_path / "a.jsonl")
    assert {"my text", "my input_text"} <= {value for value in record.values() if isinstance(value, str)}


def test_a_row_may_say_its_language(run, tmp_path):
    source = tmp_path / "q.csv"
    source.write_text("question,language\nparagraph 999,kk\nparagraph 999,\nparagraph 999,Klingon\n", "utf-8")
    report = run(source, tmp_path / "a.jsonl")
    assert [record.get("language") for record in read_jsonl(tmp_path / "a.jsonl")] == ["kk", "en", None]
    assert [(line, "language" in reason) for line, reason in report.bad_rows] == [(4, True)]


def test_a_row_that_names_a_document_which_is_not_there_is_bad_and_resumed_as_that(run, tmp_path):
    scope = {"document": ["CRPD/C/KAZ/1", "CRPD/C/XYZ/9"]}
    rows = [{"id": "x", "question": "paragraph 8", "scope": scope}, {"question": "paragraph 9"}]
    source, target = write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.jsonl"
    [(line, reason)] = run(source, target).bad_rows
    assert (line, "no document 'CRPD/C/XYZ/9'; it has: CRPD/C/KAZ/1" in reason) == (1, True)
    bad, good = read_jsonl(target)
    assert (bad["id"], bad["answered"], bad["error"]) == ("x", False, f"line 1: {reason}")
    assert good["answered"]
    target.write_bytes(target.read_bytes().splitlines(keepends=True)[0])
    assert run(source, target, resume=True).answered == 1
    assert len(read_jsonl(target)) == 2


def test_resume_drops_a_line_cut_off_and_goes_on(run, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    run(source, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: whole.index(b"\n") + 30])
    report = run(source, target, resume=True)
    assert (report.resumed, report.answered, report.declined) == (1, 1, 1)
    assert without_times(read_jsonl(target)) == without_times(json.loads(line) for line in whole.splitlines())


def test_a_resumed_table_is_the_same_file_as_one_made_at_once(run, tmp_path):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    run(source, tmp_path / "whole.csv")
    run(write_jsonl(tmp_path / "first.jsonl", ROWS[:1]), tmp_path / "a.csv.partial.jsonl")
    report = run(source, tmp_path / "a.csv", resume=True)
    assert report.resumed == 1
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_bad_rows_are_reported_again_by_a_resumed_run(run, tmp_path):
    source, target = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    source.write_text('{"question": "paragraph 8"}\nnope\n{"question": "paragraph 9"}\n{"question": "paragraph 10"}\n')
    run(source, target)
    target.write_bytes(b"".join(target.read_bytes().splitlines(keepends=True)[:2]))
    report = run(source, target, resume=True)
    assert (report.resumed, [line for line, _ in report.bad_rows]) == (1, [2])
    first, bad, *rest = read_jsonl(target)
    assert [row["citations"][0]["number"] for row in (first, *rest)] == [8, 9, 10]
    assert bad["error"].startswith("line 2: not JSON")


def test_resume_refuses_the_answers_of_other_questions(run, tmp_path):
    run(write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl")
    other = write_jsonl(tmp_path / "other.jsonl", [{"question": "art. 5"}, *ROWS])
    before = (tmp_path / "a.jsonl").read_bytes()
    with pytest.raises(QuestionFileError, match="without --resume"):
        run(other, tmp_path / "a.jsonl", resume=True)
    assert (tmp_path / "a.jsonl").read_bytes() == before


def test_resume_refuses_the_answers_of_rows_with_other_ids(run, tmp_path):
    rows = [{"id": str(n), "question": "And then the following one?", "history": [f"paragraph {n}"]} for n in (8, 20)]
    run(write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.jsonl")
    other = write_jsonl(tmp_path / "other.jsonl", rows[::-1])
    with pytest.raises(QuestionFileError, match="without --resume"):
        run(other, tmp_path / "a.jsonl", resume=True)


def test_resume_refuses_the_answers_that_were_looked_for_elsewhere(run, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    run(source, target, scope=Scope(article=(9,)))
    assert run(source, target, scope=Scope(article=(9,)), resume=True).resumed == len(ROWS)
    with pytest.raises(QuestionFileError, match="without --resume"):
        run(source, target, scope=Scope(article=(24,)), resume=True)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_second_run_to_the_same_file_is_refused_and_the_first_one_is_whole(run, tmp_path, name):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / name
    refused = []

    def again():
        with pytest.raises(QuestionFileError, match="another run is writing") as error:
            run(source, target)
        refused.append(error)

    assert run(source, target, advance=again).answered
    assert len(refused) == len(ROWS)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    run(source, tmp_path / "again.jsonl")
    if name == "a.jsonl":
        assert without_times(read_jsonl(target)) == without_times(read_jsonl(tmp_path / "again.jsonl"))


def test_resume_refuses_the_answers_of_more_questions(run, tmp_path):
    run(write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl")
    fewer = write_jsonl(tmp_path / "fewer.jsonl", ROWS[:1])
    with pytest.raises(QuestionFileError, match="without --resume"):
        run(fewer, tmp_path / "a.jsonl", resume=True)


@pytest.mark.parametrize("output", ["a.jsonl", "a.csv"])
def test_resume_refuses_a_file_that_holds_no_answers(run, tmp_path, output):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    write_jsonl(tmp_path / "a.jsonl", ROWS)
    write_jsonl(tmp_path / "a.csv.partial.jsonl", ROWS)
    with pytest.raises(QuestionFileError):
        run(source, tmp_path / output, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_the_questions_are_never_overwritten_by_the_answers(run, tmp_path, resume):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    with pytest.raises(QuestionFileError):
        run(source, source, resume=resume)
    assert read_jsonl(source) == ROWS


@pytest.mark.parametrize("source", ["none.jsonl", "columns.csv"])
def test_earlier_answers_stay_when_the_questions_cannot_be_read(run, tmp_path, source):
    (tmp_path / "columns.csv").write_text("id,text\n1,hello\n")
    target = write_jsonl(tmp_path / "a.jsonl", [{"question": "an earlier answer"}])
    with pytest.raises(QuestionFileError):
        run(tmp_path / source, target)
    assert read_jsonl(target) == [{"question": "an earlier answer"}]


@pytest.mark.parametrize("ending", ["jsonl", "xlsx"])
def test_a_killed_run_leaves_what_it_finished_and_can_be_resumed(run, index_folder, tmp_path, ending):
    questions = [
        {"id": str(i), "question": f"How do trains and airports help wheelchair users, case {i}?"} for i in range(150)
    ]
    source, target = write_jsonl(tmp_path / "q.jsonl", questions), tmp_path / f"a.{ending}"
    lines = tmp_path / f"a.{ending}.partial.jsonl"
    command = [sys.executable, "-m", "crpd_qa", "batch", str(source), "-o", str(target), "--index", str(index_folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(1200):
        if lines.exists() and lines.stat().st_size > 20_000:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    left = lines.read_bytes()
    finished = left.count(b"\n")
    assert 0 < finished < 150
    report = run(source, target, resume=True)
    assert report.resumed == finished
    if ending == "jsonl":
        assert target.read_bytes().startswith(left[: left.rindex(b"\n") + 1])
        assert [row["id"] for row in read_jsonl(target)] == [str(i) for i in range(150)]
    else:
        assert load_workbook(target).active.max_row == 151


def test_missing_files_and_folders_that_cannot_be_written_are_named(run, tmp_path):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    with pytest.raises(QuestionFileError, match="cannot read"):
        run(tmp_path / "none.jsonl", tmp_path / "a.jsonl")
    with pytest.raises(QuestionFileError, match="cannot write"):
        run(source, tmp_path / "no-folder" / "a.jsonl")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(QuestionFileError, match="cannot write"):
        run(source, tmp_path / "folder.csv")
    with pytest.raises(QuestionFileError, match="cannot read"):
        run(tmp_path / "folder.csv", tmp_path / "a.jsonl")
    with pytest.raises(QuestionFileError, match=r"only \.jsonl, \.csv, \.xlsx files can be written"):
        run(source, tmp_path / "a.pdf")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_earlier_answers_are_whole_until_the_new_ones_are(run, tmp_path, ending):
    target = tmp_path / f"a.{ending}"
    target.write_bytes(b"earlier answers")
    seen = []
    run(write_jsonl(tmp_path / "q.jsonl", ROWS), target, advance=lambda: seen.append(target.read_bytes()))
    assert seen == [b"earlier answers"] * len(ROWS)
    assert target.read_bytes() != b"earlier answers"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{ending}", "q.jsonl"]


KILLED_AT_A_STEP = """
import os, shutil, signal, sys
from pathlib import Path
from crpd_qa import Assistant
from crpd_qa.batch import read_questions, run_batch

source, begun, folder, name, index = sys.argv[1:]
assistant, questions = Assistant.open(index), read_questions(Path(source))
target = Path(folder, name)
steps_left = None

def step(event, arguments):
    global steps_left
    if event in ("open", "os.rename", "os.truncate", "os.remove", "os.chmod") and folder in str(arguments[0]):
        if steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if steps_left is not None:
            steps_left -= 1

def end_of_run(steps):
    global steps_left
    child = os.fork()
    if not child:
        steps_left = steps
        run_batch(assistant, questions, target, resume=True)
        os._exit(0)
    return os.waitpid(child, 0)[1]

sys.addaudithook(step)
ended, steps = signal.SIGKILL, 0
while ended == signal.SIGKILL:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(begun, folder)
    ended = end_of_run(steps)
    killed = target.read_bytes()
    assert end_of_run(None) == 0
    old, new = Path(begun, name).read_bytes(), target.read_bytes()
    print(ended, killed == old, killed.count(b"\\n") == new.count(b"\\n"), flush=True)
    steps += 1
"""


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_resumed_run_killed_at_any_step_leaves_the_old_file_or_the_new_one(run, index_folder, tmp_path, ending):
    """Each step is a file operation: killed before the first, before the second, and so on, until one run is through.

    After each kill a run with --resume ends well. (Paragraphs are asked for by number, which starts no threads.)
    """
    rows = [{"id": str(n), "question": f"paragraph {n}"} for n in range(1, 7)]
    source = write_jsonl(tmp_path / "q.jsonl", rows)
    begun, target = tmp_path / "begun", tmp_path / "answers" / f"a.{ending}"
    begun.mkdir()
    run(write_jsonl(tmp_path / "first.jsonl", rows[:3]), begun / "a.jsonl")
    if ending == "csv":
        (begun / "a.jsonl").rename(begun / "a.csv.partial.jsonl")
        (begun / "a.csv").write_text("an earlier table")
    command = [sys.executable, "-c", KILLED_AT_A_STEP, str(source), str(begun), str(target.parent), target.name]
    done = subprocess.run([*command, str(index_folder)], check=True, capture_output=True, text=True)
    steps = [line.split() for line in done.stdout.splitlines()]
    assert len(steps) >= 6
    assert [int(ended) for ended, _, _ in steps] == [signal.SIGKILL] * (len(steps) - 1) + [0]
    assert steps[0][1:] == ["True", "False"]
    assert all("True" in (old, new) for _, old, new in steps)
    if ending == "jsonl":
        assert target.read_bytes().startswith((begun / "a.jsonl").read_bytes())
        assert [row["id"] for row in read_jsonl(target)] == [row["id"] for row in rows]
    else:
        assert [row["id"] for row in csv.DictReader(target.open(encoding="utf-8-sig"))] == [row["id"] for row in rows]
    assert sorted(path.name for path in target.parent.iterdir()) == [target.name]


def test_runs_killed_at_random_moments_lose_nothing_that_was_finished(run, index_folder, tmp_path):
    rows = [{"id": str(n), "question": f"How do trains help wheelchair users, case {n}?"} for n in range(60)]
    source, target = write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.jsonl"
    run(write_jsonl(tmp_path / "first.jsonl", rows[:20]), target)
    kept = target.read_bytes()
    partial = tmp_path / "a.jsonl.partial.jsonl"
    command = [sys.executable, "-m", "crpd_qa", "batch", str(source), "-o", str(target), "--index", str(index_folder)]
    moments = random.Random(16)
    for _ in range(3):
        before = partial.stat().st_mtime_ns if partial.exists() else None
        process = subprocess.Popen([*command, "--resume"], stderr=subprocess.DEVNULL)
        while process.poll() is None and (partial.stat().st_mtime_ns if partial.exists() else None) == before:
            time.sleep(0.005)
        time.sleep(moments.random() * 0.4)
        process.kill()
        process.wait()
        found = (partial if partial.exists() else target).read_bytes()
        whole = found[: found.rindex(b"\n") + 1]
        assert whole.startswith(kept)
        kept = whole
    run(source, target, resume=True)
    assert target.read_bytes().startswith(kept)
    assert [row["id"] for row in read_jsonl(target)] == [row["id"] for row in rows]


@contextmanager
def disk_of(size):
    """No file grows beyond so many bytes; the write that would fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
@pytest.mark.parametrize("size", [0, 100, 4000, 12_000])
def test_a_disk_that_is_full_leaves_the_old_file_whole_and_what_was_answered(run, tmp_path, ending, size):
    rows = [{"id": str(n), "question": f"paragraph {n}", "other": "x" * 500} for n in range(1, 15)]
    source, target = write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / f"a.{ending}"
    target.write_bytes(b"earlier answers")
    with disk_of(size), pytest.raises(QuestionFileError, match="cannot write") as failure:
        run(source, target)
    assert target.read_bytes() == b"earlier answers"
    assert not list(tmp_path.glob(".*"))
    finished = (tmp_path / f"a.{ending}.partial.jsonl").read_bytes().count(b"\n")
    assert ("go on with --resume" in str(failure.value)) == (finished > 0)
    assert run(source, target, resume=True).resumed == finished


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_disk_that_is_full_when_the_table_is_written_costs_no_answer(run, tmp_path, ending):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / f"a.{ending}"
    target.write_bytes(b"earlier answers")
    (tmp_path / f".a.{ending}.writing").symlink_to("/dev/full")
    with pytest.raises(QuestionFileError, match="go on with --resume"):
        run(source, target)
    assert target.read_bytes() == b"earlier answers"
    report = run(source, target, resume=True)
    assert (report.resumed, report.answered) == (3, 0)
    assert target.read_bytes() != b"earlier answers"


def test_a_folder_that_cannot_be_written_to_is_named_before_the_first_question(run, tmp_path):
    asked = []
    with pytest.raises(QuestionFileError, match=r"cannot write /sys/a\.csv"):
        run(write_jsonl(tmp_path / "q.jsonl", ROWS), type(tmp_path)("/sys/a.csv"), advance=lambda: asked.append(1))
    assert asked == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write read-only files")
def test_a_read_only_file_is_not_replaced(run, tmp_path):
    target = tmp_path / "a.jsonl"
    target.write_text("mine")
    target.chmod(0o444)
    with pytest.raises(QuestionFileError, match="read-only"):
        run(write_jsonl(tmp_path / "q.jsonl", ROWS), target)
    assert target.read_text() == "mine"


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_questions_under_another_name_are_not_overwritten_either(run, tmp_path, link):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    target.symlink_to(source) if link == "symbolic" else target.hardlink_to(source)
    with pytest.raises(QuestionFileError, match="holds the questions"):
        run(source, target)
    assert read_jsonl(source) == ROWS


def test_a_link_goes_on_pointing_at_the_answers(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "a.jsonl", tmp_path / "a.jsonl"
    real.write_text("earlier answers")
    link.symlink_to(real)
    run(write_jsonl(tmp_path / "q.jsonl", ROWS), link)
    assert link.is_symlink()
    assert len(read_jsonl(real)) == 3
