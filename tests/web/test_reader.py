"""The reader: what is searched for in a document, and one article alone. `tests/browser` has what the page does."""

import re
from html import escape, unescape
from urllib.parse import parse_qs

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.finding import asked_for, places
from crpd_qa.web.pages import pages_router
from several_documents import HOSTILE, PRINTED


@pytest.fixture(scope="module")
def client(assistant):
    app = FastAPI()
    app.include_router(pages_router(assistant))
    return TestClient(app)


@pytest.fixture(scope="module")
def shelf(several):
    """A client of the library of several documents."""
    app = FastAPI()
    app.include_router(pages_router(several))
    return TestClient(app)


def find(client, words, address="/report?lang=en", **fields):
    response = client.post(address, data={"find": words, **fields})
    assert response.status_code == 200
    return response.text


def marked(html):
    return [unescape(found) for found in re.findall(r"<mark>(.*?)</mark>", html)]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("sign language", "Sign language and SIGN LANGUAGE.", ["Sign language", "SIGN LANGUAGE"]),
        ("etat", "L’État et l'état", ["État", "état"]),
        ("l'état", "L’État", ["L’État"]),
        ("2-3", "CRPD/C/MEX/2‑3", ["2‑3"]),
        ("a  b", "a b and a\nb", ["a b"]),
        (".*", "a.*b", [".*"]),
        ("x", "xx", []),
        (" ", "a  b", []),
    ],
)
def test_words_are_found_whatever_their_case_accents_spaces_and_dashes(words, text, found):
    assert [text[start:end] for start, end in places(asked_for(words), text)] == found


def test_what_is_searched_for_is_marked_counted_and_linked_without_javascript(client):
    html = find(client, "Sign language")
    hits = marked(html)
    assert len(hits) == 14
    assert {hit.lower() for hit in hits} == {"sign language"}
    assert f"{texts('en')['report_found'].format(count=14)}." in html
    status = html[html.index('id="found"') : html.index('id="keys"')]
    assert re.findall(r'href="#para-(\d+)"', status)[:2] == ["77", "78"]


def test_headings_and_tables_are_searched_too(shelf):
    html = find(shelf, "children", f"/documents/{PRINTED}?lang=en&in_language=en")
    assert re.search(r"<caption[^>]*>[^<]*<mark>Children</mark>", html)


def test_no_word_that_is_searched_for_is_part_of_an_address_or_is_kept(client):
    response = client.post("/report?lang=en", data={"find": "sign language interpreter"})
    assert response.headers["Cache-Control"] == "no-store"
    addresses = re.findall(r'(?:href|action)="([^"]*)"', response.text)
    assert not [address for address in addresses if "interpreter" in address]
    assert marked(client.get("/report?lang=en&find=sign+language+interpreter").text) == []


@pytest.mark.parametrize(("words", "key"), [("zeppelin", "report_found_nothing"), ("x", "report_find_short")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_there_is_said_plainly(client, words, key, language):
    assert texts(language)[key] in unescape(find(client, words, f"/report?lang={language}"))


def test_what_is_searched_for_is_never_markup(client):
    html = find(client, HOSTILE)
    assert "<img" not in html
    assert HOSTILE in unescape(html)


def visible(html):
    """Labels of the paragraphs that are not hidden."""
    parts = re.split(r'<div class="part"', html)[1:]
    return [
        n for part in parts if 'hidden="until-found"' not in part[:200] for n in re.findall(r'id="para-(\d+)"', part)
    ]


def test_an_article_can_be_read_alone_and_has_an_address(client, document):
    own = [paragraph.label for paragraph in document.article(24)]
    assert visible(client.get("/report?lang=en&article=24").text) == own
    found = find(client, "sign language", article="24")
    assert visible(found) == own
    assert texts("en")["report_found"].format(count=1) in found
    html = client.get("/report?lang=en&article=24").text
    assert texts("en")["report_only"].format(number=24, count=len(own)) in html
    assert html.count('id="para-') == len(document)  # a link still leads to each


@pytest.mark.parametrize("article", ["", "0", "99", "x", "²", "2222"])
def test_an_article_that_there_is_not_leaves_the_whole_document(client, document, article):
    assert len(visible(client.get(f"/report?lang=en&article={article}").text)) == len(document)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_article_leads_to_the_chat_with_a_question_that_no_log_sees(client, shelf, language):
    html = unescape(client.get(f"/report?lang={language}").text)
    (asked,) = re.findall(
        rf'href="/chat/{language}#([^"]*)">{re.escape(texts(language)["report_ask_article"].format(number=24))}<', html
    )
    assert parse_qs(asked) == {"q": [texts(language)["report_article_question"].format(number=24)]}
    html = unescape(shelf.get(f"/documents/CRPD/C/ORS/1?lang={language}").text)
    scoped = [parse_qs(asked) for asked in re.findall(rf'href="/chat/{language}#([^"]*)"', html)]
    assert {tuple(asked["document"]) for asked in scoped} == {("CRPD/C/ORS/1",)}
    assert "24" in {asked["article"][0] for asked in scoped}


def test_a_quotation_leads_back_to_the_conversation(client):
    back = f'<a href="/chat/en">{texts("en")["report_back"]}</a>'
    assert back in client.get("/report?lang=en&para=107&quote=0-86").text
    assert back not in client.get("/report?lang=en").text


@pytest.mark.parametrize("article", ["99", "0", "<b>", "24a"])
def test_an_article_that_the_document_does_not_have_is_said_with_those_that_it_has(client, article):
    html = client.get("/report", params={"lang": "en", "article": article}).text
    assert f"Article {escape(article)} of the Convention is no heading of this document" in html
    assert "article=24" in html.partition('class="side"')[0]
    assert "is no heading" not in client.get("/report?lang=en&article=24").text
