"""The quality gate on documents that nothing was fitted on: those of two invented States, in eval/documents."""

import json
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


@pytest.fixture(scope="module")
def asked(empty_library, tmp_path_factory):
    """By question set, the judgements over a library: of the first report alone, and of all documents."""

    def judgements(name, *documents):
        folder = empty_library(tmp_path_factory.mktemp(name) / "library")
        writer = LibraryWriter(folder)
        for document in documents:
            writer.add(EVAL / "documents" / f"{document}.txt")
        config = settings().model_copy(update={"reader": "packaged"})
        return evaluate(Assistant(Library.open(folder), config), read_question_set(EVAL / f"{name}.jsonl"))

    every = ["CRPD-C-VLD-1", *sorted(p.stem for p in (EVAL / "documents").glob("*.txt") if p.stem != "CRPD-C-VLD-1")]
    return {
        "valdoria": judgements("valdoria", "CRPD-C-VLD-1"),
        "valdoria-library": judgements("valdoria-library", *every),
    }


@pytest.mark.parametrize(
    ("name", "group", "figure"),
    [(name, group, figure) for name, groups in FLOOR.items() for group, own in groups.items() for figure in own],
)
def test_figures_stay_above_the_floor_on_documents_that_nothing_was_fitted_on(asked, name, group, figure):
    bound, value = FLOOR[name][group][figure], summarize(asked[name])[group][figure].value
    assert value <= bound if figure == "answerable declined" else value >= bound


def test_every_quotation_elsewhere_is_verbatim(asked):
    assert all(judgement.verbatim for own in asked.values() for judgement in own)


def test_no_paragraph_of_another_state_is_cited_as_the_asked_ones(asked):
    wrong = [
        (judgement.question.id, citation.document)
        for judgement in asked["valdoria-library"]
        if (states := judgement.answer.scope.get("state"))
        for citation in judgement.answer.citations
        if citation.state not in states
    ]
    assert wrong == []
