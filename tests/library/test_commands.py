"""check, mend, export and import."""

import os
import shutil
from html.parser import HTMLParser
from io import StringIO
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from crpd_qa.cli import app
from crpd_qa.cli.base import Steps
from crpd_qa.settings import settings
from documents.printed import Printed


@pytest.fixture
def run(empty_library, tmp_path, monkeypatch):
    """Runs a command line on a small library, in an empty folder."""
    monkeypatch.setenv("CRPD_QA_INDEX", str(empty_library(tmp_path / "library")))
    monkeypatch.setenv("CRPD_QA_MULTILINGUAL_MODEL", "none")
    monkeypatch.setenv("NO_COLOR", "1")
    settings.cache_clear()
    monkeypatch.chdir(tmp_path)
    yield lambda *arguments: CliRunner().invoke(app, list(arguments))
    settings.cache_clear()


@pytest.fixture
def pdf(tmp_path):
    printed = Printed(symbol="CRPD/C/KEN/1")
    printed.first_page("Initial report submitted by Kenya under article 35 of the Convention")
    printed.page_break()
    printed.heading("Article 9 - Accessibility")
    for number in range(1, 58):
        # Lines that stand alike on every page would be taken for its header.
        who = ("The pilots", "Some of the harbour masters", "Ten lighthouse keepers", "Everyone", "No ship")[number % 5]
        mark = "^1^" if number == 1 else ""
        printed.paragraph(number, f"Step {number}: {who} <b>have</b> a ramp{', and a bell' * (number % 3)}.{mark}")
        if number == 1:
            printed.footnote("1", "The Ramps Act of 2011.")
    return printed.save(tmp_path / "kenya.pdf")


def test_one_exported_document_is_no_1_documents_and_a_state_has_its_name(run, pdf):
    added = run("add", str(pdf))
    assert "Kenya" in added.output  # by the title
    exported = run("export", "library.zip", "--no-models")
    assert "1 document written to library.zip" in exported.output
    (pdf.parent / "notes.txt").write_text("1. The harbour has a ramp.\n2. The pilots use it.\n", "utf-8")
    given = run("add", "notes.txt", "--symbol", "CRPD/C/NOTES/1", "--state", "Malta", "--kind", "other")
    assert "Malta" in given.output
    assert "2 documents written" in run("export", "library.zip", "--no-models").output


class Loaded(HTMLParser):
    """Addresses that a page would load or send anything to."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.tags = set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.found += [value for name, value in attributes if name in ("src", "href", "action", "data", "srcset")]


def test_the_page_of_check_has_everything_with_pages_and_loads_nothing(run, pdf, tmp_path):
    result = run("check", str(pdf), "--output", "kenya.html")
    assert result.exit_code == 0
    assert "57 paragraphs, no warning" in result.stderr
    assert not list((tmp_path / "library").glob("segments"))  # it was not added
    html = (tmp_path / "kenya.html").read_text("utf-8")
    loaded = Loaded(html)
    assert loaded.found == []
    assert "script" not in loaded.tags
    assert "b" not in loaded.tags  # what stands in the document is text
    assert html.count("&lt;b&gt;have&lt;/b&gt;") == 57
    assert html.index("Page 2 of the original") < html.index("Step 1:") < html.index("Page 3 of the original")
    assert "The Ramps Act of 2011." in html
    assert "Article 9 - Accessibility" in html
    assert "Convention, article 9" in html


def test_what_cannot_be_is_said_in_a_line(run, pdf):
    assert run("add", str(pdf)).exit_code == 0
    for arguments, said in {
        ("check", "CRPD/C/XYZ/1"): "no document",
        ("check", "CRPD/C/KEN/1", "--output", "no/folder/page.html"): "cannot write",
        ("mend", "CRPD/C/KEN/1", "99", "--text", "x"): "its last is 57",
        ("mend", "CRPD/C/KEN/1", "9"): "give one of",
        ("mend", "CRPD/C/KEN/1", "9", "--text", "x", "--remove"): "give one of",
        ("mend", "CRPD/C/KEN/1", "9", "--text", "  "): "empty",
        ("mend", "CRPD/C/KEN/1", "9", "--file", "missing.txt"): "cannot read",
        ("import", "kenya.pdf"): "no ZIP file",
        ("export", "no/folder/library.zip"): "cannot write",
    }.items():
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert said in " ".join(result.output.split()), result.output


def test_a_text_that_standard_input_does_not_give_is_said_in_a_line(run, pdf, monkeypatch):
    assert run("add", str(pdf)).exit_code == 0
    for given in (None, StringIO("caf\udce9")):
        monkeypatch.setattr("crpd_qa.cli.library.sys", SimpleNamespace(stdin=given))
        result = run("mend", "CRPD/C/KEN/1", "9", "--file", "-")
        assert result.exit_code == 2
        assert "Error: cannot read -: " in result.stderr


def test_a_file_whose_name_is_not_in_utf_8_is_refused_and_the_others_are_read(run, pdf, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / os.fsdecode(b"bad\xff\xfename.pdf")).write_bytes(pdf.read_bytes())
    shutil.copy(pdf, folder / "z.pdf")
    result = run("add", str(folder))
    assert result.exit_code == 1
    assert "rename the file" in " ".join(result.output.split())
    assert "57 paragraphs" in result.output


def test_a_list_shows_everything_whole_on_a_screen_of_80_columns(run, pdf, monkeypatch):
    given = ("--symbol", "CRPD/C/KEN/Q/1/Add.1", "--kind", "concluding-observations", "--date", "2012-04-03")
    assert run("add", str(pdf), *given).exit_code == 0
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("list").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    for whole in ("Kenya", "CRPD/C/KEN/Q/1/Add.1", "concluding", "observations", "English", "2012-04-03", "57"):
        assert whole in shown.split()


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_document_that_is_not_there_is_named_with_those_that_are(run, pdf, command):
    run("add", str(pdf))
    result = run(command, "ramps", "--document", "crpd/c/ken/9")
    assert result.exit_code == 2
    assert "no document 'CRPD/C/KEN/9'; it has: CRPD/C/KEN/1" in " ".join(result.stderr.split())


def test_a_word_file_that_is_none_is_not_read_as_text(run, tmp_path):
    (tmp_path / "letter.docx").write_bytes(bytes(range(128, 256)) * 20)
    result = run("add", "letter.docx")
    assert result.exit_code
    assert "is not a Word file that can be opened" in " ".join(result.stderr.split())


def test_what_holds_nothing_to_read_is_said_with_what_is_read(run, tmp_path):
    (tmp_path / "empty").mkdir()
    nothing = run("add", "empty")
    assert nothing.exit_code == 2
    assert "nothing to read in empty: PDF, Word (.docx), HTML, Markdown and text files" in " ".join(
        nothing.stderr.split()
    )
    (tmp_path / "note.txt").write_text("hi")
    little = run("add", "note.txt")
    assert little.exit_code == 1
    assert "note.txt has too little text for a document: 1 words" in " ".join(little.stderr.split())


@pytest.mark.parametrize(("path", "reason"), [(".", "is a folder"), ("/dev/null", "not a file")])
def test_what_is_there_and_is_no_file_is_said_to_be_none(run, path, reason):
    result = run("check", path)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_without_a_terminal_each_file_has_its_line_before_it_is_read(run, pdf, tmp_path):
    (tmp_path / "broken.docx").write_bytes(b"x" * 100)
    said = run("add", "broken.docx", str(pdf)).stderr
    assert said.index("Reading broken.docx (1 of 2)") < said.index("Refused") < said.index("Reading kenya.pdf (2 of 2)")
    embedding = said.index("Embedding CRPD/C/KEN/1 (")
    assert said.index("Reading kenya.pdf") < embedding < said.index("CRPD/C/KEN/1, state-report")


def test_without_a_terminal_a_long_step_says_once_a_minute_how_far_it_is(capsys, monkeypatch):
    clock = iter([0.0, 30.0, 61.0, 70.0, 130.0])
    monkeypatch.setattr("crpd_qa.cli.base.time", SimpleNamespace(monotonic=lambda: next(clock)))
    steps = Steps()
    for done in (0, 20, 40, 60, 2000):
        steps("Embedding X", done, 2000)
    assert capsys.readouterr().err.splitlines() == ["Embedding X (2,000)", "Embedding X: 40 of 2,000"]
