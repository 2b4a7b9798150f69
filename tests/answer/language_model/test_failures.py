"""What endpoints do wrong, over real HTTP. A person always gets the report's own sentences, in time, with one line."""

import time

import pytest

from language_model_endpoint import PATIENCE_SECONDS, Exchange, endpoint, replies

QUESTION = "What share of the population has a disability?"
KEY = "sk-very-secret-4711"


def _cut(exchange: Exchange) -> None:
    exchange.begin()
    exchange.write("In the country, 651,9")


def _slow(exchange: Exchange) -> None:
    exchange.begin()
    exchange.wait_for_hang_up()


def _endless(exchange: Exchange) -> None:
    exchange.begin()
    while True:
        exchange.write("In the country, 651,900 persons have a disability. [107] " * 20)


def _stops_at_its_limit(exchange: Exchange) -> None:
    exchange.begin()
    exchange.write("In the country, 651,900 persons have a disability. [107] In the", "length")


def _no_events(exchange: Exchange) -> None:
    exchange.begin()
    exchange.raw("<html>Welcome to nginx!</html>")


def _no_json(exchange: Exchange) -> None:
    exchange.begin()
    exchange.raw("data: {oops\n\n")


def _error_in_stream(exchange: Exchange) -> None:
    exchange.begin()
    exchange.write("In the country")
    exchange.raw('data: {"error": {"message": "out of memory; key was ' + KEY + '"}}\n\n')


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (lambda e: e.fail(401, f"bad key {KEY}"), "The language model refused this program's key (401)"),
        (lambda e: e.fail(404), "does not know the model or the address (404)"),
        (lambda e: e.fail(429), "The language model has too much to do (429)"),
        (lambda e: e.fail(500), "The language model failed (500)"),
        (_cut, "The language model's answer broke off"),
        (_slow, "The language model did not answer in time"),
        (replies(""), "The language model answered nothing"),
        (_endless, "The language model did not come to an end"),
        (_stops_at_its_limit, "The language model did not come to an end"),
        (_no_events, "The language model's answer could not be read"),
        (_no_json, "The language model's answer could not be read"),
        (_error_in_stream, "The language model failed"),
        (replies("qwertz uiop asdf. Lorem ipsum!"), "Nothing that the language model wrote could be found"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_whatever_the_endpoint_does_the_report_answers_in_time_with_one_line(
    script, told, assistant, with_model, caplog
):
    caplog.set_level(0)
    with endpoint(script) as server:
        begun = time.perf_counter()
        answer = with_model(server.address, llm_timeout_seconds=2, llm_api_key=KEY).ask(QUESTION)
        assert time.perf_counter() - begun < PATIENCE_SECONDS / 2
    assert told in answer.notice
    assert answer.notice.endswith("; these are the report's own sentences.")
    assert (answer.mode, answer.text) == ("extract", assistant.ask(QUESTION).text)
    assert KEY not in repr(answer) + caplog.text


def test_a_refused_connection(with_model):
    with endpoint(replies("")) as server:
        address = server.address
    answer = with_model(address).ask(QUESTION)
    assert answer.mode == "extract"
    assert answer.notice.startswith("The language model could not be reached;")


def test_a_failure_in_passing_is_tried_again(with_model):
    def script(exchange: Exchange) -> None:
        if len(server.requests) == 1:
            exchange.fail(500)
        else:
            exchange.reply("In the country, 651,900 persons have a disability. [107]")

    with endpoint(script) as server:
        assert with_model(server.address, llm_retries=1).ask(QUESTION).mode == "language-model"
        assert len(server.requests) == 2


def test_structured_output_is_asked_for_and_done_without_where_it_is_not_offered(with_model):
    def script(exchange: Exchange) -> None:
        for name in ("response_format", "max_tokens"):
            if name in exchange.request_json:
                return exchange.fail(400, f"unknown parameter: {name}")
        return exchange.reply("In the country, 651,900 persons have a disability. [107]")

    with endpoint(script) as server:
        assistant = with_model(server.address)
        assert assistant.ask(QUESTION).mode == "language-model"
        schema = server.requests[0]["response_format"]["json_schema"]["schema"]
        named = schema["properties"]["sentences"]["items"]["properties"]["paragraphs"]["items"]["enum"]
        assert named == [p.number for p in assistant.search(QUESTION)]
        assert len(server.requests) == 3
        assistant.ask(QUESTION)
        assert len(server.requests) == 4  # it remembers


def test_closing_the_stream_hangs_up(with_model):
    with endpoint(_slow) as server:
        events = with_model(server.address).ask_stream(QUESTION)
        assert next(events) == ("text", "")
        events.close()
        assert server.hung_up.wait(PATIENCE_SECONDS / 2)


def test_the_key_is_sent_to_the_endpoint_and_shown_nowhere(with_model, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    with endpoint(replies("NOT_ANSWERED")) as server:
        keyed = with_model(server.address, llm_api_key=KEY)
        keyed.ask(QUESTION)
        with_model(server.address).ask(QUESTION)
        assert server.keys == [f"Bearer {KEY}", "Bearer none"]
    assert KEY not in repr(keyed._settings) + repr(keyed._composer) + str(keyed.language_model)


def test_the_requests_for_one_answer_share_their_time(with_model):
    def slow_then_silent(exchange: Exchange) -> None:
        if len(exchange.server.requests) == 1:
            time.sleep(3)
            exchange.reply("Will the court hire a sign language interpreter?")
        else:
            _slow(exchange)

    with endpoint(slow_then_silent) as server:
        begun = time.monotonic()
        history = ["Will the court get me a sign language interpreter?"]
        answer = with_model(server.address, llm_timeout_seconds=4).ask("and will it hire one?", history)
    assert time.monotonic() - begun < 3 + 4
    assert len(server.requests) == 2
    assert answer.resolved == "Will the court hire a sign language interpreter?"
    assert answer.mode == "extract"
    assert "in time" in answer.notice
