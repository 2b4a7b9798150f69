import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from batch_files import read_jsonl, write_jsonl
from crpd_qa.cli import app
from crpd_qa.settings import settings

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("## In batches\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"^    crpd-qa (batch .+)$", SECTION, re.MULTILINE)


@pytest.fixture
def folder(index_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRPD_QA_INDEX", str(index_folder))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_readme_do_what_it_says(folder, example):
    (folder / "questions.csv").write_text("question,history\nparagraph 8,\nand the next one?,paragraph 8\n", "utf-8")
    (folder / "questions.txt").write_text("paragraph 8\nparagraph 9\n", "utf-8")
    write_jsonl(folder / "questions.jsonl", [{"question": "paragraph 8"}, {"question": "paragraph 9"}])
    book = Workbook()
    book.active.append(["question"])
    book.active.append(["paragraph 8"])
    book.active.append(["paragraph 9"])
    book.save(folder / "questions.xlsx")
    result = CliRunner().invoke(app, example.split())
    assert result.exit_code == 0, result.stderr
    assert "2 answered, 0 declined, 0 kept from the earlier run, 0 bad rows" in " ".join(result.stderr.split())
    assert (folder / example.split()[3]).stat().st_size > 100


def test_questions_added_at_the_end_of_a_file_are_answered_by_resuming(folder):
    """As the README says of a JSONL file of answers that is complete."""
    assert "added to the end" in " ".join(SECTION.split())
    arguments = ["batch", "questions.jsonl", "--output", "answers.jsonl", "--resume"]
    for count in (1, 2):
        write_jsonl(folder / "questions.jsonl", [{"question": f"paragraph {n}"} for n in (8, 9)][:count])
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert [answer["question"] for answer in read_jsonl(folder / "answers.jsonl")] == ["paragraph 8", "paragraph 9"]


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
