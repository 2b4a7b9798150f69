"""What a question about several States asks of one."""

import pytest

from crpd_qa.ask.apart import asked_of
from crpd_qa.ask.narrow import Narrowed, narrow
from crpd_qa.retrieve import Query
from crpd_qa.scope import EVERYWHERE, Scope


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How do Malta and Iceland define disability?", "How do {} define disability?"),
        ("Compare the number of ramps in Malta and in Iceland", "Compare the number of ramps in {}"),
        ("status of sign language: Malta vs Iceland", "status of sign language: {}"),
        ("What does Malta and what does Iceland say about homes?", "What does {} say about homes?"),
        (
            "What does Malta say about homes and Iceland about schools?",
            "What does {0} say about homes and {0} about schools?",
        ),
    ],
)
def test_each_state_is_asked_of_itself_alone(several, question, asked):
    named = several.library.states_in(question, "en")
    narrowed = narrow(question, "en", EVERYWHERE, several.library)
    query = Query(question, names=narrowed.names)
    assert {asked_of(group, query, narrowed, named).question for group in narrowed.groups} == {
        asked.format("Malta"),
        asked.format("Iceland"),
    }


@pytest.mark.parametrize(
    ("question", "language", "asked"),
    [
        (
            "Compare Maltese and Icelandic law on homes",
            "en",
            {"Compare Maltese law on homes", "Compare Icelandic law on homes"},
        ),
        ("Сравните мальтийские и исландские школы", "ru", {"Сравните мальтийские школы", "Сравните исландские школы"}),
        ("les lois maltaise et islandaise", "fr", {"les lois maltaise", "les lois islandaise"}),
    ],
)
def test_states_that_are_compared_by_adjectives_are_asked_of_alone(several, question, language, asked):
    named = several.library.states_in(question, language)
    narrowed = narrow(question, language, EVERYWHERE, several.library)
    query = Query(question, language=language, names=narrowed.names)
    assert {asked_of(group, query, narrowed, named).question for group in narrowed.groups} == asked


def test_of_three_states_each_is_said_once(several):
    query = Query("How do Malta, Iceland and Chile define disability?")
    named = several.library.states_in(query.question, "en")
    asked = asked_of(Scope(state=("ISL",)), query, Narrowed(EVERYWHERE, (), by_question=True), named)
    assert asked.question == "How do Iceland define disability?"


def test_a_question_about_one_state_stays_as_it_is(several):
    question = "What did the Committee recommend to Malta, and what had Malta replied?"
    narrowed = narrow(question, "en", EVERYWHERE, several.library)
    for group in narrowed.groups:
        assert (
            asked_of(group, Query(question), narrowed, several.library.states_in(question, "en")).question == question
        )
