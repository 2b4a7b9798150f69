"""Contrast of what is not text (WCAG 2.2, 1.4.11): edges, marks and focus rings against what lies beside them."""

import pytest

pytestmark = pytest.mark.browser

LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "forced colours": {"forced_colors": "active"}}
USED = ["/?lang=en", "/embed?lang=en", "/ask?lang=en", "/report?para=219&quote=0-162"]
PATHS = [*USED, "/accessibility", "/no-such-page"]
LEAST = 3
COURT = "Will the court get me a sign language interpreter?"
UNANSWERED = "how much is a ticket for the underground in Almaty?"

MEASURE = """() => {
    const channels = (colour) => {
        const parts = colour.match(/^rgba?\\(([^)]+)\\)$/)[1].split(/[ ,/]+/).map(Number);
        return parts.length === 3 ? [...parts, 1] : parts;
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
    const luminance = (colour) => colour.slice(0, 3).map((c) => c / 255)
        .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (one, other) => {
        const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const parent = (e) => e.parentElement ?? e.getRootNode().host;
    const canvas = document.createElement("i");
    canvas.style.color = "Canvas";
    document.body.append(canvas);
    const page = channels(getComputedStyle(canvas).color);
    canvas.remove();
    const behind = (e) => e ? over(channels(getComputedStyle(e).backgroundColor), behind(parent(e))) : page;
    window.elements = (selector, root = document) => [...root.querySelectorAll(selector),
        ...[...root.querySelectorAll("*")].flatMap((e) => e.shadowRoot ? elements(selector, e.shadowRoot) : [])];
    window.edge = (e, sides = ["Top", "Right", "Bottom", "Left"]) => {
        const style = getComputedStyle(e), around = behind(parent(e));
        return Math.min(...sides.map((side) =>
            parseFloat(style[`border${side}Width`]) >= 1 && style[`border${side}Style`] !== "none"
                ? contrast(over(channels(style[`border${side}Color`]), around), around) : 1));
    };
    window.fill = (e) => contrast(behind(e), behind(parent(e)));
    window.ring = (e) => {
        const style = getComputedStyle(e), around = behind(parent(e));
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            ? contrast(over(channels(style.outlineColor), around), around) : 1;
    };
}"""


def faint(page, *, by_edge=False):
    """(what, contrast) of each field and button that cannot be told from what is around it."""
    measured = page.evaluate(
        """byEdge => elements("button, input, select, textarea").filter(e => e.checkVisibility())
            .map(e => [e.outerHTML.slice(0, 120), byEdge ? edge(e) : Math.max(edge(e), fill(e))])""",
        by_edge,
    )
    return [(what, contrast) for what, contrast in measured if contrast < LEAST]


def rings(page, stops=60):
    """What has the keyboard's focus, stop by stop: (what, contrast of its ring)."""
    page.evaluate(
        """() => { // the keyboard starts where the focus was last
            const start = document.createElement("i");
            start.tabIndex = -1;
            document.body.prepend(start);
            start.focus();
            start.remove();
        }"""
    )
    found = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """async () => {
                let e = document.activeElement;
                while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
                await Promise.all(e.getAnimations().map((fading) => fading.finished));
                return e === document.body ? null : [e.outerHTML.slice(0, 120), ring(e)];
            }"""
        )
        if stop is None:
            break
        found.append(tuple(stop))
    return found


def ask(page, question):
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns + 1}")
    return page.locator(".turn").last


@pytest.fixture
def shown(open_page):
    """A page as it looks in use: the chat after an answer and a declined question, paragraphs opened."""

    def open_(path, look):
        page = open_page(path, **LOOKS[look])
        if path.startswith("/?"):
            ask(page, COURT).locator("a.citation").first.click()
            ask(page, UNANSWERED).locator("summary").first.click()
            page.mouse.move(0, 0)
        elif path.startswith("/ask"):
            page.fill("textarea", COURT)
            page.get_by_role("button", name="Ask", exact=True).click()
            page.locator("mark").first.wait_for()
        elif path.startswith("/embed"):
            page.locator("textarea").fill(COURT)
            page.keyboard.press("Enter")
            page.locator(".citation").last.click()
            page.locator("mark").first.wait_for()
        return page

    return open_


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", PATHS)
def test_edges_marks_and_the_focus_ring_can_be_seen(shown, path, look):
    page = shown(path, look)
    page.evaluate(MEASURE)
    if path in USED:
        # Forced colours drop fills: there each needs a border.
        assert faint(page, by_edge=look == "forced colours") == []
        marks = page.evaluate("elements('mark').map(e => Math.max(edge(e, ['Bottom']), fill(e)))")
        assert marks
        assert min(marks) >= LEAST
    stops = rings(page)
    assert len(stops) >= 7
    assert [stop for stop in stops if stop[1] < LEAST] == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_start_page_in_forced_colours_and_out_of_them_shows_what_can_be_pressed(open_page, look):
    page = open_page("/?lang=en", **LOOKS[look])
    page.evaluate(MEASURE)
    pressed = page.evaluate("elements('#ask, #examples button').map(e => [e.innerText, edge(e)])")
    assert len(pressed) >= 5
    assert [(name, contrast) for name, contrast in pressed if contrast < LEAST] == []
