import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.negotiation import preferred


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_each_language_has_the_same_texts_with_the_same_placeholders(language):
    english, other = texts("en"), texts(language)
    assert list(other) == list(english)
    # A number may stand twice in one language and once in another.
    differing = [key for key in english if set(placeholders(english[key])) != set(placeholders(other[key]))]
    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_can_be_named_in_a_template(language):
    for key, text in texts(language).items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", key)
        assert not hasattr(dict, key)  # t.copy would be a method
        assert text.strip() == text != ""


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_nothing_is_left_in_english(language):
    names = {"enter", "wcag", "axe-core", "chromium", "javascript", "aa", "a", "nvda", "jaws", "voiceover", "talkback"}
    names |= {"orca", "crpd", "tab", "shift", "esc", "escape", "word", "docx", "markdown"}
    for key, text in texts(language).items():
        words = {word.lower() for word in re.findall(r"[A-Za-z][\w-]+", re.sub(r"\{\w+\}", "", text))}
        assert words <= names, key


def test_kazakh_is_not_russian():
    same = {key for key, text in texts("ru").items() if text == texts("kk")[key]}
    assert same <= {"accessibility_criterion", "accessibility_dialog"}  # one word in both


def test_a_language_without_a_catalogue_has_english():
    assert texts("de") == texts("en")


@pytest.mark.parametrize("language", ["fr", "es"])
def test_hardly_a_text_is_the_same_in_two_languages_with_latin_letters(language):
    same = {text for key, text in texts(language).items() if text == texts("en")[key]}
    assert same <= {"Pages", "Date", "No", "article {number}", "{count} document|{count} documents"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7", "kk"),
        ("de-DE, pt;q=0.9", "en"),
        ("de-DE, fr;q=0.9", "fr"),
        ("de, ru;q=0.3, kk;q=0.5", "kk"),
        ("en;q=0.1, RU-ru;q=0.2", "ru"),
        ("ru;q=0", "en"),
        ("*", "en"),
        ("kkk, runic, english", "en"),
    ],
)
def test_the_browsers_language_is_chosen(header, language):
    assert preferred(header) == language


@given(st.text())
def test_any_header_gives_a_language(header):
    assert preferred(header) in LANGUAGES


@pytest.mark.parametrize(
    ("question", "russian"),
    [
        ("", "Вопроса нет. Пожалуйста, напишите его."),
        ("x" * 3000, "В вопросе знаков: 3000, а прочитать можно не больше 2000. "),
        ("paragraph 999", "В докладе нет пункта 999: пункты пронумерованы от 1 до 508."),
        ("paragraphs 998 and 999", "В докладе нет пунктов 998, 999: пункты пронумерованы от 1 до 508."),
        ("how much is a ticket for the underground in Almaty?", "Насколько может судить эта программа, в докладе нет"),
    ],
)
def test_what_the_assistant_says_is_there_in_every_language(assistant, question, russian):
    answer = assistant.ask(question, language="ru")
    assert answer.text.startswith(russian)
    assert answer.language == "ru"
    assert len({assistant.ask(question, language=language).text for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("question", ["paragraph 8", "How large is the territory of the country?"])
def test_how_sure_an_answer_is_is_said_in_every_language(assistant, question):
    answer = assistant.ask(question)
    assert len({answer.confidence_in_words(language) for language in LANGUAGES}) == len(LANGUAGES)
