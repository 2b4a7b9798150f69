"""Whoever counts or keeps answers sees each one once, whichever way it was asked for."""

import pytest

ANSWERED = "paragraph 8"
QUESTIONS = (ANSWERED, "how much is a ticket for the underground in Almaty?", "", "x" * 3000)


@pytest.mark.parametrize("question", QUESTIONS)
def test_asked_at_once_and_as_a_stream_an_answer_is_shown_once_to_each_observer(assistant, question):
    seen, also_seen = [], []
    observed = assistant.observed_by(seen.append).observed_by(also_seen.append)
    answer = observed.ask(question)
    (last,) = observed.ask_stream(question)
    assert [a.text for a in seen] == [a.text for a in also_seen] == [answer.text, last[1].text]
    assert seen[0] is answer
    assert seen[1] is last[1]


def test_an_observed_assistant_loads_nothing_anew_and_leaves_the_first_as_it_was(assistant):
    seen = []
    observed = assistant.observed_by(seen.append)
    assert observed.library is assistant.library
    assistant.ask(ANSWERED)
    assert seen == []
