"""An operator corrects what was misread, and says what the file does not."""

import pytest

from crpd_qa import Assistant
from crpd_qa.errors import CrpdQaError, DocumentError, DocumentNotFoundError
from crpd_qa.library.given import given
from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.overrides import Override
from crpd_qa.library.write import LibraryWriter

SYMBOL = "CRPD/C/XAN/CO/1"
FILE = "\n".join(
    [
        "United Nations\tCRPD/C/XAN/CO/1",
        "Concluding observations on the initial report of Xanadu",
        "\tI.\tIntroduction",
        *(
            f"{n}.\tThe Committee notes that the State party of Xanadu has made step {n} of its plan for all."
            for n in range(1, 9)
        ),
    ]
)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "xanadu.txt"
    path.write_text(FILE, "utf-8")
    return path


@pytest.fixture
def writer(empty_library, source, tmp_path):
    writer = LibraryWriter(empty_library(tmp_path / "library"))
    writer.add(source)
    return writer


def text(writer, label):
    return writer.read(SYMBOL)[1].paragraph(label).text


def test_a_correction_is_searched_quoted_and_survives_the_next_reading(writer, source):
    writer.mend(SYMBOL, "en", Override(label="3", text="Lighthouses are open to wheelchair users."))
    writer.add(source)
    assistant = Assistant.open(writer.folder)
    assert assistant.search("lighthouses", top=1)[0].number == 3
    assert assistant.paragraph(3).text == "Lighthouses are open to wheelchair users."


def test_a_correction_is_no_longer_than_a_paragraph_may_be(writer):
    before = text(writer, "3")
    with pytest.raises(DocumentError, match="200,000 at most"):
        writer.mend(SYMBOL, "en", Override(label="3", text="a" * 200_001))
    assert text(writer, "3") == before


def test_what_is_no_paragraph_is_taken_out_for_good(writer, source):
    writer.mend(SYMBOL, "en", Override(label="4"))
    writer.add(source)
    assert [p.number for p in writer.read(SYMBOL)[1]] == [1, 2, 3, 5, 6, 7, 8]
    assert Assistant.open(writer.folder).search("step 5", top=1)[0].number == 5


def test_questions_stay_with_their_paragraphs_when_another_is_taken_out(writer, source):
    source.with_name("xanadu.questions.jsonl").write_text(
        '{"number": 4, "answers": ["Who cooks?"]}\n{"number": 6, "answers": ["Where do ships find light?"]}\n'
    )
    for _ in range(2):  # at once, and when the file is read again
        writer.add(source)
        if writer.read(SYMBOL)[1].paragraph(2):
            writer.mend(SYMBOL, "en", Override(label="2"))
    assistant = Assistant.open(writer.folder)
    assert assistant.search("Where do ships find light?", top=1)[0].number == 6
    writer.mend(SYMBOL, "en", Override(label="4"))
    writer.add(source)
    assert Assistant.open(writer.folder).search("Where do ships find light?", top=1)[0].number == 6


def test_a_correction_that_lost_its_paragraph_is_a_warning_not_a_refusal(writer, source):
    writer.mend(SYMBOL, "en", Override(label="8", text="The last one, corrected."))
    source.write_text(FILE.rpartition("\n")[0], "utf-8")
    writer.add(source)
    entry, document = writer.read(SYMBOL)
    assert len(document) == 7
    assert document.warnings == ("A correction has lost its paragraph, which was not read this time: 8.",)
    assert entry.warnings == 1


def test_a_correction_can_be_taken_back(writer):
    before = text(writer, "3")
    writer.mend(SYMBOL, "en", Override(label="3", text="Wrong."))
    writer.restore(SYMBOL, "en", "3")
    assert text(writer, "3") == before
    with pytest.raises(DocumentError, match="no correction"):
        writer.restore(SYMBOL, "en", "3")


def test_a_label_that_is_not_there_is_said_with_the_way_to_see_what_is(writer):
    with pytest.raises(DocumentError, match=r"no paragraph '99'; its last is 8.*crpd-qa check CRPD/C/XAN/CO/1"):
        writer.mend(SYMBOL, "en", Override(label="99", text="x"))
    with pytest.raises(DocumentNotFoundError, match="in ru"):
        writer.mend(SYMBOL, "ru", Override(label="1", text="x"))
    assert not (writer.folder / "overrides").exists()


def test_what_a_document_is_can_be_said_later_and_corrections_go_along(writer):
    writer.mend(SYMBOL, "en", Override(label="3", text="Corrected."))
    writer.describe(SYMBOL, "en", **given(symbol="crpd/c/fra/co/7", state="France", date="2021"))
    (entry,) = read_manifest(writer.folder).documents
    assert (entry.symbol, entry.state, entry.date) == ("CRPD/C/FRA/CO/7", "FRA", "2021")
    assert writer.read("CRPD/C/FRA/CO/7")[1].paragraph(3).text == "Corrected."
    assert entry.source.name == "xanadu.txt"


@pytest.mark.parametrize("symbol", ["../../etc/passwd", "A//B", "..", "A/./B", "A\x00B", "A" * 200, "A#B"])
def test_a_symbol_that_cannot_stand_in_an_address_is_refused(writer, source, symbol):
    with pytest.raises(DocumentError, match="cannot be a symbol"):
        writer.add(source, symbol=symbol)
    with pytest.raises(CrpdQaError, match="cannot be a symbol"):
        given(symbol=symbol)


@pytest.mark.parametrize("date", ["2017", "2017-06", "2017-06-05", "2016-02-29", " 2017 "])
def test_a_date_is_a_day_a_month_or_a_year(date):
    assert given(date=date)["date"] == date.strip()


@pytest.mark.parametrize(
    "said",
    [
        {"state": "Atlantis"},
        {"kind": "novel"},
        {"language": "tlh"},
        *({"date": date} for date in ("last May", "2017-13-45", "2017-13", "2017-02-29", "0000")),
    ],
)
def test_what_cannot_be_is_said(said):
    with pytest.raises(CrpdQaError, match=next(iter(said.values()))):
        given(**said)
