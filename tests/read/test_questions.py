"""The questions that a reader is trained on: each in its place, none of them one that it is judged by."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "train" / "questions").glob("*.jsonl"))


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def conversation(question):
    """All that was asked, lower case."""
    return tuple(said.strip().lower() for said in (*question.get("history", ()), question["question"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_question_is_answered_by_named_sentences_or_not_at_all(path):
    head, *questions = lines(path)
    assert head["document"].replace("/", "-") == path.stem
    for question in questions:
        assert {"question"} < set(question) <= {"question", "history", "support", "near", "translations"}
        assert set(question) & {"support", "near"}
        for place in question.get("support", ()):
            assert place["paragraph"] in head["paragraphs"]
            assert place["sentences"]
            assert min(place["sentences"]) >= 1
        near = set(question.get("near", ()))
        assert near <= set(head["paragraphs"])
        assert not near & {place["paragraph"] for place in question.get("support", ())}
    assert len(set(map(conversation, questions))) == len(questions)


def test_the_questions_over_the_bundled_report_are_over_this_text(document):
    head, *questions = lines(ROOT / "train" / "questions" / "CRPD-C-KAZ-1.jsonl")
    for label, digest in head["paragraphs"].items():
        assert hashlib.sha256(document.paragraph(label).text.encode()).hexdigest().startswith(digest)
    for place in (place for question in questions for place in question.get("support", ())):
        assert max(place["sentences"]) <= len(document.paragraph(place["paragraph"]).sentences)


def translated():
    return [
        (question["question"], language, wording)
        for path in FILES
        for question in lines(path)[1:]
        for language, wording in question.get("translations", {}).items()
    ]


def test_questions_in_other_languages_are_in_these_languages():
    found = translated()
    assert len(found) > 7_000
    assert {language for _, language, _ in found} == {"ru", "kk", "fr", "es"}
    for english, language, wording in found:
        assert wording.lower() != english.lower()
        assert bool(re.search("[а-яё]", wording.lower())) == (language in ("ru", "kk"))


def test_none_is_a_question_of_an_evaluation_set():
    evaluated = {
        conversation(json.loads(line))
        for path in (ROOT / "eval").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
        if '"question"' in line
    }
    assert len(evaluated) > 1000
    written = {conversation(question) for path in FILES for question in lines(path)[1:]}
    written |= {(wording.strip().lower(),) for *_, wording in translated()}
    assert len(written) > 20_000
    assert written & evaluated == set()


def test_no_three_opening_words_stand_in_more_than_three_in_a_hundred():
    for path in FILES:
        alone = [question for question in lines(path)[1:] if not question.get("history")]
        openings = [tuple(question["question"].lower().split()[:3]) for question in alone]
        assert all(openings.count(opening) <= max(3, 0.03 * len(openings)) for opening in set(openings))
