from pathlib import Path

import pytest

from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.language import detect

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
        ("артыкшылык", "kk"),
        ("Que dit le paragraphe 107 ?", "fr"),
        ("artículo 24", "es"),
        ("什么是配额", "en"),
    ],
)
def test_short_and_mixed_questions(question, language):
    assert detect(question) == language
