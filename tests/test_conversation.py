import pytest

from crpd_qa.assistant import MAX_HISTORY
from crpd_qa.settings import settings


def test_a_question_that_stands_alone_is_left_as_it_is(assistant):
    history = ["How many airports have ramps?"]
    question = "Which languages are taught in rural schools?"
    assert assistant.resolve(question, history).text == question
    assert assistant.resolve(question, []).text == question


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
        "et combien de femmes ?",
        "¿y en 2012?",
    ],
)
def test_a_follow_up_takes_the_earlier_question_along(assistant, question):
    earlier = "How many sign language specialists work in the country?"
    assert assistant.resolve(question, [earlier]).text == f"{earlier} {question}"


def test_a_change_of_topic_drags_nothing_along(assistant):
    question = "ok, another question: where do they train such doctors?"
    assert assistant.resolve(question, ["How many towns have a ramp?"]).text == question


def test_it_in_a_set_phrase_is_no_follow_up(assistant):
    question = "Is it allowed to adopt a child from abroad?"
    assert assistant.resolve(question, ["How many taxis are there?"]).text == question


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("and the next one?", "paragraph 108"),
        ("and the previous one?", "paragraph 106"),
        ("what about two further on?", "paragraph 109"),
        ("and three before?", "paragraph 104"),
    ],
)
def test_steps_lead_from_one_paragraph_to_another(assistant, question, place):
    assert assistant.resolve(question, ["Show me paragraph 107"]).text == place


def test_steps_can_follow_each_other(assistant):
    assert assistant.resolve("and the next?", ["paragraph 107", "and the next one?"]).text == "paragraph 109"


def test_a_place_goes_on_with_the_question_where_the_report_has_both(assistant):
    earlier = "Елде қанша адамның мүгедектігі бар?"
    assert assistant.resolve("ал ауылда?", [earlier]).text == f"{earlier} ал ауылда?"


@pytest.mark.parametrize(("earlier", "question"), [("para 107", "What is the capital?"), ("paras 105-110", "schools?")])
def test_a_place_is_not_gone_on_with_by_what_is_told_elsewhere(assistant, earlier, question):
    assert assistant.resolve(question, [earlier]).text == question
    assert assistant.resolve("and why?", [earlier]).text == f"{earlier} and why?"


def test_a_place_is_gone_on_with_by_what_is_told_there(assistant):
    assert assistant.resolve("what about handrails?", ["paragraph 223"]).text == "paragraph 223 what about handrails?"


@pytest.mark.parametrize("turn", ["???", "😀😀", "♿?"])
def test_signs_alone_go_on_with_nothing(assistant, turn):
    assert assistant.resolve(turn, [RAMPS]).text == turn


RAMPS = "How many court buildings have ramps?"


@pytest.mark.parametrize(
    "question",
    [
        "pensions?",
        "taxi?",
        "and pensions?",
        "What about schools?",
        "what about prisons?",
        "Do employers get money if they hire disabled people?",
        "May a deaf person bring their own interpreter?",
        "If a child is blind, who pays for its books?",
        "When a woman loses her job, who helps her?",
    ],
)
def test_what_names_its_own_thing_is_not_joined_with_what_came_before(assistant, question):
    assert assistant.resolve(question, [RAMPS]).text == question


@pytest.mark.parametrize(
    "turn", ["hi", "how are you?", "thanks!", "ok, thank you", "what can you do?", "are you sure?", "that is wrong"]
)
def test_small_talk_is_answered_with_help_and_is_no_part_of_the_conversation(assistant, turn):
    answer = assistant.ask(turn, [RAMPS])
    assert (answer.mode, answer.resolved, answer.citations) == ("help", turn, ())
    assert assistant.resolve("and handrails?", [RAMPS, turn]).text == f"{RAMPS} and handrails?"


def test_what_was_declined_is_no_part_of_the_conversation(assistant):
    declined = "Who will win the ice hockey world championship?"
    assert not assistant.ask(declined).answered
    assert assistant.resolve("and handrails?", [RAMPS, declined]).text == f"{RAMPS} and handrails?"
    assert assistant.resolve("and why?", [declined]).text == "and why?"


def test_of_a_long_conversation_the_latest_turns_are_read(assistant):
    history = [RAMPS, *["hi"] * MAX_HISTORY]
    assert assistant.resolve("and handrails?", history).text == "and handrails?"
    assert assistant.resolve("and handrails?", history[:MAX_HISTORY]).text == f"{RAMPS} and handrails?"


def test_a_long_turn_is_cut_like_a_question(assistant):
    answer = assistant.ask("and handrails?", ["ramps " * 10_000])
    assert len(answer.resolved) <= settings().max_question_chars


def test_a_follow_up_is_answered_in_its_context(assistant):
    answer = assistant.ask("and how many have ramps?", ["How many court buildings can be entered without hindrance?"])
    assert 223 in {citation.number for citation in answer.citations}


def test_spanish_for_so_many_is_no_paragraph(assistant):
    assert assistant.ask("ayuda para 3 niños", language="es").mode != "locate"
    assert assistant.ask("para 107", language="es").citations[0].label == "107"
