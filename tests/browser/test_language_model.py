"""The chat with a language model: text as it comes, settles, is cancelled. The model is scripted; all else is real."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from language_model_endpoint import Endpoint, Exchange, endpoint

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SLOW = threading.Event()
"""While it is set, the model never comes to an end."""
TRUE = "In the country, 651,900 persons have a disability. [107]"


def _script(exchange: Exchange) -> None:
    exchange.begin()
    exchange.write(TRUE)
    if SLOW.is_set():
        exchange.wait_for_hang_up()
    time.sleep(1)
    exchange.write(" They are all Martians. [107]" if "failed the check" not in str(exchange.request_json) else "")
    exchange.write("", "stop")


@pytest.fixture(scope="module")
def model():
    with endpoint(_script) as server:
        yield server


@pytest.fixture(scope="module")
def chat(index_folder, model: Endpoint):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "CRPD_QA_PORT": str(port),
        "CRPD_QA_INDEX": str(index_folder),
        "CRPD_QA_LLM_BASE_URL": model.address,
        "CRPD_QA_LLM_MODEL": "scripted",
        "CRPD_QA_LLM_API_KEY": "sk-very-secret-4711",
    }
    process = subprocess.Popen([sys.executable, str(ROOT / "app.py")], env=os.environ | settings)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
            break
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def page(browser, chat):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{chat}/chat/en/")
    page.wait_for_selector("#question textarea")
    yield page
    context.close()


def _ask(page, question: str) -> None:
    page.fill("#question textarea", question)
    page.click("#ask")


def test_the_page_says_which_model_writes_and_where_questions_go_and_never_the_key(page, model):
    host = model.address.removeprefix("http://").removesuffix("/v1")
    assert "(scripted)" in page.inner_text("#mode")
    assert host in page.inner_text("#mode")
    assert "not sent anywhere" not in page.content()
    assert "4711" not in page.content()


def test_text_is_marked_as_being_checked_and_settles_once(page):
    page.evaluate(
        """() => { window.said = []; new MutationObserver(() => {
            const text = document.getElementById('announcement').textContent; if (text) window.said.push(text);
        }).observe(document.getElementById('announcement'), {childList: true}); }"""
    )
    _ask(page, "What share of the population has a disability?")
    page.wait_for_selector("#pending .unchecked:has-text('651,900')")
    assert "Being checked" in page.inner_text("#pending")
    page.wait_for_selector(".turn .said")
    page.wait_for_selector("#pending .unchecked", state="detached")
    assert page.inner_text(".turn .said") == TRUE
    assert "Martians" not in page.inner_text("#conversation")
    assert "left out: 1." in page.inner_text(".turn .notice")
    page.wait_for_timeout(300)
    assert [text.replace("\u00a0", " ").strip() for text in page.evaluate("window.said")] == [TRUE]


def test_cancelling_stops_the_request(page, model):
    model.hung_up.clear()
    SLOW.set()
    _ask(page, "What share of the population has a disability?")
    page.wait_for_selector("#pending .unchecked:has-text('651,900')")
    page.click("#cancel")
    SLOW.clear()
    page.wait_for_selector("#pending .unchecked", state="detached")
    assert model.hung_up.wait(5)
    assert page.inner_text("#conversation .note") == "Cancelled."
    _ask(page, "paragraph 107")
    page.wait_for_selector(".turn .said")
