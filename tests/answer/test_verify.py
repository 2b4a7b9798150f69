from dataclasses import replace

import pytest

from crpd_qa import Assistant
from crpd_qa.answer import Statement
from crpd_qa.answer.support import SupportChecker
from crpd_qa.answer.verify import verify
from crpd_qa.evaluate.grounding import grounding
from crpd_qa.evaluate.judge import judge
from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.library.write import LibraryWriter
from crpd_qa.web.rendering import Turn, render_conversation


@pytest.fixture
def answer(assistant):
    return assistant.ask("What does paragraph 107 say?")


def test_a_true_answer_passes(answer, library):
    assert verify(answer, library) is answer


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "In the country, 651,901 persons have a disability."},
        {"label": "108"},
        {"label": "900"},
        {"language": "fr"},
        {"start": 1},
        {"end": 3},
        {"quote": "", "end": 0},
    ],
)
def test_a_quotation_that_is_not_exact_does_not_leave_the_program(answer, library, change):
    first, *others = answer.statements
    citation = replace(first.citations[0], **change)
    forged = replace(answer, statements=(Statement(citation.quote, (citation,)), *others))
    with pytest.raises(AssertionError):
        verify(forged, library)


@pytest.mark.parametrize(
    "change",
    [{"text": "It is so."}, {"citations": ()}, {"highlights": ((0, 1000),)}, {"highlights": ((3, 3),)}],
)
def test_a_statement_that_its_citations_do_not_bear_out_does_not_leave_the_program(answer, library, change):
    first, *others = answer.statements
    with pytest.raises(AssertionError):
        verify(replace(answer, statements=(replace(first, **change), *others)), library)


def test_an_answer_of_no_statements_and_no_words_does_not_leave_the_program(answer, library):
    with pytest.raises(AssertionError):
        verify(replace(answer, statements=()), library)


@pytest.mark.parametrize("text", ["It says [5] so.", "[5]", "Schools [5, 6] and [7] are open [8]", "See [5] [107]"])
def test_a_paragraph_with_numbers_in_brackets_is_quoted_like_any_other(empty_library, tmp_path, text):
    folder, file = empty_library(tmp_path / "library"), tmp_path / "CRPD-C-VLD-1.txt"
    file.write_text(f"7.\tOne paragraph before.\n8.\t{text}\n", encoding="utf-8")
    LibraryWriter(folder).add(file, symbol="CRPD/C/VLD/1")
    assistant = Assistant.open(folder)
    answer = assistant.ask("What does paragraph 8 say?")
    assert (answer.text, [c.number for c in answer.citations]) == (f"{text} [8]", [8])
    page = render_conversation([Turn("q", answer)], assistant.library)
    assert f'<p>{text} <a class="citation"' in page
    said = replace(answer, mode="language-model")
    assert grounding(said, "en", SupportChecker(assistant.library), assistant.library).citation_recall is not None
    question = EvalQuestion(id="1", question="q", type="locate", lang="en", answerable=True, support=[[8]], facts=[])
    assert judge(question, answer, assistant.library).words == len(text.split())
