"""The quality gate on documents that nothing was fitted on: those of two invented States, in eval/documents."""

import json
from functools import cache
from pathlib import Path

import pytest

from crpd_qa import Assistant
from crpd_qa.evaluate.metrics import summarize
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.evaluate.run import evaluate
from crpd_qa.library import Library
from crpd_qa.library.write import LibraryWriter
from crpd_qa.settings import settings

EVAL = Path(__file__).parents[1] / "eval"
FLOOR = json.loads((EVAL / "floor-elsewhere.json").read_text("utf-8"))


FIRST = "CRPD-C-VLD-1"
DOCUMENTS = {
    "valdoria": [FIRST],
    "valdoria-library": [FIRST, *sorted(p.stem for p in (EVAL / "documents").glob("*.txt") if p.stem != FIRST)],
}
"""What the questions of a set are asked of: the first report alone, and all documents."""


@pytest.fixture(scope="module")
def asked(empty_library, tmp_path_factory):
    """The judgements over a set. Each takes minutes: two processes that share these tests may ask one each."""

    @cache
    def judgements(name):
        folder = empty_library(tmp_path_factory.mktemp(name) / "library")
        writer = LibraryWriter(folder)
        for document in DOCUMENTS[name]:
            writer.add(EVAL / "documents" / f"{document}.txt")
        config = settings().model_copy(update={"reader": "packaged"})
        return evaluate(Assistant(Library.open(folder), config), read_question_set(EVAL / f"{name}.jsonl"))

    return judgements


@pytest.fixture(scope="module")
def summary(asked):
    return cache(lambda name: summarize(asked(name)))


@pytest.mark.parametrize(
    ("name", "group", "figure"),
    [(name, group, figure) for name, groups in FLOOR.items() for group, own in groups.items() for figure in own],
)
def test_figures_stay_above_the_floor_on_documents_that_nothing_was_fitted_on(summary, name, group, figure):
    bound, value = FLOOR[name][group][figure], summary(name)[group][figure].value
    assert value <= bound if figure == "answerable declined" else value >= bound


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_quotation_elsewhere_is_verbatim(asked, name):
    assert all(judgement.verbatim for judgement in asked(name))


def test_no_paragraph_of_another_state_is_cited_as_the_asked_ones(asked):
    wrong = [
        (judgement.question.id, citation.document)
        for judgement in asked("valdoria-library")
        if (states := judgement.answer.scope.get("state"))
        for citation in judgement.answer.citations
        if citation.state not in states
    ]
    assert wrong == []
