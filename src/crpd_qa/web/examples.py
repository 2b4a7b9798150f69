"""The questions that the chat proposes."""

import re

from crpd_qa.assistant import Assistant
from crpd_qa.texts import texts

ASKED_OF = "CRPD/C/KAZ/1"
"""The document that the catalogues' examples are questions to."""
EXAMPLES = 5
"""So many of another document, beside one that asks for an article."""
MIN_WORDS = 6
_PERSONAL = re.compile(r"\b(?:I|my)\b")


def examples_language(assistant: Assistant, language: str) -> str:
    """The page's language, if questions can be asked in it and there are examples in it."""
    return language if language in assistant.languages and assistant.document.symbol == ASKED_OF else "en"


def example_questions(assistant: Assistant, language: str) -> list[str]:
    """Six of different kinds, each of which is answered.

    Of another document, in English: short questions of somebody about themselves that far-apart paragraphs answer, and
    an article.
    """
    if assistant.document.symbol == ASKED_OF:
        return texts(examples_language(assistant, language))["chat_example_questions"].split("|")
    document = assistant.document
    questions = assistant.library.questions(0).english()
    personal = [q for own in questions for q in own if _PERSONAL.search(q) and len(q.split()) > MIN_WORDS]
    stretches = [personal[len(personal) * i // EXAMPLES : len(personal) * (i + 1) // EXAMPLES] for i in range(EXAMPLES)]
    articles = [article for section, _ in document.sections for article in section.articles]
    return [min(stretch, key=len) for stretch in stretches if stretch] + [
        f"What does article {article} say?" for article in articles[-1:]
    ]
