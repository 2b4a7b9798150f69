import pytest

from crpd_qa.conversation import resolve


def test_a_question_that_stands_alone_is_left_as_it_is(document):
    history = ["How many airports have ramps?"]
    question = "Which languages are taught in rural schools?"
    assert resolve(question, history, document).text == question
    assert resolve(question, [], document).text == question


@pytest.mark.parametrize(
    "question",
    [
        "and in 2012?",
        "what about deaf people?",
        "who pays for it?",
        "how many of them are women?",
        "Why?",
        "was it always so?",
        "а сколько из них женщин?",
        "Сколько из них работает?",
        "олардың қаншасы әйел?",
        "ал ауылда?",
        "et combien de femmes ?",
        "¿y en 2012?",
    ],
)
def test_a_follow_up_takes_the_earlier_question_along(document, question):
    earlier = "How many sign language specialists work in the country?"
    assert resolve(question, [earlier], document).text == f"{earlier} {question}"


def test_a_change_of_topic_drags_nothing_along(document):
    question = "ok, another question: where do they train such doctors?"
    assert resolve(question, ["How many towns have a ramp?"], document).text == question


def test_it_in_a_set_phrase_is_no_follow_up(document):
    question = "Is it allowed to adopt a child from abroad?"
    assert resolve(question, ["How many taxis are there?"], document).text == question


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("and the next one?", "paragraph 108"),
        ("and the previous one?", "paragraph 106"),
        ("what about two further on?", "paragraph 109"),
        ("and three before?", "paragraph 104"),
    ],
)
def test_steps_lead_from_one_paragraph_to_another(document, question, place):
    assert resolve(question, ["Show me paragraph 107"], document).text == place


def test_steps_can_follow_each_other(document):
    assert resolve("and the next?", ["paragraph 107", "and the next one?"], document).text == "paragraph 109"


def test_a_follow_up_is_answered_in_its_context(assistant):
    answer = assistant.ask("and how many have ramps?", ["How many court buildings can be entered without hindrance?"])
    assert 223 in {citation.number for citation in answer.citations}
