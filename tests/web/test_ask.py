import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from fastapi.testclient import TestClient

from crpd_qa import Assistant
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.examples import example_questions
from crpd_qa.web.limits import MAX_HISTORY
from crpd_qa.web.server import create_app
from language_model_endpoint import endpoint
from running_server import running

SITE = Path(__file__).parents[2] / "examples" / "site"
COURT = "Will the court get me a sign language interpreter?"
EVENTS = {"Accept": "text/event-stream"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'


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
    def fields(self):
        """The earlier questions, which the form sends along unseen."""
        return [field["value"] for field in self.all("input") if field.get("name") == "earlier"]


@pytest.fixture(scope="module")
def client(assistant):
    return TestClient(create_app(assistant, Settings(requests_per_minute=1000)))


def ask(client, question, earlier=(), **options):
    return client.post("/ask", data={"question": question, "earlier": list(earlier)}, **options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_comes_in_each_language_and_needs_no_script(client, language):
    page = Page(client.get("/ask", params={"lang": language}).text)
    assert page.all("html") == [{"lang": language}]
    assert page.all("script", "style", "iframe") == []
    assert [form["method"] for form in page.all("form")] == ["post"]
    assert texts(language)["chat_question"] in page.text
    assert texts(language)["chat_ask"] in page.text


def test_a_question_is_answered_as_a_page_with_its_paragraphs_and_kept_by_nobody(client):
    response = ask(client, COURT)
    page = Page(response.text)
    assert "the court is to hire a sign language interpreter." in page.text
    assert "para. 219" in page.text
    assert page.all("script") == []
    targets = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#turn")}
    assert targets <= {details.get("id") for details in page.all("details")}
    assert response.headers["Cache-Control"] == "private, no-cache"  # Back shows it again, and no proxy keeps it
    assert ask(client, COURT, headers=EVENTS).headers["Cache-Control"] == "no-store"


def test_no_question_is_part_of_an_address(client):
    response = ask(client, COURT)
    page = Page(response.text)
    assert not response.history
    addresses = [a.get("href") or a.get("action") or "" for a in page.all("a", "form", "link")]
    # A link to the answer has it behind "#", which browsers keep to themselves.
    assert not [address for address in addresses if "court" in address.partition("#")[0].lower()]


def test_an_address_asks_nothing(client):
    assert "219" not in client.get("/ask", params={"question": COURT}).text


def test_the_page_sends_the_earlier_questions_along(client):
    page = Page(ask(client, "How many court buildings have ramps?").text)
    assert page.fields == ["How many court buildings have ramps?"]
    answered = ask(client, "and handrails?", page.fields)
    assert "How many court buildings have ramps? and handrails?" in Page(answered.text).text
    assert "para. 223" in answered.text


def test_a_proposed_question_is_a_button_whatever_the_field_holds(client):
    page = Page(client.get("/ask").text)
    proposed = [button["value"] for button in page.all("button") if button.get("name") == "instead"]
    assert len(proposed) >= 3
    answered = client.post("/ask", data={"question": "half typ", "instead": proposed[0]}).text
    assert f"You asked: {proposed[0]}" in Page(answered).text


def test_nothing_typed_asks_nothing(client):
    page = Page(ask(client, "  ").text)
    assert texts("en")["answer_empty"] in page.text
    assert page.fields == []


@pytest.mark.parametrize("letter", ["x", "ж", "字", "🐈", "&"])
def test_earlier_questions_are_bounded_and_what_the_page_sends_along_is_never_too_large(client, letter):
    earlier = [letter * 300] * MAX_HISTORY
    for _ in range(3):
        response = ask(client, f"{letter * 1000} ramps?", earlier[:10])
        assert response.status_code == 200
        earlier = Page(response.text).fields
        assert 0 < len(earlier) <= MAX_HISTORY
    assert ask(client, letter * 2000, earlier).status_code == 200


def test_more_earlier_questions_than_are_read_are_dropped_from_the_oldest(client):
    fields = Page(ask(client, "ramps?", [f"question {n}" for n in range(MAX_HISTORY + 20)]).text).fields
    assert fields == [f"question {n}" for n in range(21, MAX_HISTORY + 20)] + ["ramps?"]


def test_an_earlier_question_longer_than_one_that_is_read_is_dropped(client):
    assert Page(ask(client, "ramps?", ["x" * 2001, "courts?"]).text).fields == ["courts?", "ramps?"]


def test_hostile_text_stays_text_as_question_and_as_earlier_one(client):
    response = ask(client, HOSTILE, [HOSTILE])
    page = Page(response.text)
    assert page.fields == [HOSTILE, HOSTILE]
    assert page.all("script", "img") == []
    assert "49" not in page.text


@pytest.mark.parametrize("question", ["ramps %ED%A0%80?", "ramps \ud83d?", "%FF%FE\x00", "ramps \udc9f\ud800?"])
def test_lone_surrogates_and_bytes_that_are_no_text_end_nothing(client, question):
    content = b"question=" + question.encode("utf-8", "surrogatepass") + b"&earlier=%ED%B2%9F"
    for headers in (FORM, FORM | EVENTS):
        response = client.post("/ask", content=content, headers=headers)
        assert response.status_code == 200
        again = ask(client, COURT, Page(response.text).fields, headers=headers)
        assert "hire a sign language interpreter" in again.text


def test_a_lone_surrogate_in_json_is_a_clear_message(client):
    for body in (r'{"question": "ramps \ud83d?"}', r'{"question": "ramps?", "history": ["\udc9f"]}'):
        response = client.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
        assert response.status_code in (200, 422)


def test_nothing_can_be_uploaded(client):
    assert client.post("/ask", data={"question": COURT}, files={"file": b"text"}).status_code == 415
    assert client.post("/ask", json={"question": COURT}).status_code == 415
    assert client.post("/ask", content=b"question=ramps").status_code == 415


@pytest.mark.parametrize("kind", [{}, EVENTS], ids=["page", "events"])
def test_chat_form_and_api_have_one_allowance_for_each_client(assistant, kind):
    app = create_app(assistant, Settings(requests_per_minute=4))
    client = TestClient(app, client=("203.0.113.1", 1))
    assert [ask(client, "paragraph 8", headers=kind).status_code for _ in range(2)] == [200, 200]
    assert [client.get("/api/v1/search?q=sign").status_code for _ in range(2)] == [200, 200]
    refused = ask(client, "paragraph 8", headers=kind)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert client.post("/api/v1/ask", json={"question": "paragraph 8"}).status_code == 429
    assert ask(TestClient(app, client=("203.0.113.2", 1)), "paragraph 8", headers=kind).status_code == 200


def test_who_asked_too_often_reads_so_on_a_page(assistant):
    client = TestClient(create_app(assistant, Settings(requests_per_minute=1)))
    ask(client, "paragraph 8")
    refused = ask(client, "paragraph 8", headers={"Accept": "text/html", "Accept-Language": "ru"})
    assert texts("ru")["error_429_text"] in refused.text


class SlowAssistant(Assistant):
    """Answers when the gate is opened; says piece after piece until then."""

    def __init__(self, assistant):
        super().__init__(assistant.library, Settings())
        self.gate, self.closed = threading.Event(), threading.Event()

    def ask(self, *arguments, **options):
        self.gate.wait(10)
        return super().ask(*arguments, **options)

    def ask_stream(self, *arguments, **options):
        try:
            while not self.gate.wait(0.05):
                yield "text", ""
            yield from super().ask_stream(*arguments, **options)
        finally:
            self.closed.set()


def test_chat_form_and_api_wait_in_one_queue(assistant):
    slow = SlowAssistant(assistant)
    client = TestClient(create_app(slow, Settings(max_concurrent_answers=1, max_queued_answers=2)))
    with client, ThreadPoolExecutor(6) as people:
        asked = [people.submit(ask, client, "paragraph 8", headers=EVENTS) for _ in range(2)]
        asked += [people.submit(ask, client, "paragraph 8") for _ in range(2)]
        asked += [people.submit(client.post, "/api/v1/ask", json={"question": "paragraph 8"}) for _ in range(2)]
        refused = [answered.result() for _, answered in zip(range(3), as_completed(asked, timeout=50), strict=False)]
        slow.gate.set()
        assert sorted(answered.result().status_code for answered in asked) == [200] * 3 + [503] * 3
    assert {response.status_code for response in refused} == {503}
    assert all(int(response.headers["Retry-After"]) >= 1 for response in refused)


def test_whoever_waits_too_long_in_the_chat_is_told_so(assistant):
    slow = SlowAssistant(assistant)
    client = TestClient(create_app(slow, Settings(answer_timeout_seconds=0.2)))
    said = ask(client, COURT, headers=EVENTS).text
    told = f"{texts('en')['error_slow_title']}. {texts('en')['error_slow_text']}"
    assert said.endswith(f'event: problem\ndata: {{"detail":"{told}"}}\n\n')
    assert slow.closed.wait(60)


def test_events_carry_the_answer_and_what_to_send_with_the_next_question(client):
    said = ask(client, COURT, ["ramps?"], headers=EVENTS).text
    event = re.fullmatch(r"event: answer\ndata: (.*)\n\n", said)
    assert json.loads(event[1])["earlier"] == ["ramps?", COURT]
    assert "hire a sign language interpreter" in json.loads(event[1])["html"]


@pytest.mark.parametrize(
    ("turn", "anchor"), [("7", "turn-7"), ('1"><b>', "turn-1"), ("²", "turn-1"), ("9" * 5000, "turn-1")]
)
def test_the_page_numbers_its_answers(client, turn, anchor):
    said = client.post("/ask", data={"question": COURT, "turn": turn}, headers=EVENTS).text
    html = json.loads(said.partition("data: ")[2])["html"]
    assert f'id="{anchor}-para-219"' in html
    assert f'href="#{anchor}-para-219"' in html


def test_who_leaves_while_sending_a_question_leaves_no_trace(index_folder, tmp_path):
    log = tmp_path / "log"
    with running(index_folder, log) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as visitor:
            kind = "Content-Type: application/x-www-form-urlencoded"
            visitor.sendall(
                f"POST /ask HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: 99\r\n\r\nquestion=why".encode()
            )
            time.sleep(0.3)
        assert (
            "event: answer" in httpx.post(f"{address}/ask", data={"question": "why?"}, headers=EVENTS, timeout=60).text
        )
    assert "Traceback" not in log.read_text()


def _never_ending(exchange):
    exchange.begin()
    exchange.write("In the country")
    exchange.wait_for_hang_up()


def test_when_the_reader_leaves_the_model_is_no_longer_asked_and_the_next_one_is_answered(index_folder, tmp_path):
    with endpoint(_never_ending) as model:
        settings = {"LLM_BASE_URL": model.address, "LLM_MODEL": "scripted"}
        limits = {"MAX_CONCURRENT_ANSWERS": "1", "MAX_QUEUED_ANSWERS": "0"}
        with running(index_folder, tmp_path / "log", **settings, **limits) as address:
            asked = {"url": f"{address}/ask", "headers": EVENTS}
            with httpx.stream("POST", **asked, data={"question": COURT}, timeout=60) as response:
                said = response.iter_text()
                assert "event: pending" in next(said)
                assert httpx.post(**asked, data={"question": "paragraph 107"}, timeout=60).status_code == 503
            assert model.hung_up.wait(60)
            for _ in range(50):
                response = httpx.post(**asked, data={"question": "paragraph 107"}, timeout=60)
                if response.status_code == 200:
                    break
                time.sleep(0.1)
            assert "event: answer" in response.text


def test_an_answer_can_be_saved_and_linked_to_without_a_script(client):
    page = Page(ask(client, COURT).text)
    form = next(form for form in page.all("form") if "/export" in form["action"])
    record = next(field["value"] for field in page.all("input") if field.get("name") == "record")
    saved = client.post(form["action"], data={"record": record, "form": "md"}).text
    assert "hire a sign language interpreter.”[^1]" in saved
    assert [link["href"].partition("#")[0] for link in page.all("a") if "#q=" in link["href"]] == ["/chat/en"]


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (
            {"question": "and handrails?", "earlier": ["Who is Almaty?", "How many court buildings have ramps?"]},
            {"earlier": ["How many court buildings have ramps?"]},  # what it leans on, and nothing else
        ),
        ({"question": "МСЭ", "language": "kk"}, {}),
        ({"question": "How many ramps are there in Kenya?", "everywhere": "1", "article": ["9"]}, {"article": ["9"]}),
    ],
)
def test_a_link_asks_the_same_again_where_nothing_is_known_of_before(client, assistant, asked, fields):
    def answered(**data):
        sent = client.post("/ask", data=data, headers=EVENTS).text
        return json.loads(json.loads(sent.partition("data: ")[2])["record"])

    turn = answered(**asked)
    link = parse_qs(turn["link"])
    assert link["v"] == [assistant.library.version]
    assert {name: link[name] for name in link if name not in ("q", "v", "language", "everywhere")} == fields
    again = answered(question=link.pop("q")[0], **{name: values[0] for name, values in link.items() if name != "v"})
    assert again["answer"]["statements"] == turn["answer"]["statements"]
    assert again["answer"]["message"] == turn["answer"]["message"]
    assert again["answer"]["scope"] == turn["answer"]["scope"]


def test_each_of_the_six_examples_is_answered_from_the_same_paragraphs_in_every_language(assistant):
    for language in assistant.languages:
        questions = example_questions(assistant, language)
        assert len(questions) == 6
        for question, known in zip(questions, (399, 219, 196, 87, 473, 503), strict=True):
            answer = assistant.ask(question, language=language)
            assert known in {citation.number for citation in answer.citations}, question
            assert answer.not_answered == (), question


def test_what_the_widget_and_the_example_site_offer_is_answered(assistant):
    offered = [
        text for page in SITE.glob("*.html") for text in re.findall('questions="(.+?)"', page.read_text("utf-8"))
    ]
    assert offered
    offered += [texts(language)["widget_questions"] for language in assistant.languages]
    questions = [question for text in offered for question in text.split("|")]
    assert [question for question in questions if not assistant.ask(question).answered] == []


def test_a_question_that_is_too_long_is_refused_with_the_limit_and_stays_in_the_field(client):
    long = "ramps? " * 400
    said = texts("en")["answer_too_long"].format(count=len(long.strip()), limit=2000)
    response = ask(client, long)
    assert response.status_code == 422
    assert said in Page(response.text).text
    assert f">{long}</textarea>" in response.text
    assert "<article" not in response.text
    streamed = ask(client, long, headers=EVENTS)
    assert (streamed.status_code, streamed.json()["detail"]) == (422, said)


def test_the_form_offers_to_ask_a_follow_up_by_itself(client):
    def offered(html):
        """What the form in that line sends."""
        form = re.search('<form class="resolved".*?</form>', html, re.DOTALL)
        return [(field["name"], field["value"]) for field in Page(form[0]).all("input")] if form else None

    first = ask(client, "How many court buildings have ramps?").text
    assert offered(first) is None
    record = re.search('name="record" value="([^"]+)"', first)[1]
    sent = {"question": "and handrails?", "earlier": "How many court buildings have ramps?"}
    html = client.post("/ask?lang=en", data=sent | {"record": unescape(record)}).text
    assert texts("en")["chat_alone"] in html
    assert '<form class="resolved" method="post" action="?lang=en#turn-2-question">' in html
    assert [name for name, _ in offered(html)] == ["question", "record"]
    alone = client.post("/ask?lang=en", data=dict(offered(html))).text
    assert re.findall(r'id="turn-(\d)-question"', alone) == ["1", "2"]
    assert texts("en")["chat_looked_for"] not in alone


def test_the_form_carries_the_conversation_along_and_another_site_can_put_nothing_in(client):
    def records(html):
        return [field["value"] for field in Page(html).all("input") if field.get("name") == "record"]

    first = ask(client, COURT).text
    kept = records(first)[-1:]
    sent = {"question": "How many court buildings have ramps?", "record": kept}
    both = client.post("/ask", data=sent).text
    assert re.findall(r'id="turn-(\d)-question"', both) == ["1", "2"]
    assert "para. 219" in both
    assert 'action="?lang=en#turn-3-question"' in both
    alone = client.post("/ask", data=sent, headers={"Sec-Fetch-Site": "cross-site"}).text
    assert "para. 219" not in alone
    assert "para. 219" not in client.post("/ask", data=sent | {"record": ["{}"]}).text
