"""Replies in the shapes that OpenAI-compatible servers send, over real HTTP: read, or told apart in one line."""

import json
import logging
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crpd_qa.answer.language_model.client import LanguageModel, reason
from crpd_qa.answer.language_model.parse import parse
from crpd_qa.errors import LanguageModelError
from crpd_qa.settings import Settings
from language_model_endpoint import endpoint, replies

QUESTION = "What share of the population has a disability?"
TEXT = "In the country, 651,900 persons have a disability."
TRUE = f"{TEXT} [107]"
SAID = json.dumps({"sentences": [{"text": TEXT, "paragraphs": [107]}]})
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def _deltas(*deltas):
    return [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]


def _call(arguments, **more):
    return {"tool_calls": [{"index": 0, "function": {"arguments": arguments, **more}}]}


def _message(content, finish="stop", **more):
    return {"choices": [{"message": {"role": "assistant", "content": content, **more}, "finish_reason": finish}]}


READ = {
    "OpenAI: a role first, usage last": [
        *_deltas({"role": "assistant", "content": "", "refusal": None}, {"content": TRUE}), STOP,
        {"choices": [], "usage": {"total_tokens": 9}},
    ],
    "Azure: a first event without choices": [{"choices": [], "id": ""}, *_deltas({"content": TRUE}), STOP],
    "vLLM: null content, reasoning beside it": [
        *_deltas({"role": "assistant", "content": None, "reasoning": "Is it [219]?"}, {"content": TRUE}), STOP,
    ],
    "DeepSeek: reasoning_content": [
        *_deltas({"content": None, "reasoning_content": "Is it [219]?"}, {"content": TRUE, "reasoning_content": None}),
        STOP,
    ],
    "llama.cpp: null deltas": [*_deltas(None, {"content": TRUE}), {"choices": None}, STOP],
    "Ollama: thinking in the text": [
        *_deltas({"content": "<think>[219]?"}, {"content": "</think>"}, {"content": TRUE}), STOP,
    ],
    "LM Studio: no finish_reason before [DONE]": _deltas({"content": TRUE}),
    "Mistral: a list of parts": [
        *_deltas(
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Is it [219]?"}]}]},
            {"content": [{"type": "text", "text": TEXT}, {"type": "reference", "reference_ids": [1]}]},
            {"content": " [107]"},
        ),
        STOP,
    ],
    "a gateway to Anthropic: a call with the JSON": [
        *_deltas(_call("", name="reply"), _call(SAID[:20]), _call(SAID[20:])),
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
    ],
    "Anthropic's own events": [
        {"type": "message_start", "message": {"content": []}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Is it [219]?"}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": TRUE}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ],
    "a sentence, then a call": [*_deltas({"content": "I answer:"}, _call(SAID)), STOP],
    "the old function_call": [*_deltas({"function_call": {"name": "reply", "arguments": SAID}}), STOP],
}  # fmt: skip
WHOLE = {
    "a message": _message(TRUE),
    "a message of parts": _message([{"type": "text", "text": TRUE}], reasoning_content="Is it [219]?"),
    "a call with an object": _message(None, "tool_calls", tool_calls=[{"function": {"arguments": json.loads(SAID)}}]),
    "Anthropic's message": {"content": [{"type": "text", "text": TRUE}], "stop_reason": "end_turn"},
    "Ollama's message": {"message": {"content": TRUE, "thinking": "[219]?"}, "done": True, "done_reason": "stop"},
    "a completion": {"choices": [{"text": TRUE, "finish_reason": "stop"}]},
}
TOLD = {
    "refused": ([*_deltas({"refusal": "I can't help with that."}), STOP], "declined to answer"),
    "filtered": ([{"choices": [{"delta": {}, "finish_reason": "content_filter"}]}], "declined to answer"),
    "too long": ([{"choices": [{"delta": {"content": TRUE}, "finish_reason": "length"}]}], "did not come to an end"),
    "only thought": ([*_deltas({"reasoning_content": TRUE}), STOP], "answered nothing"),
    "an error": ([{"error": {"message": QUESTION, "code": 500}}], "failed"),
    "JSON of another kind": ([*_deltas({"content": '{"answer": "Yes."}'}), STOP], "could not be read"),
    "a call of something else": (
        [*_deltas(_call('{"query": "disability"}', name="search")), STOP],
        "could not be read",
    ),
    "a refusal in words": ([*_deltas({"content": "I'm sorry, but I can't help with that."}), STOP], "could be found"),
}


@pytest.mark.parametrize("events", READ.values(), ids=READ)
def test_a_stream_is_read_in_the_shapes_of_known_servers(with_model, events):
    with endpoint(lambda exchange: exchange.send_events(*events)) as server:
        answer = with_model(server.address).ask(QUESTION)
    assert (answer.mode, answer.text, answer.notice) == ("language-model", TRUE, "")


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
def test_one_json_object_is_read_although_a_stream_was_asked_for(with_model, body):
    with endpoint(lambda exchange: exchange.send_json(body)) as server:
        answer = with_model(server.address).ask(QUESTION)
    assert (answer.mode, answer.text, answer.notice) == ("language-model", TRUE, "")


@pytest.mark.parametrize(("events", "told"), TOLD.values(), ids=TOLD)
def test_what_is_no_answer_is_said_in_one_line(with_model, assistant, events, told):
    with endpoint(lambda exchange: exchange.send_events(*events)) as server:
        answer = with_model(server.address).ask(QUESTION)
    assert (answer.mode, answer.statements) == ("extract", assistant.ask(QUESTION).statements)
    assert told in answer.notice


def test_an_exception_of_our_own_is_logged_without_the_question_and_not_put_down_to_the_model(
    with_model, monkeypatch, caplog
):
    def broken(*_: object, **__: object) -> None:
        raise KeyError(QUESTION)

    monkeypatch.setattr("crpd_qa.answer.language_model.compose.parse", broken)
    with endpoint(replies(TRUE)) as server:
        answer = with_model(server.address).ask(QUESTION)
    assert answer.mode == "extract"
    assert answer.notice.startswith("This program made a mistake")
    assert "unforeseen KeyError at test_shapes.py" in caplog.text
    assert QUESTION not in caplog.text


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab<>. 1", max_size=9) | st.just(SAID),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "message", "content", "text", "type", "finish_reason", "tool_calls", "function",
             "arguments", "refusal", "error", "sentences", "paragraphs", "index", "input"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def scripted():
    with endpoint(replies("")) as server:
        config = Settings(llm_base_url=server.address, llm_model="m", llm_retries=0, llm_timeout_seconds=20)
        yield server, LanguageModel(config)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(_JSON, max_size=3), whole=st.booleans())
def test_no_shape_of_json_gives_anything_but_a_reply_or_a_reason(scripted, events, whole):
    server, model = scripted
    server.script = lambda e: e.send_json(events[0] if events else None) if whole else e.send_events(*events)
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())
    logger = logging.getLogger("crpd_qa.answer.language_model.client")
    logger.addHandler(handler)
    with suppress(LanguageModelError):
        parse(model.complete([{"role": "user", "content": "?"}]), (107,))
    logger.removeHandler(handler)
    assert logged == []  # nothing unforeseen


@given(_JSON)
def test_json_that_the_model_itself_writes_is_sentences_or_a_reason(value):
    try:
        written = parse(f"Well: {json.dumps(value)}", (107,))
    except LanguageModelError:
        return
    assert not any("{" in w.text for w in written)


def test_an_error_of_the_libraries_below_is_told_by_its_kind():
    assert reason(TimeoutError()).reason == "model_timeout"
    assert reason(ValueError()).reason == "model_ours"
