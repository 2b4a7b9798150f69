"""What one should not miss is seen, one finds one’s place again, and what the accessibility statement says is so."""

import pytest
from playwright.sync_api import expect

from crpd_qa.texts import texts

pytestmark = pytest.mark.browser

T = texts("en")
PHONE = {"width": 320, "height": 568}
LOW = {"width": 320, "height": 256}
"""1,280 by 1,024 pixels at 400 %."""
ANNOUNCED = """document.querySelector('#announcement').textContent.includes(%r)"""
HIT = "[...CSS.highlights.get('hit-current')][0].getBoundingClientRect().toJSON()"
LONG = "How many ramps are there? " * 100


def ask(page, question):
    count = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function("count => document.querySelectorAll('.turn').length === count", arg=count + 1)


def seen(page, selector):
    expect(page.locator(selector)).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("window", [PHONE, {"width": 1280, "height": 800}])
def test_every_hit_of_a_document_that_was_just_opened_is_in_view(open_page, window):
    page = open_page("/report?lang=en", viewport=window)
    page.fill("#find", "sign language")
    page.press("#find", "Enter")
    for _ in range(5):
        page.wait_for_timeout(300)
        box = page.evaluate(HIT)
        assert box["top"] > 0
        assert box["bottom"] < window["height"]
        page.press("#find", "Enter")


@pytest.mark.parametrize("window", [PHONE, LOW])
def test_a_notice_is_seen_wherever_one_reads_and_is_announced(open_chat, violations, window):
    page = open_chat(viewport=window)
    ask(page, "What does article 13 say?")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.context.set_offline(True)
    page.fill("#question textarea", "How many court buildings have ramps?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=T["chat_do_not_send"]).wait_for()
    seen(page, ".note")
    page.wait_for_function(ANNOUNCED % T["chat_waiting"])
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
    page.get_by_role("button", name=T["chat_do_not_send"]).click()
    expect(page.locator(".note")).to_have_count(0)


def test_a_question_that_is_too_long_stays_where_it_was_typed_and_the_limit_is_said(open_chat):
    page = open_chat(viewport=PHONE)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.fill("#question textarea", LONG)
    page.keyboard.press("Enter")
    said = T["answer_too_long"].format(count=len(LONG.strip()), limit=2000)
    page.wait_for_function(ANNOUNCED % said)
    seen(page, ".note")
    assert page.locator("#question textarea").input_value() == LONG
    assert (page.locator(".turn, .pending").count(), sent) == (0, [])


@pytest.mark.parametrize("way", ["back", "reload"])
def test_who_goes_to_the_reader_and_back_or_reloads_finds_the_conversation_at_the_same_place(open_chat, way):
    page = open_chat()
    for question in ("What does article 13 say?", "How many court buildings have ramps?", "What does article 24 say?"):
        ask(page, question)
    top = "document.querySelectorAll('.turn')[1].getBoundingClientRect().top"
    page.evaluate(f"scrollBy({{ top: {top} - 40, behavior: 'instant' }})")
    before = page.evaluate(top)
    if way == "reload":
        page.reload()
    else:
        page.evaluate("document.querySelectorAll('.turn')[1].querySelector('details').open = true")
        read_on = page.locator(".turn").nth(1).locator("details[open] a.read").first
        read_on.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)  # it scrolls smoothly
        before = page.evaluate(top)
        read_on.click()
        page.wait_for_selector(".reader main")
        page.go_back()
    page.wait_for_function("document.querySelectorAll('.turn').length === 3")
    assert page.evaluate(top) == pytest.approx(before, abs=12)  # half a line
    if way == "back":
        page.go_forward()
        page.wait_for_selector(".reader main")
        assert "para=" in page.url


@pytest.mark.parametrize("window", [PHONE, LOW])
def test_the_dialog_keeps_the_focus_closes_with_escape_and_gives_it_back(open_chat, window):
    page = open_chat(viewport=window)
    ask(page, "How many court buildings have ramps?")
    page.locator("#again").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=T["again_sure"])
    dialog.wait_for()
    visited = set()
    for _ in range(6):
        page.keyboard.press("Tab")
        # Between its last and its first button a browser's own controls come, for which the page has no focus.
        inside = (
            "document.activeElement.closest('dialog') ? document.activeElement.value : document.activeElement.tagName"
        )
        visited.add(page.evaluate(inside))
    assert visited - {"BODY"} == {"yes", "no"}
    small = [b.bounding_box() for b in dialog.get_by_role("button").all()]
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in small)
    assert dialog.evaluate("d => d.getBoundingClientRect().right <= innerWidth && d.scrollWidth <= d.clientWidth")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "again"
    page.keyboard.press("Enter")
    page.get_by_role("button", name=T["again_yes"]).click()
    page.wait_for_function(ANNOUNCED % T["chat_restarted"])
    seen(page, ".note")
    page.get_by_role("button", name=T["again_undo"]).click()
    page.wait_for_function(ANNOUNCED % T["again_undone"])


def test_an_article_that_the_document_does_not_have_is_said_and_the_list_leads_to_one(open_page, violations):
    page = open_page("/report?lang=en&article=99", viewport=PHONE)
    seen(page, ".above > p")
    assert "Article 99" in page.locator(".above").inner_text()
    assert violations(page) == []
    page.locator(".articles a", has_text="Article 24").click()
    expect(page.locator(".only h2")).to_have_text(T["report_only"].format(number=24, count=24))


def test_without_javascript_a_follow_up_shows_the_conversation_so_far_and_its_answer_first(open_page):
    page = open_page("/ask?lang=en", java_script_enabled=False)
    for question in ("How many court buildings have ramps?", "and handrails?"):
        page.fill("textarea", question)
        page.locator(".ask .button").click()
    turns = page.locator(".turn h2")
    assert [turn.inner_text().split("\n")[-1] for turn in turns.all()] == [
        "How many court buildings have ramps?",
        "and handrails?",
    ]
    expect(turns.last).to_be_in_viewport()
    page.fill("textarea", LONG)
    page.locator(".ask .button").click()
    assert page.locator("textarea").input_value() == LONG
    assert page.locator(".turn").count() == 2
    seen(page, ".note")


def test_without_javascript_one_comes_back_to_the_conversation_from_the_reader_and_from_start_again(open_page):
    page = open_page("/ask?lang=en", java_script_enabled=False)
    page.fill("textarea", "How many court buildings have ramps?")
    page.locator(".ask .button").click()
    page.locator("a.read").first.click()
    page.locator("#para-223").wait_for()
    page.go_back()
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("link", name="Start again").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.go_back()
    expect(page.locator(".turn")).to_have_count(1)
