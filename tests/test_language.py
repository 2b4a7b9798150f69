from pathlib import Path

import pytest

from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.language import LANGUAGES, detect, in_other_script

EVAL = Path(__file__).parents[1] / "eval"
RUSSIAN_LETTERS = str.maketrans("қғүұөәіңһҚҒҮҰӨӘІҢҺ", "кгууоаинхКГУУОАИНХ")


@pytest.mark.parametrize("name", ["dev", "attacks"])
def test_no_english_question_is_taken_for_another_language(name):
    english = [q.question for q in read_question_set(EVAL / f"{name}.jsonl") if q.lang == "en"]
    assert [question for question in english if detect(question) != "en"] == []


def test_questions_in_the_other_languages_are_told_apart():
    others = [q for q in read_question_set(EVAL / "dev.jsonl") if q.lang != "en" and q.type != "attack"]
    assert {q.lang for q in others} == {"ru", "kk", "fr", "es"}
    assert [q.question for q in others if detect(q.question) != q.lang] == []


def test_kazakh_is_known_without_its_own_letters():
    kazakh = [q.question for q in read_question_set(EVAL / "dev.jsonl") if q.lang == "kk" and q.type != "attack"]
    assert [question for question in kazakh if detect(question.translate(RUSSIAN_LETTERS)) != "kk"] == []


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("article 24?", "en"),
        ("quota", "en"),
        ("Balbulak", "en"),
        ("", "en"),
        ("107", "en"),
        ("What is инватакси?", "en"),
        ("инватакси в Astana", "ru"),
        ("МСЭ", "ru"),
        ("24-бап", "kk"),
        ("Art. 27, paras. 4-5", "en"),
        ("par la loi", "fr"),
        ("art 27", "en"),
        ("para 107", "en"),
        ("paras 419-421", "en"),
        ("Qué dice para 107", "es"),
        ("артыкшылык", "kk"),
        ("Que dit le paragraphe 107 ?", "fr"),
        ("artículo 24", "es"),
        ("什么是配额", "en"),
    ],
)
def test_short_and_mixed_questions(question, language):
    assert detect(question) == language


WORDS = {
    "en": "braille, ramps, wheelchair, guide dogs, sign language, pension, school, hospital, women, bus, elevator, "
    "vote, marriage, blind children, prison, autism, violence, sport",
    "ru": "пандусы, пенсия, школа, больница, собака-поводырь, сурдоперевод, инвалидная коляска, работа, жестовый язык, "
    "поручни, женщины, дети, жильё, выборы, насилие, лестница, трость, глухие",
    "kk": "мектеп, зейнетақы, жұмыс, аурухана, ымдау тілі, балалар, әйелдер, тұрғын үй, сайлау, арба, мүгедектік, "
    "білім, көлік, жәрдемақы, дәрігер, жумыс, окушылар, бала",
    "fr": "rampes, fauteuil roulant, école, hôpital, emploi, chien guide, langue des signes, logement, femmes, "
    "enfants, ascenseur, autisme, mariage, bus scolaire, trottoir, toilettes, avocat, malvoyants",
    "es": "rampas, silla de ruedas, escuela, empleo, perro guía, lengua de señas, vivienda, mujeres, niños, "
    "ascensor, cárcel, autismo, matrimonio, deporte, autobús, abogado, sillas, ciegos",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_or_two_words_are_in_the_language_that_has_them(assistant, language):
    asked = WORDS[language].split(", ")
    found = {words: assistant.resolve(words).language for words in asked}
    assert {words: other for words, other in found.items() if other != language} == {}


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("art 27 thx", "en"),
        ("para 107 pls", "en"),
        ("art 24 merci", "fr"),
        ("art. 24 gracias", "es"),
        ("art 24 спасибо", "ru"),
    ],
)
def test_what_stands_beside_a_place_tells_the_language(assistant, message, language):
    assert assistant.resolve(message).language == language


def test_a_place_alone_is_asked_in_the_language_of_the_messages_before(assistant):
    assert assistant.resolve("para 107", ["¿Qué dice el párrafo 106?"]).language == "es"
    assert assistant.resolve("art 24", ["Сколько школ в стране?", "para 107"]).language == "ru"
    assert assistant.resolve("art 24", ["Сколько школ в стране?"], language="kk").language == "kk"


@pytest.mark.parametrize("words", ["спорт", "квота", "такси", "интернет", "статистика", "пандус"])
def test_a_word_of_russian_and_of_kazakh_is_in_one_of_them(assistant, words):
    assert assistant.resolve(words).language in ("ru", "kk")


@pytest.mark.parametrize("words", ["Balbulak", "Karaganda", "Balbulak school", "qwrtz", "Nurlan", "school Astana"])
def test_names_and_nonsense_stay_english(assistant, words):
    assert assistant.resolve(words).language == "en"


@pytest.mark.parametrize("words", ["braille", "violence", "pension", "transport public"])
def test_words_that_english_has_too_are_english(assistant, words):
    assert assistant.resolve(words).language == "en"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("什么是配额", True),
        ("Kazakhstan 的残疾人有多少", True),
        ("كم عدد الأشخاص ذوي الإعاقة؟", True),
        ("विकलांग व्यक्ति कितने हैं?", True),
        ("What does 康复 mean in the report?", False),
        ("ＷＨＡＴ is µ?", False),
        ("Қанша?", False),
        ("🐈 107", False),
    ],
)
def test_a_script_that_no_language_here_is_written_in_is_told(text, other):
    assert in_other_script(text) is other
