"""Takes the pictures in docs/images from the real chat: .venv/bin/python docs/screenshots.py

Needs `make test`'s packages and Debian's chromium; the chat must be running (make run).
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
COURT = "Will the court get me a sign language interpreter?"
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


def main(address: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    wide = {"viewport": {"width": 1000, "height": 900}}
    pictures = {
        "chat": (wide, COURT),
        "chat-dark": ({**wide, "color_scheme": "dark"}, COURT),
        "chat-forced-colours": ({**wide, "forced_colors": "active"}, COURT),
        "chat-phone": ({"viewport": {"width": 360, "height": 740}}, COURT),
        "chat-russian": ({**wide, "locale": "ru-RU"}, HOURS),
        "chat-kazakh": ({**wide, "locale": "kk-KZ"}, HOURS_KAZAKH),
        "chat-declined": (wide, "How many wheelchairs were handed out free of charge in 1994?"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, (options, question) in pictures.items():
            page = browser.new_page(**options)
            page.goto(address)
            page.wait_for_selector("#question textarea")
            ask(page, question)
            page.locator(".turn summary").first.click()
            page.wait_for_timeout(500)
            page.screenshot(path=str(IMAGES / f"{name}.png"))
        page = browser.new_page(**wide)
        page.goto(address)
        page.wait_for_selector("#question textarea")
        ask(page, COURT)
        cited = page.locator("details", has=page.locator("mark", has_text="sign language interpreter"))
        cited.locator("summary").click()
        cited.locator("a.read").click()  # the marks are those of the answer
        page.wait_for_selector("mark")
        page.screenshot(path=str(IMAGES / "report.png"))
        show_widget(page, address)
        page.screenshot(path=str(IMAGES / "widget.png"))
        for language, name, question in (("ru", "russian", HOURS), ("kk", "kazakh", HOURS_KAZAKH)):
            show_widget(page, address, language, question, "303")
            page.screenshot(path=str(IMAGES / f"widget-{name}.png"))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860/")
