"""One document in two languages: one symbol, the same labels, found in either."""

import pytest

from crpd_qa import Assistant
from crpd_qa.library.write import LibraryWriter
from crpd_qa.scope import Scope
from small_library import symbols

SYMBOL = "CRPD/C/VLD/1"
ENGLISH = """United Nations	CRPD/C/VLD/1
Convention on the Rights of Persons with Disabilities	Distr.: General
3 May 2019
Original: English

Initial report submitted by Valdoria under article 35 of the Convention

	I.	Accessibility
1.	Ramps were built at twelve railway stations of the country in 2018.
2.	The buses of the capital have lifts for people who use wheelchairs.
3.	Ballot papers in Braille were printed for three hundred and forty voters.
"""
FRENCH = """Nations Unies	CRPD/C/VLD/1
Convention relative aux droits des personnes handicapées	Distr. générale
3 mai 2019
Français
Original : anglais

Rapport initial soumis par la Valdorie en application de l’article 35 de la Convention

	I.	Accessibilité
1.	Des rampes ont été construites dans douze gares du pays en 2018.
2.	Les autobus de la capitale ont des élévateurs pour les personnes en fauteuil roulant.
3.	Des bulletins de vote en braille ont été imprimés pour trois cent quarante électeurs.
"""


@pytest.fixture
def folder(stocked, tmp_path):
    folder = stocked(tmp_path / "library")
    for name, text in (("english.txt", ENGLISH), ("french.txt", FRENCH)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        LibraryWriter(folder).add(tmp_path / name)
    return folder


def test_versions_are_one_document_with_the_same_labels(folder):
    library = Assistant.open(folder).library
    assert [(entry.symbol, entry.language) for entry in library.entries] == [(SYMBOL, "en"), (SYMBOL, "fr")]
    english, french = library.document(SYMBOL, "en"), library.document(SYMBOL, "fr")
    assert [p.label for p in english] == [p.label for p in french] == ["1", "2", "3"]
    assert "autobus" in french.paragraph("2").text
    assert library.document(SYMBOL) == english
    assert library.document(SYMBOL, "ru") == english


@pytest.mark.parametrize("question", ["Are there lifts in the buses?", "Les autobus ont-ils des élévateurs ?"])
def test_a_paragraph_is_found_once_whatever_the_languages(folder, question):
    found = Assistant.open(folder).search(question)
    places = [(passage.document, passage.label) for passage in found]
    assert places[0] == (SYMBOL, "2")
    assert len(places) == len(set(places)) == 3


def test_a_scope_may_name_the_language_of_documents(folder):
    assistant = Assistant.open(folder)
    for language, word in (("en", "buses"), ("fr", "autobus")):
        answer = assistant.ask("paragraph 2", scope=Scope(document_language=(language,)))
        assert word in answer.citations[0].quote
        assert answer.citations[0].language == language


def test_one_version_is_replaced_or_taken_out_by_itself(folder, tmp_path):
    writer = LibraryWriter(folder)
    (tmp_path / "french.txt").write_text(FRENCH.replace("douze", "quatorze"), encoding="utf-8")
    writer.add(tmp_path / "french.txt")
    library = Assistant.open(folder).library
    assert "quatorze" in library.document(SYMBOL, "fr").paragraph("1").text
    assert "twelve" in library.document(SYMBOL, "en").paragraph("1").text
    writer.remove(SYMBOL, "en")
    assert symbols(folder) == [SYMBOL]
    assert Assistant.open(folder).library.document(SYMBOL).language == "fr"
    writer.remove(SYMBOL)
    assert symbols(folder) == []
