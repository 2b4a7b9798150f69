"""The MCP server as an assistant program meets it: the real program, over its standard input and output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters

from crpd_qa.library.write import LibraryWriter

ROOT = Path(__file__).parents[1]
VLD = ROOT / "eval" / "documents"


def call(folder, *calls):
    """The results of (tool, arguments) pairs of one session with `crpd-qa mcp` over a library."""
    known = ("PYTHON", "CRPD_QA_READER")
    environment = {name: value for name, value in os.environ.items() if name.startswith(known)}
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "crpd_qa", "mcp", "--index", str(folder)], env=environment
    )

    async def session():
        async with Client(parameters) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            results = [await client.call_tool(tool, arguments) for tool, arguments in calls]
            return client.instructions, listed, results

    return anyio.run(session)


def text(result):
    (block,) = result.content
    return block.text


@pytest.fixture(scope="module")
def several(empty_library, tmp_path_factory):
    """A library of two documents of one State, of different kinds."""
    folder = empty_library(tmp_path_factory.mktemp("several") / "library")
    writer = LibraryWriter(folder)
    for name in ("CRPD-C-VLD-Q-1.txt", "CRPD-C-VLD-CO-1.txt"):
        writer.add(VLD / name)
    return folder


def test_an_assistant_program_gets_the_answer_that_everybody_gets_with_its_citations(index_folder, assistant):
    question = "How many persons have a disability?"
    instructions, tools, (asked, read) = call(
        index_folder,
        ("ask", {"question": question}),
        ("read_paragraph", {"document": "CRPD/C/KAZ/1", "label": 107}),
    )
    assert set(tools) == {"ask", "search", "read_paragraph", "list_documents"}
    assert all(tool.output_schema and tool.description for tool in tools.values())
    assert "CRPD/C/KAZ/1, para. 107" in instructions
    here = assistant.ask(question).to_dict()
    assert not asked.is_error
    for field in ("answered", "text", "mode", "resolved"):
        assert asked.structured_content[field] == here[field]
    assert asked.structured_content["citations"] == [dict(c) for c in here["citations"]]
    for citation in asked.structured_content["citations"]:
        assert citation["quote"] in text(asked)
        assert f"(CRPD/C/KAZ/1, para. {citation['label']})" in text(asked)
    assert read.structured_content["text"] == assistant.paragraph(107).text
    assert text(read).endswith("(CRPD/C/KAZ/1, para. 107)")


def test_a_declined_question_says_so_and_calls_near_paragraphs_no_answer(index_folder):
    _, _, (asked,) = call(index_folder, ("ask", {"question": "Who won the football world cup in 2014?"}))
    assert asked.structured_content["answered"] is False
    assert asked.structured_content["citations"] == []
    assert asked.structured_content["message"] in text(asked)
    assert not asked.is_error


def test_history_and_language_reach_the_question(index_folder):
    _, _, (followed, russian) = call(
        index_folder,
        ("ask", {"question": "And handrails?", "history": ["How many court buildings have ramps?"]}),
        ("ask", {"question": "МСЭ", "language": "kk"}),
    )
    assert "ramps" in followed.structured_content["resolved"]
    assert russian.structured_content["language"] == "kk"


def test_a_scope_narrows_questions_searches_and_lists(several):
    _, _, (everything, narrowed, listed, found) = call(
        several,
        ("list_documents", {}),
        ("list_documents", {"kind": ["concluding-observations"]}),
        ("list_documents", {"kind": "general-comment"}),
        ("search", {"question": "accessibility of buildings", "top": 5, "scope": {"kind": "concluding-observations"}}),
    )
    assert {d["kind"] for d in everything.structured_content["documents"]} == {
        "list-of-issues",
        "concluding-observations",
    }
    (only,) = narrowed.structured_content["documents"]
    assert only["symbol"] in text(narrowed)
    assert listed.structured_content["documents"] == []
    passages = found.structured_content["passages"]
    assert 0 < len(passages) <= 5
    assert {p["document"] for p in passages} == {only["symbol"]}
    assert all(f"({p['document']}, para. {p['label']})" in text(found) for p in passages)


REFUSED = [
    ("ask", {"question": "Who?", "scope": {"state": "Atlantis"}}, "give its usual name or its code"),
    ("ask", {"question": "Who?", "scope": {"kind": ["poem"]}}, "concluding-observations"),
    ("ask", {"question": "Who?", "scope": {"document": ["CRPD/C/KAZ/1", "CRPD/C/XYZ/1"]}}, "'CRPD/C/XYZ/1'"),
    ("search", {"question": "Who?", "scope": {"city": "Almaty"}}, "city"),
    ("search", {"question": "Who?", "top": 1000}, "less than or equal to 50"),
    ("read_paragraph", {"document": "CRPD/C/XYZ/1", "label": "1"}, "it has: CRPD/C/KAZ/1"),
    ("read_paragraph", {"document": "CRPD/C/KAZ/1", "label": "999"}, "1 to 508"),
    ("list_documents", {"state": "Atlantis"}, "Atlantis"),
]


@pytest.fixture(scope="module")
def refused(index_folder):
    """One session of calls that cannot be answered, and one that can after all of them."""
    calls = [(tool, arguments) for tool, arguments, _ in REFUSED]
    return call(index_folder, *calls, ("list_documents", {}))[2]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_cannot_be_is_an_error_of_the_tool_that_says_what_can(refused, number):
    assert refused[number].is_error
    assert REFUSED[number][2] in text(refused[number])
    assert "Traceback" not in text(refused[number])


def test_after_errors_the_session_goes_on(refused):
    assert not refused[-1].is_error


def test_only_the_protocol_is_written_to_standard_output(index_folder):
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    asked = {"name": "ask", "arguments": {"question": "Сколько инвалидов?"}}
    messages = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": asked},
        {"id": 3, "method": "tools/call", "params": {"name": "no such tool", "arguments": {}}},
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "crpd_qa", "mcp", "--index", str(index_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        lines = []
        for message in messages:
            program.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
            program.stdin.flush()
            if "id" in message:
                lines.append(json.loads(program.stdout.readline()))
        rest, _ = program.communicate()
    assert rest == ""
    assert program.returncode == 0
    assert [line["id"] for line in lines] == [1, 2, 3]


def test_without_the_sdk_the_command_names_the_extra(index_folder):
    code = "import sys; sys.modules.update({'mcp': None, 'mcp.server': None}); from crpd_qa.cli import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp", "--index", str(index_folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "pip install 'crpd-qa[mcp]'" in done.stderr


def test_without_a_library_the_program_ends_with_the_command_that_makes_one(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "crpd_qa", "mcp", "--index", str(tmp_path / "none")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "crpd-qa index" in done.stderr


def test_the_example_shows_an_answer_and_its_paragraphs(index_folder):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "mcp_client.py"), "How many persons have a disability?"],
        capture_output=True,
        text=True,
        env=os.environ | {"CRPD_QA_INDEX": str(index_folder)},
    )
    assert done.returncode == 0, done.stderr
    assert "(CRPD/C/KAZ/1, para. 107)" in done.stdout


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_without_both_standard_streams_the_program_says_over_what_it_talks(tmp_path, stream):
    code = f"import sys; sys.{stream} = None; from crpd_qa.cli import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp", "--index", str(tmp_path / "none")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: crpd-qa mcp talks over standard input and output, and one of them is closed")
