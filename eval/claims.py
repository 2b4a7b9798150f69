"""How many sentences with one mistake are refused, by kind of mistake, and how many true ones: the checks of composed
answers on documents that nothing was trained on.

    python eval/claims.py DOCUMENTS [SET...]

DOCUMENTS is a folder of the documents that the sets are about, a SET a file of eval/claims (all, if none is named). A
set's first line names its document and holds a digest of each paragraph; each other line has a paragraph `p`, the
numbers of the sentences `s` that its `true` sentences need, and `false` ones: [kind of mistake, number from 0 of the
true sentence it was made of, sentence]. docs/verification.md has the table.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from crpd_qa.answer.support import SupportChecker
from crpd_qa.documents import Document, read_document
from crpd_qa.errors import DocumentError
from crpd_qa.library import Library
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.retrieve import Query, rank
from crpd_qa.settings import settings

HERE = Path(__file__).parent / "claims"
GIVEN = 8
"""Paragraphs in the prompt of a language model: the cited one and those nearest to the sentence."""


@dataclass(frozen=True)
class Claim:
    text: str
    label: str
    """Of the paragraph."""
    kind: str
    """Of mistake, or "true"."""


def read_claims(path: Path, document: Document) -> Iterator[Claim]:
    """The sentences of a set. Exits where the document's paragraphs are others than they were written over."""
    head, *rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    for label, digest in head["paragraphs"].items():
        paragraph = document.paragraph(label)
        if paragraph is None or hashlib.sha256(paragraph.text.encode()).hexdigest()[:12] != digest:
            sys.exit(f"{path}: paragraph {label} of {document.symbol} is read otherwise now; leave its lines out")
    for row in rows:
        yield from (Claim(text, str(row["p"]), "true") for text in row["true"])
        yield from (Claim(text, str(row["p"]), kind) for kind, _, text in row["false"])


def refused(library: Library, checker: SupportChecker, symbol: str, claim: Claim) -> bool:
    """Whether the checks refuse a sentence, given what a prompt would hold."""
    own = library.position(symbol, claim.label) + 1
    near = [int(position) + 1 for position in rank(Query(claim.text[:600]), library).positions[:GIVEN]]
    return not checker.check(claim.text, [own], list(dict.fromkeys([own, *near]))[:GIVEN]).supported


def table(found: dict[str, list[bool]]) -> str:
    """Markdown: of each kind how many, and the share that is refused."""
    false = [hit for kind, hits in found.items() if kind != "true" for hit in hits]
    rows = [
        ("true", found["true"]),
        ("**one mistake**", false),
        *sorted((k, h) for k, h in found.items() if k != "true"),
    ]
    lines = [f"| {kind} | {len(hits)} | {np.mean(hits):.2f} |" for kind, hits in rows]
    return "\n".join(["| what | sentences | refused |", "| --- | --- | --- |", *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("sets", type=Path, nargs="*")
    given = parser.parse_args()
    sets = given.sets or sorted(HERE.glob("*.jsonl"))
    wanted = {json.loads(path.read_text("utf-8").splitlines()[0])["document"]: path for path in sets}
    found: dict[str, list[bool]] = defaultdict(list)
    for file in sorted(given.documents.iterdir()):
        try:
            document = read_document(file)
        except DocumentError:
            continue
        if path := wanted.pop(document.symbol, None):
            with tempfile.TemporaryDirectory() as folder:
                writer = LibraryWriter(Path(folder))
                writer.ensure(Models(settings().model, "none"))
                writer.add(file)
                library = Library.open(Path(folder))
                checker = SupportChecker(library)
                for claim in tqdm(list(read_claims(path, document)), desc=document.symbol):
                    found[claim.kind].append(refused(library, checker, document.symbol, claim))
    if wanted:
        sys.exit(f"{given.documents} does not hold {', '.join(wanted)}")
    print(table(found))


if __name__ == "__main__":
    main()
