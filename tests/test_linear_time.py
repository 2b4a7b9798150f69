"""Text of strangers (a question, its history, a paragraph, a model's reply) is read in time linear in its length."""

import time

import pytest

from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.polarity import unmet_quantifiers
from crpd_qa.answer.statements import leans
from crpd_qa.conversation import leaning
from crpd_qa.documents.references import references
from crpd_qa.language import LANGUAGES
from crpd_qa.languages.respect import respectful
from crpd_qa.languages.states import states_named
from crpd_qa.retrieve.structure import in_english, locate

UNITS = [
    "(", "[", "<", "{", "\"", "'", "*", "_", "`", "-", ".", ",", ";", ":", "?", "!", " ", "\t", "\n", "\r", "0",
    "7", "a", "A", "é", "я", "ң", "£", "’", "“", "•", "§", "a ", "A ", "A b", "aA", "a.", "A. ", "1 ", "1,", "1.",
    "1-", "7 and ", "the ", "and ", "not ", "it ", "of ", "how ", "in ", "for a, ", "for a and ", "[1", "[1,", "[ ",
    "[1] ", "(1", "1. ", "**", "- ", "> ", "# ", "```", "<think>", "paragraph 1, ", "paragraphs 1 to ", "article 1",
    "п. 1, ", "1-тармақ ", "hundred ", "one ", "twenty-", "1 000 ", "more than ", "no one ", "compare a ",
    "http://a.", "ab-", "a'", "2016-",
]  # fmt: skip
"""What hostile text is made of, each repeated: openings without an end, blanks, words that patterns begin with."""
GROWTH = 3.0
"""Twice as long a text takes twice as long; four times as long, where time is quadratic."""
SHORTEST = 0.004
"""Seconds: what takes less is too short to be compared, and short enough."""
LENGTH = 1_000


def seconds(work, text):
    best = float("inf")
    for _ in range(2):
        begun = time.process_time()
        work(text)
        best = min(best, time.process_time() - begun)
        if best < SHORTEST:
            break
    return best


def grows_too_fast(work, unit, end=""):
    """Whether doubling a text more than trebles the time, twice in a row: once may be chance."""
    length = LENGTH
    strikes = 0
    while length <= 8 * LENGTH:
        short = unit * (length // len(unit)) + end
        once = seconds(work, short)
        if once < SHORTEST:
            length *= 2
            continue
        twice = seconds(work, unit * (2 * length // len(unit)) + end)
        if twice < GROWTH * once:
            return False
        strikes += 1
        if strikes == 2:
            return True
        length *= 2
    return False


READERS = {
    "a follow-up": leaning,
    "parts": question_parts,
    "a sentence": leans,
    "quantifiers": lambda text: unmet_quantifiers(text, text),
    "references": lambda text: references(text, {str(number) for number in range(500)}, "1"),
    "States": lambda text: [states_named(text, language) for language in ("en", "ru")],
    "respect": lambda text: [respectful(text, language) for language in LANGUAGES],
    "a place in another language": in_english,
}


@pytest.mark.parametrize("name", READERS)
def test_every_reader_of_strangers_text_takes_linear_time(name):
    assert [unit for unit in UNITS if grows_too_fast(READERS[name], unit)] == []


def test_a_place_is_looked_for_in_linear_time(document):
    assert [unit for unit in UNITS if grows_too_fast(lambda text: locate(text, document), unit)] == []


def test_a_question_with_a_long_hostile_history_is_understood_like_a_short_one(assistant):
    assert grows_too_fast(lambda text: assistant.resolve("and who pays?", [text] * 31), "(") is False
