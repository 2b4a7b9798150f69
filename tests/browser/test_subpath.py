"""Behind real proxies, with the lines of docs/deployment.md: a host of its own, and below a path in two ways."""

import http.client
import itertools
import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from free_port import free_port
from running_server import running

DEPLOYMENT = Path(__file__).parents[2] / "docs" / "deployment.md"
ALLOWANCE = 60
visitors = itertools.count(1)
WHOLE_HOST, PASSED_ON, TAKEN_OFF = range(3)  # the order of the blocks on the page
NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    {server}
}}
"""


def block(proxy, number):
    """The block of that proxy on the page. After the three ways come lines for one path alone."""
    blocks = re.findall(rf"^```{proxy}\n(.*?)^```", DEPLOYMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    return blocks[number]


def installed(program):
    path = shutil.which(program)
    if path is None:
        assert "CI" not in os.environ, f"CI has {program}: .ci/run installs it"
        pytest.skip(f"needs Debian's {program} (apt-get install {program})")
    return path


@contextmanager
def started(command, port, folder):
    """Runs a proxy until the end, which has to listen soon."""
    log = folder / "proxy.log"
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def behind_nginx(number, server, folder):
    """Address of that server behind nginx with that block of the page."""
    port = free_port()
    lines = block("nginx", number).replace("127.0.0.1:7860", urlsplit(server).netloc)
    scheme, path = "http", "/ask"
    if number == WHOLE_HOST:
        scheme, path = "https", ""
        certificate(folder)
        lines = lines.replace("listen 443", f"listen 127.0.0.1:{port}").replace("/etc/ssl/", f"{folder}/")
    else:
        lines = f"server {{ listen 127.0.0.1:{port}; {lines} location / {{ return 418; }} }}"
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, server=lines))
    with started([installed("nginx"), "-p", str(folder), "-c", str(configuration)], port, folder):
        yield f"{scheme}://localhost:{port}{path}"


@contextmanager
def behind_caddy(number, server, folder):
    """Address of that server behind Caddy with that block of the page."""
    port = free_port()
    lines = block("caddy", number).replace("127.0.0.1:7860", urlsplit(server).netloc)
    lines = re.sub(r"^\S+\.example\.org", f"http://localhost:{port}", lines)
    configuration = folder / "Caddyfile"
    configuration.write_text(f"{{\n admin off\n auto_https off\n}}\n{lines}")
    with started([installed("caddy"), "run", "--adapter", "caddyfile", "--config", str(configuration)], port, folder):
        yield f"http://localhost:{port}{'' if number == WHOLE_HOST else '/ask'}"


def certificate(folder):
    name = str(folder / "report.example.org")
    asked = ["-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1", "-subj", "/CN=localhost"]
    command = [installed("openssl"), "req", *asked]
    subprocess.run([*command, "-out", f"{name}.pem", "-keyout", f"{name}.key"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def served(index_folder, tmp_path_factory):
    """Starts the server that a block needs, or gives the one that runs: (its address, file of its feedback)."""
    with ExitStack() as stack:

        @cache
        def serve(base_path):
            folder = tmp_path_factory.mktemp("served")
            told = {"TRUSTED_PROXIES": "127.0.0.1", "REQUESTS_PER_MINUTE": str(ALLOWANCE)}
            feedback = folder / "feedback.sqlite"
            server = running(index_folder, folder / "log", FEEDBACK=str(feedback), BASE_PATH=base_path, **told)
            return stack.enter_context(server), feedback

        yield serve


@pytest.fixture(
    scope="module",
    params=[(proxy, number) for proxy in (behind_nginx, behind_caddy) for number in range(3)],
    ids=[f"{proxy}, {way}" for proxy in ("nginx", "caddy") for way in ("whole host", "passed on", "taken off")],
)
def deployed(request, served, tmp_path_factory):
    """(address that people see, file of the feedback)"""
    proxy, number = request.param
    folder = tmp_path_factory.mktemp("deployed")
    folder.chmod(0o777)  # nginx's workers are another user's
    server, feedback = served("/ask" if number == PASSED_ON else "")
    with proxy(number, server, folder) as address:
        yield address, feedback


@pytest.fixture(scope="module")
def context(browser, deployed):  # noqa: ARG001
    """One for each deployment: from its cache the chat loads in half the time."""
    context = browser.new_context(ignore_https_errors=True, locale="en")
    yield context
    context.close()


@pytest.fixture
def visit(context, deployed):
    """Opens a page below the address. Whatever it asks for outside the address, or in vain, fails the test."""
    address, _ = deployed
    pages, asked, failed = [], [], []

    def note(response):
        asked.append(response.url)
        if response.status >= 400 and not response.url.endswith("/nothing"):
            failed.append((response.status, response.url))

    def lost(request):
        if request.failure != "net::ERR_ABORTED":  # so ends what is under way when a page is left
            failed.append((request.failure, request.url))

    def open_(path):
        page = context.new_page()
        pages.append(page)
        page.on("response", note)
        page.on("requestfailed", lost)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(f"{address}{path}")
        return page

    yield open_
    for page in pages:
        page.close()
    assert asked
    assert [url for url in asked if not url.startswith((f"{address}/", "data:"))] == []
    assert failed == []


def styled(page):
    """Whether the page has its own style sheet."""
    return page.evaluate("[...document.styleSheets].some(sheet => sheet.cssRules.length > 5)")


def test_the_chat_answers_and_leads_to_the_paragraph_in_the_reader(visit, deployed):
    page = visit("/")
    page.fill("#question textarea", "How many persons have a disability?")
    page.click("#ask")
    answer = page.locator(".turn")
    answer.wait_for()
    assert "para. 107" in answer.inner_text()
    answer.locator(".sources a.read").first.click()  # the source stands open beside the answer
    page.wait_for_url(f"{deployed[0]}/report?**")
    assert styled(page)
    assert page.locator("#para-107 mark").count() >= 1
    assert page.locator("#para-107 button.cite").count() == 1  # its script runs


def test_feedback_from_the_chat_is_kept(visit, deployed):
    page = visit("/")
    page.fill("#question textarea", "paragraph 8")
    page.click("#ask")
    page.click("[data-helpful=true]")
    page.wait_for_function("!document.querySelector('[data-helpful]')")
    with sqlite3.connect(deployed[1]) as database:
        assert ("paragraph 8", 1) in database.execute("SELECT question, helpful FROM feedback").fetchall()


def test_links_from_page_to_page_and_language_to_language_stay_below_the_address(visit):
    page = visit("/")
    page.wait_for_selector("#question textarea")
    for place in (
        "nav.pages a >> nth=1",
        ".languages summary",
        ".languages a[lang=fr]",
        "nav.pages a >> nth=2",
        "nav.pages a >> nth=0",
    ):
        page.click(place)
    page.wait_for_selector("#question textarea")
    assert page.get_attribute("html", "lang") == "fr"
    page.click(".languages summary")
    page.click(".languages a[lang=kk]")
    page.wait_for_selector("html[lang=kk] #question textarea")
    assert styled(visit("/accessibility"))
    lost = visit("/nothing")
    assert styled(lost)
    lost.click("nav.pages a >> nth=0")
    lost.wait_for_selector("#question textarea")


def test_the_form_without_script_answers(visit, deployed):
    page = visit("/ask")
    assert styled(page)
    page.fill("#question", "paragraph 8")
    page.click("[type=submit]")
    assert page.locator(".source a.read").get_attribute("href").startswith(f"{urlsplit(deployed[0]).path}/report?")


def test_the_widget_answers_opens_a_paragraph_and_leads_to_the_reader(visit, deployed):
    page = visit("/embed")
    field = page.locator("crpd-qa-widget textarea")
    field.fill("How many persons have a disability?")
    field.press("Enter")
    page.locator("crpd-qa-widget button[aria-expanded]").first.click()
    link = page.locator("crpd-qa-widget a[target=_blank]").first
    link.wait_for()
    assert link.get_attribute("href").startswith(f"{deployed[0]}/report?")


def fetched(address, path="", source="127.0.0.1", **headers):
    """(status, body) for a client of that address."""
    at = urlsplit(address)
    secret = {"context": ssl._create_unverified_context()} if at.scheme == "https" else {}
    kind = http.client.HTTPSConnection if secret else http.client.HTTPConnection
    connection = kind("127.0.0.1", at.port, source_address=(source, 0), **secret)
    connection.request("GET", at.path + path, headers={"Host": at.netloc} | headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def test_the_api_describes_itself_below_the_address(deployed):
    base = urlsplit(deployed[0]).path
    description = json.loads(fetched(deployed[0], "/api/v1/openapi.json")[1])
    (server,) = description["servers"]
    assert server["url"] == f"{base}/api/v1"
    paragraph = json.loads(fetched(deployed[0], "/api/v1/paragraphs/8")[1])
    assert paragraph["url"] == f"{base}/report#para-8"


def test_visitors_behind_the_proxy_have_an_allowance_each_and_cannot_forge_another(deployed):
    one, other = (f"127.1.{next(visitors)}.1" for _ in range(2))
    forging = [
        fetched(deployed[0], "/api/v1/search?q=sign", one, **{"X-Forwarded-For": f"203.0.113.{count}"})[0]
        for count in range(ALLOWANCE + 5)
    ]
    assert forging == [200] * ALLOWANCE + [429] * 5
    assert fetched(deployed[0], "/api/v1/search?q=sign", other)[0] == 200


def test_what_a_visitor_says_of_the_address_does_not_get_past_the_proxy(deployed):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "gopher"}
    for path in ("/", "/report", "/report/", "/api/v1/openapi.json", "/chat/en"):
        status, body = fetched(deployed[0], path, **forged)
        assert (status, b"evil" in body) == (fetched(deployed[0], path)[0], False)
