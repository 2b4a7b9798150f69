"""How long a person waits for a composed answer, against the language model's own speed.

    python eval/benchmarks/language_model.py [--tokens-per-second 5 20 100] [--sentences 5] [--json FILE]

A scripted endpoint on this machine writes an answer of so many true sentences, a token at a time, at each speed. Said
are, in seconds from the question on (medians of --rounds): when the model has written its first sentence and its last;
when the first sentence is checked, and when the answer is there. What lies between is what this program adds. No
sentence waits for the next: it is checked while that is written.
"""

import argparse
import json
import re
import statistics
import sys
import time
from itertools import islice
from pathlib import Path

from crpd_qa import Assistant
from crpd_qa.answer.support import SupportChecker
from crpd_qa.library import Library
from crpd_qa.settings import settings

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from language_model_endpoint import Exchange, endpoint

COMPOSED = Path(__file__).parents[1] / "composed.jsonl"
QUESTION = "What share of the population has a disability?"
FIRST = "In the country, 651,900 persons have a disability. [107]"


def reply_of(sentences: int, assistant: Assistant) -> list[str]:
    """True sentences from the paragraphs found, each with its number, that hold: none is asked for again."""
    given = [passage.number or 0 for passage in assistant.search(QUESTION)]
    checker = SupportChecker(assistant.library)
    rows = [json.loads(line) for line in COMPOSED.read_text("utf-8").splitlines()]
    true = [row for row in rows if set(row["cited"]) <= set(given)]
    held = (row for row in true if checker.check(row["text"], row["cited"], given).supported)
    return [FIRST, *(f"{row['text']} {row['cited']}" for row in islice(held, sentences - 1))]


class Writer:
    """Writes at a given speed, and notes when each sentence is written."""

    def __init__(self, sentences: list[str], tokens_per_second: float) -> None:
        self.sentences = sentences
        self.pause = 1 / tokens_per_second
        self.written: list[float] = []

    def __call__(self, exchange: Exchange) -> None:
        exchange.begin()
        next_at = time.monotonic()
        self.written = []
        for sentence in self.sentences:
            for token in re.findall(r"\s*\w{1,5}|\s*[^\w\s]", sentence + " "):
                next_at += self.pause
                time.sleep(max(0.0, next_at - time.monotonic()))
                exchange.write(token)
            self.written.append(time.monotonic())
            exchange.write(" ")
        exchange.write("", "stop")
        exchange.raw("data: [DONE]\n\n")


def measured(library: Library, sentences: list[str], tokens_per_second: float, rounds: int) -> dict[str, float]:
    writer = Writer(sentences, tokens_per_second)
    taken: list[tuple[float, float, float, float]] = []
    with endpoint(writer) as server:
        given = {"llm_base_url": server.address, "llm_model": "scripted", "llm_timeout_seconds": 600, "reader": "none"}
        assistant = Assistant(library, settings().model_copy(update=given))
        assert assistant._composer
        check, checked = assistant._composer.support.check, []

        def timed(*arguments: object, **options: object) -> object:
            verdict = check(*arguments, **options)  # type: ignore[arg-type]
            checked.append(time.monotonic())
            return verdict

        assistant._composer.support.check = timed  # type: ignore[method-assign, assignment]
        for number in range(rounds + 1):
            checked.clear()
            begun = time.monotonic()
            assistant.ask(QUESTION)
            if number:  # the first warms up
                first, last = writer.written[0], writer.written[-1]
                taken.append((first - begun, checked[0] - begun, last - begun, time.monotonic() - begun))
    names = ("first sentence written", "first sentence checked", "last sentence written", "answer")
    return {
        name: round(statistics.median(values), 2) for name, values in zip(names, zip(*taken, strict=True), strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens-per-second", type=float, nargs="+", default=[5, 20, 100], help="the model's speeds")
    parser.add_argument("--sentences", type=int, default=5, help="of the answer")
    parser.add_argument("--rounds", type=int, default=3, help="times each is measured")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    arguments = parser.parse_args()
    assistant = Assistant.open()
    sentences = reply_of(arguments.sentences, assistant)
    print(f"{len(sentences)} sentences")
    found = {
        speed: measured(assistant.library, sentences, speed, arguments.rounds) for speed in arguments.tokens_per_second
    }
    for speed, times in found.items():
        print(f"{speed:g} tokens a second: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
