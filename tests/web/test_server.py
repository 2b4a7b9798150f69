import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from crpd_qa.errors import ServerError
from crpd_qa.settings import Settings
from crpd_qa.web.server import check_address, create_app
from language_model_endpoint import endpoint
from running_server import started as start

START_WORK = 8
"""Starting takes so many times the work of one answer at most: about 4.5, most of it to import Gradio."""
SECRET = "a-question-that-nobody-may-log"


def processor_seconds(process):
    """What the process and its threads have used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def started(index_folder, tmp_path_factory):
    """(address, processor seconds until the page came, file with all the server printed)"""
    log = tmp_path_factory.mktemp("server") / "log"
    with start(index_folder, log) as (address, process):
        urllib.request.urlopen(address, timeout=60).close()
        yield address, processor_seconds(process), log


def test_the_page_is_there_after_little_more_work_than_opening_a_library_for_one_answer(started, index_folder):
    code = (
        "import time; from crpd_qa import Assistant; "
        f"Assistant.open({str(index_folder)!r}).ask('paragraph 8'); print(time.process_time())"
    )
    one_answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert started[1] < START_WORK * float(one_answer.stdout)


def test_the_server_says_that_it_is_well(started):
    with urllib.request.urlopen(f"{started[0]}/healthz") as response:
        assert response.read() == b'{"status":"ok"}'


def test_pages_are_served_with_privacy_headers(started):
    with urllib.request.urlopen(started[0]) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_nothing_that_a_visitor_sends_is_printed(started):
    address, _, log = started
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/{SECRET}?q={SECRET}")
    assert "Chat: http" in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 7860), ("no-such-host.invalid", 7860)])
def test_an_address_that_is_not_this_machines_is_named(host, port):
    with pytest.raises(ServerError, match=host):
        check_address(host, port)


def test_an_idle_server_uses_less_than_a_hundredth_of_a_core(index_folder, tmp_path):
    with start(index_folder, tmp_path / "log") as (address, process):
        httpx.get(f"{address}/chat/en", timeout=60)
        used, seconds = [], 6
        while len(used) < 5 and not any(one < seconds / 100 for one in used):  # it may not be idle at once
            before = processor_seconds(process)
            time.sleep(seconds)
            used.append(processor_seconds(process) - before)
        assert min(used) < seconds / 100


@pytest.mark.parametrize(
    "path", ["/", "/chat/en", "/ask", "/report", "/accessibility", "/embed", "/widget.js", "/healthz"]
)
def test_head_says_what_get_would_say(started, path):
    said = httpx.get(f"{started[0]}{path}", timeout=60)
    head = httpx.head(f"{started[0]}{path}")
    assert head.content == b""
    assert head.status_code == said.status_code
    same = ("content-type", "content-length", "etag", "location", "content-security-policy")
    assert {name: head.headers.get(name) for name in same} == {name: said.headers.get(name) for name in same}


def test_every_route_that_is_read_answers_head(assistant):
    client = TestClient(create_app(assistant, Settings(metrics=True)))
    routes = [r for route in client.app.routes for r in getattr(route, "original_router", client.app).routes]
    read = {route.path for route in routes if isinstance(route, APIRoute) and "GET" in route.methods}
    read = {path for path in read if not path.startswith("/operator")}  # not there for visitors
    assert {"/", "/ask", "/report", "/healthz", "/metrics", "/embed", "/static/chat.js", "/favicon.ico"} <= read
    for path in (path.replace("{symbol:path}", "CRPD/C/KAZ/1") for path in read):
        assert client.head(path).status_code == client.get(path).status_code < 300, path


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_soon_although_visitors_hold_connections(index_folder, tmp_path, way):
    with start(index_folder, tmp_path / "log") as (address, process), httpx.Client(timeout=60) as visitor:
        visitor.get(f"{address}/chat/en")
        visitor.post(f"{address}/ask", data={"question": "paragraph 8"}, headers={"Accept": "text/event-stream"})
        process.send_signal(way)
        process.wait(timeout=30)


def test_an_open_answer_is_finished_before_the_server_ends(index_folder, tmp_path):
    going_on = threading.Event()

    def script(exchange):
        exchange.begin()
        exchange.write("In the country, ")
        going_on.wait(20)
        exchange.write("651,900 persons have a disability. [107]", "stop")

    with endpoint(script) as model:
        settings = {"LLM_BASE_URL": model.address, "LLM_MODEL": "scripted"}
        with start(index_folder, tmp_path / "log", **settings) as (address, process):
            question = {"question": "What share of the population has a disability?"}
            asked = {"url": f"{address}/ask", "data": question, "headers": {"Accept": "text/event-stream"}}
            with httpx.stream("POST", **asked, timeout=60) as response:
                said = response.iter_text()
                next(said)
                process.terminate()
                time.sleep(0.5)
                going_on.set()
                assert "event: answer" in "".join(said)
            process.wait(timeout=30)
