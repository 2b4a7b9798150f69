import pytest

from crpd_qa.documents import parse, read_document
from crpd_qa.document.parse import MAX_BYTES
from crpd_qa.errors import DocumentError


def test_the_report_has_508_paragraphs_without_a_gap(document):
    assert [p.number for p in document] == list(range(1, 509))
    assert all(p.text.strip() for p in document)
    assert document.symbol == "CRPD/C/KAZ/1"


def test_headings_over_two_lines_are_one(document):
    headings = {article: document.paragraph(document.article(article)[0]).section for article in range(1, 34)}
    assert headings[24].heading == "Article 24 - Education"
    assert headings[16].article_title == "Freedom from exploitation, violence and abuse"
    assert all(section.article_title for section in headings.values())


def test_sections_know_their_article_and_subheading(document):
    headings = [section.heading for section, _ in document.sections]
    assert headings[0] == "Introduction"
    assert "General information: Standard of living" in headings
    assert "Article 9 - Accessibility: State monitoring" in headings
    assert "Article 25 - Health: Children with disability" in headings
    transport = [h for h in headings if "Transport infrastructure" in h]
    assert [h.rpartition(": ")[2] for h in transport] == ["Railway transport", "Road transport", "Air transport"]
    assert len(headings) == 52


def test_every_paragraph_stands_in_exactly_one_section(document):
    numbers = [number for _, members in document.sections for number in members]
    assert sorted(numbers) == list(range(1, 509))


def test_bullets_stay_a_list_of_their_paragraph(document):
    lines = document.paragraph(276).text.split("\n")
    assert lines[0].endswith("including by:")
    assert [line[:2] for line in lines[1:]] == ["• "] * 5


def test_no_bookmark_is_left(document):
    assert not any("bookmark" in p.text for p in document)
    assert document.paragraph(118).text.startswith("National law does not contain")


def test_cross_references_are_resolved_and_those_to_other_texts_are_not(document):
    found = {p.number: p.references for p in document if p.references}
    assert found == {
        122: (80, 81, 86, 87),
        132: (93, 94, 95, 96, 97),
        148: (72,),
        301: (78, 79),
        304: (279, 280),
        424: (423,),
    }


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "empty", None),
        (" \n\t\n", "empty", None),
        ("Dear Sir,\nno numbers here.\n", "no numbered paragraph", None),
        ("1.\tOne.\n2.\tTwo.\n4.\tFour.\n", "paragraph 4 where paragraph 3 was expected", 3),
        ("1.\tOne.\n2.\tTwo.\n\n2.\tTwo again.\n", "paragraph 2 occurs a second time (first in line 2)", 4),
        ("3.\tThree.\n", "paragraph 3 where paragraph 1 was expected", 1),
        ("0.\tZero.\n", "numbers start at 1", 1),
        ("\t\tHeading\n•\tA bullet.\n1.\tOne.\n", "a bullet that belongs to no numbered paragraph", 2),
        ("1.\tOne.\n\x00\x01\n", "binary", 2),
    ],
)
def test_a_text_that_is_no_report_is_refused_with_reason_and_line(text, reason, line):
    with pytest.raises(DocumentError) as caught:
        parse(text, "X", "x")
    assert reason in str(caught.value)
    assert caught.value.line == line


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes("1.\tOne.\n2.\tThe café.\n".encode("latin-1"))
    with pytest.raises(DocumentError, match=r"line 2: .*not UTF-8"):
        read_document(path)


def test_a_file_over_the_stated_size_is_refused(tmp_path):
    path = tmp_path / "report.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="20,000,000"):
        read_document(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DocumentError, match="No such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(DocumentError, match="folder"):
        read_document(tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter():
    report = parse("\ufeff1.\tOne.\r\n2.\tTwo.\r\n".removeprefix("\ufeff"), "X", "x")
    assert [p.text for p in report] == ["One.", "Two."]


@pytest.mark.parametrize(
    "line", ["not json", '{"answers": []}', '{"number": 1, "more": 1}', '{"number": 1, "answers": "x"}']
)
def test_a_wrong_line_of_the_questions_file_is_named(tmp_path, line):
    path = tmp_path / "report.txt"
    path.write_text("1.\tOne.\n")
    path.with_name("report.questions.jsonl").write_text('{"number": 1, "answers": ["What?"]}\n' + line + "\n")
    with pytest.raises(DocumentError, match="line 2"):
        read_document(path)


def test_questions_beside_a_report_go_to_their_paragraphs(document):
    assert all(p.questions for p in document)
    assert sum(len(p.unanswered) for p in document) > 900
