"""The pages of a library of several documents: the list, the reader, originals, and where to look."""

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape

from crpd_qa import Assistant
from crpd_qa.answer.record import Group, Statement, cite
from crpd_qa.answer.words import key_of
from crpd_qa.documents import read_document
from crpd_qa.errors import IndexDamagedError
from crpd_qa.languages.states import state_name
from crpd_qa.library.write import LibraryWriter
from crpd_qa.scope import Scope
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.rendering import Turn, render_conversation
from crpd_qa.web.server import create_app
from several_documents import HANDBOOK, HOSTILE, PRINTED

EVENTS = {"Accept": "text/event-stream"}
RAMPS = "How far does a ramp rise for each metre?"
REPLIES = "CRPD/C/VLD/RQ/1"


class Page(HTMLParser):
    """Elements with their attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def addresses(self):
        return [a["href"] for a in self.all("a")]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def client(several):
    return TestClient(create_app(several, Settings(requests_per_minute=1000)))


@pytest.fixture(scope="module")
def one(assistant):
    """A client of the library with the bundled report alone."""
    return TestClient(create_app(assistant, Settings(requests_per_minute=1000)))


def page(client, address, language="en"):
    response = client.get(address, params={"lang": language} if "?" not in address else None)
    assert response.status_code == 200
    return Page(response.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_every_document_under_its_state_in_the_pages_language(client, several, language):
    listed = page(client, "/library", language)
    names = {"en": "Iceland", "ru": "Исландия", "kk": "Исландия", "fr": "Islande", "es": "Islandia"}
    assert names[language] in listed.text
    assert texts(language)["document_concluding_observations"] in listed.text
    for entry in several.library.entries:
        assert entry.symbol in listed.text
        assert f"/documents/{entry.symbol}?lang={language}&in_language={entry.language}" in listed.addresses
        assert f"/originals/{entry.symbol}?in_language={entry.language}" in listed.addresses


def test_every_link_of_the_list_leads_to_a_document_or_its_file(client):
    addresses = [a for a in page(client, "/library").addresses if a.startswith(("/documents", "/originals"))]
    assert len(addresses) == 12
    assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("malta", {"CRPD/C/VLD/CO/1", "CRPD/C/VLD/RQ/1"}),
        ("Мальта", {"CRPD/C/VLD/CO/1", "CRPD/C/VLD/RQ/1"}),
        ("malte observations", {"CRPD/C/VLD/CO/1"}),
        ("crpd/c/and", {PRINTED}),
        ("ramps", {HANDBOOK}),
        ("2019", {PRINTED}),
        ("nowhere", set()),
        ("", {PRINTED, HANDBOOK, "CRPD/C/ORS/1", "CRPD/C/VLD/CO/1", "CRPD/C/VLD/RQ/1"}),
    ],
)
def test_the_list_is_searched_by_state_symbol_kind_year_and_title(client, words, found):
    html = client.get("/library", params={"lang": "en", "q": words}).text
    read = {re.sub(r"/documents/|\?.*", "", a) for a in Page(html).addresses if a.startswith("/documents/")}
    assert read == found
    if not found:
        assert texts("en")["library_nothing"] in html


@pytest.mark.parametrize(
    ("language", "all_of_them", "of_malta"),
    [
        ("en", "5 documents of 3 States", "2 documents of 1 State"),
        ("ru", "5 документов 3 государств", "2 документа 1 государства"),
        ("kk", "3 мемлекеттің 5 құжаты", "1 мемлекеттің 2 құжаты"),
        ("fr", "5 documents de 3 États", "2 documents de 1 État"),
        ("es", "5 documentos de 3 Estados", "2 documentos de 1 Estado"),
    ],
)
def test_documents_and_states_are_counted_in_plain_words(client, language, all_of_them, of_malta):
    assert all_of_them in page(client, "/library", language).text
    found = page(client, f"/library?lang={language}&q=malta").text
    assert texts(language)["library_found"].format(what=of_malta) in found


def test_a_document_is_named_by_state_kind_and_year_and_read_in_the_pages_language(client):
    html = client.get("/library?lang=ru").text
    address = f"/documents/{PRINTED}?lang=ru&amp;in_language=ru"
    assert f'<a href="{address}" hreflang="ru">Андорра: {texts("ru")["document_state_report"]}, 2019</a>' in html


def test_the_list_is_narrowed_to_a_kind_and_says_the_way_out(client):
    html = client.get("/library?lang=en&kind=replies").text
    listed = Page(html)
    assert {a.partition("?")[0] for a in listed.addresses if a.startswith("/documents/")} == {f"/documents/{REPLIES}"}
    assert [option["value"] for option in listed.all("option") if "selected" in option] == ["replies"]
    assert all("kind=replies" in a for a in listed.addresses if a.startswith("/library?lang=ru"))
    nothing = page(client, "/library?lang=en&kind=replies&q=andorra")
    assert texts("en")["library_nothing"] in nothing.text
    assert "/library?lang=en" in nothing.addresses
    assert len(page(client, "/library?lang=en&kind=novel").addresses) == len(page(client, "/library").addresses)


def test_what_is_searched_for_stays_when_the_language_is_changed_and_is_never_markup(client):
    listed = Page(client.get("/library", params={"lang": "en", "q": HOSTILE}).text)
    assert listed.all("script", "img") == []
    assert [field["value"] for field in listed.all("input") if field["name"] == "q"] == [HOSTILE]
    assert all("q=%3Cscript" in a for a in listed.addresses if "lang=ru" in a and a.startswith("/library"))


def test_the_list_is_in_the_navigation_of_every_page_where_there_are_several_documents(client, one):
    for address in ("/library", "/ask", "/accessibility", f"/documents/{PRINTED}", "/report"):
        assert "/library?lang=en" in page(client, f"{address}?lang=en").addresses
        assert "/library?lang=en" not in page(one, "/report?lang=en").addresses
    browser = {"Accept": "text/html", "Accept-Language": "en"}
    assert "/library?lang=en" in Page(client.get("/no-such-page", headers=browser).text).addresses
    assert "/library?lang=en" not in Page(one.get("/no-such-page", headers=browser).text).addresses


def test_each_paragraph_has_its_page_with_a_link_to_the_original_there(client):
    read = page(client, f"/documents/{PRINTED}?lang=en&in_language=en")
    pages = [a for a in read.addresses if "#page=" in a]
    assert pages == [f"/originals/{PRINTED}?in_language=en#page={n}" for n in (2, 2, 3, 3)]


def test_footnotes_are_linked_both_ways(client):
    read = page(client, f"/documents/{PRINTED}?lang=en&in_language=en")
    there, back = "note-en-para-1-1", "note-en-para-1-1-back"
    assert {there, back} <= set(read.ids)
    assert {f"#{there}", f"#{back}"} <= set(read.addresses)
    assert "adopted by the Committee" in read.text


def test_a_table_stands_after_its_paragraph_with_caption_and_heads(client):
    html = client.get(f"/documents/{PRINTED}?lang=en&in_language=en").text
    assert html.index('id="para-2"') < html.index("<table") < html.index('id="para-3"')
    read = Page(html)
    assert "Table 1 Children in schools" in read.text
    assert len([head for head in read.all("th") if head.get("scope") == "col"]) == 3
    (region,) = [element for element in read.all("div") if element.get("role") == "region"]
    assert region["tabindex"] == "0"
    assert region["aria-label"]


def test_what_the_reader_of_the_file_was_not_sure_of_is_said(client):
    read = page(client, f"/documents/{PRINTED}?lang=en&in_language=ru")
    assert texts("en")["report_warnings"].format(count=1) in read.text
    assert "No paragraph 4" in read.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_numbers_are_never_shown_as_the_documents(client, language):
    read = page(client, f"/documents/{HANDBOOK}", language)
    assert texts(language)["report_numbered_by_us"] in read.text
    names = [a["aria-label"] for a in read.all("a") if a.get("class") == "number"]
    assert names == [texts(language)["paragraph_ours"].format(number=n) for n in ("1.1", "2.1")]
    assert read.all("main")[0]["data-citation"] == f"{HANDBOOK}, {{number}}, numbered by us"
    assert texts(language)["numbered_by_us"] in page(client, "/library", language).text


def test_an_answer_from_a_document_with_our_numbers_says_so_when_it_is_copied(client):
    html = client.post("/ask?lang=en", data={"question": RAMPS, "document": HANDBOOK}, headers=EVENTS).text
    (event,) = re.findall(r"^data: (.*)$", html, re.MULTILINE)
    answered = Page(json.loads(event)["html"])
    copied = [button["data-copy"] for button in answered.all("button") if "data-copy" in button]
    assert copied[0] == f"“A ramp rises by six centimetres for each metre.” ({HANDBOOK}, 1.1, numbered by us)"


def test_versions_stand_side_by_side_by_their_numbers_each_in_its_language(client):
    html = client.get(f"/documents/{PRINTED}?lang=en&in_language=en&with=ru").text
    read = Page(html)
    assert [i for i in read.ids if i.startswith("para-")] == [f"para-{n}" for n in (1, 2, 3, 4, 5)]
    third = html[html.index('id="para-3"') : html.index('id="para-4"')]
    assert 'lang="en"><p>The figures above' in third
    assert 'lang="ru"><p>Цифры собрало' in third
    assert texts("en")["report_only_one"].format(numbers="4, 5") in read.text
    assert texts("en")["report_missing"].format(number="5") in read.text
    assert len(read.ids) == len(set(read.ids))
    targets = {a[1:] for a in read.addresses if a.startswith("#")}
    assert targets <= set(read.ids)


def test_headings_have_an_order_without_gaps_side_by_side_too(client):
    for address in (f"/documents/{PRINTED}?lang=en&in_language=en&with=ru", "/library?lang=en"):
        levels = [int(tag[1]) for tag, _ in page(client, address).elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_a_document_is_read_in_the_pages_language_where_there_is_a_version(client):
    assert "Статистическое бюро" in page(client, f"/documents/{PRINTED}", "ru").text
    assert "Bureau of Statistics" in page(client, f"/documents/{PRINTED}", "fr").text
    assert "Bureau of Statistics" in page(client, f"/documents/{PRINTED}?lang=ru&in_language=en").text


@pytest.mark.parametrize("beside", ["en", "fr", "xx", ""])
def test_a_version_that_there_is_not_is_not_put_beside(client, beside):
    html = client.get(f"/documents/{PRINTED}?lang=en&in_language=en&with={beside}").text
    assert "Статистическое" not in html


def test_the_first_document_stays_at_its_old_address(client):
    assert 'id="para-1"' in client.get("/report").text
    assert "Orsenna" in client.get("/report").text


@pytest.mark.parametrize(
    ("address", "name", "media_type"),
    [
        (f"/originals/{PRINTED}?in_language=en", "CRPD-C-AND-1.en.pdf", "application/pdf"),
        (f"/originals/{PRINTED}?in_language=ru", "CRPD-C-AND-1.ru.txt", "application/octet-stream"),
        (f"/originals/{HANDBOOK}", "HANDBOOK-ORIGINAL.en.md", "application/octet-stream"),
    ],
)
def test_an_original_is_a_download_that_runs_nothing(client, address, name, media_type):
    response = client.get(address)
    assert response.headers["Content-Type"] == media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy
    assert "allow-" not in policy


def test_an_original_is_the_file_that_was_added(client, several_folder):
    added = (several_folder.parent / "files" / "report.pdf").read_bytes()
    assert client.get(f"/originals/{PRINTED}?in_language=en").content == added


@pytest.mark.parametrize("symbol", ["CRPD/C/XXX/1", "..%2F..%2Flibrary.json", "", "CRPD/C/AND/1/original"])
def test_there_is_no_original_of_what_is_not_in_the_library(client, symbol):
    assert client.get(f"/originals/{symbol}").status_code == 404


def test_a_changed_original_is_not_given_out(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    source = tmp_path / "ramps.md"
    source.write_text("# Ramps\n\n1. Every school has a ramp.\n\n2. Every court has one.\n", "utf-8")
    entry = LibraryWriter(folder).add_document(read_document(source, symbol="RAMPS"), source)
    library = Assistant.open(folder).library
    original = folder / entry.segment / "original.md"
    original.write_text(original.read_text("utf-8").replace("school", "prison"), "utf-8")
    with pytest.raises(IndexDamagedError):
        library.original("RAMPS")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_offers_what_the_library_has_in_the_pages_language(client, language):
    form = page(client, "/ask", language)
    names = [select["name"] for select in form.all("select")]
    assert names[:7] == ["state", "kind", "article", "document", "document_language", "year_from", "year_to"]
    assert all(texts(language)[f"where_{name}"] in form.text for name in names[:7])
    labels = {label["for"] for label in form.all("label")}
    assert {select["id"] for select in form.all("select")} <= labels
    values = {option["value"] for option in form.all("option")}
    assert {"AND", "ISL", "MLT", "replies", "24", PRINTED, "ru", "2018"} <= values
    assert "KEN" not in values


def test_a_library_of_one_document_has_no_filter(one):
    assert [each["class"] for each in page(one, "/ask").all("details")] == ["languages"]


def test_a_question_is_looked_for_where_the_form_says_and_the_form_goes_on_saying_so(client):
    answered = client.post("/ask?lang=en", data={"question": RAMPS, "state": "ISL", "year_from": "2018"}).text
    assert "six centimetres" not in answered
    read = Page(answered)
    chosen = {option["value"] for option in read.all("option") if "selected" in option}
    assert chosen >= {"ISL", "2018"}
    assert "open" in read.all("details")[-1]
    assert texts("en")["answer_looked_in"].format(where="Iceland, 2018–") in read.text
    assert "six centimetres" in client.post("/ask?lang=en", data={"question": RAMPS, "kind": "other"}).text


@pytest.mark.parametrize(
    "bad", [{"state": "Atlantis"}, {"kind": "novel"}, {"article": "99"}, {"year_from": "soon"}, {"article": HOSTILE}]
)
def test_a_choice_that_cannot_be_is_answered_with_a_plain_message(client, bad):
    response = client.post("/ask?lang=en", data={"question": RAMPS, **bad})
    assert response.status_code == 422
    read = Page(response.text)
    assert texts("en")["where_unreadable"] in read.text
    assert [s for s in read.all("script") if "src" not in s] == []
    assert client.post("/ask?lang=en", data={"question": RAMPS, **bad}, headers=EVENTS).status_code == 422
    assert client.get("/ask", params=bad).status_code == 422


def test_the_filter_can_be_chosen_in_an_address(client):
    form = page(client, "/ask?lang=en&state=MLT&kind=replies")
    assert {option["value"] for option in form.all("option") if "selected" in option} == {"MLT", "replies"}


def test_a_citation_names_its_document_where_there_are_several(client):
    html = client.post("/ask?lang=en", data={"question": RAMPS, "document": HANDBOOK}).text
    assert f"{HANDBOOK}, 1.1, numbered by us" in Page(html).text
    html = client.post("/ask?lang=en", data={"question": "What does paragraph 4 say?", "document": REPLIES}).text
    assert f"{REPLIES.removeprefix('CRPD/C/')}, para. 4" in Page(html).text


def test_a_state_that_the_question_names_is_said_and_can_be_widened(client):
    question = "How do schools in Andorra get a ramp?"
    narrowed = Page(client.post("/ask?lang=en", data={"question": question}).text)
    assert texts("en")["answer_looked_in"].format(where="Andorra") in narrowed.text
    sent = {
        field["name"]: field["value"] for field in narrowed.all("input") if field["name"] not in ("earlier", "record")
    }
    assert sent == {"question": question, "everywhere": "1"}
    widened = Page(client.post("/ask?lang=en", data=sent).text)
    assert texts("en")["answer_looked_in"].format(where="Andorra") not in widened.text
    assert texts("en")["where_everywhere"] not in widened.text


@pytest.mark.parametrize(
    ("language", "pancakes"),
    [
        ("en", "How are pancakes made in zeppelins?"),
        ("ru", "как испечь блины без яиц"),
        ("kk", "Жұмыртқасыз құймақты қалай пісіреді?"),
        ("fr", "recette de crêpes sans œufs"),
        ("es", "receta de tortitas sin huevo"),
    ],
)
def test_several_documents_are_not_called_the_report(several, client, language, pancakes):
    one, many = texts(language), texts(language, several=True)
    assert several.ask(pancakes, language=language).text.startswith(many["answer_declined"])
    assert several.ask(pancakes, language=language, scope=Scope(document=(REPLIES,))).text.startswith(
        one["answer_declined"]
    )
    states = Scope(state=("MLT", "ISL"))
    assert several.ask(pancakes, language=language, scope=states).text.startswith(many["answer_declined"])
    apart = several.ask("Malta and Iceland: how far is the moon?")
    assert apart.text == texts("en", several=True)["answer_declined"]
    assert several.ask("hello", language=language).text == f"{many['answer_greetings']} {many['answer_help']}"
    assert many["chat_lead"] in unescape(client.get(f"/ask?lang={language}").text)


def test_no_question_is_part_of_an_address(client):
    read = Page(client.post("/ask?lang=en", data={"question": "Is there a ramp in Andorra?", "kind": "other"}).text)
    addresses = [a.get("href") or a.get("action") or "" for a in read.all("a", "form", "link")]
    told = [address.partition("#")[0].lower() for address in addresses]  # what follows "#" is sent to no server
    assert not [address for address in told if "ramp" in address.replace("handbook", "")]


def quoting(assistant, *cited, groups=()):
    """An answer that quotes the first sentence of these paragraphs."""
    statements = []
    for number, (symbol, label) in enumerate(cited):
        document = assistant.library.document(symbol)
        paragraph = document.paragraph(label)
        citation = cite(document, paragraph, *paragraph.sentences[0])
        statements.append(Statement(citation.quote, (citation,), group=number if groups else 0))
    found = assistant.ask("What does paragraph 4 say?", scope=Scope(document=(REPLIES,)))
    return replace(found, statements=tuple(statements), groups=groups)


def headings(assistant, answer, language="en"):
    html = render_conversation([Turn(answer.question, answer)], assistant.library, language)
    return [unescape(heading) for heading in re.findall(r'<h3 class="voice"[^>]*>(.*?)</h3>', html)], html


@pytest.mark.parametrize("language", LANGUAGES)
def test_voices_of_a_dialogue_and_states_are_told_apart(several, language):
    t = texts(language)
    replies, concluding, other = (REPLIES, "4"), ("CRPD/C/VLD/CO/1", "9"), ("CRPD/C/ORS/1", "5")
    assert headings(several, quoting(several, replies, (REPLIES, "5")), language)[0] == []
    dialogue = headings(several, quoting(several, replies, concluding), language)[0]
    assert dialogue == [t["voice_replies"], t["voice_concluding_observations"]]
    both = headings(several, quoting(several, replies, other), language)[0]
    names = (state_name("MLT", language), state_name("ISL", language))
    assert both == [f"{names[0]}: {t['voice_replies']}", f"{names[1]}: {t['voice_state_report']}"]


def test_a_state_for_which_nothing_was_found_is_said(several):
    groups = (Group("MLT", "", found=True), Group("AND", "", found=False))
    shown, html = headings(several, quoting(several, (REPLIES, "4"), groups=groups))
    assert shown == ["Malta", "Andorra"]
    assert html.count(texts("en")["where_nothing_found"]) == 1
    assert html.index("Andorra") < html.index(texts("en")["where_nothing_found"])


def test_what_the_committee_says_of_a_state_that_is_compared_is_not_shown_as_the_states(several):
    answer = several.ask("How many inclusive schools are there in Malta and Iceland?")
    voices = [(group.state, group.kind) for group in answer.groups]
    assert voices == [("MLT", ""), ("ISL", "")]
    shown, html = headings(several, answer)
    t = texts("en")
    assert f"Malta: {t['voice_concluding_observations']}" in shown
    for statement in answer.statements:
        (citation,) = statement.citations
        above = html[: html.index(str(escape(statement.text)))].rpartition('<h3 class="voice"')[2]
        assert f"{state_name(citation.state, 'en')}: {t[key_of('voice', citation.kind)]}" in above


@pytest.mark.parametrize("kind", ["state", "kind", "article", "document", "document_language"])
def test_the_iframes_page_hands_its_scope_to_the_widget(client, kind):
    value = '24"><script>'
    (widget,) = Page(client.get("/embed", params={kind: value}).text).all("crpd-qa-widget")
    assert widget[kind.replace("_", "-")] == value


@pytest.mark.parametrize(("asked", "shown"), [({}, True), ({"heading": "Our own"}, True), ({"heading": ""}, False)])
def test_the_iframes_page_has_no_heading_where_an_empty_one_is_asked_for(client, asked, shown):
    page = Page(client.get("/embed", params={"lang": "en"} | asked).text)
    assert len(page.all("h1")) == shown
    assert page.text.count(asked.get("heading") or texts("en", several=True)["widget_heading"]) == 2 * shown


def test_a_paragraph_says_in_the_api_how_it_is_cited_and_in_which_version(client):
    found = client.get("/api/v1/paragraphs/3", params={"document": PRINTED, "document_language": "ru"}).json()
    assert found["text"] == "Цифры собрало Статистическое бюро."
    assert found["language"] == "ru"
    assert found["citation"] == f"{PRINTED}, para. 3"
    assert "Цифры" in client.get(found["url"]).text
    ours = client.get("/api/v1/paragraphs/1.1", params={"document": HANDBOOK}).json()
    assert ours["citation"] == f"{HANDBOOK}, 1.1, numbered by us"
