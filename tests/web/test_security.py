"""Origins, policies and proxies; what only a running server or a browser shows is tried on those."""

import json
import urllib.error
import urllib.request

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from crpd_qa import Assistant
from crpd_qa.settings import Settings
from crpd_qa.web.server import create_app
from running_server import running

ALLOWED = "https://exact.example https://*.wide.example http://127.0.0.1:8001"


@pytest.fixture(scope="module")
def client(assistant):
    return TestClient(create_app(assistant, Settings(allowed_origins=ALLOWED)))


@pytest.fixture(scope="module")
def closed(assistant):
    """As it comes: no other origin is allowed."""
    return TestClient(create_app(assistant, Settings()))


@pytest.fixture(scope="module")
def address(index_folder, tmp_path_factory):
    """A running server on which each client may ask three times a minute."""
    log = tmp_path_factory.mktemp("security") / "log"
    with running(index_folder, log, REQUESTS_PER_MINUTE="3") as address:
        yield address


def preflight(client, origin, path="/api/v1/ask"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return client.options(path, headers=headers)


@pytest.mark.parametrize(
    "origin",
    ["https://exact.example", "https://a.wide.example", "https://a.b.wide.example", "http://127.0.0.1:8001"],
)
def test_pages_of_an_allowed_origin_may_use_the_api(client, origin):
    assert preflight(client, origin).headers["Access-Control-Allow-Origin"] == origin
    response = client.post("/api/v1/ask", json={"question": "paragraph 8"}, headers={"Origin": origin})
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example",
        "http://exact.example",
        "https://exact.example:8443",
        "https://sub.exact.example",
        "https://wide.example",
        "https://evilwide.example",
        "https://a.wide.example.evil.example",
        "https://a.wideXexample",
        "null",
    ],
)
def test_pages_of_any_other_origin_may_not(client, closed, origin):
    for server in (client, closed):
        assert "Access-Control-Allow-Origin" not in preflight(server, origin).headers
        assert "Access-Control-Allow-Origin" not in server.get("/api/v1/sections", headers={"Origin": origin}).headers


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/queue/join", "/healthz"])
def test_the_chat_answers_to_no_other_origin_not_even_an_allowed_one(client, path):
    headers = {"Origin": "https://exact.example", "Host": "report.example"}
    for response in (client.get(path, headers=headers), preflight(client, "https://exact.example", path)):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_whoever_is_refused_for_asking_too_often_can_read_why_in_an_allowed_page(assistant):
    client = TestClient(create_app(assistant, Settings(allowed_origins=ALLOWED, requests_per_minute=1)))
    headers = {"Origin": "https://exact.example"}
    assert client.get("/api/v1/search?q=sign", headers=headers).status_code == 200
    response = client.get("/api/v1/search?q=sign", headers=headers)
    assert response.status_code == 429
    assert response.headers["Access-Control-Allow-Origin"] == "https://exact.example"
    assert response.headers["Access-Control-Expose-Headers"] == "Retry-After"


class BrokenAssistant(Assistant):
    @property
    def document(self):
        if self.broken:
            raise RuntimeError("broken for the test")
        return super().document


def policy(response):
    directives = [directive.split() for directive in response.headers["Content-Security-Policy"].split("; ")]
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/healthz", 200),
        ("/nothing", 404),
        ("/api/v1/sections", 200),
        ("/api/v1/ask", 405),
        ("/readyz", 500),
    ],
)
def test_every_response_has_the_headers_whatever_happened(assistant, path, status):
    broken = BrokenAssistant(assistant.library)
    broken.broken = False
    client = TestClient(create_app(broken, Settings(allowed_origins=ALLOWED)), raise_server_exceptions=False)
    broken.broken = status == 500
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert policy(response)["frame-ancestors"] == ["'self'", *ALLOWED.split()]
    assert "Traceback" not in response.text


def test_too_large_a_body_is_refused_with_the_headers_too(closed):
    response = closed.post("/api/v1/ask", content=b" " * 70_000)
    assert response.status_code == 413
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_chat_may_run_inline_scripts_and_no_page_loads_from_another_host(closed):
    for path in ("/", "/nothing", "/api/v1/sections", "/healthz"):
        found = policy(closed.get(path))
        assert found["frame-ancestors"] == ["'self'"]
        sources = {source for directive in found.values() for source in directive}
        assert sources <= {"'self'", "'none'", "data:", "'unsafe-inline'", "'unsafe-eval'"}
        assert ("'unsafe-inline'" in sources) == (path == "/")
        if path != "/":
            assert found["default-src"] == ["'none'"]


@pytest.mark.parametrize(
    "origins",
    ["*", "https://*", "example.org", "https://example.org/", "https://exa mple", "https://a.*.org", "javascript:x",
     "https://example.org;script-src"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(origins):
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(allowed_origins=origins)


def test_what_is_no_network_is_refused():
    with pytest.raises(ValidationError, match=r"proxy\.example"):
        Settings(trusted_proxies="10.0.0.0/8, proxy.example")


def test_a_running_server_is_not_fooled_by_a_forged_header_even_from_its_own_machine(address):
    def ask(number):
        request = urllib.request.Request(
            f"{address}/api/v1/ask",
            json.dumps({"question": "paragraph 8"}).encode(),
            {"Content-Type": "application/json", "X-Forwarded-For": f"198.51.100.{number}"},
        )
        try:
            with urllib.request.urlopen(request) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    assert [ask(number) for number in range(5)] == [200, 200, 200, 429, 429]
