"""What a page kept, shown again or saved: nothing of it is believed that the library does not say."""

import html
import json
import re
import zipfile
from io import BytesIO

import docx
import pytest
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt

from crpd_qa.documents.docx import read_docx
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.export.outline import OMITTED, with_citations, with_footnotes
from crpd_qa.web.limits import MAX_KEPT, MAX_KEPT_BYTES
from crpd_qa.web.server import create_app
from crpd_qa.web.turn import Turn, record_of

EVENTS = {"Accept": "text/event-stream"}
COURT = "Will the court get me a sign language interpreter?"
COUNT = "How many persons have a disability?"
UNANSWERED = "how much is a ticket for the underground in Almaty?"
HOSTILE = (
    "<script>alert(1)</script> [a](javascript:alert(1)) ![b](http://127.0.0.1/x.png) *b* `c` \\ 1. # {{7*7}} \u0007"
)


@pytest.fixture(scope="module")
def client(assistant):
    return TestClient(create_app(assistant, Settings(requests_per_minute=1000)))


def record(client, question, earlier=(), **fields):
    sent = client.post("/ask", data={"question": question, "earlier": earlier} | fields, headers=EVENTS).text
    return json.loads(re.search(r"^event: answer\ndata: (.*)$", sent, re.MULTILINE)[1])["record"]


@pytest.fixture(scope="module")
def records(client):
    return [record(client, question) for question in (COURT, COUNT, UNANSWERED)]


def exported(client, records, form="md", language="en", **options):
    return client.post(f"/export?lang={language}", data={"form": form, "record": records}, **options)


def changed(record, **values):
    """The same record with other values of its answer."""
    turn = json.loads(record)
    return json.dumps(turn | {"answer": turn["answer"] | values})


def test_a_word_file_holds_each_quotation_as_it_stands_and_its_paragraph_in_a_footnote(
    client, assistant, records, tmp_path
):
    response = exported(client, records, "docx")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="crpd-qa-')
    assert response.headers["Cache-Control"] == "no-store"
    document = docx.Document(BytesIO(response.content))
    quoted = [p.text[1:-1] for p in document.paragraphs if p.text.startswith("“")]
    answered = [assistant.ask(question) for question in (COURT, COUNT)]
    labels = [statement.citations[0].label for answer in answered for statement in answer.statements]
    assert len(quoted) == len(labels)
    for quotation, label in zip(quoted, labels, strict=True):
        for piece in quotation.split(OMITTED):
            assert " ".join(piece.split()) in " ".join(re.sub("\n• ", " ", assistant.paragraph(label).text).split())
    (tmp_path / "answers.docx").write_bytes(response.content)
    footnotes = [line.text for line in read_docx(tmp_path / "answers.docx") if line.role == "footnote"]
    assert footnotes == [f"CRPD/C/KAZ/1, para. {label}." for label in labels]


def test_a_word_file_has_headings_languages_and_says_what_it_is(client, assistant, records):
    content = exported(client, records, "docx", "ru").content
    document = docx.Document(BytesIO(content))
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"][:3] == [COURT, COUNT, UNANSWERED]
    text = "\n".join(p.text for p in document.paragraphs)
    assert texts("ru")["export_advice"] in text
    assert assistant.library.version in text
    assert "Initial report of Kazakhstan" in text
    assert document.core_properties.title == texts("ru")["export_title"]
    body = zipfile.ZipFile(BytesIO(content)).read("word/document.xml").decode()
    assert {"en", "ru"} == set(re.findall(r'<w:lang w:val="(\w+)"', body))


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_has_its_footnotes_in_the_pages_language(client, records, language):
    text = exported(client, records, language=language).text
    assert text.startswith(f"# {texts(language)['export_title']}\n")
    marks, notes = (
        re.findall(r"”\[\^(\d+)\]", text),
        re.findall(r"^\[\^(\d+)\]: CRPD/C/KAZ/1, para", text, re.MULTILINE),
    )
    assert marks == notes == [str(number) for number in range(1, len(marks) + 1)]
    assert "651,900 persons" in text


def test_hostile_text_is_text_in_every_form(client):
    hostile = [record(client, HOSTILE)]
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(exported(client, hostile).text)
    assert not re.search("<(script|a|img|code)", rendered)
    shown = HOSTILE.replace("\u0007", "").strip()
    assert shown in html.unescape(re.sub("<[^>]+>", "", rendered)).replace("\u0007", "")
    document = docx.Document(BytesIO(exported(client, hostile, "docx").content))
    assert any(shown in paragraph.text for paragraph in document.paragraphs)
    again = client.post("/conversation", data={"record": hostile}).text
    assert "<script" not in again
    assert html.escape(shown, quote=False).split(" [a]")[0] in again


def test_a_footnote_says_whose_the_number_is(several):
    client = TestClient(create_app(several, Settings()))
    asked = record(client, "How many centimetres does a ramp rise for each metre?", document="HANDBOOK/ORIGINAL")
    assert "[^1]: HANDBOOK/ORIGINAL, 1.1, numbered by us." in exported(client, [asked]).text


def test_what_is_copied_names_its_paragraphs_in_brackets_or_below(assistant):
    answer = assistant.ask("paragraphs 8 and 9")
    plain, noted = (form(answer, assistant.library, "en") for form in (with_citations, with_footnotes))
    assert plain.startswith("“The territory of Kazakhstan covers 2,724,900 km2.” (CRPD/C/KAZ/1, para. 8) “")
    assert plain.endswith("” (CRPD/C/KAZ/1, para. 9)")
    assert noted.startswith("“The territory of Kazakhstan covers 2,724,900 km2.”[1] “")
    notes = "\n\n[1] CRPD/C/KAZ/1, para. 8.\n[2] CRPD/C/KAZ/1, para. 9.\n[3] CRPD/C/KAZ/1, para. 9."
    assert noted.endswith(f"”[3]{notes}")


def test_words_that_are_left_out_of_a_quotation_are_shown_to_be(assistant):
    copied = with_citations(assistant.ask(COURT), assistant.library, "en")
    assert "following a summons; […] If one of the parties" in copied
    assert "civil proceedings: A witness may be examined" in copied  # only a bullet lies between


def test_a_conversation_is_shown_again_as_it_was_in_the_pages_language(client, records):
    shown = client.post("/conversation?lang=fr", data={"record": records}).text
    assert shown.count("<article") == 3
    assert "the court is to hire a sign language interpreter." in shown
    assert texts("fr")["chat_you_asked"] in shown
    assert texts("en")["answer_declined"] in shown  # the answer stays in the language of its question
    assert 'id="turn-2-para-107"' in shown
    assert shown.count("data-related") == 1  # of the last answer only
    assert "data-latest" in shown


def test_a_record_brings_back_the_answer_that_it_was_made_of(assistant, several):
    for own, question in ((assistant, COURT), (assistant, "hello"), (several, "What did the Committee say?")):
        turn = Turn(question, own.ask(question))
        page = TestClient(create_app(own, Settings())).post("/conversation", data={"record": [record_of(turn)]})
        assert page.status_code == 200
        assert html.escape(turn.answer.text.split(" [")[0].split(" (")[0], quote=False)[:40] in page.text


@pytest.mark.parametrize(
    "change",
    [
        lambda citation: citation | {"quote": citation["quote"].replace("sign", "sigh")},
        lambda citation: citation | {"end": citation["end"] + 5},
        lambda citation: citation | {"end": 10**9},
        lambda citation: citation | {"label": "9999"},
        lambda citation: citation | {"document": "CRPD/C/XXX/9"},
        lambda citation: citation | {"kind": "gossip"},
        lambda citation: citation | {"state": "<b>"},
        lambda citation: citation | {"section": "Article 99"},
    ],
)
@pytest.mark.parametrize("mode", ["extract", "language-model"])
def test_a_quotation_that_the_library_does_not_hold_is_neither_shown_nor_saved(client, records, change, mode):
    statement = json.loads(records[0])["answer"]["statements"][0]
    citations = [change(citation) for citation in statement["citations"]]
    forged = statement | {"citations": citations, "text": " ".join(citation["quote"] for citation in citations)}
    sent = [changed(records[0], statements=[forged], mode=mode)]
    for text in (exported(client, sent).text, client.post("/conversation", data={"record": sent}).text):
        assert texts("en")["kept_changed"] in text
        assert "interpreter." not in text


def test_a_statement_may_say_no_more_than_it_quotes(client, records):
    statement = json.loads(records[0])["answer"]["statements"][0]
    text = exported(client, [changed(records[0], statements=[statement | {"text": "All is well."}])]).text
    assert "All is well" not in text


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda record: "",
        lambda record: "{",
        lambda record: "[]",
        lambda record: record[:-20],
        lambda record: changed(record, mode="declined"),
        lambda record: changed(record, language="../../x"),
        lambda record: changed(record, scope={"year": ["x"]}),
        lambda record: changed(record, scope={"other": ["x"]}),
        lambda record: changed(record, groups=[{"state": "", "kind": "gossip", "found": True}]),
        lambda record: changed(record, statements=5),
    ],
)
def test_what_no_answer_gave_is_refused(client, records, spoilt):
    for path in ("/export", "/conversation"):
        response = client.post(path, data={"form": "md", "record": [records[1], spoilt(records[0])]})
        assert response.status_code == 422


def test_only_so_much_is_read_and_only_from_our_own_pages(client, records):
    assert exported(client, []).status_code == 422
    assert exported(client, records[:1], "exe").status_code == 422
    assert exported(client, records[2:] * MAX_KEPT).status_code == 200
    assert exported(client, records[2:] * (MAX_KEPT + 1)).status_code == 422
    assert exported(client, ["x" * MAX_KEPT_BYTES]).status_code == 413
    assert client.post("/report", data={"find": "x" * 70_000}).status_code == 413
    assert client.post("/export", json={"record": records}).status_code == 415
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        assert exported(client, records, headers={"Sec-Fetch-Site": site}).status_code == status


def test_saving_and_showing_again_have_the_allowance_that_asking_has(assistant, records):
    client = TestClient(create_app(assistant, Settings(requests_per_minute=2)), client=("203.0.113.9", 1))
    assert exported(client, records).status_code == 200
    assert client.post("/conversation", data={"record": records}).status_code == 200
    assert exported(client, records).status_code == 429
    assert client.post("/ask", data={"question": COURT}).status_code == 429


def test_a_greeting_is_no_finding(client, records):
    text = exported(client, [record(client, "hello"), records[1]]).text
    assert "hello" not in text
    assert COUNT in text


def test_what_the_server_cannot_verify_is_not_printed_as_if_it_were_ours(client):
    lie = "The Committee found no violation."
    declined = exported(client, [changed(record(client, UNANSWERED), message=lie)]).text
    assert lie not in declined
    assert texts("en")["answer_declined"] in declined
    answered = changed(record(client, COURT), resolved=lie, not_answered=[lie])
    text = exported(client, [answered]).text
    assert lie not in text
    assert texts("en")["export_questions"] in text
    assert "sign language interpreter" in text


def test_what_a_question_was_taken_to_mean_is_saved_where_its_words_are_the_persons_own(client):
    first = record(client, "How many court buildings have ramps?")
    second = record(client, "and handrails?", ["How many court buildings have ramps?"])
    meant = f"{texts('en')['chat_looked_for']} How many court buildings have ramps? and handrails?"
    assert meant in exported(client, [first, second]).text
    assert texts("en")["chat_looked_for"] not in exported(client, [second]).text
