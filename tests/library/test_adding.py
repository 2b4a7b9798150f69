"""Documents are added, replaced, taken out and listed; each is embedded by itself."""

import os
import re

import pytest

from crpd_qa import Assistant
from crpd_qa.encode import Encoder
from crpd_qa.errors import DocumentError, DocumentNotFoundError, IndexNotFoundError
from crpd_qa.library import Library
from crpd_qa.library.folders import SWEEP_SECONDS
from crpd_qa.library.given import given
from crpd_qa.library.write import LibraryWriter, sources
from crpd_qa.scope import Scope
from small_library import DOCUMENTS, entry_of, state_of, symbols

RAMPS = "Ramps were built at 12 railway stations in 2018."
LIFTS = "The buses of the capital have lifts for wheelchairs."
BRAILLE = "Ballot papers in Braille were printed for 340 voters."


@pytest.fixture
def encoded(monkeypatch):
    """Every text that is embedded from here on."""
    texts, encode = [], Encoder.encode

    def remembered(self, text):
        texts.append(text)
        return encode(self, text)

    monkeypatch.setattr(Encoder, "encode", remembered)
    return texts


def test_adding_a_document_embeds_that_document_alone(writer, folder, write_report, encoded):
    writer.add(write_report(RAMPS, LIFTS))
    before = state_of(folder / "segments")
    del encoded[:]
    writer.add(write_report(BRAILLE, LIFTS, symbol="CRPD/C/ORS/1", state="Orsenna"))
    assert len(encoded) == 2
    assert encoded[0].endswith(BRAILLE)
    assert encoded[1].endswith(LIFTS)
    after = state_of(folder / "segments")
    assert {name: after[name] for name in before} == before
    assert symbols(folder) == ["CRPD/C/VLD/1", "CRPD/C/ORS/1"]


def test_what_is_added_is_found_and_quoted_from_its_own_document(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    writer.add(write_report(BRAILLE, LIFTS, symbol="CRPD/C/ORS/1", state="Orsenna"))
    assistant = Assistant.open(folder)
    first = assistant.search("Can blind people vote with Braille ballots?")[0]
    assert (first.document, first.label) == ("CRPD/C/ORS/1", "1")
    assert assistant.paragraph("1", "CRPD/C/ORS/1").text == BRAILLE
    assert assistant.paragraph("1").text == RAMPS


def test_a_file_that_is_added_again_unchanged_is_not_embedded_again(writer, write_report, encoded):
    report = write_report(RAMPS, LIFTS)
    first, _ = writer.add(report)
    del encoded[:]
    again, _ = writer.add(report)
    assert (again, encoded) == (first, [])
    writer.remove("CRPD/C/VLD/1")
    assert writer.add(report)[0] == first
    assert encoded == []


def test_a_corrected_file_takes_the_place_of_its_document(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    writer.add(write_report(BRAILLE, LIFTS, symbol="CRPD/C/ORS/1", state="Orsenna"))
    writer.add(write_report(RAMPS.replace("12", "14"), LIFTS, "A third paragraph follows here."))
    assert symbols(folder) == ["CRPD/C/VLD/1", "CRPD/C/ORS/1"]
    library = Library.open(folder)
    assert library.document("CRPD/C/VLD/1").paragraph("1").text == RAMPS.replace("12", "14")
    assert len(library.store) == 5


def test_questions_beside_a_file_are_searched_and_a_changed_one_is_embedded_anew(writer, folder, write_report, encoded):
    report = write_report(RAMPS, LIFTS)
    questions = report.with_name("CRPD-C-VLD-1.questions.jsonl")
    questions.write_text('{"number": 2, "answers": ["How do I get onto a coach?"], "unanswered": ["Who drives?"]}\n')
    entry, _ = writer.add(report)
    assert entry.questions == 1
    assert Assistant.open(folder).search("How do I get onto a coach?")[0].label == "2"
    del encoded[:]
    questions.write_text('{"number": 1, "answers": ["How do I get onto a coach?"]}\n')
    writer.add(report)
    assert Assistant.open(folder).search("How do I get onto a coach?")[0].label == "1"


def test_a_question_for_a_paragraph_that_is_not_there_is_refused_with_its_line(writer, folder, write_report):
    report = write_report(RAMPS, LIFTS)
    report.with_name("CRPD-C-VLD-1.questions.jsonl").write_text('{"number": 1}\n{"number": 7, "answers": ["?"]}\n')
    with pytest.raises(DocumentError, match=r"line 2: .*no paragraph '7'"):
        writer.add(report)
    assert symbols(folder) == []


def test_what_was_taken_out_is_found_no_more(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    writer.add(write_report(BRAILLE, LIFTS, symbol="CRPD/C/ORS/1", state="Orsenna"))
    assert [entry.symbol for entry in writer.remove("crpd/c/vld/1 ")] == ["CRPD/C/VLD/1"]
    assistant = Assistant.open(folder)
    assert {p.document for p in assistant.search("ramps at stations")} == {"CRPD/C/ORS/1"}
    with pytest.raises(DocumentNotFoundError, match="CRPD/C/ORS/1"):
        assistant.paragraph("1", "CRPD/C/VLD/1")


@pytest.mark.parametrize("typed", ["CRPD/C/VLD/Q/1/Add.1", "crpd/c/vld/q/1/add.1", "CRPD/C/VLD/Q/1/ADD.1"])
def test_a_symbol_that_is_printed_with_small_letters_is_found_however_it_is_typed(writer, folder, write_report, typed):
    printed = "CRPD/C/VLD/Q/1/Add.1"
    writer.add(write_report(RAMPS, symbol=printed))
    writer.add(write_report(LIFTS))
    library = Library.open(folder)
    assert [library.document(typed).symbol, *(entry.symbol for entry in library.versions(typed))] == [printed, printed]
    scope = Scope.of({"document": typed})
    assert {p.document for p in Assistant(library).search("lifts for wheelchairs", scope=scope)} == {printed}
    writer.add(write_report(RAMPS, LIFTS, symbol=printed), **given(symbol=typed))
    assert len(symbols(folder)) == 2
    writer.remove(typed)
    assert symbols(folder) == ["CRPD/C/VLD/1"]


def test_what_is_not_there_cannot_be_taken_out(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    with pytest.raises(DocumentNotFoundError, match="crpd-qa list"):
        writer.remove("CRPD/C/ORS/1")
    with pytest.raises(DocumentNotFoundError):
        writer.remove("CRPD/C/VLD/1", "fr")
    assert symbols(folder) == ["CRPD/C/VLD/1"]


def test_a_library_without_documents_says_how_to_add_one(folder):
    with pytest.raises(IndexNotFoundError, match="is empty; read a document: crpd-qa add FILE"):
        Assistant.open(folder)


def test_where_there_is_no_library_nothing_can_be_added_or_taken_out(tmp_path, write_report):
    with pytest.raises(IndexNotFoundError, match="make one: crpd-qa index"):
        LibraryWriter(tmp_path / "none").add(write_report(RAMPS, LIFTS))
    with pytest.raises(IndexNotFoundError):
        LibraryWriter(tmp_path / "none").remove("CRPD/C/VLD/1")
    assert not (tmp_path / "none").exists()


def test_a_file_that_cannot_be_read_leaves_the_library_as_it_was(writer, folder, tmp_path, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    before = state_of(folder)
    (tmp_path / "broken.txt").write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(DocumentError):
        writer.add(tmp_path / "broken.txt")
    assert state_of(folder) == before


def test_an_open_library_answers_on_while_its_documents_are_replaced_and_taken_out(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    old = folder / entry_of(folder, "CRPD/C/VLD/1").segment
    os.utime(old, (0, 0))  # as if it had been written long ago
    opened = Assistant.open(folder)
    writer.add(write_report(BRAILLE, RAMPS))
    writer.remove("CRPD/C/VLD/1")
    assert opened.ask("what does paragraph 2 say?").citations[0].quote == LIFTS
    assert opened.search("lifts in buses")[0].label == "2"


def test_what_nothing_names_is_swept_away_later(writer, folder, write_report):
    writer.add(write_report(RAMPS, LIFTS))
    gone = folder / entry_of(folder, "CRPD/C/VLD/1").segment
    writer.add(write_report(BRAILLE, RAMPS))
    killed = folder / "segments" / ".4711.1.writing"
    killed.mkdir()
    for path in (gone, killed):
        assert path.exists()
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - SWEEP_SECONDS - 1))
    writer.add(write_report(BRAILLE, LIFTS, symbol="CRPD/C/ORS/1", state="Orsenna"))
    assert not gone.exists()
    assert not killed.exists()
    assert len(Library.open(folder).store) == 4


def test_of_a_folder_every_file_is_taken_but_hidden_ones_and_questions(tmp_path):
    for name in (
        "b.txt",
        "a/c.pdf",
        ".hidden.txt",
        "b.questions.jsonl",
        "b.questions.ru.jsonl",
        "notes.questions.jsonl",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    found = [path.relative_to(tmp_path).as_posix() for path in sources([tmp_path, tmp_path / "b.txt"])]
    assert found == ["a/c.pdf", "b.txt", "notes.questions.jsonl"]


def test_a_file_whose_name_leaves_no_room_for_that_of_its_questions_is_read_like_any_other(
    writer, folder, write_report
):
    report = write_report(RAMPS, LIFTS, name=f"{'ж' * 120}.txt")
    assert report in sources([report.parent])
    assert writer.add(report)[0].source.name == report.name
    assert symbols(folder) == ["CRPD/C/VLD/1"]


def test_every_document_is_found_in_a_library_of_several(writer, folder):
    """Ten of its own sentences each: the document that says it comes first."""
    for path in sorted(DOCUMENTS.glob("*.txt"))[:1] + sorted(DOCUMENTS.glob("*-Q-*.txt")):
        writer.add(path)
    assistant = Assistant.open(folder)
    assert len(assistant.library.entries) == 2
    for entry in assistant.library.entries:
        for paragraph in assistant.library.document(entry.symbol).paragraphs[:10]:
            first = assistant.search(re.sub(r"\s+", " ", paragraph.text))[0]
            assert (first.document, first.label) == (entry.symbol, paragraph.label)


@pytest.mark.parametrize("first", ["older", "newer"])
def test_where_a_state_s_reports_say_nearly_the_same_the_newest_is_quoted(writer, folder, write_report, first):
    older = write_report(RAMPS, LIFTS)
    newer = write_report(RAMPS.replace("12", "40").replace("2018", "2023"), symbol="CRPD/C/VLD/2-3", date="9 May 2024")
    elsewhere = write_report(
        RAMPS.replace("12", "7").replace("2018", "2024"), symbol="CRPD/C/ORS/1", state="Orsenna", date="2 June 2025"
    )
    for path in (older, newer, elsewhere) if first == "older" else (newer, older, elsewhere):
        writer.add(path)
    assistant = Assistant.open(folder)
    question = "At how many railway stations were ramps built?"
    vld = Scope.of({"state": "VLD"})
    newest_first = ["CRPD/C/VLD/2-3", "CRPD/C/VLD/1"]
    assert [passage.document for passage in assistant.search(question, 2, vld)] == newest_first
    # Another State's is nothing newer; who names a year or a document means that.
    assert [p.document for p in assistant.search(question, 3) if p.document != "CRPD/C/ORS/1"] == newest_first
    assert assistant.search(f"{question[:-1]} in 2018?", 1, vld)[0].document == "CRPD/C/VLD/1"
    assert assistant.search(question, 1, Scope.of({"document": "CRPD/C/VLD/1"}))[0].document == "CRPD/C/VLD/1"
