import codecs
import contextlib
import csv
import datetime
import io
import json
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from batch_files import read_jsonl
from crpd_qa.batch import BadRow, read_questions
from crpd_qa.errors import QuestionFileError


@settings(max_examples=20, deadline=None)
@given(
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=30), max_size=6
    )
)
def test_every_line_is_answered_or_reported_or_blank(run, tmp_path_factory, lines):
    source = tmp_path_factory.mktemp("lines") / "q.jsonl"
    written = [*lines, *(json.dumps({"question": line}) for line in lines)]
    source.write_text("\n".join(written), encoding="utf-8")
    report = run(source, source.with_name("a.jsonl"))
    blank = sum(not line.encode().strip() for line in written)
    assert report.answered + report.declined + len(report.bad_rows) + blank == len(written)
    answers = read_jsonl(source.with_name("a.jsonl"))
    assert [row["question"] for row in answers if "error" not in row] == [line for line in lines if line.strip()]


def test_bad_rows_are_reported_with_their_line_and_the_rest_goes_on(run, tmp_path):
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
    report = run(source, tmp_path / "a.jsonl", bad_row=lambda line, reason: seen.append((line, reason)))
    assert [line for line, _ in report.bad_rows] == [2, 4, 5, 7, 8, 9]
    assert seen == report.bad_rows
    assert "question" in dict(seen)[4]
    rows = read_jsonl(tmp_path / "a.jsonl")
    assert [row["question"] for row in rows if "error" not in row] == ["paragraph 8", "7", "paragraph 9"]
    bad = [row for row in rows if "error" in row]
    assert [row["error"] for row in bad] == [f"line {line}: {reason}" for line, reason in seen]
    assert not any(row["answered"] for row in bad)
    assert bad[0]["line"] == "not json"
    assert (bad[1]["id"], bad[2]["question"], bad[3]["question"]) == ("x", "   ", "hm")


def test_bad_rows_of_a_csv_file_are_reported_with_their_line_and_the_rest_goes_on(run, tmp_path):
    (tmp_path / "q.csv").write_text(
        'question,history\nparagraph 8,\n,[]\nparagraph 9,,too,many\nparagraph 9,"[""open"\nparagraph 10\n,\n',
        encoding="utf-8",
    )
    report = run(tmp_path / "q.csv", tmp_path / "a.jsonl")
    assert [line for line, _ in report.bad_rows] == [3, 4, 5]
    assert "history" in report.bad_rows[2][1]
    rows = read_jsonl(tmp_path / "a.jsonl")
    assert [row["citations"][0]["number"] for row in rows if row["answered"]] == [8, 10]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("q.jsonl", '{"question": "paragraph 8", "x": ' + "[" * 300 + "]" * 300 + '}\n{"question": "paragraph 9"}\n'),
        ("q.csv", "question,history\nparagraph 8," + "[" * 100_000 + "\nparagraph 9,\n"),
    ],
    ids=["jsonl", "csv"],
)
def test_a_row_that_is_nested_too_deep_does_not_stop_the_rest(run, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    run(tmp_path / name, tmp_path / "a.jsonl")
    assert read_jsonl(tmp_path / "a.jsonl")[-1]["question"] == "paragraph 9"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("q.pdf", b"", r"only \.csv, \.tsv, \.xlsx, \.jsonl, \.txt files can be read"),
        ("q.csv", ("question\nсколько\nчто\n" * 3).encode() + b"caf\xe9\n", "line 10: a byte is not UTF-8"),
        ("q.csv", b"id,text\n1,hello\n", 'no column "question"'),
        ("q.csv", b"", 'no column "question"'),
        ("q.csv", b"How many are there?\nparagraph 8\n", r"ends in \.txt"),
        ("q.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
        ("q.txt", bytes(range(256)) * 8, "UTF-8"),
        ("q.xlsx", b"question\nparagraph 8\n", "Excel workbook"),
        ("q.xlsx", b"PK\x03\x04" + bytes(100), "Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(run, tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(QuestionFileError, match=reason):
        run(tmp_path / name, tmp_path / "a.jsonl")


def table(delimiter, columns=("id", "question", "region")):
    """Two questions with separators in them, as a spreadsheet saves them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    cells = {"id": "1", "question": 'Who is paid, and why; "by whom"|or not?', "region": "north"}
    for number in ("1", "2"):
        writer.writerow([{**cells, "id": number}.get(column.strip().lower(), "") for column in columns])
    return text.getvalue()


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_every_separator_is_found_in_every_encoding(tmp_path, encoding, delimiter, ending):
    source = tmp_path / f"q.{ending}"
    source.write_bytes(table(delimiter).encode(encoding))
    rows = [row for _, row in read_questions(source).rows]
    assert [(row.id, row.question, row.model_extra) for row in rows] == [
        (number, 'Who is paid, and why; "by whom"|or not?', {"region": "north"}) for number in ("1", "2")
    ]


QUESTIONS = [
    ("Сколько часов в год положен сурдопереводчик?", ["cp1251", "utf-16", "utf-16-le", "utf-16-be"]),
    ("Елде қанша мүгедек адам бар?", ["kz1048", "utf-16", "utf-16-le"]),
    ("Combien de personnes ont été employées où ?", ["cp1252", "utf-16", "utf-16-le"]),
    ("¿Cuántas personas están en el país?", ["cp1252", "utf-16", "utf-16-le"]),
    ("What does the State’s report say of “reasonable accommodation”?", ["cp1252", "utf-16", "utf-16-le"]),
]


@pytest.mark.parametrize(("question", "encoding"), [(q, encoding) for q, found in QUESTIONS for encoding in found])
@pytest.mark.parametrize("ending", ["csv", "txt"])
@pytest.mark.parametrize("count", [1, 50])
def test_a_question_is_read_as_it_was_written_whatever_program_saved_it(tmp_path, question, encoding, ending, count):
    text = f"question;region\r\n{f'{question};x{chr(13)}{chr(10)}' * count}" if ending == "csv" else question + "\r\n"
    source = tmp_path / f"q.{ending}"
    source.write_bytes(text.encode(encoding))
    found = read_questions(source)
    assert {row.question for _, row in found.rows} == {question}
    assert found.encoding


@pytest.mark.parametrize(
    ("question", "encoding"),
    [(q, "cp1251") for q in ("пункт 8", "МСЭ", "Пандусы?", "24-бап")]
    + [(q, "cp1252") for q in ("§ 8", "Où ?", "créée", "« État »", "año", "the State’s report", "“ramps”")],
)
def test_of_a_word_or_two_the_letters_are_right_too(tmp_path, question, encoding):
    (tmp_path / "q.txt").write_bytes(question.encode(encoding))
    assert [row.question for _, row in read_questions(tmp_path / "q.txt").rows] == [question]


@pytest.mark.parametrize(("question", "encoding"), [(QUESTIONS[0][0], "mac_cyrillic"), (QUESTIONS[2][0], "mac_roman")])
def test_excel_for_the_macintosh_ends_its_lines_and_writes_its_letters_in_its_own_way(tmp_path, question, encoding):
    (tmp_path / "q.csv").write_bytes(f"id;question\r1;{question}\r2;{question}\r".encode(encoding))
    assert [row.question for _, row in read_questions(tmp_path / "q.csv").rows] == [question] * 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_separator_that_a_file_states_is_taken(tmp_path, delimiter, encoding):
    (tmp_path / "q.csv").write_bytes(f"sep={delimiter}\r\n{table(delimiter)}".encode(encoding))
    found = read_questions(tmp_path / "q.csv")
    assert [(number, row.id) for number, row in found.rows] == [(3, "1"), (4, "2")]


@pytest.mark.parametrize("heading", ["Question", " question ", "QUESTION", "\ufeffquestion", "Question\u00a0"])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
def test_a_column_is_known_by_its_name_in_any_case_and_with_blanks(tmp_path, heading, ending):
    source = tmp_path / f"q.{ending}"
    if ending == "csv":
        source.write_text(f"ID;{heading};Language\n7;paragraph 8;KK\n", "utf-8")
    elif ending == "jsonl":
        source.write_text(json.dumps({"ID": "7", heading: "paragraph 8", "Language": "KK"}), "utf-8")
    else:
        write_workbook(source, [["ID", heading, "Language"], [7, "paragraph 8", "KK"]])
    ((_, row),) = read_questions(source).rows
    assert (row.id, row.question, row.language) == ("7", "paragraph 8", "kk")


def test_columns_with_one_name_or_none_are_all_carried_through(tmp_path):
    (tmp_path / "q.csv").write_text("question;note;note;;Question\nparagraph 8;a;b;c;d\n", "utf-8")
    ((_, row),) = read_questions(tmp_path / "q.csv").rows
    assert row.question == "paragraph 8"
    assert row.model_extra == {"note": "a", "note (2)": "b", "column 4": "c", "Question": "d"}


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt"])
def test_a_file_with_one_column_needs_no_quotation_marks(tmp_path, ending):
    (tmp_path / f"q.{ending}").write_text('Question\nMen, women; both?\n"Paid, or not?"\n', "utf-8")
    assert [row.question for _, row in read_questions(tmp_path / f"q.{ending}").rows] == [
        "Men, women; both?",
        "Paid, or not?",
    ]


def test_a_text_file_holds_a_question_a_line(run, tmp_path):
    (tmp_path / "q.txt").write_text('paragraph 8\n\n"Who" pays, and why;?\r\nparagraph 9', "utf-8", newline="")
    assert [(number, row.question) for number, row in read_questions(tmp_path / "q.txt").rows] == [
        (1, "paragraph 8"),
        (3, '"Who" pays, and why;?'),
        (4, "paragraph 9"),
    ]
    assert run(tmp_path / "q.txt", tmp_path / "a.csv").bad_rows == []


def test_what_excel_calls_unicode_text_is_a_table_with_tabs(tmp_path):
    (tmp_path / "q.txt").write_bytes("id\tQuestion\r\n1\tсколько, где?\r\n".encode("utf-16"))
    ((_, row),) = read_questions(tmp_path / "q.txt").rows
    assert (row.id, row.question) == ("1", "сколько, где?")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_lines_with_a_byte_order_mark_are_read(tmp_path, encoding):
    (tmp_path / "q.jsonl").write_bytes('{"question": "сколько?"}\r\n{"question": "где?"}\r\n'.encode(encoding))
    assert [row.question for _, row in read_questions(tmp_path / "q.jsonl").rows] == ["сколько?", "где?"]


def test_a_quotation_mark_too_many_costs_its_own_row_only(tmp_path):
    (tmp_path / "q.csv").write_text('id,question\n1,paragraph 8\n2,"open\n3,paragraph 9\n4,paragraph 10\n', "utf-8")
    rows = read_questions(tmp_path / "q.csv").rows
    assert [(number, isinstance(row, BadRow)) for number, row in rows] == [
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert "quotation" in rows[1][1].reason


def test_a_cell_may_be_longer_than_pythons_csv_takes_by_itself(tmp_path):
    (tmp_path / "q.csv").write_text(f"question,note\nparagraph 8,{'x' * 200_000}\n", "utf-8")
    ((_, row),) = read_questions(tmp_path / "q.csv").rows
    assert (row.question, len(row.model_extra["note"])) == ("paragraph 8", 200_000)


def test_a_cell_of_several_lines_is_named_by_its_first(tmp_path):
    (tmp_path / "q.csv").write_text('question,note\n"paragraph\n8","a\nb"\n,empty\n', "utf-8")
    rows = read_questions(tmp_path / "q.csv").rows
    assert [number for number, _ in rows] == [2, 5]
    assert rows[0][1].question == "paragraph\n8"


def test_earlier_questions_stand_in_a_cell_one_a_line(tmp_path):
    (tmp_path / "q.csv").write_text('question,history\n"and then?","paragraph 8\nparagraph 9"\n', "utf-8")
    ((_, row),) = read_questions(tmp_path / "q.csv").rows
    assert row.history == ["paragraph 8", "paragraph 9"]


def write_workbook(path, *sheets):
    book = Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_goes_in(run, tmp_path):
    source = write_workbook(
        tmp_path / "q.xlsx",
        [["About this file"]],
        [
            [],
            ["Question", "history", "Id", None, "when"],
            ["paragraph 8", None, 1, None, datetime.date(2026, 1, 2)],
            [],
            [None, None, 2],
            ["And then the following one?", "paragraph 8", 3.5, "more", "x"],
            [7, None, None, None, "=1+1"],
            ["paragraph 9", None, None, None, None, "too many"],
        ],
    )
    report = run(source, tmp_path / "a.jsonl")
    assert [number for number, _ in report.bad_rows] == [5, 8]
    first, bad, second, third, fourth = read_jsonl(tmp_path / "a.jsonl")
    assert (first["id"], first["when"], first["citations"][0]["number"]) == ("1", "2026-01-02T00:00:00", 8)
    assert bad["error"].startswith("row 5: question")
    assert (second["id"], second["citations"][0]["number"], second["column 4"]) == ("3.5", 9, "more")
    assert third["question"] == "7"
    assert (fourth["question"], fourth["column 6"]) == ("paragraph 9", "too many")


def test_a_workbook_without_the_column_is_refused_with_what_it_has(tmp_path):
    source = write_workbook(tmp_path / "q.xlsx", [["Frage", "Nr"], ["paragraph 8", 1]], [])
    with pytest.raises(QuestionFileError, match="Frage, Nr"):
        read_questions(source)


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path):
    source = write_workbook(tmp_path / "q.xlsx", [["question"], ["paragraph 8"]])
    with (
        zipfile.ZipFile(source, "a", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/extra.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(201):
            part.write(bytes(1_000_000))
    assert source.stat().st_size < 1_000_000
    with pytest.raises(QuestionFileError, match="unpacked"):
        read_questions(source)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "jsonl", "xlsx"])
def test_any_bytes_are_read_or_refused(tmp_path_factory, ending, content):
    source = tmp_path_factory.mktemp("any") / f"q.{ending}"
    for mark in (b"", codecs.BOM_UTF16_LE, b"question;x\n"):
        source.write_bytes(mark + content)
        with suppress(QuestionFileError):
            read_questions(source)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.text('ab\n,;\t"', max_size=9)
        ),
        min_size=1,
        max_size=5,
    ),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_a_spreadsheet_saves_is_read_back(tmp_path_factory, rows, delimiter):
    source = tmp_path_factory.mktemp("saved") / "q.csv"
    with source.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([("Question", "note"), *rows])
    found = [row for _, row in read_questions(source).rows]
    assert [row.question for row in found if not isinstance(row, BadRow)] == [q for q, _ in rows if q.strip()]
    assert [row.model_extra["note"] for row in found if not isinstance(row, BadRow)] == [
        n for q, n in rows if q.strip()
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "question;x\n" + '"\n' * n,
        lambda n: "question;x\n" + '"a\n' * n,
        lambda n: "question;x\n" + '""\n' * n + '"',
        lambda n: "question" + ";" * n,
        lambda n: ";note" * n + ";question\n",
        lambda n: '"' * n,
        lambda n: "\n" * n + "question",
    ],
)
def test_hostile_tables_are_read_in_linear_time(tmp_path, hostile):
    def seconds(n):
        (tmp_path / "q.csv").write_text(hostile(n), "utf-8")
        begun = time.process_time()
        with contextlib.suppress(QuestionFileError):
            read_questions(tmp_path / "q.csv")
        return time.process_time() - begun

    short = min(seconds(4_000) for _ in range(3))
    assert min(seconds(32_000) for _ in range(3)) < 40 * short + 0.02


def test_an_empty_question_is_said_in_plain_words(tmp_path):
    path = tmp_path / "questions.csv"
    path.write_text('question,id\nHow many schools?,1\n"",2\n')
    (bad,) = [row for _, row in read_questions(path).rows if isinstance(row, BadRow)]
    assert bad.reason == "question: the question is empty"
