from dataclasses import replace

import pytest

from crpd_qa.answer.verify import verify


@pytest.fixture
def answer(assistant):
    return assistant.ask("What does paragraph 107 say?")


def test_a_true_answer_passes(answer, document):
    assert verify(answer, document) is answer


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "In the country, 651,901 persons have a disability."},
        {"number": 108},
        {"number": 900},
        {"start": 1},
        {"end": 3},
        {"quote": "", "end": 0},
    ],
)
def test_a_quotation_that_is_not_exact_does_not_leave_the_program(answer, document, change):
    forged = replace(answer, citations=(replace(answer.citations[0], **change), *answer.citations[1:]))
    with pytest.raises(AssertionError):
        verify(forged, document)


@pytest.mark.parametrize("text", ["It is so.", "It is so. [108]", "It is so. [107] And so on."])
def test_a_sentence_without_its_paragraph_does_not_leave_the_program(answer, document, text):
    with pytest.raises(AssertionError):
        verify(replace(answer, text=text), document)
