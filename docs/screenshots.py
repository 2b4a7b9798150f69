"""Takes the pictures in docs/images from the real program: .venv/bin/python docs/screenshots.py

Needs `make test`'s packages and Debian's chromium. Starts the program twice: with the bundled report as `make run`
makes it, and with a library that also holds the invented documents of eval/documents.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from crpd_qa.library.write import LibraryWriter
from crpd_qa.settings import settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from running_server import running  # noqa: E402

IMAGES = ROOT / "docs" / "images"
COURT = "I'm deaf, will the judge pay someone to sign for me?"
HOURS = "Сколько часов в год положен сурдопереводчик?"
HOURS_KAZAKH = "Ымдау тілі маманы жылына неше сағат беріледі?"


def ask(page: Page, question: str) -> None:
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns + 1}")


def show_widget(page: Page, address: str, language: str = "en", question: str = COURT, number: str = "219") -> None:
    """The widget, its citation opened."""
    page.goto(f"{address}embed?lang={language}")
    page.locator("crpd-qa-widget textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator("crpd-qa-widget button", has_text=number).first.click()
    page.wait_for_timeout(500)


WIDE = {"viewport": {"width": 1280, "height": 900}}
CHATS = {
    "chat": (WIDE, COURT),
    "chat-dark": ({**WIDE, "color_scheme": "dark"}, COURT),
    "chat-forced-colours": ({**WIDE, "forced_colors": "active"}, COURT),
    "chat-phone": ({"viewport": {"width": 360, "height": 740}}, COURT),
    "chat-russian": ({**WIDE, "locale": "ru-RU"}, HOURS),
    "chat-kazakh": ({**WIDE, "locale": "kk-KZ"}, HOURS_KAZAKH),
    "chat-declined": (WIDE, "How many wheelchairs were handed out free of charge in 1994?"),
}


def opened(browser: Browser, address: str, **options: object) -> Page:
    """The chat, ready to be asked."""
    page = browser.new_page(**options)
    page.goto(address)
    page.wait_for_selector("#question textarea")
    return page


def one_report(browser: Browser, address: str) -> None:
    """Chat, reader with a search, and widget of the bundled report."""
    for name, (options, question) in CHATS.items():
        page = opened(browser, address, **options)
        ask(page, question)
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"{name}.png")
    page = opened(browser, address, **WIDE)
    page.screenshot(path=IMAGES / "start.png")
    ask(page, COURT)
    page.locator(".sources a.read").first.click()  # the marks are those of the answer
    page.wait_for_selector("mark")
    page.fill("#find", "sign language")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "report.png")
    show_widget(page, address)
    page.screenshot(path=IMAGES / "widget.png")
    for language, name, question in (("ru", "russian", HOURS), ("kk", "kazakh", HOURS_KAZAKH)):
        show_widget(page, address, language, question, "303")
        page.screenshot(path=IMAGES / f"widget-{name}.png")


def several_documents(browser: Browser, address: str) -> None:
    """The filter, a comparison, a dialogue, the library page."""
    page = opened(browser, address, **WIDE)
    page.locator("[data-where] summary").click()
    page.get_by_label("State", exact=True).select_option("VLD")
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / "filter.png")
    for name, question in (
        ("comparison", "How many sign language interpreters are there in Valdoria and in Orsenna?"),
        ("dialogue", "What did Valdoria report about sign language, and what did the Committee conclude?"),
    ):
        page = opened(browser, address, **WIDE)
        ask(page, question)
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"{name}.png")
    page.goto(f"{address}/library")
    page.screenshot(path=IMAGES / "library.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder, log = Path(temporary) / "library", Path(temporary) / "log"
        shutil.copytree(settings().index, folder)
        writer = LibraryWriter(folder)
        for document in sorted((ROOT / "eval" / "documents").glob("*.txt")):
            writer.add(document)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        with running(settings().index, log) as address:
            one_report(browser, f"{address}/")
        with running(folder, log) as address:
            several_documents(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
