"""Every example of README and docs is run and gives what the page shows; what the pages name is there."""

import ast
import configparser
import doctest
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from contextlib import ExitStack, redirect_stdout
from importlib import import_module
from io import StringIO
from itertools import pairwise

import anyio
import pytest
import typer
from fastapi.testclient import TestClient
from mcp import Client, StdioServerParameters
from openpyxl import Workbook
from typer.testing import CliRunner

from batch_files import read_jsonl, write_jsonl
from crpd_qa import Assistant
from crpd_qa.answer.compose import FULL_TEXT_WORDS
from crpd_qa.answer.selection import most_words
from crpd_qa.cli import app
from crpd_qa.library.questions import read_questions
from crpd_qa.library.write import LibraryWriter
from crpd_qa.mcp_server import create_server
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import texts
from crpd_qa.web.feedback import MAX_WAITING
from crpd_qa.web.limits import MAX_KEPT_BYTES
from crpd_qa.web.operator.access import SESSION_SECONDS
from crpd_qa.web.operator.pages import SIGN_INS_PER_MINUTE
from crpd_qa.web.server import GRACE_SECONDS, create_app
from documentation import PAGES, ROOT, anchors, blocks, codes, commands, links, prose
from documents.printed import Printed
from free_port import free_port
from language_model_endpoint import endpoint, replies
from running_server import running

BLOCKS = [block for page in PAGES for block in blocks(page)]
UNTRIED = {
    "podman": "no container engine is at hand; the page says so",
    "ollama": "a language model's server, which is not at hand; the page says so",
    "vllm": "a language model's server, which is not at hand; the page says so",
    "llama-server": "the page says that its server was run through xllamacpp; tests/answer/language_model does that",
    "claude": "somebody else's program; the page says so",
    "docker": "no container engine is at hand; the page says so",
    "milvus-lite": "a server that runs until it is stopped; tests/store/test_away.py runs it",
    "pip": "installs from the network; that the extra exists is checked",
    "make": "sets up an environment of its own; that the target exists is checked",
    "openssl": "prints something else each time",
}
"""Programs of the examples that are not run here, and why. Their lines are checked as far as the shell can."""
COURT = (
    "If one of the parties to the proceedings has a hearing impairment, "
    "the court is to hire a sign language interpreter."
)
WRITTEN = json.dumps({"sentences": [{"text": COURT, "paragraphs": [219]}]})


def of_kind(*kinds):
    own = [block for block in BLOCKS if block.kind in kinds]
    assert own
    return pytest.mark.parametrize("block", own, ids=str)


@pytest.fixture
def folder(index_folder, tmp_path, monkeypatch):
    """A folder as somebody has it who tries the examples: with files to ask from, to add and to measure with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRPD_QA_INDEX", str(index_folder))
    monkeypatch.delenv("CRPD_QA_READER")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "questions.csv").write_text("question,history\nparagraph 8,\nand the next one?,paragraph 8\n", "utf-8")
    (tmp_path / "questions.txt").write_text("paragraph 8\nparagraph 9\n", "utf-8")
    write_jsonl(tmp_path / "questions.jsonl", [{"question": "paragraph 8"}, {"question": "paragraph 9"}])
    book = Workbook()
    for row in ("question", "paragraph 8", "paragraph 9"):
        book.active.append([row])
    book.save(tmp_path / "questions.xlsx")
    (tmp_path / "eval").mkdir()
    (tmp_path / "build").mkdir()
    for name in ("dev.jsonl", "held-back.jsonl"):
        lines = (ROOT / "eval" / name).read_text("utf-8").splitlines(keepends=True)
        (tmp_path / "eval" / name).write_text("".join(lines[:2]), "utf-8")
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def own_documents(folder, empty_library, monkeypatch):
    """Files to add, and libraries to add them to that have their models already: exporting those takes a minute."""
    monkeypatch.setenv("CRPD_QA_MULTILINGUAL_MODEL", "none")
    for name in ("library", "index/mine", "index/REPORT"):
        (folder / name).mkdir(parents=True)
        empty_library(folder / name)
    printed = Printed(symbol="CRPD/C/KEN/1")
    printed.first_page("Initial report submitted by Kenya under article 35 of the Convention")
    printed.page_break()
    printed.heading("Article 24 - Education")
    for number in range(1, 58):
        schools = "There are 57 inclusive schools" if number == 40 else f"Step {number} was taken in {1950 + number}"
        printed.paragraph(number, f"{schools}.")
    (folder / "reports").mkdir()
    shutil.copy(printed.save(folder / "kenya.pdf"), folder / "reports")
    lines = (ROOT / "eval" / "documents" / "CRPD-C-VLD-Q-1.txt").read_text("utf-8").split("\n")
    (folder / "REPORT.txt").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture
def kept(folder, assistant, monkeypatch):
    """What a server with a question log and feedback has kept."""
    monkeypatch.setenv("CRPD_QA_FEEDBACK", str(folder / "feedback.sqlite"))
    config = Settings(question_log=folder / "questions.sqlite", feedback=folder / "feedback.sqlite")
    with TestClient(create_app(assistant, config)) as client:
        for question in ("paragraph 8", "how much is a ticket for the underground in Almaty?"):
            client.post("/api/v1/ask", json={"question": question})
        said = {"question": "paragraph 8", "history": [], "helpful": True, "paragraphs": [["CRPD/C/KAZ/1", "8"]]}
        assert client.post("/api/v1/feedback", json=said).status_code == 204
    return folder


@pytest.fixture(scope="module")
def address(index_folder, tmp_path_factory):
    with running(index_folder, tmp_path_factory.mktemp("documentation") / "log") as address:
        yield address


def test_every_block_is_of_a_kind_that_is_tried_here():
    tried = {"console", "sh", "python", "json", "jsonl", "html", "nginx", "caddy", "ini", "dotenv", "text"}
    assert [f"{block}: {block.kind!r}" for block in BLOCKS if block.kind not in tried] == []


# Commands


@of_kind("sh", "console")
def test_commands_do_what_the_page_says(block, request, folder, monkeypatch):
    found = commands(block)
    names = {command.words[1] for command in found if command.words[0] == "crpd-qa"}
    if names & {"add", "mend"} or "--expand" in block.text:
        request.getfixturevalue("own_documents")
        monkeypatch.setenv("CRPD_QA_INDEX", str(folder / "library"))
    if "mend" in names and "add" not in names:  # the block before it has added
        assert invoke(["add", "reports/"]).exit_code == 0
    if "feedback" in names or "sqlite3" in block.text:
        request.getfixturevalue("kept")
    with ExitStack() as stack:
        if "language-model" in block.text or "--expand" in block.text:
            reply = "Who builds ramps?" if "--expand" in block.text else WRITTEN
            monkeypatch.setenv("CRPD_QA_LLM_BASE_URL", stack.enter_context(endpoint(replies(reply))).address)
            monkeypatch.setenv("CRPD_QA_LLM_MODEL", "scripted")
        for command in found:
            program = command.words[0]
            if program == "curl":
                assert curl(command, request.getfixturevalue("address"))["answered"]
            elif program == "crpd-qa" and command.words[1] == "serve":
                serve(command, folder)
            elif program == "crpd-qa":
                run(command, folder, monkeypatch)
            elif program == "sqlite3":
                with sqlite3.connect(folder / command.words[1], isolation_level=None) as database:
                    for statement in command.words[2:]:
                        database.execute(statement)
            else:
                assert program in UNTRIED, f"{program} is not tried"
                untried(command)


def invoke(words, **options):
    settings.cache_clear()
    return CliRunner().invoke(app, list(words), **options)


def run(command, folder, monkeypatch):
    words = list(command.words[1:])
    if words == ["COMMAND", "--help"]:
        for name in COMMANDS:
            shown = invoke([name, "--help"])
            assert f"crpd-qa {name}" in shown.stdout
            assert "Example" in shown.stdout
        return
    for name, value in command.settings.items():
        monkeypatch.setenv(name, value)
    if words[0] == "import":  # "on another machine"
        monkeypatch.setenv("CRPD_QA_INDEX", str(folder / "another"))
    result = invoke(words, input="y\n")
    declined = texts("en")["answer_declined"] in command.shown
    assert result.exit_code == (1 if declined else 0), (words, result.output)
    if command.shown:
        assert doctest.OutputChecker().check_output(command.shown, result.stdout, doctest.ELLIPSIS), result.stdout
    for option in ("--output", "--json", "--report"):
        if option in words and words[-1] != option:
            assert (folder / words[words.index(option) + 1]).exists()
    if words[0] == "batch":
        said = re.search(
            r"(\d) answered, 0 declined, (\d) kept from the earlier run, 0 bad rows", " ".join(result.stderr.split())
        )
        assert int(said[1]) + int(said[2]) == 2
    if words[0] == "mend":
        assert LibraryWriter(folder / "library").read("CRPD/C/KEN/1")[1].paragraph(56).text == "..."
    if words[0] == "import":
        entry, document = LibraryWriter(folder / "another").read("CRPD/C/KEN/1")
        assert (entry.state, document.paragraph(56).text) == ("KEN", "...")


def serve(command, folder):
    """Starts it as it is written, but on a free port, and asks under the name and from the page that were set."""
    port = str(free_port())
    words = [port if before == "--port" else word for before, word in pairwise(command.words)]
    environment = os.environ | {"CRPD_QA_PORT": port} | command.settings
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "crpd_qa", *words], env=environment, stdout=log, stderr=log)
    headers = {"Host": command.settings.get("CRPD_QA_ALLOWED_HOSTS", "localhost").split()[0]}
    if origin := command.settings.get("CRPD_QA_ALLOWED_ORIGINS", ""):
        headers["Origin"] = origin
    try:
        for _ in range(600):
            try:
                response = urllib.request.urlopen(
                    urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/texts/en", headers=headers)
                )
                break
            except urllib.error.URLError:
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.1)
        assert response.headers.get("Access-Control-Allow-Origin", "") == origin
        if model := command.settings.get("CRPD_QA_LLM_MODEL"):
            assert model in json.load(response)["widget_hint"]
    finally:
        server.terminate()
        server.wait(timeout=30)


def curl(command, address):
    words = [word.replace("http://127.0.0.1:7860", address) for word in command.words]
    return json.loads(subprocess.run([words[0], "-sS", *words[1:]], check=True, capture_output=True).stdout)


def untried(command):
    """What can be said of a line without running it."""
    program, *words = command.words
    if program == "make":
        subprocess.run(["make", "-n", *words], cwd=ROOT, check=True, capture_output=True)
    if program == "pip":
        (extra,) = re.findall(r"crpd-qa\[(\w+)\]", " ".join(words))
        assert extra in EXTRAS


def test_questions_added_at_the_end_of_a_file_are_answered_by_resuming(folder):
    """As the README says of a JSONL file of answers that is complete."""
    assert "when questions were added to the end of the file" in prose(ROOT / "README.md")
    for count in (1, 2):
        write_jsonl(folder / "questions.jsonl", [{"question": f"paragraph {n}"} for n in (8, 9)][:count])
        result = invoke(["batch", "questions.jsonl", "--output", "answers.jsonl", "--resume"])
        assert result.exit_code == 0
    assert [answer["question"] for answer in read_jsonl(folder / "answers.jsonl")] == ["paragraph 8", "paragraph 9"]


FINDS = re.findall(r'["“]([^"“”]+)["”] finds ["“]([^"“”]+?)\.?["”]', prose(ROOT / "README.md"))


@pytest.mark.parametrize(("question", "sentence"), FINDS)
def test_what_the_readme_says_that_a_question_finds_is_quoted(assistant, question, sentence):
    assert sentence in assistant.ask(question).text


def test_the_readme_says_of_questions_what_they_find():
    assert len(FINDS) >= 2


# Python


@pytest.mark.parametrize(
    "page", sorted({block.page for block in BLOCKS if block.kind == "python"}), ids=lambda p: p.name
)
@pytest.mark.usefixtures("folder")
def test_python_gives_what_the_page_shows(page, monkeypatch):
    with endpoint(replies(WRITTEN)) as server:
        names = {}
        if page.name == "language-models.md":
            monkeypatch.setenv("CRPD_QA_LLM_BASE_URL", server.address)
            monkeypatch.setenv("CRPD_QA_LLM_MODEL", "scripted")
            names["assistant"] = Assistant.open()
        for block in blocks(page):
            if block.kind == "python":
                with redirect_stdout(StringIO()):
                    execute(block, names)
        if answer := names.get("answer"):
            assert answer.answered
            assert answer.mode == ("language-model" if page.name == "language-models.md" else "extract")


def execute(block, names):
    """A comment behind an expression, or under it, that is a literal is its value."""
    lines = block.text.split("\n")
    for node in ast.parse(block.text).body:
        code = compile(ast.Module([node], []), str(block), "exec")
        if not isinstance(node, ast.Expr):
            exec(code, names)
            continue
        value = eval(compile(ast.Expression(node.value), str(block), "eval"), names)
        rest = lines[node.end_lineno - 1][node.end_col_offset :] or lines[node.end_lineno]
        if rest.strip().startswith("#"):
            assert value == ast.literal_eval(rest.strip("# ")), block


# What programs read


@of_kind("dotenv")
def test_settings_are_read_as_the_page_has_them(block, folder):
    (folder / ".env").write_text(block.text, "utf-8")
    read = Settings()
    named = [line.partition("=")[0].removeprefix("CRPD_QA_").lower() for line in block.text.splitlines()]
    assert set(named) <= read.model_fields_set


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind == "json" and "mcpServers" in b.text], ids=str)
def test_the_set_up_of_a_program_that_speaks_mcp_starts_a_server(block, index_folder):
    given = json.loads(block.text)
    (server,) = given["mcpServers"].values()
    assert server["command"].endswith("/crpd-qa")
    arguments = [str(index_folder) if word.startswith("/path/to/") else word for word in server["args"]]
    environment = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "crpd_qa", *arguments], env=environment)

    async def asked():
        async with Client(parameters) as client:
            return await client.call_tool("ask", {"question": "paragraph 8"})

    assert "para. 8" in anyio.run(asked).content[0].text


def test_of_a_language_models_reply_what_the_page_shows_is_kept(assistant):
    own = {block.kind: block.text for block in blocks(ROOT / "docs" / "language-models.md")}
    assert [b.text for b in BLOCKS if b.kind == "json" and "mcpServers" not in b.text] == [own["json"]]
    again = json.dumps({"sentences": [s for s in json.loads(own["json"])["sentences"] if s["paragraphs"][0] > 180][1:]})
    with endpoint(replies(own["json"], again)) as server:
        given = {"llm_base_url": server.address, "llm_model": "scripted", "llm_context_tokens": 1400}
        model = Assistant(assistant.library, Settings.model_validate(settings().model_dump() | given))
        answer = model.ask("Which airports are ready for wheelchairs?")
    assert f"{answer.text}\n{answer.notice}\n" == own["text"]


@of_kind("jsonl")
def test_a_line_of_questions_is_read(block, document, tmp_path):
    path = tmp_path / "REPORT.questions.jsonl"
    path.write_text(block.text, "utf-8")
    assert read_questions(tmp_path / "REPORT.txt", document).english()[106]


NGINX = """
pid {folder}/pid;
error_log stderr;
events {{}}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder}; {server} }}
"""


@of_kind("nginx", "caddy", "ini")
def test_servers_read_their_lines(block, tmp_path):
    """Those for nginx and Caddy are tried with Chromium in tests/browser/test_subpath.py."""
    if block.kind == "nginx":
        server = block.text if block.text.startswith("server {") else f"server {{ listen 127.0.0.1:1; {block.text} }}"
        name = str(tmp_path / "report.example.org")
        if "ssl_certificate" in server:
            asked = ["-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost"]
            checked("openssl", "req", *asked, "-out", f"{name}.pem", "-keyout", f"{name}.key")
        server = server.replace("/etc/ssl/", f"{tmp_path}/").replace("listen 443", "listen 127.0.0.1:1")
        (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, server=server))
        checked("nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    elif block.kind == "caddy":
        (tmp_path / "Caddyfile").write_text(block.text)
        checked("caddy", "adapt", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile"))
    else:
        unit = configparser.RawConfigParser(strict=False)
        unit.read_string(block.text)
        assert set(unit) == {"DEFAULT", "Unit", "Service", "Install"}
        program, *words = unit["Service"]["ExecStart"].split()
        assert program.endswith("/.venv/bin/crpd-qa")
        assert words[0] in COMMANDS
        here = block.text.replace(program, sys.executable).replace("User=crpd-qa", "User=root")
        (tmp_path / "crpd-qa.service").write_text(here)
        checked("systemd-analyze", "verify", "--man=no", str(tmp_path / "crpd-qa.service"))


def checked(program, *words):
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_container_file_names_what_is_there():
    """It cannot be built here (UNTRIED); its instructions, targets, commands and settings are looked at."""
    text = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    known = {"FROM", "RUN", "USER", "WORKDIR", "COPY", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {line.split()[0] for line in lines} <= known
    for line in lines:
        if line.startswith("RUN"):
            subprocess.run(["sh", "-n", "-c", line.removeprefix("RUN ")], check=True)
    subprocess.run(["make", "-n", ".venv/run.ok"], cwd=ROOT, check=True, capture_output=True)
    assert re.findall(r"\bmake (\.\S+)", text) == [".venv/run.ok"]
    assert set(re.findall(r"bin/crpd-qa\"?,? \"?(\w+)", text)) == {"index", "serve"}


@of_kind("html")
def test_html_is_what_the_widget_is_tried_with(block):
    """tests/browser/test_widget.py takes the blocks of docs/embedding.md, and puts them on pages of another origin."""
    assert block.text in [own.text for own in blocks(ROOT / "docs" / "embedding.md")]


def test_the_question_sets_have_as_many_questions_as_is_said():
    rows = re.findall(
        r"^\| `([\w/-]+\.jsonl)` \| (.*?) \|", (ROOT / "eval" / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) >= 6
    for name, about in rows:
        said = re.findall(r"(\d[\d,]*) (?:more |English )?(?:questions|off-topic)", about)
        held = len((ROOT / "eval" / name).read_text("utf-8").splitlines())
        assert sum(int(number.replace(",", "")) for number in said) == held, name


@of_kind("text")
def test_other_text_is_tried_where_it_belongs(block, library):
    """Policies: tests/browser/test_widget.py. What a language model's reply comes to: the test above."""
    if block.page.name == "library.md":
        names = {line.split()[0] for line in block.text.splitlines()}
        files = {"library.json", "library.copy.json", "segments/", "merged/", "models/", "overrides/"}
        assert {name if name in files else f"{name.split('/')[0]}/" for name in names} == files
        for name in files - {"overrides/", "merged/"}:
            assert (library.folder / name).exists()
    elif block.page.name == "embedding.md":
        assert re.fullmatch(r"(?:[a-z]+-src https://crpd\.example\.org(?:; )?)+\n", block.text)
    else:  # eval/README.md: what runs of minutes to hours printed, of which day it says
        assert block.page.name in ("language-models.md", "README.md")


# What the pages name

COMMANDS = typer.main.get_command(app).commands
OPTIONS = {
    name: {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    for name, command in COMMANDS.items()
}
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
CODES = sorted({(page.name, code) for page in PAGES for code in codes(page)})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page):
    lost = []
    for link in links(page):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                lost.append(link)
    assert lost == []


def test_every_setting_is_documented_and_every_variable_that_is_named_is_a_setting():
    table = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"| `CRPD_QA_{name.upper()}` |" in table
    for path in [*PAGES, ROOT / "Containerfile"]:
        for name in re.findall(r"\bCRPD_QA_([A-Z_]+[A-Z])\b(?!\*)", path.read_text("utf-8")):
            assert name.lower() in Settings.model_fields, (path.name, name)


def test_defaults_are_those_of_the_program():
    rows = re.findall(
        r"^\| `CRPD_QA_(\w+)` \| (.*?) \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == len(Settings.model_fields)
    for name, shown in rows:
        default = Settings.model_fields[name.lower()].default
        if shown in ("none", "as fitted"):
            assert str(default) in ("", "None", "()")
        elif name != "ALLOWED_HOSTS":  # of an address that others reach there is none
            (value,) = re.findall(r"^`(.*?)`", shown)
            assert value == (str(default).lower() if isinstance(default, bool) else str(default)), name


def test_the_costs_of_a_wrong_answer_are_those_that_were_fitted():
    (said,) = re.findall(r"fitted is (.*?) for others", prose(ROOT / "docs" / "settings.md"))
    data = ROOT / "src" / "crpd_qa" / "data"
    names = ("", "-multilingual", "-general", "-multilingual-general")
    fitted = [
        json.loads((data / f"{name}.json").read_text("utf-8"))["wrong_answer_cost"]
        for name in ("reading-models", *(f"answer-models{name}" for name in names))
    ]
    assert [float(number) for number in re.findall(r"\d\.\d+", said)] == fitted


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind in ("sh", "console")], ids=str)
def test_every_command_and_option_of_a_block_is_there(block):
    for command in commands(block):
        if command.words[0] == "crpd-qa" and command.words[1] != "COMMAND":
            used = {word for word in command.words if word.startswith("--")}
            assert used <= OPTIONS[command.words[1]]


DESIGN = (ROOT / "src/crpd_qa/web/static/design.css").read_text("utf-8")


def test_every_command_and_option_that_the_text_names_is_there():
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "eval").rglob("*.py"))
    unknown = []
    for page, code in CODES:
        words = code.split()
        options = {word for word in words if re.fullmatch(r"--[a-z][a-z-]*", word)}
        if words[:1] == ["crpd-qa"] and len(words) > 1:
            known = OPTIONS.get(words[1], set())
        elif words[:1] == ["pip"]:
            known = {"--constraint"}
        elif words[:1] in (["claude"], ["python3"]):
            known = options
        elif page == "design.md":  # custom properties of CSS
            known = set(re.findall(r"--[a-z-]+", DESIGN))
        else:
            known = {option for own in OPTIONS.values() for option in own} | set(re.findall(r'"(--[\w-]+)"', scripts))
        if not options <= known or (words[:1] == ["crpd-qa"] and len(words) > 1 and words[1] not in OPTIONS):
            unknown.append((page, code))
    assert unknown == []


def test_every_file_and_module_of_the_project_that_the_text_names_is_there():
    homes = [ROOT, ROOT / "src" / "crpd_qa", ROOT / "eval"]
    lost = []
    for page, code in CODES:
        if re.fullmatch(
            r"(?:eval|tests|docs|src|data|answer|examples|benchmarks|library)/[\w./-]+\.(?:py|jsonl?|tsv|md)", code
        ):
            if not any((home / code).is_file() for home in homes):
                lost.append((page, code))
        elif re.fullmatch(r"crpd_qa(?:\.\w+)+", code):
            module, _, name = code.rpartition(".")
            if not hasattr(import_module(module), name):
                lost.append((page, code))
        elif found := re.fullmatch(r"python (\S+\.py)(?: .*)?", code):
            if not (ROOT / found[1]).is_file():
                lost.append((page, code))
        elif found := re.fullmatch(r"crpd-qa\[(\w+)\]", code):
            assert found[1] in EXTRAS
    assert lost == []


def test_every_address_of_the_server_that_the_text_names_is_there(assistant, tmp_path):
    config = Settings(metrics=True, feedback=tmp_path / "feedback.sqlite", operator_token="0123456789abcdef")
    client = TestClient(create_app(assistant, config))
    elsewhere = ("/srv", "/etc", "/path", "/64")
    lost = []
    for page, code in CODES:
        path = code.removeprefix("GET ").removeprefix("POST ").partition("#")[0]
        known = path.replace("KEN/1", "KAZ/1").replace("/ask/healthz", "/healthz").rstrip("/")
        if re.match(r"/\w", path) and not path.startswith(elsewhere) and client.get(known).status_code == 404:
            lost.append((page, code))
    assert lost == []


LIMITS = Settings.model_fields
NUMBERS = {1: "one", 2: "two", 5: "five", 12: "twelve"}
ANSWER_SECONDS = LIMITS["answer_timeout_seconds"].default
SAID = [
    ("README.md", f"at most {LIMITS['max_answer_words'].default} words"),
    ("README.md", f"up to six and {most_words(LIMITS['max_answer_words'].default)} words"),
    ("README.md", f"of more than {FULL_TEXT_WORDS} words is summed up"),
    ("README.md", f"that tell most, {most_words(LIMITS['max_answer_words'].default)} words at most"),
    ("README.md", f"at the latest {NUMBERS[GRACE_SECONDS]} seconds after the time that an answer may take"),
    ("README.md", f"is {ANSWER_SECONDS} s, or {ANSWER_SECONDS + LIMITS['llm_timeout_seconds'].default} s with"),
    ("docs/deployment.md", f"not come whole after {LIMITS['request_timeout_seconds'].default} seconds"),
    ("docs/deployment.md", f"at most {LIMITS['max_connections'].default} connections"),
    ("docs/deployment.md", f"{NUMBERS[SIGN_INS_PER_MINUTE].capitalize()} tries a minute"),
    ("docs/deployment.md", f"A session lasts {NUMBERS[SESSION_SECONDS // 3600]} hours"),
    ("docs/privacy.md", f"{NUMBERS[SESSION_SECONDS // 3600]} hours, or signing out"),
    ("docs/privacy.md", f"up to {MAX_WAITING:,} questions wait"),
    ("docs/settings.md", f"shown again may have {MAX_KEPT_BYTES // 2**20} MB"),
    ("docs/language-models.md", f"`CRPD_QA_LLM_TIMEOUT_SECONDS` ({LIMITS['llm_timeout_seconds'].default})"),
]


@pytest.mark.parametrize(("page", "words"), SAID)
def test_limits_that_the_text_names_are_those_of_the_program(page, words):
    assert words in prose(ROOT / page)


def test_the_tools_of_mcp_are_those_of_the_table(assistant):
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", (ROOT / "docs" / "mcp.md").read_text("utf-8"), re.MULTILINE)
    tools = anyio.run(create_server(assistant).list_tools)
    assert {name: set(re.findall(r"`(\w+)`", arguments)) for name, arguments in rows} == {
        tool.name: set(tool.input_schema["properties"]) for tool in tools
    }


def test_the_attributes_of_the_widget_are_those_of_the_table():
    rows = re.findall(r"^\| `([\w-]+)` \|", (ROOT / "docs" / "embedding.md").read_text("utf-8"), re.MULTILINE)
    script = (ROOT / "src" / "crpd_qa" / "web" / "static" / "widget.js").read_text("utf-8")
    scope = re.search(r"const SCOPE = \[(.*?)\]", script)[1].replace('"', "").replace("_", "-").split(", ")
    assert set(rows) == {*re.findall(r'this\.getAttribute\("([\w-]+)"\)', script), *scope, "lang"}
