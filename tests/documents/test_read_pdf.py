"""PDF files as the United Nations print them: an invented State's report, printed here."""

import pytest

from crpd_qa.documents import Document, Footnote, read_document
from crpd_qa.errors import DocumentError
from documents.printed import Printed

LONG = (
    "The Ministry of Health and the Ministry of Education of Xanadu work together with organizations of persons with "
    "disabilities, so that every child may go to the school that stands next to its home. Teachers are trained in two-"
    "year courses, of which the first began in 2015."
)


def _report() -> Printed:
    printed = Printed()
    printed.first_page("Initial report submitted by Xanadu under article 35 of the Convention", received="[Date: 2019]")
    printed.page_break()
    printed.contents([("I. Introduction", 3), ("II. Article 9 - Accessibility", 3), ("Article 24 - Education", 4)])
    printed.page_break()
    printed.heading("I. Introduction", size=14, left=90)
    printed.paragraph(1, f"This report follows the guidelines.^1^ {LONG}")
    printed.footnote("1", "CRPD/C/2/3, adopted by the Committee at its second session.")
    printed.paragraph(2, "Xanadu has an area of 2,000 km^2^ and the following regions:")
    printed.item("(a)", "The north, where most people live in towns, and where the only railway of the State runs;")
    printed.item("(b)", "The south.")
    printed.heading("II. Specific rights", size=14, left=90)
    printed.heading("Article 9 - Accessibility")
    for number in range(3, 14):
        printed.paragraph(number, LONG)
    printed.heading("Article 24 - Education of children with disabilities and of adults who could not go to school in")
    printed.paragraph(14, "As stated in paragraphs 3 and 5, all schools are open. See also paragraph 7 of the Law.")
    printed.table(
        "Table 1\nChildren in schools",
        [("Year", "Girls", "Boys"), ("2016", "1 200", "1 310"), ("2017", "1 400", "1 415")],
    )
    printed.paragraph(15, "The figures above were collected by the Bureau of Statistics.")
    return printed


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return read_document(_report().save(tmp_path_factory.mktemp("pdf") / "report.pdf"))


def test_paragraphs_have_the_documents_own_numbers(report):
    assert [p.number for p in report] == list(range(1, 16))
    assert report.numbering == "document"
    assert report.warnings == ()


def test_the_first_page_says_what_the_document_is(report):
    assert report.symbol == "CRPD/C/XAN/1"
    assert report.kind == "state-report"
    assert report.language == "en"


def test_a_paragraph_goes_on_over_lines_and_pages_as_if_there_were_none(report):
    assert all(report.paragraph(number).text == LONG for number in range(3, 14))
    assert len({p.page for p in report}) > 1


def test_headers_footers_contents_and_footnotes_are_in_no_paragraph(report):
    text = "\n".join(p.text for p in report)
    for foreign in ("CRPD/C/XAN/1", "GE.19", "CRPD/C/2/3", "....", "Date", "Contents"):
        assert foreign not in text


def test_a_footnote_is_linked_and_its_mark_is_not_text(report):
    first = report.paragraph(1)
    assert first.text.startswith("This report follows the guidelines. The Ministry")
    assert first.footnotes == (Footnote("1", "CRPD/C/2/3, adopted by the Committee at its second session."),)


def test_a_raised_figure_that_leads_to_no_footnote_stays(report):
    assert "2,000 km2 and" in report.paragraph(2).text


def test_items_stand_on_lines_of_their_own(report):
    lines = report.paragraph(2).text.split("\n")
    assert [line[:4] for line in lines] == ["Xana", "(a) ", "(b) "]
    assert lines[1].endswith("the only railway of the State runs;")


def test_headings_are_nested_and_name_articles(report):
    assert report.paragraph(1).section.headings == ("I. Introduction",)
    assert report.paragraph(5).section.headings == ("II. Specific rights", "Article 9 - Accessibility")
    assert report.paragraph(5).section.articles == (9,)
    assert report.paragraph(14).section.heading == (
        "Article 24 - Education of children with disabilities and of adults who could not go to school in"
    )
    assert report.paragraph(14).section.articles == (24,)


def test_a_table_is_kept_beside_the_text_with_its_caption(report):
    (table,) = report.tables
    assert table.caption == "Table 1 Children in schools"
    assert table.rows == (("Year", "Girls", "Boys"), ("2016", "1 200", "1 310"), ("2017", "1 400", "1 415"))
    assert table.after == "14"
    assert "1 200" not in report.paragraph(14).text


def test_references_to_other_paragraphs_are_labels(report):
    assert report.paragraph(14).references == ("3", "5")


def test_years_at_the_start_of_a_line_are_no_numbers(tmp_path):
    printed = Printed()
    printed.first_page("List of issues in relation to the initial report of Xanadu")
    printed.page_break()
    printed.heading("Education (art. 24)")
    printed.paragraph(1, "Please say how many children went to school in the years 2014, 2015 and")
    printed.paragraph("", "2016. Please also say how many of them were girls.")
    printed.paragraph(2, "Please give figures for later years, and tell the Committee who has collected them.")
    printed.paragraph(3, "Please add what the State party plans.")
    document = read_document(printed.save(tmp_path / "issues.pdf"))
    assert [p.number for p in document] == [1, 2, 3]
    assert "2016. Please" in document.paragraph(1).text.replace("\n", " ")


def test_numbers_that_a_document_skips_or_repeats_are_kept_with_a_warning(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("General information", size=14)
    for number in (1, 2, 3, 5, 6, 6, 7, 8):
        printed.paragraph(number, LONG)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert [p.label for p in document] == ["1", "2", "3", "5", "6", "6 (2nd)", "7", "8"]
    assert any("No paragraph 4" in warning for warning in document.warnings)
    assert any("6 (2nd)" in warning for warning in document.warnings)


def test_an_annex_keeps_its_own_numbers(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("General information", size=14)
    for number in range(1, 8):
        printed.paragraph(number, LONG)
    printed.page_break()
    printed.heading("Annex II", size=14)
    for number in range(1, 4):
        printed.paragraph(number, f"Members of the working group number {number} met four times in 2018.")
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert [p.label for p in document][-3:] == ["annex II, 1", "annex II, 2", "annex II, 3"]
    assert document.paragraph("annex II, 3").number == 3
    assert document.paragraph("3").text == LONG


def test_a_list_numbered_inside_a_paragraph_numbers_no_paragraphs(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("General information", size=14)
    printed.paragraph(1, LONG)
    printed.paragraph(2, "The law of 2014 has three aims:")
    for number in range(1, 4):
        printed.item(f"{number}.", "Accessible schools for everybody.")
    printed.paragraph(3, LONG)
    printed.paragraph(4, LONG)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert [p.label for p in document] == ["1", "2", "3", "4"]
    assert document.paragraph(2).text.count("\n") == 3


def test_a_document_without_numbers_is_numbered_by_us_and_says_so(tmp_path):
    printed = Printed(symbol="Handbook")
    printed.first_page("Handbook on accessible schools")
    printed.page_break()
    for chapter in ("Before you begin", "At school", "After school"):
        printed.heading(chapter, size=14)
        printed.paragraph("", LONG)
        printed.paragraph("", "Ask the people who will use the building what they need:")
        printed.item("1.", "A ramp.")
        printed.item("2.", "A door.")
    document = read_document(printed.save(tmp_path / "handbook.pdf"))
    assert document.numbering == "ours"
    assert all(p.number is None for p in document)
    assert [p.label for p in document][:3] == ["1.1, p. 2", "1.2, p. 2", "2.1, p. 2"]
    assert document.paragraph("1.2, p. 2").text.endswith("\n1. A ramp.\n2. A door.")
    assert document.paragraph("2.1, p. 2").section.heading == "At school"
    assert any("ours" in warning for warning in document.warnings)


def test_russian_headings_name_their_articles(tmp_path):
    printed = Printed()
    printed.first_page("Первоначальный доклад Занаду")
    printed.page_break()
    text = (
        "Министерство здравоохранения и Министерство образования работают вместе с организациями инвалидов, "
        "чтобы каждый ребенок мог ходить в школу, которая находится рядом с его домом, и на это есть средства."
    )
    printed.heading("Статьи 1–4", size=14)
    printed.paragraph(1, text)
    printed.heading("Статья 9. Доступность")
    printed.paragraph(2, text)
    printed.heading("Образование (статья 24)")
    printed.paragraph(3, text)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert document.language == "ru"
    assert [p.section.articles for p in document] == [(1, 2, 3, 4), (9,), (24,)]
    assert all(p.text == text for p in document)


def test_a_scan_is_refused_with_what_would_help(tmp_path):
    from fpdf import FPDF
    from PIL import Image

    picture = tmp_path / "page.png"
    Image.new("L", (600, 800), 200).save(picture)
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.image(str(picture), 0, 0, 500)
    pdf.output(str(tmp_path / "scan.pdf"))
    with pytest.raises(DocumentError, match=r"scan.*OCR"):
        read_document(tmp_path / "scan.pdf")


def test_a_password_is_named_as_the_reason(tmp_path):
    printed = _report()
    printed.pdf.set_encryption(owner_password="owner", user_password="user")
    with pytest.raises(DocumentError, match="password"):
        read_document(printed.save(tmp_path / "locked.pdf"))


@pytest.mark.parametrize("keep", [0.02, 0.5])
def test_a_file_cut_short_is_refused(tmp_path, keep):
    whole = _report().save(tmp_path / "whole.pdf").read_bytes()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(DocumentError, match=r"damaged|no text"):
        read_document(broken)


def test_what_is_given_goes_before_what_the_document_says(tmp_path):
    path = _report().save(tmp_path / "report.pdf")
    document = read_document(path, symbol="XAN/2019", state="KAZ", kind="other", title="A title", date="2020")
    assert (document.symbol, document.state, document.kind) == ("XAN/2019", "KAZ", "other")
    assert (document.title, document.date) == ("A title", "2020")


def test_a_reply_stands_under_the_article_that_is_printed_like_it(tmp_path):
    printed = Printed(symbol="CRPD/C/XAN/Q/1/Add.1")
    printed.first_page("Replies of Xanadu to the list of issues")
    printed.page_break()
    printed.heading("B. Specific rights (arts. 5-30)", left=90)
    number = 0
    for article, replies in (("Health (art. 25)", (29, 30)), ("Work and employment (art. 27)", (31,))):
        printed.heading(article, size=10)
        for reply in replies:
            number += 1
            printed.heading(f"Reply to paragraph {reply} of the list of issues", size=10)
            printed.paragraph(number, LONG)
    document = read_document(printed.save(tmp_path / "replies.pdf"))
    assert [p.section.articles for p in document] == [(25,), (25,), (27,)]
    assert document.paragraph(2).section.headings == (
        "B. Specific rights (arts. 5-30)",
        "Health (art. 25)",
        "Reply to paragraph 30 of the list of issues",
    )


def test_an_introduction_in_larger_print_holds_no_articles(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("Introduction", size=14)
    printed.paragraph(1, LONG)
    printed.heading("Articles 1 to 4")
    printed.paragraph(2, LONG)
    printed.paragraph(3, LONG)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert document.paragraph(2).section.headings == ("Articles 1 to 4",)
    assert document.paragraph(2).section.articles == (1, 2, 3, 4)


def test_a_part_that_begins_anew_keeps_its_numbers(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("Statistics", size=14)
    for number in range(1, 4):
        printed.paragraph(number, LONG)
    printed.heading("Introduction", size=14)
    for number in range(1, 9):
        printed.paragraph(number, LONG)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert [p.number for p in document] == [1, 2, 3, *range(1, 9)]
    assert document.paragraph("3 (2nd)").section.heading == "Introduction"


def test_letters_that_are_roman_numbers_too_number_headings_as_letters(tmp_path):
    printed = Printed()
    printed.first_page("Initial report of Xanadu")
    printed.page_break()
    printed.heading("II. Specific rights", size=12, left=90)
    for number, letter in enumerate("ABCDEFGHIJKLM", start=1):
        printed.heading(f"{letter}. Right number {number}", left=90)
        printed.paragraph(number, LONG)
    document = read_document(printed.save(tmp_path / "report.pdf"))
    assert {p.section.headings[0] for p in document} == {"II. Specific rights"}
    assert [len(p.section.headings) for p in document] == [2] * 13
