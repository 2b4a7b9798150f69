"""The operator's page in a browser: with a keyboard, with axe, and without JavaScript."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.settings import settings
from documents.printed import Printed
from running_server import running

pytestmark = pytest.mark.browser

DOCUMENTS = Path(__file__).parents[2] / "eval" / "documents"


@pytest.fixture(scope="module")
def folder(empty_library, tmp_path_factory):
    folder = empty_library(tmp_path_factory.mktemp("operator") / "library")
    LibraryWriter(folder).ensure(Models(settings().model, "none"))  # else every server that starts on it does that
    printed = Printed(symbol="CRPD/C/XAN/1")
    printed.first_page("Initial report submitted by Xanadu under article 35 of the Convention")
    printed.page_break()
    for number in range(1, 6):
        printed.paragraph(number, f"Step {number}: every lighthouse keeper of the coast has been given a ramp.")
    LibraryWriter(folder).add(printed.save(folder.parent / "xanadu.pdf"))
    return folder


@pytest.fixture
def address(folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "library", symlinks=True)
    with running(own, tmp_path / "log", MULTILINGUAL_MODEL="none") as address:
        yield address


@pytest.mark.parametrize(
    ("language", "look"),
    [("en", {}), ("kk", {"color_scheme": "dark"}), ("ru", {"viewport": {"width": 360, "height": 700}})],
)
def test_axe_finds_nothing(browser, address, violations, language, look):
    with browser.new_context(**look) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        of = "symbol=CRPD/C/XAN/1&language=en"
        for path in ("/operator?", "/operator/work?", f"/operator/document?{of}&page=2&"):
            page.goto(f"{address}{path}lang={language}")
            page.evaluate("document.querySelectorAll('details').forEach(own => own.open = true)")
            assert violations(page) == []
        picture = page.locator(".picture img")
        assert picture.evaluate("own => own.complete && own.naturalWidth > 500")
        assert errors == []


@pytest.mark.parametrize("script", [True, False])
def test_a_document_is_added_and_mended_with_and_without_javascript(browser, address, tmp_path, script):
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(f"{address}/operator?lang=en")
        page.set_input_files("#files", DOCUMENTS / "CRPD-C-VLD-RQ-1.txt")
        page.get_by_role("button", name="Add documents").click()
        expect(page.get_by_text("Nothing is waiting to be done.", exact=True).first).to_be_visible(timeout=90_000)
        added = read_manifest(tmp_path / "library").documents[-1].symbol
        page.get_by_role("link", name=added).click()
        page.get_by_text("Correct paragraph 2", exact=True).click()
        page.get_by_label("Paragraph 2 as it is printed").fill("As it is printed.")
        page.get_by_role("button", name="Save paragraph 2").click()
        expect(page.get_by_text("Nothing is waiting to be done.", exact=True).first).to_be_visible(timeout=90_000)
    assert LibraryWriter(tmp_path / "library").read(added)[1].paragraph(2).text == "As it is printed."
