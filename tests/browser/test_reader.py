"""The reader as people use it: search, one article, citing what is selected; by keyboard, and axe."""

import pytest
from playwright.sync_api import expect

from crpd_qa.texts import texts

pytestmark = pytest.mark.browser

T = texts("en")
LOOKS = {
    "light": {},
    "dark at 320 pixels": {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
    "forced": {"forced_colors": "active"},
}
HIT = "document.querySelector('mark, .searching') && [...CSS.highlights.get('hit-current')][0]"
SELECT = """([first, start, last, end]) => {
    const line = (number) => document.querySelector(`#para-${number} .text p`).firstChild;
    getSelection().setBaseAndExtent(line(first), start, line(last), end);
}"""


def in_view(page, box):
    return box["top"] >= 0 and box["bottom"] <= page.viewport_size["height"]


def test_the_document_is_searched_read_by_article_and_cited(open_page):
    page = open_page("/report?lang=en", permissions=["clipboard-read", "clipboard-write"])
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    found, box = page.locator("#found"), f"{HIT}.getBoundingClientRect().toJSON()"
    page.locator("#find").focus()
    page.keyboard.type("Sign  LANGUAGE")
    expect(found).to_have_text(T["report_found"].format(count=14), timeout=30_000)
    page.keyboard.press("Enter")
    expect(found).to_have_text("1 of 14. Paragraph 77")
    page.wait_for_timeout(100)
    assert page.evaluate(f"{HIT}.toString()") == "sign language"
    assert in_view(page, page.evaluate(box))
    page.get_by_role("button", name=T["report_next"], exact=True).click()
    expect(found).to_have_text("2 of 14. Paragraph 78")
    page.locator("#find").focus()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(found).to_contain_text("14 of 14. Paragraph ")  # before the first is the last
    page.wait_for_timeout(100)
    assert in_view(page, page.evaluate(box))
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "number"

    page.get_by_role("link", name=T["report_only_this"].format(number=24)).click()
    expect(page.locator(".only h2")).to_have_text(T["report_only"].format(number=24, count=24))
    expect(found).to_have_text(T["report_found"].format(count=1))
    assert page.locator("#article").input_value() == "24"
    assert page.url.endswith("&article=24")
    assert not page.locator("#para-107").is_visible()
    page.emulate_media(media="print")
    assert [page.locator(each).is_visible() for each in ("#para-324", "#para-107", ".side")] == [True, False, False]
    page.emulate_media(media="screen")

    page.evaluate(SELECT, ["324", 10, "325", 39])
    citer = page.get_by_role("button", name=T["report_cite_selection"])
    top = page.evaluate("getSelection().getRangeAt(0).getClientRects()[0].top")
    assert citer.bounding_box()["y"] + citer.bounding_box()["height"] <= top  # the next line can be read
    citer.click()
    expect(page.locator("#status")).to_have_text(T["copied_citation"])
    one, other = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert one.startswith("“ recognizes".replace(" ", ""))
    assert one.endswith("throughout life.” (CRPD/C/KAZ/1, para. 324)")
    assert other == "“In accordance with the Constitution, ci” (CRPD/C/KAZ/1, para. 325)"
    # By keyboard: Tab leads from what is selected to the button.
    page.locator("#para-324 .cite").focus()
    page.evaluate(SELECT, ["324", 0, "324", 10])
    page.wait_for_timeout(300)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('“Kazakhstan”'))")

    page.evaluate("location.hash = '#para-107'")  # a link into what is hidden shows the whole document
    expect(page.locator("#para-107")).to_be_in_viewport()
    expect(page.locator(".only")).to_be_hidden()
    assert page.locator("#article").input_value() == ""
    assert [address for address in sent if "ign" in address.lower().partition("/static")[0]] == []


def test_what_is_selected_is_copied_with_its_citation_and_without_the_buttons_words(open_page):
    page = open_page("/report?lang=en#para-219", permissions=["clipboard-read", "clipboard-write"])

    def copied(end):
        page.wait_for_function("async (end) => (await navigator.clipboard.readText()).endsWith(end)", arg=end)
        return page.evaluate("navigator.clipboard.readText()")

    page.evaluate(SELECT, ["219", 0, "219", 27])
    citer = page.get_by_role("button", name=T["report_cite_selection"])
    expect(citer).to_be_in_viewport(ratio=1)  # above what is selected there is no room
    page.keyboard.press("Control+C")
    assert copied("(CRPD/C/KAZ/1, para. 219)") == "“The Code of Civil Procedure” (CRPD/C/KAZ/1, para. 219)"
    page.evaluate(SELECT, ["323", 0, "325", 35])
    page.keyboard.press("Control+C")
    text = copied("325\nIn accordance with the Constitution” (CRPD/C/KAZ/1, paras. 323–325)")
    assert text.startswith("“With the aim")
    assert "\nArticle 24 - Education\n" in text
    assert T["report_cite"] not in text
    assert T["report_ask_article"].format(number=24) not in text
    page.evaluate(SELECT, ["219", 4, "219", 8])
    page.locator("#para-219 .cite").click()
    assert copied("(CRPD/C/KAZ/1, para. 219)") == "“Code” (CRPD/C/KAZ/1, para. 219)"
    page.locator("#para-220 .cite").click()  # of another paragraph it is the whole
    assert copied("on its content.” (CRPD/C/KAZ/1, para. 220)").startswith("“The Code of Civil Procedure provides")


def test_keys_are_told_where_there_are_some(open_page):
    assert open_page("/report?lang=en").locator("#keys").is_visible()
    phone = open_page("/report?lang=en", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    assert not phone.locator("#keys").is_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_a_quotation_is_in_view_and_axe_finds_nothing(open_page, violations, look):
    page = open_page("/report?lang=en&para=419&quote=0-20#para-419", **LOOKS[look])
    page.wait_for_selector("#contents [aria-current]", state="attached")
    assert in_view(
        page, page.locator("#para-419").evaluate("(e) => e.querySelector('.number').getBoundingClientRect()")
    )
    assert page.locator("#contents [aria-current]").get_attribute("href") == page.evaluate(
        "'#' + [...document.querySelectorAll('.part:has(#para-419) :is(h2, h3, h4, h5)')].at(-1).id"
    )
    page.select_option("#article", "24")
    expect(page.locator(".only")).to_be_visible()
    page.fill("#find", "school")
    page.press("#find", "Enter")
    expect(page.locator("#found")).to_contain_text("1 of ")
    page.evaluate(SELECT, ["324", 0, "324", 10])
    page.wait_for_selector(".cite-selection")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
