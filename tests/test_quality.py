"""The quality gate: eval/dev.jsonl on the real index must stay above the committed floor, eval/floor.json."""

import json
import re
from pathlib import Path

import pytest

from crpd_qa.documents import read_document
from crpd_qa.evaluate.metrics import summarize
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.evaluate.run import evaluate
from crpd_qa.library.bundled import bundled
from crpd_qa.library.questions import read_questions

EVAL = Path(__file__).parents[1] / "eval"
FLOOR = json.loads((EVAL / "floor.json").read_text("utf-8"))
READ = 5
"""One in so many questions is asked of who reads, which takes its time."""


@pytest.fixture(scope="module")
def summaries(assistant, reading):
    """Figures of answering the quick way, and by reading."""
    questions = read_question_set(EVAL / "dev.jsonl")
    read = sorted((q for q in questions if q.type != "locate"), key=lambda q: q.lang != "en")
    return {
        "quick": summarize(evaluate(assistant, questions)),
        "reading": summarize(evaluate(reading, read[::READ])),
    }


@pytest.mark.parametrize(
    ("way", "group", "figure"),
    [(way, group, figure) for way, groups in FLOOR.items() for group, own in groups.items() for figure in own],
)
def test_figures_stay_above_the_floor(summaries, way, group, figure):
    bound, value = FLOOR[way][group][figure], summaries[way][group][figure].value
    if figure == "answerable declined":
        assert value <= bound
    else:
        assert value >= bound


def test_every_quotation_is_verbatim(summaries):
    assert all(summary["all"]["verbatim"].value == 1 for summary in summaries.values())


def test_the_question_set_covers_every_type_and_language():
    questions = read_question_set(EVAL / "dev.jsonl")
    assert len({q.id for q in questions}) == len(questions) >= 149 + 250
    assert sum(q.type == "none" for q in questions) >= 60
    assert sum(q.type == "lay" for q in questions) >= 60
    assert {q.type for q in questions} == {"fact", "describe", "multi", "lay", "none", "followup", "locate", "attack"}
    assert {"en", "ru", "kk"} <= {q.lang for q in questions}


def test_no_question_of_the_sets_is_in_the_index():
    def words(text):
        return " ".join(re.findall(r"\w+", text.casefold()))

    data = EVAL.parent / "src/crpd_qa/data"
    source = bundled()[0]
    written = read_questions(source, read_document(source))
    indexed = [question for own in (*written.answers, written.unanswered) for _, question in own]
    off_topic = [line for path in data.glob("off-topic.*.txt") for line in path.read_text("utf-8").splitlines()]
    assert len(indexed) > 5000
    assert len(off_topic) > 1500
    sets = ("dev", "attacks", "held-back", "held-back-languages")
    asked = {words(q.question) for name in sets for q in read_question_set(EVAL / f"{name}.jsonl")}
    assert asked & set(map(words, indexed + off_topic)) <= {""}  # pictures only
