"""Plain text files: the bundled report's form, what `pdftotext` writes, and what is no document at all."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crpd_qa.documents import read_document
from crpd_qa.documents.structure import structure
from crpd_qa.documents.text import MAX_BYTES, lines_of
from crpd_qa.errors import DocumentError

BUNDLED = Path(__file__).parents[2] / "src" / "crpd_qa" / "data" / "CRPD-C-KAZ-1.txt"


def _write(tmp_path: Path, text: str | bytes, name: str = "CRPD-C-XAN-1.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture(scope="module")
def bundled():
    return read_document(BUNDLED, symbol="CRPD/C/KAZ/1")


def test_the_bundled_report_is_read_without_a_warning(bundled):
    assert [p.number for p in bundled] == list(range(1, 509))
    assert bundled.warnings == ()
    assert bundled.language == "en"


def test_the_bundled_reports_texts_sentences_and_sections_are_those_of_its_first_reader(bundled):
    digest = hashlib.sha256()
    for p in bundled:
        digest.update(repr((p.number, p.text, p.sentences, p.section.title, p.references)).encode())
    assert digest.hexdigest() == "3e71a4c069729a83f6418e988ebff2c740d18b68a248b30cf745d9d94e4ffce4"


def test_sections_of_the_bundled_report_know_their_articles(bundled):
    sections = [section for section, _ in bundled.sections]
    assert len(sections) == 52
    assert sections[0].title == "Introduction"
    titles = {section.title: section.articles for section in sections}
    assert titles["General information: Standard of living"] == ()
    assert titles["Article 24 - Education"] == (24,)
    assert titles["Article 9 - Accessibility: State monitoring"] == (9,)
    assert titles["Article 9 - Accessibility: Transport infrastructure: Road transport"] == (9,)


def test_a_file_that_says_no_symbol_has_its_name_without_what_names_a_paragraph(tmp_path):
    text = "1. Every school of the city has a ramp.\n\n2. Every court of the city has one.\n"
    assert read_document(_write(tmp_path, text, "city report #2.txt")).symbol == "city report 2"


PRINTED = """
United Nations                                   CRPD/C/XAN/1
Initial report of Xanadu

CRPD/C/XAN/1

      I. Introduction
      1.    The State party has a law on the rights of persons with disabilities, which Parliament
      adopted in 2016 after it had heard the organizations of persons with disabilities.1
      2.    The law names three aims:
             (a)    Accessible schools;
             (b)    Accessible transport.

      Article 9 - Accessibility

      3.    Trains have had ramps since
\f
GE.19-01234                                                                                       3
CRPD/C/XAN/1

      2016. Buses are being rebuilt, and the State party gives money to the towns for that.
      4.    The towns have rebuilt half of their buses, and the other half is to follow in two years.
"""


@pytest.mark.parametrize("heading", ["Article 9 - Accessibility", "\t\tArticle 9 - Accessibility", "I. Accessibility"])
def test_the_heading_between_the_title_and_the_first_paragraph_is_its_section(tmp_path, heading):
    text = f"Initial report of Valdoria\n\n{heading}\n\n1. All stations have lifts.\n\n2. All trains have ramps.\n"
    assert {p.section.title for p in read_document(_write(tmp_path, text))} == {heading.strip()}


def test_numbered_lines_below_a_heading_need_no_empty_line(tmp_path):
    lines = "Committee on the Rights of Persons with Disabilities\n1. Utopia has 100 schools.\n2. Ramps are there.\n"
    document = read_document(_write(tmp_path, lines))
    assert [p.label for p in document] == ["1", "2"]
    assert document.paragraphs[0].text.startswith("Utopia has 100 schools")
    assert document.numbering == "document"


def test_a_number_that_is_not_in_turn_goes_on_with_its_sentence(tmp_path):
    lines = "Report\n\n1. Utopia has schools.\n\nIn accordance with its paragraph\n7. Utopia has ramps.\n\n2. End.\n"
    document = read_document(_write(tmp_path, lines))
    assert [p.label for p in document] == ["1", "2"]
    assert "with its paragraph 7. Utopia has ramps." in document.paragraphs[0].text


def test_printed_text_loses_its_page_headers_and_goes_on_over_pages(tmp_path):
    document = read_document(_write(tmp_path, PRINTED))
    assert [p.number for p in document] == [1, 2, 3, 4]
    assert document.paragraph(3).text == (
        "Trains have had ramps since 2016. "
        "Buses are being rebuilt, and the State party gives money to the towns for that."
    )
    assert document.paragraph(2).text == (
        "The law names three aims:\n(a) Accessible schools;\n(b) Accessible transport."
    )
    assert document.paragraph(4).section.headings[-1] == "Article 9 - Accessibility"
    assert document.paragraph(4).section.articles == (9,)
    assert [p.page for p in document] == [1, 1, 1, 2]


def test_a_missing_number_is_a_warning_and_no_refusal(tmp_path):
    document = read_document(_write(tmp_path, "1.\tOne.\n2.\tTwo.\n4.\tFour.\n5.\tFive.\n"))
    assert [p.number for p in document] == [1, 2, 4, 5]
    assert document.warnings == (
        "No paragraph 3: either the document leaves the number out, or a paragraph was not recognized.",
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(tmp_path, line_end):
    document = read_document(_write(tmp_path, line_end.join(["1.\tOne.", "2.\tTwo.", "•\tbullet"])))
    assert [p.text for p in document] == ["One.", "Two.\n• bullet"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_detected(tmp_path, encoding):
    first = "L’État partie a adopté une loi sur l’éducation des élèves handicapés."
    text = f"1.\t{first}\n2.\tElle est appliquée à l’école.\n"
    document = read_document(_write(tmp_path, text.encode(encoding)))
    assert document.paragraph(1).text == first


def test_soft_hyphens_are_gone(tmp_path):
    document = read_document(_write(tmp_path, "1.\tAcces\xadsibility.\n2.\tTwo.\n"))
    assert document.paragraph(1).text == "Accessibility."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   \n \n", "empty"),
        (b"1.\tOne\x00\x01.\n", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), r"\.docx"),
        (b"{\\rtf1 text}", r"\.docx"),
        ("1.\tتعترف الدولة الطرف بحقوق الأشخاص ذوي الإعاقة.\n2.\tنعم.\n".encode(), "Arabic"),
        ("1.\t缔约国承认残疾人的权利。\n2.\t是的。\n".encode(), "Chinese"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, content, reason):
    with pytest.raises(DocumentError, match=reason):
        read_document(_write(tmp_path, content))


def test_another_language_is_refused_and_not_mangled(tmp_path):
    german = "Der Vertragsstaat hat ein Gesetz beschlossen, das Menschen mit Behinderungen gleiche Rechte gibt. "
    with pytest.raises(DocumentError, match="does not read like"):
        read_document(_write(tmp_path, "".join(f"{n}.\t{german * 3}\n" for n in range(1, 12))))


def test_a_folder_a_missing_file_a_device_and_a_file_too_large_are_refused_before_they_are_read(tmp_path):
    with pytest.raises(DocumentError, match="folder"):
        read_document(tmp_path)
    with pytest.raises(DocumentError, match="cannot read"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(DocumentError, match="device"):
        read_document("/dev/zero")
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.write(b"1.\tOne.\n")
        os.truncate(large, MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="at most"):
        read_document(large)


@pytest.mark.parametrize("unit", ["[bookmark:", "A. ", "1. ", "(a) ", "Article 9 ", "....", "arts. 1, ", "para. 1, "])
def test_reading_time_grows_no_faster_than_the_text(unit):
    def seconds(times: int) -> float:
        start = time.process_time()
        structure(lines_of(f"1.\tOne.\n{unit * times}\n2.\tTwo.\n"))
        return time.process_time() - start

    seconds(1000)  # what is compiled and loaded once
    short, long = (min(seconds(times) for _ in range(3)) for times in (20_000, 200_000))
    assert long < 40 * max(short, 1e-3)


def test_a_line_of_megabytes_is_refused_and_not_cut_into_sentences(tmp_path):
    with pytest.raises(DocumentError, match="characters"):
        read_document(_write(tmp_path, "1.\tOne.\n2.\t" + "A. " * 200_000))


_PARAGRAPH = st.text(st.sampled_from("abcdef ghij,'’-"), min_size=3, max_size=60).map(
    lambda text: f"Text {' '.join(text.split())} here."
)


@given(st.lists(_PARAGRAPH, min_size=2, max_size=20))
@settings(max_examples=60, deadline=None)
def test_every_numbered_line_becomes_the_paragraph_of_that_number(texts):
    found = structure(lines_of("".join(f"{number}.\t{text}\n" for number, text in enumerate(texts, start=1))))
    assert [(p.label, p.text) for p in found.paragraphs] == [(str(n), t) for n, t in enumerate(texts, start=1)]


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_no_letter_of_any_text_is_lost(text):
    text = text.replace("\r", "\n")
    found = structure(lines_of(text)) if text.strip() else None
    if found is None:
        return
    kept = "".join([*(p.text for p in found.paragraphs), *found.headings, *found.front])
    kept += "".join(table.caption + "".join("".join(row) for row in table.rows) for table in found.tables)
    missing = {c for c in text if c.isalpha()} - set(kept)
    furniture = {
        c for line in lines_of(text) if line.role in ("header", "footer", "contents", "footnote") for c in line.text
    }
    assert missing <= furniture | set("bookmark")
