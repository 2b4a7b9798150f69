"""The real server, driven by Debian's Chromium."""

import gc
import json
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from chromium import ARGUMENTS, CHROMIUM, LETTERS, VISIBLE
from running_server import running

ROOT = Path(__file__).parents[2]
USUAL = b"http://127.0.0.1:7860"
"""Where examples/site and docs/try-widget.html expect the server."""


@pytest.fixture(scope="module")
def other_site():
    """Files of this repository on a port of their own, which is another origin; where they expect the server stands
    the address in `instead`."""

    class Site(SimpleHTTPRequestHandler):
        def do_GET(self):
            file = ROOT / self.path.lstrip("/")
            self.send_response(200 if file.is_file() else 404)
            self.send_header("Content-Type", self.guess_type(file.name))
            self.end_headers()
            if file.is_file():
                self.wfile.write(file.read_bytes().replace(USUAL, self.server.instead))

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield listening
    listening.shutdown()


@pytest.fixture(scope="module")
def server(index_folder, other_site, tmp_path_factory):
    """Address of a running chat, which the site's pages may use; stopped at the end."""
    log = tmp_path_factory.mktemp("server") / "log"
    with running(index_folder, log, ALLOWED_ORIGINS=f"http://127.0.0.1:{other_site.server_port}") as address:
        yield address


@pytest.fixture
def feedback_server(index_folder, tmp_path):
    """(address of a chat that asks whether an answer helped, its database)"""
    database = tmp_path / "feedback.sqlite"
    with running(index_folder, tmp_path / "log", FEEDBACK=str(database)) as address:
        yield address, database


@pytest.fixture(scope="module")
def browser():
    """Chromium, for a module: while Playwright is open its event loop is this thread's, and no other can run."""
    if CHROMIUM is None:
        assert "CI" not in os.environ, "CI has Chromium: .ci/run installs it"
        pytest.skip("browser tests need Debian's chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=LETTERS)
        yield chromium
        chromium.close()
    gc.collect()  # what is left of Playwright's greenlets, here and not within some other test's parsing of Python


@pytest.fixture(scope="module")
def context_of(browser):
    """Gives the context with these options, one for a module: from its cache the chat loads in half the time."""
    contexts = {}

    def context(**options):
        key = json.dumps(options, sort_keys=True)
        if key not in contexts:
            contexts[key] = browser.new_context(**options)
        return contexts[key]

    yield context
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(context_of, server):
    """Opens a page. Any script error on it fails the test."""
    pages = []
    errors = []

    def open_(path="/", **options):
        page = context_of(**options).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}{path}")
        if path.startswith(("/?", "/chat")) or path == "/":
            page.wait_for_selector("#question textarea", timeout=90_000)  # on two cores with others
            page.get_by_text("Loading...", exact=True).wait_for(state="hidden")
        return page

    yield open_
    for page in pages:
        page.context.clear_cookies()
        page.context.set_offline(False)
        page.close()
    assert errors == []


@pytest.fixture
def open_site(context_of, other_site, server):
    """Opens a file of this repository as a page of another origin. What its policy stops fails the test, as do script
    errors."""
    other_site.instead = server.encode()
    origin = f"http://127.0.0.1:{other_site.server_port}"
    pages, troubles = [], []

    def open_(path, **options):
        page = context_of(**options).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
        page.on("request", lambda r: troubles.append(r.url) if not r.url.startswith((origin, server)) else None)
        page.goto(f"{origin}/{path}")
        return page

    yield open_
    for page in pages:
        page.close()
    assert troubles == []


@pytest.fixture(scope="session")
def violations():
    """What axe-core finds on a page, with best practices and the rules that are off by default for WCAG 2.2."""
    rules = {
        rule: {"enabled": True} for rule in ("target-size", "label-content-name-mismatch", "focus-order-semantics")
    }

    def run(page):
        page.evaluate(VISIBLE)
        # Only violations are told in full: naming each element that passes takes three quarters of the time.
        response = Axe().run(page, options={"rules": rules, "resultTypes": ["violations"]}).response
        assert len(response["passes"]) > 10  # axe looked at the page
        return [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in response["violations"]]

    return run


@pytest.fixture
def open_chat(open_page):
    """Opens the chat in English, in a new context."""
    return open_page
