import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from chromium import VOICE
from crpd_qa.texts import LANGUAGES, texts

pytestmark = pytest.mark.browser

SNAPSHOTS = Path(__file__).parent / "snapshots"
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}
# WCAG 2.2, 1.4.12
ADOPT = "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets.push(s) }"
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } "
    "p { margin-bottom: 2em !important }"
)
VIEWS = ["/report", "/accessibility", "/no-such-page", "/about", "/ask"]
CHATS = ["/?lang=en", "/?lang=ru", "/?lang=kk"]


@pytest.fixture
def open_view(open_page):
    """Any page in a language."""

    def open_(path, language="en", **options):
        page = open_page("/accessibility", **options)
        origin = page.url.removesuffix("/accessibility")
        page.goto(origin + path + ("&" if "?" in path else "?") + f"lang={language}")
        return page

    return open_


def ask(page, question):
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns + 1}")
    return page.locator(".turn").last


@pytest.mark.parametrize(
    ("language", "look"),
    [*(("en", look) for look in LOOKS), ("ru", "dark"), ("kk", "forced"), ("fr", "light"), ("es", "dark")],
)
@pytest.mark.parametrize("path", VIEWS[1:])
def test_axe_finds_nothing_on_the_pages(open_view, violations, path, language, look):
    assert violations(open_view(path, language, **LOOKS[look])) == []


@pytest.mark.parametrize(
    ("language", "look", "width"), [("en", "light", 1280), ("ru", "dark", 360), ("kk", "forced", 1280)]
)
def test_axe_finds_nothing_in_the_reader(open_view, violations, language, look, width):
    page = open_view("/report?para=424&quote=0-94", language, viewport={"width": width, "height": 700}, **LOOKS[look])
    page.evaluate("document.querySelector('#contents').open = true")
    assert violations(page) == []


@pytest.mark.parametrize(("language", "look"), [("ru", "dark"), ("ru", "forced"), ("kk", "light"), ("kk", "forced")])
def test_axe_finds_nothing_in_the_chat_in_russian_and_kazakh(open_page, violations, language, look):
    page = open_page(f"/?lang={language}", **LOOKS[look])
    assert violations(page) == []
    ask(page, "What does paragraph 219 say?").locator("a.citation").click()
    ask(page, "how much is a ticket for the underground in Almaty?").locator("summary").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_while_an_answer_is_read_in_the_dialog_and_on_paper(open_page, violations, look):
    page = open_page("/chat/en", **LOOKS[look])
    page.add_init_script(VOICE)
    page.reload()
    page.wait_for_selector("#question textarea")
    turn = ask(page, "What does paragraph 219 say?")
    turn.get_by_role("button", name="Read aloud").press("Enter")
    expect(turn.get_by_role("button", name="Stop reading")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="Start again").press("Enter")
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert violations(page) == []


@pytest.mark.parametrize(("motion", "scrolls"), [("no-preference", "smooth"), ("reduce", "auto")])
def test_the_chat_does_not_glide_for_those_who_want_less_motion(open_page, motion, scrolls):
    page = open_page("/chat/en", reduced_motion=motion)
    ask(page, "What does paragraph 219 say?")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == scrolls
    moving = page.evaluate(
        """() => document.getAnimations().filter((one) => one.playState === "running")
            .map((one) => one.effect.target.outerHTML.slice(0, 150))"""
    )
    assert motion == "no-preference" or moving == []


def test_the_chat_speaks_the_browsers_language_and_the_switch_stays(open_page):
    page = open_page("/", locale="ru-RU")
    assert page.locator("html").get_attribute("lang") == "ru"
    assert page.locator("h1:not(.printed)").inner_text() == texts("ru")["chat_heading"]
    page.click(".languages summary")
    page.click(".languages >> text=Қазақша")
    page.wait_for_selector("#question textarea")
    page.reload()
    page.wait_for_selector("#question textarea")
    assert page.locator("html").get_attribute("lang") == "kk"
    assert page.locator("#ask").inner_text() == texts("kk")["chat_ask"]
    assert page.title() == texts("kk")["chat_title"]
    page.click(".pages a >> nth=1")
    assert page.locator("html").get_attribute("lang") == "kk"


def test_the_chats_quotations_are_marked_as_english_and_the_examples_as_the_pages_language(open_page):
    page = open_page("/?lang=kk")
    page.wait_for_selector("#examples button[lang=kk]")
    assert page.locator("#examples button:not([lang=kk])").count() == 0
    turn = ask(page, "What does paragraph 219 say?")
    assert turn.locator(".said > :not([lang=en])").count() == 0
    assert turn.locator("blockquote").evaluate("e => e.closest('[lang]').lang") == "en"
    assert turn.locator("a.citation").first.get_attribute("lang") == "kk"
    assert turn.locator(".confidence").get_attribute("lang") == "kk"


def test_a_citation_leads_to_its_marked_paragraph_in_the_report(open_page):
    page = open_page("/?lang=ru")
    turn = ask(page, "What does paragraph 8 say?")
    turn.locator("a.read").click()
    page.wait_for_selector("#para-8 mark")
    assert page.url.endswith("#para-8")
    assert page.locator("mark").inner_text() == "The territory of Kazakhstan covers 2,724,900 km2."
    assert page.locator("#para-8").evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_citing_a_paragraph_by_keyboard_copies_it_and_says_so(open_page, document):
    page = open_page("/report", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#para-219 .cite").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Citation copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"“{document.paragraph(219).text}” (CRPD/C/KAZ/1, para. 219)"


def test_where_copying_is_forbidden_the_text_is_selected_instead(open_page, document):
    page = open_page("/report")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.click("#para-8 .cite")
    expect(page.locator("#status")).to_contain_text("Your browser")
    assert page.evaluate("getSelection().toString().trim()") == document.paragraph(8).text


def test_the_reader_works_under_a_strict_policy_and_loads_nothing_from_elsewhere(open_page):
    page = open_page("/accessibility")
    complaints, addresses = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: addresses.append(request.url))
    origin = page.url.removesuffix("/accessibility")
    policy = page.goto(f"{origin}/report").headers["content-security-policy"]
    assert policy.startswith(STRICT)
    assert page.locator(".cite").count() == 508
    assert page.locator("body").evaluate("e => getComputedStyle(e).display") == "grid"
    assert complaints == []
    assert [a for a in addresses if not a.startswith((origin, "data:"))] == []


def test_the_reader_is_whole_without_scripts_and_hides_nothing_from_find_in_page(open_page):
    page = open_page("/report", java_script_enabled=False)
    hidden = page.locator("main").evaluate(
        """main => [...main.querySelectorAll(":not(.only, .only *)")]
            .filter(e => !e.checkVisibility()).map(e => e.outerHTML)"""
    )
    assert hidden == []
    assert page.locator(".cite").count() == 0  # no button that does nothing


def test_the_contents_are_open_on_a_wide_screen_and_folded_on_a_phone(open_page):
    assert open_page("/report", viewport={"width": 1280, "height": 800}).locator("#contents[open]").count() == 1
    phone = open_page("/report", viewport={"width": 360, "height": 740})
    assert phone.locator("#contents[open]").count() == 0
    phone.locator("#contents summary").focus()
    phone.keyboard.press("Enter")
    phone.click("text=Article 13 - Access to justice")
    assert phone.url.endswith("#article-13")


def test_print_holds_the_report_and_no_controls(open_page):
    page = open_page("/report")
    page.emulate_media(media="print")
    assert page.locator("#para-508 .text").is_visible()
    for control in ("header", "footer", ".contents", ".cite >> nth=0"):
        assert not page.locator(control).is_visible()


@pytest.mark.parametrize("path", [*VIEWS, "/report?para=424&quote=0-94"])
def test_every_stop_of_the_keyboard_shows_its_focus_and_nothing_covers_it(open_view, path):
    page = open_view(path, viewport={"width": 320, "height": 256})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')")
    stops = []
    for _ in range(25):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const e = document.activeElement, r = e.getBoundingClientRect();
                if (e === document.body) return null;
                const x = (Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2;
                const y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
                const top = document.elementFromPoint(x, y);
                return [getComputedStyle(e).outlineStyle, !!top && (e === top || e.contains(top)), e.outerHTML];
            }"""
        )
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) >= 6
    assert [html for outline, uncovered, html in stops if outline == "none" or not uncovered] == []


@pytest.mark.parametrize("path", CHATS)
def test_the_keyboards_focus_is_not_covered_in_the_chat_at_400_percent(open_page, path):
    page = open_page(path, viewport={"width": 320, "height": 256}, reduced_motion="reduce")
    ask(page, "What does paragraph 219 say?").locator("a.citation").click()
    page.locator(".brand a").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)
        uncovered = page.evaluate(
            """() => {
                const e = document.activeElement, r = e.getBoundingClientRect();
                const y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
                const top = document.elementFromPoint((r.left + r.right) / 2, y);
                return e === document.body || (!!top && (e === top || e.contains(top)));
            }"""
        )
        assert uncovered, page.evaluate("document.activeElement.outerHTML")


def test_the_skip_link_leads_past_the_navigation(open_page):
    page = open_page("/accessibility")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("path", [*VIEWS, *CHATS])
def test_a_page_at_400_percent_needs_no_sideways_scrolling(open_view, open_page, path):
    viewport = {"width": 320, "height": 256}
    for language in LANGUAGES if path in VIEWS else [""]:
        page = open_view(path, language, viewport=viewport) if language else open_page(path, viewport=viewport)
        if path in CHATS:
            ask(page, "What does paragraph 219 say?").locator("a.citation").click()
        elif path == "/report":
            page.click("#contents summary")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_no_word_of_the_results_is_broken_at_400_percent_and_they_are_still_a_table(open_view):
    for language in LANGUAGES:
        page = open_view("/accessibility", language, viewport={"width": 320, "height": 256})
        broken = page.locator("table").evaluate(
            """table => [...table.querySelectorAll("th, td")].flatMap(({ firstChild }) =>
                [...firstChild.data.matchAll(/[^\\s–-]+/g)].filter(({ 0: word, index }) => {
                    const range = new Range();
                    range.setStart(firstChild, index);
                    range.setEnd(firstChild, index + word.length);
                    return range.getClientRects().length > 1;
                }).map(([word]) => word))"""
        )
        assert broken == []
        assert page.get_by_role("table").get_by_role("columnheader").count() == 4


@pytest.mark.parametrize("path", [*VIEWS, *CHATS])
def test_wider_text_spacing_cuts_nothing_off(open_view, open_page, path):
    viewport = {"width": 320, "height": 800}
    page = open_view(path, "kk", viewport=viewport) if path in VIEWS else open_page(path, viewport=viewport)
    if path in CHATS:
        ask(page, "What does paragraph 219 say?").locator("a.citation").click()
    page.evaluate(ADOPT, SPACING)
    cut = page.evaluate(
        """() => [...document.querySelectorAll("a, button, p, li, h1, h2, h3, h4, td, th, summary, label, blockquote")]
            .filter(e => e.checkVisibility() && getComputedStyle(e).clipPath === "none" && !e.matches(".skip") && (
                (getComputedStyle(e).overflow !== "visible" && e.scrollHeight > e.clientHeight + 1)
                || e.getBoundingClientRect().right > innerWidth + 1))
            .map(e => e.outerHTML.slice(0, 150))"""
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", [*VIEWS, *CHATS])
def test_targets_are_at_least_24_pixels(open_view, open_page, path):
    page = open_view(path, "ru") if path in VIEWS else open_page(path)
    if path in CHATS:
        ask(page, "What does paragraph 219 say?").locator("a.citation").click()
    # Links within sentences are excepted (WCAG 2.2, 2.5.8).
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, textarea")]
            .filter(e => e.checkVisibility() && !e.closest(".text, .marked"))
            .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
            .map(e => e.outerHTML.slice(0, 150))"""
    )
    assert small == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_page_is_none_of_the_pages_and_comes_in_the_other_languages(open_view, language):
    page = open_view("/no-such-page", language)
    assert page.locator("[aria-current=page]").count() == 0
    assert page.locator(".languages [aria-current]").get_attribute("lang") == language
    other = "kk" if language != "kk" else "fr"
    page.click(".languages summary")
    page.click(f".languages a[lang={other}]")
    assert page.locator("h1").inner_text() == texts(other)["error_404_title"]


def assert_snapshot(name, page, lines=None):
    """Compares what a screen reader is told. To renew a file, delete it and run the test twice."""
    file = SNAPSHOTS / f"{name}.yaml"
    told = "\n".join(page.locator("body").aria_snapshot().split("\n")[:lines]) + "\n"
    told = re.sub("#turn-[0-9a-f]{8}-", "#turn-", told)  # drawn by chance, so that no two are the same
    told = re.sub("&v=[0-9a-f]{8}", "&v=", told)  # of the models too
    if not file.exists():
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(told, "utf-8")
        pytest.fail(f"{file.name} was written: read it")
    assert told == file.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_screen_reader_is_told(open_view, open_page, language):
    phone = {"width": 360, "height": 740}  # with the contents folded
    assert_snapshot(f"report-{language}", open_view("/report", language, viewport=phone), lines=145)
    assert_snapshot(f"error-{language}", open_view("/no-such-page", language))
    chat = open_page(f"/?lang={language}")
    chat.wait_for_selector("#question textarea")
    assert_snapshot(f"chat-{language}", chat)
    ask(chat, "What does paragraph 999 say?")
    chat.wait_for_function("document.querySelector('#announcement').textContent.includes('999')")
    ask(chat, "What does paragraph 8 say?")
    chat.wait_for_function("document.querySelector('#announcement').textContent.includes('2,724,900')")
    assert_snapshot(f"chat-answered-{language}", chat)


def test_what_a_screen_reader_is_told_about_accessibility(open_view):
    assert_snapshot("accessibility-en", open_view("/accessibility"))


def test_what_a_screen_reader_is_told_by_the_form_and_of_a_declined_answer(open_page):
    page = open_page("/ask?lang=en")
    page.fill("#question", "What does paragraph 8 say?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".source").first.wait_for()
    assert_snapshot("form-answered-en", page)
    chat = open_page("/chat/en")
    ask(chat, "how much is a ticket for the underground in Almaty?")
    chat.wait_for_function("document.querySelector('#announcement').textContent")
    assert_snapshot("chat-declined-en", chat)
