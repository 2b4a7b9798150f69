"""Names, proxies and paths: whom the server answers, and which addresses its pages then name."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from crpd_qa.errors import SettingsError
from crpd_qa.settings import Settings, settings
from crpd_qa.web.address import own_hosts
from crpd_qa.web.server import create_app
from running_server import running

PROXY = ("192.0.2.7", 40000)
STRANGER = ("203.0.113.9", 40000)
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Gradio-Server": "https://evil.example",
    "Forwarded": "host=evil.example",
}
PAGES = ("/report", "/accessibility", "/chat/en", "/ask", "/nothing", "/embed")


@pytest.fixture(scope="module")
def address(index_folder, tmp_path_factory):
    """As it comes, on this machine only, with one name more."""
    log = tmp_path_factory.mktemp("hosts") / "log"
    with running(index_folder, log, ALLOWED_HOSTS="report.example, *.wide.example", REQUEST_TIMEOUT_SECONDS="2") as at:
        yield at


@pytest.fixture(scope="module")
def proxied(assistant):
    """An application whose proxy is PROXY, by who asks."""
    app = create_app(assistant, Settings(trusted_proxies="192.0.2.0/24", allowed_hosts="report.example"))
    return lambda client: TestClient(app, base_url="http://report.example", client=client, follow_redirects=False)


@pytest.fixture(scope="module")
def below(assistant):
    """The same below /ask."""
    app = create_app(assistant, Settings(base_path="/ask/"))
    return TestClient(app, base_url="http://report.example", follow_redirects=False)


def status(address, path, **headers):
    request = urllib.request.Request(
        f"{address}{path}", headers={name.replace("_", "-"): v for name, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def links(html):
    """Addresses on this server that a page leads to or loads. Gradio's manifest is for installed apps, and is off."""
    found = [a for a in re.findall(r'(?:href|src|action)="([^"#:]+)"', html) if a != "/manifest.json"]
    assert found
    return found


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:7860", "LOCALHOST", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:80", "report.example",
     "report.example:8443", "a.wide.example", "a.b.wide.example"],
)  # fmt: skip
def test_a_server_on_this_machine_answers_to_localhosts_names_and_to_those_that_are_set(address, host):
    assert status(address, "/healthz", Host=host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "wide.example", "evilwide.example", "localhost.evil.example", "127.0.0.1.x",
     "localhost@evil.example", "report.example.", "10.0.0.1", "[::2]", "localhost:x", "a b"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/report", "/chat/en", "/api/v1/sections", "/ask", "/healthz"])
def test_it_answers_to_no_other_name_whatever_origin_agrees(address, host, path):
    assert status(address, path, Host=host, Origin=f"http://{host}") == 400


@pytest.mark.parametrize(
    ("listening", "allowed", "hosts"),
    [
        ("127.0.0.1", (), ("localhost", "127.0.0.1", "[::1]")),
        ("127.0.0.2", (), ("localhost", "127.0.0.1", "[::1]", "127.0.0.2")),
        ("::1", ("a.example",), ("localhost", "127.0.0.1", "[::1]", "a.example")),
        ("0.0.0.0", ("a.example",), ("a.example",)),
        ("192.0.2.1", ("a.example", "localhost"), ("a.example", "localhost")),
        ("0.0.0.0", (), ()),
        ("::", (), ()),
    ],
)
def test_the_names_follow_from_where_the_server_listens(listening, allowed, hosts):
    assert own_hosts(listening, allowed) == hosts


def test_a_server_that_others_can_reach_says_at_start_if_it_has_no_name(index_folder, tmp_path):
    log = tmp_path / "log"
    with running(index_folder, log, HOST="0.0.0.0") as address:
        assert status(address, "/healthz", Host="any.example") == 200
    assert log.read_text().count("CRPD_QA_ALLOWED_HOSTS") == 1
    with running(index_folder, log, HOST="0.0.0.0", ALLOWED_HOSTS="127.0.0.1") as address:
        assert status(address, "/healthz", Host="any.example") == 400
    assert "CRPD_QA_ALLOWED_HOSTS" not in log.read_text()


@pytest.mark.parametrize("hosts", ["*", "a.example:80", "https://a.example", "a.*", "a..example", "::1", "a/b"])
def test_what_is_no_host_name_is_refused(hosts):
    with pytest.raises(ValidationError, match="is no host name"):
        Settings(allowed_hosts=hosts)


@pytest.mark.parametrize(
    "path", ["ask", "//evil.example", "/a//b", "/..", "/a/../b", "/a b", "/ä", "/a?b", "https://a"]
)
def test_what_is_no_base_path_is_refused(path):
    with pytest.raises(ValidationError, match="is no path"):
        Settings(base_path=path)


@pytest.mark.parametrize("path", [*PAGES, "/", "/api/v1/openapi.json", "/api/v1/paragraphs/8", "/report/"])
def test_what_a_stranger_says_of_the_address_changes_nothing(proxied, path):
    plain = proxied(STRANGER).get(path)
    forged = proxied(STRANGER).get(path, headers=FORGED)
    assert "evil" not in forged.text + str(forged.headers)
    assert (forged.status_code, forged.headers.get("location")) == (plain.status_code, plain.headers.get("location"))
    assert "https://report.example" not in forged.text


def test_what_a_trusted_proxy_says_of_the_address_is_believed(proxied):
    client = proxied(PROXY)
    said = {"X-Forwarded-Host": "report.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/docs/ask/"}
    assert client.get("/", headers=said | {"Host": "10.1.1.1"}).headers["location"] == "/docs/ask/chat/en"
    assert client.get("/report/", headers=said).headers["location"] == "https://report.example/docs/ask/report"
    assert '"root":"/docs/ask/chat"' in client.get("/chat/en", headers=said).text
    assert client.get("/api/v1/openapi.json", headers=said).json()["servers"] == [{"url": "/docs/ask/api/v1"}]


@pytest.mark.parametrize(
    "host", ["evil.example", "report.example, evil.example", "evil.example/report.example", "@", ""]
)
def test_a_forged_host_that_a_proxy_passes_on_is_no_name_of_this_server(proxied, host):
    assert proxied(PROXY).get("/report", headers={"Host": "evil.example", "X-Forwarded-Host": host}).status_code == 400


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "/a/../b", "evil", "/a b", "/" + "a/" * 20000, "/%2e", "https://a"]
)
def test_a_prefix_that_is_no_path_is_not_believed_even_of_a_proxy(proxied, prefix):
    response = proxied(PROXY).get("/", headers={"X-Forwarded-Prefix": prefix})
    assert re.fullmatch(r"(/a)*/chat/en", response.headers["location"])


@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("path", PAGES)
def test_below_a_path_that_is_set_or_that_a_proxy_has_taken_off_pages_link_below_it(below, proxied, path, prefix):
    if prefix:
        page = proxied(PROXY).get(path, headers={"Accept": "text/html", "X-Forwarded-Prefix": "/ask"})
    else:
        page = below.get(f"/ask{path}", headers={"Accept": "text/html"})
    assert page.status_code == (404 if path == "/nothing" else 200)
    assert all(not link.startswith("/") or link.startswith(("/ask/", "/ask?")) for link in links(page.text))
    assert ("unsafe-inline" in page.headers["Content-Security-Policy"]) == path.startswith("/chat/")


@pytest.mark.parametrize("path", ["/ask", "/ask/"])
def test_below_a_base_path_its_root_leads_to_the_chat(below, path):
    assert below.get(path).headers["location"] == "/ask/chat/en"


@pytest.mark.parametrize("path", ["/", "/report", "/asked", "/askchat/en", "/healthz", "/ASK/report"])
def test_beside_the_base_path_there_is_nothing_and_that_is_said(below, path):
    found = below.get(path)
    assert (found.status_code, found.json()["detail"]) == (404, "This server's pages lie below /ask.")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    page = below.get(path, headers={"Accept": "text/html"})
    assert all(link.startswith("/ask/") for link in links(page.text))


def test_below_a_base_path_the_api_describes_and_names_addresses_below_it(below):
    description = below.get("/ask/api/v1/openapi.json").json()
    assert description["servers"] == [{"url": "/ask/api/v1"}]
    assert below.get("/ask/api/v1/paragraphs/8").json()["url"] == "/ask/report#para-8"
    problem = below.get("/ask/api/v1/nothing", headers={"Accept": "text/html"})
    assert problem.headers["content-type"] == "application/problem+json"
    ask = below.post("/ask/api/v1/ask", json={"question": "paragraph 8"}, headers={"Origin": "https://other.example"})
    assert ask.json()["citations"][0]["number"] == 8


def test_metrics_name_routes_without_the_base_path(assistant):
    client = TestClient(create_app(assistant, Settings(base_path="/ask", metrics=True)))
    client.get("/ask/api/v1/paragraphs/8")
    assert 'route="/api/v1/paragraphs/{number}"' in client.get("/ask/metrics").text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LLM_BASE_URL", "https://user:s3cret@llm.example/v1"),
        ("LLM_BASE_URL", "https://llm.example/v1?key=s3cret"),
        ("LLM_BASE_URL", "llm.example/s3cret"),
    ],
)
def test_a_password_in_a_setting_is_never_printed(monkeypatch, variable, value):
    monkeypatch.setenv(f"CRPD_QA_{variable}", value)
    command = [sys.executable, "-c", "from crpd_qa.settings import settings; settings()"]
    python = subprocess.run(command, capture_output=True, text=True)
    shell = subprocess.run([sys.executable, "-m", "crpd_qa", "ask", "paragraph 8"], capture_output=True, text=True)
    assert shell.returncode == 2
    for said in (python.stderr, shell.stderr):
        assert f"CRPD_QA_{variable}" in said
        assert "s3cret" not in said


def test_a_setting_that_is_wrong_and_no_secret_is_shown(monkeypatch):
    monkeypatch.setenv("CRPD_QA_PORT", "70000")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="CRPD_QA_PORT='70000' cannot be"):
        settings()
    settings.cache_clear()


def test_no_secret_is_in_what_settings_look_like(monkeypatch):
    monkeypatch.setenv("CRPD_QA_LLM_BASE_URL", "https://llm.example/s3cret/v1")
    monkeypatch.setenv("CRPD_QA_LLM_API_KEY", "s3cret")
    config = Settings()
    assert "s3cret" not in repr(config) + str(config)


def test_four_hundred_connections_that_send_half_a_request_keep_nobody_from_an_answer(address):
    host, port = address.removeprefix("http://").split(":")
    half_open = []
    for _ in range(400):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        half_open.append(connection)
    body = json.dumps({"question": "paragraph 8"}).encode()
    request = urllib.request.Request(f"{address}/api/v1/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        assert json.load(response)["answered"]
    begun = time.monotonic()
    for connection in half_open:
        connection.settimeout(60)
        with connection, suppress(ConnectionResetError):
            assert connection.recv(100) == b""
    assert time.monotonic() - begun < 100
