"""The chat with a language model: text as it comes, settles, is cancelled. The model is scripted; all else is real."""

import threading
import time

import pytest

from language_model_endpoint import Endpoint, Exchange, endpoint
from running_server import running

pytestmark = pytest.mark.browser
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
def chat(index_folder, model: Endpoint, tmp_path_factory):
    settings = {"LLM_BASE_URL": model.address, "LLM_MODEL": "scripted", "LLM_API_KEY": "sk-very-secret-4711"}
    with running(index_folder, tmp_path_factory.mktemp("chat") / "log", **settings) as address:
        yield address


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
    assert "Not yet compared" in page.inner_text("#pending")
    page.wait_for_selector(".turn .said")
    page.wait_for_selector("#pending .unchecked", state="detached")
    shown = TRUE.replace("[107]", "para. 107")
    assert page.inner_text(".turn .said p") == shown
    assert "(scripted)" in page.inner_text("#mode")  # it stays to be read
    assert page.inner_text(".turn .said blockquote.bears").startswith(
        "In the country, 651,900 persons, or 3.7 per cent"
    )
    assert page.locator(".bears mark").all_inner_texts() == ["country, 651,900 persons", "disability"]
    assert not page.is_visible(".own-sentences p")
    page.click(".own-sentences summary")
    assert "651,900" in page.inner_text(".own-sentences p")
    assert "Martians" not in page.inner_text("#conversation")
    assert "left out: 1." in page.inner_text(".turn .notice")
    page.wait_for_timeout(300)
    assert [text.replace("\u00a0", " ").strip() for text in page.evaluate("window.said")] == [shown]


def test_cancelling_stops_the_request(page, model):
    model.hung_up.clear()
    SLOW.set()
    _ask(page, "What share of the population has a disability?")
    page.wait_for_selector("#pending .unchecked:has-text('651,900')")
    page.click("#cancel")
    SLOW.clear()
    page.wait_for_selector("#pending .unchecked", state="detached")
    assert model.hung_up.wait(30)
    assert page.inner_text(".note") == "Cancelled."
    _ask(page, "paragraph 107")
    page.wait_for_selector(".turn .said")
