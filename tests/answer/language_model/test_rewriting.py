import pytest

from crpd_qa.answer.language_model.rewrite import accepted

BEFORE = ["How many children in Almaty went to school in 2012?"]


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("and in 2013?", "How many children in Almaty went to school in 2013?"),
        ("and in Astana?", "How many children in Astana went to school in 2012?"),
        ("and who paid?", "Who paid for the children in Almaty who went to school in 2012?"),
        ("and in 2013?", '"How many children in Almaty went to school in 2013?"\n'),
    ],
)
def test_what_keeps_the_names_and_numbers_is_taken(question, written):
    assert accepted(written, question, BEFORE) == written.strip().strip('"')


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("and in 2013?", "How many children in Almaty went to school in 2012?"),
        ("and in 2013?", "How many children went to school in 2013?"),
        ("and who paid?", "Who paid for the children in Almaty who went to school?"),
        ("and who paid?", "Did Nazarbayev pay for the children in Almaty who went to school in 2012?"),
        ("and who paid?", "In Almaty in 2012, 3,000 children went to school. Who paid?"),
        ("and who paid?", "The paragraphs do not say.\nWho paid in Almaty in 2012?"),
        ("and who paid?", ""),
        ("and who paid?", "Кто платил в 2012 году?"),
        ("and who paid?", "Who paid in Almaty in 2012" + "?" * 600),
    ],
)
def test_what_asks_something_else_is_not(question, written):
    assert accepted(written, question, BEFORE) == ""


def test_numbers_are_compared_across_languages():
    assert accepted("How many in 2012?", "Сколько в 2012 году?", []) == "How many in 2012?"
    assert accepted("How many in 2013?", "Сколько в 2012 году?", []) == ""


def test_a_follow_up_may_be_rewritten_in_its_own_language():
    before = ["Сколько детей учатся в Астане в 2012 году?"]
    kept = "Сколько детей учились в Астане в 2013 году?"
    assert accepted(kept, "а в 2013 году?", before, "ru") == kept
    assert accepted("Сколько детей ходило в школу Астаны в 2013 году?", "а в 2013 году?", before, "ru")
    assert accepted("Сколько детей учились в 2013 году?", "а в 2013 году?", before, "ru") == ""
    assert accepted("Сколько детей учились в Шымкенте в 2013 году?", "а в 2013 году?", before, "ru") == ""
    assert accepted("How many children went to school in Astana in 2013?", "а в 2013 году?", before, "ru") == ""
