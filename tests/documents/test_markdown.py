import pytest

from crpd_qa.documents.markdown import read_markdown
from crpd_qa.errors import DocumentError


def read(tmp_path, text):
    path = tmp_path / "a.md"
    path.write_text(text, "utf-8")
    return read_markdown(path)


def test_headings_paragraphs_and_emphasis_are_read(tmp_path):
    title, heading, text, bold = read(tmp_path, "# Report\n\nArticle 9\n---\n\nOne *two*\nthree\n\n**All bold**\n")
    assert (title.text, title.heading) == ("Report", 1)
    assert (heading.text, heading.heading) == ("Article 9", 2)
    assert (text.text, text.bold) == ("One two three", False)
    assert bold.bold


def test_numbers_are_the_file_s_own_even_where_they_skip_or_repeat(tmp_path):
    found = read(tmp_path, "12. First\n    - Health\n    - Schools\n\n14. Third\n\n14. Again\n\n2016. A year\n")
    assert [line.text for line in found] == [
        "12.\tFirst",
        "•\tHealth",
        "•\tSchools",
        "14.\tThird",
        "14.\tAgain",
        "2016.\tA year",
    ]


def test_tables_are_rows_of_cells(tmp_path):
    found = read(tmp_path, "| Year | Schools |\n| --- | --- |\n| 2016 | 12 |\n")
    assert [(line.role, line.cells) for line in found] == [("table", ("Year", "Schools")), ("table", ("2016", "12"))]


def test_scripts_in_the_file_are_not_text(tmp_path):
    found = read(tmp_path, "Text\n\n<script>\nalert(1)\n</script>\n\n<p>More</p>\n")
    assert [line.text for line in found] == ["Text", "More"]


def test_nesting_without_end_and_binary_files_end_well(tmp_path):
    assert read(tmp_path, "Text\n\n" + "> " * 5000 + "deep\n")[0].text == "Text"
    (tmp_path / "b.md").write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(DocumentError):
        read_markdown(tmp_path / "b.md")
