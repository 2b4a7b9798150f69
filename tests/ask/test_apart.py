"""What a question about several States asks of one."""

import pytest

from crpd_qa import Assistant
from crpd_qa.answer.compose import declined
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
    assert {asked_of(group, query, narrowed, named)[0].question for group in narrowed.groups} == {
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
    assert {asked_of(group, query, narrowed, named)[0].question for group in narrowed.groups} == asked


def test_of_three_states_each_is_said_once(several):
    query = Query("How do Malta, Iceland and Chile define disability?")
    named = several.library.states_in(query.question, "en")
    asked = asked_of(Scope(state=("ISL",)), query, Narrowed(EVERYWHERE, (), by_question=True), named)
    assert asked[0].question == "How do Iceland define disability?"


@pytest.mark.parametrize(
    ("question", "language", "asked"),
    [
        (
            "Who pays for homes in Malta, and which doubts about money does the Committee have?",
            "en",
            ["Who pays for homes in Malta", "which doubts about money does the Committee have?"],
        ),
        (
            "Homes in Malta: what it wrote of their closing and what the Committee criticised in the plans",
            "en",
            [
                "Homes in Malta: what it wrote of their closing",
                "Homes in Malta: what the Committee criticised in the plans",
            ],
        ),
        ("What did Malta reply about homes, and what does the Committee conclude?", "en", [None, None]),
        (
            "Кто платит за дома престарелых на Мальте и какие сомнения о деньгах есть у Комитета?",
            "ru",
            ["Кто платит за дома престарелых на Мальте", "какие сомнения о деньгах есть у Комитета?"],
        ),
        (
            "Qui paie les foyers à Malte, et quels doutes sur leur financement le Comité a-t-il ?",
            "fr",
            ["Qui paie les foyers à Malte", "quels doutes sur leur financement le Comité a-t-il ?"],
        ),
    ],
)
def test_each_voice_is_asked_the_whole_question_and_its_own_part_where_that_tells_enough(
    several, question, language, asked
):
    named = several.library.states_in(question, language)
    narrowed = narrow(question, language, EVERYWHERE, several.library)
    assert [group.kind for group in narrowed.groups] == [("replies",), ("concluding-observations",)]
    query = Query(question, language=language, names=narrowed.names)
    for group, own in zip(narrowed.groups, asked, strict=True):
        found = [one.question for one in asked_of(group, query, narrowed, named)]
        assert found == ([question, own] if own else [question])


def test_each_state_is_asked_what_names_it_alone_too(several):
    question = "How many children live in homes in Malta, and which schools have ramps in Iceland?"
    named = several.library.states_in(question, "en")
    narrowed = narrow(question, "en", EVERYWHERE, several.library)
    own = [asked_of(group, Query(question), narrowed, named)[1].question for group in narrowed.groups]
    assert own == ["How many children live in homes in Malta", "which schools have ramps in Iceland?"]


@pytest.mark.parametrize("unsure", ["whole", "own"])
def test_what_is_surer_of_the_two_ways_of_asking_counts(several, monkeypatch, unsure):
    question = "How many adults live in homes in Malta, and which doubts about the plans does the Committee have?"
    answers = several._apart

    def apart(_, query, *given):
        return declined("") if (query.question == question) == (unsure == "whole") else answers(query, *given)

    monkeypatch.setattr(Assistant, "_apart", apart)
    assert several.ask(question).groups[0].found


def test_a_question_about_one_state_stays_as_it_is(several):
    question = "What did the Committee recommend to Malta, and what had Malta replied?"
    narrowed = narrow(question, "en", EVERYWHERE, several.library)
    for group in narrowed.groups:
        asked = asked_of(group, Query(question), narrowed, several.library.states_in(question, "en"))
        assert asked[0].question == question
