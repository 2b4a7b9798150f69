"""The questions over the synthetic documents of invented States: what they call right stands where they say."""

import json
import re
from pathlib import Path

import pytest

from crpd_qa.documents import read_document

EVAL = Path(__file__).parents[2] / "eval"
HOME = "CRPD/C/VLD/1"
SETS = ("valdoria.jsonl", "valdoria-library.jsonl")
QUESTIONS = [json.loads(line) for name in SETS for line in (EVAL / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def paragraphs():
    documents = [read_document(path) for path in sorted((EVAL / "documents").glob("*.txt"))]
    return {(document.symbol, p.number): p.text for document in documents for p in document.paragraphs}


def gold(alternative):
    return [(HOME, place) if isinstance(place, int) else tuple(place) for place in alternative]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_each_alternative_holds_every_fact(question, paragraphs):
    for alternative in question["support"]:
        text = "\n".join(paragraphs[place] for place in gold(alternative))
        assert all(re.search(fact, text, re.IGNORECASE) for fact in question["facts"])


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q["type"] == "multi"], ids=lambda question: question["id"]
)
def test_no_single_paragraph_answers_a_question_that_needs_several(question, paragraphs):
    for alternative in question["support"]:
        assert len(alternative) > 1
        for place in gold(alternative):
            assert not all(re.search(fact, paragraphs[place], re.IGNORECASE) for fact in question["facts"])


def test_unanswerable_questions_name_no_paragraph_and_ids_are_unique():
    assert all(not q["support"] and not q["facts"] for q in QUESTIONS if not q["answerable"])
    assert len({q["id"] for q in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.get("scope")], ids=lambda question: question["id"])
def test_what_supports_an_answer_lies_in_the_scope_asked(question):
    states, documents = question["scope"].get("state"), question["scope"].get("document")
    for symbol, _ in (place for alternative in question["support"] for place in gold(alternative)):
        assert not states or symbol.split("/")[2] in states
        assert not documents or symbol in documents
