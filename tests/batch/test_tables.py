import csv
import io
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from batch_files import write_jsonl
from crpd_qa.batch.to_csv import harmless


def test_columns_that_a_table_has_already_get_another_name(run, tmp_path):
    row = {"question": "paragraph 8", "mode": "mine", "paragraphs": "mine", "quotes": "mine"}
    run(write_jsonl(tmp_path / "q.jsonl", [row]), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (record,) = csv.DictReader(file)
    assert (record["mode"], record["paragraphs"]) == ("locate", "8")
    assert [record[f"input_{name}"] for name in ("mode", "paragraphs", "quotes")] == ["mine"] * 3


def test_a_csv_file_goes_in_and_csv_and_xlsx_come_out(run, tmp_path):
    source = tmp_path / "q.csv"
    with source.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "history", "region"])
        writer.writerow(["paragraph 8", "", "=1+1"])
        writer.writerow(["And then the following one?", '["paragraph 8"]', "юг"])
        writer.writerow(["And then the following one?", "paragraph 20", "-5"])
    run(source, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["paragraphs"] for row in rows] == ["8", "9", "21"]
    assert [row["region"] for row in rows] == ["'=1+1", "юг", "-5"]
    assert rows[0]["answered"] == "yes"
    assert rows[0]["quotes"] == "The territory of Kazakhstan covers 2,724,900 km2."

    run(source, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    header = [cell.value for cell in sheet[1]]
    region = sheet.cell(2, header.index("region") + 1)
    assert (region.value, region.data_type) == ("=1+1", "s")
    assert sheet.cell(3, header.index("paragraphs") + 1).value == "9"
    assert not list(tmp_path.glob("*.partial.jsonl"))


FORMULAS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", " =1", "＝1+1", '"=1+1', "- item"]


def test_formulas_in_a_csv_file_are_text(run, tmp_path):
    rows = [{"question": cell, "note": cell, "=heading": cell} for cell in FORMULAS]
    run(write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    for name in ("question", "note", "'=heading"):
        assert [row[name] for row in found] == [f"'{cell}" for cell in FORMULAS]


def test_formulas_in_an_xlsx_file_are_text(run, tmp_path):
    rows = [{"question": cell, "note": cell, "=heading": cell} for cell in FORMULAS]
    run(write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)] == FORMULAS


def test_numbers_and_texts_that_are_no_formulas_stay_as_they_are(run, tmp_path):
    cells = ["-5", "+3.5", "a=b", "1-2", 'юг, "x"\nline', "🐈"]
    rows = [{"question": "paragraph 8", "note": cell, "n": 7} for cell in cells]
    run(write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == cells
    run(tmp_path / "q.jsonl", tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert [(row[-2].value, row[-1].value) for row in sheet.iter_rows(min_row=2)] == [(cell, 7) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("How many are there? ;=1+1;", "How many are there? ;'=1+1;"),
        ("How many?\n=1+1", "How many?\n'=1+1"),
        ("How many?\r\n  @SUM(A1)", "How many?\r\n'  @SUM(A1)"),
        ("How many?\r+1+1", "How many?\r'+1+1"),
        ("a\t-1+cmd", "a\t'-1+cmd"),
        ('a;"=1+1&"";', 'a;\'"=1+1&"";'),
        ("\n=cmd|' /C calc'!A0", "'\n'=cmd|' /C calc'!A0"),
        ("\t=1", "'\t'=1"),
        ("\tindented", "'\tindented"),
        ("from 5;-3 to 7", "from 5;'-3 to 7"),
        ("5;-3;+2.5", "5;-3;+2.5"),
        ("a = b; c", "a = b; c"),
        ("see Art. 5, -- and 7", "see Art. 5, -- and 7"),
    ],
)
def test_no_separator_and_no_line_break_makes_a_formula_of_a_cell(run, tmp_path, cell, written):
    run(write_jsonl(tmp_path / "q.jsonl", [{"question": "paragraph 8", "note": cell}]), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == [written]


LIVE = st.sampled_from(["=", "+", "-", "@", "1", "a", '"', "'", " ", "\n", "\r", "\t", ";", ",", "|"])


@settings(max_examples=3000, deadline=None)
@given(cells=st.lists(st.text(LIVE, max_size=12), min_size=1, max_size=3), delimiter=st.sampled_from(",;\t|"))
def test_whatever_separator_a_spreadsheet_takes_no_cell_is_a_formula(cells, delimiter):
    """As it reads our file: its own separator, our quotation marks."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([harmless(cell) for cell in cells])
    for row in csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter):
        for cell in row:
            start = cell.strip(' "')
            assert not start.startswith(("=", "@"))
            # A number may be followed by what parts our cells, which no formula can be.
            assert not start.startswith(("+", "-")) or re.fullmatch(r'[+-][1,]+ *(",.*|,".*)?', start, re.DOTALL)


def test_every_cell_of_a_csv_file_is_in_quotation_marks(run, tmp_path):
    run(write_jsonl(tmp_path / "q.jsonl", [{"question": "paragraph 8"}]), tmp_path / "a.csv")
    header, row = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert header.startswith('"id","question","answered",')
    assert row.startswith('"","paragraph 8","yes",')
    assert row.endswith('"",""')


def test_hostile_cells_are_made_harmless_in_linear_time():
    def seconds(text):
        begun = time.process_time()
        harmless(text)
        return time.process_time() - begun

    for piece in (" ", '"', "\n", "; ", '" \n', ";-1.", "-1", ';"'):
        short = min(seconds(piece * 20_000) for _ in range(3))
        long = min(seconds(piece * 160_000) for _ in range(3))
        assert long < 40 * short + 0.01, piece


def test_bad_rows_stand_in_the_table_with_what_is_wrong(run, tmp_path):
    source = tmp_path / "q.csv"
    source.write_text("id,question,region\n1,paragraph 8,north\n2,,south\n3,paragraph 9,east,too,many\n", "utf-8")
    for ending in ("csv", "xlsx"):
        run(source, tmp_path / f"a.{ending}")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["answered"], row["region"]) for row in rows] == [
        ("1", "yes", "north"),
        ("2", "no", "south"),
        ("3", "no", "east"),
    ]
    assert rows[0]["error"] == ""
    assert rows[1]["error"].startswith("line 3: question:")
    assert rows[2]["error"].startswith("line 4: more cells")
    assert (rows[2]["column 4"], rows[2]["column 5"]) == ("too", "many")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    error = [cell.value for cell in sheet[1]].index("error") + 1
    assert [sheet.cell(line, error).value for line in (2, 3, 4)] == [row["error"] or None for row in rows]


def test_a_workbook_is_wrapped_has_a_frozen_header_and_columns_as_wide_as_what_they_hold(run, tmp_path):
    rows = [{"question": "How many court buildings have ramps?", "n": 7, "note": "word " * 200, "code": "=1+1"}]
    run(write_jsonl(tmp_path / "q.jsonl", rows), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert sheet.freeze_panes == "A2"
    header = [cell.value for cell in sheet[1]]
    assert all(cell.alignment.wrap_text for cell in sheet[2] if cell.value is not None)
    width = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert width["n"] < width["question"] < width["note"] <= 80
    code = sheet.cell(2, header.index("code") + 1)
    assert (code.value, code.data_type, code.quotePrefix) == ("=1+1", "s", True)


def test_a_text_that_is_too_long_for_a_cell_is_seen_to_be_cut(run, tmp_path):
    run(write_jsonl(tmp_path / "q.jsonl", [{"question": "paragraph 8", "note": "x" * 40_000}]), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert sheet.cell(2, sheet.max_column).value == "x" * 32_766 + "…"
