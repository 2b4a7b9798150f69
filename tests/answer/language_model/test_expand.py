import json

import pytest
from typer.testing import CliRunner

from crpd_qa.answer.language_model.client import LanguageModel
from crpd_qa.answer.language_model.expand import Expansion, questions_in
from crpd_qa.cli import app
from crpd_qa.documents import read_document
from crpd_qa.errors import LanguageModelError
from crpd_qa.library.bundled import bundled
from crpd_qa.library.questions import read_questions
from crpd_qa.settings import Settings, settings
from language_model_endpoint import endpoint, replies

REPLY = "1. How many ramps are there?\n- **Who** builds the ramps?\nI hope this helps!\nHow many ramps are there?"
KEPT = ("How many ramps are there?", "Who builds the ramps?")


@pytest.fixture
def report(tmp_path):
    """The first paragraphs of the report, as a file of its own."""
    lines = bundled()[0].read_text("utf-8").split("\n")
    path = tmp_path / "small.txt"
    path.write_text(
        "\n".join(lines[: next(i for i, line in enumerate(lines) if line.startswith("6.\t") or line.startswith("6. "))])
    )
    return path


def _model(address):
    return LanguageModel(Settings(llm_base_url=address, llm_model="m", llm_retries=0, llm_timeout_seconds=5))


def test_what_is_no_question_is_left_out():
    assert questions_in(REPLY) == list(KEPT)


def test_each_paragraph_has_its_line_and_a_stopped_run_goes_on(report):
    document = read_document(report)
    expansion = Expansion.of(document, report, settings().llm_encoding)
    assert len(expansion.paragraphs) == len(document)
    assert expansion.tokens_in > 100 * len(document)

    def script(e):
        e.fail(500) if len(server.requests) > 2 else e.reply(REPLY)

    with endpoint(script) as server, pytest.raises(LanguageModelError):
        list(expansion.write(_model(server.address)))
    with expansion.path.open("ab") as file:
        file.write(b'{"number": 3, "answ')  # killed in the middle of a line
    with endpoint(replies(REPLY)) as server:
        left = Expansion.of(document, report, settings().llm_encoding)
        assert list(left.write(_model(server.address))) == [p.label for p in document][2:]
        assert len(server.requests) == len(document) - 2
    assert read_questions(report, document).english() == [list(KEPT) for _ in document]


def test_the_command_says_what_it_costs_and_asks_first(report, tmp_path, monkeypatch):
    monkeypatch.setattr("crpd_qa.cli.documents._add", lambda *_, **__: 0)
    with endpoint(replies(REPLY)) as server:
        given = {"llm_base_url": server.address, "llm_model": "m"}
        monkeypatch.setattr("crpd_qa.cli.documents.settings", lambda: Settings(**given))
        command = ["index", "--document", str(report), "--output", str(tmp_path / "library"), "--expand"]
        refused = CliRunner().invoke(app, command, input="n\n")
        assert refused.exit_code == 1
        assert "requests, about" in " ".join(refused.output.split())
        assert server.requests == []
        assert CliRunner().invoke(app, [*command, "--yes"]).exit_code == 0
    lines = [json.loads(line) for line in report.with_name("small.questions.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines] == [p.label for p in read_document(report)]


def test_without_a_language_model_the_command_says_what_to_set(report):
    result = CliRunner().invoke(app, ["index", "--document", str(report), "--expand"])
    assert result.exit_code == 2
    assert "CRPD_QA_LLM_BASE_URL" in result.output
