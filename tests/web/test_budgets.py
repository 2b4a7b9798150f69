"""What pages weigh of our own, beside Gradio's: eval/benchmarks/pages.py measures it in a browser."""

import re
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient

from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES
from crpd_qa.web.server import create_app

LOADED = re.compile(r'<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+\.(?:js|css|svg))"')
GRADIO = ("/chat/assets/", "/chat/theme.css", "/chat/static/")


@pytest.fixture(scope="module")
def client(assistant):
    with TestClient(create_app(assistant, Settings())) as client:
        yield client


def own_bytes(client, path):
    """Of the page and of what its elements load, without Gradio's files."""
    page = client.get(path)
    files = {urljoin(path, each) for each in LOADED.findall(page.text)}
    own = [each for each in sorted(files) if not each.startswith(GRADIO)]
    assert own
    return len(page.content) + sum(len(client.get(each).raise_for_status().content) for each in own)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/chat/en", 300_000), ("/chat/kk", 300_000), ("/ask", 60_000), ("/about", 60_000), ("/embed", 30_000)],
)
def test_a_page_is_light(client, path, most):
    assert own_bytes(client, path) < most


def test_one_gradio_application_serves_all_languages(client):
    made = {re.search(r'"app_id":(\d+)', client.get(f"/chat/{language}").text)[1] for language in LANGUAGES}
    assert len(made) == 1
