"""What each page weighs, and how long it takes from Enter to the answer, beside `Assistant.ask` alone, in one run.

    python eval/benchmarks/pages.py [--json FILE] [--questions 20]

Needs `make test`'s packages and Debian's chromium. Starts the server as `make run` does, and loads each page in a
browser without a cache: requests and bytes, our own and Gradio's (as served, not compressed). Then asks the chat
English questions of eval/dev.jsonl; this process asks the same ones, in turns, so that both meet the same noise: the
figure is the median of the ratios question by question. Time runs from the key to the frame after the one that shows
the answer. Nothing is timed before both are warm.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Response, sync_playwright

from crpd_qa import Assistant
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.settings import settings
from crpd_qa.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
SET = ROOT / "eval" / "dev.jsonl"
sys.path.insert(0, str(ROOT / "tests"))
from running_server import running  # noqa: E402

PATIENCE_MS = 600_000  # of a busy machine
WARM_UP = 3  # questions
PAGES = ("/chat/en", "/ask", "/report", "/library", "/about", "/accessibility", "/embed")
GRADIO = ("/chat/assets/", "/chat/theme.css", "/chat/static/")
ANSWERED = """() => new Promise((resolve) => {
    const before = document.querySelectorAll(".turn").length;
    let begun;
    addEventListener("keydown", () => { begun = performance.now(); }, { capture: true, once: true });
    const look = () => {
        if (document.querySelectorAll(".turn").length === before) return requestAnimationFrame(look);
        requestAnimationFrame(() => resolve(performance.now() - begun));
    };
    look();
})"""


def weight(browser: Browser, address: str, path: str) -> dict[str, int]:
    """Requests and bytes of a page."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    responses: list[Response] = []
    page.on("response", lambda response: None if response.url.startswith("data:") else responses.append(response))
    page.goto(f"{address}{path}", wait_until="networkidle")
    found = {"requests": 0, "bytes": 0, "gradio_requests": 0, "gradio_bytes": 0}
    for response in responses:
        whose = "gradio_" if urlsplit(response.url).path.startswith(GRADIO) else ""
        found[f"{whose}requests"] += 1
        found[f"{whose}bytes"] += len(response.body())
    page.close()
    return found


def answer_ms(page: Page, question: str) -> float:
    page.fill("#question textarea", question)
    page.evaluate(f"() => {{ window.answered = ({ANSWERED})(); }}")  # in braces: else it is waited for, before Enter
    page.press("#question textarea", "Enter")
    taken: float = page.evaluate("window.answered")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--questions", type=int, default=20)
    arguments = parser.parse_args()

    kinds = ("fact", "describe", "lay", "multi", "none")
    asked = [q.question for q in read_question_set(SET) if q.lang == "en" and q.type in kinds]
    count = WARM_UP + arguments.questions
    questions = asked[:: len(asked) // count][:count]
    assistant = Assistant.open()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(settings().index, Path(folder) / "log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        pages = {path: weight(browser, address, path) for path in PAGES}
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/chat/en", wait_until="networkidle")
        applications = {
            page.request.get(f"{address}/chat/{language}").text().split('"app_id":')[1].split(",")[0]
            for language in LANGUAGES
        }
        shown, alone = [], []
        for question in questions:
            begun = time.perf_counter()
            assistant.ask(question)
            alone.append((time.perf_counter() - begun) * 1000)
            shown.append(answer_ms(page, question))
        browser.close()
    shown, alone = shown[WARM_UP:], alone[WARM_UP:]
    figures = {
        "pages": pages,
        "gradio_applications": len(applications),
        "questions": len(shown),
        "ask_ms_median": round(statistics.median(alone)),
        "enter_to_answer_ms_median": round(statistics.median(shown)),
        "ratio_median": round(statistics.median(a / b for a, b in zip(shown, alone, strict=True)), 2),
    }
    for name, value in (pages | figures).items():
        if name != "pages":
            print(f"{name:26} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
