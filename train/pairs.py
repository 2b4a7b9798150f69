"""Written questions and the documents they are about -> pairs of a question and a window, with what is right of each.

    python train/pairs.py LIBRARY QUESTIONS_FOLDER OUT.jsonl [--translations]

LIBRARY holds the documents (`crpd-qa add`); QUESTIONS_FOLDER is train/questions. A document whose paragraphs are not
those that the questions were written over is refused. Beside each answered question stands what the ranking takes for
near and is not right: one of its first four others. Rankings lean on no written question. With --translations,
for a reader of many languages, a question that was also written in others makes a group in each of these, and every
other one that was not makes one in English.
"""

import argparse
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm
from written import read_lines

from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.leaning import introduces_list, needed
from crpd_qa.library import Library
from crpd_qa.read.windows import Window, windows
from crpd_qa.retrieve import Query, rank
from crpd_qa.scope import Scope

HARD = 4
"""Wrong paragraphs are taken from so many of the nearest."""
NEAR = 2
"""So many at most of those that were written to come near."""

LEFT_OUT = 0.5
"""Of the questions that nobody translated, so many are left out where others were."""


@dataclass(frozen=True)
class Named:
    """Sentences of a paragraph by number from 0: those that answer, those that are read together with them."""

    needed: frozenset[int] = frozenset()
    optional: frozenset[int] = frozenset()
    words: str = ""


def pair(question: str, window: Window, named: Named) -> dict[str, Any]:
    """One line: the window's text and sentences, which of them are needed, which may as well be quoted and as well not,
    the words asked for as [start, end)."""
    found = None
    if named.words:
        for number, start, end in window.sentences:
            if number in named.needed and (at := window.text.find(named.words, start, end)) >= 0:
                found = [at, at + len(named.words)]
                break
    here = {number for number, *_ in window.sentences}
    return {
        "question": question,
        "text": window.text,
        "sentences": window.sentences,
        "needed": sorted(named.needed & here),
        "optional": sorted(named.optional & here),
        "words": found,
    }


def named_in(paragraph: Paragraph, place: dict[str, Any], language: str) -> Named:
    """What leans on another sentence is quoted together with it whatever the reader says, as is a list's first line."""
    named = {number - 1 for number in place["sentences"]}
    first_lines = {number for number in named if introduces_list(paragraph, number)}
    essential = named - first_lines or named
    together = frozenset().union(*(needed(paragraph, number, language) for number in essential))
    words = paragraph.text[slice(*place["words"])] if "words" in place else ""
    return Named(frozenset(essential), together | named - essential, words)


def written_pairs(document: Document, question: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    """The windows that answer, then those that were written to come near and do not."""
    text = Query(question["question"], " ".join(question.get("history", []))).read
    group = []
    for place in question.get("support", []):
        paragraph = document.paragraph(place["paragraph"])
        assert paragraph
        named = named_in(paragraph, place, document.language)
        best = max(windows(paragraph), key=lambda w: len(named.needed & {number for number, *_ in w.sentences}))
        group.append(pair(text, best, named))
    near = question.get("near", [])
    for label in chance.sample(near, min(NEAR, len(near))):
        paragraph = document.paragraph(label)
        assert paragraph
        group.append(pair(text, chance.choice(windows(paragraph)), Named()))
    return group


def pairs_of(
    library: Library, document: Document, question: dict[str, Any], chance: random.Random
) -> list[dict[str, Any]]:
    """A group: the written windows, and one that the ranking takes for near."""
    group = written_pairs(document, question, chance)
    if not question.get("support"):
        return group  # a near one teaches more than what is further off
    own = {place["paragraph"] for place in question["support"]} | set(question.get("near", []))
    query = Query(question["question"], " ".join(question.get("history", [])), scope=Scope(document=(document.symbol,)))
    ranking = rank(query, library)
    near = [p for i in range(min(HARD + len(own), len(ranking))) if (p := ranking.paragraph(i)).label not in own][:HARD]
    if near:
        group.append(pair(query.read, chance.choice(windows(chance.choice(near))), Named()))
    return group


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--translations", action="store_true")
    given = parser.parse_args()
    chance = random.Random(0)
    library = Library.open(given.library)
    symbols = {entry.symbol.replace("/", "-"): entry.symbol for entry in library.entries}
    with given.output.open("w", encoding="utf-8") as output:
        for path in sorted(given.questions.glob("*.jsonl")):
            if path.stem not in symbols:
                sys.exit(f"{given.library} does not hold {path.stem}")
            document = library.document(symbols[path.stem])
            for question in tqdm(read_lines(path, document), desc=path.stem):
                wordings = tuple(question.get("translations", {}).values()) if given.translations else ()
                if given.translations and not wordings and chance.random() < LEFT_OUT:
                    continue
                pairs = pairs_of(library, document, question, chance)
                for own in [[pair | {"question": wording} for pair in pairs] for wording in wordings] or [pairs]:
                    group = {"document": document.symbol, "pairs": own}
                    output.write(json.dumps(group, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
