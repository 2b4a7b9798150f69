import importlib.util
import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crpd_qa.texts import LANGUAGES, texts
from running_server import started

pytestmark = pytest.mark.browser

COURT = "Will the court get me a sign language interpreter?"
UNANSWERED = "how much is a ticket for the underground in Almaty?"


def ask(page, question):
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns + 1}")
    return page.locator(".turn").last


@pytest.fixture
def page(open_chat):
    return open_chat()


def test_an_answer_quotes_sentences_with_their_paragraph_numbers(page):
    said = ask(page, COURT).locator(".said").inner_text()
    assert "the court is to hire a sign language interpreter. para. 219" in " ".join(said.split())


def test_a_number_opens_its_paragraph_with_the_quotation_marked_and_takes_focus_there(page):
    turn = ask(page, COURT)
    turn.locator("a.citation").last.click()
    paragraph = turn.locator("details.source[open]")
    assert "Paragraph 219 Article 13 - Access to justice" in " ".join(paragraph.locator("summary").inner_text().split())
    assert "the court is to hire a sign language interpreter." in paragraph.locator("mark").last.inner_text()
    assert "A witness may be examined" in paragraph.locator("blockquote").inner_text()
    assert paragraph.locator(".near").all_inner_texts()[0].startswith("218 All persons in Kazakhstan have the right")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert turn.locator("a.citation").get_attribute("aria-expanded") == "true"
    assert turn.locator("a.citation").get_attribute("title") == "Article 13 - Access to justice"


def test_the_source_stands_open_beside_the_answer_and_on_a_phone_below_it_closed(open_chat):
    wide = ask(open_chat(), COURT)
    assert wide.locator("details.source[open]").count() == 1
    said, sources = (wide.locator(part).bounding_box() for part in (".said", ".sources"))
    assert sources["x"] >= said["x"] + said["width"]
    narrow = ask(open_chat(viewport={"width": 360, "height": 740}), COURT)
    assert narrow.locator("details.source[open]").count() == 0
    said, sources = (narrow.locator(part).bounding_box() for part in (".said", ".sources"))
    assert sources["y"] >= said["y"] + said["height"]


def test_on_a_phone_the_field_and_its_button_are_in_the_first_screen_and_stay_in_reach(open_chat):
    page = open_chat("/?lang=kk", viewport={"width": 360, "height": 740})
    assert page.evaluate("document.activeElement.matches('#question textarea')")
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.querySelector('#ask').getBoundingClientRect().bottom") < 740
    ask(page, "What does article 33 say?")
    assert not page.locator("#examples").is_visible()
    for place in (0, 1500):
        page.evaluate("y => scrollTo({top: y, behavior: 'instant'})", place)
        assert 500 < page.locator("#ask").bounding_box()["y"] < 740
    page.set_viewport_size({"width": 320, "height": 256})  # 400 %
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    assert page.locator("#ask").bounding_box()["y"] > 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_what_stands_under_the_field_is_one_line(open_chat, language):
    page = open_chat(f"/chat/{language}", viewport={"width": 360, "height": 740})
    ask(page, "What does paragraph 8 say?")
    assert page.evaluate(
        """() => {
            const box = (selector) => document.querySelector(selector).getBoundingClientRect();
            return box("#again").top < box("#languages select").bottom;
        }"""
    )


def test_copying_gives_the_quotation_with_its_citation(open_chat):
    page = open_chat(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, "What does paragraph 8 say?")
    turn.locator(".source [data-copy]").click()
    page.wait_for_function("document.querySelector('#announcement').textContent === 'Citation copied.'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "“The territory of Kazakhstan covers 2,724,900 km2.” (CRPD/C/KAZ/1, para. 8)"


def test_a_declined_question_shows_the_closest_paragraphs_as_such(page):
    turn = ask(page, UNANSWERED)
    assert "does not answer this question" in turn.locator(".declined").inner_text()
    assert "may be about something else" in turn.locator(".closest > summary").inner_text()
    assert turn.locator(".closest:not([open]) details.source").count() == 3
    assert turn.locator(".said").count() == 0


def test_an_example_asks_its_question_and_start_again_forgets_it(page):
    example = page.locator("#examples button").first
    question = example.inner_text()
    example.click()
    page.wait_for_selector(".turn")
    assert question in page.locator(".turn h2").inner_text()
    page.click("#again")
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_function("document.querySelectorAll('.turn').length === 0")


def test_a_follow_up_says_what_it_was_looked_for_as(page):
    ask(page, "How many court buildings have ramps?")
    turn = ask(page, "and handrails?")
    looked_for = "I looked for: How many court buildings have ramps? and handrails?"
    assert turn.locator(".resolved").inner_text() == f"{looked_for} Ask it by itself"  # in one line
    assert "para. 223" in turn.locator(".said").inner_text()


def test_a_follow_up_is_asked_by_itself_with_one_click(page):
    ask(page, "How many court buildings have ramps?")
    ask(page, "and handrails?")
    alone = page.locator(".resolved").get_by_role("button", name="Ask it by itself")
    with page.expect_request("**/ask?*") as request:
        alone.click()
    assert "earlier=" not in request.value.post_data
    page.wait_for_function("document.querySelectorAll('.turn').length === 3")
    assert page.locator(".turn").last.locator(".resolved").count() == 0
    assert page.locator(".turn").last.locator("h2 span[lang]").inner_text() == "and handrails?"
    assert alone.count() == 0  # of what was asked before the last no other way is offered
    assert page.evaluate("crpdQaKept.earlier") == ["and handrails?"]


def test_everything_can_be_reached_and_used_by_keyboard_with_visible_focus(page):
    def press_until(selector, limit=40):
        for _ in range(limit):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", selector
                return
        raise AssertionError(f"Tab does not reach {selector}")

    page.locator(".brand a").focus()
    press_until(".languages summary")
    page.keyboard.press("Enter")
    press_until(".languages a[lang=es]")
    press_until("#question textarea")
    page.keyboard.type(COURT)
    press_until("#ask")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    page.locator(".languages summary").focus()
    press_until("a.citation")
    page.keyboard.press("Enter")
    assert page.locator("details.source[open]").count() == 1
    press_until("[data-copy]")


def test_the_menu_of_languages_closes_as_menus_do_and_breaks_no_name(page):
    menu, summary = page.locator(".languages"), page.locator(".languages summary")
    opened = page.locator(".languages[open]")
    summary.click()
    assert max(menu.evaluate("e => [...e.querySelectorAll('a')].map(a => a.offsetHeight)")) < 40  # one line each
    page.keyboard.press("Escape")
    assert opened.count() == 0
    assert page.evaluate("document.activeElement.matches('.languages summary')")
    summary.click()
    page.locator("h1").first.click()
    assert opened.count() == 0
    summary.click()
    page.locator("#question textarea").focus()
    assert opened.count() == 0


def test_an_answer_is_announced_once_and_the_history_is_not(page):
    page.evaluate(
        """() => {
            window.announced = [];
            new MutationObserver(() => {
                const text = document.querySelector("#announcement").textContent;
                if (text) window.announced.push(text);
            }).observe(document.querySelector("#announcement"), {childList: true});
        }"""
    )
    ask(page, COURT)
    ask(page, "What does paragraph 8 say?")
    page.wait_for_timeout(300)
    first, second = page.evaluate("window.announced")
    assert "interpreter" in first
    assert "2,724,900" in second
    assert "interpreter" not in second


@pytest.mark.parametrize("width", [320, 360])
def test_a_narrow_screen_needs_no_sideways_scrolling(open_chat, width):
    page = open_chat(viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    turn = ask(page, "How can children with disabilities reach the video tutorials on the web?")
    turn.locator("a.citation").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_loaded_from_another_host(open_chat, server):
    page = open_chat()
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    page.wait_for_selector("#question textarea")
    ask(page, COURT).locator("a.citation").first.click()
    page.wait_for_timeout(300)
    assert addresses
    assert [a for a in addresses if not a.startswith((server, "data:", "blob:"))] == []


HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "[a](javascript:window.hacked=1) ![b](http://127.0.0.1:9/x.png)",
    '"><b onmouseover=window.hacked=1>{{7*7}}</b>',
    "🐈 \u202egnirts desrever\u202c \u0007",
    "Ертең ауа райы қандай болады?",
    "明天天气怎么样？",
]


def test_hostile_text_stays_text_and_gets_a_clear_message(page):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for question in HOSTILE:
        turn = ask(page, question)
        assert turn.locator(".declined").count() == 1, question
        assert turn.locator("h2 *:not(.visually-hidden):not([lang])").count() == 0, question
        page.click("#again")
        page.click("[data-again] [value=yes]")
        expect(page.locator(".turn")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    assert dialogs == []


def test_the_language_of_a_question_can_be_chosen(page):
    question = "МСЭ 999"  # it could be Russian or Kazakh
    assert ask(page, question).locator(".declined").get_attribute("lang") == "ru"
    choice = page.get_by_role("combobox", name="Language of the question")
    choice.select_option("Қазақша")
    assert ask(page, question).locator(".declined").get_attribute("lang") == "kk"
    assert page.locator("#languages option[lang=kk]").inner_text() == "Қазақша"
    assert choice.input_value() == "kk"  # it stays chosen


def test_the_language_of_a_question_is_one_stop_of_the_keyboard_with_arrow_keys(page):
    page.locator("#ask").focus()
    page.keyboard.press("Tab")
    chosen = "[document.activeElement.labels[0].innerText, document.activeElement.selectedOptions[0].lang]"
    assert page.evaluate(chosen) == ["Language of the question", ""]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(chosen) == ["Language of the question", "kk"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#languages')") is None
    assert ask(page, "МСЭ 999").locator(".declined").get_attribute("lang") == "kk"


def test_start_again_leads_to_the_question_and_says_so_instead_of_the_old_answer(page):
    ask(page, COURT)
    page.wait_for_function("document.querySelector('#announcement').textContent.includes('interpreter')")
    page.locator("#again").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Remove this conversation from the page?").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.turn').length === 0")
    assert page.evaluate("document.activeElement.matches('#question textarea')")
    page.wait_for_function("document.querySelector('#announcement').textContent")
    assert page.locator("#announcement").inner_text() == "The conversation is empty. You can ask a new question."


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_a_lost_connection_is_told_in_a_plain_sentence_and_keeps_the_question(open_page, violations, look):
    page = open_page("/?lang=ru", **look)
    page.context.set_offline(True)
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    page.locator(".note").wait_for()
    told = texts("ru")["chat_waiting"]
    assert page.locator(".note").inner_text() == f"{told} {texts('ru')['chat_do_not_send']}"
    page.wait_for_function("text => document.querySelector('#announcement').textContent === text", arg=told)
    assert page.locator("#question textarea").input_value() == COURT
    page.wait_for_timeout(1000)
    assert page.locator("[data-testid=toast-body]").count() == 0
    assert violations(page) == []
    page.context.set_offline(False)
    page.locator(".turn").wait_for()  # it was sent by itself
    page.wait_for_function("document.querySelector('#question textarea').value === ''")


def test_an_empty_question_asks_nothing(page):
    page.fill("#question textarea", "   ")
    page.keyboard.press("Enter")
    assert page.locator(".note").inner_text() == "There is no question to answer. Please type one."
    page.wait_for_function("document.querySelector('#announcement').textContent.startsWith('There is no question')")
    assert page.locator(".turn").count() == 0


@pytest.mark.parametrize("slow", [0, 300], ids=["at once", "slow"])
def test_enter_pressed_twice_asks_once_and_complains_of_nothing(page, slow):
    def answer_late(route):
        time.sleep(slow / 1000)
        route.continue_()

    page.route("**/ask?*", answer_late)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/ask" in request.url else None)
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert len(asked) == 1
    assert page.locator(".turn").count() == 1
    assert page.locator(".note").count() == 0


def test_a_question_before_the_answer_is_there_is_told_so_and_stays_to_be_sent(open_chat):
    page = open_chat("/?lang=ru", viewport={"width": 360, "height": 740})
    held = []
    page.route("**/ask?*", lambda route: held.append(route))
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    page.locator(".pending").wait_for()
    page.fill("#question textarea", "How many court buildings have ramps?")
    page.keyboard.press("Enter")
    told = texts("ru")["chat_still_coming"]
    expect(page.locator(".note")).to_have_text(told)
    expect(page.locator(".note")).to_be_in_viewport(ratio=1)
    page.wait_for_function("text => document.querySelector('#announcement').textContent === text", arg=told)
    (route,) = held
    route.continue_()
    page.locator(".turn").wait_for()
    expect(page.locator(".note")).to_have_count(0)
    assert page.input_value("#question textarea") == "How many court buildings have ramps?"


def test_what_is_typed_while_an_answer_comes_is_kept(page):
    page.route("**/ask?*", lambda route: (page.fill("#question textarea", "and then?"), route.continue_()))
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    assert page.input_value("#question textarea") == "and then?"


def test_a_lone_surrogate_ends_no_conversation(page):
    page.evaluate(
        """() => {
            const field = document.querySelector("#question textarea");
            field.value = "ramps \\ud83d?";
            field.dispatchEvent(new Event("input", {bubbles: true}));
        }"""
    )
    page.focus("#question textarea")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    assert "para. 219" in ask(page, COURT).locator(".said").inner_text()


REFUSED = {429: "Пожалуйста, подождите", 503: "спрашивает очень много людей"}
"""What this server says, and why; see `tests/web/test_limits.py` for what it says when."""
FAILURES = {500: "Это наша ошибка", None: "как только"}
"""What a proxy does, or a network."""


def failing(status):
    said = {"detail": REFUSED[status]} if status in REFUSED else "<h1>Bad gateway</h1>"
    body = said if isinstance(said, str) else json.dumps(said)
    return lambda route: route.fulfill(status=status, body=body) if status else route.abort()


def test_a_failure_is_said_in_words_and_the_question_stays_to_be_asked_again(open_chat):
    page = open_chat("/?lang=ru")
    for turns, (status, said) in enumerate((REFUSED | FAILURES).items(), start=1):
        page.route("**/ask?*", failing(status))
        page.fill("#question textarea", COURT)
        page.keyboard.press("Enter")
        expect(page.locator(".note")).to_contain_text(said)
        assert page.input_value("#question textarea") == COURT
        page.unroute("**/ask?*")
        page.keyboard.press("Enter")
        expect(page.locator(".turn")).to_have_count(turns)
        assert page.locator(".note").count() == 0


def test_the_page_calls_nothing_of_gradios_and_keeps_only_the_conversation_in_its_tab(open_chat):
    page = open_chat()
    requests = []
    page.on("request", lambda request: requests.append((request.method, request.url.split("?")[0])))
    kept = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    assert page.evaluate(kept) == [0, 0, 0]
    ask(page, COURT)
    assert page.evaluate(kept) == [0, 1, 0]
    page.click("#again")
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_function("sessionStorage.length === 0")  # the dialog says it has closed a moment later
    assert page.evaluate(kept) == [0, 0, 0]
    ask(page, UNANSWERED)
    page.wait_for_timeout(500)
    assert {method for method, _ in requests} == {"POST"}
    assert all(url.endswith("/ask") for _, url in requests)
    assert page.context.cookies() == []


def test_what_was_asked_is_shown_while_its_answer_is_looked_for(open_chat):
    page = open_chat()
    page.route("**/ask?*", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    expect(page.locator("#pending .pending[aria-busy] h2")).to_have_text(COURT)
    page.wait_for_selector(".turn")
    assert page.locator("#pending .pending").count() == 0


def test_that_an_answer_is_looked_for_is_seen_on_a_phone_and_not_behind_the_field(open_chat):
    page = open_chat(viewport={"width": 360, "height": 740})
    page.route("**/ask?*", lambda _: None)  # its answer never comes
    page.fill("#question textarea", COURT)
    page.keyboard.press("Enter")
    expect(page.locator("#pending").get_by_text(texts("en")["widget_looking"])).to_be_in_viewport(ratio=1)
    page.wait_for_function(  # it glides
        """() => {
            const box = (selector) => document.querySelector(selector).getBoundingClientRect();
            return box("#pending p").bottom <= box("#asking").top;
        }"""
    )


def test_each_language_has_its_own_page_with_its_name_and_title(open_chat):
    page = open_chat("/?lang=kk")
    assert page.evaluate("document.documentElement.lang") == "kk"
    assert texts("kk")["chat_title"] in page.title()
    page.click(".languages summary")
    page.click(".languages a[lang=ru]")
    title = texts("ru")["chat_title"]
    page.wait_for_function("title => document.documentElement.lang === 'ru' && document.title === title", arg=title)


def test_without_javascript_one_is_led_to_a_form_and_can_talk(open_page):
    page = open_page("/report", java_script_enabled=False)  # any page: the chat's field does not come without script
    page.goto(page.url.replace("/report", "/?lang=en"))
    page.get_by_role("link", name="Ask with a plain form").click()
    page.fill("#question", "How many court buildings have ramps?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.fill("#question", "and handrails?")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert "para. 223" in page.locator(".said").last.inner_text()
    assert page.url.endswith("/ask?lang=en#turn-2-question")
    assert page.locator("details.source[open] mark").count() >= 1


@pytest.mark.parametrize(
    "look",
    [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}, {"viewport": {"width": 320, "height": 700}}],
    ids=["light", "dark", "forced colours", "phone"],
)
def test_axe_finds_nothing_on_the_form(open_page, violations, look):
    page = open_page("/ask", **look)
    assert violations(page) == []
    page.fill("#question", COURT)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".source").first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_open_tab_does_not_keep_the_server_from_ending(browser, index_folder, tmp_path):
    with started(index_folder, tmp_path / "log") as (address, process):
        page = browser.new_page()
        page.goto(f"{address}/chat/en")
        page.wait_for_selector("#question textarea")
        ask(page, COURT)
        process.terminate()
        process.wait(timeout=30)
        page.close()


@pytest.mark.parametrize(
    "look",
    [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}, {"viewport": {"width": 360, "height": 700}}],
    ids=["light", "dark", "forced colours", "phone"],
)
def test_axe_finds_nothing_before_or_after_an_answer(open_chat, violations, look):
    page = open_chat(**look)
    page.locator(".languages summary").click()
    assert violations(page) == []
    ask(page, COURT).locator("a.citation").first.click()
    assert violations(page) == []
    ask(page, UNANSWERED).locator("summary").first.click()
    assert violations(page) == []


def test_dark_mode_is_dark(open_chat):
    page = open_chat(color_scheme="dark")
    channels = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert max(channels) < 60


def test_the_benchmark_takes_the_time_from_enter_to_the_answer(page):
    file = Path(__file__).parents[2] / "eval" / "benchmarks" / "pages.py"
    spec = importlib.util.spec_from_file_location("pages_benchmark", file)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    assert 0 < benchmark.answer_ms(page, COURT) < 60_000
    assert page.locator(".turn").count() == 1
