from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from crpd_qa.settings import Settings
from crpd_qa.web.server import create_app

SECRET = "a-question-that-nobody-may-count"


def samples(client):
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def test_there_are_no_metrics_unless_they_are_wanted(assistant):
    assert TestClient(create_app(assistant, Settings())).get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_status_and_answers_by_outcome(assistant):
    client = TestClient(create_app(assistant, Settings(metrics=True)))
    client.post("/api/v1/ask", json={"question": "paragraph 8"})
    client.post("/api/v1/ask", json={"question": "paragraph 9"})
    client.post("/api/v1/ask", json={"question": "how much is a ticket for the underground in Almaty?"})
    client.post("/api/v1/ask", json={})
    client.get("/api/v1/paragraphs/8")
    found = samples(client)
    assert found["crpd_qa_answers_total", "answered"] == 2
    assert found["crpd_qa_answers_total", "declined"] == 1
    assert found["crpd_qa_request_seconds_count", "/api/v1/ask", "200"] == 3
    assert found["crpd_qa_request_seconds_count", "/api/v1/ask", "422"] == 1
    assert found["crpd_qa_request_seconds_count", "/api/v1/paragraphs/{number}", "200"] == 1
    assert found["crpd_qa_request_seconds_sum", "/api/v1/ask", "200"] > 0


def test_nothing_that_a_visitor_sends_is_in_the_metrics(assistant):
    client = TestClient(create_app(assistant, Settings(metrics=True)))
    client.post("/api/v1/ask", json={"question": SECRET})
    client.get(f"/api/v1/search?q={SECRET}")
    client.get(f"/{SECRET}")
    client.request(SECRET.upper(), f"/api/v1/{SECRET}")
    assert "secret" not in client.get("/metrics").text.lower()
    assert "nobody" not in client.get("/metrics").text.lower()
