import csv
import json
import signal
import subprocess
import sys
import time

import pytest
from openpyxl import load_workbook

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.batch import run_batch


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


ROWS = [
    {"id": "a", "question": "What does paragraph 8 say?", "office": "north"},
    {"id": "b", "question": "and the next one?", "history": ["What does paragraph 8 say?"], "text": "mine"},
    {"question": "zxcv qwer asdf", "n": 3},
]


def test_answers_come_in_order_with_the_record_and_the_other_columns(assistant, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    report = run_batch(assistant, source, target)
    first, second, third = read_jsonl(target)
    assert (report.answered, report.declined, report.bad_rows) == (2, 1, [])
    assert [first["id"], second["id"], third["id"]] == ["a", "b", None]
    assert first["office"] == "north"
    assert third["n"] == 3
    assert second["citations"][0]["number"] == 9  # the history was used
    assert second["input_text"] == "mine"
    assert second["text"].endswith("[9]")
    record = assistant.ask(ROWS[0]["question"], id="a").to_dict()
    assert json.loads(json.dumps({k: v for k, v in record.items() if k != "timings_ms"})) == {
        k: v for k, v in first.items() if k in record and k != "timings_ms"
    }


def test_a_csv_file_goes_in_and_csv_and_xlsx_come_out(assistant, tmp_path):
    source = tmp_path / "q.csv"
    with source.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "history", "region"])
        writer.writerow(["paragraph 8", "", "=1+1"])
        writer.writerow(["and the next one?", '["paragraph 8"]', "юг"])
        writer.writerow(["and the next one?", "paragraph 20", "-5"])
    run_batch(assistant, source, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["paragraphs"] for row in rows] == ["8", "9", "21"]
    assert [row["region"] for row in rows] == ["'=1+1", "юг", "-5"]
    assert rows[0]["answered"] == "yes"
    assert rows[0]["quotes"] == "The territory of Kazakhstan covers 2,724,900 km2."

    run_batch(assistant, source, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    header = [cell.value for cell in sheet[1]]
    region = sheet.cell(2, header.index("region") + 1)
    assert (region.value, region.data_type) == ("=1+1", "s")
    assert sheet.cell(3, header.index("paragraphs") + 1).value == "9"
    assert not list(tmp_path.glob("*.partial.jsonl"))


def test_bad_rows_are_reported_with_their_line_and_the_rest_goes_on(assistant, tmp_path):
    source = tmp_path / "q.jsonl"
    source.write_bytes(
        b'{"question": "paragraph 8"}\n'
        b"not json\n"
        b"\n"
        b'{"id": "x"}\n'
        b'{"question": "   "}\n'
        b'{"question": 7, "history": "paragraph 8"}\n'
        b'{"question": "hm", "history": [1, {}]}\n'
        b"[1, 2]\n"
        b'{"question": "\xff"}\n'
        b'{"question": "paragraph 9"}\n'
    )
    seen = []
    report = run_batch(
        assistant, source, tmp_path / "a.jsonl", bad_row=lambda line, reason: seen.append((line, reason))
    )
    assert [line for line, _ in report.bad_rows] == [2, 4, 5, 7, 8, 9]
    assert seen == report.bad_rows
    assert "question" in dict(seen)[4]
    assert [row["question"] for row in read_jsonl(tmp_path / "a.jsonl")] == ["paragraph 8", "7", "paragraph 9"]


def test_resume_drops_a_line_cut_off_and_goes_on(assistant, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    run_batch(assistant, source, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: whole.index(b"\n") + 30])
    report = run_batch(assistant, source, target, resume=True)
    assert (report.resumed, report.answered, report.declined) == (1, 1, 1)
    answers = [{k: v for k, v in row.items() if k != "timings_ms"} for row in read_jsonl(target)]
    assert answers == [{k: v for k, v in json.loads(line).items() if k != "timings_ms"} for line in whole.splitlines()]


def test_resume_refuses_the_answers_of_other_questions(assistant, tmp_path):
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl")
    other = write_jsonl(tmp_path / "other.jsonl", [{"question": "art. 5"}, *ROWS])
    before = (tmp_path / "a.jsonl").read_bytes()
    with pytest.raises(QuestionFileError, match="without --resume"):
        run_batch(assistant, other, tmp_path / "a.jsonl", resume=True)
    assert (tmp_path / "a.jsonl").read_bytes() == before


@pytest.mark.parametrize("ending", ["jsonl", "xlsx"])
def test_a_killed_run_leaves_what_it_finished_and_can_be_resumed(assistant, index_folder, tmp_path, ending):
    questions = [
        {"id": str(i), "question": f"How do trains and airports help wheelchair users, case {i}?"} for i in range(900)
    ]
    source, target = write_jsonl(tmp_path / "q.jsonl", questions), tmp_path / f"a.{ending}"
    lines = target if ending == "jsonl" else tmp_path / "a.xlsx.partial.jsonl"
    command = [sys.executable, "-m", "crpd_qa", "batch", str(source), "-o", str(target), "--index", str(index_folder)]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(1200):
        if lines.exists() and lines.stat().st_size > 50_000:
            break
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    finished = lines.read_bytes().count(b"\n")
    assert 0 < finished < 900
    report = run_batch(assistant, source, target, resume=True)
    assert report.resumed == finished
    if ending == "jsonl":
        assert [row["id"] for row in read_jsonl(target)] == [str(i) for i in range(900)]
    else:
        assert load_workbook(target).active.max_row == 901


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("q.txt", b"", r"only \.jsonl, \.csv"),
        ("q.csv", "question\ncafé\n".encode("latin-1"), "UTF-8"),
        ("q.csv", b"id,text\n1,hello\n", 'no column "question"'),
        ("q.csv", b"", 'no column "question"'),
        ("q.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(assistant, tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(QuestionFileError, match=reason):
        run_batch(assistant, tmp_path / name, tmp_path / "a.jsonl")


def test_missing_files_and_folders_that_cannot_be_written_are_named(assistant, tmp_path):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    with pytest.raises(QuestionFileError, match="cannot read"):
        run_batch(assistant, tmp_path / "none.jsonl", tmp_path / "a.jsonl")
    with pytest.raises(QuestionFileError, match="cannot write"):
        run_batch(assistant, source, tmp_path / "no-folder" / "a.jsonl")
    with pytest.raises(QuestionFileError, match=r"only \.jsonl, \.csv, \.xlsx"):
        run_batch(assistant, source, tmp_path / "a.pdf")
