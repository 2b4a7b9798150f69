"""Who greets, thanks, or asks about the program or the report as a thing is told what can be asked."""

import pytest

from crpd_qa.texts import texts
from crpd_qa.web.rendering import Turn, render_conversation


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("Hi!", "en"),
        ("good morning", "en"),
        ("Thank you so much!", "en"),
        ("What are you able to do?", "en"),
        ("what does this report talk about", "en"),
        ("who am I speaking with?", "en"),
        ("Привет!", "ru"),
        ("спасибо большое", "ru"),
        ("рахмет!", "kk"),
        ("Bonjour !", "fr"),
        ("merci", "fr"),
        ("¿de qué habla el informe?", "es"),
        ("gracias", "es"),
    ],
)
def test_small_talk_gets_help_in_its_own_language(assistant, message, language):
    answer = assistant.ask(message)
    assert (answer.mode, answer.answered, answer.language) == ("help", True, language)
    assert answer.text == texts(language)["answer_help"]
    assert answer.citations == answer.statements == ()


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
