import json

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode

from crpd_qa.settings import Settings
from crpd_qa.texts import texts
from crpd_qa.web.server import create_app

QUESTION = "Will the court get me a sign language interpreter?"
OPERATIONS = [
    "POST /ask",
    "GET /search",
    "GET /paragraphs/{number}",
    "GET /sections",
    "GET /documents",
    "GET /texts/{language}",
    "POST /feedback",
]
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def app(assistant, tmp_path_factory):
    feedback = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    return create_app(assistant, Settings(requests_per_minute=100_000, max_body_bytes=10_000_000, feedback=feedback))


@pytest.fixture(scope="module")
def client(app):
    return TestClient(app)


@pytest.fixture(scope="module")
def described(app):
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize(
    ("label", "mode"),
    # The list of documents takes nothing, so nothing wrong can be sent to it.
    [
        (label, mode)
        for label in OPERATIONS
        for mode in GenerationMode
        if (label, mode.is_negative) != (OPERATIONS[4], True)
    ],
)
def test_every_operation_does_as_it_is_described(described, label, mode):
    method, path = label.split()

    @given(case=described[path][method].as_strategy(generation_mode=mode))
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case):
        case.call_and_validate()

    check()


def test_the_whole_api_is_described(client):
    description = client.get("/api/v1/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    found = {f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods}
    assert found == set(OPERATIONS)


def test_examples_of_the_description_are_what_the_api_takes(client):
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for name, path in {"AskRequest": "/ask", "FeedbackRequest": "/feedback"}.items():
        for example in schemas[name]["examples"]:
            assert client.post(f"/api/v1{path}", json=example).is_success
    example = schemas["AnswerRecord"]["examples"][0]
    citation = client.post("/api/v1/ask", json={"question": example["question"]}).json()["citations"][0]
    assert citation == example["citations"][0] | {"page": None}  # what is null is left out of the description


def test_an_answer_is_the_record_and_how_the_question_was_understood(client, assistant):
    record = client.post("/api/v1/ask", json={"question": "and the next one?", "history": ["paragraph 8"]}).json()
    answer = assistant.ask("and the next one?", ["paragraph 8"])
    assert list(record) == list(answer.to_dict())
    assert record["resolved"] == "paragraph 9"
    assert record["citations"] == list(answer.to_dict()["citations"])
    assert record["text"] == answer.text


def test_a_question_that_the_report_does_not_answer_is_no_error(client):
    response = client.post("/api/v1/ask", json={"question": "how much is a ticket for the underground in Almaty?"})
    assert response.status_code == 200
    assert response.json()["answered"] is False
    assert len(response.json()["passages"]) == 10


def test_events_say_that_it_is_being_looked_for_and_then_the_answer(client):
    asked = {"question": QUESTION}
    response = client.post("/api/v1/ask", json=asked, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [dict(line.split(": ", 1) for line in event.split("\n")) for event in response.text.strip().split("\n\n")]
    assert [event["event"] for event in events] == ["status", "answer"]
    assert json.loads(events[0]["data"]) == {"state": "looking"}
    streamed, plain = json.loads(events[1]["data"]), client.post("/api/v1/ask", json=asked).json()
    assert streamed | {"timings_ms": None} == plain | {"timings_ms": None}


def test_search_gives_whole_paragraphs_best_first(client, assistant):
    found = client.get("/api/v1/search", params={"q": "sign language in court", "top": 3}).json()["passages"]
    assert [p["number"] for p in found] == [p.number for p in assistant.search("sign language in court", 3)]
    assert found[0]["text"] == assistant.paragraph(found[0]["number"]).text


def test_a_paragraph_comes_with_its_sentences_and_its_place_in_the_report(client):
    paragraph = client.get("/api/v1/paragraphs/8").json()
    assert paragraph["url"] == "/report#para-8"
    assert paragraph["document"] == "CRPD/C/KAZ/1"
    start, end = paragraph["sentences"][0]
    assert paragraph["text"][start:end] == "The territory of Kazakhstan covers 2,724,900 km2."


def test_sections_hold_every_paragraph_once(client, document):
    contents = client.get("/api/v1/sections").json()
    labels = [label for section in contents["sections"] for label in section["paragraphs"]]
    assert labels == [paragraph.label for paragraph in document]
    assert [section["heading"] for section in contents["sections"]][-1] == document.sections[-1][0].heading


def test_as_html_it_is_the_answer_that_the_widget_shows(client):
    asked = {"question": "<b>What</b> does paragraph 8 say?", "scope": {"article": 1}, "narrowing": False}
    response = client.post("/api/v1/ask", json=asked, headers={"Accept": "text/html", "Accept-Language": "ru"})
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-store"
    assert "&lt;b&gt;What" in response.text
    assert "<b>" not in response.text
    assert "/chat/ru#q=%3Cb%3EWhat" in response.text
    assert "article=1&amp;everywhere=1" in response.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/paragraphs/0", None, 404),
        ("GET", "/api/v1/paragraphs/" + "9" * 5000, None, 422),
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", "/api/nothing", None, 404),
        ("PUT", "/api/v1/ask", None, 405),
        ("POST", "/api/v1/ask", "{", 422),
        ("POST", "/api/v1/ask", "{}", 422),
        ("POST", "/api/v1/ask", json.dumps({"question": "x" * 2001}), 422),
        ("POST", "/api/v1/ask", json.dumps({"question": "and?", "history": ["x"] * 41}), 422),
        ("POST", "/api/v1/ask", json.dumps({"question": "and?", "history": ["x" * 2001]}), 422),
        ("POST", "/api/v1/ask", json.dumps({"question": "and?", "language": "xx"}), 422),
        ("POST", "/api/v1/ask", '{"question": "\\ud800"}', 422),
        ("GET", "/api/v1/search?q=", None, 422),
        ("GET", "/api/v1/search?q=sign&top=51", None, 422),
    ],
)
def test_errors_are_problem_details_even_for_a_browser(client, method, path, body, status):
    headers = {"Accept": "text/html", "Content-Type": "application/json"}
    response = client.request(method, path, content=body, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    problem = response.json()
    assert list(problem) == ["type", "title", "status", "detail"]
    assert problem["status"] == status
    assert problem["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"question"', "the body is no JSON: it cannot be read from character 11 on"),
        ("", "the body is missing"),
        ("[]", "the body has to be a JSON object, sent as application/json"),
        ("{}", "question is missing"),
        ('{"question": 5}', "question has to be text"),
        ('{"question": ""}', "question is empty"),
        ({"question": " \n\t"}, "question is empty"),
        ('{"question": "\\ud800"}', "question has to be text, without lone surrogates"),
        ({"question": "x" * 2001}, "question has more than 2000 characters"),
        ({"question": "a", "history": "b"}, "history has to be a list"),
        ({"question": "a", "history": ["x"] * 41}, "history has more than 40 entries"),
        ({"question": "a", "history": ["b", "x" * 2001]}, "history[1] has more than 2000 characters"),
        ({"question": "a", "language": "xx"}, "language has to be 'en', 'ru', 'kk', 'fr' or 'es'"),
        ({"question": "a", "narrowing": "yes"}, "narrowing has to be true or false"),
        ({"question": "a", "scope": []}, "scope has to be an object"),
        (
            {"question": "a", "scope": {"land": 1}},
            "scope has no field 'land': it can have 'state', 'kind', 'article', ",
        ),
        ({"question": 5, "history": 5}, "question has to be text; history has to be a list"),
        ({"langauge": "en"}, "there is no field 'langauge'; there are question, history, "),
        ("/search", "q is missing"),
        ("/search?q=x&top=51", "top has to be at most 50"),
        ("/search?q=x&article=x", "article[0] has to be a whole number"),
        ("/texts/xx", "language has to be 'en', "),
    ],
)
def test_what_is_wrong_is_said_plainly_with_the_field_and_what_would_be_right(client, body, said):
    if isinstance(body, str) and body.startswith("/"):
        response = client.get(f"/api/v1{body}")
    else:
        sent = body if isinstance(body, str) else json.dumps(body)
        response = client.post("/api/v1/ask", content=sent, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"].startswith(said)


@pytest.mark.parametrize(
    ("scope", "status", "said"),
    [
        ({"land": "Kenya"}, 422, "land"),
        ({"document": ["CRPD/C/KAZ/1", "CRPD/C/XYZ/9"]}, 404, "CRPD/C/XYZ/9"),
        ({"state": "Atlantis"}, 404, "Atlantis"),
        ({"article": [1.5]}, 404, "1.5 is not an article: a number from 1 to 50"),
        ({"kind": "x" * 10_000}, 404, "xxx...xxx"),
    ],
)
def test_what_a_scope_cannot_have_is_named(client, scope, status, said):
    response = client.post("/api/v1/ask", json={"question": QUESTION, "scope": scope})
    assert response.status_code == status
    assert said in response.json()["detail"]
    assert len(response.json()["detail"]) < 300
    if said in ("Atlantis", "CRPD/C/XYZ/9"):
        assert client.get("/api/v1/search", params={"q": "sign", **scope}).status_code == status


def test_a_question_in_another_script_is_declined_in_the_language_of_who_asks(client):
    asked = {"question": "ما هي حصة ذوي الإعاقة من السكان؟"}
    answer = client.post("/api/v1/ask", json=asked, headers={"Accept-Language": "ar, fr;q=0.8"}).json()
    assert (answer["answered"], answer["citations"], answer["language"]) == (False, [], "fr")
    assert answer["message"] == texts("fr")["answer_other_script"]
    form = client.post("/ask?lang=ru", data=asked, headers={"Accept": "text/event-stream"})
    assert texts("ru")["answer_other_script"] in form.text


@pytest.mark.parametrize("question", ["para 107", "107", "art 33"])
def test_a_place_alone_is_answered_in_the_language_of_who_asks(client, question):
    for language in ("kk", "en"):
        headers = {"Accept-Language": language}
        answer = client.post("/api/v1/ask", json={"question": question}, headers=headers).json()
        assert answer["language"] == language


def test_people_get_a_page_when_there_is_nothing_at_an_address(client):
    response = client.get("/<script>alert(1)</script>", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "There is no such page" in response.text
    assert "alert(1)" not in response.text


def test_a_bad_value_is_not_repeated_to_whoever_sent_it(client):
    response = client.post("/api/v1/ask", json={"question": QUESTION, "language": "<b>secret</b>"})
    assert "secret" not in response.text
    assert "language" in response.json()["detail"]


def test_the_server_says_that_it_is_well_and_ready(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "document": "CRPD/C/KAZ/1", "paragraphs": 508}


@pytest.mark.parametrize(
    ("method", "address", "body", "said"),
    [
        (
            "POST",
            "/ask",
            {"question": "ramps?", "langauge": "en"},
            "no field 'langauge'; there are question, history, ",
        ),
        (
            "GET",
            "/search?q=ramps&count=5",
            None,
            "no parameter 'count'; there are q, top, state, kind, article, document",
        ),
        (
            "GET",
            "/paragraphs/107?lang=en&documents=x",
            None,
            "no parameter 'documents'; there are document, document_l",
        ),
        ("GET", "/documents?state=KAZ", None, "no parameter 'state'; there are none"),
    ],
)
def test_a_field_that_is_not_known_is_named_with_those_that_are(client, method, address, body, said):
    response = client.request(method, f"/api/v1{address}", json=body)
    assert response.status_code == 422
    assert said in response.json()["detail"]
