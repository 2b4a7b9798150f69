"""The model asked whether its paragraphs say what it wrote: it may object, and nothing else."""

import json
import time

import pytest

from crpd_qa.answer.language_model.parse import Written, objections
from crpd_qa.answer.language_model.prompt import opinion_messages
from language_model_endpoint import PATIENCE_SECONDS, Exchange, endpoint, replies

QUESTION = "What share of the population has a disability?"
TRUE = "In the country, 651,900 persons have a disability. [107]"
OTHER = "Of the persons with disabilities, 285,300 are female. [108]"


@pytest.fixture
def careful(with_model):
    return lambda server, **changes: with_model(server.address, llm_second_opinion=True, **changes)


def _no(*sentences: int) -> str:
    return json.dumps({"verdicts": [{"sentence": n, "supported": "no"} for n in sentences]})


def test_without_the_setting_it_is_not_asked(with_model):
    with endpoint(replies(TRUE)) as server:
        with_model(server.address).ask(QUESTION)
        assert len(server.requests) == 1


def test_all_sentences_are_asked_about_at_once_with_their_paragraphs(careful, assistant):
    with endpoint(replies(f"{TRUE} {OTHER}", "1: yes\n2: yes")) as server:
        answer = careful(server).ask(QUESTION)
        assert len(server.requests) == 2
        asked = server.requests[1]["messages"][1]["content"]
        schema = server.requests[1]["response_format"]["json_schema"]["schema"]
    assert (answer.text, answer.dropped) == (f"{TRUE} {OTHER}", 0)
    for number in (107, 108):
        assert f"[{number}] {assistant.paragraph(number).text}" in asked
    assert schema["properties"]["verdicts"]["minItems"] == 2


def test_an_objection_sends_the_sentence_into_the_repair(careful):
    with endpoint(replies(f"{TRUE} {OTHER}", _no(2), "285,300 of them are female. [108]", "1: yes")) as server:
        answer = careful(server).ask(QUESTION)
        repair = server.requests[2]["messages"][1]["content"]
    assert "285,300 are female. [108]: read again, paragraph 108 does not say all of this" in repair
    assert TRUE.removesuffix(" [107]") not in repair.split("failed the check")[1]
    assert answer.text == f"{TRUE} 285,300 of them are female. [108]"
    assert (answer.dropped, answer.repaired) == (0, 1)


def test_a_second_objection_drops_it(careful):
    with endpoint(replies(f"{TRUE} {OTHER}", _no(2), "285,300 of them are female. [108]", _no(1))) as server:
        answer = careful(server).ask(QUESTION)
        assert len(server.requests) == 4
    assert (answer.text, answer.dropped, answer.repaired) == (TRUE, 1, 0)


def test_it_cannot_accept_what_the_local_checks_refuse(careful):
    wrong = "In the country, 412,000 persons have a disability. [107]"
    with endpoint(replies(f"{TRUE} {wrong}", "1: yes\n2: yes", wrong, "1: yes")) as server:
        answer = careful(server).ask(QUESTION)
        assert "412,000" not in server.requests[1]["messages"][1]["content"]
        assert len(server.requests) == 3  # nothing of the repair holds: there is nothing to ask about
    assert (answer.text, answer.dropped) == (TRUE, 1)


def _silent(exchange: Exchange) -> None:
    exchange.begin()
    exchange.wait_for_hang_up()


@pytest.mark.parametrize(
    "second",
    [
        _silent,
        replies(""),
        replies("Well, that is hard to say. No doubt both are fine?"),
        replies('{"verdicts": [{"sentence": "one", "supp'),
        replies(_no(7)),
        lambda exchange: exchange.fail(500),
    ],
    ids=["timeout", "silence", "garbage", "torn", "another", "failure"],
)
def test_whatever_is_no_objection_leaves_the_local_verdict(careful, second):
    def script(exchange: Exchange) -> None:
        (replies(TRUE) if len(server.requests) == 1 else second)(exchange)

    with endpoint(script) as server:
        begun = time.perf_counter()
        answer = careful(server, llm_timeout_seconds=3).ask(QUESTION)
        assert time.perf_counter() - begun < PATIENCE_SECONDS / 2
        assert len(server.requests) == 2
    assert (answer.mode, answer.text, answer.notice) == ("language-model", TRUE, "")


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        ("1: no\n2: yes", {1}),
        ("1. **No**, because the figure is of men.\nSentence 2 - yes", {1}),
        ("<think>1: no</think>\n1: yes\n2: no.", {2}),
        ('```json\n{"verdicts": [{"sentence": 2, "supported": false}]}\n```', {2}),
        ("1: no\n1: yes", set()),
        ("1: no problem\n2: not sure", set()),
        ("no", set()),
        ("3: no", set()),
    ],
)
def test_only_a_plain_no_is_an_objection(reply, refused):
    assert objections(reply, 2) == refused


def test_sentences_whose_paragraphs_do_not_fit_are_not_asked_about(assistant):
    def text(number: int) -> str:
        return assistant.paragraph(number).text

    written = [Written("A.", (107,)), Written("B.", (196, 403, 25))]
    assert opinion_messages(written, text, 4096)[1] == 2
    messages, count = opinion_messages(written, text, 800)
    assert count == 1
    assert "[403]" not in messages[1]["content"]
