import asyncio
import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import datetime

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from crpd_qa import Assistant
from crpd_qa.errors import StoreAwayError
from crpd_qa.settings import Settings, settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.counts import Counts
from crpd_qa.web.limits import AnswerQueue, DailyLimit, RateLimit
from crpd_qa.web.problems import STORE_AWAY
from crpd_qa.web.server import create_app
from language_model_endpoint import endpoint, replies

QUESTION = {"question": "paragraph 8"}


def statuses(app, address, count, headers=None):
    client = TestClient(app, client=(address, 1234), headers=headers)
    return [client.post("/api/v1/ask", json=QUESTION).status_code for _ in range(count)]


@pytest.fixture
def app(assistant):
    return create_app(assistant, Settings(requests_per_minute=3, trusted_proxies="192.0.2.0/24"))


def test_each_client_may_ask_so_many_times_a_minute(app):
    assert statuses(app, "203.0.113.1", 4) == [200, 200, 200, 429]
    assert statuses(app, "203.0.113.2", 3) == [200, 200, 200]


def test_who_asked_too_often_is_told_how_long_to_wait(app):
    statuses(app, "203.0.113.1", 3)
    response = TestClient(app, client=("203.0.113.1", 1)).get("/api/v1/search?q=sign")
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert f"wait {response.headers['Retry-After']} seconds" in response.json()["detail"]


def test_reading_paragraphs_and_pages_is_not_counted(app):
    statuses(app, "203.0.113.1", 4)
    client = TestClient(app, client=("203.0.113.1", 1))
    for path in ("/api/v1/paragraphs/8", "/api/v1/sections", "/healthz", "/"):
        assert client.get(path).status_code == 200


def test_an_ipv6_client_is_its_whole_network(app):
    assert statuses(app, "2001:db8:1:2::1", 3) == [200, 200, 200]
    assert statuses(app, "2001:db8:1:2:ffff::9", 1) == [429]
    assert statuses(app, "2001:db8:1:3::1", 1) == [200]


def test_an_ipv4_client_is_the_same_over_ipv6(app):
    assert statuses(app, "::ffff:203.0.113.1", 3) == [200, 200, 200]
    assert statuses(app, "203.0.113.1", 1) == [429]


def test_a_forged_header_does_not_make_another_client(app):
    seen = [statuses(app, "203.0.113.1", 1, {"X-Forwarded-For": f"198.51.100.{n}"})[0] for n in range(4)]
    assert seen == [200, 200, 200, 429]


def test_a_trusted_proxy_names_the_client_and_a_client_behind_it_cannot_lie(app):
    seen = [statuses(app, "192.0.2.7", 1, {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.5"})[0] for n in range(4)]
    assert seen == [200, 200, 200, 429]
    assert statuses(app, "192.0.2.7", 1, {"X-Forwarded-For": "203.0.113.6"}) == [200]


def test_too_large_a_body_is_refused_by_its_length_and_while_it_comes(assistant):
    client = TestClient(create_app(assistant, Settings(max_body_bytes=2000)))
    for content in (b" " * 2001, iter([b" " * 1000] * 3)):
        response = client.post("/api/v1/ask", content=content, headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert "2,000 bytes" in response.json()["detail"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/report", content=iter([b" " * 1000] * 3), headers=form).status_code == 413


def test_a_paid_model_answers_each_client_and_all_of_them_so_often_a_day(assistant):
    with endpoint(replies("In the country, 651,900 persons have a disability. [107]")) as server:
        config = settings().model_copy(
            update={
                "llm_base_url": server.address,
                "llm_model": "m",
                "llm_answers_per_client": 2,
                "llm_answers_per_day": 3,
                "reader": "none",
            }
        )
        app = create_app(Assistant(assistant.library, config), config)

        def modes(address, count, question="What share of the population has a disability?"):
            client = TestClient(app, client=(address, 1))
            answers = [client.post("/api/v1/ask", json={"question": question}).json() for _ in range(count)]
            return [(a["mode"], a["notice"].partition(";")[0]) for a in answers]

        used_up = ("extract", "The language model has answered as often today as this site allows")
        assert modes("203.0.113.1", 1, "paragraph 107") == [("locate", "")]  # the model is not asked
        assert modes("203.0.113.1", 3) == [("language-model", ""), ("language-model", ""), used_up]
        assert modes("203.0.113.2", 2) == [("language-model", ""), used_up]


def test_a_cancelled_answer_is_counted_and_another_day_is_another(monkeypatch):
    class Clock(datetime):
        day = 1

        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 1, cls.day, tzinfo=tz)

    monkeypatch.setattr("crpd_qa.web.limits.datetime", Clock)
    limit = DailyLimit(Counts(), for_each=1, for_all=None)
    assert limit.take("a")  # whatever becomes of it
    assert not limit.take("a")
    Clock.day = 2
    assert limit.take("a")


@pytest.mark.parametrize(
    ("address", "given", "limits"),
    [
        ("http://localhost:11434/v1", {}, (None, None)),
        ("http://127.0.0.2/v1", {}, (None, None)),
        ("http://[::1]:8080/v1", {}, (None, None)),
        ("http://localhost:1/v1", {"llm_answers_per_client": 7}, (7, None)),
        ("https://api.example.org/v1", {}, (50, 1000)),
        ("http://192.168.0.2/v1", {"llm_answers_per_client": 0, "llm_answers_per_day": 5}, (None, 5)),
        ("https://localhost.example.org/v1", {}, (50, 1000)),
    ],
)
def test_only_a_model_on_this_machine_is_unlimited_by_default(address, given, limits):
    config = Settings(llm_base_url=address, llm_model="m", **given)
    assert (config.llm_answers_for_each, config.llm_answers_for_all) == limits


class SlowAssistant(Assistant):
    """Answers when the gate is opened."""

    def __init__(self, assistant):
        super().__init__(assistant.library, Settings())
        self.gate = threading.Event()

    def ask(self, *arguments, **options):
        self.gate.wait(60)
        return super().ask(*arguments, **options)


class AwayAssistant(Assistant):
    """Its store does not answer."""

    def ask(self, *_, **__):
        raise StoreAwayError("http://127.0.0.1:1 does not answer")


def test_when_the_queue_is_full_the_next_is_told_to_come_back_and_the_others_are_answered(assistant):
    slow = SlowAssistant(assistant)
    client = TestClient(create_app(slow, Settings(max_concurrent_answers=1, max_queued_answers=2)))
    with client, ThreadPoolExecutor(4) as people:
        asked = [people.submit(client.post, "/api/v1/ask", json=QUESTION) for _ in range(4)]
        refused = next(as_completed(asked, timeout=50)).result()
        slow.gate.set()
        assert sorted(response.result().status_code for response in asked) == [200, 200, 200, 503]
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert "Too many people" in refused.json()["detail"]


def test_whoever_waits_too_long_is_told_so(assistant):
    slow = SlowAssistant(assistant)
    client = TestClient(create_app(slow, Settings(answer_timeout_seconds=0.1)))
    response = client.post("/api/v1/ask", json=QUESTION)
    assert response.status_code == 503
    assert "too long" in response.json()["detail"]
    assert int(response.headers["Retry-After"]) >= 1
    events = client.post("/api/v1/ask", json=QUESTION, headers={"Accept": "text/event-stream"}).text
    assert "event: problem" in events
    assert '"status":503' in events
    slow.gate.set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_told_why_in_its_language(assistant, language):
    t = texts(language)
    slow = SlowAssistant(assistant)
    client = TestClient(create_app(slow, Settings(answer_timeout_seconds=0.1, max_queued_answers=0)))
    busy = TestClient(create_app(slow, Settings(max_concurrent_answers=1, max_queued_answers=0)))
    often = TestClient(create_app(slow, Settings(requests_per_minute=1)))
    asked = {"data": {"question": "paragraph 8"}, "params": {"lang": language}}
    with busy, ThreadPoolExecutor(2) as people:
        waiting = [people.submit(busy.post, "/ask", **asked) for _ in range(2)]
        refused = next(as_completed(waiting, timeout=50)).result()
        slow.gate.set()
    assert refused.json()["detail"] == f"{t['error_503_title']}. {t['error_503_text']}"
    slow.gate.clear()
    assert client.post("/ask", **asked).json()["detail"] == f"{t['error_slow_title']}. {t['error_slow_text']}"
    page = {"Accept": "text/html", "Accept-Language": language}  # the widget's
    said = client.post("/api/v1/ask", json=QUESTION, headers=page).json()["detail"]
    assert said == f"{t['error_slow_title']}. {t['error_slow_text']}"
    away = TestClient(create_app(AwayAssistant(assistant.library, Settings()), Settings()))
    said = away.post("/api/v1/ask", json=QUESTION, headers=page).json()["detail"]
    assert said == f"{t['error_away_title']}. {t['error_away_text']}"
    assert away.post("/api/v1/ask", json=QUESTION).json()["detail"] == STORE_AWAY
    slow.gate.set()
    often.post("/ask", **asked)
    assert often.post("/ask", **asked).json()["detail"] == f"{t['error_429_title']}. {t['error_429_text']}"


def test_an_abandoned_computation_keeps_its_place_until_it_ends():
    async def scenario():
        queue, gate, running = AnswerQueue(1, 0, 0.05), threading.Event(), []
        with pytest.raises(HTTPException, match="503"):
            await queue.submit(lambda: (running.append(1), gate.wait(60)))
        with pytest.raises(HTTPException, match="503"):
            queue.submit(running.append, 2)
        gate.set()
        for _ in range(100):
            await asyncio.sleep(0.1)
            with suppress(HTTPException):  # the place is not free yet, or the machine busy
                assert await queue.submit(lambda: "done") == "done"
                break
        else:
            pytest.fail("the place never became free")
        assert running == [1]

    # In a thread of its own: Playwright's loop runs in this one once a browser test has begun.
    with ThreadPoolExecutor() as executor:
        executor.submit(asyncio.run, scenario()).result()


def test_a_client_that_asks_no_more_is_forgotten():
    """As docs/privacy.md says: its address is in the server's memory for as long as requests count, and no longer."""
    app = FastAPI()
    app.add_api_route("/", lambda: None, dependencies=[Depends(RateLimit(Counts(), "questions", 5, seconds=1))])

    def remembered():
        keys = [key for found in gc.get_objects() if isinstance(found, dict) for key in list(found)]
        return [key for key in keys if isinstance(key, str) and "203.0.113.78" in key]

    with TestClient(app, client=("203.0.113.78", 1)) as client:
        client.get("/")
        assert remembered()
        for _ in range(100):
            time.sleep(0.1)
            if not remembered():
                break
        assert remembered() == []
