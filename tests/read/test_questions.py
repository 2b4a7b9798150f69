"""The questions that a reader is trained on: each in its place, none of them one that it is judged by."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "train" / "questions").glob("*.jsonl"))


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_question_is_answered_by_named_sentences_or_not_at_all(path):
    head, *questions = lines(path)
    assert head["document"].replace("/", "-") == path.stem
    for question in questions:
        assert set(question) in ({"question", "support"}, {"question", "near"})
        for place in question.get("support", ()):
            assert place["paragraph"] in head["paragraphs"]
            assert place["sentences"]
            assert min(place["sentences"]) >= 1
        assert set(question.get("near", ())) <= set(head["paragraphs"])
    assert len({question["question"].lower() for question in questions}) == len(questions)


def test_the_questions_over_the_bundled_report_are_over_this_text(document):
    head, *questions = lines(ROOT / "train" / "questions" / "CRPD-C-KAZ-1.jsonl")
    for label, digest in head["paragraphs"].items():
        assert hashlib.sha256(document.paragraph(label).text.encode()).hexdigest().startswith(digest)
    for place in (place for question in questions for place in question.get("support", ())):
        assert max(place["sentences"]) <= len(document.paragraph(place["paragraph"]).sentences)


def test_none_is_a_question_of_an_evaluation_set():
    evaluated = {
        json.loads(line)["question"].strip().lower()
        for path in (ROOT / "eval").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
        if '"question"' in line
    }
    assert len(evaluated) > 1000
    written = {question["question"].strip().lower() for path in FILES for question in lines(path)[1:]}
    assert len(written) > 12_000
    assert written & evaluated == set()


def test_no_three_opening_words_stand_in_more_than_three_in_a_hundred():
    for path in FILES:
        openings = [tuple(question["question"].lower().split()[:3]) for question in lines(path)[1:]]
        assert all(openings.count(opening) <= max(3, 0.03 * len(openings)) for opening in set(openings))
