"""Words about people that hurt are matched and never shown."""

import re

import pytest

from crpd_qa.languages.respect import respectful
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.examples import example_questions

ASKED = {
    "en": [
        "Do handicapped people get a pension?",
        "Is an insane person sent to prison?",
        "Can terrorists be executed?",
    ],
    "ru": ["Сколько инвалидов работает?", "Платят ли инвалиду пенсию?"],
    "kk": ["Мүгедектерге зейнетақы төлене ме?"],
    "fr": ["Combien de taxis pour les handicapés ?"],
    "es": ["¿Cuántos discapacitados trabajan?"],
}
HURTFUL = re.compile(
    r"handicapped|crippl|insane|terrorist|\\bинвалид(?!ност|ная|но)|мүгедек(?!ті[гк])|discapacitado|retard", re.I
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_shown_around_answers_hurts(assistant, language):
    shown = [*texts(language).values(), *example_questions(assistant, language)]
    assert [text for text in shown if not respectful(text, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_questions_are_shown_in_respectful_words_only(assistant, document, language, written):
    questions = list(ASKED[language])
    if language == "en":
        questions += [q for p in document.paragraphs[::12] for q in written[p.label] if not respectful(q, "en")]
    for question in questions:
        for near in assistant.ask(question, language=language).related:
            assert respectful(near, language), near
            assert not HURTFUL.search(near)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Persons with disabilities, deaf and blind people", "en"),
        ("лица с инвалидностью, кресло-коляска", "ru"),
        ("мүгедектігі бар адамдар", "kk"),
        ("les personnes handicapées, un enfant handicapé", "fr"),
        ("las personas con discapacidad", "es"),
    ],
)
def test_respectful_words_are_shown(text, language):
    assert respectful(text, language)
