import pytest

from crpd_qa.answer.parts import question_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How many towns are there, and who governs them?", 2),
        ("When was the law adopted and what does the fund pay?", 2),
        ("Where is the centre; how many people work in the clinic?", 2),
        ("Which minister signed the order?", 1),
        ("How many boys and girls go to school?", 1),
        ("What do employers, unions and ministries agree on?", 1),
    ],
)
def test_a_question_is_split_where_a_new_question_begins(question, parts):
    assert len(question_parts(question)) == parts


def test_a_part_that_cannot_stand_alone_is_looked_for_with_the_whole_question():
    question = "How many towns are there, and who governs them?"
    assert question_parts(question) == ["How many towns are there", question]
    question = "How many people live here, and how many work?"
    assert question_parts(question) == ["How many people live here", question]


def test_an_opening_goes_with_each_part():
    parts = question_parts("In 2016, how many trains ran, and how many buses?")
    assert all(part.startswith("In 2016, ") for part in parts)
