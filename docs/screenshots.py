"""Takes the pictures in docs/images from the real chat: .venv/bin/python docs/screenshots.py

Needs `make test`'s packages and Debian's chromium; the chat must be running (make run).
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
COURT = "Will the court get me a sign language interpreter?"


def ask(page: Page, question: str) -> None:
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns + 1}")


def main(address: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    pictures = {
        "chat": ({"viewport": {"width": 1000, "height": 900}}, COURT),
        "chat-dark": ({"viewport": {"width": 1000, "height": 900}, "color_scheme": "dark"}, COURT),
        "chat-phone": ({"viewport": {"width": 360, "height": 740}}, COURT),
        "chat-declined": (
            {"viewport": {"width": 1000, "height": 900}},
            "How many wheelchairs were handed out free of charge in 1994?",
        ),
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
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
            print(f"{name}.png: {question}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860")
