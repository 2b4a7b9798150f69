"""The filter, the list of documents and the reader of several documents, with keyboard and axe."""

import pytest
from playwright.sync_api import expect

from crpd_qa.texts import texts
from running_server import running

pytestmark = pytest.mark.browser

LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}
VIEWS = {
    "list": "/library?",
    "searched list": "/library?q=malta&",
    "reader": "/documents/CRPD/C/AND/1?in_language=en&",
    "side by side": "/documents/CRPD/C/AND/1?in_language=en&with=ru&",
    "numbered by us": "/documents/HANDBOOK/ORIGINAL?",
    "form": "/ask?state=MLT&",
}


@pytest.fixture(scope="module")
def address(several_folder, tmp_path_factory):
    with running(several_folder, tmp_path_factory.mktemp("several-server") / "log") as address:
        yield address


@pytest.fixture
def open_view(browser, address):
    """Opens a page in a new context. Any script error on the page fails the test."""
    contexts, errors = [], []

    def open_(path, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(open_view, violations, view, look):
    language = {"light": "en", "dark": "ru", "forced": "kk"}[look]
    page = open_view(f"{VIEWS[view]}lang={language}", viewport={"width": 360, "height": 740}, **LOOKS[look])
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_narrow_page_needs_no_sideways_scrolling_but_within_a_table(open_view, view):
    page = open_view(f"{VIEWS[view]}lang=kk", viewport={"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if view == "reader":
        table = page.locator("[role=region]")
        table.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('[role=region]').scrollLeft > 0")


@pytest.mark.parametrize("view", VIEWS)
def test_targets_are_at_least_24_pixels(open_view, view):
    page = open_view(f"{VIEWS[view]}lang=ru")
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
            .filter(e => e.checkVisibility() && !e.closest(".text p:not(.notes), .marked"))
            .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
            .map(e => e.outerHTML.slice(0, 150))"""
    )
    assert small == []


def test_what_finds_documents_stands_in_one_line_of_one_height(open_view):
    form = open_view("/library?lang=en", viewport={"width": 1280, "height": 800}).locator("main > .find")
    boxes = [form.locator(each).bounding_box() for each in ("#find", "#kind", ".button")]
    assert len({(box["y"], box["height"]) for box in boxes}) == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", ["/chat/en", "/ask?lang=en"])
def test_a_comparison_passes_axe_at_every_width_and_nothing_is_cut(open_view, violations, path, look):
    page = open_view(path, viewport={"width": 1280, "height": 800}, **LOOKS[look])
    field = page.locator("#question textarea" if path.startswith("/chat") else "#question")
    field.fill("How many inclusive schools are there in Malta and Iceland?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".voice")).to_have_count(3)
    assert violations(page) == []
    for width, height in ((320, 800), (320, 256)):  # a phone, and 400 %
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_chats_filter_is_used_by_keyboard_alone_and_narrows_the_question(open_view, violations, look):
    page = open_view("/chat/en", **LOOKS[look])
    summary = page.locator("#where summary")
    summary.wait_for()
    assert summary.inner_text() == "Where to look. Asking: all documents"
    page.locator("#ask").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#where') !== null")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "state"
    page.keyboard.type("Mal")
    page.wait_for_function("document.querySelector('#where summary').innerText.includes('Asking: Malta, all kinds')")
    page.fill("#question textarea", "How far does a ramp rise for each metre?")
    page.keyboard.press("Enter")
    turn = page.locator(".turn")
    turn.wait_for()
    assert texts("en")["answer_looked_in"].format(where="Malta") in turn.inner_text()
    assert "six centimetres" not in turn.inner_text()
    assert violations(page) == []


def test_a_state_that_the_question_names_is_widened_with_one_click_in_the_chat(open_view):
    page = open_view("/chat/en")
    page.wait_for_selector("#where summary")
    page.fill("#question textarea", "How do schools in Andorra get a ramp?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=texts("en")["where_everywhere"]).click()
    page.wait_for_function("document.querySelectorAll('.turn').length === 2")
    looked_in = texts("en")["answer_looked_in"].format(where="Andorra")
    assert looked_in in page.locator(".turn").first.inner_text()
    assert looked_in not in page.locator(".turn").last.inner_text()
    assert page.get_by_role("button", name=texts("en")["where_everywhere"]).count() == 0


def test_the_forms_summary_says_what_is_chosen(open_view):
    page = open_view("/ask?lang=en")
    page.locator(".where summary").click()
    page.select_option("select[name=kind]", "replies")
    page.select_option("select[name=year_from]", "2019")
    said = "Where to look. Asking: all States, Replies to the list of issues, from the year 2019"
    assert page.locator(".where summary").inner_text() == said


def test_cite_names_the_version_and_says_whose_the_number_is(open_view):
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    page = open_view("/documents/HANDBOOK/ORIGINAL?lang=en", **options)
    page.locator(".cite").last.click()
    expect(page.locator("#status")).to_have_text(texts("en")["copied_citation"])
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("seven in the morning.” (HANDBOOK/ORIGINAL, 2.1, numbered by us)")
    page = open_view("/documents/CRPD/C/AND/1?lang=en&in_language=en", **options)
    page.locator(".cite").first.click()
    expect(page.locator("#status")).to_have_text(texts("en")["copied_citation"])
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "“This report follows the guidelines. The Ministry wrote it.” (CRPD/C/AND/1, para. 1)"


def test_a_widget_with_a_state_asks_its_documents_alone(open_view):
    page = open_view("/embed?lang=en&state=Malta")
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.method == "POST" else None)
    page.locator("crpd-qa-widget textarea").fill("How far does a ramp rise for each metre?")
    page.keyboard.press("Enter")
    page.locator("crpd-qa-widget article p").first.wait_for()
    assert [question["scope"] for question in asked] == [{"state": "Malta"}]
    assert "six centimetres" not in page.locator("crpd-qa-widget article").inner_text()
