"""A conversation as people have it: it outlives a reload, another language and a lost connection, and is taken away."""

import json
import re
from zipfile import ZipFile

import pytest
from pypdfium2 import PdfDocument

from chromium import VOICE
from crpd_qa.texts import texts

pytestmark = pytest.mark.browser

COURT = "Will the court get me a sign language interpreter?"
RAMPS = "How many court buildings have ramps?"


def turns(page, count):
    page.wait_for_function("count => document.querySelectorAll('.turn').length === count", arg=count)
    return page.locator(".turn").last


def ask(page, question):
    count = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    return turns(page, count + 1)


def typed(page, text):
    page.wait_for_function("text => document.querySelector('#question textarea')?.value === text", arg=text)


def test_a_conversation_outlives_reload_and_language_and_can_be_brought_back(open_chat, violations):
    page = open_chat()
    ask(page, RAMPS)
    page.fill("#question textarea", "half typ")
    page.reload()
    assert "para. 223" in turns(page, 1).locator(".said").inner_text()
    typed(page, "half typ")
    page.locator(".languages summary").click()
    page.locator(".languages a[lang=ru]").click()
    page.wait_for_function("document.documentElement.lang === 'ru'")
    question = turns(page, 1).locator("h2")
    assert question.inner_text().split("\n") == [texts("ru")["chat_you_asked"], RAMPS]
    typed(page, "half typ")
    assert f"{RAMPS} and handrails?" in ask(page, "and handrails?").locator(".resolved").inner_text()

    page.locator("#again").focus()
    page.keyboard.press("Enter")
    sure = page.get_by_role("dialog", name=texts("ru")["again_sure"])
    sure.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    sure.wait_for(state="hidden")
    assert page.locator(".turn").count() == 2
    page.keyboard.press("Enter")  # the focus is back on the button
    page.get_by_role("button", name=texts("ru")["again_yes"]).click()
    turns(page, 0)
    assert page.evaluate("sessionStorage.length") == 0
    assert violations(page) == []
    page.get_by_role("button", name=texts("ru")["again_undo"]).click()
    turns(page, 2)
    assert page.locator(".note").count() == 0  # it is not empty any more
    page.reload()
    turns(page, 2)


def test_an_answer_is_linked_to_heard_copied_and_saved_and_its_question_is_in_no_request(open_chat, tmp_path):
    page = open_chat(permissions=["clipboard-read", "clipboard-write"])
    page.context.add_init_script(VOICE)
    addresses = []
    page.context.on("request", lambda request: addresses.append(request.url))
    turn = ask(page, COURT)
    assert not turn.get_by_role("button", name="Read aloud").is_visible()  # this browser has no voice
    turn.get_by_role("button", name="Copy with footnotes").click()
    page.wait_for_function("document.querySelector('#announcement').textContent.includes('Answer copied.')")
    assert page.evaluate("navigator.clipboard.readText()").endswith("”[1]\n\n[1] CRPD/C/KAZ/1, para. 219.")
    turn.get_by_role("button", name="Copy a link").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('#q=')")
    page.wait_for_function("document.querySelector('#announcement').textContent.includes('Link copied.')")
    link = page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a Word file (DOCX)").click()
    download.value.save_as(tmp_path / "answers.docx")
    assert "CRPD/C/KAZ/1, para. 219." in ZipFile(tmp_path / "answers.docx").read("word/footnotes.xml").decode()

    other = page.context.new_page()
    other.goto(link)
    assert COURT in turns(other, 1).locator("h2").inner_text()
    assert "#" not in other.url
    assert other.locator(".note").count() == 0
    reader = other.get_by_role("button", name="Read aloud")
    reader.click()
    other.get_by_role("button", name="Stop reading").click()
    assert [said if said == "cancelled" else said[0] for said in other.evaluate("spoken")] == ["en-GB", "cancelled"]
    other.goto(re.sub(r"v=\w+", "v=00000000", link))
    turns(other, 2)
    assert other.locator(".note").inner_text() == texts("en")["link_other_version"]

    other.route("**/ask?*", lambda route: route.abort(), times=2)  # as while a server starts again
    other.fill("#question textarea", RAMPS)
    other.keyboard.press("Enter")
    other.get_by_role("button", name="Do not send it").wait_for()
    typed(other, RAMPS)
    turns(other, 3)
    typed(other, "")
    assert [address for address in addresses if "interpreter" in address.partition("#")[0]] == []


def test_on_paper_every_source_is_open_and_nothing_can_be_pressed(open_chat):
    page = open_chat()
    ask(page, "How many court buildings have ramps, and who hires a sign language interpreter?")
    sources = page.locator(".sources details")
    assert sources.count() > 1
    before = page.locator(".sources details[open]").count()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(source.locator("mark").last.is_visible() for source in sources.all())
    assert page.get_by_text(texts("en")["export_advice"]).is_visible()
    text = page.locator("body").evaluate("body => getComputedStyle(body).color")
    for citation in page.locator(".citation").all():  # of what is filled the letters are printed, in their colour
        assert citation.evaluate("citation => getComputedStyle(citation).color") == text
    assert [b for b in page.locator("button, textarea, select").all() if b.is_visible()] == []
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".sources details[open]").count() == before


def test_on_paper_each_document_is_named_and_no_question_is_parted_from_its_answer(open_chat):
    page = open_chat(viewport={"width": 800, "height": 900})
    ask(page, RAMPS)
    ask(page, "and handrails?")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    foot = page.evaluate("document.querySelector('.resolved').getBoundingClientRect().bottom + scrollY")
    paper = PdfDocument(page.pdf(width="800px", height=f"{foot + 10}px"))
    first, second = (paper[number].get_textpage().get_text_range() for number in range(2))
    assert "and handrails?" not in first
    assert "and handrails?" in second
    named = "CRPD/C/KAZ/1, para. 223: Initial report of Kazakhstan under the Convention"
    assert named in " ".join(first.split())
    assert named in " ".join(second.split())


def test_what_was_written_into_the_tab_is_text_and_a_full_one_is_told(open_chat):
    page = open_chat()
    ask(page, COURT)
    hostile = {"records": ["<img src=x onerror='window.hacked = 1'>"], "earlier": [1], "draft": "<b>", "where": 5}
    page.evaluate("text => sessionStorage.setItem(Object.keys(sessionStorage)[0], text)", json.dumps(hostile))
    page.reload()
    page.locator(".note").wait_for()
    assert page.locator(".note").inner_text() == texts("en")["kept_unreadable"]
    typed(page, "<b>")
    assert page.evaluate("window.hacked") is None
    assert "onerror" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }")
    ask(page, COURT)
    assert page.locator(".note").inner_text() == texts("en")["kept_no_room"]
    with page.expect_download():
        page.get_by_role("button", name="Save as Markdown").click()
