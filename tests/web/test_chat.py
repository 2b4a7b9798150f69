"""The chat's pages, and that nothing else of Gradio is reached."""

import re

import httpx
import pytest
from fastapi.testclient import TestClient

from crpd_qa import Assistant
from crpd_qa.library.write import LibraryWriter
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.chat import build_chat
from crpd_qa.web.server import create_app
from running_server import running
from small_library import DOCUMENTS


@pytest.fixture(scope="module")
def client(assistant):
    return TestClient(create_app(assistant, Settings(requests_per_minute=1000)), follow_redirects=False)


def every(routes):
    """Those of included routers too."""
    for route in routes:
        yield from every(route.original_router.routes) if hasattr(route, "original_router") else [route]


def gradio_requests(assistant):
    """(method, path) of every route that Gradio has, with something in place of each parameter."""
    from gradio.routes import App  # not at the top: every process of a run would import it to collect its tests

    for route in every(App.create_app(build_chat(assistant)).routes):
        for method in getattr(route, "methods", None) or ():
            yield method, re.sub(r"\{\w+(:path)?\}", "x", route.path)


def test_of_all_that_gradio_serves_only_pages_and_the_theme_are_found(client, assistant):
    requests = list(gradio_requests(assistant))
    assert len(requests) > 80
    found = {(method, path) for method, path in requests if client.request(method, f"/chat{path}").status_code != 404}
    pages = {f"/{language}{slash}" for language in LANGUAGES for slash in ("", "/")}
    # "/" leads to the visitor's language.
    assert {path for _, path in found} == pages | {"/", "/theme.css"}
    assert {method for method, _ in found} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/queue/join",
        "gradio_api/queue/data?session_hash=forged",
        "gradio_api/run/ask",
        "gradio_api/call/ask",
        "gradio_api/upload",
        "gradio_api/deep_link?session_hash=forged",
        "gradio_api/heartbeat/forged",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "gradio_api/file=/etc/passwd",
        "gradio_api/mcp/sse",
        "config",
        "monitoring",
        "login",
        "assets/../index.html",
        "assets/%2e%2e/index.html",
        "static/fonts/",
        f"assets/{'x' * 5000}",
        f"static/{'x' * 300}.css",
        "assets/%00",
        "assets/%ED%A0%80",
        "de",
        "en/gradio_api/queue/join",
    ],
)
def test_what_the_page_does_not_load_is_not_found(client, path):
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE"):
        assert client.request(method, f"/chat/{path}").status_code == 404


def test_a_page_is_not_sent_to(client):
    response = client.post("/chat/en", files={"files": b"text"})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_the_files_that_the_page_names_are_found(client):
    page = client.get("/chat/en").text
    for name in re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page):
        assert client.get(f"/chat/{name}").status_code == 200
    assert client.get("/static/chat.js").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_its_language_and_says_what_to_do_without_a_script(client, language):
    page = client.get(f"/chat/{language}").text
    assert re.search(r"<html\s+lang=\"(\w+)\"", page)[1] == language
    assert f"<title>{texts(language)['chat_title']}</title>" in page
    without = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)[1]
    assert texts(language)["chat_without_script"] in without
    assert f'href="../ask?lang={language}"' in without


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_addresses_of_before_go_on_working(client, language):
    response = client.get(f"/chat/{language}/")
    assert response.status_code == 307
    assert response.headers["Location"] == f"../{language}"
    assert client.get("/", params={"lang": language}).headers["Location"].endswith(f"/chat/{language}")


def test_a_page_is_the_same_whatever_host_and_proxy_a_request_claims(client):
    page = client.get("/chat/en").content
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Gradio-Server": "http://evil.example",
    }
    assert client.get("/chat/en?deep_link=x&__theme=dark", headers=forged).content == page
    assert b"chat.invalid" not in page


def test_a_page_in_which_gradio_knows_a_function_of_the_servers_would_open_sessions(client):
    page = client.get("/chat/en").text
    assert '"backend_fn":false' in page
    assert '"backend_fn":true' not in page
    assert '"connect_heartbeat":false' in page
    assert '"run_history":false' in page  # which would be kept in the browser


def test_nothing_of_a_conversation_or_an_upload_reaches_the_disk(index_folder, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for name in ("TMPDIR", "GRADIO_TEMP_DIR", "HOME"):
        monkeypatch.setenv(name, str(scratch))
    with running(index_folder, tmp_path / "log") as address:
        httpx.get(f"{address}/chat/en", timeout=30)
        before = {path for path in scratch.rglob("*") if path.is_file()}
        httpx.post(
            f"{address}/ask", data={"question": "paragraph 8"}, headers={"Accept": "text/event-stream"}, timeout=60
        )
        httpx.post(f"{address}/ask", data={"question": "paragraph 8"}, timeout=60)
        for path in ("gradio_api/upload", "en", "gradio_api/upload?upload_id=1"):
            httpx.post(
                f"{address}/chat/{path}", files={"files": b"x" * 50_000}, headers={"Origin": "http://evil.example"}
            )
        httpx.get(f"{address}/chat/gradio_api/deep_link?session_hash=forged")
        assert {path for path in scratch.rglob("*") if path.is_file()} == before


def test_a_document_that_is_added_while_the_server_runs_can_be_chosen_on_the_next_page(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    writer = LibraryWriter(folder)
    for name in ("CRPD-C-VLD-Q-1.txt", "CRPD-C-VLD-CO-1.txt"):
        writer.add(DOCUMENTS / name)
    client = TestClient(create_app(Assistant.open(folder), Settings()))
    assert "CRPD/C/VLD/CO/1" in client.get("/chat/en").text
    assert "CRPD/C/ORS/1" not in client.get("/chat/en").text
    writer.add(DOCUMENTS / "CRPD-C-ORS-1.txt")
    assert "CRPD/C/ORS/1" in client.get("/chat/en").text


def test_what_is_looked_in_is_said_of_one_document_or_of_several(client, several):
    many = TestClient(create_app(several, Settings()))
    for own, told in ((client, texts("en")), (many, texts("en", several=True))):
        assert f'data-looking="{told["widget_looking"]}"' in own.get("/chat/en").text
