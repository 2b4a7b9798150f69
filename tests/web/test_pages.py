import gzip
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.documents import Document
from crpd_qa.documents.references import reference_spans
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.accessibility import METHODS, assessment, statement_markdown
from crpd_qa.web.pages import pages_router
from crpd_qa.web.quotation import joined, mark
from crpd_qa.web.reader import paragraph_html, quoted_spans, render_report
from crpd_qa.web.rendering import render_error
from crpd_qa.web.server import create_app

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> \"><svg onload=alert(1)> ' onclick='alert(1) "
    "[x](javascript:alert(1)) ![y](http://127.0.0.1/z.png) {{7*7}} \u202egnirts\u202c\n• <b>bullet</b>"
)


class Page(HTMLParser):
    """Elements with their attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self._marks, self._marked = 0, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._marks += tag == "mark"

    def handle_endtag(self, tag):
        self._marks -= tag == "mark"

    def handle_data(self, data):
        self.text += data
        if self._marks:
            self._marked.append(data)

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def marked(self):
        """The text within <mark>."""
        return "".join(self._marked)

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def client(assistant):
    app = FastAPI()
    app.include_router(pages_router(assistant))
    return TestClient(app)


def test_every_paragraph_is_there_word_for_word_under_its_anchor(client, document):
    html = client.get("/report").text
    page = Page(html)
    assert [i for i in page.ids if i.startswith("para-")] == [f"para-{p.number}" for p in document]
    for paragraph in document:
        for line in paragraph.text.split("\n"):
            assert line.removeprefix("• ") in page.text


def test_every_link_within_the_page_leads_somewhere_and_no_anchor_stands_twice(client):
    page = Page(client.get("/report").text)
    assert len(page.ids) == len(set(page.ids))
    targets = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert targets <= set(page.ids)
    assert len([t for t in targets if t.startswith("para-")]) == 508


def test_headings_have_an_order_without_gaps(client):
    levels = [int(tag[1]) for tag, _ in Page(client.get("/report").text).elements if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert {2, 3, 4} <= set(levels)


def test_paragraphs_that_name_each_other_are_linked_where_the_number_stands(document):
    labels = {paragraph.label for paragraph in document}
    html = paragraph_html(document.paragraph(122), document, labels, [])
    assert 'paragraphs <a href="#para-80">80</a>, <a href="#para-81">81</a>, <a href="#para-86">86</a> and' in html
    for paragraph in document:
        named = {label for _, _, label in reference_spans(paragraph.text, labels, paragraph.label)}
        assert named <= set(paragraph.references)
        assert bool(named) == bool(paragraph.references)


def test_the_quoted_sentence_is_marked(client):
    html = client.get("/report", params={"para": "107", "quote": "0-86"}).text
    assert html.count("<mark>") == 1
    assert "<mark>In the country, 651,900 persons, or 3.7 per cent of the population, have a disability.</mark>" in html


def test_a_mark_over_lines_and_links_keeps_lists_and_links_whole(document):
    paragraph = document.paragraph(424)
    html = paragraph_html(paragraph, document, {p.label for p in document}, [(0, len(paragraph.text))])
    assert html.startswith("<p><mark>In addition to the measures listed in paragraph <a")
    assert html.count("<mark>") == 1 + html.count("<li><mark>") > 2


@pytest.mark.parametrize(
    "query",
    [
        "para=107&quote=0-87",
        "para=107&quote=5-5",
        "para=107&quote=9-2",
        "para=107&quote=-1-5",
        "para=107&quote=x",
        "para=107&quote=²-³",
        "para=0&quote=0-5",
        "para=509&quote=0-5",
        "para=x&quote=0-5",
        "para=99999999999&quote=0-5",
        "para=²&quote=0-5",
        "para=107",
        "quote=0-5",
    ],
)
def test_marks_out_of_range_are_ignored(client, query):
    response = client.get(f"/report?{query}")
    assert response.status_code == 200
    assert "<mark>" not in response.text


def test_quotations_that_run_into_one_another_are_marked_as_one(document):
    text = document.paragraph(107).text
    assert text.startswith("In the country, 651,900 persons, or 3.7 per cent")
    assert quoted_spans(["16-31", "0-6", "24-48", "16-31"], document.paragraph(107)) == [(0, 6), (16, 48)]


@pytest.mark.parametrize("quote", ["0-60", "1-86", "18-31", "0-17"])
def test_a_mark_never_begins_or_ends_inside_a_word(client, quote):
    # Such a link was made for another text: it says nothing about this one.
    number = 219 if quote == "0-60" else 107
    assert "<mark>" not in client.get("/report", params={"para": number, "quote": quote}).text


def shown(text, spans):
    """The characters of these spans that a page shows: line breaks and the marks of bullets become elements."""
    held = {position for start, end in spans for position in range(start, end)}
    markup = {position for m in re.finditer(r"\n(?:• )?|^• ", text) for position in range(*m.span())}
    return "".join(text[position] for position in sorted(held - markup))


def test_what_is_marked_is_what_is_quoted_for_every_sentence_and_every_two_of_a_paragraph(document):
    linked = 0
    for paragraph in document:
        text, sentences = paragraph.text, paragraph.sentences
        # Two sentences, in either order and the same twice; and all that stands from the one to the other.
        chosen = [[one, other] for one in sentences for other in sentences]
        chosen += [[(one[0], other[1]), one] for one, other in combinations(sentences, 2)]
        for spans in chosen:
            found = quoted_spans([f"{start}-{end}" for start, end in spans], paragraph)
            page = Page(paragraph_html(paragraph, document, {p.label for p in document}, found))
            assert page.marked == shown(text, spans), (paragraph.number, spans)
            assert page.text == shown(text, [(0, len(text))])
            linked += "a" in {tag for tag, _ in page.elements}
            html = mark(text, spans)
            assert Page(html).marked == "".join(text[a:b] for a, b in joined(spans))
            assert Page(html).text == text
    assert linked  # links among them


@given(st.data())
def test_any_spans_of_whole_words_are_marked_just_as_they_are(document, data):
    paragraph = data.draw(st.sampled_from(document.paragraphs))
    edges = [edge for match in re.finditer(r"\w+", paragraph.text) for edge in match.span()]
    ends = st.tuples(st.sampled_from(edges), st.sampled_from(edges)).filter(lambda span: span[0] < span[1])
    spans = data.draw(st.lists(ends, min_size=1, max_size=5))
    found = quoted_spans([f"{start}-{end}" for start, end in spans], paragraph)
    page = Page(paragraph_html(paragraph, document, {p.label for p in document}, found))
    assert page.marked == shown(paragraph.text, spans)
    assert page.text == shown(paragraph.text, [(0, len(paragraph.text))])
    assert len(page.all("a")) == len(reference_spans(paragraph.text, {p.label for p in document}, paragraph.label))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_come_in_the_language_asked_for(client, language):
    for path, key in (("/report", "report_contents"), ("/accessibility", "accessibility_title")):
        for request in ({"params": {"lang": language}}, {"headers": {"Accept-Language": f"{language}-KZ, de;q=0.5"}}):
            response = client.get(path, **request)
            assert Page(response.text).all("html") == [{"lang": language}]
            assert texts(language)[key] in response.text
            assert "Accept-Language" in response.headers["Vary"]


def test_a_second_visit_costs_nothing_and_the_first_is_compressed(client):
    first = client.get("/report")
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/report", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/report", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == first.text
    assert len(gzip.compress(plain.content)) < 80_000
    assert client.get("/report?lang=ru").headers["ETag"] != first.headers["ETag"]


def assert_strict(html):
    """No inline script or style, no handler, nothing from elsewhere."""
    page = Page(html)
    assert page.all("style", "iframe", "img", "svg", "object", "base") == []
    assert [form for form in page.all("form") if form["method"] != "post" or form["action"][:1] != "?"] == []
    assert [a for a in page.all("script") if a.get("src") != "/static/report.js"] == []
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        address = attributes.get("href", "/")
        assert address.startswith(("/", "#", "?")) or address == "data:,"
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_need_no_inline_script_or_style(client, language):
    for path in ("/report", "/accessibility"):
        assert_strict(client.get(path, params={"lang": language}).text)
    assert_strict(render_error(404, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_document_text_stays_text(document, language):
    section = replace(document.paragraph(8).section, headings=(HOSTILE, HOSTILE))
    paragraph = replace(document.paragraph(1), text=HOSTILE, section=section)
    hostile = Document(HOSTILE, HOSTILE, (paragraph,))
    page = assert_strict(render_report(hostile, language, paragraph, [(3, 90)]))
    assert page.text.count("<script>alert(1)</script>") >= 5  # title, symbol, headings, contents, paragraph
    assert "b" not in {tag for tag, _ in page.elements}


@pytest.mark.parametrize("status", [400, 404, 413, 422, 429, 500, 503, 599])
def test_an_error_page_says_what_went_wrong_in_plain_words(status):
    pages = {language: render_error(status, language) for language in LANGUAGES}
    assert len(set(pages.values())) == len(LANGUAGES)
    for language, html in pages.items():
        assert Page(html).all("html") == [{"lang": language}]
        assert str(status) not in Page(html).text


def test_the_statement_names_every_criterion_of_wcag_2_2_once():
    _, criteria = assessment()
    assert len({c.number for c in criteria}) == len(criteria) == 55
    assert sum(c.level == "A" for c in criteria) == 31
    for criterion in criteria:
        assert set(criterion.by) <= set(METHODS)
        assert bool(criterion.by) == (criterion.result == "met")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_accessibility_page_shows_every_result(client, language):
    html = client.get("/accessibility", params={"lang": language}).text
    for criterion in assessment()[1]:
        assert f"{criterion.number} {criterion.name}" in html
    assert html.count("<tr") == 56


def test_the_statement_in_the_documentation_is_the_pages():
    written = (ROOT / "docs" / "accessibility.md").read_text("utf-8")
    assert written == statement_markdown(), (
        "stale: python -c \"from crpd_qa.web.accessibility import statement_markdown as s; print(s(), end='')\" "
        "> docs/accessibility.md"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_about_the_site_says_whether_questions_are_kept(assistant, client, tmp_path, language):
    t = texts(language)
    told = unescape(client.get(f"/about?lang={language}").text)
    assert t["chat_about_privacy"] in told
    assert t["chat_about_logged"] not in told
    logging = TestClient(create_app(assistant, Settings(question_log=tmp_path / "questions.sqlite")))
    told = unescape(logging.get(f"/about?lang={language}").text)
    assert t["chat_about_logged"] in told
    assert t["chat_about_privacy"] not in told
