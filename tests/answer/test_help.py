"""Who greets, thanks, or asks about the program or the report as a thing is told what can be asked."""

import pytest

from crpd_qa.language import LANGUAGES
from crpd_qa.texts import texts
from crpd_qa.web.rendering import Turn, render_conversation


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("help", "en"),
        ("What are you able to do?", "en"),
        ("what does this report talk about", "en"),
        ("can I quote what you say?", "en"),
        ("можно вас цитировать?", "ru"),
        ("who am I speaking with?", "en"),
        ("помогите", "ru"),
        ("бұл не?", "kk"),
        ("aidez-moi", "fr"),
        ("¿de qué habla el informe?", "es"),
    ],
)
def test_small_talk_gets_help_in_its_own_language(assistant, message, language):
    answer = assistant.ask(message)
    assert (answer.mode, answer.answered, answer.language) == ("help", True, language)
    assert answer.text == texts(language)["answer_help"]
    assert answer.citations == answer.statements == ()


@pytest.mark.parametrize(
    ("message", "language", "courtesy"),
    [
        ("Hi!", "en", "greetings"),
        ("good morning", "en", "greetings"),
        ("Hello, what can I ask?", "en", "greetings"),
        ("Good morning! What can you do for me?", "en", "greetings"),
        ("Thank you so much!", "en", "thanks"),
        ("thanks bye", "en", "thanks"),
        ("thx!", "en", "thanks"),
        ("Привет!", "ru", "greetings"),
        ("спасибо большое", "ru", "thanks"),
        ("сәлем", "kk", "greetings"),
        ("рақмет", "kk", "thanks"),
        ("рахмет!", "kk", "thanks"),
        ("Bonjour !", "fr", "greetings"),
        ("merci", "fr", "thanks"),
        ("hola", "es", "greetings"),
        ("gracias", "es", "thanks"),
    ],
)
def test_a_greeting_and_a_thank_you_are_answered_in_kind(assistant, message, language, courtesy):
    answer = assistant.ask(message)
    own = texts(language)
    assert (answer.mode, answer.language) == ("help", language)
    assert answer.text == f"{own[f'answer_{courtesy}']} {own['answer_help']}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_thanks_are_answered_in_the_language_of_the_page(assistant, language):
    assert assistant.ask("thanks", language=language).text.startswith(texts(language)["answer_thanks"])


def test_a_question_with_a_greeting_and_thanks_is_looked_for(assistant):
    assert assistant.ask("Hi, how many persons have a disability in the country, thanks").mode != "help"


@pytest.mark.parametrize(
    "question",
    [
        "quota",
        "What does the report say about taxis?",
        "Who helps me at school?",
        "how many people have a disability?",
        "what languages are spoken?",
        "Is sign language recognised?",
        "пенсия",
        "такси",
    ],
)
def test_what_the_report_may_answer_is_looked_for(assistant, question):
    assert assistant.ask(question).mode != "help"


def test_the_chat_leads_to_the_report(assistant, library):
    page = render_conversation([Turn("hi", assistant.ask("hi"))], library, "fr")
    assert '<a href="/report?lang=fr">' in page
    assert "confidence" not in page
