import json
import sqlite3

import pytest
from playwright.sync_api import expect

from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.web.feedback import export_feedback

pytestmark = pytest.mark.browser

QUESTION = "What does paragraph 8 say? <b>'\""


def test_a_reader_says_that_an_answer_helped_and_it_becomes_a_question(browser, violations, feedback_server, tmp_path):
    address, database = feedback_server
    page = browser.new_page()
    page.goto(f"{address}/?lang=en")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.get_by_label("A remark, if you like").fill("Just right")
    assert violations(page) == []
    page.get_by_role("button", name="Yes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you")).to_be_focused()  # which says it: it is not announced besides
    assert page.get_by_role("button", name="Yes").count() == 0
    page.close()
    rows = sqlite3.connect(database).execute("SELECT question, history, numbers, helpful, remark FROM feedback")
    question, history, numbers, helpful, remark = rows.fetchone()
    assert (question, json.loads(history), json.loads(numbers)) == (QUESTION, [], [["CRPD/C/KAZ/1", "8"]])
    assert (helpful, remark) == (1, "Just right")
    export_feedback(database, tmp_path / "set.jsonl")
    assert read_question_set(tmp_path / "set.jsonl")[0].support == ((("CRPD/C/KAZ/1", "8"),),)


def test_without_a_place_to_keep_it_nobody_is_asked(open_chat):
    page = open_chat("/?lang=en")
    page.fill("#question textarea", "What does paragraph 8 say?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    assert page.locator(".feedback").count() == 0
