import csv
import json
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.batch import run_batch


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def without_times(records):
    return [{key: value for key, value in record.items() if key != "timings_ms"} for record in records]


ROWS = [
    {"id": "a", "question": "What does paragraph 8 say?", "office": "north"},
    {"id": "b", "question": "And then the following one?", "history": ["What does paragraph 8 say?"], "text": "mine"},
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
    assert list(first) == [*record, "office"]
    assert without_times([first]) == without_times([json.loads(json.dumps(record)) | {"office": "north"}])


@pytest.mark.parametrize("names", [["text", "input_text"], ["input_text", "text"]])
def test_no_column_of_the_input_is_lost_to_another(assistant, tmp_path, names):
    row = {"question": "paragraph 8"} | {name: f"my {name}" for name in names}
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", [row]), tmp_path / "a.jsonl")
    (record,) = read_jsonl(tmp_path / "a.jsonl")
    assert {"my text", "my input_text"} <= {value for value in record.values() if isinstance(value, str)}


def test_columns_that_a_table_has_already_get_another_name(assistant, tmp_path):
    row = {"question": "paragraph 8", "mode": "mine", "paragraphs": "mine", "quotes": "mine"}
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", [row]), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (record,) = csv.DictReader(file)
    assert (record["mode"], record["paragraphs"]) == ("locate", "8")
    assert [record[f"input_{name}"] for name in ("mode", "paragraphs", "quotes")] == ["mine"] * 3


def test_a_row_may_say_its_language(assistant, tmp_path):
    source = tmp_path / "q.csv"
    source.write_text("question,language\nparagraph 999,kk\nparagraph 999,\nparagraph 999,Klingon\n", "utf-8")
    report = run_batch(assistant, source, tmp_path / "a.jsonl")
    assert [record["language"] for record in read_jsonl(tmp_path / "a.jsonl")] == ["kk", "en"]
    assert [(line, "language" in reason) for line, reason in report.bad_rows] == [(4, True)]


def test_a_csv_file_goes_in_and_csv_and_xlsx_come_out(assistant, tmp_path):
    source = tmp_path / "q.csv"
    with source.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "history", "region"])
        writer.writerow(["paragraph 8", "", "=1+1"])
        writer.writerow(["And then the following one?", '["paragraph 8"]', "юг"])
        writer.writerow(["And then the following one?", "paragraph 20", "-5"])
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


FORMULAS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", " =1", "\t=1", "\n=cmd|' /C calc'!A0"]


def test_formulas_in_a_csv_file_are_text(assistant, tmp_path):
    rows = [{"question": cell, "note": cell, "=heading": cell} for cell in FORMULAS]
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    for name in ("question", "note", "'=heading"):
        assert [row[name] for row in found] == [f"'{cell}" for cell in FORMULAS]


def test_formulas_in_an_xlsx_file_are_text(assistant, tmp_path):
    rows = [{"question": cell, "note": cell, "=heading": cell} for cell in FORMULAS]
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)] == FORMULAS


def test_numbers_and_texts_that_are_no_formulas_stay_as_they_are(assistant, tmp_path):
    cells = ["-5", "+3.5", "a=b", "1-2", 'юг, "x"\nline', "🐈"]
    rows = [{"question": "paragraph 8", "note": cell, "n": 7} for cell in cells]
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == cells
    run_batch(assistant, tmp_path / "q.jsonl", tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert [(row[-2].value, row[-1].value) for row in sheet.iter_rows(min_row=2)] == [(cell, 7) for cell in cells]


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=30)))
def test_every_line_is_answered_or_reported_or_blank(assistant, tmp_path_factory, lines):
    source = tmp_path_factory.mktemp("lines") / "q.jsonl"
    written = [*lines, *(json.dumps({"question": line}) for line in lines)]
    source.write_text("\n".join(written), encoding="utf-8")
    report = run_batch(assistant, source, source.with_name("a.jsonl"))
    blank = sum(not line.encode().strip() for line in written)
    assert report.answered + report.declined + len(report.bad_rows) + blank == len(written)
    answers = read_jsonl(source.with_name("a.jsonl"))
    assert [row["question"] for row in answers] == [line for line in lines if line.strip()]


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


def test_bad_rows_of_a_csv_file_are_reported_with_their_line_and_the_rest_goes_on(assistant, tmp_path):
    (tmp_path / "q.csv").write_text(
        'question,history\nparagraph 8,\n,\nparagraph 9,,too,many\nparagraph 9,"[""open"\nparagraph 10\n',
        encoding="utf-8",
    )
    report = run_batch(assistant, tmp_path / "q.csv", tmp_path / "a.jsonl")
    assert [line for line, _ in report.bad_rows] == [3, 4, 5]
    assert "history" in report.bad_rows[2][1]
    assert [row["citations"][0]["number"] for row in read_jsonl(tmp_path / "a.jsonl")] == [8, 10]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("q.jsonl", '{"question": "paragraph 8", "x": ' + "[" * 300 + "]" * 300 + '}\n{"question": "paragraph 9"}\n'),
        ("q.csv", "question,history\nparagraph 8," + "[" * 100_000 + "\nparagraph 9,\n"),
    ],
    ids=["jsonl", "csv"],
)
def test_a_row_that_is_nested_too_deep_does_not_stop_the_rest(assistant, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    run_batch(assistant, tmp_path / name, tmp_path / "a.jsonl")
    assert read_jsonl(tmp_path / "a.jsonl")[-1]["question"] == "paragraph 9"


def test_resume_drops_a_line_cut_off_and_goes_on(assistant, tmp_path):
    source, target = write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl"
    run_batch(assistant, source, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: whole.index(b"\n") + 30])
    report = run_batch(assistant, source, target, resume=True)
    assert (report.resumed, report.answered, report.declined) == (1, 1, 1)
    assert without_times(read_jsonl(target)) == without_times(json.loads(line) for line in whole.splitlines())


def test_a_resumed_table_is_the_same_file_as_one_made_at_once(assistant, tmp_path):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    run_batch(assistant, source, tmp_path / "whole.csv")
    run_batch(assistant, write_jsonl(tmp_path / "first.jsonl", ROWS[:1]), tmp_path / "a.csv.partial.jsonl")
    report = run_batch(assistant, source, tmp_path / "a.csv", resume=True)
    assert report.resumed == 1
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_bad_rows_are_reported_again_by_a_resumed_run(assistant, tmp_path):
    source, target = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    source.write_text('{"question": "paragraph 8"}\nnope\n{"question": "paragraph 9"}\n{"question": "paragraph 10"}\n')
    run_batch(assistant, source, target)
    target.write_bytes(b"".join(target.read_bytes().splitlines(keepends=True)[:2]))
    report = run_batch(assistant, source, target, resume=True)
    assert (report.resumed, [line for line, _ in report.bad_rows]) == (2, [2])
    assert [row["citations"][0]["number"] for row in read_jsonl(target)] == [8, 9, 10]


def test_resume_refuses_the_answers_of_other_questions(assistant, tmp_path):
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl")
    other = write_jsonl(tmp_path / "other.jsonl", [{"question": "art. 5"}, *ROWS])
    before = (tmp_path / "a.jsonl").read_bytes()
    with pytest.raises(QuestionFileError, match="without --resume"):
        run_batch(assistant, other, tmp_path / "a.jsonl", resume=True)
    assert (tmp_path / "a.jsonl").read_bytes() == before


def test_resume_refuses_the_answers_of_rows_with_other_ids(assistant, tmp_path):
    rows = [{"id": str(n), "question": "And then the following one?", "history": [f"paragraph {n}"]} for n in (8, 20)]
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.jsonl")
    other = write_jsonl(tmp_path / "other.jsonl", rows[::-1])
    with pytest.raises(QuestionFileError, match="without --resume"):
        run_batch(assistant, other, tmp_path / "a.jsonl", resume=True)


def test_resume_refuses_the_answers_of_more_questions(assistant, tmp_path):
    run_batch(assistant, write_jsonl(tmp_path / "q.jsonl", ROWS), tmp_path / "a.jsonl")
    fewer = write_jsonl(tmp_path / "fewer.jsonl", ROWS[:1])
    with pytest.raises(QuestionFileError, match="without --resume"):
        run_batch(assistant, fewer, tmp_path / "a.jsonl", resume=True)


@pytest.mark.parametrize("output", ["a.jsonl", "a.csv"])
def test_resume_refuses_a_file_that_holds_no_answers(assistant, tmp_path, output):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    write_jsonl(tmp_path / "a.jsonl", ROWS)
    write_jsonl(tmp_path / "a.csv.partial.jsonl", ROWS)
    with pytest.raises(QuestionFileError):
        run_batch(assistant, source, tmp_path / output, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_the_questions_are_never_overwritten_by_the_answers(assistant, tmp_path, resume):
    source = write_jsonl(tmp_path / "q.jsonl", ROWS)
    with pytest.raises(QuestionFileError):
        run_batch(assistant, source, source, resume=resume)
    assert read_jsonl(source) == ROWS


@pytest.mark.parametrize("source", ["none.jsonl", "columns.csv"])
def test_earlier_answers_stay_when_the_questions_cannot_be_read(assistant, tmp_path, source):
    (tmp_path / "columns.csv").write_text("id,text\n1,hello\n")
    target = write_jsonl(tmp_path / "a.jsonl", [{"question": "an earlier answer"}])
    with pytest.raises(QuestionFileError):
        run_batch(assistant, tmp_path / source, target)
    assert read_jsonl(target) == [{"question": "an earlier answer"}]


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
    left = lines.read_bytes()
    finished = left.count(b"\n")
    assert 0 < finished < 900
    report = run_batch(assistant, source, target, resume=True)
    assert report.resumed == finished
    if ending == "jsonl":
        assert target.read_bytes().startswith(left[: left.rindex(b"\n") + 1])
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
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(QuestionFileError, match="cannot write"):
        run_batch(assistant, source, tmp_path / "folder.csv")
    with pytest.raises(QuestionFileError, match="cannot read"):
        run_batch(assistant, tmp_path / "folder.csv", tmp_path / "a.jsonl")
    with pytest.raises(QuestionFileError, match=r"only \.jsonl, \.csv, \.xlsx"):
        run_batch(assistant, source, tmp_path / "a.pdf")
