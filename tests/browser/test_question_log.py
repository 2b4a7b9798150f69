"""What is asked in the chat is counted and kept as what is asked through the API is."""

import json
import sqlite3
import urllib.request

from running_server import running


def test_an_answer_of_the_chat_is_in_the_log_and_in_the_metrics(browser, index_folder, tmp_path):
    database = tmp_path / "questions.sqlite"
    with running(index_folder, tmp_path / "log", QUESTION_LOG=str(database), METRICS="true") as address:
        page = browser.new_page()
        page.goto(address)
        for question in ("paragraph 8", "paragraph 9"):
            page.fill("#question textarea", question)
            page.click("#ask")
            page.wait_for_selector(f"#conversation .turn h2:has-text('{question}')")
        page.context.close()
        request = urllib.request.Request(
            f"{address}/api/v1/ask",
            json.dumps({"question": "paragraph 10"}).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()
        with urllib.request.urlopen(f"{address}/metrics") as response:
            assert 'crpd_qa_answers_total{outcome="answered"} 3.0' in response.read().decode()
    with sqlite3.connect(database) as kept:
        assert kept.execute("SELECT question FROM questions").fetchall() == [
            ("paragraph 8",),
            ("paragraph 9",),
            ("paragraph 10",),
        ]
