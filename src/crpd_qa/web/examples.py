"""The questions that the chat proposes."""

import re

from crpd_qa.assistant import Assistant
from crpd_qa.texts import texts

EXAMPLES = 3
"""So many, beside one that asks for an article."""
MIN_WORDS = 6
_PERSONAL = re.compile(r"\b(?:I|my)\b")


def examples_language(assistant: Assistant, language: str) -> str:
    """The page's language, if questions can be asked in it."""
    return language if language in assistant.languages else "en"


def example_questions(assistant: Assistant, language: str) -> list[str]:
    """In English short questions of somebody about themselves that far-apart paragraphs answer, and an article."""
    if examples_language(assistant, language) != "en":
        return texts(language)["widget_questions"].split("|")
    document = assistant.document
    personal = [q for p in document for q in p.questions if _PERSONAL.search(q) and len(q.split()) > MIN_WORDS]
    stretches = [personal[len(personal) * i // EXAMPLES : len(personal) * (i + 1) // EXAMPLES] for i in range(EXAMPLES)]
    articles = [section.article for section, _ in document.sections if section.article]
    return [min(stretch, key=len) for stretch in stretches if stretch] + [
        f"What does article {article} say?" for article in articles[-1:]
    ]
