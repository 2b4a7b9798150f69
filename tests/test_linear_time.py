"""Text of strangers (a question, its history, a paragraph, a model's reply) is read in time linear in its length."""

import gc
import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import pytest

from crpd_qa.answer.figures import figures
from crpd_qa.answer.language_model.expand import questions_in
from crpd_qa.answer.language_model.parse import finished, objections, parse, parse_translations, visible
from crpd_qa.answer.language_model.rewrite import accepted
from crpd_qa.answer.meeting import meeting
from crpd_qa.answer.parts import question_parts
from crpd_qa.batch.to_csv import harmless
from crpd_qa.check.evidence import evidence
from crpd_qa.conversation import leaning
from crpd_qa.documents import Paragraph, Section
from crpd_qa.documents.leaning import leans
from crpd_qa.documents.references import references
from crpd_qa.documents.text import lines_of
from crpd_qa.documents.words import articles_in
from crpd_qa.errors import LanguageModelError
from crpd_qa.language import LANGUAGES
from crpd_qa.languages.adjectives import states_described
from crpd_qa.languages.respect import respectful
from crpd_qa.languages.states import states_named
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.structure import in_english, locate
from crpd_qa.web.negotiation import preferred
from patterns import NOTHING, Pump, Used, pumps, used_patterns

UNITS = [
    "(", "[", "<", "{", "\"", "'", "*", "_", "`", "-", ".", ",", ";", ":", "?", "!", " ", "\t", "\n", "\r", "0",
    "7", "a", "A", "é", "я", "ң", "£", "’", "“", "•", "§", "a ", "A ", "A b", "aA", "a.", "A. ", "1 ", "1,", "1.",
    "1-", "7 and ", "the ", "and ", "not ", "it ", "of ", "how ", "in ", "for a, ", "for a and ", "[1", "[1,", "[ ",
    "[1] ", "(1", "1. ", "**", "- ", "> ", "# ", "```", "<think>", "paragraph 1, ", "paragraphs 1 to ", "article 1",
    "п. 1, ", "1-тармақ ", "hundred ", "one ", "twenty-", "1 000 ", "more than ", "no one ", "compare a ",
    "http://a.", "ab-", "a'", "2016-", "Russian, ",
]  # fmt: skip
"""What hostile text is made of, each repeated: openings without an end, blanks, words that patterns begin with."""
GENERAL = {Pump("", unit, NOTHING) for unit in UNITS}
MEASURABLE = 0.002
"""Seconds: what takes less is too short to be compared, and short enough."""
LONGEST = 8_000
EXPONENTIAL, MANY_TIMES = 100, 4.0
"""Up to so many characters a text grows by a few only: what takes so many times as long then never ends with more."""
GROWTH = 9.0
"""Four times as long a text takes four times as long; sixteen times, where time is quadratic."""


def seconds(work: Callable[[str], object], text: str, times: int = 1) -> float:
    best = float("inf")
    gc.disable()  # it comes when it likes
    try:
        for _ in range(times):
            begun = time.process_time()
            work(text)
            best = min(best, time.process_time() - begun)
    finally:
        gc.enable()
    return best


def grows_too_fast(work: Callable[[str], object], pump: Pump, longest: int = LONGEST) -> bool:
    """Whether the time grows faster than the text, measured three times over: once may be chance."""

    def text(length: int) -> str:
        return pump.beginning + pump.unit * max(1, length // len(pump.unit)) + pump.end

    length = 12
    while seconds(work, text(length)) < MEASURABLE:
        length = 4 * length if length > EXPONENTIAL else length * 5 // 4
        if length > longest:
            return False
    if length <= EXPONENTIAL:  # a few characters more must not take many times as long
        more = length + 3 * len(pump.unit)
        if all(seconds(work, text(more)) > MANY_TIMES * seconds(work, text(length), 3) for _ in range(3)):
            return True
    length = max(length, longest // 16)
    return all(seconds(work, text(4 * length), 2) > GROWTH * seconds(work, text(length), 3) for _ in range(3))


def use(used: Used) -> Callable[[str], object]:
    if used.use == "finditer":
        return lambda text: deque(used.pattern.finditer(text), 0)
    return getattr(used.pattern, used.use)


def too_slow(used: Used) -> Pump | None:
    """A hostile text that takes it too long."""
    own = pumps(used.pattern)
    if not own:
        return None  # nothing in it repeats without end
    work = use(used)
    if isinstance(used.pattern.pattern, bytes):
        work = lambda text, of=work: of(text.encode("utf-8"))  # noqa: E731
    return next((pump for pump in sorted(own | GENERAL) if pump.unit and grows_too_fast(work, pump)), None)


@pytest.mark.parametrize(
    ("pattern", "use"),
    [
        (r"\s+$", "finditer"),
        (r"\w*\s*\w*!", "match"),
        (r"(?<=b)(?:\*+,?)*$", "finditer"),
        (r"<[^>]*\Z", "finditer"),
        (r"\[a.*?\]", "finditer"),
        (r"(?:\s*,\s*)+x", "match"),
    ],
)
def test_a_pattern_that_takes_more_is_found(pattern, use):
    assert too_slow(Used("here", re.compile(pattern), use))


def test_every_pattern_takes_linear_time_as_it_is_used():
    found = {f"{used.where} {used.use}": slow for used in used_patterns() if (slow := too_slow(used))}
    assert found == {}


READERS: dict[str, Callable[[str], object]] = {
    "a follow-up": leaning,
    "parts": question_parts,
    "a sentence": leans,
    "evidence": lambda text: evidence([Paragraph("1", 1, text, Section(), ((0, len(text)),))], text),
    "figures": lambda text: [figures(text, language) for language in LANGUAGES],
    "references": lambda text: references(text, {str(number) for number in range(500)}, "1"),
    "States": lambda text: [states_named(text, language) for language in ("en", "ru")],
    "adjectives": lambda text: [states_described(text, language) for language in LANGUAGES],
    "respect": lambda text: [respectful(text, language) for language in LANGUAGES],
    "the glossary": lambda text: [report_words(text, language) for language in LANGUAGES],
    "a place in another language": in_english,
    "a plain text": lines_of,
    "a heading's articles": articles_in,
    "a cell": harmless,
    "what a browser asks for": preferred,
    "a model's unfinished reply": visible,
    "a model's reply": lambda text: read(parse, text, {1, 7}),
    "a model's finished sentences": lambda text: finished(text, {1, 7}),
    "a model's sentence beside a quotation": lambda text: meeting(text, "In 2015, 10 persons were not able to hear."),
    "a model's opinion": lambda text: objections(text, 3),
    "a model's translations": lambda text: read(parse_translations, text, 1),
    "a model's question": lambda text: accepted(text, text[:100], [text[:100]]),
    "a model's questions": questions_in,
}


def read(reader: Callable[..., object], *given: object) -> None:
    with suppress(LanguageModelError):
        reader(*given)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_of_strangers_text_takes_linear_time(name):
    assert [pump for pump in sorted(GENERAL) if grows_too_fast(READERS[name], pump)] == []


def test_a_place_is_looked_for_in_linear_time(document):
    assert [pump for pump in sorted(GENERAL) if grows_too_fast(lambda text: locate(text, document), pump)] == []


def test_a_question_with_a_long_hostile_history_is_understood_like_a_short_one(assistant):
    assert grows_too_fast(lambda text: assistant.resolve("and who pays?", [text] * 31), Pump("", "(", NOTHING)) is False
