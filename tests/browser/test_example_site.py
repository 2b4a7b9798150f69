"""The example site of an invented organization (examples/site), and the page to try the widget on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crpd_qa.texts import texts

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
COURT = "Will the court get me a sign language interpreter?"
MANUAL = (ROOT / "docs" / "embedding.md").read_text("utf-8")
STRICT, FRAME = re.findall(r"```text\n(.*?)\n```", MANUAL, re.DOTALL)


@pytest.mark.parametrize(("name", "policy"), [("policy", STRICT), ("frame", FRAME)])
def test_the_policies_are_those_of_the_manual(name, policy):
    page = (ROOT / "examples" / "site" / f"{name}.html").read_text("utf-8")
    assert policy.replace("https://crpd.example.org", "http://127.0.0.1:7860") in page


def test_one_line_of_its_manual_tells_all_pages_where_the_server_listens(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    manual = (tmp_path / "examples" / "site" / "README.md").read_text("utf-8")
    subprocess.run(re.search("^sed .*", manual, re.MULTILINE)[0], shell=True, check=True, cwd=tmp_path)
    pages = [page.read_text("utf-8") for page in (tmp_path / "examples" / "site").glob("*.html")]
    assert len(pages) == 4
    assert [page for page in pages if "127.0.0.1:7860" in page or "127.0.0.1:8080" not in page] == []


@pytest.mark.parametrize("look", [{}, {"viewport": {"width": 360, "height": 740}}], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["index", "wordpress", "policy", "frame"])
def test_each_page_has_an_answer_with_its_source(open_site, violations, name, look):
    page = open_site(f"examples/site/{name}.html", **look)
    widget = page.frame_locator("iframe") if name == "frame" else page
    if name == "index":
        page.locator(".opener").click()
    widget.locator("textarea").fill(COURT)
    widget.locator("textarea").press("Enter")
    expect(widget.locator(".said li").last).to_contain_text("a sign language interpreter. para. 219", timeout=30_000)
    widget.locator(".citation").click()
    expect(widget.locator(".source[open] .near")).to_have_count(2)
    expect(widget.locator(".source[open] mark").last).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_widget_is_tried_with_all_its_attributes_and_the_lines_are_copied(open_site, violations):
    page = open_site("docs/try-widget.html", permissions=["clipboard-read", "clipboard-write"])
    attributes = re.findall(r"^\| `([\w-]+)` \|", MANUAL, re.MULTILINE)
    assert sorted(page.locator("form [name]").evaluate_all("all => all.map(({ name }) => name)")) == sorted(attributes)
    assert violations(page) == []
    page.locator("[name=lang]").select_option("ru")
    page.locator("[name=heading]").fill('Ask "us"')
    page.locator("[name=accent]").fill("#5b2a6e")
    page.locator("[name=mode]").select_option("launcher")
    page.locator(".opener").click()
    assert page.get_by_role("dialog").get_by_role("button", name=texts("ru")["widget_ask"]).is_visible()
    page.get_by_role("button", name="Copy the lines").click()
    page.get_by_text("Lines copied.").wait_for()
    server = page.locator("[name=server]").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == (
        f'<script src="{server}widget.js" async></script>\n'
        '<crpd-qa-widget mode="launcher" lang="ru" heading="Ask &quot;us&quot;" accent="#5b2a6e"></crpd-qa-widget>'
    )
