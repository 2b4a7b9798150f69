"""The widget as webmasters put it on their pages (docs/embedding.md): host pages on another origin, in Chromium."""

import json
import re
import sqlite3
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from chromium import VOICE
from crpd_qa.languages.states import state_name
from crpd_qa.texts import LANGUAGES, texts
from running_server import running

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SCRIPT = files("crpd_qa.web") / "static" / "widget.js"
SHARED = files("crpd_qa.web") / "static" / "answer.js"
COURT = "Will the court get me a sign language interpreter?"
UNANSWERED = "What is the price of a wheelchair in euros?"
CITED = (
    "If one of the parties to the proceedings has a hearing impairment, "
    "the court is to hire a sign language interpreter."
)
EXAMPLE_SERVER = "https://crpd.example.org"
MANUAL = (ROOT / "docs" / "embedding.md").read_text("utf-8")
ON_A_PLAIN_PAGE, AS_A_LAUNCHER, IN_WORDPRESS, IN_AN_IFRAME = re.findall(r"```html\n(.*?)```", MANUAL, re.DOTALL)
STRICT_POLICY, FRAME_POLICY = re.findall(r"```text\n(.*?)\n```", MANUAL, re.DOTALL)
SNIPPET = f'<script src="{EXAMPLE_SERVER}/widget.js" async></script>\n{{element}}'

PLAIN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Our rights</title>
<meta name="viewport" content="width=device-width">{head}</head><body>
<header><a href="#main" id="first">Skip to content</a></header>
<main id="main"><h1>Our rights</h1><p>What the Government reported.</p>{inside}
<p><a href="#x" id="after">Contact</a></p></main>
{outside}</body></html>"""

# What themes do to a page: important rules on everything, small root size, spacing, right-to-left, hidden labels.
THEME = """<style>
html { font-size: 62.5%; } body { font-family: fantasy; color: #333; line-height: 1; text-transform: uppercase; }
* { letter-spacing: 2px !important; } main { text-align: center; direction: rtl; visibility: visible; }
button, textarea, .row, .panel, label { display: none !important; color: red !important; }
h1, h2, h3, p, mark, blockquote { font-size: 40px; color: #333 !important; background: #fff !important; }
.entry-content > * { max-width: 280px; margin: 0 auto; }
</style>"""


@pytest.fixture(scope="module")
def site():
    """A host's web site on a port of its own: path -> (page, headers)."""
    pages = {}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            page, headers = pages.get(self.path, ("", {}))
            self.send_response(200 if page else 404)
            for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", pages
    listening.shutdown()


@pytest.fixture(scope="module")
def widget_server(index_folder, site, tmp_path_factory):
    """A server that allows the site's origin."""
    log = tmp_path_factory.mktemp("widget-server") / "log"
    with running(index_folder, log, ALLOWED_ORIGINS=site[0], REQUESTS_PER_MINUTE="1000") as address:
        yield address


@pytest.fixture
def host(browser, site, widget_server):
    """Opens a page of the site that holds the widget of a server. A script error, a request elsewhere fail the test."""
    origin, pages = site
    contexts, troubles = [], []

    def open_(
        snippet=ON_A_PLAIN_PAGE,
        template=PLAIN,
        head="",
        at="inside",
        headers=None,
        wait=True,
        server=widget_server,
        **look,
    ):
        snippet = SNIPPET.format(element=snippet) if snippet.startswith("<crpd-qa-widget") else snippet
        places = {"head": head, "inside": "", "outside": ""} | {at: snippet.replace(EXAMPLE_SERVER, server)}
        path = f"/{len(pages)}.html"
        pages[path] = (template.format(**places), headers or {})
        context = browser.new_context(**look)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
        page.on("request", lambda r: troubles.append(r.url) if not r.url.startswith((origin, server)) else None)
        page.goto(origin + path)
        if wait:
            page.locator("crpd-qa-widget .widget").wait_for(state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


def ask(page, question, enter=True):
    field = page.locator("textarea")
    field.fill(question)
    if enter:
        field.press("Enter")
    else:
        page.locator("form .filled").click()
    turn = page.locator("article").first
    turn.locator("p, button").first.wait_for()
    page.locator("[aria-busy]").wait_for(state="detached")
    return turn


def violations(page):
    response = Axe().run(page).response
    assert len(response["passes"]) > 15  # axe looked at the page
    return [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in response["violations"]]


def test_the_script_needs_nothing_else():
    script = SCRIPT.read_bytes() + SHARED.read_bytes()
    for forbidden in (b"innerHTML", b"localStorage", b"sessionStorage", b"cookie", b"eval(", b"import "):
        assert script.count(forbidden) == (1 if forbidden == b"cookie" else 0), forbidden  # "no cookie", says a comment


def test_its_texts_are_those_of_the_catalogue(host, widget_server):
    page = host('<crpd-qa-widget lang="en"></crpd-qa-widget>')
    shown = page.locator("crpd-qa-widget .panel").inner_text()
    for name in ("heading", "question", "hint", "ask", "examples"):
        assert texts("en")[f"widget_{name}"] in shown
    script = SCRIPT.read_text("utf-8")
    used = set(re.findall(r'#text\("(\w+)"', script)) | set(re.findall(r'#button\("(\w+)"', script))
    assert len(used) > 10
    with urllib.request.urlopen(f"{widget_server}/api/v1/texts/en") as response:
        assert {f"widget_{key}" for key in used} <= set(json.load(response))


def test_a_plain_page_gets_an_answer_and_opens_its_paragraph(host, widget_server):
    page = host()
    turn = ask(page, COURT, enter=False)
    assert turn.locator("h3").inner_text() == COURT
    assert CITED in turn.inner_text()
    # The line before a list and its items are one passage with one citation.
    (lead_in,) = turn.locator(".passage > p").all_inner_texts()
    items = turn.locator(".passage li").all_inner_texts()
    assert len(items) == 2
    (number,) = turn.locator(".citation").all()
    assert number.inner_text() == "para. 219"
    number.click()
    opened = turn.locator(".source[open]")
    opened.wait_for()
    marked = opened.locator("mark").all_inner_texts()
    assert marked[-1] == CITED
    assert [lead_in, *items] == [*marked[:-1], f"{CITED} para. 219"]
    assert opened.locator("div").get_attribute("lang") == "en"
    assert opened.locator(".near .label").all_inner_texts() == ["218", "220"]
    assert "Article 13" in opened.inner_text()
    reader, page_link = turn.get_by_role("link").all()
    assert reader.get_attribute("href") == (
        f"{widget_server}/report?lang=en&para=219&quote=0-162&quote=165-317&quote=563-679#para-219"
    )
    address = page_link.get_attribute("href")
    assert address.startswith(f"{widget_server}/chat/en#q=Will+the+court+get+me")
    page.goto(address)
    expect(page.locator(".turn .passage li").last).to_contain_text(CITED, timeout=30_000)  # a busy machine


def test_a_copy_carries_its_citation(host, site):
    page = host()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site[0])
    turn = ask(page, "What does paragraph 8 say?")
    turn.locator(".citation").click()
    page.get_by_role("button", name="Copy with citation: paragraph 8").click()
    page.get_by_role("button", name="Copy with citation: paragraph 8").get_by_text("Citation copied.").wait_for()
    expect(page.locator("[role=status]")).to_have_text("Citation copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "“The territory of Kazakhstan covers 2,724,900 km2.” (CRPD/C/KAZ/1, para. 8)"
    page.get_by_role("button", name="Copy with citations").click()
    page.get_by_role("button", name="Answer copied.").wait_for()


def test_an_answer_is_copied_with_footnotes_and_read_aloud(host, site):
    page = host()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site[0])
    assert not ask(page, COURT).get_by_role("button", name="Read aloud").is_visible()  # this browser has no voice
    page.context.add_init_script(VOICE)
    page.reload()
    turn = ask(page, COURT)
    turn.get_by_role("button", name="Copy with footnotes").click()
    turn.get_by_role("button", name="Answer copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("”[1]\n\n[1] CRPD/C/KAZ/1, para. 219.")
    turn.get_by_role("button", name="Read aloud").press("Enter")
    assert violations(page) == []
    assert active(page) == "Stop reading"
    page.keyboard.press("Enter")
    expect(turn.get_by_role("button", name="Read aloud")).to_be_focused()
    turn.get_by_role("button", name="Read aloud").press("Enter")
    page.get_by_role("button", name="Start again").click()
    spoken = page.evaluate("spoken")
    assert [said if said == "cancelled" else said[0] for said in spoken] == ["en-GB", "cancelled"] * 2
    assert CITED in spoken[0][1]


@pytest.mark.parametrize("look", [{}, {"forced_colors": "active"}, {"viewport": {"width": 320, "height": 640}}])
def test_where_it_is_kept_visitors_say_whether_an_answer_helped(host, site, index_folder, tmp_path, look):
    database = tmp_path / "feedback.sqlite"
    settings = {"ALLOWED_ORIGINS": site[0], "FEEDBACK": str(database)}
    with running(index_folder, tmp_path / "log", **settings) as address:
        page = host(server=address, **look)
        ask(page, "How many court buildings have ramps?")
        turn = ask(page, "and handrails?")
        assert page.locator("fieldset").count() == 1  # of the last answer alone
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_label("A remark, if you like").fill("<b>right</b>")
        page.route("**/api/v1/feedback", lambda route: route.abort(), times=1)
        turn.get_by_role("button", name="Yes").press("Enter")
        expect(page.locator("[role=status]")).to_have_text(texts("en")["chat_not_kept"])
        turn.get_by_role("button", name="Yes").press("Enter")
        expect(turn.get_by_text(texts("en")["chat_thanks"])).to_be_focused()
        page.context.close()
    rows = sqlite3.connect(database).execute("SELECT question, history, helpful, remark FROM feedback").fetchall()
    assert rows == [("and handrails?", '["How many court buildings have ramps?"]', 1, "<b>right</b>")]


def test_without_a_clipboard_the_text_is_there_to_be_selected(host):
    page = host()
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    turn = ask(page, "What does paragraph 8 say?")
    turn.locator(".citation").click()
    page.get_by_role("button", name="Copy with citation: paragraph 8").click()
    assert page.get_by_text("(CRPD/C/KAZ/1, para. 8)").is_visible()


def test_what_the_report_does_not_say_is_said_with_the_closest_paragraphs(host):
    page = host()
    turn = ask(page, UNANSWERED)
    assert "The report does not answer this question" in turn.inner_text()
    turn.get_by_text("may be about something else").click()
    assert turn.locator(".source").count() == 3
    turn.locator(".source summary").first.click()
    turn.locator("blockquote").first.wait_for()
    assert turn.locator("mark").count() == 0


@pytest.mark.parametrize("language", ["en", "kk"])
def test_why_the_server_has_no_answer_is_told_in_its_words(host, site, index_folder, tmp_path, language):
    t = texts(language)
    with running(index_folder, tmp_path / "log", ALLOWED_ORIGINS=site[0], ANSWER_TIMEOUT_SECONDS="0.001") as slow:
        turn = ask(host(f'<crpd-qa-widget lang="{language}"></crpd-qa-widget>', server=slow), COURT)
        assert f"{t['error_slow_title']}. {t['error_slow_text']}" in turn.inner_text()


def test_a_question_that_is_too_long_stays_where_it_was_typed(host):
    page = host()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/ask") else None)
    for long in ("x" * 2001, "🐈" * 2001):
        page.locator("textarea").fill(long)
        page.locator("textarea").press("Enter")
        expect(page.locator("[role=status]")).to_have_text(
            texts("en")["answer_too_long"].format(count=2001, limit=2000)
        )
        assert page.locator("textarea").input_value() == long
    assert (page.locator("article").count(), asked) == (0, [])
    page.locator("textarea").fill("🐈" * 2000)
    page.locator("textarea").press("Enter")
    page.locator("article .declined").wait_for()


def test_a_follow_up_is_asked_by_itself_with_one_press(host):
    page = host()
    ask(page, "How many court buildings have ramps?")
    turn = ask(page, "and handrails?")
    with page.expect_request("**/api/v1/ask") as request:
        turn.get_by_role("button", name="Ask it by itself").press("Enter")
    assert request.value.post_data_json["history"] == []
    page.locator("[aria-busy]").wait_for(state="detached")
    assert page.locator("article").count() == 2
    assert "I looked for" not in turn.inner_text()
    with page.expect_request("**/api/v1/ask") as request:
        ask(page, "and ramps?")
    assert request.value.post_data_json["history"] == ["and handrails?"]


def test_a_follow_up_says_what_was_looked_for_and_start_again_forgets(host):
    page = host()
    ask(page, "How many court buildings have ramps?")
    turn = ask(page, "and handrails?")
    assert "I looked for: How many court buildings have ramps? and handrails?" in turn.inner_text()
    page.get_by_role("button", name="Start again").click()
    assert page.locator("article").count() == 0
    assert page.evaluate("document.querySelector('crpd-qa-widget').shadowRoot.activeElement.id") == "question"
    assert "I looked for" not in ask(page, "What does paragraph 8 say?").inner_text()


def test_starting_questions_are_the_hosts(host):
    page = host(
        '<crpd-qa-widget heading="Ask us" questions="What does paragraph 8 say? | Is there braille?"></crpd-qa-widget>'
    )
    assert page.get_by_role("heading", name="Ask us").is_visible()
    assert page.locator("ul button").all_inner_texts() == ["What does paragraph 8 say?", "Is there braille?"]
    page.locator("ul button").first.click()
    page.get_by_text("2,724,900").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_pages_language(host, language):
    page = host(f'<crpd-qa-widget lang="{language}-KZ"></crpd-qa-widget>')
    assert page.locator(".widget").get_attribute("lang") == language
    ask(page, UNANSWERED)
    expect(page.locator("article .declined")).to_have_attribute("lang", "en")  # that of the question
    assert texts(language)["chat_closest"] in page.locator("article").inner_text()
    turn = ask(page, COURT)
    assert turn.locator(f".passage:has-text('{CITED}')").get_attribute("lang") == "en"
    for link in turn.get_by_role("link").all():
        assert link.get_attribute("aria-label").endswith(f"({texts(language)['widget_new_tab']})")


def test_a_themes_styles_do_not_leak_in_or_out(host):
    def looks(page):
        return page.evaluate(
            """() => ["textarea", "button", "h2", "label", "form p"].map(s => {
                const style = getComputedStyle(document.querySelector("crpd-qa-widget").shadowRoot.querySelector(s));
                return ["display", "color", "backgroundColor", "fontSize", "fontFamily", "letterSpacing",
                    "textTransform", "textAlign", "direction", "lineHeight"].map(p => style[p]);
            })"""
        )

    wordpress = PLAIN.replace("{inside}", '<div class="entry-content">{inside}</div>')
    themed = host(IN_WORDPRESS, template=wordpress, head=THEME)
    assert looks(themed) == looks(host(IN_WORDPRESS))
    assert "interpreter" in ask(themed, COURT).inner_text()
    assert themed.evaluate("document.querySelector('crpd-qa-widget').getBoundingClientRect().width") == 280
    assert themed.evaluate(
        "(root => root.querySelector('.panel').scrollWidth <= root.querySelector('.panel').clientWidth)"
        "(document.querySelector('crpd-qa-widget').shadowRoot)"
    )
    assert themed.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "40px"
    assert themed.evaluate("document.styleSheets.length + document.adoptedStyleSheets.length") == 1


def test_the_embed_page_itself_has_no_violations_and_keeps_parameters_as_text(browser, widget_server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(
        f"{widget_server}/embed?lang=ru&heading=%22%3E%3Cscript%3Ewindow.hacked=1%3C/script%3E&questions=%3Cb%3Ehi%3C/b%3E"
    )
    page.locator("crpd-qa-widget .widget").wait_for()
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert page.locator("h1").inner_text() == '"><script>window.hacked=1</script>'
    assert page.locator("ul button").inner_text() == "<b>hi</b>"
    assert page.evaluate("window.hacked") is None
    assert violations(page) == []
    ask(page, COURT)
    page.locator(".citation").first.click()
    page.locator("mark").first.wait_for()
    assert violations(page) == []
    context.close()


def test_an_origin_that_is_not_allowed_gets_nothing(browser, site, widget_server):
    stranger = site[0].replace("127.0.0.1", "localhost")
    site[1]["/stranger.html"] = (
        PLAIN.format(
            head="",
            inside=ON_A_PLAIN_PAGE.replace(EXAMPLE_SERVER, widget_server),
            outside=IN_AN_IFRAME.replace(EXAMPLE_SERVER, widget_server),
        ),
        {},
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stranger}/stranger.html")
    expect(page.locator("crpd-qa-widget")).to_contain_text("cannot be answered here just now")
    assert page.locator("crpd-qa-widget .widget").count() == 0
    assert page.frames[1].locator("textarea").count() == 0
    context.close()


def test_where_the_server_is_away_it_is_said_in_the_pages_language(host):
    said = set()
    for language in LANGUAGES:
        page = host(f'<crpd-qa-widget lang="{language}" server="/nowhere"></crpd-qa-widget>', wait=False)
        line = page.locator("crpd-qa-widget p")
        assert line.get_attribute("lang") == language
        said.add(line.inner_text())
    assert len(said) == len(LANGUAGES)


@pytest.mark.parametrize(
    "look",
    [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}, {"viewport": {"width": 320, "height": 640}}],
    ids=["light", "dark", "forced colours", "320 px"],
)
def test_axe_finds_nothing(host, look):
    page = host('<crpd-qa-widget accent="#ffcc00"></crpd-qa-widget>', **look)
    assert violations(page) == []
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    assert violations(page) == []
    turn = ask(page, UNANSWERED)
    for summary in ("details.closest > summary", ".source > summary"):
        turn.locator(summary).first.click()
    turn.locator("blockquote").first.wait_for()
    assert violations(page) == []
    page = host(AS_A_LAUNCHER, at="outside", **look)
    assert violations(page) == []
    page.locator(".opener").click()
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("accent", ["white", "#000", "#ffcc00", "rebeccapurple", "hsl(10 80% 50%)", "#777", "nonsense"])
def test_any_accent_stays_readable(host, accent):
    page = host(f'<crpd-qa-widget accent="{accent}"></crpd-qa-widget>')
    contrast = page.evaluate(
        """() => {
            const root = document.querySelector("crpd-qa-widget").shadowRoot;
            const style = getComputedStyle(root.querySelector(".filled"));
            const luminance = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255)
                .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const [low, high] = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        }"""
    )
    assert contrast >= 4.5


def active(page):
    """The focused element, as seen through the shadow root: its text or id."""
    return page.evaluate(
        """() => {
            const element = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
            return element.id || element.getAttribute("role") || element.textContent;
        }"""
    )


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    return active(page)


def test_everything_works_by_keyboard_in_a_sensible_order(host):
    page = host()
    page.locator("#first").focus()
    assert press(page, "Tab") == "question"
    page.keyboard.type(COURT)
    assert press(page, "Enter") == "question"
    page.locator("[aria-busy]").wait_for(state="detached")
    page.get_by_text(CITED).first.wait_for()
    assert press(page, "Tab") == "Ask"
    assert press(page, "Tab") == "Start again"
    assert press(page, "Tab") == "para. 219"
    page.keyboard.press("Enter")
    page.locator("mark").first.wait_for()
    assert active(page).startswith("Paragraph 219")  # focus is at the paragraph
    outline = page.evaluate("getComputedStyle(document.activeElement.shadowRoot.activeElement).outline")
    assert "solid 3px" in outline or "3px" in outline
    assert press(page, "Tab") == "Copy with citation"
    assert press(page, "Tab") == "Read on in the document"
    assert press(page, "Escape") == "para. 219"
    assert page.locator(".source[open]").count() == 0
    assert "after" in [press(page, "Tab") for _ in range(8)]  # past the related questions nothing holds the focus


def test_the_launcher_takes_focus_and_gives_it_back(host):
    page = host(AS_A_LAUNCHER, at="outside")
    assert page.get_by_role("dialog").count() == 0
    page.locator("#after").focus()
    assert press(page, "Tab") == "Ask the report"
    assert press(page, "Enter") == "question"
    assert page.get_by_role("dialog", name="Ask the report").is_visible()
    ask(page, COURT).locator(".citation").first.click()
    page.locator("mark").first.wait_for()
    assert press(page, "Escape") == "para. 219"  # the first Escape closes the paragraph only
    assert press(page, "Escape") == "Ask the report"
    assert page.get_by_role("dialog").count() == 0
    page.locator(".opener").click()
    page.get_by_role("button", name="Close").first.click()
    assert active(page) == "Ask the report"
    page.locator(".opener").click()
    page.locator("#after").focus()
    assert press(page, "Escape") == "after"  # from the page too, and focus stays where it is
    assert page.get_by_role("dialog").count() == 0


def covered(page, selector):
    """Whether the widget lies over the middle of an element."""
    return page.evaluate(
        """s => {
            const box = document.querySelector(s).getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return top.localName === "crpd-qa-widget";
        }""",
        selector,
    )


def test_the_launcher_covers_no_focus(host):
    corner = "<style>#after { position: fixed; right: 30px; bottom: 30px; }</style>"
    page = host(AS_A_LAUNCHER, head=corner, at="outside")
    assert covered(page, "#after")  # as long as it has no focus
    page.locator("#after").focus()
    page.evaluate("new Promise(requestAnimationFrame)")
    assert not covered(page, "#after")
    page.locator("#first").focus()
    page.wait_for_timeout(100)
    assert covered(page, "#after")


PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
LONG = PLAIN.replace("{inside}", "{inside}" + "<p>What the Government reported.</p>" * 60)


@pytest.mark.parametrize("viewport", [(360, 640), (640, 300), (1280, 800)], ids=["phone", "phone on its side", "desk"])
def test_the_launcher_stays_in_the_corner_wherever_the_page_is_scrolled(host, viewport):
    width, height = viewport
    page = host(AS_A_LAUNCHER, template=LONG, at="outside", viewport={"width": width, "height": height})
    for scroll in ("0", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {scroll})")
        box = page.locator(".opener").bounding_box()
        assert 0 <= width - box["x"] - box["width"] <= 35  # a scroll bar and a margin
        assert 0 <= height - box["y"] - box["height"] <= 20


@pytest.mark.parametrize("corner", ["left", "right"])
def test_the_corner_is_the_hosts(host, corner):
    element = f'<crpd-qa-widget mode="launcher" corner="{corner}"></crpd-qa-widget>'
    page = host(element, viewport={"width": 1280, "height": 800})
    page.locator(".opener").click()
    for part in (".opener", ".floating"):
        box = page.locator(part).bounding_box()
        left, right = box["x"], 1280 - box["x"] - box["width"]
        assert (left if corner == "left" else right) == 16
    page.set_viewport_size({"width": 360, "height": 640})  # where the panel is as wide as the window
    opener, panel = (page.locator(part).bounding_box() for part in (".opener", ".floating"))
    assert (panel["x"], panel["width"]) == (8, 344)
    assert (opener["x"] if corner == "left" else 360 - opener["x"] - opener["width"]) == 16


def test_on_a_phone_the_panel_opens_in_the_window_with_the_field_at_its_top(host):
    page = host(AS_A_LAUNCHER, template=LONG, at="outside", **PHONE)
    page.locator(".opener").tap()
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    page.locator("textarea").focus()
    panel, field, opener = (page.locator(s).bounding_box() for s in (".panel", "textarea", ".opener"))
    assert 0 <= panel["x"] < panel["x"] + panel["width"] <= 360
    assert 0 <= panel["y"] < panel["y"] + panel["height"] <= opener["y"]
    assert 0 <= field["y"] < field["y"] + field["height"] <= 320  # above a phone's keyboard
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []


def test_on_a_phone_the_end_of_the_page_can_be_scrolled_out_from_under_the_launcher(host):
    page = host(AS_A_LAUNCHER, template=LONG, at="outside", **PHONE)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not covered(page, "#after")
    after, opener = (page.locator(s).bounding_box() for s in ("#after", ".opener"))
    assert after["y"] + after["height"] <= opener["y"]


# What pages do: single letters as shortcuts that take the key away, a guard on what is typed, a text added to copies.
SHORTCUTS = """<script>
window.taken = [];
for (const type of ["keydown", "keypress", "keyup", "beforeinput", "input", "paste", "copy", "cut"]) {
    const root = document.documentElement;
    for (const [where, capture] of [[document, true], [document, false], [root, true], [window, false]]) {
        where.addEventListener(type, (event) => {
            taken.push(`${type} ${event.key ?? ""}`.trim());
            event.preventDefault();
        }, { capture });
    }
}
</script>"""


@pytest.mark.parametrize("element", ["<crpd-qa-widget></crpd-qa-widget>", AS_A_LAUNCHER], ids=["inline", "launcher"])
def test_a_pages_shortcuts_take_nothing_from_what_is_typed_pasted_and_copied(host, site, element):
    page = host(element, head=SHORTCUTS, at="outside")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site[0])
    if page.locator(".opener").count():
        page.locator(".opener").click()
    field = page.locator("textarea")
    field.click()
    page.keyboard.type("What does paragraph")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Control+c")
    page.keyboard.press("End")
    page.evaluate("navigator.clipboard.writeText(' 8 say?')")
    page.keyboard.press("Control+v")
    assert field.input_value() == "What does paragraph 8 say?"
    page.keyboard.press("Enter")
    page.get_by_text("2,724,900").first.wait_for()
    page.locator(".citation").focus()
    page.keyboard.press("Space")
    page.locator("mark").first.wait_for()
    page.keyboard.press("Tab")
    assert active(page) == "Copy with citation"
    assert page.evaluate("window.taken") == []


def test_a_pages_shortcuts_go_on_working_outside_and_get_escape_from_inside(host):
    page = host('<crpd-qa-widget></crpd-qa-widget><p><input id="own"></p>', head=SHORTCUTS, at="outside")
    page.locator("textarea").click()
    page.keyboard.press("Escape")
    assert set(page.evaluate("taken.splice(0)")) == {"keydown Escape", "keyup Escape"}
    page.locator("#own").click()
    page.keyboard.press("j")
    assert "keydown j" in page.evaluate("taken.splice(0)")
    assert page.locator("#own").input_value() == ""
    page.evaluate("document.querySelector('crpd-qa-widget').remove()")
    page.locator("#own").click()
    page.keyboard.press("k")
    assert "keydown k" in page.evaluate("taken.splice(0)")


def test_typing_stays_inside_after_the_widget_was_moved_and_in_a_pages_own_component(host):
    page = host("<crpd-qa-widget></crpd-qa-widget>", head=SHORTCUTS)
    page.evaluate(
        """() => {
            const component = document.createElement("div");
            document.body.append(component);
            component.attachShadow({ mode: "open" }).append(document.querySelector("crpd-qa-widget"));
        }"""
    )
    page.locator("textarea").click()
    page.keyboard.type("ramps")
    assert page.locator("textarea").input_value() == "ramps"
    assert page.evaluate("window.taken") == []


@pytest.mark.parametrize(
    ("scheme", "system"),
    [("light", "dark"), ("dark", "light"), ("auto", "dark"), ("auto", "light"), ("sepia", "dark"), (None, "dark")],
)
def test_the_scheme_is_the_hosts_or_the_systems(host, widget_server, scheme, system):
    def background(locator):
        return locator.evaluate("e => getComputedStyle(e).backgroundColor")

    attribute = f' scheme="{scheme}"' if scheme else ""
    page = host(f"<crpd-qa-widget{attribute}></crpd-qa-widget>", color_scheme=system)
    shown = scheme if scheme in ("light", "dark") else system
    colour = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 24, 28)"}[shown]
    assert background(page.locator(".panel")) == colour
    wanted = scheme if scheme in ("light", "dark") else "light dark"
    assert page.locator("textarea").evaluate("e => getComputedStyle(e).colorScheme") == wanted
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    assert violations(page) == []
    page.goto(f"{widget_server}/embed?scheme={scheme or ''}")
    page.locator(".panel").wait_for()
    assert background(page.locator(".panel")) == colour
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == wanted


def test_start_again_is_announced_in_place_of_the_old_answer(host):
    page = host()
    ask(page, COURT)
    expect(page.locator("[role=status]")).to_contain_text("interpreter")
    page.get_by_role("button", name="Start again").focus()
    assert press(page, "Enter") == "question"
    expect(page.locator("[role=status]")).to_have_text("The conversation is empty. You can ask a new question.")


def test_at_400_per_cent_zoom_the_launcher_is_part_of_the_page(host):
    page = host(
        '<crpd-qa-widget mode="launcher"></crpd-qa-widget>', at="outside", viewport={"width": 320, "height": 256}
    )
    page.locator(".opener").click()
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    position = "getComputedStyle(document.querySelector('crpd-qa-widget').shadowRoot.querySelector('.panel')).position"
    assert page.evaluate(position) == "static"


def test_narrow_pages_and_wide_text_spacing_need_no_sideways_scrolling(host):
    page = host(viewport={"width": 320, "height": 640})
    page.evaluate(
        """() => {
            const spacing = new CSSStyleSheet();
            spacing.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
            document.querySelector("crpd-qa-widget").shadowRoot.adoptedStyleSheets.push(spacing);
        }"""
    )
    ask(page, "How can children with disabilities reach the video tutorials on the web?").locator(
        "button"
    ).first.click()
    page.locator("mark").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    clipped = page.evaluate(
        """() => [...document.querySelector("crpd-qa-widget").shadowRoot.querySelectorAll("button, p, blockquote")]
            .filter(e => e.checkVisibility() && !e.matches(".unseen") && e.scrollWidth > e.clientWidth + 1)
            .map(e => e.textContent)"""
    )
    assert clipped == []


def test_targets_are_large_enough(host):
    page = host(AS_A_LAUNCHER, at="outside")
    page.locator(".opener").click()
    ask(page, COURT).locator(".citation").last.click()
    page.locator("mark").first.wait_for()
    sizes = page.evaluate(
        """() => [...document.querySelector("crpd-qa-widget").shadowRoot
            .querySelectorAll("a, button:not(.citation), summary, textarea")]
            .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())
            .map(box => Math.min(box.width, box.height))"""
    )
    assert len(sizes) >= 9
    assert min(sizes) >= 44
    chip = page.locator(".citation").bounding_box()  # smaller to see than to press
    assert min(chip["width"], chip["height"]) >= 24
    middle = {"x": chip["width"] / 2, "y": -8}
    page.locator(".citation").click(position=middle, force=True)
    assert active(page).startswith("Paragraph 219")


def test_an_answer_is_announced_once_and_the_history_is_not(host):
    page = host()
    page.evaluate(
        """() => {
            const status = document.querySelector("crpd-qa-widget").shadowRoot.querySelector("[role=status]");
            window.announced = [];
            new MutationObserver((records) => records.flatMap((record) => [...record.addedNodes])
                .forEach((node) => window.announced.push([node.data, status.lang]))).observe(status, {childList: true});
        }"""
    )
    ask(page, COURT)
    ask(page, "What does paragraph 8 say?")
    announced, languages = zip(*page.evaluate("window.announced"), strict=True)
    assert set(languages) == {"en"}
    assert len(announced) == 4
    assert announced[0] == announced[2] == "Looking in the report …"
    assert announced[1].count(CITED) == 1
    assert "2,724,900" in announced[3]
    assert "interpreter" not in announced[3]


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (429, {"Retry-After": "7"}, "You have asked many questions in a short time. Please try again in 7 seconds"),
        (503, {"Retry-After": "1"}, "Something went wrong on our side"),  # a proxy's
        (504, {}, "The answer takes too long"),
        (422, {}, "ask it more briefly"),
        (500, {}, "Something went wrong on our side"),
        (None, {}, "Check your connection"),
    ],
)
def test_trouble_is_told_in_plain_words_and_can_be_retried(host, status, headers, said):
    page = host()
    exposed = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}

    def fail(route):
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, headers=headers | exposed, body="{}", content_type="application/problem+json")

    page.route("**/api/v1/ask", fail)
    turn = ask(page, COURT)
    assert said in turn.inner_text()
    assert said in page.locator("[role=status]").inner_text()
    assert violations(page) == []
    page.unroute("**/api/v1/ask")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text(CITED).first.wait_for()
    assert page.locator("article").count() == 1
    assert active(page) == "question"


@pytest.mark.parametrize(
    "text",
    [
        "<script>window.hacked = 1</script>",
        "<img src=x onerror='window.hacked = 1'>",
        "[a](javascript:window.hacked=1) ![b](http://127.0.0.1:9/x.png)",
        "🐈 \u202egnirts desrever\u202c",
        "Қанша адам мүгедек?",
    ],
)
def test_hostile_text_stays_text(host, text):
    attribute = text.replace("&", "&amp;").replace('"', "&quot;")
    page = host(f'<crpd-qa-widget heading="{attribute}" questions="{attribute}" accent="{attribute}"></crpd-qa-widget>')
    assert page.locator("ul button").inner_text() == text
    turn = ask(page, text)
    assert turn.locator("h3").text_content() == text
    assert turn.locator("h3 *:not(span[lang]), script, img, h2 *").count() == 0
    assert page.evaluate("window.hacked") is None


def test_of_an_answer_only_what_answers_consist_of_is_built(host):
    page = host()
    html = (
        '<article><h2 class="question" onclick="hacked=1" style="color: red">Q</h2><p data-announce lang="en">'
        '<img src="x" onerror="hacked=1"><script>hacked=1</script><iframe srcdoc="x"></iframe>A'
        '<a href="javascript:hacked=1">B</a><a href="/report">C</a></p></article>'
    )
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route("**/api/v1/ask", lambda route: route.fulfill(body=html, headers=headers, content_type="text/html"))
    turn = ask(page, COURT)
    assert turn.locator("img, script, iframe, [style], [onclick]").count() == 0
    turn.locator("h3").click()
    turn.get_by_text("B", exact=True).click()
    assert [link.get_attribute("href") is None for link in turn.locator("a").all()] == [True, False]
    assert page.evaluate("window.hacked") is None


def test_nothing_is_stored(host):
    page = host()
    ask(page, COURT)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_accessibility_tree_reads_as_it_should(host, widget_server):
    page = host()
    ask(page, "What does paragraph 107 say?").locator(".citation").click()
    page.locator("mark").first.wait_for()
    page_link = page.locator("article a").last.get_attribute("href")
    tree = page.locator("crpd-qa-widget").aria_snapshot()
    assert (
        tree
        == f"""\
- region "Ask the report":
  - heading "Ask the report" [level=2]
  - text: Your question
  - paragraph: You get the report’s own sentences, each with the number of its paragraph.
  - textbox "Your question"
  - button "Ask"
  - button "Start again"
  - status: In the country, 651,900 persons, or 3.7 per cent of the population, have a disability. para. 107
  - article "What does paragraph 107 say?":
    - heading "What does paragraph 107 say?" [level=3]
    - paragraph:
      - text: In the country, 651,900 persons, or 3.7 per cent of the population, have a disability.
      - 'button "para. 107: show the paragraph" [expanded]': para. 107
    - paragraph: This is the part of the report that you asked for.
    - heading "The paragraph" [level=4]
    - group:
      - strong: Paragraph 107
      - text: Article 4 - General obligations
      - paragraph: 106 … of respect for the rights of all persons with disabilities in the area of social protection \
through follow-up of their individual programmes of rehabilitation.
      - blockquote:
        - paragraph:
          - mark: In the country, 651,900 persons, or 3.7 per cent of the population, have a disability.
      - paragraph: 108 Of the total number of persons with disabilities, 366,600 (56.2 per cent) are male and 285,300 \
(43.8 per cent) are female; by age group, 12.2 per cent are …
      - paragraph:
        - 'button "Copy with citation: paragraph 107"': Copy with citation
        - 'link "Read on in the document: paragraph 107 (new tab)"':
          - /url: {widget_server}/report?lang=en&para=107&quote=0-86#para-107
          - text: Read on in the document
    - group "With this answer":
      - button "Copy with citations"
      - button "Copy with footnotes"
      - link "Open this answer in the full page (new tab)":
        - /url: {page_link}
        - text: Open this answer in the full page"""
    )


def test_nothing_moves_for_those_who_want_less_motion(host):
    for motion, animation in (("no-preference", "appear"), ("reduce", "none")):
        page = host(AS_A_LAUNCHER, at="outside", reduced_motion=motion)
        page.locator(".opener").click()
        assert page.locator(".floating").evaluate("e => getComputedStyle(e).animationName") == animation


def test_start_again_forgets_an_answer_that_is_still_to_come(host):
    page = host()
    waiting = []
    page.route("**/api/v1/ask", lambda route: route.continue_() if waiting else waiting.append(route))
    page.locator("textarea").fill(COURT)
    page.locator("textarea").press("Enter")
    page.get_by_text("Looking in the report").wait_for()
    page.get_by_role("button", name="Start again").click()
    turn = ask(page, "What does paragraph 8 say?")
    waiting[0].continue_()
    page.wait_for_timeout(300)
    assert "2,724,900" in turn.inner_text()
    assert page.locator("article").count() == 1
    assert "interpreter" not in page.locator("[role=status]").inner_text()


def test_the_script_is_small_and_cached_until_it_changes(widget_server):
    with urllib.request.urlopen(f"{widget_server}/widget.js") as response:
        assert response.headers["Content-Type"].startswith("text/javascript")
        assert "max-age=600" in response.headers["Cache-Control"]
        etag = response.headers["ETag"]
        assert len(response.read()) < 24_000
    again = urllib.request.Request(f"{widget_server}/widget.js", headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(again)
    assert answer.value.code == 304


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_greeting_gets_what_can_be_asked_and_the_way_to_the_report(host, widget_server, language):
    page = host(f'<crpd-qa-widget lang="{language}"></crpd-qa-widget>')
    turn = ask(page, {"en": "hi", "ru": "привет", "kk": "сәлем", "fr": "bonjour", "es": "hola"}[language])
    help_text = f"{texts(language)['answer_greetings']} {texts(language)['answer_help']}"
    assert turn.locator("p").first.inner_text() == help_text
    expect(page.locator("[role=status]")).to_have_text(help_text)
    (link,) = turn.get_by_role("link").all()
    assert link.inner_text() == texts(language)["nav_report"]
    assert link.get_attribute("href") == f"{widget_server}/report?lang={language}"


@pytest.fixture(scope="module")
def library_server(several_folder, site, tmp_path_factory):
    """One that answers from documents of several States."""
    log = tmp_path_factory.mktemp("library-server") / "log"
    with running(several_folder, log, ALLOWED_ORIGINS=site[0], REQUESTS_PER_MINUTE="1000") as address:
        yield address


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_several_documents_it_does_not_say_the_report(host, library_server, language):
    page = host(f'<crpd-qa-widget lang="{language}"></crpd-qa-widget>', server=library_server)
    t, one = texts(language, several=True), texts(language)
    shown = page.locator("crpd-qa-widget .panel").inner_text()
    assert t["widget_heading"] in shown
    assert t["widget_hint"] in shown
    assert [
        key for key in ("heading", "hint", "looking", "offline") if t[f"widget_{key}"] == one[f"widget_{key}"]
    ] == []
    page.goto(f"{library_server}/embed?lang={language}")
    assert page.locator("h1").inner_text() == t["widget_heading"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_states_and_voices_are_answered_each_under_its_name(host, library_server, language):
    page = host(f'<crpd-qa-widget lang="{language}"></crpd-qa-widget>', server=library_server)
    t = texts(language)
    malta, iceland = (state_name(code, language) for code in ("MLT", "ISL"))
    turn = ask(page, "How many inclusive schools are there in Malta and Iceland?")
    headings = turn.locator("h4.voice").all_inner_texts()
    voices = {t[f"voice_{kind}"] for kind in ("state_report", "replies", "concluding_observations")}
    assert {heading.partition(": ")[0] for heading in headings} == {malta, iceland}
    assert {heading.partition(": ")[2] for heading in headings} == voices
    assert len(headings) == 3  # of one State both what it said and what the Committee did
    said = page.locator("[role=status]").inner_text()
    assert [said.count(heading) for heading in headings] == [1, 1, 1]
    assert violations(page) == []
    assert t["answer_looked_in"].format(where=f"{malta}, {iceland}") in turn.inner_text()
    turn = ask(page, "Which Braille textbooks are there in Malta and Iceland?")
    assert turn.locator("h4.voice").all_inner_texts() == [malta, iceland]
    assert turn.inner_text().index(iceland) < turn.inner_text().index(t["where_nothing_found"])
    assert t["where_nothing_found"] in page.locator("[role=status]").inner_text()
    turn = ask(page, "What does paragraph 23 of CRPD/C/VLD/RQ/1 say?")
    assert turn.locator("h4.voice").count() == 0


@pytest.mark.parametrize("language", ["en", "kk"])
def test_where_a_named_state_narrowed_it_is_said_with_one_press_to_widen(host, library_server, language):
    page = host(f'<crpd-qa-widget lang="{language}"></crpd-qa-widget>', server=library_server)
    t = texts(language)
    turn = ask(page, "How many inclusive schools are there in Malta?")
    looked_in = t["answer_looked_in"].format(where=state_name("MLT", language))
    assert looked_in in turn.inner_text()
    assert violations(page) == []
    with page.expect_request("**/api/v1/ask") as request:
        turn.get_by_role("button", name=t["where_everywhere"]).press("Enter")
    assert request.value.post_data_json["narrowing"] is False
    assert request.value.post_data_json["history"] == []
    page.locator("[aria-busy]").wait_for(state="detached")
    assert page.locator("article").count() == 1
    assert looked_in not in turn.inner_text()
