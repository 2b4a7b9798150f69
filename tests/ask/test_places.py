"""Places that are asked for where there are several documents."""

import pytest


@pytest.mark.parametrize(
    "question",
    [
        "para 24 of CRPD/C/VLD/CO/1",
        "VLD/CO/1 para 24",
        "paragraph 24 of the concluding observations on Malta",
        "п. 24 CRPD/C/VLD/CO/1",
    ],
)
def test_a_paragraph_of_a_document_that_is_named_is_quoted(several, question):
    answer = several.ask(question)
    assert answer.mode == "locate"
    assert {(citation.document, citation.label) for citation in answer.citations} == {("CRPD/C/VLD/CO/1", "24")}


def test_a_paragraph_that_no_document_of_the_state_has_is_said_to_be_none(several):
    answer = several.ask("paragraph 900 of Malta's report")
    assert (answer.answered, answer.citations) == (False, ())
    assert "900" in answer.text


@pytest.mark.parametrize("question", ["article 24 Malta", "art 24, Malta please", "статья 24 Мальта"])
def test_an_article_is_quoted_from_each_document_of_the_state(several, question):
    answer = several.ask(question)
    assert answer.mode == "locate"
    assert [(group.state, group.kind) for group in answer.groups] == [
        ("MLT", "replies"),
        ("MLT", "concluding-observations"),
    ]
    for statement in answer.statements:
        (document,) = {citation.document for citation in statement.citations}
        assert document == ("CRPD/C/VLD/RQ/1", "CRPD/C/VLD/CO/1")[statement.group]


def test_an_article_that_one_document_has_needs_no_names_of_documents(several):
    answer = several.ask("article 24 Iceland")
    assert answer.mode == "locate"
    assert answer.groups == ()
    assert {citation.document for citation in answer.citations} == {"CRPD/C/ORS/1"}


@pytest.mark.parametrize(("question", "language"), [("para 24", "en"), ("пункт 24", "ru")])
def test_of_which_document_is_asked_where_several_have_the_number(several, question, language):
    answer = several.ask(question, language=language)
    assert answer.mode == "declined"
    assert answer.citations == ()
    assert all(symbol in answer.message for symbol in ("CRPD/C/VLD/CO/1", "CRPD/C/VLD/RQ/1", "CRPD/C/ORS/1"))


def test_a_question_that_names_no_place_is_looked_for_everywhere(several):
    assert several.ask("How many schools have ramps in Malta?").mode != "locate"
